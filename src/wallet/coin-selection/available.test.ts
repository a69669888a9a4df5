import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAvailable, nextOutpoint } from '../../../test/model/coin-pool.ts';
import type { AvailableCoin } from '../books/available-coin.ts';
import { type Availability, filterAvailable } from './available.ts';

const ANY: Availability = {
  version: 2,
  includesUnsafe: false,
  depthMin: 0,
  depthMax: 9_999_999,
  avoidsReuse: false,
  valueMinSat: 1,
  except: new Set(),
};

function namesOf(coins: readonly AvailableCoin[], asked: Partial<Availability> = {}): readonly number[] {
  return filterAvailable(coins, { ...ANY, ...asked }).map((coin) => coins.indexOf(coin));
}

test('locked, immature, unsafe and worthless coins are left out', () => {
  const coins = [
    makeAvailable(1_000),
    makeAvailable(1_000, { isLocked: true }),
    makeAvailable(1_000, { isImmature: true }),
    makeAvailable(1_000, { isSafe: false, depth: 0 }),
    makeAvailable(0),
    makeAvailable(1_000, { isReused: true }),
  ];
  assert.deepEqual(namesOf(coins), [0, 5]);
  assert.deepEqual(namesOf(coins, { includesUnsafe: true, avoidsReuse: true, valueMinSat: 0 }), [0, 3, 4]);
});

test('depths have bounds, and what is chosen already is left out', () => {
  const coins = [0, 1, 6].map((depth) => makeAvailable(1_000, { depth }));
  assert.deepEqual(namesOf(coins, { depthMin: 1 }), [1, 2]);
  assert.deepEqual(namesOf(coins, { depthMax: 1 }), [0, 1]);
  assert.deepEqual(namesOf(coins, { except: new Set([coins[1]!.name]) }), [0, 2]);
  assert.deepEqual(namesOf([coins[0]!, coins[0]!]), [0]);
});

test('versions with and without restricted topology do not follow each other unconfirmed', () => {
  const waiting = { depth: 0, ancestorCount: 1, clusterCount: 1 };
  const coins = [
    makeAvailable(1_000, { version: 3 }),
    makeAvailable(1_000, waiting),
    makeAvailable(1_000, { ...waiting, version: 3 }),
    makeAvailable(9_000, { ...waiting, version: 3, hasTrucChild: true }),
    makeAvailable(9_000, { ...waiting, version: 3, ancestorCount: 2 }),
  ];
  assert.deepEqual(namesOf(coins), [0, 1]);
  assert.deepEqual(namesOf(coins, { version: 3 }), [0, 2]);
});

test('a TRUC transaction spends what waits of one parent only: the one worth most', () => {
  const waiting = { depth: 0, version: 3, ancestorCount: 1, clusterCount: 1 };
  const first = nextOutpoint();
  const second = nextOutpoint();
  const coins = [
    makeAvailable(5_000, { ...waiting, outpoint: first }),
    makeAvailable(3_000, { ...waiting, outpoint: second }),
    makeAvailable(3_000, { ...waiting, outpoint: { ...second, index: 1 } }),
    makeAvailable(1_000),
  ];
  assert.deepEqual(namesOf(coins, { version: 3 }), [1, 2, 3]);
});
