import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENT, makeFreeGroup } from '../../../test/model/coin-pool.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import { selectByKnapsack } from './knapsack.ts';
import { TOO_HEAVY } from './selection.ts';

const SEEDS = [1, 2, 3, 4, 5];

/** What comes out for every seed: value and count of the coins. */
function assertChosen(amounts: readonly number[], targetSat: number, value: number, count: number | null): void {
  const pool = amounts.map((amount) => makeFreeGroup(amount));
  for (const seed of SEEDS) {
    const target = { targetSat, changeTargetSat: CENT, weightMaxWu: 400_000 };
    const result = runAllSteps(selectByKnapsack(pool, target, createRng(seed)));
    assert.ok(result.ok);
    const { coins } = result.value;
    assert.equal(
      coins.reduce((sum, { valueSat }) => sum + valueSat, 0),
      value,
    );
    if (count !== null) assert.equal(coins.length, count);
  }
}

function cents(...amounts: readonly number[]): readonly number[] {
  return amounts.map((amount) => Math.round(amount * CENT));
}

test('the nearest sum above the target is found', () => {
  const coins = cents(1, 2, 5, 10, 20);
  assertChosen(coins, 38 * CENT, 38 * CENT, 5);
  assertChosen(coins, 34 * CENT, 35 * CENT, 3);
  assertChosen(coins, 7 * CENT, 7 * CENT, 2);
  assertChosen(coins, 8 * CENT, 8 * CENT, 3);
  assertChosen(coins, 9 * CENT, 10 * CENT, 1);
});

test('of many coins fewer sets are tried: what is drawn is bounded, and the target is met all the same', () => {
  const rng = createRng(1);
  let drawnCount = 0;
  const counting: Rng = Object.create(rng, {
    nextU32: {
      value: () => {
        drawnCount++;
        return rng.nextU32();
      },
    },
    below: { value: (bound: number) => rng.below(bound) },
  });
  const pool = Array.from({ length: 20_000 }, (_, i) => makeFreeGroup(CENT + i));
  const target = { targetSat: 50 * CENT + 7, changeTargetSat: CENT, weightMaxWu: 4_000_000 };
  const result = runAllSteps(selectByKnapsack(pool, target, counting));
  assert.ok(result.ok);
  const sum = result.value.coins.reduce((total, { valueSat }) => total + valueSat, 0);
  assert.ok(sum >= target.targetSat && sum < target.targetSat + 2 * CENT);
  // A million tosses for each of two targets, 32 of them with one number, and one round more at most.
  assert.ok(drawnCount <= (2 * (1_000_000 + 20_000)) / 32 + 2, `${drawnCount}`);
});

test('a single larger coin is taken where small ones come no nearer', () => {
  assertChosen(cents(6, 7, 8, 20, 30), 71 * CENT, 71 * CENT, 5);
  assertChosen(cents(6, 7, 8, 20, 30), 16 * CENT, 20 * CENT, 1);
  assertChosen(cents(5, 6, 7, 8, 20, 30), 16 * CENT, 18 * CENT, 3);
  const more = cents(5, 6, 7, 8, 18, 20, 30);
  assertChosen(more, 16 * CENT, 18 * CENT, 1);
  assertChosen(more, 11 * CENT, 11 * CENT, 2);
  const most = [...more, COIN, 2 * COIN, 3 * COIN, 4 * COIN];
  assertChosen(most, 95 * CENT, COIN, 1);
  assertChosen(most, 195 * CENT, 2 * COIN, 1);
});

test('small change is avoided', () => {
  const tenths = cents(0.1, 0.2, 0.3, 0.4, 0.5);
  assertChosen(tenths, CENT, CENT, null);
  assertChosen([...tenths, 1_111 * CENT], CENT, CENT, null);
  assertChosen([...tenths, ...cents(1_111, 0.6, 0.7)], CENT, CENT, null);
  assertChosen(cents(0.5, 0.6, 0.7, 1_111), CENT, 1_111 * CENT, 1);
  assertChosen(cents(0.4, 0.6, 0.8, 1_111), CENT, CENT, 2);
  assertChosen(cents(0.05, 1, 100), 100.01 * CENT, 101.05 * CENT, 3);
  assertChosen(cents(0.05, 1, 100), 99.9 * CENT, 101 * CENT, 2);
});

test('twenty coins of 50,000 bitcoin pay 500,000 with ten of them', () => {
  assertChosen(new Array<number>(20).fill(50_000 * COIN), 500_000 * COIN, 500_000 * COIN, 10);
});

test('many equal coins: as few as pay the target with change', () => {
  for (const amount of [1_500, 15_000, 150_000, 1_500_000, 15_000_000]) {
    const isSmall = amount - 2_000 < CENT;
    const count = isSmall ? Math.ceil((2_000 + CENT) / amount) : 1;
    // 1,002,000 of 1,500 take 668 coins
    assertChosen(new Array<number>(676).fill(amount), 2_000, amount * count, count);
  }
});

test('a thousand large coins do not hide the small one that fits', () => {
  assertChosen([...new Array<number>(1_000).fill(1_000 * COIN), 3 * COIN], 1_003 * COIN, 1_003 * COIN, 2);
});

test('coins that cost more than they bring are still spent where all others are not enough otherwise', () => {
  const pool = [makeFreeGroup(3 * CENT), makeFreeGroup(2 * CENT)];
  const target = { targetSat: 6 * CENT, changeTargetSat: CENT, weightMaxWu: 400_000 };
  assert.deepEqual(runAllSteps(selectByKnapsack(pool, target, createRng(1))), { ok: false, error: null });
});

test('what is too heavy is left out, and named when nothing else is there', () => {
  const pool = [makeFreeGroup(5 * CENT, 1_000), makeFreeGroup(4 * CENT, 10)];
  const search = (targetSat: number) =>
    runAllSteps(selectByKnapsack(pool, { targetSat, changeTargetSat: 0, weightMaxWu: 100 }, createRng(1)));
  assert.deepEqual(search(5 * CENT), TOO_HEAVY);
  const light = search(4 * CENT);
  assert.ok(light.ok && light.value.weightWu === 40);
});

/** Counts what is drawn. */
class CountingRng implements Rng {
  draws = 0;
  readonly #rng = createRng(7);
  nextU32(): number {
    this.draws++;
    return this.#rng.nextU32();
  }
  below(bound: number): number {
    this.draws++;
    return this.#rng.below(bound);
  }
  bytes(length: number): Uint8Array {
    return this.#rng.bytes(length);
  }
  fork(label: string): Rng {
    return this.#rng.fork(label);
  }
}

test('10,000 coins take two times 1,000 rounds and a shuffle, no more', () => {
  const pool = Array.from({ length: 10_000 }, (_, i) => makeFreeGroup(10_007 + 13 * i));
  const rng = new CountingRng();
  runAllSteps(selectByKnapsack(pool, { targetSat: 400_000_001, changeTargetSat: 50_000, weightMaxWu: 400_000 }, rng));
  assert.ok(rng.draws <= 10_000 + (2 * 1_000 * 10_000) / 32 + 2_000);
});
