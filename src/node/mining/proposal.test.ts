import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANYONE,
  makeTx,
  outputOf,
  pay,
  repairMerkleRoot,
  spend,
  TEST_RNG,
  TestChain,
} from '../../../test/model/block-builder.ts';
import { BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { VALIDITY } from '../../kernel/chain/block-status.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { type Block, buildBlock } from '../../kernel/primitives/block.ts';
import { asBlockHash, asMerkleRoot, asTxid } from '../../kernel/primitives/hashes.ts';
import { type BlockHeaderData, buildHeader } from '../../kernel/primitives/header.ts';
import { buildTransaction, type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { assembleBlock, MINING_DEFAULTS } from './assembler.ts';
import { BlockCandidate, replaceTransactions } from './block-template.ts';
import { checkProposal, describeKnownBlock, type ProposalOptions } from './proposal.ts';

const NOW_SEC = 1_700_000_000;

/** A chain of 110 blocks on which proposals are made. */
class Bench {
  readonly chain: TestChain = new TestChain();

  constructor() {
    this.chain.mineEmpty(110);
  }

  /** The block that a template without transactions leads to, without proof of work. */
  propose(): Block {
    const { branch, params } = this.chain;
    const template = assembleBlock(null, { branch, consensus: params, nowSec: NOW_SEC }, MINING_DEFAULTS);
    return new BlockCandidate(template, { scriptPubKey: ANYONE }).seal(1);
  }

  verdict(block: Block, options: ProposalOptions = {}): string | null {
    const { branch, params, coins, verifier } = this.chain;
    const chain = { branch, consensus: params, coins, verifier, nowSec: NOW_SEC, rng: TEST_RNG };
    return checkProposal(block, chain, options)?.reason ?? null;
  }

  /** The verdict on a proposal with another header. */
  withHeader(changes: Partial<BlockHeaderData>): string | null {
    return this.verdict(changeHeader(this.propose(), changes));
  }

  /** The verdict on a proposal with other transactions under the right merkle root. */
  withTransactions(change: (coinbase: Transaction) => readonly Transaction[]): string | null {
    const block = this.propose();
    const changed = buildBlock(block.header, change(block.transaction(0)));
    return this.verdict(repairMerkleRoot(changed, this.chain.params));
  }

  /** The verdict on a proposal with these payments, which the coinbase commits to. */
  withPayments(...payments: readonly Transaction[]): string | null {
    const { branch, params } = this.chain;
    const template = assembleBlock(null, { branch, consensus: params, nowSec: NOW_SEC }, MINING_DEFAULTS);
    const replaced = replaceTransactions(template, payments);
    return this.verdict(new BlockCandidate(replaced, { scriptPubKey: ANYONE }).seal(1));
  }

  /** A coin of the first block, which is ripe. */
  get ripeCoin(): ReturnType<typeof outputOf> {
    return outputOf(this.chain.blocks[0]!.block.transaction(0));
  }
}

function changeHeader(block: Block, changes: Partial<BlockHeaderData>): Block {
  const { version, previousBlockHash, merkleRoot, timeSec, bits, nonce } = block.header;
  const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce, ...changes });
  return buildBlock(
    header,
    Array.from({ length: block.txCount }, (_, i) => block.transaction(i)),
  );
}

const bench = new Bench();

test('a proposal needs no proof of work, and judging it changes nothing', () => {
  const block = bench.propose();
  const coinCount = bench.chain.coins.count;
  for (let i = 0; i < 3; i++) assert.equal(bench.verdict(block), null);
  assert.equal(bench.chain.coins.count, coinCount);
  assert.equal(bench.verdict(changeHeader(block, { nonce: 0xffffffff })), null);
});

test('each fault of a proposal has the name that Core gives it', () => {
  const prevoutOf = (byte: number): ReturnType<typeof outputOf> => ({
    txid: asTxid(new Uint8Array(32).fill(byte)),
    index: 0,
  });
  const rebuilt = (coinbase: Transaction, changes: object): Transaction =>
    buildTransaction({ ...toTransactionData(coinbase), ...changes });
  const verdicts: readonly (readonly [string | null, string])[] = [
    [bench.withTransactions((cb) => [makeTx([spend(prevoutOf(1))], [pay(1)]), cb]), 'bad-cb-missing'],
    [bench.withTransactions(() => []), 'bad-blk-length'],
    [bench.withTransactions((cb) => [cb, cb]), 'bad-txns-duplicate'],
    [bench.withPayments(makeTx([spend(prevoutOf(255))], [pay(1)])), 'bad-txns-inputs-missingorspent'],
    [bench.withTransactions((cb) => [cb, makeTx([spend(bench.ripeCoin)], [pay(1)])]), 'bad-witness-merkle-match'],
    [bench.withTransactions((cb) => [rebuilt(cb, { locktime: 2 ** 32 - 1 })]), 'bad-txns-nonfinal'],
    [bench.withPayments(makeTx([spend(bench.ripeCoin)], [pay(10_000_000_000)])), 'bad-txns-in-belowout'],
    [
      bench.withTransactions((cb) => [
        rebuilt(cb, { outputs: [pay(5_000_000_001), toTransactionData(cb).outputs[1]!] }),
      ]),
      'bad-cb-amount',
    ],
    [bench.withHeader({ bits: 469762303 }), 'bad-diffbits'],
    [bench.withHeader({ bits: 0x207ffffe }), 'bad-diffbits'],
    [bench.withHeader({ merkleRoot: asMerkleRoot(new Uint8Array(32)) }), 'bad-txnmrklroot'],
    [bench.withHeader({ timeSec: 2 ** 32 - 1 }), 'time-too-new'],
    [bench.withHeader({ timeSec: 0 }), 'time-too-old'],
    [bench.withHeader({ version: 1 }), 'bad-version(0x00000001)'],
    [bench.withHeader({ previousBlockHash: asBlockHash(new Uint8Array(32)) }), 'inconclusive-not-best-prevblk'],
  ];
  for (const [actual, expected] of verdicts) assert.equal(actual, expected);
});

test('another parent comes first, before anything else about the block is looked at', () => {
  const verdict = bench.withHeader({ previousBlockHash: asBlockHash(new Uint8Array(32)), bits: 0, timeSec: 0 });
  assert.equal(verdict, 'inconclusive-not-best-prevblk');
});

test('coins cannot be spent twice, nor by a script that fails', () => {
  const pays = makeTx([spend(bench.ripeCoin)], [pay(1)]);
  assert.equal(bench.withPayments(pays), null);
  assert.equal(bench.withPayments(pays, makeTx([spend(bench.ripeCoin)], [pay(2)])), 'bad-txns-inputs-missingorspent');
  const closes = makeTx([spend(bench.ripeCoin)], [pay(1, Uint8Array.of(0x00))]);
  const forces = makeTx([spend(outputOf(closes))], [pay(1)]);
  assert.equal(
    bench.withPayments(closes, forces),
    'block-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)',
  );
});

test('the merkle root can be left out, for it may be filled in later', () => {
  const block = changeHeader(bench.propose(), { merkleRoot: asMerkleRoot(new Uint8Array(32)) });
  assert.equal(bench.verdict(block), 'bad-txnmrklroot');
  assert.equal(bench.verdict(block, { skipMerkleRoot: true }), null);
});

test('the text of a verdict has the details, as errors of RPC show them', () => {
  const { branch, params, coins, verifier } = bench.chain;
  const chain = { branch, consensus: params, coins, verifier, nowSec: NOW_SEC, rng: TEST_RNG };
  const tooOld = checkProposal(changeHeader(bench.propose(), { timeSec: 0 }), chain);
  assert.equal(tooOld?.text, "time-too-old, block's timestamp is too early");
  const elsewhere = checkProposal(
    changeHeader(bench.propose(), { previousBlockHash: asBlockHash(new Uint8Array(32)) }),
    chain,
  );
  assert.equal(elsewhere?.text, 'inconclusive-not-best-prevblk');
  assert.equal(elsewhere?.reject, null);
});

test('a block that was seen before is a duplicate, an invalid one, or one that nothing is known of yet', () => {
  const { genesis } = createRegtestParams();
  const index = new BlockIndex(TEST_RNG);
  assert.equal(describeKnownBlock(index, genesis.header.blockHash), null);
  const entry = index.add(genesis.header, NO_ENTRY);
  assert.equal(describeKnownBlock(index, genesis.header.blockHash), 'duplicate-inconclusive');
  index.raiseValidity(entry, VALIDITY.scripts);
  assert.equal(describeKnownBlock(index, genesis.header.blockHash), 'duplicate');
  index.markFailed(entry);
  assert.equal(describeKnownBlock(index, genesis.header.blockHash), 'duplicate-invalid');
});
