import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { p2wpkh } from '../../../test/model/loose-transaction.ts';
import { balanceOf, newScript, WalletTable } from '../../../test/model/wallet-chain.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { WALLET_FILE } from '../store/record-log.ts';
import { createTransaction } from '../tx-builder/build.ts';
import { DEFAULT_COIN_CONTROL } from '../tx-builder/coin-control.ts';
import { QueueClosedError } from './command-queue.ts';
import { buildWithChange, commitTransaction, outpointsOf, signWhole } from './payments.ts';
import { type Wallet, WalletFailedError } from './wallet.ts';
import { WalletDraft } from './wallet-draft.ts';
import { encryptWallet } from './wallet-keys.ts';

/** Pays as sendtoaddress does; the names of the coins that were spent. */
function send(wallet: Wallet, valueSat: number): Promise<readonly string[]> {
  return wallet.runSynchronised(async () => {
    const draft = new WalletDraft();
    const recipients = [{ scriptPubKey: p2wpkh(7), valueSat, subtractsFee: false }];
    const wishes = { recipients, control: DEFAULT_COIN_CONTROL, changeType: null };
    const created = await buildWithChange(wallet, wishes, draft, (environment) =>
      createTransaction(recipients, DEFAULT_COIN_CONTROL, environment),
    );
    assert.ok(created.ok, created.ok ? '' : created.error.message);
    const signed = await signWhole(wallet, created.value);
    assert.ok(signed.ok, 'it can be signed');
    await commitTransaction(wallet, signed.value, {}, draft);
    return outpointsOf(signed.value).map(formatOutpoint);
  });
}

test('payments at the same time never spend the same coin', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  for (let i = 0; i < 6; i++) table.chain.enter(table.chain.payment(await newScript(wallet)));
  table.chain.mine();
  const spent = await Promise.all(Array.from({ length: 6 }, () => send(wallet, 60_000)));
  const names = spent.flat();
  assert.equal(new Set(names).size, names.length, 'each coin was spent once');
  assert.equal(table.chain.mempoolTransactions().length, 6);
});

test('what was answered is there after the plug was pulled', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  table.chain.mine(table.chain.payment(await newScript(wallet)));
  await balanceOf(wallet);
  await wallet.change(function* (draft) {
    wallet.books.addresses.set('0014', 'rent', 'send', draft.books);
    yield;
  });
  const [spent] = await send(wallet, 60_000);
  const files = new Map([...table.home.folders].map(([name, { files: all }]) => [name, new Map(all)]));
  // The program dies here; another one finds the files as they were.
  const next = new WalletTable(table.chain);
  const folder = await next.home.open('anna', true);
  for (const [name, bytes] of files.get('anna') ?? []) folder?.files.set(name, bytes);
  const found = await next.load('anna');
  assert.equal(found.books.addresses.labelOf('0014'), 'rent');
  const own = found.books.view.ordered.filter(({ isFromMe }) => isFromMe);
  assert.deepEqual(
    own.flatMap(({ transaction }) => outpointsOf(transaction).map(formatOutpoint)),
    [spent],
  );
  assert.equal(await balanceOf(found), await balanceOf(wallet));
});

test('a wallet whose file cannot be written answers nothing more', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const before = await newScript(wallet);
  const folder = table.home.folders.get('anna')!;
  folder.inject = ({ kind }) => (kind === 'append' ? { error: new Error('the disk is full') } : null);
  await assert.rejects(
    newScript(wallet),
    (error) => error instanceof WalletFailedError && /disk is full.* again \(.*unloadwallet/.test(error.message),
  );
  folder.inject = null;
  await assert.rejects(newScript(wallet), WalletFailedError);
  assert.ok(table.lines.some((line) => line.includes('"anna" could not be saved')));
  await table.manager.unload(wallet, null);
  const again = await table.load('anna');
  assert.ok(again.books.scripts.isMine(before));
  assert.ok((await newScript(again)).length > 0);
});

test('a passphrase keeps the secrets, and the time for them runs out', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const root = wallet.store.all('hd-root').find(({ isActive }) => isActive)!.id;
  assert.equal(await encryptWallet(wallet, 'secret word'), true);
  assert.ok(wallet.hasPassphrase && wallet.isLocked);
  assert.notEqual(
    wallet.store.all('hd-root').find(({ isActive }) => isActive)!.id,
    root,
    'keys that lay open are not used again',
  );
  table.chain.mine(table.chain.payment(await newScript(wallet)));
  assert.equal(await wallet.unlock('wrong', 60), false);
  assert.equal(await wallet.unlock('secret word', 60), true);
  assert.equal((await send(wallet, 60_000)).length, 1);
  await table.pass(61);
  assert.ok(wallet.isLocked);
  assert.equal(await wallet.changePassphrase('wrong', 'x'), false);
  assert.equal(await wallet.changePassphrase('secret word', 'other word'), true);
  assert.ok(wallet.isLocked);
  assert.equal(await wallet.unlock('secret word', 60), false);
  assert.equal(await wallet.unlock('other word', 60), true);
  await wallet.lock();
  assert.ok(wallet.isLocked);
});

test('a longer time for the secrets takes the place of a shorter one', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna', { passphrase: 'word' });
  await wallet.unlock('word', 10);
  await wallet.unlock('word', 100);
  await table.pass(50);
  assert.ok(!wallet.isLocked);
  await table.pass(51);
  assert.ok(wallet.isLocked);
});

test('no secret is in the log or in an encrypted file', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna', { passphrase: 'a passphrase like no other' });
  await wallet.unlock('a passphrase like no other', 60);
  await send(wallet, 1_000).catch(() => undefined);
  await wallet.lock();
  const file = Buffer.from(table.home.folders.get('anna')!.files.get(WALLET_FILE)!).toString('latin1');
  for (const text of [...table.lines, file]) {
    assert.ok(!text.includes('a passphrase like no other'));
    assert.ok(!text.includes('tprv'));
  }
});

test('a wallet that is closed takes no commands, and finishes those that it has', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const asked = newScript(wallet);
  await table.manager.unload(wallet, null);
  assert.ok((await asked).length > 0);
  await assert.rejects(newScript(wallet), QueueClosedError);
  await assert.rejects(wallet.untilSynchronised(), QueueClosedError);
});

test('a coin of the mempool that is replaced is a coin again', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const parent = table.chain.payment(await newScript(wallet));
  table.chain.mine(parent);
  const before = await balanceOf(wallet);
  table.chain.enter(makeTx([spend(outputOf(parent))], [pay(90_000)]));
  assert.equal(await balanceOf(wallet), 0);
  table.chain.reorganize(0, [makeTx([spend(outputOf(parent))], [pay(80_000, await newScript(wallet))])]);
  assert.equal(await balanceOf(wallet), 80_000);
  assert.equal(before, 100_000);
});
