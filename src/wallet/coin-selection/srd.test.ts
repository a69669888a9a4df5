import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENT, makeGroup, makeGroups, P2WPKH_INPUT_VSIZE } from '../../../test/model/coin-pool.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { OutputGroup } from './groups.ts';
import { selectedEffectiveValueSat, TOO_HEAVY } from './selection.ts';
import { selectByRandomDraw } from './srd.ts';

/** 31 bytes at 5 sat/vB. */
const CHANGE_FEE = 155;
/** Least change that is aimed at, as in Core. */
const CHANGE_LOWER = 50_000;

function draw(pool: readonly OutputGroup[], targetSat: number, weightMaxWu = 400_000, seed = 1) {
  return selectByRandomDraw(pool, { targetSat, changeFeeSat: CHANGE_FEE, weightMaxWu }, createRng(seed));
}

function assertDrawn(pool: readonly OutputGroup[], targetSat: number, weightMaxWu = 400_000): void {
  for (let seed = 1; seed <= 10; seed++) {
    const result = draw(pool, targetSat, weightMaxWu, seed);
    assert.ok(result.ok);
    assert.ok(selectedEffectiveValueSat(result.value) >= targetSat + CHANGE_FEE + CHANGE_LOWER);
    assert.ok(result.value.weightWu <= weightMaxWu);
  }
}

test('what is drawn pays the target and a change of 50,000 at least', () => {
  const pool = makeGroups([1 * CENT, 3 * CENT, 5 * CENT]);
  for (const target of [21_000, 1 * CENT, 3_125_000, 4 * CENT, 7 * CENT]) assertDrawn(pool, target);
  const most = 9 * CENT - CHANGE_FEE - CHANGE_LOWER;
  assertDrawn(pool, most);
  for (const target of [most + 1, 9 * CENT, 9 * CENT + 1]) {
    assert.deepEqual(draw(pool, target), { ok: false, error: null });
  }
  assert.deepEqual(draw([], CENT), { ok: false, error: null });
});

test('a set that grows too heavy loses its least valuable coins', () => {
  const pool = makeGroups([1, 3, 5, ...new Array<number>(100).fill(5), 7, 7, 7].map((amount) => amount * CENT));
  assertDrawn(pool, 20 * CENT, 4 * 4 * (P2WPKH_INPUT_VSIZE - 1));
  assert.deepEqual(draw(pool, 25 * CENT, 4 * 3 * P2WPKH_INPUT_VSIZE), TOO_HEAVY);
});

test('of coins that bring the same the lighter is kept', () => {
  const light = makeGroup(5 * CENT, P2WPKH_INPUT_VSIZE - 1);
  const pool = [...makeGroups(new Array<number>(100).fill(5 * CENT)), light];
  // only the light coin fits
  const result = draw(pool, 4 * CENT, 4 * (P2WPKH_INPUT_VSIZE - 1));
  assert.ok(result.ok);
  assert.deepEqual(result.value.coins, light.coins);
});

test('the order of draws follows chance alone', () => {
  const pool = makeGroups(new Array<number>(50).fill(CENT));
  const chosen = [1, 1, 2].map((seed) => {
    const result = draw(pool, 5 * CENT, 400_000, seed);
    return result.ok ? result.value.coins.map((coin) => coin.name) : [];
  });
  assert.deepEqual(chosen[0], chosen[1]);
  assert.notDeepEqual(chosen[0], chosen[2]);
});
