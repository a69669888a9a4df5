import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CENT, makeFreeGroup } from '../../../test/model/coin-pool.ts';
import { lightest } from '../../../test/model/naive-selection.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { selectLightest } from './coin-grinder.ts';
import type { OutputGroup } from './groups.ts';
import { type SelectionResult, TOO_HEAVY } from './selection.ts';

function search(
  pool: readonly OutputGroup[],
  targetSat: number,
  weightMaxWu: number,
  changeTargetSat = CENT,
): SelectionResult {
  return selectLightest(pool, { targetSat, changeTargetSat, weightMaxWu });
}

function times(count: number, valueSat: number, vsize?: number): OutputGroup[] {
  return Array.from({ length: count }, () => makeFreeGroup(valueSat, vsize));
}

function assertFound(result: SelectionResult, amounts: readonly number[], tryCount: number): void {
  assert.ok(result.ok);
  const values = result.value.coins.map((coin) => coin.valueSat).sort((a, b) => a - b);
  assert.deepEqual(
    values,
    amounts.slice().sort((a, b) => a - b),
  );
  assert.equal(result.value.tryCount, tryCount);
}

test('too little is no selection, and too heavy is named', () => {
  const pool = [...times(10, COIN), ...times(10, 2 * COIN)];
  assert.deepEqual(search(pool, 49.5 * COIN, 10_000), { ok: false, error: null });
  assert.deepEqual(search(pool, 29.5 * COIN, 3_000), TOO_HEAVY);
});

test('the lightest set is found in as many steps as Core takes', () => {
  const third = 0.33 * COIN;
  const mixed = [...times(60, third), ...times(10, 2 * COIN)];
  const expected = [...new Array<number>(10).fill(2 * COIN), ...new Array<number>(17).fill(third)];
  assertFound(search(mixed, 25.33 * COIN, 10_000), expected, 37);
  const twoLight = [makeFreeGroup(2 * COIN, 148), ...times(2, COIN, 68)];
  assertFound(search(twoLight, 1.9 * COIN, 400_000), [COIN, COIN], 3);
});

test('weights and amounts of every kind: 30 bitcoin out of 1 to 15', () => {
  const pool = [0, 1, 2, 3, 4].flatMap((j) => [
    makeFreeGroup((3 + 3 * j) * COIN, 350),
    makeFreeGroup((2 + 3 * j) * COIN, 250),
    makeFreeGroup((1 + 3 * j) * COIN, 150),
  ]);
  assertFound(search(pool, 30 * COIN, 400_000), [14 * COIN, 13 * COIN, 4 * COIN], 92);
});

test('many equal heavy coins do not hide the light ones', () => {
  const light = [4, 3, 2, 1].map((amount) => makeFreeGroup(amount * COIN, 100));
  const heavy = [
    ...times(100, 8 * COIN, 1_000),
    ...times(100, 7 * COIN, 800),
    ...times(100, 6 * COIN, 600),
    ...times(100, 5 * COIN, 400),
  ];
  const expected = [4 * COIN, 3 * COIN, 2 * COIN, COIN];
  assertFound(search([...light, ...heavy], 9.9 * COIN, 400_000), expected, 38);
});

test('many tiny coins that would be too heavy are passed by', () => {
  const tiny = Array.from({ length: 100 }, (_, j) => makeFreeGroup(0.01 * COIN + j, 110));
  const pool = [makeFreeGroup(1.8 * COIN, 2_500), ...times(2, COIN, 1_000), ...tiny];
  assertFound(search(pool, 1.9 * COIN, 40_000), [COIN, COIN], 7);
});

test('the search ends after 100,000 steps, found or not', () => {
  const similar = (count: number): OutputGroup[] =>
    Array.from({ length: count }, (_, i) => makeFreeGroup(COIN + i, 96 + i));
  const expected = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => COIN + i);
  assertFound(search(similar(18), 8 * COIN, 3_200, 0), expected, 87_525);
  assert.equal(search(similar(19), 8 * COIN, 3_200, 0).ok, false);
});

test('on small pools no set is lighter, and none as light brings less', () => {
  const coin = fc.record({ amount: fc.integer({ min: 1, max: 40 }), vsize: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(
      fc.array(coin, { maxLength: 9 }),
      fc.integer({ min: 1, max: 150 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 250 }),
      (coins, targetSat, changeTargetSat, weightMaxWu) => {
        const pool = coins.map(({ amount, vsize }) => makeFreeGroup(amount, vsize));
        const result = search(pool, targetSat, weightMaxWu, changeTargetSat);
        const expected = lightest(pool, targetSat + changeTargetSat, weightMaxWu);
        assert.equal(result.ok, expected !== null);
        if (!result.ok) return;
        const amountSat = result.value.coins.reduce((sum, { valueSat }) => sum + valueSat, 0);
        assert.deepEqual({ weightWu: result.value.weightWu, amountSat }, expected);
      },
    ),
    { numRuns: 300 },
  );
});
