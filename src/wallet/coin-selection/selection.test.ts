import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCandidate } from '../../../test/model/coin-pool.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { Candidate } from './candidate.ts';
import { effectiveValueOf } from './candidate.ts';
import { drawChangeTarget } from './change-target.ts';
import { changeSat, computeWasteSat, leastWasteful, mergeSelections, selectManually } from './selection.ts';

const COSTS = { minViableChangeSat: 300, costOfChangeSat: 125, changeFeeSat: 30 };

/** A coin with fees of any kind. */
function coin(valueSat: number, feeSat: number, longTermFeeSat: number, bumpFeeSat = 0): Candidate {
  return { ...makeCandidate(valueSat), feeSat: feeSat + bumpFeeSat, longTermFeeSat, bumpFeeSat };
}

function waste(targetSat: number, feeSat: number, longTermFeeSat: number, costs = COSTS): number {
  const coins = [coin(COIN, feeSat, longTermFeeSat), coin(2 * COIN, feeSat, longTermFeeSat)];
  return computeWasteSat(selectManually(targetSat, coins, false), costs);
}

/** What two coins with a fee of 100 bring of 3 bitcoin. */
const EXACT = 3 * COIN - 200;

test('waste with change is the cost of change and what the inputs cost more than in quiet times', () => {
  assert.equal(waste(2 * COIN, 100, 60), 2 * 40 + 125);
  assert.equal(waste(2 * COIN, 200, 60), 2 * 140 + 125);
  assert.equal(waste(2 * COIN, 100, 140), -2 * 40 + 125);
  assert.equal(waste(2 * COIN, 100, 100), 125);
  assert.equal(waste(2 * COIN, 100, 140, { ...COSTS, costOfChangeSat: 80 }), 0);
  assert.equal(waste(2 * COIN, 100, 190), -55);
});

test('waste without change is what is given away and what the inputs cost more than in quiet times', () => {
  assert.equal(waste(EXACT - 80, 100, 60), 2 * 40 + 80);
  assert.equal(waste(EXACT - 80, 100, 140), -2 * 40 + 80);
  assert.equal(waste(EXACT - 80, 100, 100), 80);
  assert.equal(waste(EXACT, 100, 100), 0);
  assert.equal(waste(EXACT - 80, 100, 140), 0);
  assert.equal(waste(EXACT, 100, 140), -80);
});

test('fees for ancestors count, less what is saved by paying them together', () => {
  const costs = { minViableChangeSat: 200, costOfChangeSat: 125, changeFeeSat: 35 };
  const coins = [coin(COIN, 100, 140, 20), coin(2 * COIN, 100, 140, 40)];
  const withChange = selectManually(2 * COIN, coins, false);
  assert.equal(computeWasteSat(withChange, costs), -80 + 125 + 60);
  assert.equal(computeWasteSat({ ...withChange, bumpDiscountSat: 30 }, costs), -80 + 125 + 60 - 30);
  const without = selectManually(3 * COIN - 200 - 100, coins, false);
  assert.equal(computeWasteSat(without, costs), -80 + 60 + 40);
  assert.equal(computeWasteSat({ ...without, bumpDiscountSat: 30 }, costs), -80 + 60 - 30 + 70);
});

test('change is what is left when it is worth an output', () => {
  const coins = [coin(1_000, 100, 100)];
  assert.equal(changeSat(selectManually(500, coins, false), COSTS), 370);
  assert.equal(changeSat(selectManually(570, coins, false), COSTS), 300);
  assert.equal(changeSat(selectManually(571, coins, false), COSTS), 0);
  // where recipients pay the fee, all of the value counts
  assert.equal(changeSat(selectManually(700, coins, true), COSTS), 300);
});

test('of equal waste the selection with more inputs is taken', () => {
  const one = selectManually(500, [coin(1_000, 100, 100)], false);
  const two = selectManually(500, [coin(500, 50, 50), coin(500, 50, 50)], false);
  const result = leastWasteful([one, two], COSTS);
  assert.ok(result.ok && result.value === two);
  assert.deepEqual(leastWasteful([], COSTS), { ok: false, error: null });
});

test('a coin is never selected twice', () => {
  const twice = coin(1_000, 100, 100);
  assert.throws(() => selectManually(500, [twice, twice], false), /no coin twice/);
  const one = selectManually(500, [twice], false);
  assert.throws(() => mergeSelections(one, one), /no coin twice/);
});

test('what a coin brings is its value less its fee; an unknown size costs nothing', () => {
  const rates = { feeRate: 1_000, longTermFeeRate: 0 };
  assert.equal(effectiveValueOf(makeCandidate(10_000, { inputVsize: 148 }, rates)), 9_852);
  assert.equal(effectiveValueOf(makeCandidate(10_000, { inputVsize: -1 }, rates)), 10_000);
  const dear = { feeRate: 100_000, longTermFeeRate: 0 };
  assert.equal(effectiveValueOf(makeCandidate(10_000, { inputVsize: 148 }, dear)), -4_800);
});

test('change aims at 50,000 to twice the payment, a million at most', () => {
  const rng = createRng(3);
  assert.equal(drawChangeTarget(25_000, 31, rng), 50_031);
  for (let i = 0; i < 200; i++) {
    const small = drawChangeTarget(30_000, 31, rng);
    assert.ok(small >= 50_031 && small < 60_031);
    const large = drawChangeTarget(COIN, 31, rng);
    assert.ok(large >= 50_031 && large < 1_000_031);
  }
});
