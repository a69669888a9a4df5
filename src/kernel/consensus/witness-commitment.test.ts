import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commitmentScript,
  fakeTxid,
  makeBlock,
  makeCoinbase,
  makeTx,
  NOBODY,
  pay,
  spend,
} from '../../../test/model/block-builder.ts';
import type { Block } from '../primitives/block.ts';
import type { Transaction, TransactionOutput } from '../primitives/transaction.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
import { MemoryHeaderBranch } from './header-branch.ts';
import { createRegtestParams } from './networks/regtest.ts';
import {
  checkWitnessCommitment,
  computeWitnessCommitment,
  computeWitnessMerkleRoot,
  findWitnessCommitment,
} from './witness-commitment.ts';

const NETWORK = createRegtestParams();
const BRANCH = new MemoryHeaderBranch([NETWORK.genesis.header]);
const RESERVED = new Uint8Array(32).fill(7);

const WITH_WITNESS = makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness: [Uint8Array.of(1)] })], [pay(1)]);
const WITHOUT_WITNESS = makeTx([spend({ txid: fakeTxid(2), index: 0 })], [pay(1)]);

function blockWith(coinbase: Transaction, transactions: readonly Transaction[]): Block {
  return makeBlock(BRANCH, NETWORK.consensus, { coinbase, transactions });
}

/** A block whose coinbase has the outputs that `outputs` makes of the right commitment. */
function committing(
  outputs: (right: Uint8Array) => readonly TransactionOutput[],
  witness: readonly Uint8Array[] = [RESERVED],
  transactions: readonly Transaction[] = [WITH_WITNESS, WITHOUT_WITNESS],
): Block {
  const bare = blockWith(makeCoinbase({ height: 1, outputs: [pay(0)] }), transactions);
  const right = computeWitnessCommitment(computeWitnessMerkleRoot(bare), RESERVED);
  return blockWith(makeCoinbase({ height: 1, outputs: outputs(right), witness }), transactions);
}

const WRONG = new Uint8Array(32).fill(9);

test('a right commitment passes', () => {
  assert.equal(
    checkWitnessCommitment(
      committing((right) => [pay(0, commitmentScript(right))]),
      true,
    ),
    null,
  );
});

test('C24: a wrong commitment is refused as mutated', () => {
  const reject = checkWitnessCommitment(
    committing(() => [pay(0, commitmentScript(WRONG))]),
    true,
  );
  assert.equal(reject?.reason, 'bad-witness-merkle-match');
  assert.equal(reject?.kind, 'mutated');
  assert.deepEqual(reject?.expected, WRONG);
});

test('C24: of two commitments the last counts', () => {
  const lastRight = committing((right) => [pay(0, commitmentScript(WRONG)), pay(0, commitmentScript(right)), pay(1)]);
  assert.equal(checkWitnessCommitment(lastRight, true), null);
  const lastWrong = committing((right) => [pay(0, commitmentScript(right)), pay(1), pay(0, commitmentScript(WRONG))]);
  assert.equal(checkWitnessCommitment(lastWrong, true)?.reason, 'bad-witness-merkle-match');
});

test('C24: a committing output may be longer than 38 bytes and not shorter', () => {
  const longer = committing((right) => [pay(0, concatBytes(commitmentScript(right), new Uint8Array(60)))]);
  assert.equal(checkWitnessCommitment(longer, true), null);
  const shorter = committing((right) => [pay(0, commitmentScript(right).subarray(0, 37))]);
  assert.equal(findWitnessCommitment(shorter.transaction(0)), -1);
  assert.equal(checkWitnessCommitment(shorter, true)?.reason, 'unexpected-witness');
});

test('C24: each of the six bytes before the commitment must be right', () => {
  for (let k = 0; k < 6; k++) {
    const changed = committing((right) => {
      const script = commitmentScript(right);
      script[k]! ^= 1;
      return [pay(0, script)];
    });
    assert.equal(findWitnessCommitment(changed.transaction(0)), -1, `byte ${k}`);
  }
});

test('C24: the witness of a committing coinbase is one item of 32 bytes', () => {
  const stacks = [[], [new Uint8Array(31)], [new Uint8Array(33)], [RESERVED, RESERVED], [RESERVED, new Uint8Array(0)]];
  for (const witness of stacks) {
    const reject = checkWitnessCommitment(
      committing((right) => [pay(0, commitmentScript(right))], witness),
      true,
    );
    assert.equal(reject?.reason, 'bad-witness-nonce-size', `${witness.length} items`);
    assert.equal(reject?.kind, 'mutated');
  }
});

test('C24: a witness that nothing commits to is unexpected, in the coinbase as well', () => {
  const plain = makeCoinbase({ height: 1, outputs: [pay(0)] });
  assert.equal(checkWitnessCommitment(blockWith(plain, [WITHOUT_WITNESS]), true), null);
  const reject = checkWitnessCommitment(blockWith(plain, [WITHOUT_WITNESS, WITH_WITNESS]), true);
  assert.equal(reject?.reason, 'unexpected-witness');
  assert.equal(reject?.kind, 'mutated');
  assert.equal(reject?.txIndex, 2);
  const inCoinbase = makeCoinbase({ height: 1, outputs: [pay(0)], witness: [RESERVED] });
  assert.equal(checkWitnessCommitment(blockWith(inCoinbase, []), true)?.reason, 'unexpected-witness');
});

test('C24: before segwit a commitment means nothing and any witness is unexpected', () => {
  const noWitness = makeCoinbase({ height: 1, outputs: [pay(0, commitmentScript(WRONG))] });
  assert.equal(checkWitnessCommitment(blockWith(noWitness, [WITHOUT_WITNESS]), false), null);
  const right = committing((commitment) => [pay(0, commitmentScript(commitment))]);
  assert.equal(checkWitnessCommitment(right, false)?.reason, 'unexpected-witness');
});

test('a committing block without other witnesses needs the reserved value all the same', () => {
  const empty = committing((right) => [pay(0, commitmentScript(right))], [RESERVED], []);
  assert.equal(checkWitnessCommitment(empty, true), null);
  const stripped = committing((right) => [pay(0, commitmentScript(right))], [], []);
  assert.equal(checkWitnessCommitment(stripped, true)?.reason, 'bad-witness-nonce-size');
});

test('a coinbase alone has a witness merkle root of zeros, so its commitment is a known hash', () => {
  const block = blockWith(makeCoinbase({ height: 1, outputs: [pay(0, NOBODY)] }), []);
  assert.deepEqual(computeWitnessMerkleRoot(block), new Uint8Array(32));
  // Double SHA-256 of 64 zero bytes: the commitment of every empty block of a segwit miner.
  assert.deepEqual(
    computeWitnessCommitment(new Uint8Array(32), new Uint8Array(32)),
    fromHex('e2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9'),
  );
});
