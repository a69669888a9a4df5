// What every KvStore must do, whatever is behind it. A new implementation calls checkKvStore in a test file of its own.

import assert from 'node:assert/strict';
import type { KvStore } from '../../src/kernel/chain/ports.ts';
import { compareBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { checkerOf, type Subject } from './subject.ts';

/** A store to test, empty. */
export interface KvStoreUnderTest extends Subject {
  readonly store: KvStore;
  /** Closes the store and opens it again; null where nothing outlives the store. */
  readonly reopen: ((store: KvStore) => Promise<KvStore>) | null;
}

/** Registers the tests of the port for one implementation. */
export function checkKvStore(name: string, make: () => Promise<KvStoreUnderTest>): void {
  const check = checkerOf(name, make);

  check('what was put is there, what was not is absent', async ({ store }) => {
    await store.write({ puts: [bytes('a'), bytes('1'), bytes('b'), bytes('')], deletes: [] }, false);
    assert.deepEqual(plain(await store.get(bytes('a'))), bytes('1'));
    assert.deepEqual(plain(await store.get(bytes('b'))), bytes(''));
    assert.equal(await store.get(bytes('c')), undefined);
    const many = await store.getMany([bytes('b'), bytes('c'), bytes('a'), bytes('a')]);
    assert.deepEqual(many.map(plain), [bytes(''), undefined, bytes('1'), bytes('1')]);
    assert.deepEqual(await store.getMany([]), []);
  });

  check('a later batch replaces and deletes', async ({ store }) => {
    await store.write({ puts: [bytes('a'), bytes('1'), bytes('b'), bytes('2')], deletes: [] }, false);
    await store.write({ puts: [bytes('b'), bytes('3')], deletes: [bytes('a'), bytes('absent')] }, true);
    assert.equal(await store.get(bytes('a')), undefined);
    assert.deepEqual(plain(await store.get(bytes('b'))), bytes('3'));
    await store.write({ puts: [], deletes: [] }, true);
  });

  check('a key both deleted and put in one batch is there', async ({ store }) => {
    await store.write({ puts: [bytes('a'), bytes('2')], deletes: [bytes('a')] }, false);
    assert.deepEqual(plain(await store.get(bytes('a'))), bytes('2'));
  });

  check('the walk is in the order of bytes and stays within its prefix', async ({ store }) => {
    const keys = [[0x43], [0x43, 0x00], [0x43, 0x7f], [0x43, 0x80], [0x43, 0xff], [0x43, 0xff, 0xff]];
    const others = [[0x42, 0xff], [0x44], [0x00], [0xff], [0xff, 0xff]];
    const puts = [...others, ...keys].reverse().flatMap((key) => [Uint8Array.from(key), Uint8Array.from([...key, 1])]);
    await store.write({ puts, deletes: [] }, false);
    const found = await walk(store, Uint8Array.of(0x43));
    assert.deepEqual(
      found.map(([key]) => [...key]),
      keys,
    );
    for (const [key, value] of found) assert.deepEqual([...value], [...key, 1]);
    assert.equal((await walk(store, new Uint8Array(0))).length, keys.length + others.length);
    assert.deepEqual(
      (await walk(store, Uint8Array.of(0xff))).map(([key]) => [...key]),
      [[0xff], [0xff, 0xff]],
    );
    assert.deepEqual(await walk(store, Uint8Array.of(0x50)), []);
  });

  check('a walk sees the store as it was when the walk began', async ({ store }) => {
    const puts = Array.from({ length: 5000 }, (_, i) => [number(i), number(i)]).flat();
    await store.write({ puts, deletes: [] }, false);
    let count = 0;
    for await (const chunk of store.entries(new Uint8Array(0))) {
      if (count === 0) {
        await store.write({ puts: [number(9999), number(0)], deletes: [number(4999), number(4998)] }, false);
      }
      count += chunk.length;
    }
    assert.equal(count, 5000);
    assert.equal((await walk(store, new Uint8Array(0))).length, 4999);
  });

  check('a walk may be given up halfway', async ({ store }) => {
    const puts = Array.from({ length: 5000 }, (_, i) => [number(i), number(i)]).flat();
    await store.write({ puts, deletes: [] }, false);
    for await (const chunk of store.entries(new Uint8Array(0))) {
      assert.ok(chunk.length > 0);
      break;
    }
    await store.write({ puts: [], deletes: [number(0)] }, false);
    assert.equal(await store.get(number(0)), undefined);
  });

  check('keys and values may be views of a larger buffer', async ({ store }) => {
    const buffer = createRng(3).bytes(200);
    await store.write({ puts: [buffer.subarray(10, 46), buffer.subarray(100, 150)], deletes: [] }, false);
    assert.deepEqual(plain(await store.get(buffer.slice(10, 46))), buffer.slice(100, 150));
    assert.deepEqual(plain(await store.get(buffer.subarray(10, 46))), buffer.slice(100, 150));
  });

  check('values of a megabyte and batches of 50,000 entries are taken (C40)', async ({ store }) => {
    const large = createRng(4).bytes(2 ** 20);
    await store.write({ puts: [bytes('large'), large], deletes: [] }, false);
    assert.deepEqual(plain(await store.get(bytes('large'))), large);
    const puts = Array.from({ length: 50_000 }, (_, i) => [number(i), number(2 * i)]).flat();
    await store.write({ puts, deletes: [bytes('large')] }, false);
    const keys = Array.from({ length: 50_000 }, (_, i) => number(i));
    const values = await store.getMany(keys);
    assert.ok(values.every((value, i) => compareBytes(value!, number(2 * i)) === 0));
  });

  check('what was written is there after closing and opening again', async ({ store, reopen }) => {
    if (reopen === null) return;
    await store.write({ puts: [bytes('a'), bytes('1'), bytes('b'), bytes('2')], deletes: [] }, true);
    await store.write({ puts: [bytes('c'), bytes('3')], deletes: [bytes('a')] }, false);
    const opened = await reopen(store);
    const values = await opened.getMany([bytes('a'), bytes('b'), bytes('c')]);
    assert.deepEqual(values.map(plain), [undefined, bytes('2'), bytes('3')]);
  });

  check('does what a map would do, over 200 random batches', async ({ store, reopen }) => {
    const rng = createRng(7);
    const model = new Map<string, Uint8Array>();
    let current = store;
    for (let round = 0; round < 200; round++) {
      await current.write(randomBatch(rng, model), rng.below(10) === 0);
      if (reopen !== null && rng.below(50) === 0) current = await reopen(current);
      if (round % 20 === 0) await compare(current, model, rng);
    }
    await compare(current, model, rng);
  });
}

function randomBatch(rng: Rng, model: Map<string, Uint8Array>): { puts: Uint8Array[]; deletes: Uint8Array[] } {
  const puts: Uint8Array[] = [];
  const deletes: Uint8Array[] = [];
  for (let i = rng.below(30); i > 0; i--) {
    const key = Uint8Array.of(rng.below(4), rng.below(64));
    deletes.push(key);
    model.delete(toHex(key));
  }
  for (let i = rng.below(30); i > 0; i--) {
    const key = Uint8Array.of(rng.below(4), rng.below(64));
    const value = rng.bytes(rng.below(50));
    puts.push(key, value);
    model.set(toHex(key), value);
  }
  return { puts, deletes };
}

async function compare(store: KvStore, model: ReadonlyMap<string, Uint8Array>, rng: Rng): Promise<void> {
  const prefix = Uint8Array.of(rng.below(4));
  const expected = [...model].filter(([key]) => key.startsWith(toHex(prefix))).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = await walk(store, prefix);
  assert.deepEqual(
    found.map(([key, value]) => [toHex(key), toHex(value)]),
    expected.map(([key, value]) => [key, toHex(value)]),
  );
  const keys = Array.from({ length: 64 }, (_, i) => Uint8Array.of(prefix[0]!, i));
  const values = await store.getMany(keys);
  assert.deepEqual(
    values.map(plain),
    keys.map((key) => model.get(toHex(key))),
  );
}

async function walk(store: KvStore, prefix: Uint8Array): Promise<(readonly [Uint8Array, Uint8Array])[]> {
  const found: (readonly [Uint8Array, Uint8Array])[] = [];
  for await (const chunk of store.entries(prefix)) {
    for (const entry of chunk) found.push(entry);
  }
  return found;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function number(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function plain(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : Uint8Array.from(value);
}
