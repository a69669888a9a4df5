import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryKv } from './memory-kv.ts';
import type { KvStore } from './ports.ts';

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

async function put(kv: KvStore, key: number, value: number, durable = false): Promise<void> {
  await kv.write({ puts: [bytes(key), bytes(value)], deletes: [] }, durable);
}

async function contents(kv: KvStore, prefix: Uint8Array = bytes()): Promise<number[][]> {
  const found: number[][] = [];
  for await (const chunk of kv.entries(prefix)) for (const [key, value] of chunk) found.push([...key, ...value]);
  return found;
}

test('entries come in the order of the bytes of their keys, and only those with the prefix', async () => {
  const kv = new MemoryKv();
  for (const key of [bytes(2, 0), bytes(1, 255), bytes(1), bytes(1, 128, 5), bytes(255)]) {
    await kv.write({ puts: [key, bytes(7)], deletes: [] }, false);
  }
  assert.deepEqual(await contents(kv), [
    [1, 7],
    [1, 128, 5, 7],
    [1, 255, 7],
    [2, 0, 7],
    [255, 7],
  ]);
  assert.deepEqual(await contents(kv, bytes(1)), [
    [1, 7],
    [1, 128, 5, 7],
    [1, 255, 7],
  ]);
});

test('a value does not keep alive, or see changes of, the buffer that it was a view of', async () => {
  const kv = new MemoryKv();
  const large = new Uint8Array(1000).fill(3);
  await kv.write({ puts: [bytes(1), large.subarray(10, 12)], deletes: [] }, false);
  large.fill(4);
  const value = await kv.get(bytes(1));
  assert.deepEqual(value, bytes(3, 3));
  assert.equal(value!.buffer.byteLength, 2);
});

test('S02: a crash takes back batches from the last on, and never one that was durable', async () => {
  const kv = new MemoryKv({ keepsJournal: true });
  await put(kv, 1, 10);
  await put(kv, 2, 20, true);
  await put(kv, 1, 11);
  await kv.write({ puts: [bytes(3), bytes(30)], deletes: [bytes(2)] }, false);
  await kv.write({ puts: [bytes(2), bytes(22), bytes(1), bytes(12)], deletes: [] }, false);
  assert.equal(kv.undurableCount, 3);
  assert.deepEqual(await contents(kv), [
    [1, 12],
    [2, 22],
    [3, 30],
  ]);
  kv.crash({ keep: 2 });
  assert.deepEqual(await contents(kv), [
    [1, 11],
    [3, 30],
  ]);
  await put(kv, 4, 40);
  kv.crash({ keep: 0 });
  assert.deepEqual(
    await contents(kv),
    [
      [1, 11],
      [3, 30],
    ],
    'what survived one crash is on the disk',
  );
});

test('a crash keeps as many batches as it is told to', async () => {
  for (const keep of [0, 1, 2, 3, 9]) {
    const kv = new MemoryKv({ keepsJournal: true });
    await put(kv, 1, 1, true);
    for (const value of [2, 3, 4]) await put(kv, 1, value);
    kv.crash({ keep });
    assert.deepEqual(await contents(kv), [[1, Math.min(1 + keep, 4)]]);
  }
});

test('a crash takes back a batch that deletes and puts the same key', async () => {
  const kv = new MemoryKv({ keepsJournal: true });
  await put(kv, 1, 1, true);
  await kv.write({ puts: [bytes(1), bytes(2)], deletes: [bytes(1)] }, false);
  assert.deepEqual(await contents(kv), [[1, 2]]);
  kv.crash({ keep: 0 });
  assert.deepEqual(await contents(kv), [[1, 1]]);
});
