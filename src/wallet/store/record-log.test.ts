import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { MemoryWalletFolder } from './memory-home.ts';
import type { RecordChange } from './record-change.ts';
import { RecordLog, TORN_PREFIX, WALLET_FILE } from './record-log.ts';

const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const IDENTITY = { walletId: new Uint8Array(16).fill(3), genesisHash: GENESIS, createdSec: 1_700_000_000 };
const FULL = new Error('no space left on device');

function put(key: string, text: string): readonly RecordChange[] {
  return [{ key, text }];
}

async function createLog(folder = new MemoryWalletFolder()) {
  return { folder, log: await RecordLog.create(folder, IDENTITY, put('a', '1')) };
}

async function reopen(folder: MemoryWalletFolder): Promise<RecordLog> {
  const opened = await RecordLog.open(folder, GENESIS);
  assert.ok(opened.ok, opened.ok ? '' : opened.error.kind);
  return opened.value;
}

function recordsOf(log: RecordLog): Readonly<Record<string, string>> {
  return Object.fromEntries(log.entries());
}

test('what was committed is there after opening again', async () => {
  const { folder, log } = await createLog();
  await log.commit([...put('b', '2'), ...put('c', '3')]);
  await log.commit([{ key: 'b', text: null }]);
  await log.close();
  const again = await reopen(folder);
  assert.deepEqual(recordsOf(again), { a: '1', c: '3' });
  assert.equal(again.get('b'), null);
  assert.deepEqual(again.identity.walletId, IDENTITY.walletId);
  assert.equal(again.identity.createdSec, 1_700_000_000);
  assert.equal(again.fileBytes, folder.files.get(WALLET_FILE)!.length);
});

test('memory changes when a commit is durable, and not before', async () => {
  const { log } = await createLog();
  const done = log.commit(put('a', '2'));
  assert.equal(log.get('a'), '1');
  await done;
  assert.equal(log.get('a'), '2');
});

test('commits that are made at once are stored one after another', async () => {
  const { folder, log } = await createLog();
  await Promise.all(Array.from({ length: 20 }, (_, i) => log.commit(put('a', `${i}`))));
  assert.equal(log.get('a'), '19');
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '19' });
});

test('K13: a new wallet never takes the place of another', async () => {
  const { folder } = await createLog();
  const before = folder.files.get(WALLET_FILE)!.slice();
  await assert.rejects(RecordLog.create(folder, IDENTITY, []), /exists/);
  assert.deepEqual(folder.files.get(WALLET_FILE), before);
});

test('opening says when there is no wallet, and when it is one of another ledger', async () => {
  const { folder } = await createLog();
  assert.deepEqual(await RecordLog.open(new MemoryWalletFolder('x'), GENESIS), {
    ok: false,
    error: { kind: 'missing', path: 'x/wallet.dat' },
  });
  const other = asBlockHash(new Uint8Array(32));
  assert.deepEqual(await RecordLog.open(folder, other), {
    ok: false,
    error: { kind: 'other-ledger', path: 'memory/wallet.dat', got: GENESIS, expected: other },
  });
});

test('a full disk: the commit fails, memory and file are as before, and the next commit works', async () => {
  for (let writtenBytes = 0; writtenBytes < 24; writtenBytes++) {
    const { folder, log } = await createLog();
    const before = folder.files.get(WALLET_FILE)!;
    folder.inject = () => ({ error: FULL, writtenBytes });
    await assert.rejects(log.commit(put('a', '2')), FULL);
    assert.deepEqual(recordsOf(log), { a: '1' });
    assert.deepEqual(recordsOf(await reopen(folder)), { a: '1' });
    await assert.rejects(log.commit(put('a', '3')), FULL);
    folder.inject = null;
    await log.commit(put('b', '2'));
    assert.equal(folder.files.get(WALLET_FILE)!.length, before.length + 20 + 4);
    assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', b: '2' });
  }
});

test('a torn end is left alone by opening, and cut off and kept beside by the first commit', async () => {
  const { folder, log } = await createLog();
  const end = log.fileBytes;
  await log.commit(put('a', '2'));
  const whole = folder.files.get(WALLET_FILE)!;
  const torn = whole.subarray(0, whole.length - 1);
  folder.files.set(WALLET_FILE, torn);
  const again = await reopen(folder);
  assert.ok(again.isTorn);
  assert.equal(folder.files.get(WALLET_FILE), torn);
  assert.deepEqual(recordsOf(again), { a: '1' });
  await again.commit(put('b', '3'));
  assert.ok(!again.isTorn);
  assert.deepEqual(folder.files.get(`${TORN_PREFIX}${end}`), torn.slice(end));
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', b: '3' });
});

test('when the same end is torn once more, the newer copy is kept', async () => {
  const { folder, log } = await createLog();
  const end = log.fileBytes;
  for (const byte of [1, 2]) {
    const whole = folder.files.get(WALLET_FILE)!.slice(0, end + 1);
    folder.files.set(WALLET_FILE, Uint8Array.of(...whole.subarray(0, end), byte));
    await (await reopen(folder)).commit(put('b', '1'));
  }
  assert.deepEqual(folder.files.get(`${TORN_PREFIX}${end}`), Uint8Array.of(2));
});

test('K02: rewriting leaves nothing of before, neither in the file nor beside it', async () => {
  const { folder, log } = await createLog();
  await log.commit(put('secret', '"0123456789"'));
  const end = log.fileBytes;
  const file = folder.files.get(WALLET_FILE)!;
  folder.files.set(WALLET_FILE, Uint8Array.of(...file, 1, 2, 3));
  const again = await reopen(folder);
  await again.commit(put('b', '1'));
  assert.ok(folder.files.has(`${TORN_PREFIX}${end}`));
  assert.equal(await again.rewrite(put('secret', '"sealed"')), true);
  assert.deepEqual([...folder.files.keys()], [WALLET_FILE]);
  const text = String.fromCharCode(...folder.files.get(WALLET_FILE)!);
  assert.ok(!text.includes('0123456789') && text.includes('sealed'));
  await again.commit(put('c', '4'));
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', secret: '"sealed"', b: '1', c: '4' });
});

test('a rewriting that fails before it took place changes nothing', async () => {
  const { folder, log } = await createLog();
  folder.inject = ({ kind }) => (kind === 'replace' ? { error: FULL } : null);
  await assert.rejects(log.rewrite(put('a', '2')), FULL);
  await log.commit(put('b', '1'));
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', b: '1' });
});

test('after a rewriting that failed and took place all the same, the next commit puts right what is there', async () => {
  const { folder, log } = await createLog();
  const replace = folder.replace.bind(folder);
  folder.replace = async (name, bytes) => {
    await replace(name, bytes);
    throw FULL;
  };
  await assert.rejects(log.rewrite(put('a', '2')), FULL);
  folder.replace = replace;
  assert.deepEqual(recordsOf(log), { a: '1' });
  await log.commit(put('b', '1'));
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', b: '1' });
  await log.commit(put('c', '1'));
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', b: '1', c: '1' });
});

test('a file that somebody else has put there is neither cut nor overwritten nor added to', async () => {
  const strangers = async () => {
    const other = await createLog(new MemoryWalletFolder());
    await other.log.rewrite(put('x', '1'));
    const { folder } = await createLog(new MemoryWalletFolder());
    const cut = folder.files.get(WALLET_FILE)!;
    return [other.folder.files.get(WALLET_FILE)!, cut.subarray(0, -3), new Uint8Array(500), new Uint8Array(0)];
  };
  for (const stranger of await strangers()) {
    const { folder, log } = await createLog();
    folder.files.set(WALLET_FILE, stranger);
    for (let i = 0; i < 3; i++) await assert.rejects(log.commit(put('b', '1')));
    assert.deepEqual(folder.files.get(WALLET_FILE), stranger);
    assert.deepEqual(recordsOf(log), { a: '1' });
  }
  const { folder, log } = await createLog();
  folder.files.delete(WALLET_FILE);
  await assert.rejects(log.commit(put('b', '1')));
  await assert.rejects(log.commit(put('b', '1')), /changed by somebody else/);
  folder.files.set(WALLET_FILE, await log.exportFile());
  await log.commit(put('b', '1'));
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', b: '1' });
});

test('a large file of which more than half is garbage is written anew by itself', async () => {
  const { folder, log } = await createLog();
  const text = `"${'x'.repeat(99_996)}"`;
  for (let i = 0; i < 11; i++) await log.commit(put('big', text));
  assert.ok(log.fileBytes < 300_000 && log.fileBytes > 100_000);
  assert.equal(folder.files.get(WALLET_FILE)!.length, log.fileBytes);
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', big: text });
});

test('a file without much garbage grows, however large it is', async () => {
  const { log } = await createLog();
  for (let i = 0; i < 15; i++) await log.commit(put(`big${i}`, `"${'x'.repeat(99_996)}"`));
  assert.ok(log.fileBytes > 1_500_000);
});

test('when a file cannot be made smaller, commits go on, and it is tried again later', async () => {
  const { folder, log } = await createLog();
  const text = `"${'x'.repeat(99_996)}"`;
  let tries = 0;
  folder.inject = ({ kind }) => {
    if (kind !== 'replace') return null;
    tries++;
    return { error: FULL };
  };
  for (let i = 0; i < 18; i++) await log.commit(put('big', text));
  assert.equal(log.compactionError, FULL);
  assert.equal(tries, 1);
  folder.inject = null;
  for (let i = 0; i < 6; i++) await log.commit(put('big', text));
  assert.equal(log.compactionError, null);
  assert.ok(log.fileBytes < 1_000_000);
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', big: text });
});

test('a backup holds what is stored when it is made, and nothing that was deleted', async () => {
  const { log } = await createLog();
  const committed = log.commit([...put('b', '"gone"'), ...put('c', '3')]);
  const deleted = log.commit([{ key: 'b', text: null }]);
  const backup = await log.exportFile();
  await Promise.all([committed, deleted]);
  const folder = new MemoryWalletFolder();
  folder.files.set(WALLET_FILE, backup);
  assert.deepEqual(recordsOf(await reopen(folder)), { a: '1', c: '3' });
  assert.ok(!String.fromCharCode(...backup).includes('gone'));
});
