// The line of the log for each new block (Core UpdateTipLog), word for word, since scripts all over the world read it. Pure.

import { type BlockHash, formatHash } from '../kernel/primitives/hashes.ts';
import { formatLogTime } from './log.ts';

/** A tip with what the line tells of it. */
export interface TipFacts {
  readonly blockHash: BlockHash;
  readonly height: number;
  readonly version: number;
  readonly chainWork: bigint;
  /** Transactions up to and with this block. */
  readonly chainTxCount: number;
  readonly timeSec: number;
  /** From guessProgress (node/app/verification-progress.ts). */
  readonly progress: number;
  readonly cacheBytes: number;
  readonly cacheCoinCount: number;
}

/** The line for a new tip. */
export function formatTipLine(tip: TipFacts): string {
  const version = (tip.version >>> 0).toString(16).padStart(8, '0');
  return (
    `UpdateTip: new best=${formatHash(tip.blockHash)} height=${tip.height} version=0x${version} ` +
    `log2_work=${Math.log2(Number(tip.chainWork)).toFixed(6)} tx=${tip.chainTxCount} ` +
    `date='${formatLogTime(tip.timeSec * 1000)}' progress=${tip.progress.toFixed(6)} ` +
    `cache=${(tip.cacheBytes / 2 ** 20).toFixed(1)}MiB(${tip.cacheCoinCount}txo)`
  );
}
