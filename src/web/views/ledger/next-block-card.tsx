// The block that would be mined now, with its payments as squares: the larger the payment the larger the square, the better it pays the
// darker.

import type { ReactNode } from 'react';
import { Amount } from '../../components/figures.tsx';
import type { NextBlock } from '../../data/chain-queries.ts';
import { shortenMiddle } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

/** Squares that are drawn; the rest is only counted. */
const SQUARES_MAX = 60;

/** The next block, forming. */
export function NextBlockCard({ next }: { readonly next: NextBlock }): ReactNode {
  const { ledger } = useMessages();
  const figures = useFigures();
  const { height, previousHash, transactionCount, weight, weightMax, rewardSat } = next;
  return (
    <section className="block-card block-forming" aria-label={ledger.nextBlock}>
      <span className="hash-line">
        <span className="hash-line-name">{ledger.hash}</span>
        <span className="hash faint">?</span>
      </span>
      <span className="block-body">
        <span className="block-height">{figures.integer(height)}</span>
        <span className="small">{ledger.nextBlock}</span>
        <span>{ledger.transactionCount(transactionCount, figures.integer(transactionCount))}</span>
        <Squares next={next} />
        <span className="faint small">{ledger.nextBlockFill(figures.percent(weight / weightMax, 1))}</span>
        <span title={ledger.reward}>
          <Amount sat={rewardSat} />
        </span>
      </span>
      <span className="hash-line" title={previousHash}>
        <span className="hash-line-name">{ledger.previousHash}</span>
        <span className="hash">{shortenMiddle(previousHash, 7)}</span>
      </span>
    </section>
  );
}

function Squares({ next }: { readonly next: NextBlock }): ReactNode {
  const { ledger } = useMessages();
  if (next.transactions.length === 0) return <span className="faint small">{ledger.nextBlockEmpty}</span>;
  const shown = next.transactions.slice(0, SQUARES_MAX);
  const best = shown[0]?.chunkFeerate ?? 1;
  return (
    <span className="squares" aria-hidden="true">
      {shown.map(({ txid, vsize, chunkFeerate }) => (
        <span
          key={txid}
          className="square"
          style={{ inlineSize: sizeOf(vsize), blockSize: sizeOf(vsize), opacity: 0.35 + 0.65 * (chunkFeerate / best) }}
        />
      ))}
    </span>
  );
}

/** Side of a square in pixels: it grows with the root of the size, within bounds. */
function sizeOf(vsize: number): number {
  return Math.min(18, Math.max(6, Math.sqrt(vsize) / 1.6));
}
