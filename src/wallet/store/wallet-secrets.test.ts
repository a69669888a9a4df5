import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestWalletHost } from '../../../test/model/wallet-host.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { formatDescriptor } from '../descriptor/format.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { parseDescriptor } from '../descriptor/parse.ts';
import { formatBase58Check } from '../keys/base58check.ts';
import { createRootKey, formatExtendedSecretKey, toExtendedPublicKey } from '../keys/extended-key.ts';
import { formatMnemonic, parseMnemonic } from '../keys/mnemonic.ts';
import { formatWif } from '../keys/wif.ts';
import { MemoryWalletFolder } from './memory-home.ts';
import { WALLET_FILE } from './record-log.ts';
import { decodeSecret, encodeSecret, nameExtendedKey, type StoredSecret, secretId } from './secret-codec.ts';
import { WalletSecrets } from './wallet-secrets.ts';
import { WalletStore } from './wallet-store.ts';

const { prefixes } = createRegtestParams();
const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';
const SINGLE = fromHex('0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d');

const root = createRootKey(fromHex('000102030405060708090a0b0c0d0e0f'), secp)!;
const rootName = nameExtendedKey(toExtendedPublicKey(root, secp));
const parsed = parseMnemonic(WORDS);
assert.ok(parsed.ok);

const SECRETS: readonly StoredSecret[] = [
  { form: 'extended-key', key: root },
  { form: 'single-key', key: { secret: SINGLE, isCompressed: true } },
  { form: 'mnemonic', mnemonic: parsed.value, rootName },
];
const IDS = SECRETS.map((secret) => secretId(secret, secp));

async function createWallet(folder = new MemoryWalletFolder()) {
  const host = createTestWalletHost();
  const identity = { walletId: new Uint8Array(16).fill(3), genesisHash: GENESIS, createdSec: 1_700_000_000 };
  const store = await WalletStore.create(folder, identity, []);
  const secrets = open(store, host);
  await store.commit({ puts: SECRETS.map((secret) => secrets.seal(secret)), deletes: [] });
  return { folder, host, store, secrets };
}

function open(store: WalletStore, host = createTestWalletHost()): WalletSecrets {
  const opened = WalletSecrets.open(store, secp, host);
  assert.ok(opened.ok);
  return opened.value;
}

async function reopen(folder: MemoryWalletFolder) {
  const store = await WalletStore.open(folder, GENESIS);
  assert.ok(store.ok);
  return { store: store.value, secrets: open(store.value) };
}

/** Everything by which somebody could know one of the secrets again in a file. */
function tracesOfSecrets(): ReadonlyMap<string, Uint8Array> {
  const traces = new Map<string, Uint8Array>();
  const note = (name: string, text: string): void => {
    traces.set(name, encodeUtf8(text));
  };
  for (const secret of SECRETS) {
    const bytes = encodeSecret(secret);
    traces.set(`${secret.form} raw`, bytes);
    note(`${secret.form} hex`, toHex(bytes));
  }
  for (const [name, key] of Object.entries({ root: root.secret, chain: root.chainCode, single: SINGLE })) {
    traces.set(`${name} raw`, key);
    note(`${name} hex`, toHex(key));
    note(`${name} HEX`, toHex(key).toUpperCase());
    note(`${name} JSON`, JSON.stringify([...key]).slice(1, -1));
    note(`${name} base58`, formatBase58Check(key).slice(0, 40));
    note(`${name} base64`, Buffer.from(key).toString('base64').slice(0, -2));
  }
  note('xprv', formatExtendedSecretKey(root, prefixes.extendedSecretKey));
  note('wif', formatWif({ secret: SINGLE, isCompressed: true }, prefixes.secretKey));
  note('words', WORDS.slice(-20));
  note('seed', '000102030405060708090a0b0c0d0e0f');
  return traces;
}

/** Which traces are in the files of a folder. */
function findTraces(folder: MemoryWalletFolder): readonly string[] {
  const all = Buffer.from(concatBytes(...folder.files.values()));
  return [...tracesOfSecrets()].filter(([, trace]) => all.includes(Buffer.from(trace))).map(([name]) => name);
}

test('secrets of every form come back as they were stored', async () => {
  const { folder } = await createWallet();
  const { secrets } = await reopen(folder);
  assert.ok(!secrets.isEncrypted && !secrets.isLocked);
  for (const [i, secret] of SECRETS.entries()) {
    assert.deepEqual(secrets.read(IDS[i]!), { ok: true, value: secret });
    assert.ok(secrets.has(IDS[i]!));
  }
  assert.deepEqual(secrets.read(`single-key:${'00'.repeat(20)}`), { ok: false, error: 'missing' });
});

test('K02: the search finds secrets that are stored plainly', async () => {
  const { folder } = await createWallet();
  assert.deepEqual(findTraces(folder), [
    'extended-key hex',
    'single-key hex',
    'mnemonic hex',
    'root hex',
    'chain hex',
    'single hex',
  ]);
});

test('K02: after encryption nothing of a secret is in any file, nor after more of them, another passphrase and compaction', async () => {
  const { folder, store, secrets } = await createWallet();
  // A torn end that holds a secret, and a copy of it.
  const torn = folder.files.get(WALLET_FILE)!;
  folder.files.set(WALLET_FILE, concatBytes(torn, torn.subarray(0, -1).slice(100)));
  assert.deepEqual(await secrets.encrypt('passphrase'), { ok: true, value: true });
  assert.deepEqual(findTraces(folder), []);
  assert.deepEqual([...folder.files.keys()], [WALLET_FILE]);
  assert.ok(secrets.isEncrypted && secrets.isLocked);
  assert.equal(await secrets.unlock('passphrase'), null);
  await store.commit({ puts: SECRETS.map((secret) => secrets.seal(secret)), deletes: [] });
  assert.deepEqual(findTraces(folder), []);
  const before = folder.files.get(WALLET_FILE)!;
  assert.deepEqual(await secrets.changePassphrase('passphrase', 'another'), { ok: true, value: true });
  assert.deepEqual(findTraces(folder), []);
  const oldKey = /"sealed":"([0-9a-f]+)"/.exec(String.fromCharCode(...before))![1]!;
  assert.ok(!String.fromCharCode(...folder.files.get(WALLET_FILE)!).includes(oldKey));
  for (let i = 0; i < 12; i++) {
    await store.commit({
      puts: [{ kind: 'transaction', id: 'ab'.repeat(32), hex: '00'.repeat(50_000) }],
      deletes: [],
    });
  }
  assert.ok(store.fileBytes < 400_000);
  assert.deepEqual(findTraces(folder), []);
});

test('an encrypted wallet is locked when it is opened, and gives its secrets for the passphrase alone', async () => {
  const { folder, secrets: first } = await createWallet();
  await first.encrypt('passphrase');
  const { secrets } = await reopen(folder);
  assert.ok(secrets.isLocked);
  assert.deepEqual(secrets.read(IDS[0]!), { ok: false, error: 'locked' });
  assert.equal(await secrets.unlock('Passphrase'), 'wrong passphrase or corrupted');
  assert.equal(await secrets.unlock('passphrase'), null);
  for (const [i, secret] of SECRETS.entries()) assert.deepEqual(secrets.read(IDS[i]!), { ok: true, value: secret });
  secrets.lock();
  assert.deepEqual(secrets.read(IDS[0]!), { ok: false, error: 'locked' });
});

test('another passphrase opens the wallet, and the old one does not any more', async () => {
  const { folder, secrets: first } = await createWallet();
  await first.encrypt('passphrase');
  assert.deepEqual(await first.changePassphrase('wrong', 'x'), { ok: false, error: 'wrong passphrase or corrupted' });
  assert.ok((await first.changePassphrase('passphrase', 'another')).ok);
  for (const secrets of [first, (await reopen(folder)).secrets]) {
    assert.equal(await secrets.unlock('passphrase'), 'wrong passphrase or corrupted');
    assert.equal(await secrets.unlock('another'), null);
    assert.deepEqual(secrets.read(IDS[1]!), { ok: true, value: SECRETS[1] });
  }
});

test('a full disk during encryption leaves the wallet as it was', async () => {
  const { folder, secrets, store } = await createWallet();
  folder.inject = () => ({ error: new Error('full') });
  await assert.rejects(secrets.encrypt('passphrase'), /full/);
  folder.inject = null;
  assert.ok(!secrets.isEncrypted);
  assert.deepEqual(secrets.read(IDS[0]!), { ok: true, value: SECRETS[0] });
  assert.equal(store.get('encryption', 'encryption'), null);
  assert.ok((await secrets.encrypt('passphrase')).ok);
  folder.inject = () => ({ error: new Error('full') });
  await assert.rejects(secrets.changePassphrase('passphrase', 'another'), /full/);
  assert.equal(await secrets.unlock('passphrase'), null);
});

test('K03: a cost below the floor in the file keeps the wallet from being opened at all', async () => {
  const { store, secrets } = await createWallet();
  await secrets.encrypt('passphrase');
  const record = store.get('encryption', 'encryption')!;
  await store.commit({ puts: [{ ...record, key: { ...record.key, cost: { n: 2, r: 1, p: 1 } } }], deletes: [] });
  assert.deepEqual(WalletSecrets.open(store, secp, createTestWalletHost()), {
    ok: false,
    error: 'unacceptable cost',
  });
});

test('K03: secrets that were swapped, or put plainly into an encrypted wallet, are not taken', async () => {
  const { store, secrets } = await createWallet();
  const plain = store.get('secret', IDS[1]!)!;
  await secrets.encrypt('passphrase');
  await secrets.unlock('passphrase');
  const other = store.get('secret', IDS[0]!)!;
  const wrong = { ok: false, error: 'wrong passphrase or corrupted' };
  await store.commit({ puts: [{ ...other, id: IDS[1]! }], deletes: [] });
  assert.deepEqual(secrets.read(IDS[1]!), wrong);
  await store.commit({ puts: [plain], deletes: [] });
  assert.deepEqual(secrets.read(IDS[1]!), wrong);
});

test('K07: bytes that are no secret of their id, or lie out of range, are none', () => {
  const bytes = SECRETS.map((secret) => encodeSecret(secret));
  for (const [i, own] of bytes.entries()) {
    assert.deepEqual(decodeSecret(IDS[i]!, own, secp), SECRETS[i]);
    assert.equal(decodeSecret(IDS[(i + 1) % 3]!, own, secp), null);
    for (let length = 0; length < own.length; length++) {
      assert.equal(decodeSecret(IDS[i]!, own.subarray(0, length), secp), null);
    }
    assert.equal(decodeSecret(IDS[i]!, concatBytes(own, Uint8Array.of(0)), secp), null);
  }
  const order = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
  for (const secret of [new Uint8Array(32), order, new Uint8Array(32).fill(255)]) {
    assert.equal(decodeSecret(IDS[1]!, concatBytes(Uint8Array.of(2, 1), secret), secp), null);
    assert.equal(decodeSecret(IDS[0]!, concatBytes(bytes[0]!.subarray(0, 42), secret), secp), null);
  }
  assert.equal(decodeSecret(IDS[1]!, concatBytes(Uint8Array.of(2, 2), SINGLE), secp), null);
  assert.equal(decodeSecret(IDS[2]!, concatBytes(Uint8Array.of(3, 3), new Uint8Array(16)), secp), null);
});

test('the secrets of a descriptor are found by its keys and by the origins before them', async () => {
  const { secrets } = await createWallet();
  const xprv = formatExtendedSecretKey(root, prefixes.extendedSecretKey);
  const wif = formatWif({ secret: SINGLE, isCompressed: true }, prefixes.secretKey);
  const read = (text: string) => {
    const result = parseDescriptor(text, { prefixes, secp, ring: new KeyRing() });
    assert.ok(result.ok);
    return result.value[0]!;
  };
  const ranged = read(`wpkh(${xprv}/84h/1h/0h/0/*)`);
  assert.deepEqual(secrets.secretsOf(ranged), { extendedKeys: [root], keys: [] });
  const single = { secret: SINGLE, isCompressed: true };
  assert.deepEqual(secrets.secretsOf(read(`pkh(${wif})`)), { extendedKeys: [], keys: [single] });
  assert.deepEqual(secrets.secretsOf(read(`tr(${wif})`)), { extendedKeys: [], keys: [single] });
  const publicText = formatDescriptor(ranged, prefixes);
  const other =
    'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
  const named = read(`wpkh([3442193e/84h/1h/0h]${other}/0/*)`);
  assert.deepEqual(secrets.secretsOf(named), { extendedKeys: [root], keys: [] });
  assert.deepEqual(secrets.secretsOf(read(`wpkh(${other}/0/*)`)), { extendedKeys: [], keys: [] });
  await secrets.encrypt('passphrase');
  assert.equal(secrets.secretsOf(read(publicText)), null);
});

test('words with another passphrase are stored beside the root that they lead to', async () => {
  const { secrets } = await createWallet();
  const stored = secrets.read(`mnemonic:${rootName}`);
  assert.ok(stored.ok && stored.value.form === 'mnemonic');
  assert.equal(formatMnemonic(stored.value.mnemonic), WORDS);
});
