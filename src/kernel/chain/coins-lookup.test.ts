import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, outpointOf } from '../../../test/model/stored-coins.ts';
import { CoinRef } from '../consensus/coin.ts';
import { createRng } from '../util/prng.ts';
import { CoinsCache } from './coins-cache.ts';
import { CoinsLookup } from './coins-lookup.ts';
import { MemoryKv } from './memory-kv.ts';

function coinOf(valueSat: number): CoinRef {
  return new CoinRef().pointAtCopy({ valueSat, scriptPubKey: new Uint8Array(22), height: 7, isCoinbase: false });
}

/** A cache that knows nothing, over a store with coins of the given numbers. */
async function cacheOver(...numbers: readonly number[]): Promise<CoinsCache> {
  const cache = await CoinsCache.open(new MemoryKv(), { limitBytes: 1 << 24, rng: createRng(1) });
  for (const n of numbers) cache.putCoin(outpointOf(n), 0, coinOf(n), true);
  await cache.flush(hashOf(0), 'empty', true);
  return cache;
}

function valueAt(view: CoinsLookup, n: number): number | null {
  const coin = new CoinRef();
  return view.readCoin(outpointOf(n), 0, coin) ? coin.valueSat : null;
}

test('a lookup finds coins of the store and leaves the cache as it was', async () => {
  const cache = await cacheOver(1, 2);
  const lookup = new CoinsLookup(cache);
  await lookup.fetch(outpointOf(1), 1);
  assert.equal(valueAt(lookup, 1), 1);
  assert.equal(cache.entryCount, 0);
  assert.equal(lookup.isKnown(outpointOf(2), 0), false);
  assert.throws(() => lookup.hasCoin(outpointOf(2), 0), /not fetched/);
  await lookup.fetch(outpointOf(3), 1);
  assert.equal(valueAt(lookup, 3), null);
  assert.equal(valueAt(lookup, 1), 1);
  lookup.clear();
  assert.equal(lookup.isKnown(outpointOf(1), 0), false);
});

test('coins that are kept are in the cache afterwards, and others are not', async () => {
  const cache = await cacheOver(1, 2);
  const lookup = new CoinsLookup(cache);
  const outpoints = new Uint8Array([...outpointOf(1), ...outpointOf(2)]);
  await lookup.fetch(outpoints, 2);
  lookup.keep(outpoints, 36);
  assert.deepEqual([cache.isKnown(outpoints, 0), cache.isKnown(outpoints, 36)], [false, true]);
  assert.equal(valueAt(lookup, 2), 2);
});

test('what the cache came to know after the lookup comes first', async () => {
  const cache = await cacheOver(1);
  const lookup = new CoinsLookup(cache);
  await lookup.fetch(outpointOf(1), 1);
  cache.removeCoin(outpointOf(1), 0);
  assert.equal(lookup.hasCoin(outpointOf(1), 0), false);
  lookup.keep(outpointOf(1), 0);
  assert.equal(cache.hasCoin(outpointOf(1), 0), false);
});

test('the cache forgets on request what the store has as well, and nothing else', async () => {
  const cache = await cacheOver(1, 2, 3);
  const outpoints = new Uint8Array([...outpointOf(1), ...outpointOf(2), ...outpointOf(4)]);
  await cache.fetch(outpoints, 3);
  cache.removeCoin(outpoints, 36);
  cache.putCoin(outpoints, 72, coinOf(4), true);
  for (const at of [0, 36, 72]) cache.forget(outpoints, at);
  assert.deepEqual(
    [0, 36, 72].map((at) => cache.isKnown(outpoints, at)),
    [false, true, true],
  );
  await cache.fetch(outpoints, 1);
  assert.equal(cache.hasCoin(outpoints, 0), true);
});

test('a flush makes a lookup forget: a coin spent meanwhile does not come back', async () => {
  const cache = await cacheOver(1);
  const lookup = new CoinsLookup(cache);
  await lookup.fetch(outpointOf(1), 1);
  cache.removeCoin(outpointOf(1), 0);
  await cache.flush(hashOf(1), 'empty', true);
  assert.equal(lookup.isKnown(outpointOf(1), 0), false);
  lookup.keep(outpointOf(1), 0);
  assert.equal(cache.isKnown(outpointOf(1), 0), false);
  await lookup.fetch(outpointOf(1), 1);
  assert.equal(valueAt(lookup, 1), null);
});
