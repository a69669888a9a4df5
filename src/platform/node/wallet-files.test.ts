import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createTestWalletHost } from '../../../test/model/wallet-host.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { WalletNameError } from '../../wallet/ports.ts';
import { restoreBackup, writeBackup } from '../../wallet/store/backup.ts';
import { WALLET_FILE } from '../../wallet/store/record-log.ts';
import { WalletSecrets } from '../../wallet/store/wallet-secrets.ts';
import { WalletStore } from '../../wallet/store/wallet-store.ts';
import { NodeWalletHome, resolveWalletPath } from './wallet-files.ts';

const GENESIS = asBlockHash(new Uint8Array(32).fill(9));
const SECRET = { form: 'single-key', key: { secret: new Uint8Array(32).fill(0x5e), isCompressed: true } } as const;
const root = mkdtempSync(join(tmpdir(), 'tallystick-wallets-'));
after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;

function newHome(): { home: NodeWalletHome; path: string; outside: string } {
  const outside = join(root, `${++count}`);
  mkdirSync(outside);
  return { home: new NodeWalletHome(join(outside, 'wallets'), 'Tallystick'), path: join(outside, 'wallets'), outside };
}

async function createWallet(home: NodeWalletHome, name: string): Promise<WalletStore> {
  const identity = { walletId: new Uint8Array(16).fill(name.length), genesisHash: GENESIS, createdSec: 1 };
  const store = await WalletStore.create((await home.open(name, true))!, identity, []);
  const secrets = WalletSecrets.open(store, secp, createTestWalletHost());
  assert.ok(secrets.ok);
  await store.commit({ puts: [secrets.value.seal(SECRET)], deletes: [] });
  return store;
}

test('a wallet lies in a folder of its own, which only its owner can read', async () => {
  const { home, path } = newHome();
  assert.equal(await home.open('one', false), null);
  await createWallet(home, 'one');
  const file = join(path, 'one', WALLET_FILE);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(path, 'one')).mode & 0o777, 0o700);
  const store = await WalletStore.open((await home.open('one', false))!, GENESIS);
  assert.ok(store.ok);
  assert.equal(store.value.path, file);
  assert.equal(store.value.fileBytes, readFileSync(file).length);
});

test('wallets are listed by their names, the nameless, nested and linked ones too', async () => {
  const { home, path, outside } = newHome();
  assert.deepEqual(await home.list(), []);
  for (const name of ['w1', '', 'sub/w5', 'w2']) await createWallet(home, name);
  mkdirSync(join(path, 'empty'));
  writeFileSync(join(path, 'file'), 'x');
  symlinkSync('w1', join(path, 'w1_link'));
  symlinkSync('..', join(path, 'loop'));
  symlinkSync('nowhere', join(path, 'broken'));
  mkdirSync(join(outside, 'elsewhere', 'deeper'), { recursive: true });
  symlinkSync(join(outside, 'elsewhere'), join(path, 'far'));
  assert.deepEqual(await home.list(), ['', 'sub/w5', 'w1', 'w1_link', 'w2']);
});

test('what leads round in a circle is told, and the other wallets are listed', async () => {
  const { path, outside } = newHome();
  const lines: string[] = [];
  const home = new NodeWalletHome(path, 'Tallystick', (line) => lines.push(line));
  await createWallet(home, 'w1');
  mkdirSync(join(path, 'circle'));
  symlinkSync(WALLET_FILE, join(path, 'circle', WALLET_FILE));
  assert.deepEqual(await home.list(), ['w1']);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^Error while scanning wallet dir item: .*circle/);
  writeFileSync(join(outside, 'file'), 'x');
  symlinkSync(join(outside, 'file'), join(path, 'link'));
  await assert.rejects(
    home.open('link', true),
    /^WalletNameError: Invalid -wallet path 'link'\. It has to be a folder/,
  );
  assert.equal(await home.open('link/below', false), null);
  await assert.rejects(home.open('link/below', true), /^WalletNameError: cannot make .*link\/below: ENOTDIR/);
});

test('a new file goes where nothing is, and not where a wallet of this home would lie', async () => {
  const { home, path, outside } = newHome();
  await createWallet(home, 'one');
  const bytes = Uint8Array.of(1, 2);
  assert.equal(await home.writeNew(join(outside, 'watch.tally'), bytes), true);
  assert.deepEqual(readFileSync(join(outside, 'watch.tally')), Buffer.from(bytes));
  symlinkSync(join(outside, 'nowhere'), join(outside, 'dangling'));
  for (const name of ['watch.tally', 'dangling', '.', '']) {
    assert.equal(await home.writeNew(join(outside, name), Uint8Array.of(3)), false, name);
  }
  assert.equal(existsSync(join(outside, 'nowhere')), false);
  mkdirSync(join(path, 'two'));
  await assert.rejects(home.writeNew(join(path, 'two', WALLET_FILE), bytes), /a wallet of this node would lie there/);
  await assert.rejects(home.writeNew(join(outside, 'no', 'x'), bytes), StorageError);
});

test('names are those that Core allows, with its words for the others', () => {
  const at = (name: string) => resolveWalletPath('/home/w', name);
  assert.equal(at(''), '/home/w');
  assert.equal(at('w1'), '/home/w/w1');
  assert.equal(at('sub/w5'), '/home/w/sub/w5');
  assert.equal(at('..w'), '/home/w/..w');
  assert.equal(at('/elsewhere/w6'), '/elsewhere/w6');
  const refuses = (names: readonly string[], sentence: RegExp): void => {
    for (const name of names) {
      assert.throws(
        () => at(name),
        (error: unknown) => error instanceof WalletNameError && sentence.test(error.message),
        name,
      );
    }
  };
  refuses(
    ['bad/./path', 'bad/../path', '/bad/./path', '/bad/../path', '../', './', './wallet', '../w/../w/wallet', 'a//b'],
    /^Wallet name given as a path must be normalized$/,
  );
  refuses(['../wallets/wallet', '..', '.', '../../etc'], /^Wallet name given as a relative path cannot begin with/);
  refuses(['/'], /^Wallet name cannot be the root path$/);
  refuses(['a\0b'], /zero character/);
});

test('a wallet is locked for all names that lead to it, and for nobody else', async () => {
  const { home, path } = newHome();
  await createWallet(home, 'one');
  await createWallet(home, 'two');
  symlinkSync('one', join(path, 'link'));
  const lock = await home.lock('one');
  assert.ok(lock !== null);
  assert.equal(await home.lock('one'), null);
  assert.equal(await home.lock('link'), null);
  const other = await home.lock('two');
  assert.ok(other !== null);
  await other.release();
  await lock.release();
  assert.deepEqual(readdirSync(join(path, 'one')), [WALLET_FILE], 'a folder that was unloaded holds its wallet alone');
  const again = await home.lock('link');
  assert.ok(again !== null);
  await again.release();
});

test('K13: a wallet file that exists is never taken for a new one', async () => {
  const { home, path } = newHome();
  await createWallet(home, 'one');
  const before = readFileSync(join(path, 'one', WALLET_FILE));
  await assert.rejects(createWallet(home, 'one'), StorageError);
  assert.deepEqual(readFileSync(join(path, 'one', WALLET_FILE)), before);
});

test('a file that is a link is not followed: what it leads to is neither read nor changed', async () => {
  const { home, path, outside } = newHome();
  const store = await createWallet(home, 'one');
  const target = join(outside, 'target');
  writeFileSync(target, await store.exportFile());
  const before = readFileSync(target);
  const folder = (await home.open('two', true))!;
  symlinkSync(target, join(path, 'two', WALLET_FILE));
  await assert.rejects(folder.read(WALLET_FILE), StorageError);
  await assert.rejects(folder.append(WALLET_FILE, before.length, new Uint8Array(1)), StorageError);
  await assert.rejects(folder.wipe(WALLET_FILE), StorageError);
  await assert.rejects(folder.create(WALLET_FILE, new Uint8Array(1)), StorageError);
  // A link in the way of the new file is not written through either.
  symlinkSync(target, join(path, 'two', '.other.new'));
  await assert.rejects(folder.create('other', new Uint8Array(1)), StorageError);
  assert.deepEqual(readFileSync(target), before);
});

test('K13: backups go where they are told, never over a wallet of this home', async () => {
  const { home, path, outside } = newHome();
  const one = await createWallet(home, 'one');
  const two = await createWallet(home, 'second');
  const backup = join(outside, 'backup.tally');
  assert.equal(await writeBackup(one, home, backup), null);
  assert.equal(await writeBackup(one, home, backup), null);
  assert.equal(statSync(backup).mode & 0o777, 0o600);
  assert.deepEqual(await writeBackup(two, home, backup), { kind: 'occupied', path: backup });
  mkdirSync(join(outside, 'usb'));
  assert.equal(await writeBackup(one, home, join(outside, 'usb')), null);
  assert.ok(existsSync(join(outside, 'usb', WALLET_FILE)));
  const before = readFileSync(join(path, 'one', WALLET_FILE));
  symlinkSync(path, join(outside, 'way'));
  mkdirSync(join(path, 'third'));
  for (const place of [
    join(path, 'one', WALLET_FILE),
    join(path, 'one'),
    join(outside, 'way', 'one'),
    join(path, 'third'),
    path,
  ]) {
    await assert.rejects(writeBackup(one, home, place), StorageError, place);
  }
  assert.deepEqual(readFileSync(join(path, 'one', WALLET_FILE)), before);
  await assert.rejects(writeBackup(one, home, join(outside, 'nowhere', 'x')), StorageError);
  const bytes = (await home.readBackup(backup))!;
  const restored = await restoreBackup((await home.open('restored', true))!, { path: backup, bytes }, GENESIS);
  assert.deepEqual(restored, { ok: true, value: { isTorn: false } });
  assert.equal(await home.readBackup(join(outside, 'missing')), null);
  await assert.rejects(home.readBackup('/dev/zero'), /not a file/);
});

test('K05: a backup goes neither over a wallet in use elsewhere nor over a file that stands in its way', async () => {
  const { home, outside } = newHome();
  const place = join(outside, 'far');
  const store = await createWallet(home, place);
  const lock = await home.lock(place);
  const file = join(place, WALLET_FILE);
  const before = readFileSync(file);
  for (const path of [place, file, join(place, WALLET_FILE.toUpperCase())]) {
    await assert.rejects(writeBackup(store, home, path), /a wallet of this node lies there/, path);
  }
  assert.deepEqual(readFileSync(file), before);
  await lock?.release();
  const target = join(outside, 'x.tally');
  const inTheWay = join(outside, '.x.tally.new');
  writeFileSync(inTheWay, 'of somebody');
  await assert.rejects(writeBackup(store, home, target), /in the way/);
  assert.equal(readFileSync(inTheWay, 'utf8'), 'of somebody');
  writeFileSync(inTheWay, before.subarray(0, 20));
  assert.equal(await writeBackup(store, home, target), null, 'what a crash has left is no hindrance');
});

test('K05: what a crash has left is removed when a wallet is opened, and nothing else', async () => {
  const { home, path } = newHome();
  await createWallet(home, 'one');
  const folder = join(path, 'one');
  const others = ['.notes.new', 'wallet.dat.new', '.wallet.dat', 'wallet.sqlite'];
  for (const name of [...others, `.${WALLET_FILE}.new`]) writeFileSync(join(folder, name), 'x');
  assert.ok((await WalletStore.open((await home.open('one', false))!, GENESIS)).ok);
  for (const name of others) assert.equal(readFileSync(join(folder, name), 'utf8'), 'x');
  assert.ok(!existsSync(join(folder, `.${WALLET_FILE}.new`)));
});

test('a copy that somebody keeps as another name of the file is not overwritten', async () => {
  const { home, path, outside } = newHome();
  const store = await createWallet(home, 'one');
  const kept = join(outside, 'kept');
  linkSync(join(path, 'one', WALLET_FILE), kept);
  const before = readFileSync(kept);
  assert.equal(await store.rewrite({ puts: [], deletes: [] }), false);
  assert.deepEqual(readFileSync(kept), before);
  const folder = (await home.open('one', false))!;
  linkSync(join(path, 'one', WALLET_FILE), join(outside, 'again'));
  await folder.wipe(WALLET_FILE);
  assert.ok(!existsSync(join(path, 'one', WALLET_FILE)) && statSync(join(outside, 'again')).size > 0);
});

test('a wallet file that somebody else has changed is not added to', async () => {
  const { home, path } = newHome();
  const store = await createWallet(home, 'one');
  const file = join(path, 'one', WALLET_FILE);
  writeFileSync(file, 'something else');
  const change = { puts: [], deletes: [{ kind: 'wallet', id: 'wallet' }] } as const;
  await assert.rejects(store.commit(change), /changed by somebody else/);
  assert.equal(readFileSync(file, 'utf8'), 'something else');
});

test('K02: nothing of a secret is on the disk after encryption', async () => {
  const { home, path } = newHome();
  const store = await createWallet(home, 'one');
  const file = join(path, 'one', WALLET_FILE);
  assert.ok(readFileSync(file, 'latin1').includes('5e'.repeat(32)));
  const secrets = WalletSecrets.open(store, secp, createTestWalletHost());
  assert.ok(secrets.ok);
  assert.deepEqual(await secrets.value.encrypt('passphrase'), { ok: true, value: true });
  assert.ok(!readFileSync(file, 'latin1').includes('5e'.repeat(8)));
});
