import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanceOf, newScript, WalletTable } from '../../../test/model/wallet-chain.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { Wallet } from './wallet.ts';

/** A wallet that has skipped the block that pays it: its file is from before. */
async function openBlind(table: WalletTable): Promise<Wallet> {
  const wallet = await table.create('anna');
  const script = await newScript(wallet);
  const { chain } = table;
  chain.mineMany(5);
  chain.mine(chain.payment(script));
  chain.mineMany(5);
  await balanceOf(wallet);
  await wallet.run(() =>
    wallet.editNow((draft) => {
      const [known] = wallet.books.view.ordered;
      if (known !== undefined) wallet.books.transactions.remove(known, draft.books);
    }),
  );
  assert.equal(await balanceOf(wallet), 0);
  return wallet;
}

test('a rescan finds what was missed, and only within its heights', async () => {
  const table = new WalletTable();
  const wallet = await openBlind(table);
  const below = await wallet.rescan(0, 5, false);
  assert.deepEqual(below, { outcome: 'done', lastHeight: 5, failedHeight: null });
  assert.equal(await balanceOf(wallet), 0);
  const all = await wallet.rescan(0, null, false);
  assert.deepEqual(all, { outcome: 'done', lastHeight: 11, failedHeight: null });
  assert.equal(await balanceOf(wallet), 100_000);
  assert.equal(wallet.scan, null);
  // Once more: nothing is new, and whoever listens is told of it all the same.
  const told = table.told.length;
  await wallet.rescan(0, null, false);
  assert.deepEqual(table.told.slice(told), [`anna ${wallet.books.view.ordered[0]!.txidText}`]);
});

test('one rescan at a time; it tells how far it is, and ends when it is told to', async () => {
  const table = new WalletTable();
  const wallet = await openBlind(table);
  assert.equal(wallet.abortRescan(), false);
  const scan = wallet.rescan(0, null, false);
  assert.ok(scan !== null && wallet.scan !== null);
  assert.equal(wallet.rescan(0, null, false), null);
  await newScript(wallet);
  assert.ok(wallet.scan.progress >= 0 && wallet.scan.progress <= 1);
  assert.equal(wallet.abortRescan(), true);
  assert.equal(wallet.abortRescan(), false);
  assert.equal((await scan).outcome, 'aborted');
  assert.equal(wallet.scan, null);
});

test('blocks that are gone are passed by and told of; the rest is found', async () => {
  const table = new WalletTable();
  const wallet = await openBlind(table);
  table.chain.storedFrom = 4;
  assert.deepEqual(await wallet.rescan(0, null, false), { outcome: 'failed', lastHeight: 11, failedHeight: 3 });
  assert.equal(await balanceOf(wallet), 100_000);
});

test('the secrets are kept until a scan is over that needs them', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna', { passphrase: 'word' });
  table.chain.mineMany(40);
  await balanceOf(wallet);
  await wallet.unlock('word', 5);
  const scan = wallet.rescan(0, null, true);
  const passed = table.pass(6);
  assert.ok(!wallet.isLocked);
  await scan;
  await passed;
  await table.pass(0);
  assert.ok(wallet.isLocked);
});

test('a reorganisation in the middle of a scan leaves nothing of the branch that is gone', async () => {
  const table = new WalletTable();
  const wallet = await openBlind(table);
  const scan = wallet.rescan(0, null, false);
  table.chain.reorganize(8);
  await scan;
  await wallet.untilSynchronised();
  assert.equal(await balanceOf(wallet), 0);
  assert.deepEqual(
    wallet.books.view.ordered.map(({ state }) => state.kind).filter((kind) => kind === 'confirmed'),
    [],
    toHex(wallet.lastBlock.blockHash),
  );
});
