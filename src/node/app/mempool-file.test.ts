import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEE_SAT } from '../../../test/model/accept-world.ts';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { ServiceWorld, type ServiceWorldOptions, txidsOf } from '../../../test/model/service-world.ts';
import { diskFullAfter, failOnce } from '../../kernel/chain/disk-faults.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { readWholeFile, writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { concatBytes, joinBytes } from '../../kernel/util/bytes.ts';
import { type LoadOutcome, MEMPOOL_FILE_NAME } from './mempool-file.ts';

const DAY_SEC = 86_400;

/** A number of eight bytes, least significant first. */
function number(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return bytes;
}

interface WrittenEntry {
  readonly transaction: Transaction;
  readonly timeSec: number;
  readonly deltaSat?: number;
}

/** A file of version 1, as Core wrote it up to 26: version, entries, additions to other fees, transactions that wait. */
function plainFile(
  entries: readonly WrittenEntry[],
  deltas: readonly { readonly txid: Uint8Array; readonly deltaSat: number }[] = [],
  unbroadcast: readonly Uint8Array[] = [],
): Uint8Array {
  return joinBytes([
    number(1),
    number(entries.length),
    ...entries.flatMap(({ transaction, timeSec, deltaSat = 0 }) => [
      transaction.serialized(),
      number(timeSec),
      number(deltaSat),
    ]),
    Uint8Array.of(deltas.length),
    ...deltas.flatMap(({ txid, deltaSat }) => [txid, number(deltaSat)]),
    Uint8Array.of(unbroadcast.length),
    ...unbroadcast,
  ]);
}

/** A world with payments, the second a child of the first. */
async function openWithPayments(options: ServiceWorldOptions = {}) {
  const world = await ServiceWorld.open({ coinCount: 10, ...options });
  const { base } = world;
  const parent = base.payment([base.coin()]);
  const child = base.payment([base.coinOf(parent)]);
  const other = base.payment([base.coin()], { feeSat: 3 * FEE_SAT });
  return { world, parent, child, other };
}

function write(world: ServiceWorld, bytes: Uint8Array): Promise<void> {
  return writeFileAtomic(world.folder, MEMPOOL_FILE_NAME, bytes);
}

function countsOf(outcome: LoadOutcome): object | string {
  return outcome.outcome === 'loaded' ? outcome.counts : outcome.outcome;
}

function empty({ mempool }: ServiceWorld): void {
  for (const entry of [...mempool.entries()]) if (mempool.contains(entry)) mempool.removeRecursive(entry, 'reorg');
}

test('the mempool of a run is that of the next one, with times, additions to fees, and what waits to be announced', async () => {
  const { world, parent, child, other } = await openWithPayments({ isPersistent: true });
  const { base, mempool } = world;
  await world.add(parent);
  world.time.wallMsNow += 60_000;
  await world.add(child, other);
  mempool.prioritise(child.txid, 1_234);
  mempool.prioritise(fakeTxid(7), -99);
  mempool.addUnbroadcast(other.txid);
  await world.service.stop();
  assert.deepEqual(world.failures, []);
  const next = world.createService({ isPersistent: true });
  next.start((error) => world.failures.push(error));
  assert.equal(next.isLoaded, false);
  while (!next.isLoaded) await world.time.settle();
  const pool = next.mempool;
  assert.deepEqual(
    [...pool.entries()].map(({ transaction }) => formatHash(transaction.txid)).sort(),
    txidsOf([parent, child, other]),
  );
  assert.equal(pool.get(parent.txid)!.timeSec, base.nowSec);
  assert.equal(pool.get(child.txid)!.timeSec, base.nowSec + 60);
  assert.equal(pool.get(child.txid)!.modifiedFeeSat, FEE_SAT + 1_234);
  assert.equal(pool.feeDelta(fakeTxid(7)), -99);
  assert.deepEqual(pool.unbroadcast(), [other.txid]);
  assert.ok(
    world.lines.includes(
      'Imported mempool transactions from file: 3 succeeded, 0 failed, 0 expired, 0 already there, 1 waiting for initial broadcast',
    ),
  );
  await next.stop();
});

test('without -persistmempool no file is read and none written', async () => {
  const { world, parent } = await openWithPayments();
  await world.add(parent);
  await world.service.stop();
  assert.equal(await world.folder.exists(MEMPOOL_FILE_NAME), false);
});

test("a file of Core's version 1 is read", async () => {
  const { world, parent, child, other } = await openWithPayments();
  const { base, mempool } = world;
  const entries = [
    { transaction: parent, timeSec: base.nowSec - 10 },
    { transaction: child, timeSec: base.nowSec - 5, deltaSat: 500 },
    { transaction: other, timeSec: base.nowSec - 3 },
  ];
  await write(world, plainFile(entries, [{ txid: fakeTxid(1), deltaSat: -7 }], [parent.txid, fakeTxid(2)]));
  const outcome = await world.service.file.load();
  assert.deepEqual(countsOf(outcome), { accepted: 3, failed: 0, expired: 0, alreadyThere: 0, unbroadcast: 1 });
  assert.equal(mempool.get(child.txid)!.modifiedFeeSat, FEE_SAT + 500);
  assert.equal(mempool.get(child.txid)!.timeSec, base.nowSec - 5);
  assert.equal(mempool.feeDelta(fakeTxid(1)), -7);
  assert.deepEqual(mempool.unbroadcast(), [parent.txid]);
});

test('whoever reads a file decides whether times, additions and announcements count', async () => {
  const { world, parent } = await openWithPayments();
  const { base, mempool } = world;
  const entries = [{ transaction: parent, timeSec: base.nowSec - 10, deltaSat: 500 }];
  await write(world, plainFile(entries, [{ txid: fakeTxid(1), deltaSat: -7 }], [parent.txid]));
  const options = { usesCurrentTime: true, appliesDeltas: false, appliesUnbroadcast: false };
  assert.equal((await world.service.file.load(MEMPOOL_FILE_NAME, options)).outcome, 'loaded');
  const entry = mempool.get(parent.txid)!;
  assert.deepEqual([entry.timeSec, entry.modifiedFeeSat], [base.nowSec, FEE_SAT]);
  assert.deepEqual([mempool.feeDelta(fakeTxid(1)), mempool.unbroadcast()], [0, []]);
});

test('M11: what is no longer good, too old or there already is passed over', async () => {
  const { world, parent, child, other } = await openWithPayments();
  const { base } = world;
  const orphan = makeTx([spend({ txid: fakeTxid(4), index: 0 })], [pay(1_000)]);
  const entries = [
    { transaction: orphan, timeSec: base.nowSec },
    { transaction: parent, timeSec: base.nowSec - 14 * DAY_SEC },
    { transaction: child, timeSec: base.nowSec - 14 * DAY_SEC + 1 },
    { transaction: other, timeSec: base.nowSec },
  ];
  await world.add(other);
  await write(world, plainFile(entries));
  const outcome = await world.service.file.load();
  assert.deepEqual(countsOf(outcome), { accepted: 0, failed: 2, expired: 1, alreadyThere: 1, unbroadcast: 0 });
  assert.deepEqual(world.txids(), txidsOf([other]));
});

test('M11: a file that is cut anywhere costs what was cut off, and nothing more', async () => {
  const { world, parent, child, other } = await openWithPayments();
  await world.add(parent, child, other);
  world.mempool.addUnbroadcast(child.txid);
  await world.service.file.save();
  const whole = await readWholeFile(world.folder, MEMPOOL_FILE_NAME);
  let most = 0;
  for (let length = 0; length < whole.length; length++) {
    empty(world);
    await write(world, whole.slice(0, length));
    const outcome = await world.service.file.load();
    assert.deepEqual(outcome, { outcome: 'failed', why: 'truncated' });
    assert.ok(world.mempool.size >= most, 'more of the file is never less');
    most = world.mempool.size;
    world.mempool.sanityCheck();
  }
  assert.equal(most, 3, 'all were there before the last byte');
  assert.ok(world.lines.includes('Failed to deserialize mempool data on file: truncated. Continuing anyway.'));
});

test('M11: a file with any byte changed is read as far as it goes', async () => {
  const { world, parent, child } = await openWithPayments();
  await world.add(parent, child);
  await world.service.file.save();
  const whole = await readWholeFile(world.folder, MEMPOOL_FILE_NAME);
  for (let at = 0; at < whole.length; at++) {
    empty(world);
    const changed = whole.slice();
    changed[at]! ^= 0x81;
    await write(world, changed);
    const { outcome } = await world.service.file.load();
    assert.ok(outcome === 'loaded' || outcome === 'failed');
    world.mempool.sanityCheck();
  }
});

test('M11: files that are none: a version of the future, a key of another length, nothing at all', async () => {
  const { world } = await openWithPayments();
  const load = async (bytes: Uint8Array): Promise<LoadOutcome> => {
    await write(world, bytes);
    return world.service.file.load();
  };
  assert.deepEqual(await load(number(3)), { outcome: 'failed', why: 'bad-version' });
  assert.deepEqual(await load(concatBytes(number(2), Uint8Array.of(7, 1, 2, 3, 4, 5, 6, 7))), {
    outcome: 'failed',
    why: 'bad-key',
  });
  assert.deepEqual(await load(new Uint8Array(0)), { outcome: 'failed', why: 'truncated' });
  await world.folder.remove(MEMPOOL_FILE_NAME);
  const absent = await world.service.file.load();
  assert.equal(absent.outcome, 'failed');
  assert.equal(world.lines.at(-1), 'Failed to open mempool file. Continuing anyway.');
});

test('M11: a disk that fails while the file is read is no failure of the node', async () => {
  const { world, parent } = await openWithPayments({ isPersistent: true });
  await world.add(parent);
  await world.service.file.save();
  world.folder.disk.inject = failOnce('read', 1);
  assert.equal((await world.service.file.load()).outcome, 'failed');
  world.folder.disk.inject = null;
  assert.equal(countsOf(await world.service.file.load()) instanceof Object, true);
});

test('M11: a node that is stopped while it reads the file leaves the file as it is', async () => {
  const { world, parent, child, other } = await openWithPayments({ isPersistent: true });
  await world.add(parent, child, other);
  await world.service.stop();
  const written = await readWholeFile(world.folder, MEMPOOL_FILE_NAME);
  await world.chill();
  const release = world.coins.hold();
  const next = world.createService({ isPersistent: true });
  next.start((error) => world.failures.push(error));
  await world.time.settle();
  const stopping = next.stop();
  await world.time.settle();
  release();
  await stopping;
  assert.deepEqual([next.isLoaded, next.mempool.size, world.failures], [false, 1, []]);
  assert.deepEqual(await readWholeFile(world.folder, MEMPOOL_FILE_NAME), written);
});

test('a failure of the chain while the file is read is told, and the file left as it is', async () => {
  const { world, parent } = await openWithPayments({ isPersistent: true });
  await world.add(parent);
  await world.service.stop();
  const written = await readWholeFile(world.folder, MEMPOOL_FILE_NAME);
  await world.chill();
  world.coins.beforeRead = () => Promise.reject(new RangeError('a bug'));
  const next = world.createService({ isPersistent: true });
  next.start((error) => world.failures.push(error));
  await world.time.settle();
  world.coins.beforeRead = null;
  assert.deepEqual(world.failures.map(String), ['RangeError: a bug']);
  await next.stop();
  assert.deepEqual(await readWholeFile(world.folder, MEMPOOL_FILE_NAME), written);
});

test('M11: fifty thousand transactions of a file leave the host its turns', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const count = 50_000;
  // None of them is good: a coin that does not exist is looked for, and that is all. A tenth is too old even for that.
  const entries = Array.from({ length: count }, (_, i) => ({
    transaction: makeTx([spend({ txid: fakeTxid(i), index: i })], [pay(1_000)]),
    timeSec: i % 10 === 0 ? 1 : world.base.nowSec,
  }));
  await write(world, plainFile(entries));
  // Every look at the clock takes half a millisecond: eight transactions at a stretch.
  world.time.tickMs = 0.5;
  const before = world.time.yieldCount;
  const outcome = await world.service.file.load();
  assert.deepEqual(countsOf(outcome), { accepted: 0, failed: 45_000, expired: 5_000, alreadyThere: 0, unbroadcast: 0 });
  const yields = world.time.yieldCount - before;
  assert.ok(yields >= 45_000 / 9, `${yields} pauses`);
});

test('a large mempool is written in pieces, between which the host has its turn', async () => {
  const world = await ServiceWorld.open({ coinCount: 8 });
  const { base } = world;
  // Large ones, of about 90 kB each.
  for (let i = 0; i < 8; i++) await world.add(base.payment([base.coin()], { outputCount: 2_000, feeSat: 1_000_000 }));
  const before = world.time.yieldCount;
  await world.service.file.save();
  const { size } = { size: (await readWholeFile(world.folder, MEMPOOL_FILE_NAME)).length };
  assert.ok(size > 600_000);
  assert.ok(world.time.yieldCount - before >= size / 400_000);
});

test('two who save at the same time get one good file after the other', async () => {
  const { world, parent, child, other } = await openWithPayments();
  await world.add(parent, child);
  const saves = [world.service.file.save(), world.service.file.save()];
  await world.add(other);
  saves.push(world.service.file.save());
  await Promise.all(saves);
  empty(world);
  const outcome = await world.service.file.load();
  assert.deepEqual(countsOf(outcome), { accepted: 3, failed: 0, expired: 0, alreadyThere: 0, unbroadcast: 0 });
});

test('a full disk keeps the old file, tells whoever saves, and does not keep the node from stopping', async () => {
  const { world, parent, child } = await openWithPayments({ isPersistent: true });
  await world.add(parent);
  await world.service.file.save();
  const written = await readWholeFile(world.folder, MEMPOOL_FILE_NAME);
  await world.add(child);
  world.folder.disk.inject = (operation) => (operation.path.includes('mempool') ? diskFullAfter(0)(operation) : null);
  await assert.rejects(world.service.file.save(), StorageError);
  await world.service.stop();
  world.folder.disk.inject = null;
  assert.match(world.lines.at(-1)!, /^Failed to dump mempool: .*\. Continuing anyway\.$/);
  assert.deepEqual(await readWholeFile(world.folder, MEMPOOL_FILE_NAME), written);
});

test('a file of another folder is read beside the usual one (importmempool)', async () => {
  const { world, parent } = await openWithPayments();
  const elsewhere = new MemoryFolder('elsewhere');
  await writeFileAtomic(elsewhere, 'saved.dat', plainFile([{ transaction: parent, timeSec: world.base.nowSec }]));
  const outcome = await world.service.file.load('saved.dat', {}, elsewhere);
  assert.equal(outcome.outcome, 'loaded');
  assert.ok(world.has(parent));
});
