import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fakeTxid,
  makeBlock,
  makeCoinbase,
  makeTx,
  NOBODY,
  outputOf,
  pay,
  spend,
  TEST_RNG,
  TestChain,
} from '../../../test/model/block-builder.ts';
import { CoinsModel, describeCoins, describeModel } from '../../../test/model/coins-model.ts';
import type { Block } from '../primitives/block.ts';
import { parseBlockHash } from '../primitives/hashes.ts';
import { encodeOutpoint } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { isListed, OVERWRITTEN_BLOCKS } from './bip30.ts';
import { CoinRef } from './coin.ts';
import { CoinsOverlay } from './coins-overlay.ts';
import { disconnectBlock } from './disconnect-block.ts';
import { createRegtestParams } from './networks/regtest.ts';
import type { BlockReference } from './params.ts';
import { SpentCoins } from './spent-coins.ts';
import type { BlockUndo } from './undo.ts';

const scratch = new CoinRef();

/** A chain of 102 blocks: the last spends the first reward, and an output of the same block. */
function spendingChain(): { readonly chain: TestChain; readonly parent: Transaction; readonly child: Transaction } {
  const chain = new TestChain();
  const first = chain.mine();
  chain.mineEmpty(100);
  const parent = makeTx([spend(outputOf(first.transaction(0)))], [pay(3), pay(2, NOBODY), pay(1)]);
  const child = makeTx([spend(outputOf(parent, 2))], [pay(1)]);
  chain.mine({ transactions: [parent, child] });
  return { chain, parent, child };
}

/** Undoes the last block over the chain's coins, after `change` has tampered with them. */
function disconnectAfter(chain: TestChain, change: (overlay: CoinsOverlay) => void, undo?: BlockUndo) {
  const last = chain.blocks.at(-1)!;
  const overlay = new CoinsOverlay(chain.coins, TEST_RNG);
  change(overlay);
  return disconnectBlock(last.block, undo ?? last.undo, overlay, chain.height);
}

test('disconnecting a block gives the coins before it, and connecting it again the coins after it', () => {
  const { chain } = spendingChain();
  const after = describeCoins(chain.coins);
  const { block } = chain.blocks.at(-1)!;
  const model = new CoinsModel();
  chain.blocks.slice(0, -1).forEach((entry, i) => {
    model.connect(entry.block, i + 1);
  });
  assert.equal(chain.disconnect(), 'ok');
  assert.deepEqual(describeCoins(chain.coins), describeModel(model));
  assert.equal(chain.connect(block), null);
  assert.deepEqual(describeCoins(chain.coins), after);
});

test('a missing output of the block makes the disconnect unclean', () => {
  const { chain, child } = spendingChain();
  const result = disconnectAfter(chain, (overlay) => {
    assert.ok(overlay.spendCoin(encodeOutpoint(outputOf(child)), 0, scratch));
  });
  assert.equal(result, 'unclean');
});

test('an output with another value, script, height or coinbase flag makes the disconnect unclean', () => {
  const { chain, child } = spendingChain();
  const right = { valueSat: 1, scriptPubKey: Uint8Array.of(0x51), height: 102, isCoinbase: false };
  const replaceBy = (coin: typeof right) =>
    disconnectAfter(chain, (overlay) => {
      overlay.addCoin(encodeOutpoint(outputOf(child)), 0, new CoinRef().pointAtCopy(coin), true);
    });
  assert.equal(replaceBy(right), 'ok');
  assert.equal(replaceBy({ ...right, valueSat: 2 }), 'unclean');
  assert.equal(replaceBy({ ...right, scriptPubKey: Uint8Array.of(0x52) }), 'unclean');
  assert.equal(replaceBy({ ...right, scriptPubKey: Uint8Array.of(0x51, 0x51) }), 'unclean');
  assert.equal(replaceBy({ ...right, height: 101 }), 'unclean');
  assert.equal(replaceBy({ ...right, isCoinbase: true }), 'unclean');
});

test('a coin that is back already is overwritten, and the disconnect unclean', () => {
  const { chain } = spendingChain();
  const reward = outputOf(chain.blocks[0]!.block.transaction(0));
  const wrong = { valueSat: 7, scriptPubKey: Uint8Array.of(0x51), height: 1, isCoinbase: true };
  const last = chain.blocks.at(-1)!;
  const overlay = new CoinsOverlay(chain.coins, TEST_RNG);
  overlay.addCoin(encodeOutpoint(reward), 0, new CoinRef().pointAtCopy(wrong), true);
  assert.equal(disconnectBlock(last.block, last.undo, overlay, chain.height), 'unclean');
  assert.ok(overlay.readCoin(encodeOutpoint(reward), 0, scratch));
  assert.equal(scratch.valueSat, 5_000_000_000);
});

test('undo data of another block fail', () => {
  const { chain } = spendingChain();
  const { undo } = chain.blocks.at(-1)!;
  const nothing = (): void => {};
  assert.equal(disconnectAfter(chain, nothing, { coins: undo.coins, firstCoins: Uint32Array.of(0, 1) }), 'failed');
  assert.equal(disconnectAfter(chain, nothing, { coins: undo.coins, firstCoins: Uint32Array.of(0, 0, 2) }), 'failed');
  assert.equal(disconnectAfter(chain, nothing, { coins: undo.coins, firstCoins: Uint32Array.of(0, 1, 3) }), 'failed');
  assert.equal(disconnectAfter(chain, nothing, chain.blocks[0]!.undo), 'failed');
});

test('a coin without a height, as old undo data have it, takes that of another output of its transaction', () => {
  const chain = new TestChain();
  const first = chain.mine();
  chain.mineEmpty(100);
  const parent = makeTx([spend(outputOf(first.transaction(0)))], [pay(3), pay(2), pay(1)]);
  chain.mine({ transactions: [parent] });
  chain.mine({ transactions: [makeTx([spend(outputOf(parent, 1))], [pay(2)])] });
  const coins = new SpentCoins(1);
  coins.append(
    new CoinRef().pointAtCopy({ valueSat: 2, scriptPubKey: Uint8Array.of(0x51), height: 0, isCoinbase: false }),
  );
  const undo: BlockUndo = { coins, firstCoins: Uint32Array.of(0, 1) };
  const last = chain.blocks.at(-1)!;
  const overlay = new CoinsOverlay(chain.coins, TEST_RNG);
  assert.equal(disconnectBlock(last.block, undo, overlay, chain.height), 'ok');
  assert.ok(overlay.readCoin(encodeOutpoint(outputOf(parent, 1)), 0, scratch));
  assert.deepEqual(scratch.toCoin(), {
    valueSat: 2,
    scriptPubKey: Uint8Array.of(0x51),
    height: 102,
    isCoinbase: false,
  });
  // When the transaction has no other coin left, nobody knows.
  const bare = new CoinsOverlay(chain.coins, TEST_RNG);
  for (const index of [0, 2]) bare.spendCoin(encodeOutpoint(outputOf(parent, index)), 0, scratch);
  assert.equal(disconnectBlock(last.block, undo, bare, chain.height), 'failed');
});

test('the genesis block cannot be disconnected', () => {
  const chain = new TestChain();
  const { genesis } = createRegtestParams();
  const undo = { coins: new SpentCoins(0), firstCoins: new Uint32Array(1) };
  assert.throws(() => disconnectBlock(genesis, undo, chain.overlay, 0), { name: 'AssertionError' });
});

test('C07: a repeated coinbase replaces the earlier one, and disconnecting and connecting both is defined', () => {
  // As on the main network around 91,842: BIP34 is not active yet, and the repeat is excepted by height and hash.
  const network = createRegtestParams({ activationHeights: { bip34: 10_000 } });
  const repeats: BlockReference[] = [];
  const chain = new TestChain({ ...network, consensus: { ...network.consensus, bip30Exceptions: repeats } });
  const coinbase = makeCoinbase({ height: 0, outputs: [pay(5_000_000_000)], scriptSig: Uint8Array.of(1, 2, 3) });
  chain.mineEmpty(1);
  const first = chain.mine({ coinbase });
  chain.mineEmpty(2);
  const repeat = chain.make({ coinbase });
  assert.equal(chain.connect(repeat)?.reason, 'bad-txns-BIP30');
  repeats.push({ height: 6, blockHash: repeat.header.blockHash });
  assert.equal(chain.connect(repeat)?.reason, 'bad-txns-BIP30');
  repeats.push({ height: 5, blockHash: first.header.blockHash });
  assert.equal(chain.connect(repeat)?.reason, 'bad-txns-BIP30');
  repeats.push({ height: 5, blockHash: repeat.header.blockHash });
  assert.equal(chain.connect(repeat), null);

  // One coin less than blocks: it counts as made by the repeat, and the earlier reward is gone.
  assert.equal(chain.coins.count, 4);
  const outpoint = encodeOutpoint(outputOf(coinbase));
  assert.ok(chain.coins.readCoin(outpoint, 0, scratch));
  assert.deepEqual([scratch.height, scratch.isCoinbase], [5, true]);
  const after = describeCoins(chain.coins);

  // Disconnecting the repeat is clean, and does not bring the earlier coin back.
  assert.equal(chain.disconnect(), 'ok');
  assert.equal(chain.coins.count, 3);
  assert.equal(chain.coins.hasCoin(outpoint, 0), false);
  for (let i = 0; i < 2; i++) assert.equal(chain.disconnect(), 'ok');

  // Disconnecting the overwritten block finds nothing: clean for the two blocks that are known for it, unclean for others.
  const { undo } = chain.blocks.at(-1)!;
  const known: BlockReference = { height: 2, blockHash: first.header.blockHash };
  const disconnectFirst = (overwritten: readonly BlockReference[]) =>
    disconnectBlock(first, undo, new CoinsOverlay(chain.coins, TEST_RNG), 2, overwritten);
  assert.equal(disconnectFirst([known]), 'ok');
  assert.equal(disconnectFirst([{ ...known, height: 3 }]), 'unclean');
  assert.equal(disconnectFirst([{ ...known, blockHash: repeat.header.blockHash }]), 'unclean');
  assert.equal(chain.disconnect(), 'unclean');

  // Connecting the same blocks again gives the same coins as before.
  assert.equal(chain.connect(first), null);
  chain.mineEmpty(2);
  assert.equal(chain.connect(repeat), null);
  assert.deepEqual(describeCoins(chain.coins), after);
});

test('C07: the two overwritten rewards of the main network are known by height and hash', () => {
  const hash91722 = parseBlockHash('00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e')!;
  const hash91812 = parseBlockHash('00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f')!;
  assert.equal(isListed(OVERWRITTEN_BLOCKS, 91_722, hash91722), true);
  assert.equal(isListed(OVERWRITTEN_BLOCKS, 91_812, hash91812), true);
  assert.equal(isListed(OVERWRITTEN_BLOCKS, 91_722, hash91812), false);
  assert.equal(isListed(OVERWRITTEN_BLOCKS, 91_842, hash91722), false);
});

test('C40: blocks full of spends and outputs are disconnected in one step as a whole', () => {
  const chain = new TestChain();
  const rewards: Block[] = [];
  for (let i = 0; i < 20; i++) rewards.push(chain.mine());
  chain.mineEmpty(100);
  const start = describeCoins(chain.coins).length;
  const before = describeCoins(chain.coins).join();
  for (const reward of rewards) {
    const fan = makeTx(
      [spend(outputOf(reward.transaction(0)))],
      Array.from({ length: 2000 }, (_, n) => pay(n)),
    );
    const gather = makeTx(
      Array.from({ length: 2000 }, (_, n) => spend(outputOf(fan, n))),
      Array.from({ length: 2000 }, () => pay(1)),
    );
    chain.mine({ transactions: [fan, gather] });
  }
  assert.equal(chain.coins.count, start + 20 * 2000);
  const overlay = new CoinsOverlay(chain.coins, TEST_RNG);
  for (let i = chain.blocks.length - 1; i >= 120; i--) {
    const { block, undo } = chain.blocks[i]!;
    assert.equal(disconnectBlock(block, undo, overlay, i + 1), 'ok');
  }
  overlay.flushInto(chain.coins);
  assert.equal(describeCoins(chain.coins).join(), before);
});

test('a block of another height than it was connected at does not disconnect cleanly', () => {
  const chain = new TestChain();
  chain.mineEmpty(3);
  const { block, undo } = chain.blocks.at(-1)!;
  const overlay = new CoinsOverlay(chain.coins, TEST_RNG);
  assert.equal(disconnectBlock(block, undo, overlay, 2), 'unclean');
  const other = makeBlock(chain.branch, chain.params, {
    transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1)])],
  });
  assert.equal(disconnectBlock(other, undo, new CoinsOverlay(chain.coins, TEST_RNG), 4), 'failed');
});
