// Locktimes against the next block (Core CheckFinalTxAtTip, CalculateLockPointsAtTip, CheckSequenceLocksAtTip, TestLockPointValidity).
// Only what the next block may contain is kept; the relative locks of an entry are remembered together with the youngest block
// that they were counted from, so that after a reorganisation most need not be counted again.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { areSequenceLocksOver, computeSequenceLocks, isFinalTransaction } from '../../kernel/consensus/tx-verify.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { AcceptChain } from './accept-chain.ts';
import type { LockPoints } from './entry.ts';

/** True when the locktime lets the transaction into the next block. */
export function isFinalAtTip(tx: Transaction, chain: AcceptChain): boolean {
  return tx.locktime === 0 || isFinalTransaction(tx, chain.height + 1, chain.medianTimePast);
}

/**
 * The relative locks of a transaction. `coins` hold what it spends; coins of the mempool are taken to be made by the next block, so
 * that any relative lock on one that is not zero holds.
 */
export function computeLockPoints(tx: Transaction, coins: SpentCoins, chain: AcceptChain): LockPoints {
  const { lastHeldHeight, lastHeldTimeSec } = computeSequenceLocks(tx, coins, 0, chain.branch);
  let heightMax = 0;
  for (let i = 0; i < tx.inputCount; i++) {
    const height = coins.height(i);
    if (height <= chain.height && height > heightMax) heightMax = height;
  }
  return { height: lastHeldHeight, timeSec: lastHeldTimeSec, maxInputBlock: chain.blockAt(heightMax) };
}

/** True when the relative locks let the transaction into the next block. */
export function areLockPointsOver(locks: LockPoints, chain: AcceptChain): boolean {
  if (locks.height < 0 && locks.timeSec < 0) return true;
  return areSequenceLocksOver({ lastHeldHeight: locks.height, lastHeldTimeSec: locks.timeSec }, chain.branch);
}

/** True while the chain still contains what the locks were counted from. */
export function areLockPointsValid(locks: LockPoints, chain: AcceptChain): boolean {
  return locks.maxInputBlock === NO_ENTRY || chain.contains(locks.maxInputBlock);
}
