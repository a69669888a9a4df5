import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTx, outputOf, pay, spend, TestChain } from '../../../test/model/block-builder.ts';
import { describeCoins } from '../../../test/model/coins-model.ts';
import { encodeSignatureDer } from '../crypto/der.ts';
import { hash160 } from '../crypto/hash160.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import type { Block } from '../primitives/block.ts';
import { formatHash } from '../primitives/hashes.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { SCRIPT_VERIFY } from '../script/flags.ts';
import { OP } from '../script/opcodes.ts';
import { createP2pkh, createWitnessProgram, ScriptBuilder } from '../script/script-builder.ts';
import { SignatureCache } from '../script/sig-cache.ts';
import { SighashContext } from '../script/sighash.ts';
import { InputVerifier } from '../script/verify.ts';
import { concatBytes } from '../util/bytes.ts';
import { type JobVerifier, rejectTxForScript, runScriptJobs, type ScriptJob } from './script-job.ts';

const SECRET = new Uint8Array(32).fill(2);
const KEY = nobleSecp256k1.createPublicKey(SECRET, true)!;
const KEY_HASH = hash160(KEY);
const P2WPKH = createWitnessProgram(0, KEY_HASH);
const REWARD_SAT = 5_000_000_000;

/** A chain whose first reward is ripe and has the given script. */
function chainPayingTo(scriptPubKey: Uint8Array): { readonly chain: TestChain; readonly reward: Transaction } {
  const chain = new TestChain();
  const first = chain.mine({ rewardSat: 0, coinbaseOutputs: [pay(REWARD_SAT, scriptPubKey)] });
  chain.mineEmpty(100);
  return { chain, reward: first.transaction(0) };
}

function withWitness(reward: Transaction, witness: readonly Uint8Array[]): Transaction {
  return makeTx([spend(outputOf(reward, 1), { witness })], [pay(1)]);
}

/** A signature by the key over the P2WPKH input of the transaction. */
function sign(tx: Transaction): Uint8Array {
  const context = new SighashContext();
  const script = createP2pkh(KEY_HASH);
  const digest = new Uint8Array(32);
  context.reset(tx, SpentOutputs.pack([{ valueSat: REWARD_SAT, scriptPubKey: P2WPKH }]));
  context.computeWitnessV0(0, script, 0, script.length, REWARD_SAT, 1, digest);
  return concatBytes(encodeSignatureDer(nobleSecp256k1.signEcdsa(digest, SECRET)!), Uint8Array.of(1));
}

test('C03: scripts that fail refuse the block with the words of the script error', () => {
  const { chain, reward } = chainPayingTo(Uint8Array.of(OP.OP_1));
  const judge = (scriptSig: Uint8Array) => {
    const tx = makeTx([spend(outputOf(reward, 1), { scriptSig })], [pay(1)]);
    return { tx, reject: chain.judge(chain.make({ transactions: [tx] })) };
  };
  const { tx, reject } = judge(Uint8Array.of(OP.OP_1, OP.OP_RETURN));
  assert.equal(reject?.reason, 'block-script-verify-flag-failed (OP_RETURN was encountered)');
  assert.deepEqual(
    [reject?.kind, reject?.txIndex, reject?.inputIndex, reject?.scriptError],
    ['consensus', 1, 0, 'OP_RETURN'],
  );
  const id = formatHash(tx.txid);
  assert.equal(reject?.debug, `input 0 of ${id} (wtxid ${id}), spending ${formatHash(reward.txid)}:1`);
  const open = judge(Uint8Array.of(OP.OP_1, OP.OP_1, OP.OP_IF)).reject;
  assert.equal(open?.reason, 'block-script-verify-flag-failed (Invalid OP_IF construction)');
  const onAltstack = new ScriptBuilder().op(OP.OP_1).op(OP.OP_TOALTSTACK).build();
  assert.equal(judge(onAltstack).reject, null);
});

test('the first failure in block order is reported, with transaction and input', () => {
  const asked: string[] = [];
  let current: Transaction | null = null;
  const verifier: JobVerifier = {
    setTransaction: (transaction) => {
      current = transaction;
    },
    verifyInput: (inputIndex, flags) => {
      asked.push(`${current!.locktime} ${inputIndex} ${flags}`);
      return current!.locktime === 3 && inputIndex === 1 ? 'EVAL_FALSE' : null;
    },
  };
  const { reward } = chainPayingTo(Uint8Array.of(OP.OP_1));
  const jobs: ScriptJob[] = [2, 3, 4].map((locktime) => {
    const inputs = [0, 1, 2].map((index) => spend({ txid: reward.txid, index }));
    const transaction = makeTx(inputs, [pay(1)], { locktime });
    return { txIndex: locktime - 1, transaction, spent: SpentOutputs.pack([pay(1), pay(2), pay(3)]) };
  });
  assert.deepEqual(runScriptJobs(jobs, verifier, 7), { txIndex: 2, inputIndex: 1, error: 'EVAL_FALSE' });
  assert.deepEqual(asked, ['2 0 7', '2 1 7', '2 2 7', '3 0 7', '3 1 7']);
  assert.equal(runScriptJobs([], verifier, 7), null);
});

test('C36: a verifier that breaks down gives no verdict, and the same block is valid afterwards', () => {
  const { chain, reward } = chainPayingTo(P2WPKH);
  const tx = withWitness(reward, [sign(withWitness(reward, [])), KEY]);
  const block = chain.make({ transactions: [tx] });
  const coins = describeCoins(chain.coins);
  for (const fault of [new Error('worker died'), new RangeError('Array buffer allocation failed')]) {
    const broken: JobVerifier = {
      setTransaction: () => {},
      verifyInput: () => {
        throw fault;
      },
    };
    assert.throws(() => chain.judge(block, { verifier: broken }), fault);
    chain.overlay.reset();
  }
  const brokenCurve = {
    ...nobleSecp256k1,
    verifyEcdsa: (): boolean => {
      throw new Error('no memory');
    },
  };
  assert.throws(() => chain.judge(block, { verifier: new InputVerifier(brokenCurve) }), /no memory/);
  chain.overlay.reset();
  assert.deepEqual(describeCoins(chain.coins), coins);
  assert.equal(chain.connect(block), null);
});

test('C37: the same transaction with another witness is judged by that witness, whatever was verified before', () => {
  const { chain, reward } = chainPayingTo(P2WPKH);
  const salt = new Uint8Array(32).fill(9);
  const verifier = new InputVerifier(nobleSecp256k1, {
    signatureCache: new SignatureCache({ entryCountMax: 1000, salt }),
  });
  const signature = sign(withWitness(reward, []));
  const genuine = withWitness(reward, [signature, KEY]);
  const wrongSignature = signature.slice();
  wrongSignature[20]! ^= 1;
  const malleated = [
    withWitness(reward, [wrongSignature, KEY]),
    withWitness(reward, [signature, new Uint8Array(33).fill(2)]),
    withWitness(reward, [signature, KEY, new Uint8Array(0)]),
    withWitness(reward, []),
  ];
  const blockWith = (tx: Transaction): Block => chain.make({ transactions: [tx] });
  assert.equal(chain.judge(blockWith(genuine), { verifier }), null);
  for (const other of malleated) {
    assert.deepEqual(other.txid, genuine.txid);
    const reject = chain.judge(blockWith(other), { verifier });
    assert.match(reject?.reason ?? 'valid', /^block-script-verify-flag-failed \(/);
  }
  assert.equal(chain.judge(blockWith(genuine), { verifier }), null);
});

test('C37: what passed under few flags is judged anew under more', () => {
  const { chain, reward } = chainPayingTo(P2WPKH);
  const salt = new Uint8Array(32).fill(9);
  const verifier = new InputVerifier(nobleSecp256k1, {
    signatureCache: new SignatureCache({ entryCountMax: 1000, salt }),
  });
  const unsigned = withWitness(reward, []);
  const job: ScriptJob = {
    txIndex: 1,
    transaction: unsigned,
    spent: SpentOutputs.pack([{ valueSat: REWARD_SAT, scriptPubKey: P2WPKH }]),
  };
  assert.equal(runScriptJobs([job], verifier, SCRIPT_VERIFY.P2SH), null);
  const failure = runScriptJobs([job], verifier, SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS);
  assert.equal(failure?.error, 'WITNESS_PROGRAM_MISMATCH');
  assert.equal(
    rejectTxForScript(unsigned, failure!).reason,
    'block-script-verify-flag-failed (Witness program hash mismatch)',
  );
  assert.equal(chain.judge(chain.make({ transactions: [unsigned] }))?.scriptError, 'WITNESS_PROGRAM_MISMATCH');
});
