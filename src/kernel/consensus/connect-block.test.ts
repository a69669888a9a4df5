import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANYONE,
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
import { describeCoins } from '../../../test/model/coins-model.ts';
import { hash160 } from '../crypto/hash160.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { Block } from '../primitives/block.ts';
import { asBlockHash, formatHash } from '../primitives/hashes.ts';
import { encodeOutpoint, type Outpoint } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { encodePush } from '../script/script.ts';
import { createP2sh, createWitnessProgram } from '../script/script-builder.ts';
import { concatBytes } from '../util/bytes.ts';
import type { Result } from '../util/result.ts';
import { type Coin, CoinRef } from './coin.ts';
import { CoinsOverlay } from './coins-overlay.ts';
import { type ConnectedBlock, connectBlock } from './connect-block.ts';
import type { HeaderBranch } from './header-branch.ts';
import { MemoryCoins } from './memory-coins.ts';
import { createRegtestParams } from './networks/regtest.ts';
import type { ConsensusParams } from './params.ts';
import type { BlockReject } from './reject.ts';

const PARAMS = createRegtestParams().consensus;
const FIFTY = 5_000_000_000;

/** Blocks 600 seconds apart. */
function branchAt(height: number, blockHash: (at: number) => number = () => 0): HeaderBranch {
  return {
    height,
    timeSec: (at) => 1_000_000 + 600 * at,
    bits: () => PARAMS.pow.limit.bits,
    version: () => 4,
    blockHash: (at) => asBlockHash(new Uint8Array(32).fill(blockHash(at))),
  };
}

/** Coins in memory, each named by an outpoint. */
function coinsWith(entries: readonly (readonly [Outpoint, Partial<Coin>])[]): MemoryCoins {
  const coins = new MemoryCoins(TEST_RNG);
  for (const [outpoint, coin] of entries) {
    const whole = { valueSat: 1000, scriptPubKey: ANYONE, height: 1, isCoinbase: false, ...coin };
    coins.putCoin(encodeOutpoint(outpoint), 0, new CoinRef().pointAtCopy(whole));
  }
  return coins;
}

const A: Outpoint = { txid: fakeTxid(1), index: 0 };
const B: Outpoint = { txid: fakeTxid(2), index: 5 };

function connect(
  transactions: readonly Transaction[],
  coins: MemoryCoins,
  options: { readonly height?: number; readonly rewardSat?: number; readonly params?: ConsensusParams } = {},
): Result<ConnectedBlock, BlockReject> {
  const branch = branchAt((options.height ?? 120) - 1);
  const params = options.params ?? PARAMS;
  const block = makeBlock(branch, params, { transactions, rewardSat: options.rewardSat ?? 0 });
  return connectBlock(block, new CoinsOverlay(coins, TEST_RNG), branch, params);
}

function reasonOf(result: Result<ConnectedBlock, BlockReject>): string | null {
  return result.ok ? null : result.error.reason;
}

test('a payment takes its coins, adds its own and pays its fee', () => {
  const coins = coinsWith([
    [A, { valueSat: 700 }],
    [B, { valueSat: 300 }],
  ]);
  const tx = makeTx([spend(A), spend(B)], [pay(900), pay(50, NOBODY), pay(0)]);
  const branch = branchAt(119);
  const block = makeBlock(branch, PARAMS, { transactions: [tx], rewardSat: 50 });
  const overlay = new CoinsOverlay(coins, TEST_RNG);
  const result = connectBlock(block, overlay, branch, PARAMS);
  assert.ok(result.ok);
  assert.equal(result.value.feesSat, 50);
  overlay.flushInto(coins);
  assert.deepEqual(
    [...coins.entries()].map(({ coin }) => [coin.valueSat, coin.height, coin.isCoinbase]),
    [
      [50, 120, true],
      [900, 120, false],
      [0, 120, false],
    ],
  );
  const { undo, scriptJobs } = result.value;
  assert.deepEqual([...undo.firstCoins], [0, 2]);
  assert.deepEqual([undo.coins.valueSat(0), undo.coins.valueSat(1)], [700, 300]);
  assert.equal(scriptJobs.length, 1);
  assert.equal(scriptJobs[0]?.txIndex, 1);
  assert.deepEqual([scriptJobs[0]?.spent.valueSat(0), scriptJobs[0]?.spent.valueSat(1)], [700, 300]);
});

test('the coinbase of the genesis block never becomes a coin', () => {
  const chain = new TestChain();
  const overlay = new CoinsOverlay(chain.coins, TEST_RNG);
  const before = { ...branchAt(-1) };
  const result = connectBlock(createRegtestParams().genesis, overlay, before, PARAMS);
  assert.ok(result.ok);
  assert.equal(overlay.changeCount, 0);
  assert.equal(result.value.scriptJobs.length, 0);
  const genesisOutput = outputOf(createRegtestParams().genesis.transaction(0));
  const tx = makeTx([spend(genesisOutput)], [pay(1)]);
  chain.mineEmpty(100);
  assert.equal(chain.judge(chain.make({ transactions: [tx] }))?.reason, 'bad-txns-inputs-missingorspent');
});

test('C02: a coin that two inputs of one transaction spend is refused, also one made in the same block', () => {
  const confirmed = makeTx([spend(A), spend(A)], [pay(2000)]);
  assert.equal(reasonOf(connect([confirmed], coinsWith([[A, {}]]))), 'bad-txns-inputs-missingorspent');
  const chain = new TestChain();
  const first = chain.mine();
  chain.mineEmpty(100);
  const coinsBefore = describeCoins(chain.coins);
  const twice = makeTx(
    [spend(outputOf(first.transaction(0))), spend(outputOf(first.transaction(0)))],
    [pay(2 * FIFTY)],
  );
  assert.equal(chain.judge(chain.make({ transactions: [twice] }))?.reason, 'bad-txns-inputs-duplicate');
  const parent = makeTx([spend(outputOf(first.transaction(0)))], [pay(FIFTY)]);
  const child = makeTx([spend(outputOf(parent)), spend(outputOf(parent))], [pay(2 * FIFTY)]);
  assert.equal(chain.connect(chain.make({ transactions: [parent, child] }))?.reason, 'bad-txns-inputs-duplicate');
  assert.deepEqual(describeCoins(chain.coins), coinsBefore);
  assert.equal(chain.height, 101);
});

test('C10: a transaction that pays out a satoshi more than it takes is refused, with the txid', () => {
  const coins = coinsWith([[A, { valueSat: 1000 }]]);
  assert.equal(reasonOf(connect([makeTx([spend(A)], [pay(1000)])], coins)), null);
  const tx = makeTx([spend(A)], [pay(1001)]);
  const result = connect([tx], coins);
  assert.ok(!result.ok);
  assert.deepEqual(
    [result.error.reason, result.error.kind, result.error.txIndex],
    ['bad-txns-in-belowout', 'consensus', 1],
  );
  assert.equal(result.error.debug, `value in (0.00001) < value out (0.00001001) in transaction ${formatHash(tx.txid)}`);
});

test('C10: fees that add up to more than 21 million coins are refused', () => {
  const coins = coinsWith([
    [A, { valueSat: 2_100_000_000_000_000 }],
    [B, { valueSat: 1 }],
  ]);
  const all = makeTx([spend(A)], [pay(0)]);
  assert.equal(reasonOf(connect([all], coins)), null);
  const result = connect([all, makeTx([spend(B)], [pay(0)])], coins);
  assert.equal(reasonOf(result), 'bad-txns-accumulated-fee-outofrange');
});

test('C10: a coin out of range, as only a damaged database can hold it, is refused', () => {
  for (const valueSat of [-1, 2_100_000_000_000_001]) {
    const result = connect([makeTx([spend(A)], [pay(0)])], coinsWith([[A, { valueSat }]]));
    assert.equal(reasonOf(result), 'bad-txns-inputvalues-outofrange');
  }
});

test('C09: a coinbase takes subsidy and fees to the satoshi, may take less and never more', () => {
  const coins = coinsWith([[A, { valueSat: 1000 }]]);
  const paying = [makeTx([spend(A)], [pay(990)])];
  const half = FIFTY / 2;
  for (const [height, limitSat] of [
    [149, FIFTY + 10],
    [150, half + 10],
  ] as const) {
    assert.equal(reasonOf(connect(paying, coins, { height, rewardSat: limitSat })), null);
    assert.equal(reasonOf(connect(paying, coins, { height, rewardSat: limitSat - 1 })), null);
    assert.equal(reasonOf(connect(paying, coins, { height, rewardSat: 0 })), null);
    const result = connect(paying, coins, { height, rewardSat: limitSat + 1 });
    assert.ok(!result.ok);
    assert.equal(result.error.reason, 'bad-cb-amount');
    assert.equal(result.error.debug, `coinbase pays too much (actual=${limitSat + 1} vs limit=${limitSat})`);
  }
});

test('C11: a coinbase is spent at a depth of 100 and not at 99, whatever other branches say', () => {
  const chain = new TestChain();
  chain.mineEmpty(5);
  const reward = chain.mine();
  const tx = makeTx([spend(outputOf(reward.transaction(0)))], [pay(1)]);
  chain.mineEmpty(98);
  const early = chain.judge(chain.make({ transactions: [tx] }));
  assert.equal(early?.reason, 'bad-txns-premature-spend-of-coinbase');
  assert.equal(early?.debug, `tried to spend coinbase at depth 99 in transaction ${formatHash(tx.txid)}`);
  chain.mine();
  assert.equal(chain.judge(chain.make({ transactions: [tx] })), null);
  // On a branch where the reward came one block later, the same height is too early.
  for (let i = 0; i < 100; i++) assert.equal(chain.disconnect(), 'ok');
  const later = makeCoinbase({ height: 6, outputs: [pay(FIFTY)], scriptSig: Uint8Array.of(0x56, 7) });
  const otherReward = chain.mine({ coinbase: later });
  chain.mineEmpty(98);
  const otherTx = makeTx([spend(outputOf(otherReward.transaction(0)))], [pay(1)]);
  assert.equal(chain.judge(chain.make({ transactions: [otherTx] }))?.reason, 'bad-txns-premature-spend-of-coinbase');
  assert.equal(chain.judge(chain.make({ transactions: [tx] }))?.reason, 'bad-txns-inputs-missingorspent');
});

test('C12: inside a block a parent comes before its child', () => {
  const coins = coinsWith([[A, {}]]);
  const parent = makeTx([spend(A)], [pay(600), pay(400)]);
  const child = makeTx([spend(outputOf(parent, 0))], [pay(600)]);
  const otherChild = makeTx([spend(outputOf(parent, 1)), spend(outputOf(child, 0))], [pay(1000)]);
  assert.equal(reasonOf(connect([parent, child, otherChild], coins)), null);
  for (const order of [
    [child, parent],
    [parent, otherChild, child],
  ]) {
    const result = connect(order, coins);
    assert.ok(!result.ok);
    assert.equal(result.error.reason, 'bad-txns-inputs-missingorspent');
    assert.match(result.error.debug ?? '', /^CheckTxInputs: inputs missing\/spent in transaction [0-9a-f]{64}$/);
  }
});

test('C12: one output has one child, and an index beyond the outputs has none', () => {
  const coins = coinsWith([[A, {}]]);
  const parent = makeTx([spend(A)], [pay(1000)]);
  const child = makeTx([spend(outputOf(parent))], [pay(1000)]);
  const rival = makeTx([spend(outputOf(parent))], [pay(999)]);
  assert.equal(reasonOf(connect([parent, child, rival], coins)), 'bad-txns-inputs-missingorspent');
  for (const index of [1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]) {
    const beyond = makeTx([spend({ txid: parent.txid, index })], [pay(1)]);
    assert.equal(reasonOf(connect([parent, beyond], coins)), 'bad-txns-inputs-missingorspent', `${index}`);
  }
});

test('C12: the output of a transaction that left the chain with its block does not exist', () => {
  const chain = new TestChain();
  const first = chain.mine();
  chain.mineEmpty(100);
  const parent = makeTx([spend(outputOf(first.transaction(0)))], [pay(FIFTY)]);
  chain.mine({ transactions: [parent] });
  const child = makeTx([spend(outputOf(parent))], [pay(FIFTY)]);
  assert.equal(chain.judge(chain.make({ transactions: [child] })), null);
  assert.equal(chain.disconnect(), 'ok');
  assert.equal(chain.judge(chain.make({ transactions: [child] }))?.reason, 'bad-txns-inputs-missingorspent');
  assert.equal(chain.judge(chain.make({ transactions: [parent, child] })), null);
});

test('C12: outputs that nobody can spend are not there to be spent', () => {
  const parent = makeTx([spend(A)], [pay(1, NOBODY), pay(1, new Uint8Array(10_001))]);
  for (const index of [0, 1]) {
    const child = makeTx([spend(outputOf(parent, index))], [pay(1)]);
    assert.equal(reasonOf(connect([parent, child], coinsWith([[A, {}]]))), 'bad-txns-inputs-missingorspent');
  }
});

test('C14: relative locks hold in blocks for versions 0x80000000 and 0xffffffff, and not for 1', () => {
  const coins = coinsWith([[A, { height: 115 }]]);
  const judge = (version: number, sequence: number, height = 120, params = PARAMS): string | null =>
    reasonOf(connect([makeTx([spend(A, { sequence })], [pay(1)], { version })], coins, { height, params }));
  for (const version of [2, 3, 0x7fffffff, 0x80000000, 0xffffffff]) {
    assert.equal(judge(version, 5), null, `${version}`);
    assert.equal(judge(version, 6), 'bad-txns-nonfinal', `${version}`);
    assert.equal(judge(version, 6, 121), null, `${version}`);
    assert.equal(judge(version, 0x80000006), null, `${version}`);
  }
  for (const version of [0, 1]) assert.equal(judge(version, 6), null, `${version}`);
  const before = createRegtestParams({ activationHeights: { csv: 121 } }).consensus;
  assert.equal(judge(2, 6, 120, before), null);
  assert.equal(judge(2, 7, 121, before), 'bad-txns-nonfinal');
});

test('C14: a coin of the same block is zero blocks old, and a broken lock is named', () => {
  const parent = makeTx([spend(A)], [pay(1000)]);
  const child = (sequence: number): Transaction => makeTx([spend(outputOf(parent), { sequence })], [pay(1)]);
  const coins = coinsWith([[A, {}]]);
  assert.equal(reasonOf(connect([parent, child(0)], coins)), null);
  const tx = child(1);
  const result = connect([parent, tx], coins);
  assert.ok(!result.ok);
  assert.equal(result.error.reason, 'bad-txns-nonfinal');
  assert.equal(result.error.rule, 'sequence-lock');
  assert.equal(result.error.debug, `contains a non-BIP68-final transaction ${formatHash(tx.txid)}`);
});

test('C14: a time lock counts 512 seconds from the median time past before the coin', () => {
  const coins = coinsWith([[A, { height: 50 }]]);
  const judge = (units: number, height: number): string | null =>
    reasonOf(connect([makeTx([spend(A, { sequence: 0x00400000 + units })], [pay(1)])], coins, { height }));
  // Median time past of 49 is 1,026,400 and of height - 1 is 1,000,000 + 600 × (height - 6).
  assert.equal(judge(1, 50), 'bad-txns-nonfinal');
  assert.equal(judge(1, 51), null);
  assert.equal(judge(2, 51), 'bad-txns-nonfinal');
  assert.equal(judge(2, 52), null);
});

/** A P2SH output of a redeemScript with this many signature operations, and an input that spends it. */
function p2shSigops(prevout: Outpoint, count: number) {
  const redeemScript = concatBytes(ANYONE, new Uint8Array(count).fill(0xac));
  return {
    coin: { scriptPubKey: createP2sh(hash160(redeemScript)) },
    input: spend(prevout, { scriptSig: concatBytes(encodePush(redeemScript)) }),
  };
}

/** The same as P2WSH: one each instead of four. */
function p2wshSigops(prevout: Outpoint, count: number) {
  const witnessScript = concatBytes(ANYONE, new Uint8Array(count).fill(0xac));
  return {
    coin: { scriptPubKey: createWitnessProgram(0, sha256(witnessScript)) },
    input: spend(prevout, { witness: [witnessScript] }),
  };
}

test('C22: signature operations of redeemScripts and witness scripts count against 80,000', () => {
  for (const [legacy, p2sh, p2wsh, expected] of [
    [0, 0, 80_000, null],
    [0, 0, 80_001, 'bad-blk-sigops'],
    [19_900, 100, 0, null],
    [19_900, 101, 0, 'bad-blk-sigops'],
    [19_500, 400, 400, null],
    [19_500, 400, 401, 'bad-blk-sigops'],
  ] as const) {
    const inner = p2shSigops(A, p2sh);
    const witness = p2wshSigops(B, p2wsh);
    const coins = coinsWith([
      [A, inner.coin],
      [B, witness.coin],
    ]);
    const tx = makeTx([inner.input, witness.input], [pay(1, new Uint8Array(legacy).fill(0xac))]);
    const result = connect([tx], coins);
    assert.equal(reasonOf(result), expected, `${legacy} ${p2sh} ${p2wsh}`);
    if (result.ok) assert.equal(result.value.sigopsCost, 80_000);
    else assert.deepEqual([result.error.rule, result.error.actual], ['sigops-cost', expectedCost(legacy, p2sh, p2wsh)]);
  }
});

function expectedCost(legacy: number, p2sh: number, p2wsh: number): number {
  return 4 * legacy + 4 * p2sh + p2wsh;
}

test('C22: in redeemScripts OP_CHECKMULTISIG counts the number before it, and the sum runs over the block', () => {
  // OP_3 OP_CHECKMULTISIG, 5,000 times: 15,000 operations. A second transaction brings 5,000 legacy ones.
  const redeemScript = new Uint8Array(500).map((_, i) => (i % 2 === 0 ? 0x53 : 0xae));
  const outpoints = Array.from({ length: 20 }, (_, n) => ({ txid: fakeTxid(n), index: 1 }));
  const coins = coinsWith(outpoints.map((outpoint) => [outpoint, { scriptPubKey: createP2sh(hash160(redeemScript)) }]));
  const multisig = makeTx(
    outpoints.map((outpoint) => spend(outpoint, { scriptSig: encodePush(redeemScript) })),
    [pay(9)],
  );
  const legacy = (count: number): Transaction =>
    makeTx([spend(outputOf(multisig))], [pay(1, new Uint8Array(count).fill(0xac))]);
  const full = connect([multisig, legacy(5_000)], coins);
  assert.ok(full.ok);
  assert.equal(full.value.sigopsCost, 80_000);
  assert.equal(reasonOf(connect([multisig, legacy(5_001)], coins)), 'bad-blk-sigops');
});

test('C07: a transaction may not take the place of an unspent one, and may repeat a spent one', () => {
  const params = createRegtestParams({ activationHeights: { bip34: 10_000 } }).consensus;
  const branch = branchAt(119);
  const coinbase = makeCoinbase({ height: 1, outputs: [pay(1), pay(2)] });
  const block = makeBlock(branch, params, { coinbase });
  const judge = (coins: MemoryCoins) => connectBlock(block, new CoinsOverlay(coins, TEST_RNG), branch, params);
  assert.equal(reasonOf(judge(coinsWith([]))), null);
  for (const index of [0, 1]) {
    const result = judge(coinsWith([[{ txid: coinbase.txid, index }, {}]]));
    assert.ok(!result.ok);
    assert.equal(result.error.reason, 'bad-txns-BIP30');
    assert.equal(result.error.debug, 'tried to overwrite transaction');
    assert.equal(result.error.outputIndex, index);
  }
  assert.equal(reasonOf(judge(coinsWith([[{ txid: coinbase.txid, index: 2 }, {}]]))), null);
});

test('C07: on the known chain after BIP34 the search is left out, up to height 1,983,702', () => {
  const known = asBlockHash(new Uint8Array(32).fill(3));
  const params: ConsensusParams = {
    ...createRegtestParams({ activationHeights: { bip34: 500 } }).consensus,
    bip34Hash: known,
  };
  const judge = (height: number, blockHash: (at: number) => number): string | null => {
    const branch = branchAt(height - 1, blockHash);
    const coinbase = makeCoinbase({ height, outputs: [pay(0)] });
    const coins = coinsWith([[outputOf(coinbase), {}]]);
    const block = makeBlock(branch, params, { coinbase });
    return reasonOf(connectBlock(block, new CoinsOverlay(coins, TEST_RNG), branch, params));
  };
  const onKnownChain = (at: number): number => (at === 500 ? 3 : 0);
  assert.equal(judge(500, onKnownChain), 'bad-txns-BIP30');
  assert.equal(judge(501, onKnownChain), null);
  assert.equal(
    judge(501, () => 4),
    'bad-txns-BIP30',
  );
  assert.equal(judge(1_983_701, onKnownChain), null);
  assert.equal(judge(1_983_702, onKnownChain), 'bad-txns-BIP30');
});

test('C40: a block that spends 24,384 coins of distinct txids is connected', () => {
  const outpoints = Array.from({ length: 24_384 }, (_, n) => ({ txid: fakeTxid(n), index: n % 7 }));
  const coins = coinsWith(outpoints.map((outpoint) => [outpoint, {}]));
  const tx = makeTx(
    outpoints.map((outpoint) => spend(outpoint)),
    [pay(24_384_000)],
  );
  assert.ok(tx.strippedSize < 1_000_000);
  const result = connect([tx], coins);
  assert.ok(result.ok);
  assert.equal(result.value.undo.coins.count, 24_384);
  assert.equal(result.value.scriptJobs[0]?.spent.count, 24_384);
});

test('C40: a block of 111,000 outputs of nine bytes is connected', () => {
  const outputs = Array.from({ length: 111_000 }, () => pay(0, new Uint8Array(0)));
  const tx = makeTx([spend(A)], outputs);
  const block: Block = makeBlock(branchAt(119), PARAMS, { transactions: [tx], rewardSat: 0 });
  assert.ok(block.strippedSize <= 1_000_000);
  const coins = coinsWith([[A, {}]]);
  const overlay = new CoinsOverlay(coins, TEST_RNG);
  assert.equal(reasonOf(connectBlock(block, overlay, branchAt(119), PARAMS)), null);
  assert.equal(overlay.changeCount, 111_002);
  overlay.flushInto(coins);
  assert.equal(coins.count, 111_001);
});
