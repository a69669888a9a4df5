import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStore, FaultyKv, hashOf, outpointOf } from '../../../test/model/stored-coins.ts';
import { type Coin, CoinRef } from '../consensus/coin.ts';
import { createRng } from '../util/prng.ts';
import { CoinsCache, type CoinsCacheOptions } from './coins-cache.ts';
import { NO_BLOCK } from './coins-store.ts';
import { coinKey } from './layout.ts';
import { MemoryKv } from './memory-kv.ts';
import { type KvStore, StorageError } from './ports.ts';

const OPTIONS: CoinsCacheOptions = { limitBytes: 1 << 24, rng: createRng(1) };

function coinOf(valueSat: number, scriptBytes = 22, height = 7): CoinRef {
  const coin: Coin = { valueSat, scriptPubKey: new Uint8Array(scriptBytes), height, isCoinbase: false };
  return new CoinRef().pointAtCopy(coin);
}

async function open(kv: KvStore = new MemoryKv(), options: Partial<CoinsCacheOptions> = {}): Promise<CoinsCache> {
  return CoinsCache.open(kv, { ...OPTIONS, ...options });
}

/** A store with coins of the given numbers, worth their number. */
async function storeWith(...numbers: readonly number[]): Promise<MemoryKv> {
  const kv = new MemoryKv();
  const cache = await open(kv);
  for (const n of numbers) cache.putCoin(outpointOf(n), 0, coinOf(n), true);
  await cache.flush(hashOf(0), 'empty', true);
  return kv;
}

function valueAt(cache: CoinsCache, n: number): number | null {
  const coin = new CoinRef();
  return cache.readCoin(outpointOf(n), 0, coin) ? coin.valueSat : null;
}

// --- the table of states

/** How an outpoint comes into each state, and whether the store may have a coin there. */
const SETUPS: Readonly<Record<string, { readonly inStore: readonly boolean[]; readonly steps: readonly string[] }>> = {
  unknown: { inStore: [false, true], steps: [] },
  ABSENT: { inStore: [false], steps: ['fetch'] },
  CLEAN: { inStore: [true], steps: ['fetch'] },
  FRESH: { inStore: [false], steps: ['fresh'] },
  CHANGED: { inStore: [false, true], steps: ['put'] },
  SPENT: { inStore: [false, true], steps: ['remove'] },
};

/** State and step; then whether it is known and a coin, and what a flush writes; and what it writes after one more removal. */
const TRANSITIONS: readonly (readonly [
  state: string,
  step: string,
  now: string,
  written: string,
  thenRemoved: string,
])[] = [
  ['unknown', 'fresh', 'coin', 'put', ''],
  ['unknown', 'put', 'coin', 'put', 'delete'],
  ['unknown', 'remove', 'no coin', 'delete', 'delete'],
  ['ABSENT', 'fresh', 'coin', 'put', ''],
  ['ABSENT', 'put', 'coin', 'put', ''],
  ['ABSENT', 'remove', 'no coin', '', ''],
  ['CLEAN', 'fresh', 'broken', '', ''],
  ['CLEAN', 'put', 'coin', 'put', 'delete'],
  ['CLEAN', 'remove', 'no coin', 'delete', 'delete'],
  ['FRESH', 'fresh', 'broken', '', ''],
  ['FRESH', 'put', 'coin', 'put', ''],
  ['FRESH', 'remove', 'unknown', '', 'delete'],
  ['CHANGED', 'fresh', 'broken', '', ''],
  ['CHANGED', 'put', 'coin', 'put', 'delete'],
  ['CHANGED', 'remove', 'no coin', 'delete', 'delete'],
  ['SPENT', 'fresh', 'coin', 'put', 'delete'],
  ['SPENT', 'put', 'coin', 'put', 'delete'],
  ['SPENT', 'remove', 'no coin', 'delete', 'delete'],
];

const OUTPOINT = outpointOf(5);

async function take(cache: CoinsCache, step: string): Promise<void> {
  if (step === 'fetch') await cache.fetch(OUTPOINT, 1);
  else if (step === 'remove') cache.removeCoin(OUTPOINT, 0);
  else cache.putCoin(OUTPOINT, 0, coinOf(99), step === 'fresh');
}

function observe(cache: CoinsCache): string {
  if (!cache.isKnown(OUTPOINT, 0)) return 'unknown';
  return cache.hasCoin(OUTPOINT, 0) ? 'coin' : 'no coin';
}

async function flushed(cache: CoinsCache, kv: FaultyKv): Promise<string> {
  kv.log.length = 0;
  await cache.flush(hashOf(1), 'keep', true);
  return kv.log
    .filter((line) => line.includes(' coin'))
    .map((line) => line.split(' ')[0]!)
    .join();
}

async function inState(state: string, inStore: boolean): Promise<{ cache: CoinsCache; kv: FaultyKv }> {
  const kv = new FaultyKv(await storeWith(...(inStore ? [5] : [6])));
  const cache = await open(kv);
  for (const step of SETUPS[state]!.steps) await take(cache, step);
  return { cache, kv };
}

for (const [state, step, now, written, thenRemoved] of TRANSITIONS) {
  test(`an outpoint that is ${state} and takes '${step}' is then: ${now}`, async () => {
    for (const inStore of SETUPS[state]!.inStore) {
      const { cache, kv } = await inState(state, inStore);
      if (now === 'broken') {
        await assert.rejects(take(cache, step), { name: 'AssertionError' });
        continue;
      }
      await take(cache, step);
      assert.equal(observe(cache), now);
      assert.equal(cache.dirtyCount, written === '' ? 0 : 1);
      assert.equal(await flushed(cache, kv), written);
      assert.equal(observe(cache), now === 'coin' ? 'coin' : 'unknown', 'after a flush that keeps');

      const twin = await inState(state, inStore);
      await take(twin.cache, step);
      await take(twin.cache, 'remove');
      assert.equal(await flushed(twin.cache, twin.kv), thenRemoved, 'removed after the step');
    }
  });
}

// --- fetching

test('what was fetched is known, present or absent, in any number and with repeats', async () => {
  const kv = new FaultyKv(await storeWith(1, 2, 3));
  const cache = await open(kv);
  const outpoints = new Uint8Array(36 * 5);
  [3, 9, 1, 3, 9].forEach((n, i) => {
    outpoints.set(outpointOf(n), 36 * i);
  });
  await cache.fetch(outpoints, 5);
  assert.deepEqual(
    [1, 3, 9].map((n) => valueAt(cache, n)),
    [1, 3, null],
  );
  assert.equal(cache.entryCount, 3);
  assert.equal(cache.dirtyCount, 0);
  kv.log.length = 0;
  await cache.fetch(outpoints, 5);
  assert.deepEqual(kv.log, [], 'nothing to ask for');
});

test('what is missing is asked for in the order of the keys', async () => {
  const kv = await storeWith(1, 2, 3);
  const asked: number[][] = [];
  const getMany = kv.getMany.bind(kv);
  kv.getMany = (keys) => {
    asked.push(keys.map((key) => key[1]! * 256 + key[2]!));
    return getMany(keys);
  };
  const cache = await open(kv);
  const rng = createRng(7);
  const outpoints = new Uint8Array(36 * 500);
  for (let i = 0; i < 500; i++) outpoints.set(rng.bytes(32), 36 * i);
  asked.length = 0;
  await cache.fetch(outpoints, 500);
  const [keys] = asked;
  assert.equal(keys!.length, 500);
  assert.deepEqual(
    keys,
    [...keys!].sort((a, b) => a - b),
  );
  for (let i = 0; i < 500; i++) assert.equal(cache.hasCoin(outpoints, 36 * i), false);
});

test('asking about an outpoint that was not fetched stops the program', async () => {
  const cache = await open(await storeWith(1));
  assert.throws(() => valueAt(cache, 1), { name: 'AssertionError' });
  assert.throws(() => cache.hasCoin(outpointOf(1), 0), { name: 'AssertionError' });
});

test('a change made while a fetch waits outlives what the fetch brings', async () => {
  const kv = new FaultyKv(await storeWith(1, 2));
  const cache = await open(kv);
  const release = kv.holdReads();
  const fetching = Promise.all([cache.fetch(outpointOf(1), 1), cache.fetch(outpointOf(2), 1)]);
  cache.putCoin(outpointOf(1), 0, coinOf(100), false);
  cache.removeCoin(outpointOf(2), 0);
  release();
  await fetching;
  assert.deepEqual([valueAt(cache, 1), valueAt(cache, 2)], [100, null]);
});

test('a fetch that waits across a flush brings what the store has afterwards', async () => {
  const kv = new FaultyKv(await storeWith(1, 2));
  const cache = await open(kv);
  const release = kv.holdReads();
  const fetching = Promise.all([cache.fetch(outpointOf(1), 1), cache.fetch(outpointOf(2), 1)]);
  cache.putCoin(outpointOf(1), 0, coinOf(100), false);
  cache.removeCoin(outpointOf(2), 0);
  await cache.flush(hashOf(1), 'empty', true);
  release();
  await fetching;
  assert.deepEqual([valueAt(cache, 1), valueAt(cache, 2)], [100, null]);
});

test('a coin with a full key costs the store half of it and comes back whole', async () => {
  const x = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
  const y = '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
  const scriptPubKey = Uint8Array.from(Buffer.from(`4104${x}${y}ac`, 'hex'));
  const coin: Coin = { valueSat: 5_000_000_000, scriptPubKey, height: 9, isCoinbase: true };
  const kv = new MemoryKv();
  const cache = await open(kv);
  cache.putCoin(OUTPOINT, 0, new CoinRef().pointAtCopy(coin), true);
  await cache.flush(hashOf(1), 'empty', true);
  assert.equal((await kv.get(coinKey(OUTPOINT, 0)))!.length, 1 + 1 + 33);
  await cache.fetch(OUTPOINT, 1);
  const read = new CoinRef();
  assert.ok(cache.readCoin(OUTPOINT, 0, read));
  assert.deepEqual(read.toCoin(), coin);
});

// --- memory

test('a coin in the cache takes less than 100 bytes, and spent ones give their place to new ones', async () => {
  const cache = await open();
  const scriptBytes = [22, 22, 25, 23, 34];
  const count = 100_000;
  for (let n = 0; n < count; n++) cache.putCoin(outpointOf(n), 0, coinOf(n, scriptBytes[n % 5]), true);
  assert.ok(cache.usedBytes / count < 100, `${cache.usedBytes / count} bytes`);
  const full = cache.usedBytes;
  for (let n = 0; n < count; n++) {
    cache.removeCoin(outpointOf(n), 0);
    cache.putCoin(outpointOf(count + n), 0, coinOf(n, scriptBytes[n % 5]), true);
  }
  assert.equal(cache.usedBytes, full);
  assert.equal(cache.entryCount, count);
  await cache.flush(hashOf(1), 'empty', true);
  assert.ok(cache.usedBytes < full / 4, 'the table keeps its size');
  assert.equal(cache.entryCount, 0);
});

test('the cache says when it is over its limit', async () => {
  const cache = await open(new MemoryKv(), { limitBytes: 3 << 20 });
  let count = 0;
  while (!cache.isOverLimit) cache.putCoin(outpointOf(count++), 0, coinOf(1), true);
  assert.ok(count > 25_000 && count < 40_000, `${count} coins in 3 MiB`);
  await cache.flush(hashOf(1), 'empty', true);
  assert.ok(!cache.isOverLimit);
});

test('a cache that shrinks keeps the youngest coins in half of its memory, and knows them as stored', async () => {
  const kv = new FaultyKv(new MemoryKv());
  const limitBytes = 8 << 20;
  const cache = await open(kv, { limitBytes });
  let count = 0;
  while (!cache.isOverLimit) cache.putCoin(outpointOf(count), 0, coinOf(count, 22, Math.floor(count++ / 1000)), true);
  for (let n = 10; n < count; n += 10) cache.removeCoin(outpointOf(n), 0);
  await cache.flush(hashOf(1), 'shrink', true);
  assert.ok(cache.usedBytes <= limitBytes / 2 + (1 << 20), `${cache.usedBytes} bytes`);

  const isKept = (n: number): boolean => cache.isKnown(outpointOf(n), 0);
  let first = 0;
  while (!isKept(first)) first++;
  assert.equal(first % 1000, 1, 'whole heights, but for their first coin, which was removed');
  assert.ok(first > count / 4 && first < (3 * count) / 4, `from ${first} of ${count}`);
  for (let n = 0; n < count; n++) {
    assert.equal(isKept(n), n >= first && n % 10 !== 0);
    if (isKept(n)) assert.equal(valueAt(cache, n), n);
  }

  kv.log.length = 0;
  cache.removeCoin(outpointOf(count - 1), 0);
  await cache.flush(hashOf(2), 'keep', true);
  assert.equal(kv.log.filter((line) => line === 'delete coin').length, 1);
  assert.equal(kv.log.filter((line) => line === 'put coin').length, 0, 'what stayed is not written again');
});

test('a cache that shrinks keeps nothing when the coins of one height are too many', async () => {
  const cache = await open(new MemoryKv(), { limitBytes: 2 << 20 });
  let count = 0;
  while (!cache.isOverLimit) cache.putCoin(outpointOf(count++), 0, coinOf(1), true);
  await cache.flush(hashOf(1), 'shrink', true);
  assert.equal(cache.entryCount, 0);
  await cache.fetch(outpointOf(1), 1);
  assert.equal(valueAt(cache, 1), 1);
});

// --- flushing

test('a flush that fits a batch names its block in it; a larger one marks the store until it is done', async () => {
  const kv = new FaultyKv(new MemoryKv());
  const cache = await open(kv, { batchBytes: 200 });
  assert.equal(cache.bestBlock, null);
  kv.log.length = 0;
  cache.putCoin(outpointOf(1), 0, coinOf(1), true);
  await cache.flush(hashOf(1), 'keep', true);
  assert.deepEqual(kv.log, ['put coin', 'put B', 'put V', 'delete H', 'write durable']);
  assert.deepEqual(cache.bestBlock, hashOf(1));

  kv.log.length = 0;
  for (let n = 2; n < 8; n++) cache.putCoin(outpointOf(n), 0, coinOf(n), true);
  await cache.flush(hashOf(2), 'keep', true);
  assert.deepEqual(kv.log, [
    ...['put coin', 'put coin', 'put coin', 'put coin', 'put H', 'put V', 'delete B', 'write durable'],
    ...['put coin', 'put coin', 'put B', 'put V', 'delete H', 'write durable'],
  ]);
  assert.deepEqual([cache.bestBlock, cache.headBlocks], [hashOf(2), null]);
});

test('a flush writes in the order of the keys, as far as two bytes tell', async () => {
  const kv = new FaultyKv(new MemoryKv());
  const cache = await open(kv, { batchBytes: 500 });
  const rng = createRng(3);
  for (let n = 0; n < 300; n++) {
    const outpoint = new Uint8Array(36);
    outpoint.set(rng.bytes(32));
    cache.putCoin(outpoint, 0, coinOf(n), true);
  }
  await cache.flush(hashOf(1), 'empty', true);
  const first = kv.coinKeys.map((key) => key[1]! * 256 + key[2]!);
  assert.equal(first.length, 300);
  assert.deepEqual(
    first,
    [...first].sort((a, b) => a - b),
  );
});

test('changes during a flush stop the program', async () => {
  const cache = await open();
  const flushing = cache.flush(hashOf(1), 'keep', true);
  assert.throws(() => cache.putCoin(OUTPOINT, 0, coinOf(1), true), { name: 'AssertionError' });
  assert.throws(() => cache.removeCoin(OUTPOINT, 0), { name: 'AssertionError' });
  await assert.rejects(cache.flush(hashOf(1), 'keep', true), { name: 'AssertionError' });
  await flushing;
  cache.putCoin(OUTPOINT, 0, coinOf(1), true);
});

test('C36: S05: a write that fails is thrown as it is; nothing is forgotten, and the flush can be tried again', async () => {
  const inner = await storeWith(1, 2, 3, 4, 5, 6, 7, 8);
  const kv = new FaultyKv(inner);
  const cache = await open(kv, { batchBytes: 100 });
  for (let n = 1; n <= 8; n++) cache.removeCoin(outpointOf(n), 0);
  for (let n = 11; n <= 18; n++) cache.putCoin(outpointOf(n), 0, coinOf(n), true);
  const full = new StorageError('disk-full', 'chainstate', 'no space left on device');
  kv.failAfter(3, full);
  await assert.rejects(cache.flush(hashOf(1), 'empty', true), full);
  assert.equal(cache.dirtyCount, 16);
  assert.deepEqual([valueAt(cache, 8), valueAt(cache, 18)], [null, 18]);
  assert.deepEqual(cache.headBlocks, [hashOf(1), hashOf(0)]);
  await assert.rejects(cache.flush(hashOf(2), 'empty', true), { name: 'AssertionError' }, 'only to the same block');

  // a coin that the failed flush may have written is spent before the next try: it must go from the store, too
  for (let n = 11; n <= 18; n++) cache.removeCoin(outpointOf(n), 0);
  kv.failAfter(Number.POSITIVE_INFINITY, full);
  await cache.flush(hashOf(1), 'empty', true);
  assert.deepEqual(await describeStore(inner), []);
  assert.deepEqual([cache.bestBlock, cache.headBlocks], [hashOf(1), null]);
});

test('S06: a read that fails is thrown as it is, and the outpoint stays unknown', async () => {
  const kv = new FaultyKv(await storeWith(1));
  const cache = await open(kv);
  const broken = new StorageError('failed', 'chainstate', 'input/output error');
  kv.failReads(broken);
  await assert.rejects(cache.fetch(outpointOf(1), 1), broken);
  assert.ok(!cache.isKnown(outpointOf(1), 0));
  kv.failReads(null);
  await cache.fetch(outpointOf(1), 1);
  assert.equal(valueAt(cache, 1), 1);
});

// --- stores that hold something else

async function storeOf(...entries: readonly (readonly [key: string, valueHex: string])[]): Promise<MemoryKv> {
  const kv = new MemoryKv();
  const puts = entries.flatMap(([key, hex]) => [Buffer.from(key, 'latin1'), Buffer.from(hex, 'hex')]);
  await kv.write({ puts: puts.map((bytes) => Uint8Array.from(bytes)), deletes: [] }, true);
  return kv;
}

test('S07: a coin that does not read is reported as corruption of the coins, and found by a walk, too', async () => {
  const kv = await storeWith(1);
  for (const hex of ['', '0e', '0e010614', '0e0106ff', `0e01${'ff'.repeat(30)}`, '0e01060000']) {
    await kv.write({ puts: [coinKey(outpointOf(1), 0), Uint8Array.from(Buffer.from(hex, 'hex'))], deletes: [] }, true);
    const cache = await open(kv);
    const isCorrupt = { name: 'StorageError', code: 'corrupt', path: 'chainstate' };
    await assert.rejects(cache.fetch(outpointOf(1), 1), isCorrupt, hex);
    await assert.rejects(
      cache.forEachCoin(() => undefined),
      isCorrupt,
      hex,
    );
    assert.ok(!cache.isKnown(outpointOf(1), 0));
  }
});

test('S07: S08: S10: marks that cannot be, later formats and the coins of other software are refused', async () => {
  const hash = '11'.repeat(32);
  const cases: readonly (readonly [code: string, entries: readonly (readonly [string, string])[]])[] = [
    [
      'corrupt',
      [
        ['B', '1111'],
        ['V', '01'],
      ],
    ],
    [
      'corrupt',
      [
        ['H', `01${hash}`],
        ['V', '01'],
      ],
    ],
    [
      'corrupt',
      [
        ['H', `02${hash}`],
        ['V', '01'],
      ],
    ],
    [
      'corrupt',
      [
        ['H', `02${hash}${hash}`],
        ['B', hash],
        ['V', '01'],
      ],
    ],
    ['corrupt', [['V', '80']]],
    ['incompatible', [['B', hash]]],
    [
      'incompatible',
      [
        ['B', hash],
        ['V', '02'],
      ],
    ],
    [
      'incompatible',
      [
        ['\x0e\0obfuscate_key', '0811111111111111'],
        ['V', '01'],
      ],
    ],
  ];
  for (const [code, entries] of cases) {
    await assert.rejects(open(await storeOf(...entries)), { name: 'StorageError', code, path: 'chainstate' });
  }
  const cache = await open(await storeOf(['H', `02${hash}${'00'.repeat(32)}`], ['V', '01']));
  assert.equal(cache.bestBlock, null);
  assert.deepEqual(cache.headBlocks?.[1], NO_BLOCK);
});
