// Whole spends: separate evaluation (C03), relative locks and versions (C14), hash types (C17), order of signatures (C19), and the
// shapes of segwit (C29). Taproot is in verify-taproot.test.ts; Core's own cases are judged by test/vectors.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleScript } from '../../../test/vectors/asm.ts';
import { getCurve } from '../../../test/vectors/curve.ts';
import { createSpend, type ScriptPair, type Spend, verifyAll } from '../../../test/vectors/script-case.ts';
import {
  createStubCurve,
  createTestKey,
  signLegacy,
  signWitnessV0,
  withHashType,
} from '../../../test/vectors/script-machine.ts';
import { hash160 } from '../crypto/hash160.ts';
import { sha256 } from '../crypto/sha256.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import { buildTransaction, type TransactionData, toTransactionData } from '../primitives/transaction.ts';
import { concatBytes, EMPTY_BYTES, fromHex } from '../util/bytes.ts';
import {
  formatScriptFlags,
  isValidFlagCombination,
  MANDATORY_SCRIPT_VERIFY_FLAGS,
  parseScriptFlags,
  SCRIPT_VERIFY,
  STANDARD_SCRIPT_VERIFY_FLAGS,
} from './flags.ts';
import { encodePush } from './script.ts';
import { createMultisig, createP2pk, createP2pkh, createP2sh, createWitnessProgram } from './script-builder.ts';
import { type ScriptError, scriptErrorMessage } from './script-error.ts';
import { InputVerifier } from './verify.ts';

const SEGWIT = SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS;

function verdict(spend: Spend, flags: number): ScriptError | null {
  return verifyAll(new InputVerifier(getCurve()), spend, flags);
}

function verdictOfPair(pair: ScriptPair, flags = SEGWIT): ScriptError | null {
  return verdict(createSpend(pair), flags);
}

function verdictOfText(scriptSig: string, scriptPubKey: string, flags = 0): ScriptError | null {
  return verdictOfPair({ scriptSig: assembleScript(scriptSig), scriptPubKey: assembleScript(scriptPubKey) }, flags);
}

/** The same spend after changes to the transaction. */
function change(spend: Spend, changes: (data: TransactionData) => Partial<TransactionData>): Spend {
  const data = toTransactionData(spend.transaction);
  return { transaction: buildTransaction({ ...data, ...changes(data) }), spent: spend.spent };
}

function withScriptSig(spend: Spend, scriptSig: Uint8Array): Spend {
  return change(spend, ({ inputs }) => ({ inputs: inputs.map((input) => ({ ...input, scriptSig })) }));
}

function withWitness(spend: Spend, ...witness: readonly Uint8Array[]): Spend {
  return change(spend, ({ inputs }) => ({ inputs: inputs.map((input) => ({ ...input, witness })) }));
}

describe('scripts run one after another', () => {
  test('C03: an OP_RETURN in the scriptSig does not end the story well', () => {
    assert.equal(verdictOfText('1 RETURN', '0'), 'OP_RETURN');
    assert.equal(verdictOfText('1 RETURN', '1'), 'OP_RETURN');
    assert.equal(scriptErrorMessage.OP_RETURN, 'OP_RETURN was encountered');
  });

  test('C03: a condition left open in the scriptSig is not closed by the scriptPubKey', () => {
    assert.equal(verdictOfText('1 1 IF', 'ENDIF'), 'UNBALANCED_CONDITIONAL');
    assert.equal(verdictOfText('1 0 IF', 'RETURN ENDIF'), 'UNBALANCED_CONDITIONAL');
    assert.equal(scriptErrorMessage.UNBALANCED_CONDITIONAL, 'Invalid OP_IF construction');
  });

  test('C03: a push cut off at the end of the scriptSig swallows nothing of the scriptPubKey', () => {
    assert.equal(verdictOfText('1 0x05', '0'), 'BAD_OPCODE');
  });

  test('C03: the altstack does not carry over, the main stack does', () => {
    assert.equal(verdictOfText('1 TOALTSTACK', 'FROMALTSTACK'), 'INVALID_ALTSTACK_OPERATION');
    assert.equal(verdictOfText('1 2', '2 EQUALVERIFY'), null);
  });

  test('C03: nothing or something false on top refuses the spend', () => {
    assert.equal(verdictOfText('', ''), 'EVAL_FALSE');
    assert.equal(verdictOfText('', '0'), 'EVAL_FALSE');
    assert.equal(verdictOfText('', '0x01 0x80'), 'EVAL_FALSE');
    assert.equal(verdictOfText('0', '1'), null);
  });
});

describe('relative and absolute locks', () => {
  const flags = SCRIPT_VERIFY.CHECKSEQUENCEVERIFY | SCRIPT_VERIFY.CHECKLOCKTIMEVERIFY;

  function locked(script: string, version: number, sequence: number, locktime = 0): ScriptError | null {
    const spend = createSpend({ scriptPubKey: assembleScript(script) });
    return verdict(
      change(spend, ({ inputs }) => ({ version, locktime, inputs: inputs.map((input) => ({ ...input, sequence })) })),
      flags,
    );
  }

  for (const version of [2, 3, 0x7fffffff, 0x80000000, 0xffffffff]) {
    test(`C14: OP_CHECKSEQUENCEVERIFY holds for version ${version}, which counts unsigned`, () => {
      assert.equal(locked('10 CHECKSEQUENCEVERIFY', version, 10), null);
      assert.equal(locked('10 CHECKSEQUENCEVERIFY', version, 9), 'UNSATISFIED_LOCKTIME');
    });
  }

  test('C14: versions 0 and 1 have no relative locks, so none is met', () => {
    assert.equal(locked('10 CHECKSEQUENCEVERIFY', 0, 10), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('10 CHECKSEQUENCEVERIFY', 1, 10), 'UNSATISFIED_LOCKTIME');
  });

  test('C14: a sequence with bit 31 is no lock; an operand with bit 31 asks for none', () => {
    assert.equal(locked('10 CHECKSEQUENCEVERIFY', 2, 0x8000000a), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('2147483648 CHECKSEQUENCEVERIFY', 1, 0xffffffff), null);
    assert.equal(locked('0x05 0xffffffff7f CHECKSEQUENCEVERIFY', 1, 0xffffffff), null);
    assert.equal(locked('0x05 0x0000000001 CHECKSEQUENCEVERIFY', 2, 0), null); // 2^32: neither bit 31 nor a count
  });

  test('C14: bit 22 is the kind of the lock and must be the same; bits beyond the mask of 16 do not count', () => {
    assert.equal(locked('4194314 CHECKSEQUENCEVERIFY', 2, 0x40000a), null);
    assert.equal(locked('4194314 CHECKSEQUENCEVERIFY', 2, 10), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('10 CHECKSEQUENCEVERIFY', 2, 0x40000a), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('65546 CHECKSEQUENCEVERIFY', 2, 10), null);
    assert.equal(locked('10 CHECKSEQUENCEVERIFY', 2, 0x2001000a), null);
    assert.equal(locked('11 CHECKSEQUENCEVERIFY', 2, 0x2001000a), 'UNSATISFIED_LOCKTIME');
  });

  test('C14: a locktime is met by one of its kind that reaches it, on an input that is not final', () => {
    assert.equal(locked('100 CHECKLOCKTIMEVERIFY', 1, 0, 100), null);
    assert.equal(locked('100 CHECKLOCKTIMEVERIFY', 1, 0, 99), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('100 CHECKLOCKTIMEVERIFY', 1, 0xffffffff, 100), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('499999999 CHECKLOCKTIMEVERIFY', 1, 0, 500000000), 'UNSATISFIED_LOCKTIME');
    assert.equal(locked('500000000 CHECKLOCKTIMEVERIFY', 1, 0, 500000000), null);
    assert.equal(locked('4294967295 CHECKLOCKTIMEVERIFY', 1, 0, 0xffffffff), null);
    assert.equal(locked('0x05 0x0000000001 CHECKLOCKTIMEVERIFY', 1, 0, 0xffffffff), 'UNSATISFIED_LOCKTIME');
  });

  test('C14: a negative lock, none, and one of six bytes are errors of their own', () => {
    for (const op of ['CHECKSEQUENCEVERIFY', 'CHECKLOCKTIMEVERIFY']) {
      assert.equal(locked(`-1 ${op}`, 2, 0), 'NEGATIVE_LOCKTIME');
      assert.equal(locked(op, 2, 0), 'INVALID_STACK_OPERATION');
      assert.equal(locked(`0x06 0x000000000000 ${op}`, 2, 0), 'SCRIPTNUM');
    }
  });

  test('locks without their flags are NOPs, also for DISCOURAGE_UPGRADABLE_NOPS', () => {
    const discouraged = SCRIPT_VERIFY.DISCOURAGE_UPGRADABLE_NOPS;
    assert.equal(verdictOfText('', '-1 CHECKSEQUENCEVERIFY CHECKLOCKTIMEVERIFY', discouraged), null);
    assert.equal(verdictOfText('', '1 NOP1', discouraged), 'DISCOURAGE_UPGRADABLE_NOPS');
    assert.equal(verdictOfText('', '1 NOP10', discouraged), 'DISCOURAGE_UPGRADABLE_NOPS');
    assert.equal(verdictOfText('', '0 IF NOP4 ENDIF 1', discouraged), null);
  });
});

describe('hash types of old scripts', () => {
  const key = createTestKey(3);
  const scriptPubKey = createP2pk(key.compressed);

  for (const hashType of [0x00, 0x04, 0x50, 0x84]) {
    test(`C17: type 0x${hashType.toString(16)} signs like a type of its low bits, and STRICTENC refuses it`, () => {
      const spend = createSpend({ scriptPubKey });
      const signed = withScriptSig(spend, encodePush(signLegacy(spend, key, scriptPubKey, hashType)));
      assert.equal(verdict(signed, SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.DERSIG), null);
      assert.equal(verdict(signed, SCRIPT_VERIFY.STRICTENC), 'SIG_HASHTYPE');
      const changed = change(signed, () => ({ locktime: 1 }));
      assert.equal(verdict(changed, SCRIPT_VERIFY.P2SH), 'EVAL_FALSE');
    });
  }

  test('C17: SIGHASH_SINGLE without an output of its index signs the number one, little-endian', () => {
    const one = fromHex(`01${'00'.repeat(31)}`);
    const scriptSig = encodePush(withHashType(one, key, 3));
    const spend = createSpend({ scriptPubKey });
    const noOutput = change(withScriptSig(spend, scriptSig), () => ({ outputs: [] }));
    assert.equal(verdict(noOutput, SCRIPT_VERIFY.STRICTENC), null);
    // With the output it signs that output, and the same signature is bad.
    assert.equal(verdict(withScriptSig(spend, scriptSig), SCRIPT_VERIFY.STRICTENC), 'EVAL_FALSE');
  });
});

describe('signatures and keys', () => {
  const [first, second, third] = [createTestKey(11), createTestKey(12), createTestKey(13)];

  function multisig(order: readonly number[], flags: number): ScriptError | null {
    const keys = [first, second, third];
    const scriptPubKey = createMultisig(
      2,
      keys.map((key) => key.compressed),
    );
    const spend = createSpend({ scriptPubKey });
    const signatures = order.map((i) => encodePush(signLegacy(spend, keys[i]!, scriptPubKey)));
    return verdict(withScriptSig(spend, concatBytes(Uint8Array.of(0), ...signatures)), flags);
  }

  test('C19: two of three, in the order of the keys', () => {
    assert.equal(multisig([0, 1], MANDATORY_SCRIPT_VERIFY_FLAGS), null);
    assert.equal(multisig([0, 2], MANDATORY_SCRIPT_VERIFY_FLAGS), null);
    assert.equal(multisig([1, 2], MANDATORY_SCRIPT_VERIFY_FLAGS), null);
  });

  test('C19: the same signatures in the other order, or one twice, do not do', () => {
    assert.equal(multisig([1, 0], MANDATORY_SCRIPT_VERIFY_FLAGS), 'EVAL_FALSE');
    assert.equal(multisig([2, 1], MANDATORY_SCRIPT_VERIFY_FLAGS), 'EVAL_FALSE');
    assert.equal(multisig([1, 1], MANDATORY_SCRIPT_VERIFY_FLAGS), 'EVAL_FALSE');
    assert.equal(multisig([1, 0], STANDARD_SCRIPT_VERIFY_FLAGS), 'SIG_NULLFAIL');
  });

  test('the same spend is valid again and again on one verifier, between others that fail', () => {
    const scriptPubKey = createP2pkh(hash160(first.compressed));
    const spend = createSpend({ scriptPubKey });
    const good = withScriptSig(
      spend,
      concatBytes(encodePush(signLegacy(spend, first, scriptPubKey)), encodePush(first.compressed)),
    );
    const bad = withScriptSig(
      spend,
      concatBytes(encodePush(signLegacy(spend, second, scriptPubKey)), encodePush(first.compressed)),
    );
    const wrongKey = withScriptSig(
      spend,
      concatBytes(encodePush(signLegacy(spend, second, scriptPubKey)), encodePush(second.compressed)),
    );
    const verifier = new InputVerifier(getCurve());
    for (let round = 0; round < 3; round++) {
      assert.equal(verifyAll(verifier, good, STANDARD_SCRIPT_VERIFY_FLAGS), null);
      assert.equal(verifyAll(verifier, bad, STANDARD_SCRIPT_VERIFY_FLAGS), 'SIG_NULLFAIL');
      assert.equal(verifyAll(verifier, wrongKey, STANDARD_SCRIPT_VERIFY_FLAGS), 'EQUALVERIFY');
    }
  });

  test('hybrid keys verify by consensus, and STRICTENC refuses them', () => {
    const hybrid = first.uncompressed.slice();
    hybrid[0] = 6 + (hybrid[64]! & 1);
    const scriptPubKey = createP2pk(hybrid);
    const spend = createSpend({ scriptPubKey });
    const signed = withScriptSig(spend, encodePush(signLegacy(spend, first, scriptPubKey)));
    assert.equal(verdict(signed, SEGWIT), null);
    assert.equal(verdict(signed, SEGWIT | SCRIPT_VERIFY.STRICTENC), 'PUBKEYTYPE');
  });
});

describe('segwit shapes', () => {
  const key = createTestKey(21);
  const program = createWitnessProgram(0, hash160(key.compressed));
  const keyHashCode = createP2pkh(hash160(key.compressed));

  /** A good P2WPKH spend, plain or wrapped in P2SH. */
  function signedKeyHash(scriptPubKey: Uint8Array, scriptSig: Uint8Array = EMPTY_BYTES): Spend {
    const spend = createSpend({ scriptPubKey, scriptSig, valueSat: 12_345 });
    return withWitness(spend, signWitnessV0(spend, key, keyHashCode), key.compressed);
  }

  test('C29: a key hash is spent by a signature of its key, which commits to the value', () => {
    const spend = signedKeyHash(program);
    assert.equal(verdict(spend, STANDARD_SCRIPT_VERIFY_FLAGS), null);
    const cheaper = { ...spend, spent: SpentOutputs.pack([{ valueSat: 12_344, scriptPubKey: program }]) };
    assert.equal(verdict(cheaper, SEGWIT), 'EVAL_FALSE');
  });

  test('C29: a native program takes an empty scriptSig only', () => {
    assert.equal(verdict(signedKeyHash(program, fromHex('51')), SEGWIT), 'WITNESS_MALLEATED');
    assert.equal(scriptErrorMessage.WITNESS_MALLEATED, 'Witness requires empty scriptSig');
  });

  test('C29: a wrapped program takes a scriptSig that is its one canonical push', () => {
    const scriptPubKey = createP2sh(hash160(program));
    assert.equal(verdict(signedKeyHash(scriptPubKey, encodePush(program)), STANDARD_SCRIPT_VERIFY_FLAGS), null);
    const longPush = concatBytes(Uint8Array.of(0x4c, program.length), program);
    const twoPushes = concatBytes(fromHex('51'), encodePush(program));
    for (const scriptSig of [longPush, twoPushes]) {
      assert.equal(verdict(signedKeyHash(scriptPubKey, scriptSig), SEGWIT), 'WITNESS_MALLEATED_P2SH');
    }
    assert.equal(scriptErrorMessage.WITNESS_MALLEATED_P2SH, 'Witness requires only-redeemscript scriptSig');
  });

  test('C29: a witness where no program asks for one is refused', () => {
    const spend = withWitness(createSpend({ scriptPubKey: fromHex('51') }), fromHex('01'));
    assert.equal(verdict(spend, SEGWIT), 'WITNESS_UNEXPECTED');
    assert.equal(verdict(spend, SCRIPT_VERIFY.P2SH), null);
    assert.equal(scriptErrorMessage.WITNESS_UNEXPECTED, 'Witness provided for non-witness script');
  });

  test('C29: version 0 with a length other than 20 and 32 fails', () => {
    for (const length of [2, 19, 21, 31, 33, 40]) {
      const spend = createSpend({ scriptPubKey: createWitnessProgram(0, new Uint8Array(length).fill(1)) });
      assert.equal(verdict(withWitness(spend, fromHex('51')), SEGWIT), 'WITNESS_PROGRAM_WRONG_LENGTH');
    }
    assert.equal(scriptErrorMessage.WITNESS_PROGRAM_WRONG_LENGTH, 'Witness program has incorrect length');
  });

  test('C29: pushes of 1 and 41 bytes are no programs: anyone may spend them, without a witness', () => {
    for (const length of [1, 41]) {
      const scriptPubKey = concatBytes(fromHex('00'), encodePush(new Uint8Array(length).fill(1)));
      assert.equal(verdictOfPair({ scriptPubKey }), null);
      assert.equal(verdictOfPair({ scriptPubKey, witness: [fromHex('51')] }), 'WITNESS_UNEXPECTED');
    }
  });

  test('C29: a key hash takes exactly two items, a script hash at least one that hashes to it', () => {
    assert.equal(verdictOfPair({ scriptPubKey: program }), 'WITNESS_PROGRAM_MISMATCH');
    assert.equal(verdictOfPair({ scriptPubKey: program, witness: [fromHex('51')] }), 'WITNESS_PROGRAM_MISMATCH');
    const scriptPubKey = createWitnessProgram(0, sha256(fromHex('51')));
    assert.equal(verdictOfPair({ scriptPubKey }), 'WITNESS_PROGRAM_WITNESS_EMPTY');
    assert.equal(verdictOfPair({ scriptPubKey, witness: [fromHex('52')] }), 'WITNESS_PROGRAM_MISMATCH');
    assert.equal(verdictOfPair({ scriptPubKey, witness: [fromHex('51')] }), null);
  });

  test('C29: a witness script leaves exactly one element, by consensus', () => {
    const witnessScript = fromHex('51');
    const scriptPubKey = createWitnessProgram(0, sha256(witnessScript));
    assert.equal(verdictOfPair({ scriptPubKey, witness: [fromHex('01'), witnessScript] }), 'CLEANSTACK');
    assert.equal(verdictOfText('1', '1', SEGWIT), null);
    assert.equal(verdictOfText('1', '1', SEGWIT | SCRIPT_VERIFY.CLEANSTACK), 'CLEANSTACK');
  });

  test('C29: uncompressed keys are against policy in a witness, and no more than that', () => {
    const scriptPubKey = createWitnessProgram(0, hash160(key.uncompressed));
    const spend = createSpend({ scriptPubKey });
    const signature = signWitnessV0(spend, key, createP2pkh(hash160(key.uncompressed)));
    const signed = withWitness(spend, signature, key.uncompressed);
    assert.equal(verdict(signed, SEGWIT), null);
    assert.equal(verdict(signed, SEGWIT | SCRIPT_VERIFY.WITNESS_PUBKEYTYPE), 'WITNESS_PUBKEYTYPE');
  });

  test('C20: witness items of 520 bytes are the longest, the script apart', () => {
    const witnessScript = assembleScript(`DROP 1 ${"'x' DROP ".repeat(200)}`);
    const scriptPubKey = createWitnessProgram(0, sha256(witnessScript));
    assert.equal(verdictOfPair({ scriptPubKey, witness: [new Uint8Array(520), witnessScript] }), null);
    assert.equal(verdictOfPair({ scriptPubKey, witness: [new Uint8Array(521), witnessScript] }), 'PUSH_SIZE');
  });

  test('C20: a version 0 stack may start with more than 1,000 items if the first operation takes them away', () => {
    const items = (count: number) => new Array<Uint8Array>(count).fill(fromHex('01'));
    const spendOf = (script: string, count: number) => {
      const witnessScript = assembleScript(script);
      const scriptPubKey = createWitnessProgram(0, sha256(witnessScript));
      return verdictOfPair({ scriptPubKey, witness: [...items(count), witnessScript] });
    };
    assert.equal(spendOf('2DROP', 1003), 'STACK_SIZE');
    assert.equal(spendOf('2DROP', 1002), 'CLEANSTACK');
    assert.equal(spendOf('NOP', 1001), 'STACK_SIZE');
    assert.equal(spendOf('', 5000), 'CLEANSTACK');
    assert.equal(spendOf('RETURN', 5000), 'OP_RETURN');
    assert.equal(spendOf('DEPTH', 200_000), 'STACK_SIZE');
  });

  test('C29: a true redeemScript that is a program without WITNESS is spent by anyone', () => {
    const scriptPubKey = createP2sh(hash160(program));
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig: encodePush(program) }, SCRIPT_VERIFY.P2SH), null);
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig: encodePush(program) }), 'WITNESS_PROGRAM_MISMATCH');
  });

  test('a program of zeros is false to the old rules, and they run first', () => {
    assert.equal(verdictOfPair({ scriptPubKey: createWitnessProgram(0, new Uint8Array(20)) }), 'EVAL_FALSE');
    assert.equal(verdictOfPair({ scriptPubKey: createWitnessProgram(2, new Uint8Array(20)) }), 'EVAL_FALSE');
  });
});

describe('pay to script hash', () => {
  const redeemScript = assembleScript('2 EQUAL');
  const scriptPubKey = createP2sh(hash160(redeemScript));

  test('the redeemScript runs on what lies below it, under P2SH only', () => {
    const good = concatBytes(fromHex('52'), encodePush(redeemScript));
    const bad = concatBytes(fromHex('53'), encodePush(redeemScript));
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig: good }, SCRIPT_VERIFY.P2SH), null);
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig: bad }, SCRIPT_VERIFY.P2SH), 'EVAL_FALSE');
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig: bad }, 0), null);
    assert.equal(verdictOfPair({ scriptPubKey }, SCRIPT_VERIFY.P2SH), 'INVALID_STACK_OPERATION');
  });

  test('the scriptSig only pushes, and that is checked after the hash', () => {
    const scriptSig = concatBytes(fromHex('5261'), encodePush(redeemScript));
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig }, SCRIPT_VERIFY.P2SH), 'SIG_PUSHONLY');
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig }, SCRIPT_VERIFY.SIGPUSHONLY), 'SIG_PUSHONLY');
    const wrongHash = concatBytes(fromHex('5261'), encodePush(fromHex('51')));
    assert.equal(verdictOfPair({ scriptPubKey, scriptSig: wrongHash }, SCRIPT_VERIFY.P2SH), 'EVAL_FALSE');
  });

  test('a redeemScript that is a P2SH output itself is not followed', () => {
    const inner = createP2sh(hash160(fromHex('00')));
    const outer = createP2sh(hash160(inner));
    const scriptSig = concatBytes(encodePush(fromHex('00')), encodePush(inner));
    assert.equal(verdictOfPair({ scriptPubKey: outer, scriptSig }, SCRIPT_VERIFY.P2SH), null);
  });
});

describe('flags', () => {
  test('text and bits stand for each other', () => {
    assert.deepEqual(parseScriptFlags('P2SH,WITNESS'), { ok: true, value: 0x801 });
    assert.deepEqual(parseScriptFlags('NONE'), { ok: true, value: 0 });
    assert.deepEqual(parseScriptFlags(''), { ok: true, value: 0 });
    assert.deepEqual(parseScriptFlags('P2SH,constructor'), { ok: false, error: 'constructor' });
    assert.equal(formatScriptFlags(0x20801), 'P2SH,WITNESS,TAPROOT');
    assert.equal(formatScriptFlags(0), 'NONE');
  });

  test('the sets are those of Core', () => {
    assert.equal(MANDATORY_SCRIPT_VERIFY_FLAGS, 0b10_0000_1110_0001_0101);
    assert.equal(STANDARD_SCRIPT_VERIFY_FLAGS, 0x1fffff - 0x20);
  });

  test('combinations that are no soft forks are a mistake of the caller', () => {
    assert.ok(!isValidFlagCombination(SCRIPT_VERIFY.WITNESS));
    assert.ok(!isValidFlagCombination(SCRIPT_VERIFY.CLEANSTACK | SCRIPT_VERIFY.P2SH));
    assert.throws(() => verdictOfText('', '1', SCRIPT_VERIFY.WITNESS), /WITNESS needs P2SH/);
  });

  test('a verifier asks its curve for nothing else than signatures', () => {
    const key = createTestKey(9);
    const scriptPubKey = createP2pk(key.compressed);
    const spend = createSpend({ scriptPubKey });
    const signed = withScriptSig(spend, encodePush(signLegacy(spend, key, scriptPubKey)));
    assert.equal(verifyAll(new InputVerifier(createStubCurve(true)), signed, SEGWIT), null);
    assert.equal(verifyAll(new InputVerifier(createStubCurve(false)), signed, SEGWIT), 'EVAL_FALSE');
  });
});
