// One block: what it is, its header field by field, its transactions. The address has its hash or its height.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { RpcCallError } from '../../../api/client.ts';
import { Answer } from '../../components/answer.tsx';
import { Amount, Time } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { Badge, Empty, Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { TransactionLink } from '../../components/links.tsx';
import { Fault, Notice } from '../../components/notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type Block, type BlockTransaction, blockHashQuery, blockQuery } from '../../data/block-queries.ts';
import { chainInfoQuery } from '../../data/chain-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { BlockHeaderFacts } from './block-header-facts.tsx';
import './ledger.css';

/** The view of one block. */
export function BlockPage(): ReactNode {
  const { block: name } = useParams({ from: '/block/$block' });
  const { ledger } = useMessages();
  const client = useClient();
  const isHeight = /^\d{1,9}$/.test(name);
  const found = useQuery({ ...blockHashQuery(client, isHeight ? Number(name) : 0), enabled: isHeight });
  const hash = isHeight ? found.data : name.toLowerCase();
  const block = useQuery({ ...blockQuery(client, hash ?? ''), enabled: hash !== undefined });
  const missing = (
    <Page title={ledger.blockNotFound}>
      <Empty help={ledger.blockNotFoundHelp} />
    </Page>
  );
  if (isHeight && found.data === undefined && found.error !== null) {
    if (found.error instanceof RpcCallError) return missing;
    return <Fault error={found.error} onRetry={() => void found.refetch()} />;
  }
  return (
    <Answer
      of={block}
      waiting={<Skeleton lines={8} />}
      onFault={(error) => (error instanceof RpcCallError ? missing : null)}
    >
      {(data) => <BlockView block={data} />}
    </Answer>
  );
}

function BlockView({ block }: { readonly block: Block }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const tip = useQuery(chainInfoQuery(useClient())).data;
  const isStale = block.confirmations < 0;
  const confirmations = tip === undefined ? block.confirmations : Math.max(tip.height - block.height + 1, 1);
  const rewardSat = block.transactions[0]?.outputsSat ?? 0;
  const feesSat = block.transactions.reduce((sum, { feeSat }) => sum + (feeSat ?? 0), 0);
  return (
    <Page title={ledger.blockTitle(figures.integer(block.height))} aside={<Neighbours block={block} />}>
      {isStale && <Notice kind="warn">{ledger.blockStale}</Notice>}
      <Stats>
        <Stat name={ledger.time} note={figures.exactTime(block.timeSec)}>
          <Time timeSec={block.timeSec} />
        </Stat>
        <Stat name={ledger.confirmations} note={ledger.confirmationsHelp}>
          {isStale ? 0 : figures.integer(confirmations)}
        </Stat>
        <Stat name={ledger.reward}>
          <Amount sat={rewardSat} />
        </Stat>
        <Stat name={ledger.fees}>
          <Amount sat={feesSat} />
        </Stat>
        <Stat
          name={ledger.size}
          note={`${figures.bytes(block.strippedSize)} ${ledger.stripped} · ${figures.integer(block.weight)} WU`}
        >
          {figures.bytes(block.size)}
        </Stat>
      </Stats>
      <Section title={ledger.headerTitle} help={ledger.headerHelp}>
        <BlockHeaderFacts block={block} />
      </Section>
      <Section
        title={ledger.transactions}
        aside={<span className="faint">{figures.integer(block.transactions.length)}</span>}
      >
        <VirtualRows items={block.transactions} keyOf={({ txid }) => txid} rowPx={64} label={ledger.transactions}>
          {(transaction, index) => (
            <TransactionRow transaction={transaction} isCoinbase={index === 0} blockHash={block.hash} />
          )}
        </VirtualRows>
      </Section>
    </Page>
  );
}

function Neighbours({ block: { previousHash, nextHash } }: { readonly block: Block }): ReactNode {
  const { ledger } = useMessages();
  return (
    <nav className="cluster" aria-label={ledger.chain}>
      {previousHash !== null && (
        <Link to="/block/$block" params={{ block: previousHash }} className="button">
          <Icon name="left" />
          {ledger.blockPrevious}
        </Link>
      )}
      {nextHash !== null && (
        <Link to="/block/$block" params={{ block: nextHash }} className="button">
          {ledger.blockNext}
          <Icon name="right" />
        </Link>
      )}
    </nav>
  );
}

interface TransactionRowProps {
  readonly transaction: BlockTransaction;
  readonly isCoinbase: boolean;
  readonly blockHash: string;
}

function TransactionRow({ transaction, isCoinbase, blockHash }: TransactionRowProps): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const { txid, inputCount, outputCount, feeSat, vsize, outputsSat } = transaction;
  return (
    <div className="row row-transaction">
      <span className="cluster">
        <TransactionLink txid={txid} blockHash={blockHash} />
        {isCoinbase && (
          <span title={ledger.coinbaseHelp}>
            <Badge kind="good">{ledger.coinbase}</Badge>
          </span>
        )}
      </span>
      <span className="row-side">
        {figures.integer(inputCount)} → {figures.integer(outputCount)} · {figures.integer(vsize)} vB
      </span>
      <span className="row-side">{feeSat !== null && ledger.feeRateUnit(figures.short(feeSat / vsize))}</span>
      <span className="number">
        <Amount sat={outputsSat} />
      </span>
    </div>
  );
}
