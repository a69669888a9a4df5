import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WalletTable } from '../../../test/model/wallet-chain.ts';
import { WalletFailedError } from './wallet.ts';

const PASSPHRASE = 'correct horse';

function fillDisk(table: WalletTable): void {
  table.home.folders.get('one')!.inject = () => ({ error: new Error('disk full') });
}

test('R14: a wallet whose file can no longer be written forgets its keys at once', async () => {
  const table = new WalletTable();
  const wallet = await table.create('one', { passphrase: PASSPHRASE });
  assert.ok(await wallet.unlock(PASSPHRASE, 60));
  fillDisk(table);
  await assert.rejects(
    wallet.run(() => wallet.setFlags({ avoidsReuse: true })),
    WalletFailedError,
  );
  assert.ok(wallet.isLocked);
  assert.equal(wallet.unlockedUntilSec, 0);
});

test('R14: so does one that cannot store the addresses that it makes when it is unlocked', async () => {
  const table = new WalletTable();
  await table.manager.unload(await table.create('one', { passphrase: PASSPHRASE }), null);
  table.settings = { ...table.settings, keypoolSize: 50 };
  const wallet = await table.load('one');
  fillDisk(table);
  await assert.rejects(wallet.unlock(PASSPHRASE, 60), WalletFailedError);
  assert.ok(wallet.isLocked);
});

test('who follows a wallet hears each time that its keys can be used or no longer', async () => {
  const told: string[] = [];
  const table = new WalletTable();
  table.onLockChanged = ({ name, isLocked }) => told.push(`${name} ${isLocked ? 'locked' : 'unlocked'}`);
  const wallet = await table.create('one', { passphrase: PASSPHRASE });
  assert.equal(await wallet.unlock('wrong', 60), false);
  await wallet.lock();
  assert.deepEqual(told, []);
  await wallet.unlock(PASSPHRASE, 60);
  await table.pass(61);
  await wallet.unlock(PASSPHRASE, 60);
  await wallet.lock();
  assert.deepEqual(told, ['one unlocked', 'one locked', 'one unlocked', 'one locked']);
});
