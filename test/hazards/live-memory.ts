// A program for the test of leaks, to be run with a small heap: connects and disconnects a block of many inputs over and over and
// throws damaged blocks at the decoder and the rules, and prints what is alive after a collection, before and after.

import { checkBlock } from '../../src/kernel/consensus/block-check.ts';
import { hash160 } from '../../src/kernel/crypto/hash160.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { type Block, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { encodePush } from '../../src/kernel/script/script.ts';
import { createP2pkh } from '../../src/kernel/script/script-builder.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { assumeGoodSignatures } from '../bench/recorder.ts';
import { mutate } from '../fuzz/mutate.ts';
import { fakeTxid, makeTx, outputOf, pay, spend, TestChain } from '../model/block-builder.ts';

/** What a run leaves alive, in bytes. */
interface Alive {
  readonly heap: number;
  readonly arrays: number;
}

const INPUTS = 60;

/** Rounds before the first look: until then, code is compiled and scratch grows. */
const WARM_UP_ROUNDS = 400;

/** After so many rounds the damaged blocks are the same again, so that all paths have been compiled at the first look. */
const ROUNDS_OF_SAME_DAMAGE = 50;

const collect = (globalThis as { gc?: () => void }).gc;

function lookAtMemory(): Alive {
  if (collect === undefined) throw new Error('needs --expose-gc');
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, arrays: arrayBuffers };
}

/** A chain, and the next block of it, which spends coins of all usual kinds. */
function prepare(): { chain: TestChain; block: Block } {
  const chain = new TestChain(undefined, assumeGoodSignatures(nobleSecp256k1));
  const key = new Uint8Array(33).fill(2);
  const signature = concatBytes(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1), Uint8Array.of(1));
  const taproot = concatBytes(Uint8Array.of(OP.OP_1, 32), key.subarray(1));
  const keyHash = concatBytes(Uint8Array.of(OP.OP_0, 20), hash160(key));
  const scripts = [createP2pkh(hash160(key)), taproot, keyHash, Uint8Array.of(OP.OP_1)];
  const outputs = Array.from({ length: INPUTS }, (_, i) => pay(0, scripts[i % scripts.length]!));
  const reward = chain.mine({ coinbaseOutputs: outputs });
  chain.mineEmpty(100);
  const inputs = outputs.map((_, i) => {
    const prevout = outputOf(reward.transaction(0), i + 1);
    if (i % 4 === 0) return spend(prevout, { scriptSig: concatBytes(encodePush(signature), encodePush(key)) });
    if (i % 4 === 1) return spend(prevout, { witness: [new Uint8Array(64)] });
    return i % 4 === 2 ? spend(prevout, { witness: [signature, key] }) : spend(prevout);
  });
  const half = INPUTS / 2;
  const transactions = [inputs.slice(0, half), inputs.slice(half)].map((some) => makeTx(some, outputs.slice(0, half)));
  return { chain, block: chain.make({ transactions }) };
}

function connectAndDisconnect(chain: TestChain, block: Block): void {
  const reject = chain.connect(block);
  if (reject !== null) throw new Error(`${reject.reason} ${reject.debug}`);
  if (chain.disconnect() !== 'ok') throw new Error('disconnecting failed');
}

function refuse(chain: TestChain, bytes: Uint8Array): void {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return;
  checkBlock(decoded.value, chain.params, { skipProofOfWork: true });
  chain.judge(decoded.value);
}

function main(rounds: number): void {
  const { chain, block } = prepare();
  const bytes = block.serialized();
  const missing = chain.make({ transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(0)])] });
  let before: Alive | null = null;
  let rng = createRng(7);
  for (let round = 0; round < rounds; round++) {
    if (round === WARM_UP_ROUNDS) before = lookAtMemory();
    connectAndDisconnect(chain, block);
    if (round % ROUNDS_OF_SAME_DAMAGE === 0) rng = createRng(7);
    refuse(chain, mutate(bytes, rng));
    if (chain.judge(missing) === null) throw new Error('a coin that is not there was spent');
  }
  process.stdout.write(JSON.stringify({ rounds, inputs: rounds * INPUTS, before, after: lookAtMemory() }));
}

main(Number(process.argv[2] ?? 1_500));
