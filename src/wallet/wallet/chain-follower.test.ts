import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import {
  balanceOf,
  FIRST_BLOCK_SEC,
  newScript,
  USUAL_WALLET,
  WalletChain,
  WalletTable,
} from '../../../test/model/wallet-chain.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { ChainFollower, findFirstHeight } from './chain-follower.ts';
import { createRandomRoot } from './new-wallet.ts';

test('a read sees every block that was there when it was asked', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const script = await newScript(wallet);
  for (let i = 1; i <= 5; i++) {
    table.chain.mine(table.chain.payment(script));
    assert.equal(await balanceOf(wallet), i * 100_000);
  }
});

test('two wallets follow a reorganisation, and each block is read for both alike', async () => {
  const table = new WalletTable();
  const [anna, bert] = [await table.create('anna'), await table.create('bert')];
  const gift = table.chain.payment(await newScript(anna));
  table.chain.mine(gift);
  const paid = makeTx([spend(outputOf(gift))], [pay(90_000, await newScript(bert))]);
  table.chain.mine(paid);
  assert.deepEqual([await balanceOf(anna), await balanceOf(bert)], [0, 90_000]);
  // The gift is mined on the other branch as well, the payment is not, and nobody holds it.
  table.chain.reorganize(2, [gift]);
  assert.deepEqual([await balanceOf(anna), await balanceOf(bert)], [0, 0]);
  const own = await anna.runSynchronised(() => anna.books.view.get(formatHash(paid.txid))?.state.kind);
  assert.equal(own, 'inactive');
  table.chain.mine(paid);
  assert.deepEqual([await balanceOf(anna), await balanceOf(bert)], [0, 90_000]);
});

test('of a long branch that gives way no block before the fork is asked for', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const script = await newScript(wallet);
  table.chain.mine(table.chain.payment(script));
  table.chain.mineMany(500);
  assert.equal(await balanceOf(wallet), 100_000);
  // Everything up to the fork is pruned, which is no multiple of anything.
  table.chain.storedFrom = table.chain.tip().height - 290;
  table.chain.reorganize(291, [table.chain.payment(script, 5_000)]);
  assert.equal(await balanceOf(wallet), 105_000);
  assert.equal(wallet.lastBlock.height, table.chain.tip().height);
});

test('a wallet that was away goes back to the fork and on from there', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  const [kept, lost] = [
    table.chain.payment(await newScript(wallet)),
    table.chain.payment(await newScript(wallet), 70_000),
  ];
  table.chain.mine(kept);
  table.chain.mine(lost);
  assert.equal(await balanceOf(wallet), 170_000);
  await table.manager.unload(wallet, null);
  table.chain.reorganize(1, [table.chain.payment(await (async () => kept.scriptPubKey(0))(), 5_000)]);
  table.chain.mineMany(3);
  const again = await table.load('anna');
  assert.equal(await balanceOf(again), 105_000);
  assert.equal(again.lastBlock.height, table.chain.tip().height);
});

test('after any history a wallet knows what one knows that was there from the start', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const rng = createRng(seed);
    const table = new WalletTable(new WalletChain(), undefined, seed);
    const root = createRandomRoot(table.manager.host, table.manager.secp);
    let wallet = await table.create('anna', { root, birthTimeSec: FIRST_BLOCK_SEC });
    const paid = [table.chain.payment(await newScript(wallet))];
    for (let step = 0; step < 25; step++) {
      const kind = rng.below(6);
      if (kind <= 1) paid.push(table.chain.enter(table.chain.payment(await newScript(wallet), 10_000 + step)));
      else if (kind === 2) table.chain.mine();
      else if (kind === 3) {
        table.chain.forget();
        const again = [paid[rng.below(paid.length)]!];
        table.chain.reorganize(Math.min(rng.below(3), table.chain.tip().height), again.filter(notMined(table.chain)));
      } else if (kind === 4) {
        const coin = paid[rng.below(paid.length)]!;
        const spender = makeTx([spend(outputOf(coin))], [pay(9_000)]);
        if (table.chain.isMined(coin.txid) && !table.chain.isMined(spender.txid)) table.chain.enter(spender);
      } else {
        await table.manager.unload(wallet, null);
        if (rng.below(2) === 0) table.chain.mine();
        wallet = await table.load('anna');
      }
    }
    table.chain.mineMany(2);
    const other = new WalletTable(table.chain, undefined, seed);
    // Addresses that were given away and never paid are no reason to stop looking.
    other.settings = { ...other.settings, keypoolSize: 60 };
    const judge = await other.create('judge', { root, birthTimeSec: FIRST_BLOCK_SEC });
    const describe = (one: typeof wallet) =>
      one.runSynchronised(() =>
        one.books.view.ordered
          // A chain without rules may have a payment without the coin that it spends: only who knew that coin sees it.
          .filter(({ state, creditSat }) => state.kind === 'confirmed' && creditSat > 0)
          .map(({ txidText, state }) => `${txidText} ${state.kind === 'confirmed' ? state.height : ''}`)
          .sort(),
      );
    assert.deepEqual(await describe(wallet), await describe(judge), `seed ${seed}`);
    // What is lost on a branch may come again: only who saw it counts its coins as spent. What blocks say is the same for all.
    const unspent = (one: typeof wallet) =>
      one.runSynchronised(() =>
        [...one.books.view.live]
          .filter(
            (output) => output.from.state.kind === 'confirmed' && one.books.view.spendKind(output) !== 'confirmed',
          )
          .map(({ name }) => name)
          .sort(),
      );
    assert.deepEqual(await unspent(wallet), await unspent(judge), `seed ${seed}`);
  }
});

/** Whether no block of the active chain has a transaction, below the last two. */
function notMined(chain: WalletChain) {
  return ({ txid }: { readonly txid: Uint8Array }): boolean => !chain.isMined(txid);
}

test('blocks from before the birth of a wallet are not read', async () => {
  const table = new WalletTable();
  table.chain.mineMany(100);
  const root = createRandomRoot(table.manager.host, table.manager.secp);
  const before = table.chain.readCount;
  const wallet = await table.create('anna', { root, birthTimeSec: FIRST_BLOCK_SEC + 600 * 80 });
  assert.equal(wallet.lastBlock.height, 100);
  // Two hours before its birth and later.
  assert.equal(table.chain.readCount - before, 100 - (80 - 12) + 1);
});

test('a wallet that needs blocks which are gone says from which height on', async () => {
  const table = new WalletTable();
  const wallet = await table.create('anna');
  table.chain.mineMany(3);
  await balanceOf(wallet);
  await table.manager.unload(wallet, null);
  table.chain.mineMany(20);
  table.chain.storedFrom = 10;
  const loaded = await table.manager.load('anna', null);
  assert.ok(!loaded.ok);
  assert.match(loaded.error.message, /Prune: last wallet synchronisation goes beyond pruned data.*from height 4 on/);
  table.chain.storedFrom = 0;
  assert.equal((await table.load('anna')).lastBlock.height, 23);
});

test('filters pass by what cannot concern the wallet, up to the tip for one that was behind, and a new block is read', async () => {
  const table = new WalletTable();
  table.chain.mineMany(50);
  table.chain.filtered = new Set(Array.from({ length: 51 }, (_, i) => i));
  const root = createRandomRoot(table.manager.host, table.manager.secp);
  const wallet = await table.create('anna', { root, birthTimeSec: FIRST_BLOCK_SEC });
  assert.equal(table.chain.readCount, 0);
  table.chain.mine();
  await balanceOf(wallet);
  assert.equal(table.chain.readCount, 1);
});

test('the first height of a time is found in chains of any length', () => {
  const chain = new WalletChain();
  for (let length = 0; length < 20; length++) {
    for (let at = -1; at <= length + 1; at++) {
      const expected = at > length ? null : Math.max(at, 0);
      assert.equal(findFirstHeight(chain, FIRST_BLOCK_SEC + 600 * at, 0), expected);
    }
    chain.mine();
  }
});

test('a wallet made now does not look back', async () => {
  const table = new WalletTable();
  table.chain.mineMany(30);
  const { manager } = table;
  const created = await manager.create({ ...USUAL_WALLET, name: 'anna', loadsOnStartup: null });
  assert.ok(created.ok);
  assert.equal(table.chain.readCount, 0);
});

test('whoever waits for a block goes on only when what waits in the mempool is set right', async () => {
  const chain = new WalletChain();
  chain.mineMany(2);
  const calls: string[] = [];
  const receiver = {
    lastBlock: chain.blockAt(0),
    birthTimeSec: FIRST_BLOCK_SEC,
    skipTo: () => assert.fail('nothing is passed by'),
    rewind: () => assert.fail('nothing gives way'),
    connect: async (block: NonNullable<ReturnType<typeof chain.blockAt>>) => {
      receiver.lastBlock = block;
      calls.push(`block ${block.height}`);
    },
    settle: async () => void calls.push('settled'),
  };
  const follower = new ChainFollower(chain, receiver, async () => {}, assert.ifError);
  const first = follower.untilSynchronised().then(() => calls.push('answered'));
  chain.mine();
  await first;
  await follower.stop();
  assert.equal(calls[calls.indexOf('answered') - 1], 'settled', calls.join());
  assert.ok(calls.indexOf('block 2') < calls.indexOf('answered'), calls.join());
});
