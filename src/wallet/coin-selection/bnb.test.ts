import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CENT, makeGroup, makeGroups, P2WPKH_INPUT_VSIZE, TEST_RATES } from '../../../test/model/coin-pool.ts';
import { leastWaste } from '../../../test/model/naive-selection.ts';
import { selectByBranchAndBound } from './bnb.ts';
import type { OutputGroup } from './groups.ts';
import { type Selection, type SelectionResult, TOO_HEAVY } from './selection.ts';

/** Core's tests: change costs 204 to spend and 155 to make. */
const COST_OF_CHANGE = 359;
const WEIGHT_MAX = 400_000;

function search(
  pool: readonly OutputGroup[],
  targetSat: number,
  costOfChangeSat = COST_OF_CHANGE,
  weightMaxWu = WEIGHT_MAX,
): SelectionResult {
  return selectByBranchAndBound(pool, { targetSat, costOfChangeSat, weightMaxWu });
}

function effectiveValues({ coins }: Selection): number[] {
  return coins.map((coin) => coin.valueSat - coin.feeSat).sort((a, b) => a - b);
}

function assertFound(result: SelectionResult, amounts: readonly number[], tryCount: number): void {
  assert.ok(result.ok);
  assert.deepEqual(effectiveValues(result.value), amounts);
  assert.equal(result.value.tryCount, tryCount);
  assert.equal(result.value.algorithm, 'bnb');
}

test('a set without change is found in as many steps as Core takes', () => {
  for (const feeRate of [0, 1, 99, 100, 315, 1_000, 2_345, 10_292, 59_764, 1_500_000]) {
    const pool = makeGroups([1 * CENT, 3 * CENT, 5 * CENT], { feeRate, longTermFeeRate: 10_000 });
    assertFound(search(pool, 1 * CENT), [1 * CENT], 3);
    assertFound(search(pool, 3 * CENT), [3 * CENT], 3);
    assertFound(search(pool, 5 * CENT), [5 * CENT], 2);
    assertFound(search(pool, 4 * CENT), [1 * CENT, 3 * CENT], 4);
    assertFound(search(pool, 9 * CENT), [1 * CENT, 3 * CENT, 5 * CENT], 5);
    assertFound(search(pool, 4 * CENT - COST_OF_CHANGE), [1 * CENT, 3 * CENT], 4);
  }
});

test('a set that overshoots by more than change costs is none', () => {
  const pool = makeGroups([1 * CENT, 3 * CENT, 5 * CENT]);
  for (const target of [4 * CENT - COST_OF_CHANGE - 1, CENT / 2, 7 * CENT, 10 * CENT]) {
    assert.deepEqual(search(pool, target), { ok: false, error: null });
  }
  assert.deepEqual(search([], CENT), { ok: false, error: null });
});

test('sets above the greatest weight are not taken, and the reason is named', () => {
  const pool = makeGroups([1 * CENT, 3 * CENT, 5 * CENT]);
  assertFound(search(pool, 4 * CENT, COST_OF_CHANGE, 4 * 2 * P2WPKH_INPUT_VSIZE), [1 * CENT, 3 * CENT], 4);
  assert.deepEqual(search(pool, 4 * CENT, COST_OF_CHANGE, 4 * 2 * P2WPKH_INPUT_VSIZE - 1), TOO_HEAVY);
});

test('equal coins are passed by: 50,000 of them take 16 steps', () => {
  const equal = new Array<number>(50_000).fill(5 * CENT);
  const pool = makeGroups([2 * CENT, 7 * CENT, 7 * CENT, ...equal]);
  assertFound(search(pool, 16 * CENT), [2 * CENT, 7 * CENT, 7 * CENT], 16);
});

test('the search ends after 100,000 steps, found or not', () => {
  const small = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => CENT + i);
  const large = [8, 9, 10, 11, 12, 13, 14, 15, 16].map((i) => CENT + COST_OF_CHANGE + i);
  assertFound(search(makeGroups([...small, ...large]), 8 * CENT), small, 51_765);
  large.push(CENT + COST_OF_CHANGE + 17);
  assertFound(search(makeGroups([...small, ...large]), 8 * CENT), small, 87_957);
  large.push(CENT + COST_OF_CHANGE + 18);
  assert.deepEqual(search(makeGroups([...small, ...large]), 8 * CENT), { ok: false, error: null });
});

test('at low rates many inputs are preferred, at high rates few', () => {
  const high = { feeRate: 25_000, longTermFeeRate: 10_000 };
  // 25 sat/vB for 31 bytes, and 204 to spend it
  const highCost = 979;
  const amounts = [2 * CENT, 3 * CENT, 5 * CENT, 10 * CENT];
  const lowPool = [...makeGroups(amounts)];
  const highPool = [...makeGroups(amounts, high)];
  assertFound(search(lowPool, 10 * CENT), [2 * CENT, 3 * CENT, 5 * CENT], 6);
  assertFound(search(highPool, 10 * CENT, highCost), [10 * CENT], 5);
  for (const amount of [6 * CENT, 7 * CENT]) {
    lowPool.push(makeGroup(amount, 500));
    highPool.push(makeGroup(amount, 500, high));
  }
  assertFound(search(lowPool, 13 * CENT), [6 * CENT, 7 * CENT], 18);
  assertFound(search(highPool, 13 * CENT, highCost), [3 * CENT, 10 * CENT], 9);
});

test('on small pools no set that pays without a coin too many wastes less', () => {
  const coin = fc.record({ amount: fc.integer({ min: 1, max: 60 }), vsize: fc.integer({ min: 1, max: 8 }) });
  const rates = fc.constantFrom(TEST_RATES, { feeRate: 20_000, longTermFeeRate: 5_000 });
  fc.assert(
    fc.property(
      fc.array(coin, { maxLength: 9 }),
      rates,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 150 }),
      (coins, rate, targetSat, costOfChangeSat, weightMaxWu) => {
        const pool = coins.map(({ amount, vsize }) => makeGroup(amount, vsize, rate));
        // At a low rate the heavier of two equal coins is preferred, whatever room there is: as in Core.
        const ceilingWu = rate === TEST_RATES ? WEIGHT_MAX : weightMaxWu;
        const result = search(pool, targetSat, costOfChangeSat, ceilingWu);
        const expected = leastWaste(pool, targetSat, costOfChangeSat, ceilingWu);
        assert.equal(result.ok, expected !== null);
        if (!result.ok) return;
        const { coins: chosen, weightWu } = result.value;
        const sum = (of: (c: (typeof chosen)[number]) => number): number => chosen.reduce((t, c) => t + of(c), 0);
        const amountSat = sum((c) => c.valueSat - c.feeSat);
        assert.ok(weightWu <= ceilingWu && amountSat >= targetSat && amountSat <= targetSat + costOfChangeSat);
        assert.equal(sum((c) => c.feeSat - c.longTermFeeSat) + amountSat - targetSat, expected);
      },
    ),
    { numRuns: 300 },
  );
});
