import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blockOf,
  fakeTxid,
  makeBlock,
  makeCoinbase,
  makeTx,
  pay,
  repairMerkleRoot,
  spend,
  TestChain,
} from '../../../test/model/block-builder.ts';
import { type Block, buildBlock, decodeBlock } from '../primitives/block.ts';
import { asBlockHash } from '../primitives/hashes.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
import { checkBlock, checkMerkleRoot, contextualCheckBlock, isBlockMutated } from './block-check.ts';
import { type HeaderBranch, MemoryHeaderBranch } from './header-branch.ts';
import { createRegtestParams } from './networks/regtest.ts';

const NETWORK = createRegtestParams();
const PARAMS = NETWORK.consensus;
const BRANCH = new MemoryHeaderBranch([NETWORK.genesis.header]);

/** A transaction that spends a coin nobody has; the rules of this file do not look. */
function other(n: number, outputs = [pay(n)]): Transaction {
  return makeTx([spend({ txid: fakeTxid(n), index: 0 })], outputs);
}

function others(count: number): Transaction[] {
  return Array.from({ length: count }, (_, n) => other(n + 1));
}

function block(transactions: readonly Transaction[], coinbase?: Transaction): Block {
  return makeBlock(BRANCH, PARAMS, coinbase === undefined ? { transactions } : { transactions, coinbase });
}

/** The same header over other transactions. */
function withTransactions(original: Block, transactions: readonly Transaction[]): Block {
  return buildBlock(original.header.detach(), transactions);
}

function allOf(original: Block): Transaction[] {
  return Array.from({ length: original.txCount }, (_, i) => original.transaction(i));
}

/** A branch of any height whose median time past is 1,000,000. */
function branchAt(height: number): HeaderBranch {
  return {
    height,
    timeSec: () => 1_000_000,
    bits: () => PARAMS.pow.limit.bits,
    version: () => 4,
    blockHash: () => asBlockHash(new Uint8Array(32)),
  };
}

test('a block of a coinbase and payments breaks no rule', () => {
  for (const count of [0, 1, 2, 3, 4, 5, 10]) {
    const whole = block(others(count));
    assert.equal(checkBlock(whole, PARAMS), null);
    assert.equal(contextualCheckBlock(whole, BRANCH, PARAMS), null);
    assert.equal(isBlockMutated(whole, true), false);
  }
});

test('C05: repeating the last transactions keeps the root, and the copy is refused as mutated, not invalid', () => {
  // With the coinbase: 2, 3, 6, 7, 11, 12 transactions, of which the last 1, 2 or 4 can be repeated without changing the root.
  for (const [count, repeated] of [
    [3, 1],
    [7, 1],
    [6, 2],
    [5, 1],
    [12, 4],
    [11, 1],
    [10, 2],
  ] as const) {
    const genuine = block(others(count - 1));
    const all = allOf(genuine);
    const copy = withTransactions(genuine, [...all, ...all.slice(-repeated)]);
    assert.deepEqual(copy.header.blockHash, genuine.header.blockHash);
    const reject = checkBlock(copy, PARAMS);
    assert.equal(reject?.reason, 'bad-txns-duplicate', `${repeated} of ${count} again`);
    assert.equal(reject?.kind, 'mutated');
    assert.equal(isBlockMutated(copy, true), true);
    assert.equal(checkBlock(genuine, PARAMS), null);
  }
});

test('C05: equal transactions that are not paired are no mutation of the tree', () => {
  const [a, b] = [other(1), other(2)];
  assert.equal(checkMerkleRoot(block([a, b, a, b])), null);
});

test('a wrong merkle root blames the bytes', () => {
  const genuine = block(others(3));
  const reject = checkBlock(withTransactions(genuine, [...allOf(genuine).slice(0, 3), other(77)]), PARAMS);
  assert.equal(reject?.reason, 'bad-txnmrklroot');
  assert.equal(reject?.kind, 'mutated');
  assert.deepEqual(reject?.expected, genuine.header.merkleRoot);
});

test('proof of work comes first, and can be left out with the merkle root for templates', () => {
  const genuine = block(others(1));
  const bytes = genuine.serialized().slice();
  bytes.set([0xff, 0xff, 0x00, 0x1d], 72);
  bytes[36]! ^= 1;
  const unmined = blockOf(bytes);
  assert.equal(checkBlock(unmined, PARAMS)?.reason, 'high-hash');
  assert.equal(checkBlock(unmined, PARAMS, { skipProofOfWork: true })?.reason, 'bad-txnmrklroot');
  assert.equal(checkBlock(unmined, PARAMS, { skipProofOfWork: true, skipMerkleRoot: true }), null);
});

test('a block without transactions has no length', () => {
  const empty = withTransactions(block([]), []);
  assert.equal(checkBlock(empty, PARAMS)?.reason, 'bad-txnmrklroot');
  assert.equal(checkBlock(empty, PARAMS, { skipMerkleRoot: true })?.reason, 'bad-blk-length');
});

test('the first transaction is a coinbase and no other is', () => {
  const genuine = block(others(2));
  const [coinbase, a, b] = allOf(genuine);
  const judge = (list: readonly Transaction[]) =>
    checkBlock(withTransactions(genuine, list), PARAMS, { skipMerkleRoot: true });
  assert.equal(judge([a!, b!])?.reason, 'bad-cb-missing');
  assert.equal(judge([a!, coinbase!])?.reason, 'bad-cb-missing');
  const second = makeCoinbase({ height: 2, outputs: [pay(0)] });
  const reject = judge([coinbase!, a!, second]);
  assert.equal(reject?.reason, 'bad-cb-multiple');
  assert.equal(reject?.txIndex, 2);
});

test('a faulty transaction is named with its txid, as Core does', () => {
  const bad = makeTx([spend({ txid: fakeTxid(1), index: 0 }), spend({ txid: fakeTxid(1), index: 0 })], [pay(1)]);
  const reject = checkBlock(block([other(2), bad]), PARAMS);
  assert.equal(reject?.reason, 'bad-txns-inputs-duplicate');
  assert.equal(reject?.kind, 'consensus');
  assert.equal(reject?.txIndex, 2);
  assert.match(reject?.debug ?? '', /^Transaction check failed \(tx hash [0-9a-f]{64}\) $/);
});

test('C23: a stripped size of 1,000,000 bytes passes and 1,000,001 is refused', () => {
  const padded = (bytes: number) => block([other(1, [pay(1, new Uint8Array(70_000 + bytes).fill(0x51))])]);
  const overhead = padded(0).strippedSize;
  const full = padded(1_000_000 - overhead);
  assert.equal(full.strippedSize, 1_000_000);
  assert.equal(checkBlock(full, PARAMS), null);
  assert.equal(contextualCheckBlock(full, BRANCH, PARAMS), null);
  const over = padded(1_000_001 - overhead);
  const reject = checkBlock(over, PARAMS);
  assert.equal(reject?.reason, 'bad-blk-length');
  assert.equal(reject?.kind, 'consensus');
});

test('C23: a weight of 4,000,000 passes and more is refused, after the commitment was found right', () => {
  const heavy = (bytes: number) =>
    block([makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness: [new Uint8Array(70_000 + bytes)] })], [pay(1)])]);
  const overhead = heavy(0).weightWu;
  const full = heavy(4_000_000 - overhead);
  assert.equal(full.weightWu, 4_000_000);
  assert.equal(contextualCheckBlock(full, BRANCH, PARAMS), null);
  const over = heavy(4_000_001 - overhead);
  const reject = contextualCheckBlock(over, BRANCH, PARAMS);
  assert.equal(reject?.reason, 'bad-blk-weight');
  assert.equal(reject?.kind, 'consensus');
  assert.deepEqual([reject?.actual, reject?.expected], [4_000_001, 4_000_000]);
});

test('C23: a coinbase witness that someone blew up on the way is a mutation and no verdict on the block', () => {
  const genuine = makeBlock(BRANCH, PARAMS, { transactions: others(2), commits: true });
  const [coinbase, ...rest] = allOf(genuine);
  const outputs = Array.from({ length: coinbase!.outputCount }, (_, j) =>
    pay(coinbase!.valueSat(j), coinbase!.scriptPubKey(j)),
  );
  const blown = makeCoinbase({ height: 1, outputs, witness: [new Uint8Array(32), new Uint8Array(3_999_000)] });
  const mutated = withTransactions(genuine, [blown, ...rest]);
  assert.deepEqual(mutated.header.blockHash, genuine.header.blockHash);
  assert.ok(mutated.weightWu > 4_000_000);
  assert.equal(checkBlock(mutated, PARAMS), null);
  const reject = contextualCheckBlock(mutated, BRANCH, PARAMS);
  assert.equal(reject?.reason, 'bad-witness-nonce-size');
  assert.equal(reject?.kind, 'mutated');
  assert.equal(isBlockMutated(mutated, true), true);
  assert.equal(contextualCheckBlock(genuine, BRANCH, PARAMS), null);
});

test('C22: 20,000 legacy signature operations pass and one more is refused', () => {
  const withSigops = (count: number) => block([other(1, [pay(1, new Uint8Array(count).fill(0xac))])]);
  assert.equal(checkBlock(withSigops(20_000), PARAMS), null);
  const reject = checkBlock(withSigops(20_001), PARAMS);
  assert.equal(reject?.reason, 'bad-blk-sigops');
  assert.equal(reject?.rule, 'sigops-legacy');
  assert.deepEqual([reject?.actual, reject?.expected], [80_004, 80_000]);
});

test('C22: OP_CHECKMULTISIG counts twenty, counting stops at a broken push and goes on after an over-long one', () => {
  const judge = (script: Uint8Array) => checkBlock(block([other(1, [pay(1, script)])]), PARAMS)?.reason ?? null;
  const multisigs = (count: number) => new Uint8Array(count).fill(0xae);
  assert.equal(judge(multisigs(1000)), null);
  assert.equal(judge(multisigs(1001)), 'bad-blk-sigops');
  // OP_3 before OP_CHECKMULTISIG does not help here: outside P2SH it is twenty all the same.
  assert.equal(judge(concatBytes(multisigs(1000), Uint8Array.of(0x53, 0xae))), 'bad-blk-sigops');
  const brokenPush = fromHex('4effffffff');
  assert.equal(judge(concatBytes(multisigs(1000), brokenPush, multisigs(5))), null);
  const longPush = concatBytes(fromHex('4d0902'), new Uint8Array(521));
  assert.equal(judge(concatBytes(longPush, multisigs(1000))), null);
  assert.equal(judge(concatBytes(longPush, multisigs(1001))), 'bad-blk-sigops');
});

test('C22: signature operations in a coinbase and in scriptSigs count, too', () => {
  const inCoinbase = makeCoinbase({ height: 1, outputs: [pay(0, new Uint8Array(20_001).fill(0xac))] });
  assert.equal(checkBlock(block([], inCoinbase), PARAMS)?.reason, 'bad-blk-sigops');
  const scriptSig = new Uint8Array(20_001).fill(0xac);
  const inScriptSig = makeTx([spend({ txid: fakeTxid(1), index: 0 }, { scriptSig })], [pay(1)]);
  assert.equal(checkBlock(block([inScriptSig]), PARAMS)?.reason, 'bad-blk-sigops');
});

/** Heights and the shortest push of each, written out by hand. */
const HEIGHT_PUSHES: readonly (readonly [height: number, push: string])[] = [
  [1, '51'],
  [2, '52'],
  [16, '60'],
  [17, '0111'],
  [127, '017f'],
  [128, '028000'],
  [255, '02ff00'],
  [256, '020001'],
  [32_767, '02ff7f'],
  [32_768, '03008000'],
  [8_388_607, '03ffff7f'],
  [8_388_608, '0400008000'],
];

function blockWithScript(height: number, scriptSig: Uint8Array): Block {
  return makeBlock(branchAt(height - 1), PARAMS, { coinbase: makeCoinbase({ height, outputs: [pay(0)], scriptSig }) });
}

test('C08: a coinbase begins with the height as the shortest push', () => {
  for (const [height, push] of HEIGHT_PUSHES) {
    const judge = (script: Uint8Array) =>
      contextualCheckBlock(blockWithScript(height, script), branchAt(height - 1), PARAMS);
    assert.equal(judge(fromHex(push)), null, `${height}`);
    assert.equal(judge(concatBytes(fromHex(push), new Uint8Array(50))), null, `${height} and more`);
    const reject = judge(concatBytes(Uint8Array.of(0x4c), fromHex(push)));
    assert.equal(reject?.reason, 'bad-cb-height', `${height} by OP_PUSHDATA1`);
    assert.deepEqual(reject?.expected, fromHex(push));
    assert.equal(
      judge(fromHex(push).subarray(0, fromHex(push).length - 1))?.reason,
      'bad-cb-height',
      `${height} cut short`,
    );
  }
});

test('C08: other heights and longer pushes of the right height are refused', () => {
  const judge = (height: number, script: string) =>
    contextualCheckBlock(blockWithScript(height, fromHex(script)), branchAt(height - 1), PARAMS)?.reason ?? null;
  for (const [height, push] of HEIGHT_PUSHES) assert.equal(judge(height + 1, push), 'bad-cb-height');
  assert.equal(judge(1, '0101'), 'bad-cb-height');
  assert.equal(judge(16, '0110'), 'bad-cb-height');
  assert.equal(judge(17, '021100'), 'bad-cb-height');
  assert.equal(judge(128, '03800000'), 'bad-cb-height');
  assert.equal(judge(1, ''), 'bad-cb-height');
});

test('C08: before BIP34 the coinbase may begin with anything', () => {
  const late = createRegtestParams({ activationHeights: { bip34: 500 } }).consensus;
  assert.equal(contextualCheckBlock(blockWithScript(499, fromHex('6a6a')), branchAt(498), late), null);
  assert.equal(
    contextualCheckBlock(blockWithScript(500, fromHex('6a6a')), branchAt(499), late)?.reason,
    'bad-cb-height',
  );
});

test('C13: a transaction waits for its locktime against height and median time past, also the coinbase', () => {
  const locked = (locktime: number, sequence = 0) =>
    makeTx([spend({ txid: fakeTxid(1), index: 0 }, { sequence })], [pay(1)], { locktime });
  const judge = (tx: Transaction) =>
    contextualCheckBlock(
      makeBlock(branchAt(20), PARAMS, { transactions: [tx], timeSec: 2_000_000_000 }),
      branchAt(20),
      PARAMS,
    );
  assert.equal(judge(locked(20)), null);
  const reject = judge(locked(21));
  assert.equal(reject?.reason, 'bad-txns-nonfinal');
  assert.equal(reject?.rule, 'locktime');
  assert.equal(reject?.txIndex, 1);
  assert.equal(judge(locked(21, 0xffffffff)), null);
  const lateBranch = { ...branchAt(20), timeSec: () => 600_000_000 };
  const judgeTime = (locktime: number, timeSec: number, params = PARAMS) =>
    contextualCheckBlock(
      makeBlock(lateBranch, params, { transactions: [locked(locktime)], timeSec }),
      lateBranch,
      params,
    );
  // BIP113: the median time past of the parent decides, the block's own time no longer.
  assert.equal(judgeTime(599_999_999, 600_000_001), null);
  assert.equal(judgeTime(600_000_000, 2_000_000_000)?.reason, 'bad-txns-nonfinal');
  const before113 = createRegtestParams({ activationHeights: { csv: 1000 } }).consensus;
  assert.equal(judgeTime(1_999_999_999, 2_000_000_000, before113), null);
  assert.equal(judgeTime(2_000_000_000, 2_000_000_000, before113)?.reason, 'bad-txns-nonfinal');
  const coinbase = makeCoinbase({ height: 21, outputs: [pay(0)], locktime: 21, sequence: 0 });
  const inCoinbase = makeBlock(branchAt(20), PARAMS, { coinbase });
  assert.equal(contextualCheckBlock(inCoinbase, branchAt(20), PARAMS)?.reason, 'bad-txns-nonfinal');
});

test('C34: longer counts, unknown flags, empty witnesses and trailing bytes do not decode, and the genuine block does', () => {
  const genuine = makeBlock(BRANCH, PARAMS, {
    transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness: [Uint8Array.of(1)] })], [pay(1)])],
  });
  const bytes = genuine.serialized();
  const [header, rest] = [bytes.subarray(0, 80), bytes.subarray(81)];
  const reasonOf = (raw: Uint8Array) => {
    const decoded = decodeBlock(raw);
    return decoded.ok ? null : decoded.error.reason;
  };
  for (const count of ['fd0200', 'fe02000000', 'ff0200000000000000']) {
    assert.equal(reasonOf(concatBytes(header, fromHex(count), rest)), 'non-canonical ReadCompactSize()');
  }
  const flagAt = genuine.transaction(1).start + 5;
  for (const flag of [2, 3, 0xff]) {
    const flagged = bytes.slice();
    flagged[flagAt] = flag;
    // Flag 2 has no witness bit, so its witness bytes are read as a locktime and more: either way the bytes do not decode.
    assert.notEqual(reasonOf(flagged), null, `flag ${flag}`);
  }
  const emptyWitness = makeBlock(BRANCH, PARAMS, { transactions: [other(1)] });
  const tx = emptyWitness.transaction(1);
  const raw = emptyWitness.bytes;
  const superfluous = concatBytes(
    raw.subarray(0, tx.start + 4),
    fromHex('0001'),
    raw.subarray(tx.start + 4, tx.end - 4),
    fromHex('00'),
    raw.subarray(tx.end - 4),
  );
  assert.equal(reasonOf(superfluous), 'Superfluous witness record');
  assert.equal(reasonOf(concatBytes(bytes, Uint8Array.of(0))), 'trailing bytes');
  assert.equal(decodeBlock(concatBytes(bytes, Uint8Array.of(0)), { allowTrailing: true }).ok, true);
  assert.equal(checkBlock(blockOf(bytes), PARAMS), null);
});

test('a block without a coinbase is suspect when a transaction has the size of two hashes', () => {
  const overhead = other(1, [pay(1, new Uint8Array(0))]).strippedSize;
  const exact = other(1, [pay(1, new Uint8Array(64 - overhead))]);
  assert.equal(exact.strippedSize, 64);
  const bare = (tx: Transaction): Block => repairMerkleRoot(withTransactions(block([]), [tx]), PARAMS);
  assert.equal(isBlockMutated(bare(exact), true), true);
  assert.equal(isBlockMutated(bare(other(1, [pay(1), pay(1)])), true), false);
});

test('blocks of a chain pass every check again', () => {
  const chain = new TestChain();
  chain.mineEmpty(3);
  for (const { block: mined } of chain.blocks) assert.equal(checkBlock(mined, chain.params), null);
});
