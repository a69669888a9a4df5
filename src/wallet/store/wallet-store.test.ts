import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { MemoryWalletFolder } from './memory-home.ts';
import { RecordLog, WALLET_FILE } from './record-log.ts';
import { decodeRecord, recordKey, toRecordChanges } from './record-shapes.ts';
import type { StoredRecord, WalletRecord } from './records.ts';
import { WalletStore } from './wallet-store.ts';

const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const IDENTITY = { walletId: new Uint8Array(16).fill(3), genesisHash: GENESIS, createdSec: 1_700_000_000 };
const HASH = 'ab'.repeat(32);

const WALLET: WalletRecord = {
  kind: 'wallet',
  id: 'wallet',
  hasPrivateKeys: true,
  isBlank: false,
  avoidsReuse: false,
};

/** One record of each kind, and of each variant. */
const SAMPLES: readonly StoredRecord[] = [
  WALLET,
  {
    kind: 'hd-root',
    id: '12'.repeat(20),
    publicText: 'xpub',
    source: 'mnemonic',
    createdSec: 5,
    isActive: true,
    isBackedUp: false,
  },
  {
    kind: 'secret',
    id: `extended-key:${'12'.repeat(20)}`,
    fingerprint: '01020304',
    isEncrypted: true,
    data: '00ff',
  },
  {
    kind: 'encryption',
    id: 'encryption',
    key: { cost: { n: 131_072, r: 8, p: 1 }, salt: '11'.repeat(32), sealed: '22'.repeat(72) },
  },
  {
    kind: 'descriptor',
    id: HASH,
    text: 'wpkh(xpub/0/*)',
    expandableText: 'wpkh(xpub/0/*)',
    createdSec: 7,
    rangeStart: 0,
    rangeEnd: 1_000,
    nextIndex: 3,
    activeFor: 'receive',
  },
  { kind: 'descriptor-keys', id: `${HASH}:0`, descriptorId: HASH, from: 0, publicKeys: [['02aa'], []] },
  { kind: 'transaction', id: HASH, hex: '0200' },
  {
    kind: 'transaction-state',
    id: HASH,
    state: { kind: 'confirmed', blockHash: HASH, height: 5, index: 0 },
    orderPosition: 0,
    timeReceivedSec: 5,
    timeSmartSec: 5,
  },
  {
    kind: 'transaction-state',
    id: 'cd'.repeat(32),
    state: { kind: 'inactive', isAbandoned: true },
    orderPosition: 1,
    timeReceivedSec: 5,
    timeSmartSec: 5,
    comment: 'für das Brot',
    replacedByTxid: HASH,
  },
  {
    kind: 'transaction-state',
    id: 'ef'.repeat(32),
    state: { kind: 'block-conflicted', blockHash: HASH, height: 5 },
    orderPosition: 2,
    timeReceivedSec: 5,
    timeSmartSec: 5,
  },
  { kind: 'address', id: '0014aa', label: '朋友', purpose: 'send', isUsed: false },
  { kind: 'address', id: '0014bb', label: null, purpose: null, isUsed: true },
  { kind: 'locked-coin', id: `${HASH}:1` },
  { kind: 'best-block', id: 'best', blocks: [{ height: 5, blockHash: HASH }] },
];

test('every kind of record comes back as it was stored', async () => {
  const folder = new MemoryWalletFolder();
  const store = await WalletStore.create(folder, IDENTITY, [WALLET]);
  await store.commit({ puts: SAMPLES, deletes: [] });
  const opened = await WalletStore.open(folder, GENESIS);
  assert.ok(opened.ok);
  for (const record of SAMPLES) assert.deepEqual(opened.value.get(record.kind, record.id), record);
  assert.equal(opened.value.all('transaction-state').length, 3);
  assert.equal(opened.value.all('transaction').length, 1);
  assert.deepEqual(opened.value.all('address'), SAMPLES.slice(10, 12));
  assert.equal(opened.value.get('transaction', 'cd'.repeat(32)), null);
});

test('a record that is deleted and put in one go is there', async () => {
  const store = await WalletStore.create(new MemoryWalletFolder(), IDENTITY, [WALLET]);
  await store.commit({ puts: [{ ...WALLET, isBlank: true }], deletes: [WALLET] });
  assert.equal(store.get('wallet', 'wallet')?.isBlank, true);
  await store.commit({ puts: [], deletes: [{ kind: 'wallet', id: 'wallet' }] });
  assert.equal(store.get('wallet', 'wallet'), null);
});

test('a field more, a field less or a field of another type makes a record none', () => {
  const typeless: readonly unknown[] = [null, 'text', -1, 0.5, true, [], {}, [null], { kind: 'x' }];
  for (const record of SAMPLES) {
    const [{ key, text }] = toRecordChanges({ puts: [record], deletes: [] }) as [{ key: string; text: string }];
    assert.deepEqual(decodeRecord(key, text), record);
    const value = JSON.parse(text);
    const decode = (changed: unknown) => decodeRecord(key, JSON.stringify(changed));
    assert.equal(decode({ ...value, more: 1 }), null);
    assert.equal(decode({ ...value, kind: 'transaction' }) === null || record.kind === 'transaction', true);
    for (const name of Object.keys(value)) {
      const { [name]: _, ...less } = value;
      if (!['comment', 'replacedByTxid'].includes(name)) assert.equal(decode(less), null, `${key} without ${name}`);
      for (const wrong of typeless) {
        const changed = { ...value, [name]: wrong };
        const isRight =
          JSON.stringify(decode(changed)) === JSON.stringify({ kind: record.kind, id: record.id, ...changed });
        assert.ok(isRight || decode(changed) === null, `${key} with ${name} ${JSON.stringify(wrong)}`);
      }
    }
  }
});

test('names and values that no wallet writes are no records', () => {
  assert.equal(decodeRecord('unknown/1', '{}'), null);
  assert.equal(decodeRecord('wallet', '{}'), null);
  assert.equal(decodeRecord('', '{}'), null);
  assert.equal(decodeRecord('toString/1', '{}'), null);
  assert.equal(decodeRecord(recordKey(WALLET), 'no JSON'), null);
  assert.equal(decodeRecord(recordKey(WALLET), '[]'), null);
  assert.equal(decodeRecord(`transaction/${HASH}`, '{"hex":"00","__proto__":{"hex":"00"}}'), null);
  assert.equal(decodeRecord(`transaction/${HASH}`, `${'['.repeat(1e6)}${']'.repeat(1e6)}`), null);
  assert.equal(decodeRecord('transaction/AB', '{"hex":"00"}'), null);
});

test('a wallet with a record that is none is refused, and the record is named', async () => {
  const folder = new MemoryWalletFolder();
  await RecordLog.create(folder, IDENTITY, [{ key: 'transaction/xyz', text: '{}' }]);
  assert.deepEqual(await WalletStore.open(folder, GENESIS), {
    ok: false,
    error: { kind: 'bad-record', key: 'transaction/xyz', path: 'memory/wallet.dat' },
  });
});

test('a failed commit changes nothing', async () => {
  const folder = new MemoryWalletFolder();
  const store = await WalletStore.create(folder, IDENTITY, [WALLET]);
  folder.inject = () => ({ error: new Error('full'), writtenBytes: 30 });
  await assert.rejects(store.commit({ puts: [{ ...WALLET, isBlank: true }], deletes: [] }), /full/);
  assert.deepEqual(store.get('wallet', 'wallet'), WALLET);
  folder.inject = null;
  await store.commit({ puts: SAMPLES, deletes: [] });
  assert.ok((await WalletStore.open(folder, GENESIS)).ok);
  assert.deepEqual([...folder.files.keys()], [WALLET_FILE]);
});
