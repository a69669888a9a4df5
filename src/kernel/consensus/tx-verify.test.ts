import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeCoinbase, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { asBlockHash } from '../primitives/hashes.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { type Coin, CoinRef } from './coin.ts';
import type { HeaderBranch } from './header-branch.ts';
import { SpentCoins } from './spent-coins.ts';
import { areSequenceLocksOver, checkTxInputs, computeSequenceLocks, isFinalTransaction } from './tx-verify.ts';

const FINAL = 0xffffffff;

/** A transaction with these sequences, each input spending another coin. */
function withSequences(sequences: readonly number[], version = 2, locktime = 0): Transaction {
  const inputs = sequences.map((sequence, n) => spend({ txid: fakeTxid(n), index: 0 }, { sequence }));
  return makeTx(inputs, [pay(1)], { version, locktime });
}

function packed(coins: readonly Partial<Coin>[]): SpentCoins {
  const list = new SpentCoins(coins.length);
  for (const coin of coins) {
    const whole = { valueSat: 1, scriptPubKey: Uint8Array.of(0x51), height: 1, isCoinbase: false, ...coin };
    list.append(new CoinRef().pointAtCopy(whole));
  }
  return list;
}

/** Blocks 600 seconds apart from 1,000,000 on, so that the median time past of height h (above 10) is that of h - 5. */
function steadyBranch(height: number): HeaderBranch {
  return {
    height,
    timeSec: (at) => 1_000_000 + 600 * at,
    bits: () => 0x207fffff,
    version: () => 4,
    blockHash: () => asBlockHash(new Uint8Array(32)),
  };
}

test('C13: a height locktime is over when the height is above it', () => {
  const tx = withSequences([0], 1, 100);
  assert.equal(isFinalTransaction(tx, 100, 2_000_000_000), false);
  assert.equal(isFinalTransaction(tx, 101, 0), true);
});

test('C13: 499,999,999 is a height and 500,000,000 a time', () => {
  const height = withSequences([0], 1, 499_999_999);
  assert.equal(isFinalTransaction(height, 1, 4_000_000_000), false);
  assert.equal(isFinalTransaction(height, 500_000_000, 0), true);
  const time = withSequences([0], 1, 500_000_000);
  assert.equal(isFinalTransaction(time, 600_000_000, 500_000_000), false);
  assert.equal(isFinalTransaction(time, 1, 500_000_001), true);
});

test('C13: the largest locktime is a time far ahead, not a negative number', () => {
  assert.equal(isFinalTransaction(withSequences([0], 1, 0xffffffff), 1, 0xfffffffe), false);
  assert.equal(isFinalTransaction(withSequences([0], 1, 0xffffffff), 1, 0x100000000), true);
});

test('C13: final sequences in all inputs switch a locktime off, one other input keeps it on', () => {
  assert.equal(isFinalTransaction(withSequences([FINAL, FINAL], 1, 0xffffffff), 1, 1), true);
  assert.equal(isFinalTransaction(withSequences([FINAL, 0xfffffffe], 1, 0xffffffff), 1, 1), false);
});

test('C13: a coinbase is held to its locktime, too', () => {
  const coinbase = (sequence: number): Transaction =>
    makeCoinbase({ height: 1, outputs: [pay(0)], sequence, locktime: 5 });
  assert.equal(isFinalTransaction(coinbase(0), 5, 0), false);
  assert.equal(isFinalTransaction(coinbase(0), 6, 0), true);
  assert.equal(isFinalTransaction(coinbase(FINAL), 5, 0), true);
});

test('C14: relative locks hold from version 2 on, and versions are unsigned', () => {
  const coins = packed([{ height: 50 }]);
  const isOver = (version: number): boolean => {
    const locks = computeSequenceLocks(withSequences([10], version), coins, 0, steadyBranch(50));
    return areSequenceLocksOver(locks, steadyBranch(50));
  };
  assert.equal(isOver(0), true);
  assert.equal(isOver(1), true);
  assert.equal(isOver(2), false);
  assert.equal(isOver(3), false);
  assert.equal(isOver(0x7fffffff), false);
  assert.equal(isOver(0x80000000), false);
  assert.equal(isOver(0xffffffff), false);
});

test('C14: a lock of n blocks lets the input into the n-th block after its coin', () => {
  const coins = packed([{ height: 50 }]);
  const isOver = (sequence: number, nextHeight: number): boolean => {
    const branch = steadyBranch(nextHeight - 1);
    return areSequenceLocksOver(computeSequenceLocks(withSequences([sequence]), coins, 0, branch), branch);
  };
  assert.equal(isOver(0, 50), true);
  assert.equal(isOver(1, 50), false);
  assert.equal(isOver(1, 51), true);
  assert.equal(isOver(10, 59), false);
  assert.equal(isOver(10, 60), true);
  assert.equal(isOver(0xffff, 50 + 0xfffe), false);
  assert.equal(isOver(0xffff, 50 + 0xffff), true);
});

test('C14: bit 31 switches the lock off and the bits beside mask and type mean nothing', () => {
  const coins = packed([{ height: 50 }]);
  const isOver = (sequence: number): boolean => {
    const branch = steadyBranch(54);
    return areSequenceLocksOver(computeSequenceLocks(withSequences([sequence]), coins, 0, branch), branch);
  };
  assert.equal(isOver(0x80000000 + 1000), true);
  assert.equal(isOver(0xffffffff), true);
  assert.equal(isOver(0x3fbf0000 + 5), true);
  assert.equal(isOver(0x3fbf0000 + 6), false);
});

test('C14: a time lock counts 512 seconds from the median time past before the coin to that before the block', () => {
  const coins = packed([{ height: 50 }]);
  const locksOf = (units: number) =>
    computeSequenceLocks(withSequences([0x00400000 + units]), coins, 0, steadyBranch(60));
  // The block before the coin is 49, its median time past that of block 44: 1,026,400.
  assert.deepEqual(locksOf(0), { lastHeldHeight: -1, lastHeldTimeSec: 1_026_399 });
  assert.deepEqual(locksOf(1), { lastHeldHeight: -1, lastHeldTimeSec: 1_026_911 });
  assert.deepEqual(locksOf(0xffff), { lastHeldHeight: -1, lastHeldTimeSec: 34_580_319 });
  // Before block 51 the median time past is that of block 45, 1,027,000: one unit is over, two (1,027,423) are not.
  const isOver = (units: number): boolean => {
    const branch = steadyBranch(50);
    return areSequenceLocksOver(computeSequenceLocks(withSequences([0x00400000 + units]), coins, 0, branch), branch);
  };
  assert.equal(isOver(1), true);
  assert.equal(isOver(2), false);
});

test('C14: of several inputs the longest lock of each kind counts', () => {
  const coins = packed([{ height: 10 }, { height: 40 }, { height: 20 }, { height: 30 }]);
  const tx = withSequences([7, 3, 0x00400000 + 4, 0x00400000 + 1]);
  assert.deepEqual(computeSequenceLocks(tx, coins, 0, steadyBranch(60)), {
    lastHeldHeight: 42,
    // Coin at 30: median time past of 29 is that of 24, 1,014,400; one unit after it.
    lastHeldTimeSec: 1_014_911,
  });
});

test('C14: the coin of the first block counts time from the genesis block', () => {
  const coins = packed([{ height: 0 }]);
  assert.equal(computeSequenceLocks(withSequences([0x00400001]), coins, 0, steadyBranch(5)).lastHeldTimeSec, 1_000_511);
});

test('C11: a coinbase is ripe at a depth of 100 and not at 99', () => {
  const tx = withSequences([FINAL]);
  const coins = packed([{ height: 7, isCoinbase: true }]);
  const reject = checkTxInputs(tx, coins, 0, 106);
  assert.ok(!reject.ok);
  assert.equal(reject.error.reason, 'bad-txns-premature-spend-of-coinbase');
  assert.equal(reject.error.kind, 'premature-spend');
  assert.equal(reject.error.debug, 'tried to spend coinbase at depth 99');
  assert.deepEqual(checkTxInputs(tx, coins, 0, 107), { ok: true, value: 0 });
});

test('C10: the fee is what goes in and does not come out, to the satoshi', () => {
  const tx = makeTx([spend({ txid: fakeTxid(1), index: 0 }), spend({ txid: fakeTxid(2), index: 0 })], [pay(7), pay(3)]);
  const feeOf = (...values: number[]) => checkTxInputs(tx, packed(values.map((valueSat) => ({ valueSat }))), 0, 10);
  assert.deepEqual(feeOf(5, 5), { ok: true, value: 0 });
  assert.deepEqual(feeOf(5, 6), { ok: true, value: 1 });
  const overdraft = feeOf(5, 4);
  assert.ok(!overdraft.ok);
  assert.equal(overdraft.error.reason, 'bad-txns-in-belowout');
  assert.equal(overdraft.error.debug, 'value in (0.00000009) < value out (0.0000001)');
  assert.deepEqual([overdraft.error.actual, overdraft.error.expected], [10, 9]);
});

test('C10: coins out of range are refused, each and together', () => {
  const tx = withSequences([FINAL, FINAL]);
  for (const values of [
    [2_100_000_000_000_001, 0],
    [2_100_000_000_000_000, 1],
    [-1, 5],
    [1, -1],
  ]) {
    const reject = checkTxInputs(tx, packed(values.map((valueSat) => ({ valueSat }))), 0, 10);
    assert.ok(!reject.ok);
    assert.equal(reject.error.reason, 'bad-txns-inputvalues-outofrange', values.join(' '));
  }
});

test('the coins of a transaction are those from its first coin on', () => {
  const coins = packed([{ valueSat: 100, isCoinbase: true, height: 10 }, { valueSat: 9 }]);
  assert.deepEqual(checkTxInputs(withSequences([FINAL]), coins, 1, 11), { ok: true, value: 8 });
});
