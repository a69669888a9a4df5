// The line of the log for each new block (Core UpdateTipLog), word for word, since scripts all over the world read it; and the
// guess how far the chain is (Core GuessVerificationProgress). Pure.

import type { ChainTxData, ConsensusParams } from '../kernel/consensus/params.ts';
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
  /** From {@link guessProgress}. */
  readonly progress: number;
  readonly cacheBytes: number;
  readonly cacheCoinCount: number;
}

/** What a guess at the progress depends on. */
export interface ProgressFacts {
  readonly chainTxCount: number;
  readonly timeSec: number;
  /** How many more headers are known. */
  readonly headersAhead: number;
  readonly nowSec: number;
}

/** Near enough to now that blocks are counted instead of transactions (Core: two hours). */
const RECENT_SEC = 2 * 60 * 60;

/** Share of all transactions of the ledger that are in the chain, from 0 to 1. */
export function guessProgress(facts: ProgressFacts, known: ChainTxData, consensus: ConsensusParams): number {
  const { chainTxCount, nowSec, headersAhead } = facts;
  if (chainTxCount === 0) return 0;
  const isRecent = Math.abs(nowSec - facts.timeSec) <= RECENT_SEC;
  const timeSec = isRecent ? nowSec - headersAhead * consensus.pow.spacingSec : facts.timeSec;
  const total =
    chainTxCount <= known.txCount
      ? known.txCount + (nowSec - known.timeSec) * known.txPerSec
      : chainTxCount + (nowSec - timeSec) * known.txPerSec;
  return Math.min(1, chainTxCount / total);
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
