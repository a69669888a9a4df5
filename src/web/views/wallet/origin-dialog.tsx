// Where a coin comes from, as a tree: the coin at the top, below it the payments that made it, down to the rewards as which the money
// came into the world.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Amount, Time } from '../../components/figures.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type CoinTrace, coinTraceQuery, type WalletCoin } from '../../data/wallet-coins.ts';
import { shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { buildTraceTree, type TraceNode } from './trace-tree.ts';

interface OriginDialogProps {
  readonly coin: WalletCoin;
  readonly onClose: () => void;
}

/** The tree of a coin. */
export function OriginDialog({ coin, onClose }: OriginDialogProps): ReactNode {
  const { wallet, common } = useMessages();
  const texts = wallet.coins;
  const isTraceable = coin.confirmations > 0;
  const trace = useQuery({ ...coinTraceQuery(useClient(), coin), enabled: isTraceable });
  return (
    <Dialog
      title={texts.originTitle}
      isOpen
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {common.close}
        </Button>
      }
    >
      <p className="balance-sum">
        <Amount sat={coin.valueSat} />
      </p>
      <p className="small faint">{texts.originHelp}</p>
      {isTraceable ? (
        <Answer of={trace}>{(data) => <Origin trace={data} coin={coin} />}</Answer>
      ) : (
        <p>{texts.originWaiting}</p>
      )}
    </Dialog>
  );
}

function Origin({ trace, coin }: { readonly trace: CoinTrace; readonly coin: WalletCoin }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.coins;
  const figures = useFigures();
  const tree = buildTraceTree(trace);
  return (
    <>
      <p>{trace.complete ? texts.originSummary(trace.rewards, figures.integer(trace.rewards)) : texts.originCut}</p>
      {tree !== null && (
        <ul className="origin">
          <OriginNode node={{ ...tree, valueSat: coin.valueSat }} />
        </ul>
      )}
    </>
  );
}

function OriginNode({ node }: { readonly node: TraceNode }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.coins;
  const figures = useFigures();
  const { transaction, txid, valueSat, isRepeated, parents } = node;
  const isReward = transaction?.reward === true;
  return (
    <li className="origin-node" data-reward={isReward}>
      <div className="origin-box">
        <span className="origin-name">
          {transaction === null ? (
            texts.originFurther
          ) : (
            <Link to="/tx/$txid" params={{ txid }}>
              {isReward
                ? texts.originReward(figures.integer(transaction.height))
                : texts.originPayment(figures.integer(transaction.height))}
            </Link>
          )}
        </span>
        <span className="number">
          <Amount sat={valueSat} />
        </span>
        <span className="small faint">
          {isRepeated || transaction === null ? (
            <>
              {shortenMiddle(txid)}
              {isRepeated && ` · ${texts.originAgain}`}
            </>
          ) : (
            <Time timeSec={transaction.time} />
          )}
        </span>
      </div>
      {parents.length > 0 && (
        <ul>
          {parents.map((parent) => (
            <OriginNode key={parent.txid} node={parent} />
          ))}
        </ul>
      )}
    </li>
  );
}
