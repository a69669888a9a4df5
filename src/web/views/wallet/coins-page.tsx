// The coins that a balance is made of: held back or free, and each with the way that its money came.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Amount } from '../../components/figures.tsx';
import { Badge, Empty, Section } from '../../components/layout.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { useClient } from '../../data/app-context.tsx';
import { coinKey, lockCoins, type WalletCoin, type WalletCoins } from '../../data/wallet-coins.ts';
import { plainText, shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { OriginDialog } from './origin-dialog.tsx';
import { useCoins } from './use-coins.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

const ROW_PX = 76;

/** The page of the coins. */
export function CoinsPage(): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.coins;
  const { query, isAll } = useCoins(true);
  return (
    <Section title={texts.title} help={texts.help}>
      <Answer of={query}>
        {(all) =>
          all.count === 0 ? (
            <Empty title={texts.empty} help={texts.emptyHelp} />
          ) : (
            <CoinList coins={all} isAll={isAll} />
          )
        }
      </Answer>
    </Section>
  );
}

interface CoinListProps {
  readonly coins: WalletCoins;
  readonly isAll: boolean;
}

function CoinList({ coins: { coins, count, sumSat }, isAll }: CoinListProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.coins;
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const figures = useFigures();
  const [traced, setTraced] = useState<WalletCoin | null>(null);
  const lock = useMutation({
    mutationFn: (coin: WalletCoin) => lockCoins(client, name, [coin], !coin.isLocked),
    onSettled: () => queries.invalidateQueries({ queryKey: ['wallet', name, 'coins'] }),
  });
  return (
    <>
      {lock.error !== null && <WalletFault error={lock.error} />}
      {isAll && coins.length < count && (
        <p className="small faint">{texts.onlyLargest(figures.integer(coins.length), figures.integer(count))}</p>
      )}
      <VirtualRows items={coins} keyOf={coinKey} rowPx={ROW_PX} label={texts.list}>
        {(coin) => (
          <CoinRow
            coin={coin}
            isBusy={lock.isPending}
            onTrace={() => setTraced(coin)}
            onLock={() => lock.mutate(coin)}
          />
        )}
      </VirtualRows>
      <p className="split coin-sum">
        <span>{texts.sum}</span>
        <span className="total">
          <Amount sat={sumSat} />
        </span>
      </p>
      {traced !== null && <OriginDialog coin={traced} onClose={() => setTraced(null)} />}
    </>
  );
}

interface CoinRowProps {
  readonly coin: WalletCoin;
  readonly isBusy: boolean;
  readonly onTrace: () => void;
  readonly onLock: () => void;
}

function CoinRow({ coin, isBusy, onTrace, onLock }: CoinRowProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.coins;
  const { address, label, valueSat, isLocked, txid } = coin;
  return (
    <div className="row row-coin" data-locked={isLocked}>
      <span className="row-name">{label === '' ? shortenMiddle(address ?? txid) : plainText(label, 60)}</span>
      <span className="row-state">
        <CoinBadges coin={coin} />
      </span>
      <span className="number">
        <Amount sat={valueSat} />
      </span>
      <span className="cluster row-acts">
        <Button kind="quiet" onPress={onTrace}>
          {texts.origin}
        </Button>
        <Button kind="quiet" isDisabled={isBusy} onPress={onLock}>
          {isLocked ? texts.release : texts.hold}
        </Button>
      </span>
    </div>
  );
}

/** Confirmations from which nobody counts any more. */
const SURE = 6;

function CoinBadges({ coin }: { readonly coin: WalletCoin }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.coins;
  const figures = useFigures();
  const { isLocked, isMature, isSafe, confirmations } = coin;
  return (
    <>
      {isLocked && <Badge kind="warn">{texts.held}</Badge>}
      {!isMature && <Badge>{texts.ripening}</Badge>}
      {confirmations === 0 && <Badge kind="warn">{isSafe ? texts.waiting : texts.unsafe}</Badge>}
      {isMature && confirmations > 0 && confirmations < SURE && (
        <Badge kind="good">{wallet.history.confirmations(confirmations, figures.integer(confirmations))}</Badge>
      )}
    </>
  );
}
