import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commitmentScript,
  fakeTxid,
  makeBlock,
  makeCoinbase,
  makeTx,
  pay,
  spend,
} from '../../../test/model/block-builder.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import type { Block } from '../primitives/block.ts';
import { OP } from '../script/opcodes.ts';
import { encodePush } from '../script/script.ts';
import { InputVerifier } from '../script/verify.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
import { checkBlock } from './block-check.ts';
import { MemoryHeaderBranch } from './header-branch.ts';
import { createRegtestParams } from './networks/regtest.ts';
import { createSignetParams } from './networks/signet.ts';
import type { ConsensusParams } from './params.ts';
import { buildSignetTransactions, checkSignetSolution } from './signet.ts';

const NETWORK = createRegtestParams();
const BRANCH = new MemoryHeaderBranch([NETWORK.genesis.header]);
const VERIFIER = new InputVerifier(nobleSecp256k1);

/** A regtest that asks for this challenge, so that blocks cost nothing. */
function signetOf(challenge: Uint8Array): ConsensusParams {
  return { ...NETWORK.consensus, signetChallenge: challenge };
}

/** A block whose commitment output is followed by the given script bytes. */
function blockWith(afterCommitment: Uint8Array): Block {
  const script = concatBytes(commitmentScript(new Uint8Array(32).fill(5)), afterCommitment);
  const coinbase = makeCoinbase({ height: 1, outputs: [pay(1), pay(0, script)] });
  return makeBlock(BRANCH, NETWORK.consensus, {
    coinbase,
    transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1)])],
  });
}

const HEADER = 'ecc7daa2';

/** A push of the header, a scriptSig and a witness stack. */
function solutionPush(scriptSig: string, witness: string): Uint8Array {
  const length = (scriptSig.length / 2).toString(16).padStart(2, '0');
  return encodePush(fromHex(HEADER + length + scriptSig + witness));
}

function judge(challenge: Uint8Array, block: Block): string | null {
  return checkSignetSolution(block, signetOf(challenge), VERIFIER)?.reason ?? null;
}

const ANYONE = Uint8Array.of(OP.OP_1);
/** Asks for the number 7 in the scriptSig. */
const SEVEN = fromHex('5787');

test('a block of another network needs no solution, nor does a genesis block', () => {
  const block = blockWith(new Uint8Array(0));
  assert.equal(checkSignetSolution(block, NETWORK.consensus, VERIFIER), null);
  assert.equal(checkSignetSolution(NETWORK.genesis, signetOf(SEVEN), VERIFIER), null);
});

test('a trivial challenge accepts a block without a solution, and another does not', () => {
  assert.equal(judge(ANYONE, blockWith(new Uint8Array(0))), null);
  assert.equal(judge(SEVEN, blockWith(new Uint8Array(0))), 'bad-signet-blksig');
});

test('a solution satisfies the challenge with its scriptSig', () => {
  assert.equal(judge(SEVEN, blockWith(solutionPush('57', '00'))), null);
  assert.equal(judge(SEVEN, blockWith(solutionPush('58', '00'))), 'bad-signet-blksig');
});

test('a solution may stand behind other pushes and be written with any push opcode', () => {
  const other = encodePush(fromHex('00112233'));
  assert.equal(judge(SEVEN, blockWith(concatBytes(other, solutionPush('57', '00')))), null);
  const long = concatBytes(Uint8Array.of(OP.OP_PUSHDATA1, 7), fromHex(`${HEADER}015700`));
  assert.equal(judge(SEVEN, blockWith(long)), null);
});

test('of two solutions the first counts', () => {
  assert.equal(judge(SEVEN, blockWith(concatBytes(solutionPush('57', '00'), solutionPush('58', '00')))), null);
  assert.equal(
    judge(SEVEN, blockWith(concatBytes(solutionPush('58', '00'), solutionPush('57', '00')))),
    'bad-signet-blksig',
  );
});

test('a solution that cannot be read, or has bytes left over, refuses the block even for a trivial challenge', () => {
  for (const body of ['', '01', '0157', '015701', '015700ff', '0157fd0000']) {
    const push = encodePush(fromHex(HEADER + body));
    // The header alone is no solution, so the trivial challenge gets an empty one.
    assert.equal(judge(ANYONE, blockWith(push)), body === '' ? null : 'bad-signet-blksig', body);
  }
});

test('a block without a commitment to witnesses is refused', () => {
  const block = makeBlock(BRANCH, NETWORK.consensus, {});
  assert.equal(judge(ANYONE, block), 'bad-signet-blksig');
  assert.equal(buildSignetTransactions(block, ANYONE), null);
});

test('what is signed leaves out the solution and nothing else of the block', () => {
  const [one, two] = [blockWith(solutionPush('57', '00')), blockWith(solutionPush('5151', '00'))];
  const signed = (block: Block): Uint8Array => buildSignetTransactions(block, SEVEN)!.toSpend.scriptSig(0);
  assert.notDeepEqual(one.transaction(0).txid, two.transaction(0).txid);
  assert.deepEqual(signed(one), signed(two));
  const scriptSig = signed(one);
  assert.equal(scriptSig.length, 74);
  assert.deepEqual(scriptSig.subarray(0, 2), fromHex('0048'));
  assert.deepEqual(scriptSig.subarray(2, 38), one.header.serialized().subarray(0, 36));
  assert.deepEqual(scriptSig.subarray(70, 74), one.header.serialized().subarray(68, 72));
  assert.notDeepEqual(scriptSig.subarray(38, 70), one.header.merkleRoot);
});

test('checkBlock asks for the solution after proof of work and before the merkle root, and leaves it out for templates', () => {
  const params = signetOf(SEVEN);
  const block = blockWith(solutionPush('58', '00'));
  assert.equal(checkBlock(block, params, { verifier: VERIFIER })?.reason, 'bad-signet-blksig');
  assert.equal(checkBlock(block, params, { skipProofOfWork: true }), null);
  assert.throws(() => checkBlock(block, params), { name: 'AssertionError' });
  const unmined = { ...params, pow: createSignetParams().consensus.pow };
  assert.equal(checkBlock(block, unmined, { verifier: VERIFIER })?.reason, 'high-hash');
});
