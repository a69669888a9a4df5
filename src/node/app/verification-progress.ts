// How much of a ledger has been verified, as far as can be guessed (Core GuessVerificationProgress).

import type { ChainTxData, ConsensusParams } from '../../kernel/consensus/params.ts';

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
