import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANYONE,
  fakeTxid,
  makeTx,
  merkleRootOf,
  outputOf,
  pay,
  spend,
  TestChain,
} from '../../../test/model/block-builder.ts';
import { computeMemoryUtxoStats } from '../../kernel/chain/utxo-hash.ts';
import { findWitnessCommitment } from '../../kernel/consensus/witness-commitment.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { concatBytes, fromHex, reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { assembleBlock, MINING_DEFAULTS } from './assembler.ts';
import { BlockCandidate, computeDependencies, replaceTransactions } from './block-template.ts';
import { grindHeader } from './grind.ts';

/** What generateblock of Core does with a chain: these transactions, no fees, mined from nonce 0 on. */
function mine(
  chain: TestChain,
  nowSec: number,
  scriptPubKey: Uint8Array,
  transactions: readonly Transaction[] = [],
): Transaction {
  const empty = assembleBlock(null, { branch: chain.branch, consensus: chain.params, nowSec }, MINING_DEFAULTS);
  const template = transactions.length === 0 ? empty : replaceTransactions(empty, transactions);
  const candidate = new BlockCandidate(template, { scriptPubKey });
  const nonce = grindHeader(candidate.header, 0, 1_000_000);
  assert(nonce !== null, 'a target of regtest');
  const reject = chain.connect(candidate.seal(nonce));
  assert.equal(reject, null);
  return candidate.coinbase;
}

test('a chain that is mined has the coins whose hashes Core pins in feature_utxo_set_hash.py', () => {
  const chain = new TestChain();
  const clockSec = chain.branch.timeSec(0) + 1;
  // The script of Core's MiniWallet: anyone can spend it with OP_TRUE behind the internal key 1.
  const wallet = fromHex('51202913b252fe537830f843bfdc5fa7d20ba48639a87c86ff837b92d083c55ad7c1');
  const node = fromHex('76a9142b4569203694fc997e13f2c0a1383b9e16c77a0d88ac');
  const first = mine(chain, clockSec, wallet);
  for (let i = 0; i < 99; i++) mine(chain, clockSec, node);
  const controlBlock = fromHex(`c0${'1'.padStart(64, '0')}`);
  const payment = makeTx(
    [spend(outputOf(first), { sequence: 0, witness: [ANYONE, controlBlock] })],
    [pay(5_000_000_000 - 31_200, wallet)],
  );
  mine(chain, clockSec, wallet, [payment]);
  const stats = computeMemoryUtxoStats(chain.coins, { serialized: true, muhash: true });
  assert.equal(
    toHex(reversedBytes(stats.hashSerialized3!)),
    '396058cfd7f3b4c05dcdfaf360be9986d859d2c8315082d3aadda6d2d16add25',
  );
  assert.equal(toHex(reversedBytes(stats.muhash!)), '97f341d4226cb4451dd9da2856759fb97659cfc238a0b8d5452e64af6032bd3d');
});

/** Payments that no chain knows, some with a witness. */
function payments(count: number): Transaction[] {
  return Array.from({ length: count }, (_, i) =>
    makeTx([spend({ txid: fakeTxid(i), index: i }, i % 2 === 0 ? {} : { witness: [Uint8Array.of(i)] })], [pay(i)]),
  );
}

for (const count of [0, 1, 2, 3, 7, 8, 33]) {
  test(`the header and the coinbase of a candidate commit to ${count} transactions`, () => {
    const chain = new TestChain();
    const empty = assembleBlock(null, { branch: chain.branch, consensus: chain.params, nowSec: 0 }, MINING_DEFAULTS);
    const transactions = payments(count);
    const template = replaceTransactions(empty, transactions);
    const candidate = new BlockCandidate(template, { scriptPubKey: ANYONE, extraNonce: 9 });
    const block = candidate.seal(0x01020304);
    assert.equal(block.txCount, count + 1);
    assert.equal(block.header.nonce, 0x01020304);
    assert.deepEqual(block.header.serialized().slice(0, 76), candidate.header.slice(0, 76));
    assert.deepEqual(block.header.merkleRoot, merkleRootOf([candidate.coinbase, ...transactions]));
    assert.deepEqual(block.header.previousBlockHash, chain.branch.blockHash(0));
    // The twin: the tree of wtxids by hand, with the coinbase as zeros.
    let level: Uint8Array[] = [new Uint8Array(32), ...transactions.map(({ wtxid }) => wtxid)];
    while (level.length > 1) {
      const pairs = level.length % 2 === 0 ? level : [...level, level.at(-1)!];
      level = pairs.filter((_, i) => i % 2 === 0).map((left, i) => sha256d(concatBytes(left, pairs[2 * i + 1]!)));
    }
    const expected = sha256d(concatBytes(level[0]!, new Uint8Array(32)));
    const output = findWitnessCommitment(candidate.coinbase);
    assert.equal(toHex(candidate.coinbase.scriptPubKey(output)), `6a24aa21a9ed${toHex(expected)}`);
  });
}

test('candidates of one template differ by their extra nonce alone', () => {
  const chain = new TestChain();
  const template = assembleBlock(null, { branch: chain.branch, consensus: chain.params, nowSec: 0 }, MINING_DEFAULTS);
  const headers = [undefined, 0, 1].map((extraNonce) =>
    toHex(
      new BlockCandidate(template, { scriptPubKey: ANYONE, ...(extraNonce === undefined ? {} : { extraNonce }) })
        .header,
    ),
  );
  assert.equal(new Set(headers).size, 3);
  assert.equal(new Set(headers.map((header) => header.slice(0, 72))).size, 1);
  assert.equal(new Set(headers.map((header) => header.slice(136))).size, 1);
});

test('dependencies are positions from 1, one for each input that spends a transaction before', () => {
  const [a, b] = payments(2) as [Transaction, Transaction];
  const c = makeTx([spend(outputOf(a)), spend({ txid: fakeTxid(99), index: 0 }), spend(outputOf(a, 1))], [pay(1)]);
  const d = makeTx([spend(outputOf(c)), spend(outputOf(b))], [pay(1)]);
  const transactions = [a, b, c, d].map((transaction) => ({ transaction, feeSat: 0, sigopsCost: 0 }));
  assert.deepEqual(computeDependencies(transactions), [[], [], [1, 1], [3, 2]]);
  assert.deepEqual(computeDependencies([]), []);
});
