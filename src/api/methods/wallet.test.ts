// The methods of wallets on a whole node in memory. Books, coins and keys have tests of their own: this is about what holds them together.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

/** A node whose wallet `anna` can spend the rewards of some blocks. */
async function open(t: TestContext): Promise<RpcWorld> {
  const world = await RpcWorld.open(t, { hasWallets: true });
  await world.call('createwallet', 'anna');
  await world.call('generatetoaddress', 105, await world.call('getnewaddress'));
  return world;
}

test('a call finds its wallet by its path, or because there is only one', async (t) => {
  const world = await RpcWorld.open(t, { hasWallets: true });
  assert.match(await world.refusal('getbalance'), /^-18 No wallet is loaded\. Load a wallet using loadwallet/);
  await world.call('createwallet', 'anna');
  assert.equal((await world.call('getwalletinfo')).walletname, 'anna');
  await world.call('createwallet', 'bert');
  assert.match(await world.refusal('getbalance'), /^-19 Multiple wallets are loaded\. Please select/);
  assert.equal((await world.callWallet('bert', 'getwalletinfo')).walletname, 'bert');
  await assert.rejects(world.callWallet('carl', 'getbalance'), /Requested wallet does not exist or is not loaded/);
  assert.deepEqual(await world.call('listwallets'), ['anna', 'bert']);
  await world.callWallet('bert', 'unloadwallet');
  assert.equal((await world.call('getwalletinfo')).walletname, 'anna');
});

test('a node without wallets refuses their methods', async (t) => {
  const world = await RpcWorld.open(t);
  assert.match(await world.refusal('getbalance'), /^-32601 Method not found$/);
});

test('rewards, payments, change and history agree', async (t) => {
  const world = await open(t);
  assert.equal((await world.call('getbalances')).mine.trusted, 250);
  const to = await world.call('getnewaddress', 'rent', 'bech32m');
  const txid = await world.call('sendtoaddress', to, 1.5, 'for march', 'the owner');
  const told = await world.call('gettransaction', txid);
  assert.equal(told.comment, 'for march');
  assert.equal(told.amount, 0);
  assert.ok(told.fee < 0);
  assert.ok(Math.abs((await world.call('getbalance')) - 250 - told.fee) < 1e-9);
  await world.call('generatetoaddress', 1, await world.call('getnewaddress'));
  assert.equal((await world.call('gettransaction', txid)).confirmations, 1);
  assert.equal(await world.call('getreceivedbylabel', 'rent'), 1.5);
  const [coin] = (await world.call('listunspent')).filter(({ address }: { address: string }) => address === to);
  assert.deepEqual([coin.amount, coin.label, coin.confirmations], [1.5, 'rent', 1]);
  const trace = await world.call('tracebalance', to);
  assert.deepEqual([trace.amount, trace.steps.at(-1).kind, trace.cut], [1.5, 'reward', false]);
});

test('payments that are asked for at the same time spend different coins', async (t) => {
  const world = await open(t);
  const to = await world.call('getnewaddress');
  const txids = await Promise.all(Array.from({ length: 5 }, () => world.call('sendtoaddress', to, 30)));
  const spent: string[] = [];
  for (const txid of txids) {
    const { decoded } = await world.call('gettransaction', txid, null, true);
    for (const input of decoded.vin) spent.push(`${input.txid}:${input.vout}`);
  }
  assert.equal(new Set(spent).size, spent.length);
  assert.equal((await world.call('getrawmempool')).length, 5);
});

test('two wallets see the same reorganisation', async (t) => {
  const world = await open(t);
  await world.call('createwallet', 'bert');
  const to = await world.callWallet('bert', 'getnewaddress');
  const txid = await world.callWallet('anna', 'sendtoaddress', to, 7);
  const [hash] = await world.call('generatetoaddress', 1, to);
  assert.equal(await world.callWallet('bert', 'getbalance'), 7);
  await world.call('invalidateblock', hash);
  assert.equal((await world.callWallet('bert', 'gettransaction', txid)).confirmations, 0);
  assert.equal((await world.callWallet('bert', 'getbalances')).mine.untrusted_pending, 7);
  assert.equal((await world.callWallet('anna', 'gettransaction', txid)).confirmations, 0);
  await world.call('reconsiderblock', hash);
  assert.equal(await world.callWallet('bert', 'getbalance'), 7);
  assert.equal((await world.callWallet('anna', 'gettransaction', txid)).blockhash, hash);
});

test('a wallet with a passphrase signs only while it is unlocked', async (t) => {
  const world = await open(t);
  await world.call('encryptwallet', 'a b c');
  const to = await world.call('getnewaddress');
  assert.match(await world.refusal('sendtoaddress', to, 1), /^-13 Error: Please enter the wallet passphrase/);
  assert.match(await world.refusal('walletpassphrase', 'a b d', 10), /^-14 /);
  await world.call('walletpassphrase', 'a b c', 10);
  assert.equal((await world.call('sendtoaddress', to, 1)).length, 64);
  await world.call('walletlock');
  assert.match(await world.refusal('signmessage', await world.call('getnewaddress', '', 'legacy'), 'x'), /^-13 /);
  assert.ok(world.walletLines.every((line) => !line.includes('a b c')));
});

test('a message that a wallet signs is good for its address', async (t) => {
  const world = await open(t);
  const address = await world.call('getnewaddress', '', 'legacy');
  const signature = await world.call('signmessage', address, 'good day');
  assert.equal(await world.call('verifymessage', address, signature, 'good day'), true);
  assert.match(
    await world.refusal('signmessage', await world.call('getnewaddress'), 'x'),
    /^-3 Address does not refer to key$/,
  );
});

test('words make the same wallet again, with what it was paid', async (t) => {
  const world = await open(t);
  const { mnemonic } = await world.call('createmnemonic', 24);
  assert.equal(mnemonic.split(' ').length, 24);
  await world.call('createmnemonicwallet', 'paper', mnemonic, 'english', 'salt');
  const to = await world.callWallet('paper', 'getnewaddress');
  await world.callWallet('anna', 'sendtoaddress', to, 3);
  await world.call('generatetoaddress', 1, to);
  await world.callWallet('paper', 'unloadwallet');
  await world.call('createmnemonicwallet', 'again', mnemonic, null, 'salt');
  assert.equal(await world.callWallet('again', 'getbalance'), 3);
  await world.call('createmnemonicwallet', 'other', mnemonic, null, 'pepper');
  assert.equal(await world.callWallet('other', 'getbalance'), 0);
  const shown = { mnemonic, language: 'english', needs_passphrase: true };
  assert.deepEqual(await world.callWallet('other', 'showmnemonic'), shown);
  const words = mnemonic.split(' ');
  const refusal = await world.refusal('createmnemonicwallet', 'bad', ['nonsense', ...words.slice(1)].join(' '));
  assert.match(refusal, /^-8 Word 1 is not in the list of words \(english\)$/);
  assert.ok(world.walletLines.every((line) => !line.includes(words.slice(0, 3).join(' '))));
});

test('words are shown of wallets that were made of them, and only while these are unlocked', async (t) => {
  const world = await open(t);
  const { mnemonic } = await world.call('createmnemonic', 12, 'simplified-chinese');
  await world.call('createmnemonicwallet', 'paper', mnemonic, null, '', 'a b c');
  assert.equal((await world.callWallet('paper', 'getwalletinfo')).has_words, true);
  await assert.rejects(world.callWallet('paper', 'showmnemonic'), {
    code: -13,
    message: /^Error: Please enter the wallet passphrase/,
  });
  await world.callWallet('paper', 'walletpassphrase', 'a b c', 60);
  const shown = { mnemonic, language: 'simplified-chinese', needs_passphrase: false };
  assert.deepEqual(await world.callWallet('paper', 'showmnemonic'), shown);
  assert.ok(world.walletLines.every((line) => !line.includes(mnemonic)));
  assert.equal((await world.callWallet('anna', 'getwalletinfo')).has_words, false);
  await assert.rejects(world.callWallet('anna', 'showmnemonic'), {
    code: -4,
    message: /^The wallet was not made of words/,
  });
});

test('coins are listed in pages, the greatest first, with the sums of all', async (t) => {
  const world = await open(t);
  await world.call('createwallet', 'coins');
  const to: string = await world.callWallet('coins', 'getnewaddress', 'rent');
  for (const value of [2, 5, 3]) await world.callWallet('anna', 'sendtoaddress', to, value);
  await world.call('generatetoaddress', 1, to);
  const [five] = (await world.callWallet('coins', 'listcoins', 1, 1)).coins;
  await world.callWallet('coins', 'lockunspent', false, [{ txid: five.txid, vout: five.vout }]);
  const { coins, ...sums } = await world.callWallet('coins', 'listcoins');
  assert.deepEqual(
    coins.map((coin: Record<string, unknown>) => [coin['mature'], coin['locked'], coin['safe'], coin['label']]),
    [
      [false, false, true, 'rent'],
      [true, true, true, 'rent'],
      [true, false, true, 'rent'],
      [true, false, true, 'rent'],
    ],
  );
  assert.deepEqual(
    coins.slice(1).map(({ amount }: { amount: number }) => amount),
    [5, 3, 2],
  );
  assert.equal(sums.count, 4);
  assert.deepEqual(sums.available, { count: 2, amount: 5 });
  const free = await world.callWallet('coins', 'listcoins', 10, 1, false);
  assert.deepEqual([free.coins.length, free.coins[0].amount, free.count, free.amount], [1, 2, 2, 5]);
  await assert.rejects(world.callWallet('coins', 'listcoins', 10_001), {
    code: -8,
    message: /^count must be from 0 to 10000$/,
  });
});

test('a wallet that watches makes payments that another one signs', async (t) => {
  const world = await open(t);
  await world.call('createwallet', 'watch', true);
  const { descriptors } = await world.callWallet('anna', 'listdescriptors');
  const active = descriptors.filter(({ active }: { active: boolean }) => active);
  const requests = active.map(({ desc, internal }: { desc: string; internal: boolean }) => ({
    desc,
    internal,
    active: true,
    timestamp: 0,
  }));
  const results = await world.callWallet('watch', 'importdescriptors', requests);
  assert.ok(results.every(({ success }: { success: boolean }) => success));
  assert.equal(await world.callWallet('watch', 'getbalance'), 250);
  const to = await world.callWallet('anna', 'getnewaddress');
  const { psbt } = await world.callWallet('watch', 'walletcreatefundedpsbt', [], [{ [to]: 60 }]);
  const signed = await world.callWallet('anna', 'walletprocesspsbt', psbt);
  assert.equal(signed.complete, true);
  const txid = await world.call('sendrawtransaction', signed.hex);
  assert.equal((await world.callWallet('watch', 'gettransaction', txid)).confirmations, 0);
});

test('a fee can be raised, and what was replaced counts no longer', async (t) => {
  const world = await open(t);
  const txid = await world.call('sendtoaddress', await world.call('getnewaddress'), 60);
  const bumped = await world.call('bumpfee', txid);
  assert.ok(bumped.fee > bumped.origfee);
  assert.deepEqual(await world.call('getrawmempool'), [bumped.txid]);
  const before = await world.call('gettransaction', txid);
  assert.equal(before.replaced_by_txid, bumped.txid);
  await world.call('generatetoaddress', 1, await world.call('getnewaddress'));
  assert.equal((await world.call('gettransaction', txid)).confirmations, -1);
});

test('sendall leaves nothing, and locked coins alone', async (t) => {
  const world = await open(t);
  const [first] = await world.call('listunspent');
  await world.call('lockunspent', false, [{ txid: first.txid, vout: first.vout }]);
  await world.call('createwallet', 'bert');
  const to = await world.callWallet('bert', 'getnewaddress');
  const { complete } = await world.callWallet('anna', 'sendall', [to]);
  assert.equal(complete, true);
  assert.deepEqual(await world.callWallet('anna', 'listunspent'), []);
  assert.equal(await world.callWallet('anna', 'getbalance'), 50);
  assert.ok((await world.callWallet('bert', 'getbalances')).mine.untrusted_pending > 199);
});
