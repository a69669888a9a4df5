import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEST_RNG } from '../../../test/model/block-builder.ts';
import { payment } from '../../../test/model/loose-transaction.ts';
import type { MempoolEntry } from './entry.ts';
import { FeeEstimator } from './fee-estimator.ts';
import { feedFeeEstimator } from './fee-estimator-feed.ts';
import { type AdditionCircumstances, MempoolEmitters, type RemovalReason } from './mempool-events.ts';

function entryOf(locktime: number, entryHeight: number): MempoolEntry {
  return {
    transaction: payment({ locktime }),
    ref: 0,
    feeSat: 2_000,
    modifiedFeeSat: 9_000_000,
    sigopsCost: 0,
    vsize: 1_000,
    weightWu: 4_000,
    timeSec: 0,
    entryHeight,
    sequence: 1,
    spendsCoinbase: false,
    lockPoints: { height: 0, timeSec: 0, maxInputBlock: 0 },
  };
}

const USUAL: AdditionCircumstances = {
  bypassedLimits: false,
  isInPackage: false,
  isChainCurrent: true,
  hasMempoolParents: false,
};

test('the estimator follows what the mempool tells, at the own fee of every transaction', () => {
  const signals = new MempoolEmitters();
  const estimator = new FeeEstimator(TEST_RNG);
  const end = feedFeeEstimator(estimator, signals);
  const remove = (entry: MempoolEntry, reason: RemovalReason): void =>
    signals.removed.emit({ entry, reason, sequence: 2, wasUnbroadcast: false });
  for (let height = 1; height <= 30; height++) {
    const entry = entryOf(height, height - 1);
    signals.added.emit({ ...USUAL, entry, sequence: 1 });
    remove(entry, 'block');
    signals.removedForBlock.emit({ height, entries: [entry] });
  }
  assert.equal(estimator.bestHeight, 30);
  assert.equal(estimator.estimateRawFee(1, 0.95, 'short')?.feerateSatPerKvb, 2_000);

  const leaving = entryOf(99, 30);
  signals.added.emit({ ...USUAL, entry: leaving, sequence: 3 });
  assert.equal(estimator.followedCount, 1);
  remove(leaving, 'expiry');
  assert.equal(estimator.followedCount, 0);

  end();
  signals.added.emit({ ...USUAL, entry: leaving, sequence: 4 });
  assert.equal(estimator.followedCount, 0);
});

test('what did not come like any other says nothing about feerates', () => {
  const unusual: readonly Partial<AdditionCircumstances>[] = [
    { bypassedLimits: true },
    { isInPackage: true },
    { isChainCurrent: false },
    { hasMempoolParents: true },
  ];
  for (const one of unusual) {
    const signals = new MempoolEmitters();
    const estimator = new FeeEstimator(TEST_RNG);
    feedFeeEstimator(estimator, signals);
    signals.added.emit({ ...USUAL, ...one, entry: entryOf(1, 0), sequence: 1 });
    assert.equal(estimator.followedCount, 0);
  }
});
