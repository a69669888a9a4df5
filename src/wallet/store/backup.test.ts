import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash, type BlockHash } from '../../kernel/primitives/hashes.ts';
import { restoreBackup, withdrawRestored, writeBackup } from './backup.ts';
import { describeOpenFault } from './fault-text.ts';
import { MemoryWalletFolder, MemoryWalletHome } from './memory-home.ts';
import { WALLET_FILE } from './record-log.ts';
import type { StoredRecord } from './records.ts';
import { WalletStore } from './wallet-store.ts';

const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const ADDRESS: StoredRecord = { kind: 'address', id: '0014aa', label: 'me', purpose: 'receive', isUsed: false };

function createStore(folder: MemoryWalletFolder, id: number, genesisHash: BlockHash = GENESIS): Promise<WalletStore> {
  const identity = { walletId: new Uint8Array(16).fill(id), genesisHash, createdSec: 1_700_000_000 };
  return WalletStore.create(folder, identity, [ADDRESS]);
}

async function createBackup() {
  const home = new MemoryWalletHome();
  const store = await createStore((await home.open('one', true))!, 1);
  assert.equal(await writeBackup(store, home, '/backup'), null);
  return { home, store, bytes: (await home.readBackup('/backup'))! };
}

test('K13: a backup is restored under another name, with everything that was stored', async () => {
  const { home, store, bytes } = await createBackup();
  await store.commit({ puts: [{ ...ADDRESS, label: 'later' }], deletes: [] });
  const folder = (await home.open('two', true))!;
  assert.deepEqual(await restoreBackup(folder, { path: '/backup', bytes }, GENESIS), {
    ok: true,
    value: { isTorn: false },
  });
  const restored = await WalletStore.open(folder, GENESIS);
  assert.ok(restored.ok);
  assert.deepEqual(restored.value.get('address', '0014aa'), ADDRESS);
  assert.deepEqual(restored.value.identity.walletId, store.identity.walletId);
});

test('K13: an older backup of the same wallet is replaced, and no other file', async () => {
  const { home, store } = await createBackup();
  await store.commit({ puts: [{ ...ADDRESS, label: 'later' }], deletes: [] });
  assert.equal(await writeBackup(store, home, '/backup'), null);
  const folder = new MemoryWalletFolder();
  await restoreBackup(folder, { path: '/backup', bytes: (await home.readBackup('/backup'))! }, GENESIS);
  const restored = await WalletStore.open(folder, GENESIS);
  assert.ok(restored.ok && restored.value.get('address', '0014aa')?.label === 'later');
  const other = await createStore((await home.open('other', true))!, 2);
  for (const bytes of [await other.exportFile(), Uint8Array.of(1, 2, 3), new Uint8Array(0)]) {
    home.backups.set('/there', bytes);
    assert.deepEqual(await writeBackup(store, home, '/there'), { kind: 'occupied', path: '/there' });
    assert.deepEqual(home.backups.get('/there'), bytes);
  }
});

test('K13: no wallet is overwritten by restoring', async () => {
  const { home, bytes } = await createBackup();
  const folder = (await home.open('one', true))!;
  const before = folder.files.get(WALLET_FILE)!.slice();
  const restored = await restoreBackup(folder, { path: '/backup', bytes }, GENESIS);
  assert.deepEqual(restored, { ok: false, error: { kind: 'exists', path: 'memory/one/wallet.dat' } });
  assert.deepEqual(folder.files.get(WALLET_FILE), before);
});

test('K05: a restored wallet that cannot be loaded is taken away again, and no file of anybody else', async () => {
  const { home, bytes } = await createBackup();
  const folder = (await home.open('two', true))!;
  await restoreBackup(folder, { path: '/backup', bytes }, GENESIS);
  await withdrawRestored(folder, bytes);
  assert.equal(folder.files.size, 0);
  await withdrawRestored(folder, bytes);
  const other = await (await createStore((await home.open('other', true))!, 2)).exportFile();
  for (const found of [other, Uint8Array.of(1, 2, 3), new Uint8Array(0)]) {
    folder.files.set(WALLET_FILE, found);
    await withdrawRestored(folder, bytes);
    assert.deepEqual(folder.files.get(WALLET_FILE), found);
  }
});

test('K13: a backup of another ledger is refused, and so is one that is damaged or cut', async () => {
  const { home, bytes } = await createBackup();
  const folder = (await home.open('two', true))!;
  const kindOf = async (changed: Uint8Array, genesisHash = GENESIS) => {
    const restored = await restoreBackup(folder, { path: '/backup', bytes: changed }, genesisHash);
    return restored.ok ? 'restored' : restored.error.kind;
  };
  assert.equal(await kindOf(bytes, asBlockHash(new Uint8Array(32))), 'other-ledger');
  for (let length = 0; length < bytes.length; length++) {
    assert.notEqual(await kindOf(bytes.subarray(0, length)), 'restored', `${length} bytes`);
  }
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = changed[at]! ^ 1;
    assert.notEqual(await kindOf(changed), 'restored', `byte ${at}`);
  }
  assert.equal(folder.files.size, 0);
});

test('a copy of a wallet at work that ends in a write is restored without it, which is said', async () => {
  const { home, store } = await createBackup();
  await store.commit({ puts: [{ ...ADDRESS, label: 'later' }], deletes: [] });
  const file = home.folders.get('one')!.files.get(WALLET_FILE)!;
  const folder = (await home.open('two', true))!;
  const restored = await restoreBackup(folder, { path: '/copy', bytes: file.subarray(0, -1) }, GENESIS);
  assert.deepEqual(restored, { ok: true, value: { isTorn: true } });
  const opened = await WalletStore.open(folder, GENESIS);
  assert.ok(opened.ok && !opened.value.isTorn);
  assert.deepEqual(opened.value.get('address', '0014aa'), ADDRESS);
});

test('every fault is a sentence that names the file, and the byte where there is one', () => {
  const path = '/w/wallet.dat';
  assert.equal(
    describeOpenFault({ kind: 'damaged', offset: 1234, path }),
    '/w/wallet.dat is damaged at byte 1234: nothing was changed; keep the file, and restore a backup of the wallet under another name',
  );
  assert.match(describeOpenFault({ kind: 'missing', path }), /no wallet at \/w/);
  assert.match(describeOpenFault({ kind: 'exists', path }), /not overwritten/);
  assert.match(describeOpenFault({ kind: 'not-a-wallet', path }), /no wallet/);
  assert.match(describeOpenFault({ kind: 'unknown-format', path, got: 2, expected: 1 }), /format 2.*knows 1/);
  assert.match(describeOpenFault({ kind: 'truncated', offset: 5, path }), /at byte 5/);
  assert.match(describeOpenFault({ kind: 'bad-record', key: 'x/y', path }), /\(x\/y\)/);
  const got = asBlockHash(new Uint8Array(32).fill(1));
  assert.match(describeOpenFault({ kind: 'other-ledger', got, expected: GENESIS, path }), /block 0101.*with 0909/);
});
