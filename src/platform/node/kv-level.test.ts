import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KvStore } from '../../kernel/chain/ports.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { crc32c } from './crc32c.ts';
import { LevelKv, type LevelKvOptions } from './kv-level.ts';
import { readLog } from './level-files.ts';

const OPTIONS = { cacheBytes: 2 ** 20, writeBufferBytes: 2 ** 17 };
const BATCHES = 40;
const COUNTER = Uint8Array.of(0);

async function withFolder(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'tally-level-'));
  try {
    await body(path);
  } finally {
    await rm(path, { recursive: true });
  }
}

/** Fills a database by durable batches, each with its number; returns what it holds after each of them. */
async function fill(path: string, options: LevelKvOptions = OPTIONS): Promise<ReadonlyMap<string, string>[]> {
  const rng = createRng(1);
  const store = await LevelKv.open(path, options);
  const states: ReadonlyMap<string, string>[] = [new Map()];
  const entries = new Map<string, string>();
  for (let batch = 1; batch <= BATCHES; batch++) {
    const puts: Uint8Array[] = [COUNTER, Uint8Array.of(batch)];
    const deletes: Uint8Array[] = [...entries.keys()]
      .slice(0, 30)
      .map((key) => Uint8Array.from(Buffer.from(key, 'hex')));
    for (const key of deletes) entries.delete(toHex(key));
    for (let i = 0; i < 100; i++) puts.push(rng.bytes(34), rng.bytes(30));
    for (let i = 2; i < puts.length; i += 2) entries.set(toHex(puts[i]!), toHex(puts[i + 1]!));
    await store.write({ puts, deletes }, true);
    states.push(new Map(entries));
  }
  await store.close();
  return states;
}

/** Reads everything and compares it with the state after the last batch that is there; returns its number. */
async function readState(store: KvStore, states: readonly ReadonlyMap<string, string>[]): Promise<number> {
  const found = new Map<string, string>();
  for await (const chunk of store.entries(new Uint8Array(0))) {
    for (const [key, value] of chunk) found.set(toHex(key), toHex(value));
  }
  const batch = Number.parseInt(found.get('00') ?? '0', 16);
  found.delete('00');
  assert.deepEqual(found, states[batch], 'what one of the batches left, and nothing between');
  return batch;
}

function databaseFiles(path: string): string[] {
  return readdirSync(path).filter((name) => !name.startsWith('LO'));
}

test('CRC-32C is that of the standard', () => {
  const digits = new TextEncoder().encode('x123456789x');
  assert.equal(crc32c(digits, 1, 10), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32), 0, 32), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff), 0, 32), 0x62a8ab43);
});

test('one flipped bit anywhere in a database is detected, or leaves it as it was after a batch (S07)', async () => {
  await withFolder(async (path) => {
    const base = join(path, 'base');
    const states = await fill(base);
    const files = databaseFiles(base);
    for (const ending of ['.ldb', '.log', 'CURRENT', 'MANIFEST']) {
      assert.ok(
        files.some((name) => name.includes(ending)),
        ending,
      );
    }
    const rng = createRng(2);
    const outcomes = new Map<string, number>();
    for (let trial = 0; trial < 160; trial++) {
      const copy = join(path, `copy${trial}`);
      cpSync(base, copy, { recursive: true });
      const name = files[trial % files.length]!;
      const bytes = readFileSync(join(copy, name));
      const bit = rng.below(8 * bytes.length);
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      writeFileSync(join(copy, name), bytes);
      const outcome = await outcomeOf(copy, states);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      rmSync(copy, { recursive: true });
    }
    assert.ok(outcomes.get('corrupt')! > 90, JSON.stringify([...outcomes]));
    assert.ok(outcomes.get('earlier')! > 10, JSON.stringify([...outcomes]));
  });
});

test('S07: a bit that rots in a table of an open database is found when everything is looked at', async () => {
  await withFolder(async (path) => {
    const base = join(path, 'base');
    await fill(base);
    // Opened without a look at its tables, as old tables of a large database are.
    const store = await LevelKv.open(base, { ...OPTIONS, checkedBytes: 0 });
    await store.verify();
    const name = databaseFiles(base).find((file) => file.endsWith('.ldb'))!;
    const bytes = readFileSync(join(base, name));
    bytes[bytes.length >>> 1]! ^= 0x10;
    writeFileSync(join(base, name), bytes);
    await assert.rejects(
      store.verify(),
      (error) => error instanceof StorageError && error.code === 'corrupt' && error.path.endsWith(name),
    );
    await store.close();
  });
});

test('everything can be looked at while LevelDB merges tables', async () => {
  await withFolder(async (path) => {
    const store = await LevelKv.open(join(path, 'busy'), OPTIONS);
    const rng = createRng(4);
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 120; i++) {
        const puts: Uint8Array[] = [];
        for (let k = 0; k < 200; k++) puts.push(rng.bytes(8), rng.bytes(60));
        await store.write({ puts, deletes: [] }, false);
      }
      isWriting = false;
    })();
    let looks = 0;
    while (isWriting) {
      await store.verify();
      looks++;
    }
    await writing;
    await store.verify();
    assert.ok(looks > 0);
    await store.close();
  });
});

async function outcomeOf(path: string, states: readonly ReadonlyMap<string, string>[]): Promise<string> {
  let store: LevelKv;
  try {
    store = await LevelKv.open(path, OPTIONS);
  } catch (error) {
    assert.ok(error instanceof StorageError && error.code === 'corrupt', String(error));
    assert.ok(error.path.startsWith(path));
    assert.match(error.message, /-reindex/);
    return 'corrupt';
  }
  const batch = await readState(store, states);
  if (batch < BATCHES) assert.equal(store.check.repairs.length, 1);
  await store.close();
  return batch < BATCHES ? 'earlier' : 'same';
}

test('a log torn anywhere leaves a store as it was after a batch, and takes new batches (S02)', async () => {
  await withFolder(async (path) => {
    const base = join(path, 'base');
    // no table: everything is in the log, which has many blocks
    const states = await fill(base, { ...OPTIONS, writeBufferBytes: 2 ** 20 });
    const name = databaseFiles(base).find((file) => file.endsWith('.log'))!;
    const log = readFileSync(join(base, name));
    const recordCount = readLog(log).records.length;
    assert.equal(recordCount, BATCHES);
    const rng = createRng(3);
    const seen = new Set<number>();
    for (let trial = 0; trial < 60; trial++) {
      const copy = join(path, `copy${trial}`);
      cpSync(base, copy, { recursive: true });
      const file = join(copy, name);
      const at = rng.below(log.length);
      if (trial % 3 === 0) truncateSync(file, at);
      else if (trial % 3 === 1) {
        // a sector that never reached the disk, between others that did
        writeFileSync(file, Buffer.concat([log.subarray(0, at), Buffer.alloc(512), log.subarray(at + 512)]));
      } else writeFileSync(file, Buffer.concat([log.subarray(0, at), rng.bytes(700)]));
      const store = await LevelKv.open(copy, OPTIONS);
      const batch = await readState(store, states);
      assert.ok(batch < BATCHES);
      if (store.check.repairs.length === 0) assert.equal(trial % 3, 0, 'only an end between two records looks whole');
      seen.add(batch);
      await store.write({ puts: [COUNTER, Uint8Array.of(0), ...newEntry(9)], deletes: [] }, true);
      assert.deepEqual(plain(await store.get(newEntry(9)[0])), newEntry(9)[1]);
      await store.close();
      rmSync(copy, { recursive: true });
    }
    assert.ok(seen.size > 20);
  });
});

function newEntry(n: number): [Uint8Array, Uint8Array] {
  return [Uint8Array.of(0xff, n), Uint8Array.of(n)];
}

/** LevelDB answers with Buffers, which compare as something else. */
function plain(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : Uint8Array.from(value);
}

test('a file of a database that is missing is told by name, and never passed over (S08)', async () => {
  await withFolder(async (path) => {
    const base = join(path, 'base');
    const states = await fill(base);
    for (const name of databaseFiles(base)) {
      const copy = join(path, `without-${name}`);
      cpSync(base, copy, { recursive: true });
      rmSync(join(copy, name));
      await assert.rejects(LevelKv.open(copy, OPTIONS), (error: unknown) => {
        assert.ok(error instanceof StorageError && error.code === 'corrupt', String(error));
        if (!name.startsWith('MANIFEST')) assert.equal(error.path, join(copy, name));
        return true;
      });
    }
    const store = await LevelKv.open(base, OPTIONS);
    assert.equal(await readState(store, states), BATCHES);
    await store.close();
  });
});

test('a database beyond the budget is checked from the newest table on', async () => {
  await withFolder(async (path) => {
    await fill(path);
    const tables = databaseFiles(path).filter((name) => name.endsWith('.ldb'));
    const sizes = tables.map((name) => statSync(join(path, name)).size);
    const newest = sizes.at(-1)!;
    const store = await LevelKv.open(path, { ...OPTIONS, checkedBytes: newest + 10 });
    assert.equal(store.check.checkedTables, 1);
    assert.ok(store.check.uncheckedTables >= tables.length - 1);
    await store.close();
  });
});

test('a store that is open cannot be opened again, and is not harmed by the attempt (S09)', async () => {
  await withFolder(async (path) => {
    const store = await LevelKv.open(path, OPTIONS);
    await assert.rejects(LevelKv.open(path, OPTIONS), { name: 'StorageError', code: 'locked' });
    await store.write({ puts: newEntry(1), deletes: [] }, true);
    await store.close();
    const again = await LevelKv.open(path, OPTIONS);
    assert.deepEqual(plain(await again.get(newEntry(1)[0])), newEntry(1)[1]);
    await again.close();
  });
});

test('what is no database is refused, and left alone', async () => {
  await withFolder(async (path) => {
    const file = join(path, 'a-file');
    writeFileSync(file, 'no folder');
    await assert.rejects(LevelKv.open(file, OPTIONS), StorageError);
    assert.equal(readFileSync(file, 'utf8'), 'no folder');
    const damaged = join(path, 'damaged');
    await fill(damaged);
    writeFileSync(join(damaged, 'CURRENT'), 'MANIFEST-000099\n');
    await assert.rejects(LevelKv.open(damaged, OPTIONS), { code: 'corrupt' });
    assert.ok(existsSync(join(damaged, 'CURRENT')));
  });
});
