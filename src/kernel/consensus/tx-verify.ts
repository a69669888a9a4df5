// The rules between a transaction and what stands before it (Core consensus/tx_verify.cpp): locktimes against height and time,
// relative locks against the age of the spent coins (BIP68), and the sums of what goes in and out. The spent coins have been
// gathered before; a coin that does not exist is found there.

import { formatMoney, isMoneyRange, MAX_MONEY } from '../primitives/amount.ts';
import {
  getRelativeLock,
  isHeightLocktime,
  isRelativeLock,
  isTimeRelativeLock,
  SEQUENCE_FINAL,
  SEQUENCE_LOCKTIME_GRANULARITY_BITS,
} from '../primitives/locktime.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { err, ok, type Result } from '../util/result.ts';
import { computeMedianTimePast, type HeaderBranch } from './header-branch.ts';
import { COINBASE_MATURITY } from './limits.ts';
import { rejectTx, type TxReject } from './reject.ts';
import type { SpentCoins } from './spent-coins.ts';

/** Seconds of one unit of a relative time lock (BIP68). */
const LOCK_UNIT_SEC = 2 ** SEQUENCE_LOCKTIME_GRANULARITY_BITS;

/** Transactions below this version have no relative locks (BIP68). Versions are unsigned: 0xffffffff is above (C14). */
const SEQUENCE_LOCK_VERSION_MIN = 2;

/**
 * True when the locktime lets the transaction into a block of this height and time (Core IsFinalTx). Final sequences in all
 * inputs switch the locktime off. `timeSec` is the median time past of the parent since BIP113, the block's own time before.
 */
export function isFinalTransaction(tx: Transaction, height: number, timeSec: number): boolean {
  const locktime = tx.locktime;
  if (locktime === 0) return true;
  if (locktime < (isHeightLocktime(locktime) ? height : timeSec)) return true;
  for (let i = 0; i < tx.inputCount; i++) {
    if (tx.sequence(i) !== SEQUENCE_FINAL) return false;
  }
  return true;
}

/** The last height and the last median time past at which relative locks still hold the transaction back; -1: none. */
export interface SequenceLocks {
  readonly lastHeldHeight: number;
  readonly lastHeldTimeSec: number;
}

const NO_SEQUENCE_LOCKS: SequenceLocks = Object.freeze({ lastHeldHeight: -1, lastHeldTimeSec: -1 });

/**
 * Adds up the relative locks of all inputs (BIP68; Core CalculateSequenceLocks). `coins` hold what the inputs spend from entry
 * `firstCoin` on. Time is counted from the median time past of the block before the coin's.
 */
export function computeSequenceLocks(
  tx: Transaction,
  coins: SpentCoins,
  firstCoin: number,
  branch: HeaderBranch,
): SequenceLocks {
  if (tx.version < SEQUENCE_LOCK_VERSION_MIN) return NO_SEQUENCE_LOCKS;
  let lastHeldHeight = -1;
  let lastHeldTimeSec = -1;
  for (let i = 0; i < tx.inputCount; i++) {
    const sequence = tx.sequence(i);
    if (!isRelativeLock(sequence)) continue;
    const coinHeight = coins.height(firstCoin + i);
    const lock = getRelativeLock(sequence);
    if (isTimeRelativeLock(sequence)) {
      const coinTimeSec = computeMedianTimePast(branch, Math.max(coinHeight - 1, 0));
      lastHeldTimeSec = Math.max(lastHeldTimeSec, coinTimeSec + lock * LOCK_UNIT_SEC - 1);
    } else {
      lastHeldHeight = Math.max(lastHeldHeight, coinHeight + lock - 1);
    }
  }
  return { lastHeldHeight, lastHeldTimeSec };
}

/** True when the locks let the transaction into the block after the branch (Core EvaluateSequenceLocks). */
export function areSequenceLocksOver(locks: SequenceLocks, branch: HeaderBranch): boolean {
  if (locks.lastHeldHeight > branch.height) return false;
  return locks.lastHeldTimeSec < 0 || locks.lastHeldTimeSec < computeMedianTimePast(branch, branch.height);
}

/** The refusal of a transaction of which an input's coin does not exist or was spent (Core CheckTxInputs). */
export function rejectMissingCoin(tx: Transaction, inputIndex: number): TxReject {
  const at = tx.prevoutStart(inputIndex);
  return rejectTx('missing-inputs', 'bad-txns-inputs-missingorspent', 'input-unspent', {
    debug: 'CheckTxInputs: inputs missing/spent',
    actual: tx.bytes.slice(at, at + OUTPOINT_BYTES),
    inputIndex,
  });
}

/**
 * Checks age and sum of the coins that the transaction spends (`coins` from entry `firstCoin` on) and returns its fee in
 * satoshis (Core CheckTxInputs). The outputs have passed checkTransaction, so their sum is in range.
 */
export function checkTxInputs(
  tx: Transaction,
  coins: SpentCoins,
  firstCoin: number,
  spendHeight: number,
): Result<number, TxReject> {
  let totalInSat = 0;
  for (let i = 0; i < tx.inputCount; i++) {
    const depth = spendHeight - coins.height(firstCoin + i);
    if (coins.isCoinbase(firstCoin + i) && depth < COINBASE_MATURITY) return err(rejectImmature(i, depth));
    const valueSat = coins.valueSat(firstCoin + i);
    totalInSat += valueSat;
    if (!isMoneyRange(valueSat) || !isMoneyRange(totalInSat)) return err(rejectInputValue(i, totalInSat));
  }
  const totalOutSat = computeOutputTotal(tx);
  if (totalInSat < totalOutSat) return err(rejectOverdraft(totalInSat, totalOutSat));
  return checkFeeRange(totalInSat - totalOutSat);
}

/** Sum of the outputs in satoshis (Core GetValueOut). They have passed checkTransaction, so the sum is exact. */
export function computeOutputTotal(tx: Transaction): number {
  let totalSat = 0;
  for (let j = 0; j < tx.outputCount; j++) totalSat += tx.valueSat(j);
  return totalSat;
}

function checkFeeRange(feeSat: number): Result<number, TxReject> {
  if (isMoneyRange(feeSat)) return ok(feeSat);
  return err(rejectTx('consensus', 'bad-txns-fee-outofrange', 'fee-range', { actual: feeSat, expected: MAX_MONEY }));
}

function rejectImmature(inputIndex: number, depth: number): TxReject {
  return rejectTx('premature-spend', 'bad-txns-premature-spend-of-coinbase', 'coinbase-maturity', {
    debug: `tried to spend coinbase at depth ${depth}`,
    actual: depth,
    expected: COINBASE_MATURITY,
    inputIndex,
  });
}

function rejectInputValue(inputIndex: number, totalSat: number): TxReject {
  return rejectTx('consensus', 'bad-txns-inputvalues-outofrange', 'inputs-max-money', {
    actual: totalSat,
    expected: MAX_MONEY,
    inputIndex,
  });
}

function rejectOverdraft(totalInSat: number, totalOutSat: number): TxReject {
  return rejectTx('consensus', 'bad-txns-in-belowout', 'no-overdraft', {
    debug: `value in (${formatMoney(totalInSat)}) < value out (${formatMoney(totalOutSat)})`,
    actual: totalOutSat,
    expected: totalInSat,
  });
}
