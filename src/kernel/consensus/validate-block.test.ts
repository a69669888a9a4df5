// Blocks whose witness is as large as a block may be: every such block is valid, and judging it takes bounded time and memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockOf, makeTx, outputOf, pay, spend, TestChain } from '../../../test/model/block-builder.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { writeCompactSizeAt } from '../encoding/compact-size.ts';
import { type Block, decodeBlock } from '../primitives/block.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import { decodeTransaction, type Transaction } from '../primitives/transaction.ts';
import { OP } from '../script/opcodes.ts';
import { encodePush } from '../script/script.ts';
import { ScriptBuilder } from '../script/script-builder.ts';
import { NO_CODE_SEPARATOR, SighashContext } from '../script/sighash.ts';
import { createTaprootOutput, type TapLeafProof } from '../script/taproot-builder.ts';
import { concatBytes } from '../util/bytes.ts';

const SECRET = new Uint8Array(32).fill(1);
const KEY = nobleSecp256k1.createPublicKey(SECRET, true)!.subarray(1);
const REWARD_SAT = 5_000_000_000;

/** A chain in which the reward of the first block is ripe and pays to one tapscript. */
function chainPayingTo(script: Uint8Array): {
  readonly chain: TestChain;
  readonly leaf: TapLeafProof;
  readonly reward: Block;
} {
  const output = createTaprootOutput(nobleSecp256k1, KEY, [{ depth: 0, script, leafVersion: 0xc0 }])!;
  const chain = new TestChain();
  const reward = chain.mine({ rewardSat: 0, coinbaseOutputs: [pay(REWARD_SAT, output.scriptPubKey)] });
  chain.mineEmpty(100);
  return { chain, leaf: output.leaves[0]!, reward };
}

function spendReward(reward: Block, witness: readonly Uint8Array[]): Transaction {
  return makeTx([spend(outputOf(reward.transaction(0), 1), { witness })], [pay(1)]);
}

/** The transaction with this many empty items put under its witness, written as bytes: nobody makes four million arrays. */
function withEmptyItems(tx: Transaction, itemCount: number, emptyCount: number): Transaction {
  const at = tx.witnessStart(0);
  const count = new Uint8Array(5);
  const countLength = writeCompactSizeAt(count, 0, itemCount + emptyCount);
  const bytes = concatBytes(
    tx.bytes.subarray(0, at),
    count.subarray(0, countLength),
    new Uint8Array(emptyCount),
    tx.bytes.subarray(at + 1),
  );
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  return decoded.value;
}

/** Bytes of objects and buffers in use. */
function memoryInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('C25: a tapscript that asks 999 keys for 998 signatures is valid', () => {
  const builder = new ScriptBuilder().push(KEY).op(OP.OP_CHECKSIG);
  for (let i = 1; i < 999; i++) builder.push(KEY).op(OP.OP_CHECKSIGADD);
  const script = builder.number(998).op(OP.OP_NUMEQUAL).build();
  assert.equal(script.length, 33_970);
  const { chain, leaf, reward } = chainPayingTo(script);
  const items = (signature: Uint8Array): Uint8Array[] => [
    ...Array.from({ length: 999 }, (_, i) => (i === 998 ? new Uint8Array(0) : signature)),
    script,
    leaf.controlBlock,
  ];
  const unsigned = spendReward(reward, items(new Uint8Array(64)));
  const context = new SighashContext();
  const scriptPubKey = reward.transaction(0).scriptPubKey(1);
  context.reset(unsigned, SpentOutputs.pack([{ valueSat: REWARD_SAT, scriptPubKey }]));
  const digest = new Uint8Array(32);
  assert.ok(context.computeTaproot(0, 0, null, leaf.tapleafHash, NO_CODE_SEPARATOR, digest));
  const signature = nobleSecp256k1.signSchnorr(digest, SECRET, new Uint8Array(32))!;
  // All 998 verifications are the same one here; a curve that remembers its last answer keeps the test short.
  const remembering = { ...nobleSecp256k1, verifySchnorr: rememberLast(nobleSecp256k1.verifySchnorr) };
  const quick = new TestChain(undefined, remembering);
  for (const { block } of chain.blocks) assert.equal(quick.connect(block), null);
  assert.equal(quick.judge(quick.make({ transactions: [spendReward(reward, items(signature))] })), null);
  const allButOne = items(signature);
  allButOne[0] = new Uint8Array(0);
  const reject = quick.judge(quick.make({ transactions: [spendReward(reward, allButOne)] }));
  assert.equal(reject?.scriptError, 'EVAL_FALSE');
});

/** A verification that answers the same question a second time without computing. */
function rememberLast(verify: typeof nobleSecp256k1.verifySchnorr): typeof nobleSecp256k1.verifySchnorr {
  let last = '';
  let answer = false;
  return (signature, message, key) => {
    const question = `${signature} ${message} ${key}`;
    if (question !== last) answer = verify(signature, message, key);
    last = question;
    return answer;
  };
}

test('C25: a tapscript of 396,669 bytes is valid', () => {
  const push = encodePush(new Uint8Array(520));
  const pushCount = Math.floor((396_669 - 4) / push.length);
  const padding = new Uint8Array((396_669 - 4) % push.length).fill(OP.OP_NOP);
  const body = concatBytes(...Array.from({ length: pushCount }, () => push), padding);
  const script = concatBytes(Uint8Array.of(OP.OP_0, OP.OP_IF), body, Uint8Array.of(OP.OP_ENDIF, OP.OP_1));
  assert.equal(script.length, 396_669);
  const { chain, leaf, reward } = chainPayingTo(script);
  const tx = spendReward(reward, [script, leaf.controlBlock]);
  assert.equal(chain.judge(chain.make({ transactions: [tx] })), null);
});

for (const emptyCount of [500_001, 3_900_000]) {
  test(`C25: ${emptyCount + 2} witness items over an OP_SUCCESS leaf are valid, in little time and memory`, () => {
    const script = Uint8Array.of(0x50);
    const { chain, leaf, reward } = chainPayingTo(script);
    const tx = withEmptyItems(spendReward(reward, [script, leaf.controlBlock]), 2, emptyCount);
    const bytes = chain
      .make({ transactions: [tx] })
      .serialized()
      .slice();
    assert.ok(blockOf(bytes).weightWu <= 4_000_000);
    const before = memoryInUse();
    const clock = process.cpuUsage();
    const decoded = decodeBlock(bytes);
    assert.ok(decoded.ok);
    assert.equal(chain.judge(decoded.value), null);
    assert.ok(memoryInUse() - before <= 10 * Math.max(bytes.length, 1_000_000), 'ten times the block');
    assert.ok(process.cpuUsage(clock).user < 10_000_000, 'ten seconds');
  });
}

test('C25: 1,001 items on the stack of a tapscript that runs are too many, and that is a script error', () => {
  const script = Uint8Array.of(OP.OP_1);
  const { chain, leaf, reward } = chainPayingTo(script);
  const tx = withEmptyItems(spendReward(reward, [script, leaf.controlBlock]), 2, 1_001);
  const reject = chain.judge(chain.make({ transactions: [tx] }));
  assert.equal(reject?.reason, 'block-script-verify-flag-failed (Stack size limit exceeded)');
});
