import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanceOf, newScript, USUAL_WALLET, WalletChain, WalletTable } from '../../../test/model/wallet-chain.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { parseMnemonic } from '../keys/mnemonic.ts';
import { WALLET_FILE } from '../store/record-log.ts';
import { createMnemonicRoot } from './new-wallet.ts';
import type { WalletFault } from './wallet-fault.ts';
import type { ManagedWallet } from './wallet-manager.ts';

type Outcome =
  | { readonly ok: true; readonly value: ManagedWallet }
  | { readonly ok: false; readonly error: WalletFault };

function messageOf(outcome: Outcome): string {
  assert.ok(!outcome.ok, 'it was refused');
  return `${outcome.error.kind}: ${outcome.error.message}`;
}

test('wallets are made once, loaded once, and unloaded', async () => {
  const table = new WalletTable();
  const { manager } = table;
  const wallet = await table.create('anna');
  assert.deepEqual(manager.list(), [wallet]);
  assert.match(messageOf(await manager.load('anna', null)), /^already-loaded: Wallet "anna" is already loaded\./);
  assert.match(
    messageOf(await manager.create({ ...USUAL_WALLET, name: 'anna', loadsOnStartup: null })),
    /Wallet file verification failed\. Failed to create database path 'memory\/anna'\. Database already exists\.$/,
  );
  assert.deepEqual(await manager.unload(wallet, null), []);
  assert.equal(await manager.unload(wallet, null), null);
  assert.deepEqual(manager.list(), []);
  assert.deepEqual(await manager.listStored(), ['anna']);
  assert.match(messageOf(await manager.load('bert', null)), /^not-found: .*'memory\/bert'\. Path does not exist\.$/);
  await table.load('anna');
});

test('a wallet without a name, or with a passphrase for keys that it has not, is refused', async () => {
  const { manager } = new WalletTable();
  const refused = (name: string, more: Partial<typeof USUAL_WALLET>) =>
    manager.create({ ...USUAL_WALLET, ...more, name, loadsOnStartup: null }).then(messageOf);
  assert.match(await refused('', {}), /Wallet name cannot be empty/);
  assert.match(await refused('anna', { hasPrivateKeys: false, passphrase: 'x' }), /^failed: Passphrase provided but/);
  assert.deepEqual(await manager.listStored(), []);
});

test('one wallet is not loaded by two programs', async () => {
  const table = new WalletTable();
  await table.create('anna');
  const other = new WalletTable(table.chain, table.home, 2);
  assert.match(
    messageOf(await other.manager.load('anna', null)),
    /Unable to obtain an exclusive lock on wallet "anna"/,
  );
  await table.manager.close();
  await other.load('anna');
});

test('a wallet that is on its way is not touched by anybody else', async () => {
  const { manager } = new WalletTable();
  const [first, second] = await Promise.all([
    manager.create({ ...USUAL_WALLET, name: 'anna', loadsOnStartup: null }),
    manager.create({ ...USUAL_WALLET, name: 'anna', loadsOnStartup: null }),
  ]);
  assert.ok(first.ok);
  assert.match(messageOf(second), /Wallet already loading/);
});

test('what is loaded at the next start is noted when that is asked for', async () => {
  const table = new WalletTable();
  const { manager, startup } = table;
  const created = await manager.create({ ...USUAL_WALLET, name: 'anna', loadsOnStartup: true });
  assert.ok(created.ok);
  assert.deepEqual([...startup], [['anna', true]]);
  await manager.unload(created.value.wallet, false);
  assert.deepEqual([...startup], [['anna', false]]);
});

test('a wallet of another ledger is not loaded', async () => {
  const table = new WalletTable();
  await table.create('anna');
  await table.manager.close();
  const chain = new WalletChain();
  const genesis = chain.blockAt(0)!;
  chain.blockAt = (height) => (height === 0 ? { ...genesis, blockHash: table.chain.mine().blockHash } : null);
  const other = new WalletTable(chain, table.home);
  assert.match(messageOf(await other.manager.load('anna', null)), /should not be reused across chains/);
});

test('a backup makes the same wallet, and never takes the place of another', async () => {
  const table = new WalletTable();
  const { chain, manager } = table;
  const wallet = await table.create('anna');
  const script = await newScript(wallet);
  assert.ok(await manager.backup(wallet, '/backup'));
  chain.mine(chain.payment(script));
  assert.equal(await balanceOf(wallet), 100_000);
  assert.match(messageOf(await manager.restore('anna', '/backup', null)), /^already-exists: /);
  assert.match(messageOf(await manager.restore('bert', '/nothing', null)), /Backup file does not exist/);
  const restored = await manager.restore('bert', '/backup', null);
  assert.ok(restored.ok);
  assert.equal(await balanceOf(restored.value.wallet), 100_000);
  table.home.backups.set('/broken', new Uint8Array(100).fill(3));
  assert.match(
    messageOf(await manager.restore('carl', '/broken', null)),
    /^not-found: Wallet file verification failed\. Failed to load database path 'memory\/carl'\. Data is not in recognized format\. \(\/broken is no wallet/,
  );
  assert.equal((await manager.listStored()).includes('carl'), false);
});

test('a wallet that watches another one has all of it but the keys', async () => {
  const table = new WalletTable();
  const { chain, manager, home } = table;
  const wallet = await table.create('anna');
  const script = await newScript(wallet);
  chain.mine(chain.payment(script));
  assert.equal(await balanceOf(wallet), 100_000);
  assert.deepEqual(await manager.exportWatchOnly(wallet, '/watch'), { ok: true, value: null });
  assert.deepEqual(await manager.exportWatchOnly(wallet, '/watch'), {
    ok: false,
    error: "Export destination '/watch' already exists",
  });
  const file = Buffer.from(home.backups.get('/watch')!).toString('latin1');
  assert.ok(!file.includes('secret/') && !file.includes('hd-root/'));
  const restored = await manager.restore('watch', '/watch', null);
  assert.ok(restored.ok);
  const watch = restored.value.wallet;
  assert.equal(await balanceOf(watch), 100_000);
  assert.equal(watch.flags.hasPrivateKeys, false);
  assert.deepEqual(watch.store.all('secret'), []);
  assert.deepEqual(await newScript(watch), await newScript(wallet), 'both know the same next address');
  const blank = await table.create('blank', { isBlank: true });
  const refused = await manager.exportWatchOnly(blank, '/blank');
  assert.deepEqual(refused, { ok: false, error: 'Wallet has no descriptors to export' });
});

test('the log says which version of the program wrote a wallet last, and not of one that was made a moment ago', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  await newScript(wallet);
  await table.manager.unload(wallet, null);
  assert.ok(!table.lines.some((line) => line.includes('client version')));
  const newer = new WalletTable(table.chain, table.home, 2, 20_000);
  const next = await newer.load('anna');
  assert.deepEqual(newer.lines, ['[anna] Last client version = 10000']);
  await newScript(next);
  await newer.manager.unload(next, null);
  await newer.load('anna');
  assert.equal(newer.lines.at(-1), '[anna] Last client version = 20000');
});

test('words give the addresses that they give everywhere, and find what they were paid', async () => {
  const table = new WalletTable();
  const { chain, manager } = table;
  const parsed = parseMnemonic(
    'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
  );
  assert.ok(parsed.ok);
  const root = await createMnemonicRoot(parsed.value, '', manager.host, manager.secp);
  // m/84h/1h/0h/0/0 of these words, as BIP84 wallets have it on test networks.
  const script = Uint8Array.from(Buffer.from('0014d0c4a3ef09e997b6e99e397e518fe3e41a118ca1', 'hex'));
  chain.mineMany(20);
  chain.mine(chain.payment(script));
  const wallet = await table.create('anna', { root, birthTimeSec: 0 });
  assert.equal(await balanceOf(wallet), 100_000);
  assert.ok(await wallet.run(() => manager.list().length === 1));
});

test('transactions that wait nowhere are handed in again: when a wallet is loaded, and in a day or so', async () => {
  const table = new WalletTable();
  const { chain, manager } = table;
  const wallet = await table.create('anna');
  const payment = chain.enter(chain.payment(await newScript(wallet)));
  await balanceOf(wallet);
  chain.forget();
  await wallet.run(() => undefined);
  assert.equal(chain.mempoolTransactions().length, 0);
  await manager.unload(wallet, null);
  const again = await table.load('anna');
  assert.deepEqual(
    chain.mempoolTransactions().map(({ txid }) => formatHash(txid)),
    [formatHash(payment.txid)],
  );
  chain.forget();
  chain.mineMany(400);
  await balanceOf(again);
  table.nowSec += 37 * 3600;
  await table.pass(61);
  assert.equal(chain.mempoolTransactions().length, 1);
  assert.equal(table.lines.filter((line) => line === '[anna] resubmit 1 unconfirmed transactions').length, 2);
});

test('a wallet that keeps its transactions to itself hands none in', async () => {
  const table = new WalletTable();
  table.settings = { ...table.settings, broadcasts: false };
  const wallet = await table.create('anna');
  table.chain.enter(table.chain.payment(await newScript(wallet)));
  await balanceOf(wallet);
  table.chain.forget();
  await wallet.run(() => undefined);
  await table.manager.resubmit(wallet);
  assert.equal(table.chain.mempoolTransactions().length, 0);
});

test('closing unloads all, waits for what was begun, and leaves files that can be loaded', async () => {
  const table = new WalletTable();
  const [anna, bert] = [await table.create('anna'), await table.create('bert')];
  const asked = Promise.all([newScript(anna), newScript(bert)]);
  await table.manager.close();
  await asked;
  assert.deepEqual(table.manager.list(), []);
  assert.match(messageOf(await table.manager.load('anna', null)), /The program is stopping/);
  const next = new WalletTable(table.chain, table.home);
  await next.load('anna');
  assert.ok(next.home.folders.get('bert')?.files.has(WALLET_FILE));
});
