// One transaction: how the coins flow, where it stands, and its scripts for those who want to see them.

import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { RpcCallError } from '../../../api/client.ts';
import { Answer } from '../../components/answer.tsx';
import { Amount, Hash, Time } from '../../components/figures.tsx';
import { Badge, Empty, Fact, Facts, Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { BlockLink } from '../../components/links.tsx';
import { useClient } from '../../data/app-context.tsx';
import { chainInfoQuery } from '../../data/chain-queries.ts';
import { type Transaction, transactionQuery } from '../../data/transaction-query.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { FlowPicture } from './flow-picture.tsx';
import './ledger.css';
import { TransactionScripts } from './transaction-scripts.tsx';

/** Sequence numbers below this say that a transaction may be replaced (BIP125). */
const FINAL_SEQUENCE_MIN = 0xfffffffe;

/** The view of one transaction. */
export function TransactionPage(): ReactNode {
  const { txid } = useParams({ from: '/tx/$txid' });
  const { block } = useSearch({ from: '/tx/$txid' });
  const { ledger } = useMessages();
  const transaction = useQuery(transactionQuery(useClient(), txid.toLowerCase(), block ?? null));
  return (
    <Answer
      of={transaction}
      waiting={<Skeleton lines={8} />}
      onFault={(error) =>
        error instanceof RpcCallError ? (
          <Page title={ledger.transactionNotFound}>
            <Empty help={ledger.transactionNotFoundHelp} />
          </Page>
        ) : null
      }
    >
      {(data) => <TransactionView transaction={data} />}
    </Answer>
  );
}

function TransactionView({ transaction }: { readonly transaction: Transaction }): ReactNode {
  const { ledger } = useMessages();
  const { txid, outputs, inputs } = transaction;
  const isCoinbase = inputs[0]?.outpoint === null;
  return (
    <Page
      title={ledger.transactionTitle}
      lead={<Hash text={txid} what={ledger.transactionTitle} isWhole />}
      aside={
        <span className="cluster">
          {isCoinbase && <Badge kind="good">{ledger.coinbase}</Badge>}
          <StateBadge transaction={transaction} />
        </span>
      }
    >
      <TransactionStats transaction={transaction} outSat={outputs.reduce((sum, { valueSat }) => sum + valueSat, 0)} />
      <Section title={ledger.flow} help={ledger.flowHelp} isCard>
        <FlowPicture transaction={transaction} />
      </Section>
      <TransactionFacts transaction={transaction} />
      <Section title={ledger.scripts}>
        <TransactionScripts transaction={transaction} />
      </Section>
    </Page>
  );
}

function StateBadge({ transaction: { block } }: { readonly transaction: Transaction }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const tip = useQuery(chainInfoQuery(useClient())).data;
  if (block === null) return <Badge kind="warn">{ledger.unconfirmed}</Badge>;
  const count = Math.max(1, (tip?.height ?? block.height) - block.height + 1);
  return <Badge kind="good">{ledger.confirmed(count, figures.integer(count))}</Badge>;
}

function TransactionStats({
  transaction,
  outSat,
}: {
  readonly transaction: Transaction;
  readonly outSat: number;
}): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const { block, feeSat, vsize } = transaction;
  return (
    <Stats>
      <Stat name={ledger.totalOut}>
        <Amount sat={outSat} />
      </Stat>
      {feeSat !== null && (
        <Stat name={ledger.fee} note={ledger.feeRateUnit(figures.short(feeSat / vsize))}>
          <Amount sat={feeSat} />
        </Stat>
      )}
      <Stat name={ledger.inBlock} note={block === null ? ledger.unconfirmedHelp : <Time timeSec={block.timeSec} />}>
        {block === null ? '–' : <BlockLink hash={block.hash} height={block.height} />}
      </Stat>
      <Stat name={ledger.virtualSize}>{figures.integer(vsize)} vB</Stat>
    </Stats>
  );
}

function TransactionFacts({ transaction }: { readonly transaction: Transaction }): ReactNode {
  const { ledger, common } = useMessages();
  const figures = useFigures();
  const { block, inputs, lockTime, version, size, weight } = transaction;
  const isReplaceable = block === null && inputs.some(({ sequence }) => sequence < FINAL_SEQUENCE_MIN);
  return (
    <Facts>
      {block === null && (
        <Fact name={ledger.replaceable} note={ledger.replaceableHelp}>
          {isReplaceable ? common.yes : common.no}
        </Fact>
      )}
      <Fact name={ledger.size}>
        {figures.bytes(size)} · {figures.integer(weight)} WU
      </Fact>
      <Fact name={ledger.fieldVersion}>{version}</Fact>
      <Fact name={ledger.lockTime}>{lockTime === 0 ? ledger.noLock : <code>{lockTime}</code>}</Fact>
    </Facts>
  );
}
