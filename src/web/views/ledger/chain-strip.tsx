// Blocks side by side, newest first, each tied to the one before it by a line from its "previous" hash to the other's own hash. The
// next block forms at the left end.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Amount, Time } from '../../components/figures.tsx';
import { Section } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import { nextBlockQuery } from '../../data/chain-queries.ts';
import { type BlockSummary, recentBlocksQuery } from '../../data/recent-blocks.ts';
import { plainText, shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { NextBlockCard } from './next-block-card.tsx';

/** Blocks of a strip. */
const COUNT = 12;

/** The newest blocks, or older ones. */
export function ChainStrip(): ReactNode {
  const { ledger } = useMessages();
  const client = useClient();
  const [beforeHeight, setBeforeHeight] = useState<number | null>(null);
  const blocks = useQuery({ ...recentBlocksQuery(client, COUNT, beforeHeight), placeholderData: keepPreviousData });
  const next = useQuery(nextBlockQuery(client));
  const oldest = blocks.data?.at(-1)?.height ?? 0;
  const steps = (
    <span className="cluster">
      {beforeHeight !== null && (
        <Button icon="left" onPress={() => setBeforeHeight(null)}>
          {ledger.newer}
        </Button>
      )}
      {oldest > 0 && (
        <Button icon="right" onPress={() => setBeforeHeight(oldest)}>
          {ledger.older}
        </Button>
      )}
    </span>
  );
  return (
    <Section title={ledger.chain} help={ledger.chainHelp} aside={steps}>
      <Answer of={blocks} waiting={<span className="skeleton chain-place" />}>
        {(rows) => (
          <ol className="chain">
            {beforeHeight === null && next.data && (
              <li className="chain-item">
                <NextBlockCard next={next.data} />
                {rows.length > 0 && <ChainLink />}
              </li>
            )}
            {rows.map((block) => (
              <li key={block.hash} className="chain-item chain-arrives">
                <BlockCard block={block} />
                {block.previousHash !== null && <ChainLink />}
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Section>
  );
}

/** The line between two cards: it leaves at the previous hash, below, and arrives at the hash, above. */
function ChainLink(): ReactNode {
  return (
    <svg className="chain-link" viewBox="0 0 40 240" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 216 C 26 216, 14 24, 40 24" />
    </svg>
  );
}

function BlockCard({ block }: { readonly block: BlockSummary }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const { hash, previousHash, height, timeSec, transactionCount, size, feesSat, rewardSat, minerText } = block;
  return (
    <Link to="/block/$block" params={{ block: hash }} className="block-card">
      <span className="visually-hidden">{ledger.block(figures.integer(height))}</span>
      <HashLine name={ledger.hash} hash={hash} />
      <span className="block-body">
        <span className="block-height" aria-hidden="true">
          {figures.integer(height)}
        </span>
        <Time timeSec={timeSec} />
        <span>{ledger.transactionCount(transactionCount, figures.integer(transactionCount))}</span>
        {size !== null && <span className="faint">{figures.bytes(size)}</span>}
        {rewardSat !== null && (
          <span title={ledger.reward}>
            <Amount sat={rewardSat} />
          </span>
        )}
        {feesSat !== null && feesSat > 0 && (
          <span className="faint small">
            {ledger.fees} <Amount sat={feesSat} hasUnit={false} />
          </span>
        )}
        {minerText !== null && minerText !== '' && (
          <span className="block-text faint small" title={ledger.minedBy}>
            {plainText(minerText, 60)}
          </span>
        )}
      </span>
      {previousHash !== null && <HashLine name={ledger.previousHash} hash={previousHash} />}
    </Link>
  );
}

/** A hash in a card; its zeros, the work, stand out. */
function HashLine({ name, hash }: { readonly name: string; readonly hash: string }): ReactNode {
  const short = shortenMiddle(hash, 7);
  const zeros = /^0*/.exec(short)?.[0] ?? '';
  return (
    <span className="hash-line" title={hash}>
      <span className="hash-line-name">{name}</span>
      <span className="hash">
        <span className="hash-zeros">{zeros}</span>
        {short.slice(zeros.length)}
      </span>
    </span>
  );
}
