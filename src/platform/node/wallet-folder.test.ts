import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestWalletHost } from '../../../test/model/wallet-host.ts';
import { diskFullAfter, failOnce, forgetSync, stopAtChange } from '../../kernel/chain/disk-faults.ts';
import { MemoryDisk } from '../../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { readWholeFile } from '../../kernel/chain/write-file-atomic.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { restoreBackup } from '../../wallet/store/backup.ts';
import { WALLET_FILE } from '../../wallet/store/record-log.ts';
import type { StoredRecord } from '../../wallet/store/records.ts';
import { type StoredSecret, secretId } from '../../wallet/store/secret-codec.ts';
import { WalletSecrets } from '../../wallet/store/wallet-secrets.ts';
import { WalletStore } from '../../wallet/store/wallet-store.ts';
import { WalletFiles } from './wallet-folder.ts';

const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const KEY = new Uint8Array(32).fill(0x5e);
const SECRET: StoredSecret = { form: 'single-key', key: { secret: KEY, isCompressed: true } };
const ID = secretId(SECRET, secp);

/** Images of one crash that are looked at: one in which only the process died, the others after a power cut. */
const IMAGES = 8;

function files(disk: MemoryDisk, folder = 'wallets/one'): WalletFiles {
  return new WalletFiles(new MemoryFolder(folder, disk));
}

function identity(id: number) {
  return { walletId: new Uint8Array(16).fill(id), genesisHash: GENESIS, createdSec: 1_700_000_000 };
}

function address(label: string): StoredRecord {
  return { kind: 'address', id: '0014aa', label, purpose: 'receive', isUsed: false };
}

async function openStore(disk: MemoryDisk, folder = 'wallets/one'): Promise<WalletStore> {
  const opened = await WalletStore.open(files(disk, folder), GENESIS);
  assert.ok(opened.ok, opened.ok ? '' : JSON.stringify(opened.error));
  const leftOver = (await files(disk, folder).list()).filter((name) => name.startsWith(`.${WALLET_FILE}`));
  assert.deepEqual(leftOver, []);
  return opened.value;
}

function openSecrets(store: WalletStore): WalletSecrets {
  const opened = WalletSecrets.open(store, secp, createTestWalletHost());
  assert.ok(opened.ok);
  return opened.value;
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}

/** What stands in the same folder and in the one above, and is nobody's business. */
const UNRELATED: readonly (readonly [folder: string, name: string])[] = [
  ['wallets', 'notes.txt'],
  ['wallets', '.notes.txt.new'],
  ['wallets/one', '.other.new'],
  ['wallets/one', 'wallet.dat.old'],
  ['backups', 'letter'],
];

async function putUnrelated(disk: MemoryDisk): Promise<void> {
  for (const [folder, name] of UNRELATED) await files(disk, folder).create(name, encodeUtf8(`${folder}/${name}`));
  await WalletStore.create(files(disk, 'wallets'), identity(1), [address('of another wallet')]);
}

async function checkUnrelated(disk: MemoryDisk): Promise<void> {
  for (const [folder, name] of UNRELATED) {
    const bytes = await readWholeFile(new MemoryFolder(folder, disk), name);
    assert.deepEqual(bytes, encodeUtf8(`${folder}/${name}`));
  }
  const other = await openStore(disk, 'wallets');
  assert.deepEqual(other.get('address', '0014aa'), address('of another wallet'));
}

/** Does something to wallet one, with the disk dying at each of its changes in turn, and looks at what is found after each. */
async function crashEverywhere(
  prepare: (disk: MemoryDisk) => Promise<void>,
  act: (disk: MemoryDisk) => Promise<void>,
  check: (disk: MemoryDisk, isDone: boolean) => Promise<void>,
): Promise<number> {
  for (let change = 1; ; change++) {
    const disk = new MemoryDisk();
    await putUnrelated(disk);
    await prepare(disk);
    const rng = createRng(change);
    disk.inject = stopAtChange(disk.changeCount + change, rng);
    const isDone = await succeeds(act(disk));
    disk.inject = null;
    for (let image = 0; image < IMAGES; image++) {
      const found = image === 0 ? disk.kill() : disk.crash(rng);
      await check(found, isDone);
      await checkUnrelated(found);
    }
    if (isDone) return change - 1;
  }
}

async function createOne(disk: MemoryDisk): Promise<void> {
  const store = await WalletStore.create(files(disk), identity(2), [address('old')]);
  await store.commit({ puts: [openSecrets(store).seal(SECRET)], deletes: [] });
}

test('K05: a crash while a wallet is made leaves a wallet or none, and it can be made again', async () => {
  const boundaries = await crashEverywhere(
    async () => {},
    async (disk) => {
      await WalletStore.create(files(disk), identity(2), [address('new')]);
    },
    async (disk, isDone) => {
      const opened = await WalletStore.open(files(disk), GENESIS);
      if (opened.ok) {
        assert.deepEqual(opened.value.get('address', '0014aa'), address('new'));
        return;
      }
      assert.ok(!isDone);
      assert.equal(opened.error.kind, 'missing');
      await WalletStore.create(files(disk), identity(2), [address('new')]);
      await openStore(disk);
    },
  );
  assert.equal(boundaries, 5);
});

test('K05: a crash while changes are committed leaves all of them or none, and nothing of before is lost', async () => {
  const boundaries = await crashEverywhere(
    createOne,
    async (disk) => {
      const store = await openStore(disk);
      for (const label of ['1', '2', '3']) {
        await store.commit({
          puts: [address(label), { kind: 'transaction', id: 'ab'.repeat(32), hex: '00'.repeat(900) }],
          deletes: [],
        });
      }
    },
    async (disk, isDone) => {
      const store = await openStore(disk);
      const { label } = store.get('address', '0014aa')!;
      assert.ok(isDone ? label === '3' : ['old', '1', '2', '3'].includes(label!));
      assert.equal(store.get('transaction', 'ab'.repeat(32)) !== null, label !== 'old');
      assert.ok(openSecrets(store).read(ID).ok);
      await store.commit({ puts: [address('after')], deletes: [] });
      const again = await openStore(disk);
      assert.equal(again.get('address', '0014aa')!.label, 'after');
    },
  );
  assert.equal(boundaries, 6);
});

test('K05, K02: a crash while a wallet is encrypted leaves the plain wallet or the encrypted one, and no secret beside it', async () => {
  await crashEverywhere(
    createOne,
    async (disk) => {
      const encrypted = await openSecrets(await openStore(disk)).encrypt('passphrase');
      assert.ok(encrypted.ok);
    },
    async (disk, isDone) => {
      const secrets = openSecrets(await openStore(disk));
      assert.ok(secrets.isEncrypted || !isDone);
      if (secrets.isEncrypted) {
        assert.deepEqual(await findKey(disk), []);
        assert.equal(await secrets.unlock('passphrase'), null);
      } else {
        assert.deepEqual(await findKey(disk), [WALLET_FILE]);
        assert.ok((await secrets.encrypt('passphrase')).ok);
        assert.deepEqual(await findKey(disk), []);
        assert.equal(await secrets.unlock('passphrase'), null);
      }
      assert.deepEqual(secrets.read(ID), { ok: true, value: SECRET });
    },
  );
});

test('K05: a crash while the passphrase is changed leaves the old one or the new one', async () => {
  await crashEverywhere(
    async (disk) => {
      await createOne(disk);
      await openSecrets(await openStore(disk)).encrypt('old');
    },
    async (disk) => {
      const changed = await openSecrets(await openStore(disk)).changePassphrase('old', 'new');
      assert.ok(changed.ok);
    },
    async (disk, isDone) => {
      const secrets = openSecrets(await openStore(disk));
      const isNew = (await secrets.unlock('new')) === null;
      assert.ok(isNew || !isDone);
      assert.equal((await secrets.unlock('old')) === null, !isNew);
      assert.deepEqual(secrets.read(ID), { ok: true, value: SECRET });
    },
  );
});

test('K05: a crash while a file is made smaller loses nothing', async () => {
  const big = (id: string): StoredRecord => ({ kind: 'transaction', id: id.repeat(32), hex: '00'.repeat(60_000) });
  const boundaries = await crashEverywhere(
    async (disk) => {
      await createOne(disk);
      const store = await openStore(disk);
      for (let i = 0; i < 8; i++) await store.commit({ puts: [big('ab')], deletes: [] });
    },
    async (disk) => {
      const store = await openStore(disk);
      await store.commit({ puts: [big('ab'), address('new')], deletes: [] });
      assert.ok(store.fileBytes < 200_000);
    },
    async (disk, isDone) => {
      const store = await openStore(disk);
      const label = store.get('address', '0014aa')?.label;
      assert.ok(label === 'new' || (!isDone && label === 'old'));
      assert.ok(store.get('transaction', 'ab'.repeat(32)) !== null);
      assert.ok(openSecrets(store).read(ID).ok);
    },
  );
  assert.equal(boundaries, 7);
});

test('K05: a crash while a backup is written leaves the older backup or the new one, and the wallet alone', async () => {
  await crashEverywhere(
    async (disk) => {
      await createOne(disk);
      const store = await openStore(disk);
      await files(disk, 'backups').replace('one.tally', await store.exportFile());
      await store.commit({ puts: [address('new')], deletes: [] });
    },
    async (disk) => {
      const store = await openStore(disk);
      await files(disk, 'backups').replace('one.tally', await store.exportFile());
    },
    async (disk, isDone) => {
      assert.equal((await openStore(disk)).get('address', '0014aa')!.label, 'new');
      const bytes = await readWholeFile(new MemoryFolder('backups', disk), 'one.tally');
      const restored = await restoreBackup(files(disk, 'wallets/two'), { path: 'one.tally', bytes }, GENESIS);
      assert.deepEqual(restored, { ok: true, value: { isTorn: false } });
      const { label } = (await openStore(disk, 'wallets/two')).get('address', '0014aa')!;
      assert.ok(label === 'new' || (!isDone && label === 'old'));
    },
  );
});

test('K05: a crash while a backup is restored leaves a whole wallet or none', async () => {
  await crashEverywhere(
    async (disk) => {
      await createOne(disk);
      await files(disk, 'backups').create('one.tally', await (await openStore(disk)).exportFile());
    },
    async (disk) => {
      const bytes = await readWholeFile(new MemoryFolder('backups', disk), 'one.tally');
      await restoreBackup(files(disk, 'wallets/two'), { path: 'one.tally', bytes }, GENESIS);
    },
    async (disk, isDone) => {
      assert.ok(openSecrets(await openStore(disk)).read(ID).ok);
      const opened = await WalletStore.open(files(disk, 'wallets/two'), GENESIS);
      assert.ok(opened.ok || (!isDone && opened.error.kind === 'missing'));
      if (opened.ok) assert.ok(openSecrets(opened.value).read(ID).ok);
    },
  );
});

test('a disk that fills up at any byte of a commit or of an encryption costs nothing, and room makes good', async () => {
  for (let room = 0; room < 1_800; room += 53) {
    const disk = new MemoryDisk();
    await putUnrelated(disk);
    await createOne(disk);
    const store = await openStore(disk);
    const secrets = openSecrets(store);
    disk.inject = diskFullAfter(room);
    const isCommitted = await succeeds(store.commit({ puts: [address('new')], deletes: [] }));
    assert.equal(store.get('address', '0014aa')!.label, isCommitted ? 'new' : 'old');
    const isEncrypted = await succeeds(secrets.encrypt('passphrase'));
    assert.equal(secrets.isEncrypted, isEncrypted);
    disk.inject = null;
    assert.equal((await openStore(disk)).get('address', '0014aa')!.label, isCommitted ? 'new' : 'old');
    await store.commit({ puts: [address('later')], deletes: [] });
    if (!isEncrypted) assert.ok((await secrets.encrypt('passphrase')).ok);
    assert.equal((await openStore(disk)).get('address', '0014aa')!.label, 'later');
    assert.deepEqual(await findKey(disk), []);
    await checkUnrelated(disk);
  }
});

test('a sync that fails and forgets is not trusted: what was confirmed later survives a power cut', async () => {
  const disk = new MemoryDisk();
  await createOne(disk);
  const store = await openStore(disk);
  disk.inject = forgetSync(1);
  await assert.rejects(store.commit({ puts: [address('lost')], deletes: [] }));
  disk.inject = null;
  await store.commit({ puts: [address('kept')], deletes: [] });
  for (let seed = 0; seed < 50; seed++) {
    const found = disk.crash(createRng(seed));
    assert.equal((await openStore(found)).get('address', '0014aa')!.label, 'kept');
  }
});

test('K02: what a file held before is overwritten where it lies', async () => {
  const disk = new MemoryDisk();
  await createOne(disk);
  const old = disk.file('wallets/one', WALLET_FILE);
  const size = old.size;
  assert.ok(toHex(old.read(0, size)).includes(toHex(encodeUtf8(toHex(KEY)))));
  assert.deepEqual(await openSecrets(await openStore(disk)).encrypt('passphrase'), { ok: true, value: true });
  assert.ok(old.read(0, size).every((byte) => byte === 0));
});

test('when only the overwriting fails, the file is the new one, and it is told', async () => {
  const disk = new MemoryDisk();
  await createOne(disk);
  const secrets = openSecrets(await openStore(disk));
  // The first write is that of the new file.
  disk.inject = failOnce('write', 2);
  assert.deepEqual(await secrets.encrypt('passphrase'), { ok: true, value: false });
  assert.ok(openSecrets(await openStore(disk)).isEncrypted);
});

/** Names of the files of wallet one that hold the key, raw or as digits. */
async function findKey(disk: MemoryDisk): Promise<readonly string[]> {
  const folder = files(disk);
  const found: string[] = [];
  for (const name of await folder.list()) {
    const bytes = Buffer.from((await folder.read(name))!);
    if (bytes.includes(Buffer.from(KEY)) || bytes.includes(toHex(KEY))) found.push(name);
  }
  return found;
}
