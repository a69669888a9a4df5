// What every ScriptVerifier must do, wherever it runs scripts. A new implementation calls checkScriptVerifier in a test file of
// its own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ScriptVerifier, VerifierError } from '../../src/kernel/chain/ports.ts';
import type { ScriptFailure } from '../../src/kernel/consensus/script-job.ts';
import { encodeSignatureDer } from '../../src/kernel/crypto/der.ts';
import { hash160 } from '../../src/kernel/crypto/hash160.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import { SCRIPT_VERIFY, SCRIPT_VERIFY_NONE } from '../../src/kernel/script/flags.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { createP2pkh, createWitnessProgram } from '../../src/kernel/script/script-builder.ts';
import { SighashContext } from '../../src/kernel/script/sighash.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { ANYONE, fakeTxid, makeTx, pay, spend } from '../model/block-builder.ts';
import { packScriptBatch, type Spend, spendScripts } from '../model/script-batch.ts';

/** Scripts that fail at once, each with its own error. */
const FALSE = Uint8Array.of(OP.OP_0);
const RETURN = Uint8Array.of(OP.OP_RETURN);
const EQUAL = Uint8Array.of(OP.OP_1, OP.OP_2, OP.OP_EQUALVERIFY);

/** A script of which the beginning takes some tenths of a millisecond: 60 double hashes of 520 bytes. */
function slowly(script: Uint8Array): Uint8Array {
  const rounds = Array.from({ length: 60 }, () => Uint8Array.of(OP.OP_DUP, OP.OP_HASH256, OP.OP_DROP));
  const push = concatBytes(Uint8Array.of(OP.OP_PUSHDATA2, 0x08, 0x02), new Uint8Array(520));
  return concatBytes(push, ...rounds, Uint8Array.of(OP.OP_DROP), script);
}

/** A batch that takes a quarter of a second or more on one thread, all good. */
export function makeSlowSpends(): Spend[] {
  return Array.from({ length: 100 }, () => spendScripts(Array.from({ length: 20 }, () => slowly(ANYONE))));
}

/** Spends of one key hash (P2WPKH), signed; each witness can be looked at before it goes in. */
function signedSpend(change: (signature: Uint8Array) => void): Spend {
  const secret = new Uint8Array(32).fill(7);
  const key = nobleSecp256k1.createPublicKey(secret, true)!;
  const spent = SpentOutputs.pack([pay(1000, createWitnessProgram(0, hash160(key)))]);
  const unsigned = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(900)]);
  const sighash = new SighashContext();
  sighash.reset(unsigned, spent);
  const digest = new Uint8Array(32);
  const scriptCode = createP2pkh(hash160(key));
  sighash.computeWitnessV0(0, scriptCode, 0, scriptCode.length, 1000, 1, digest);
  const signature = encodeSignatureDer(nobleSecp256k1.signEcdsa(digest, secret)!);
  change(signature);
  const witness = [concatBytes(signature, Uint8Array.of(1)), key];
  return { transaction: makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness })], [pay(900)]), spent };
}

/** Transactions of random numbers of inputs that succeed, some of them slowly. */
function randomScripts(rng: Rng, txCount: number): Uint8Array[][] {
  return Array.from({ length: txCount }, () =>
    Array.from({ length: 1 + rng.below(8) }, () => (rng.below(10) === 0 ? slowly(ANYONE) : ANYONE)),
  );
}

function failureAt(txIndex: number, inputIndex: number, error: ScriptFailure['error']): ScriptFailure {
  return { txIndex, inputIndex, error };
}

/** Registers the tests of the port for one implementation. `open` gives a new verifier, which the test closes. */
export function checkScriptVerifier(
  name: string,
  open: () => Promise<ScriptVerifier>,
  options?: { readonly skip?: string | false },
): void {
  const check = (title: string, body: (verifier: ScriptVerifier) => Promise<void>): void => {
    test(`${name}: ${title}`, { skip: options?.skip ?? false }, async () => {
      const verifier = await open();
      try {
        await body(verifier);
      } finally {
        await verifier.close();
      }
    });
  };
  const judge = (verifier: ScriptVerifier, spends: readonly Spend[], isShared = false): Promise<ScriptFailure | null> =>
    verifier.verify(packScriptBatch(spends, SCRIPT_VERIFY_NONE, isShared));

  check('a block without scripts to run is valid', async (verifier) => {
    assert.equal(await judge(verifier, []), null);
  });

  check('blocks of one input and of thousands are valid, with and without shared memory', async (verifier) => {
    const few = [spendScripts([ANYONE])];
    const many = [
      ...Array.from({ length: 500 }, () => spendScripts([ANYONE, ANYONE])),
      spendScripts(new Array<Uint8Array>(3000).fill(ANYONE)),
    ];
    for (const isShared of [false, true]) {
      assert.equal(await judge(verifier, few, isShared), null);
      assert.equal(await judge(verifier, many, isShared), null);
    }
  });

  check('what is known to be good is not run, and all else is', async (verifier) => {
    const scripts = [[RETURN], [ANYONE, ANYONE], [RETURN, RETURN], [ANYONE], [EQUAL]];
    for (const isShared of [false, true]) {
      const batch = packScriptBatch(scripts.map(spendScripts), SCRIPT_VERIFY_NONE, isShared);
      const knownGood = (...known: readonly number[]): Uint8Array =>
        Uint8Array.from({ length: scripts.length + 1 }, (_, txIndex) => (known.includes(txIndex) ? 1 : 0));
      assert.equal(await verifier.verify({ ...batch, knownGood: knownGood(1, 3, 5) }), null);
      assert.equal(await verifier.verify({ ...batch, knownGood: knownGood(1, 2, 3, 4, 5) }), null);
      const last = await verifier.verify({ ...batch, knownGood: knownGood(1, 2, 3) });
      assert.deepEqual(last, failureAt(5, 0, 'EQUALVERIFY'));
      assert.deepEqual(await verifier.verify({ ...batch, knownGood: knownGood(1, 5) }), failureAt(3, 0, 'OP_RETURN'));
    }
  });

  check('the only failure is found wherever it is', async (verifier) => {
    const sizes = [1, 3, 1, 40, 2, 7];
    for (let tx = 0; tx < sizes.length; tx++) {
      for (let input = 0; input < sizes[tx]!; input++) {
        const scripts = sizes.map((size) => new Array<Uint8Array>(size).fill(ANYONE));
        scripts[tx]![input] = RETURN;
        const verdict = await judge(verifier, scripts.map(spendScripts));
        assert.deepEqual(verdict, failureAt(tx + 1, input, 'OP_RETURN'));
      }
    }
  });

  check(
    'of several failures the first in block order is reported, though later ones are found sooner',
    async (verifier) => {
      const rng = createRng(11);
      for (let round = 0; round < 30; round++) {
        const scripts = randomScripts(rng, 60);
        const tx = rng.below(50);
        const input = rng.below(scripts[tx]!.length);
        scripts[tx]![input] = slowly(EQUAL);
        for (let i = rng.below(20); i >= 0; i--) {
          const later = tx + 1 + rng.below(scripts.length - tx - 1);
          scripts[later]![rng.below(scripts[later]!.length)] = rng.below(2) === 0 ? FALSE : RETURN;
        }
        const verdict = await judge(verifier, scripts.map(spendScripts), round % 2 === 0);
        assert.deepEqual(verdict, failureAt(tx + 1, input, 'EQUALVERIFY'), `round ${round}`);
      }
    },
  );

  check('when every input fails, the first one is reported', async (verifier) => {
    const spends = Array.from({ length: 300 }, (_, i) =>
      spendScripts(i === 0 ? [slowly(EQUAL), FALSE] : [RETURN, FALSE]),
    );
    assert.deepEqual(await judge(verifier, spends), failureAt(1, 0, 'EQUALVERIFY'));
  });

  check('each of several blocks under way gets its own verdict', async (verifier) => {
    const rng = createRng(12);
    const asked = Array.from({ length: 25 }, (_, round) => {
      const scripts = randomScripts(rng, 1 + rng.below(30));
      if (round % 3 === 0) scripts[scripts.length - 1]![0] = FALSE;
      const expected = round % 3 === 0 ? failureAt(scripts.length, 0, 'EVAL_FALSE') : null;
      return { expected, verdict: judge(verifier, scripts.map(spendScripts), round % 2 === 0) };
    });
    for (const { expected, verdict } of asked) assert.deepEqual(await verdict, expected);
  });

  check('signatures are verified under the flags of the block', async (verifier) => {
    const { P2SH, WITNESS } = SCRIPT_VERIFY;
    const good = signedSpend(() => undefined);
    const bad = signedSpend((signature) => {
      signature[10] = signature[10]! ^ 1;
    });
    const flags = P2SH | WITNESS;
    assert.equal(await verifier.verify(packScriptBatch([good, good], flags)), null);
    const failure = failureAt(2, 0, 'EVAL_FALSE');
    assert.deepEqual(await verifier.verify(packScriptBatch([good, bad, good], flags)), failure);
    assert.equal(await verifier.verify(packScriptBatch([good, bad, good], SCRIPT_VERIFY_NONE)), null);
  });

  check('after a failure the next block is judged on its own', async (verifier) => {
    assert.deepEqual(await judge(verifier, [spendScripts([FALSE])]), failureAt(1, 0, 'EVAL_FALSE'));
    assert.equal(await judge(verifier, [spendScripts([ANYONE])]), null);
  });

  check('closing while blocks are under way rejects them, and all that follow', async (verifier) => {
    const spends = makeSlowSpends();
    const verdicts = Promise.allSettled(Array.from({ length: 6 }, () => judge(verifier, spends)));
    await Promise.all([verifier.close(), verifier.close()]);
    for (const settled of await verdicts) {
      assert.ok(settled.status === 'rejected', 'the last block cannot be finished yet');
      assertVerifierError(settled.reason, 'closed');
    }
    await assert.rejects(judge(verifier, [spendScripts([ANYONE])]), (error) => assertVerifierError(error, 'closed'));
    await assert.rejects(judge(verifier, []), (error) => assertVerifierError(error, 'closed'));
    await verifier.close();
  });
}

/** The typed error of a verifier that has judged nothing. */
export function assertVerifierError(error: unknown, code: VerifierError['code']): boolean {
  assert.ok(error instanceof VerifierError, String(error));
  assert.equal(error.code, code);
  return true;
}
