// Taproot spends: the commitment before the leaf version (C26), annex, control block, hash types and wrapping (C28), and tapscript's
// own rules (BIP342). Dumps of Core's feature_taproot are judged by test/vectors.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleScript } from '../../../test/vectors/asm.ts';
import { getCurve } from '../../../test/vectors/curve.ts';
import { createSpend, type ScriptPair, type Spend, verifyAll } from '../../../test/vectors/script-case.ts';
import { createTestKey, signTaproot, type TaprootSigning } from '../../../test/vectors/script-machine.ts';
import { hash160 } from '../crypto/hash160.ts';
import { buildTransaction, toTransactionData } from '../primitives/transaction.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
import { MANDATORY_SCRIPT_VERIFY_FLAGS, SCRIPT_VERIFY, STANDARD_SCRIPT_VERIFY_FLAGS } from './flags.ts';
import { encodePush } from './script.ts';
import { createP2sh, createWitnessProgram } from './script-builder.ts';
import { type ScriptError, scriptErrorMessage } from './script-error.ts';
import { createTaprootOutput, type TaprootOutput } from './taproot-builder.ts';
import { InputVerifier } from './verify.ts';

const CONSENSUS = MANDATORY_SCRIPT_VERIFY_FLAGS;
const POLICY = STANDARD_SCRIPT_VERIFY_FLAGS;
const NONE = 0xffffffff; // no OP_CODESEPARATOR executed

const key = createTestKey(31);

function verdict(spend: Spend, flags: number = CONSENSUS): ScriptError | null {
  return verifyAll(new InputVerifier(getCurve()), spend, flags);
}

function verdictOfPair(pair: ScriptPair, flags: number = CONSENSUS): ScriptError | null {
  return verdict(createSpend(pair), flags);
}

function withWitness(spend: Spend, ...witness: readonly Uint8Array[]): Spend {
  const data = toTransactionData(spend.transaction);
  const inputs = data.inputs.map((input) => ({ ...input, witness }));
  return { transaction: buildTransaction({ ...data, inputs }), spent: spend.spent };
}

function withoutOutputs(spend: Spend): Spend {
  const data = toTransactionData(spend.transaction);
  return { transaction: buildTransaction({ ...data, outputs: [] }), spent: spend.spent };
}

/** An output with one leaf. */
function leafOutput(script: Uint8Array, leafVersion = 0xc0): TaprootOutput {
  return createTaprootOutput(getCurve(), key.xOnly, [{ depth: 0, script, leafVersion }])!;
}

/** Verdict on a spend of an output with this one leaf. */
function leafVerdict(
  script: Uint8Array | string,
  items: readonly Uint8Array[] = [],
  flags = CONSENSUS,
  version = 0xc0,
) {
  const bytes = typeof script === 'string' ? assembleScript(script) : script;
  const output = leafOutput(bytes, version);
  const { controlBlock } = output.leaves[0]!;
  return verdictOfPair({ scriptPubKey: output.scriptPubKey, witness: [...items, bytes, controlBlock] }, flags);
}

describe('key path', () => {
  const output = createTaprootOutput(getCurve(), key.xOnly)!;
  const secret = getCurve().tweakXOnlySecret(key.secret, output.tweak)!;
  const spend = createSpend({ scriptPubKey: output.scriptPubKey, valueSat: 777 });

  function signed(signing: TaprootSigning = {}, ...above: readonly Uint8Array[]): Spend {
    return withWitness(spend, signTaproot(spend, secret, signing), ...above);
  }

  test('a signature of the output key spends it, with 64 bytes or with a hash type', () => {
    for (const hashType of [0, 1, 2, 3, 0x81, 0x82, 0x83]) assert.equal(verdict(signed({ hashType }), POLICY), null);
    const other = withWitness(spend, signTaproot(spend, key.secret));
    assert.equal(verdict(other), 'SCHNORR_SIG');
    assert.equal(verdict(other, SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS), null);
  });

  test('C28: 65 bytes with hash type 0 are refused, as are types without a meaning', () => {
    const signature = signTaproot(spend, secret);
    for (const hashType of [0, 4, 0x50, 0x80, 0x84, 0xff]) {
      const spent = withWitness(spend, concatBytes(signature, Uint8Array.of(hashType)));
      assert.equal(verdict(spent), 'SCHNORR_SIG_HASHTYPE');
    }
  });

  test('C28: a signature of another length is refused', () => {
    for (const length of [0, 63, 66]) {
      assert.equal(verdict(withWitness(spend, new Uint8Array(length))), 'SCHNORR_SIG_SIZE');
    }
  });

  test('C28: C17: SIGHASH_SINGLE without an output of its index is refused, where old scripts sign the number one', () => {
    assert.equal(verdict(signed({ hashType: 3 })), null);
    assert.equal(verdict(withoutOutputs(signed({ hashType: 3 }))), 'SCHNORR_SIG_HASHTYPE');
    const one = fromHex(`01${'00'.repeat(31)}`);
    const signature = concatBytes(getCurve().signSchnorr(one, secret, new Uint8Array(32))!, Uint8Array.of(3));
    assert.equal(verdict(withoutOutputs(withWitness(spend, signature))), 'SCHNORR_SIG_HASHTYPE');
  });

  test('C28: an annex is the last of at least two items that begins with 50, and is signed', () => {
    const annex = fromHex('50abcdef');
    assert.equal(verdict(signed({ annex }, annex)), null);
    assert.equal(verdict(signed({ annex }, fromHex('50'))), 'SCHNORR_SIG');
    assert.equal(verdict(signed({}, annex)), 'SCHNORR_SIG');
    assert.equal(verdict(signed({ annex })), 'SCHNORR_SIG');
  });

  test('C28: a lone item that begins with 50 is a signature; a second item without 50 is a control block', () => {
    assert.equal(verdict(withWitness(spend, fromHex('50'))), 'SCHNORR_SIG_SIZE');
    assert.equal(verdict(signed({}, fromHex('51abcdef'))), 'TAPROOT_WRONG_CONTROL_SIZE');
    assert.equal(verdict(signed({}, new Uint8Array(0))), 'TAPROOT_WRONG_CONTROL_SIZE');
  });

  test('an annex does not leak into the next input that a verifier looks at', () => {
    const verifier = new InputVerifier(getCurve());
    const annex = fromHex('50');
    assert.equal(verifyAll(verifier, signed({ annex }, annex), CONSENSUS), null);
    assert.equal(verifyAll(verifier, signed(), CONSENSUS), null);
  });

  test('an empty witness is refused', () => {
    assert.equal(verdict(spend), 'WITNESS_PROGRAM_WITNESS_EMPTY');
  });

  test('C28: an output key that is no point cannot be spent by it', () => {
    const scriptPubKey = createWitnessProgram(1, new Uint8Array(32).fill(0xff));
    assert.equal(verdictOfPair({ scriptPubKey, witness: [new Uint8Array(64).fill(1)] }), 'SCHNORR_SIG');
  });
});

describe('what is no taproot output', () => {
  test('C28: wrapped in P2SH, or with another length or version, it is anyone-can-spend, and against policy', () => {
    const wrapped = createWitnessProgram(1, key.xOnly);
    const pairs: ScriptPair[] = [
      { scriptPubKey: createP2sh(hash160(wrapped)), scriptSig: encodePush(wrapped), witness: [fromHex('00')] },
      { scriptPubKey: createWitnessProgram(1, key.xOnly.slice(1)), witness: [fromHex('00')] },
      { scriptPubKey: createWitnessProgram(1, key.compressed), witness: [fromHex('00')] },
    ];
    for (let version = 2; version <= 16; version++)
      pairs.push({ scriptPubKey: createWitnessProgram(version, key.xOnly) });
    for (const pair of pairs) {
      assert.equal(verdictOfPair(pair), null);
      assert.equal(verdictOfPair(pair, POLICY), 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM');
    }
  });

  test('C28: pay-to-anchor may be spent under policy, but not wrapped', () => {
    const anchor = fromHex('51024e73');
    assert.equal(verdictOfPair({ scriptPubKey: anchor }, POLICY), null);
    assert.equal(verdictOfPair({ scriptPubKey: anchor, scriptSig: fromHex('51') }, POLICY), 'WITNESS_MALLEATED');
    const wrapped = { scriptPubKey: createP2sh(hash160(anchor)), scriptSig: encodePush(anchor) };
    assert.equal(verdictOfPair(wrapped), null);
    assert.equal(verdictOfPair(wrapped, POLICY), 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM');
    const other = { scriptPubKey: fromHex('51024e74') };
    assert.equal(verdictOfPair(other, POLICY), 'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM');
  });
});

describe('commitment', () => {
  test('C26: a leaf of an unknown version that the output does not commit to is refused', () => {
    const script = fromHex('00');
    const { controlBlock } = leafOutput(script, 0xc2).leaves[0]!;
    const { scriptPubKey } = leafOutput(fromHex('51'), 0xc2);
    for (const flags of [CONSENSUS, POLICY]) {
      assert.equal(verdictOfPair({ scriptPubKey, witness: [script, controlBlock] }, flags), 'WITNESS_PROGRAM_MISMATCH');
    }
    assert.equal(scriptErrorMessage.WITNESS_PROGRAM_MISMATCH, 'Witness program hash mismatch');
  });

  test('C26: one that it commits to is valid without being executed, and against policy', () => {
    for (const version of [0xc2, 0x66, 0x00, 0xfe]) {
      assert.equal(leafVerdict(fromHex('6a'), [], CONSENSUS, version), null);
      assert.equal(leafVerdict(fromHex('6a'), [], POLICY, version), 'DISCOURAGE_UPGRADABLE_TAPROOT_VERSION');
    }
    assert.equal(leafVerdict(fromHex('6a')), 'OP_RETURN');
  });

  test('C28: every bit of the control block counts', () => {
    const script = fromHex('51');
    const { scriptPubKey, leaves } = leafOutput(script);
    const { controlBlock } = leaves[0]!;
    assert.equal(verdictOfPair({ scriptPubKey, witness: [script, controlBlock] }, POLICY), null);
    for (let at = 0; at < controlBlock.length; at++) {
      const changed = controlBlock.slice();
      changed[at]! ^= 1;
      assert.equal(verdictOfPair({ scriptPubKey, witness: [script, changed] }), 'WITNESS_PROGRAM_MISMATCH');
    }
  });

  test('C28: a control block has 33 bytes and up to 128 steps of 32', () => {
    const script = fromHex('51');
    const siblings = Array.from({ length: 128 }, (_, i) => ({
      depth: 128 - i,
      tapHash: new Uint8Array(32).fill(i + 1),
    }));
    const entries = [{ depth: 128, script, leafVersion: 0xc0 }, ...siblings];
    const { scriptPubKey, leaves } = createTaprootOutput(getCurve(), key.xOnly, entries)!;
    const { controlBlock } = leaves[0]!;
    assert.equal(controlBlock.length, 33 + 32 * 128);
    assert.equal(verdictOfPair({ scriptPubKey, witness: [script, controlBlock] }), null);
    const wrongSizes = [32, 34, 33 + 31, 33 + 33, 33 + 32 * 128 - 1, 33 + 32 * 128 + 1, 33 + 32 * 129];
    for (const size of wrongSizes) {
      const control = new Uint8Array(size).fill(0xc0);
      assert.equal(verdictOfPair({ scriptPubKey, witness: [script, control] }), 'TAPROOT_WRONG_CONTROL_SIZE');
    }
  });

  test('C28: an internal key that is no point commits to nothing', () => {
    const control = concatBytes(fromHex('c0'), new Uint8Array(32).fill(0xff));
    const { scriptPubKey } = leafOutput(fromHex('51'));
    assert.equal(verdictOfPair({ scriptPubKey, witness: [fromHex('51'), control] }), 'WITNESS_PROGRAM_MISMATCH');
  });

  test('C28: an annex stands above the control block and changes nothing for a script that checks no signature', () => {
    const { scriptPubKey, leaves } = leafOutput(fromHex('51'));
    const { controlBlock } = leaves[0]!;
    assert.equal(verdictOfPair({ scriptPubKey, witness: [fromHex('51'), controlBlock, fromHex('5000')] }), null);
  });
});

describe('tapscript', () => {
  /** Signs the leaf `text`, with `KEY` in it standing for the key's push, and gives the verdict. */
  function signedVerdict(text: string, place = NONE, flags = POLICY): ScriptError | null {
    const script = assembleScript(text.replaceAll('KEY', `0x20 0x${hex(key.xOnly)}`));
    const output = leafOutput(script);
    const { controlBlock, tapleafHash } = output.leaves[0]!;
    const spend = createSpend({ scriptPubKey: output.scriptPubKey, valueSat: 5 });
    const tapscript = { tapleafHash, codeSeparatorPosition: place };
    const signature = signTaproot(spend, key.secret, { tapscript });
    return verdict(withWitness(spend, signature, script, controlBlock), flags);
  }

  function hex(bytes: Uint8Array): string {
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  test('a signature commits to the leaf and to the last executed OP_CODESEPARATOR, counted in operations', () => {
    assert.equal(signedVerdict('KEY CHECKSIG'), null);
    assert.equal(signedVerdict('KEY CHECKSIG', 0), 'SCHNORR_SIG');
    assert.equal(signedVerdict('CODESEPARATOR KEY CHECKSIG', 0), null);
    assert.equal(signedVerdict('CODESEPARATOR KEY CHECKSIG'), 'SCHNORR_SIG');
    assert.equal(signedVerdict("'12345' DROP CODESEPARATOR KEY CHECKSIG", 2), null);
    assert.equal(signedVerdict('0 IF CODESEPARATOR ENDIF KEY CHECKSIG'), null);
  });

  test('OP_CHECKSIGADD adds one for a good signature and nothing for an empty one', () => {
    assert.equal(signedVerdict('5 KEY CHECKSIGADD 6 EQUAL'), null);
    assert.equal(leafVerdict(`0 5 0x20 0x${hex(key.xOnly)} CHECKSIGADD 5 EQUAL`), null);
    assert.equal(leafVerdict(`'x' 5 0x20 0x${hex(key.xOnly)} CHECKSIGADD`, [new Uint8Array(150)]), 'SCHNORR_SIG_SIZE');
    assert.equal(leafVerdict("0 0x05 0x0000000001 'key' CHECKSIGADD"), 'SCRIPTNUM');
    assert.equal(leafVerdict("0 'key' CHECKSIGADD"), 'INVALID_STACK_OPERATION');
  });

  test('keys of 32 bytes have a meaning, of none are refused, of others are good for anything', () => {
    assert.equal(leafVerdict('0 0 CHECKSIG'), 'TAPSCRIPT_EMPTY_PUBKEY');
    assert.equal(leafVerdict("'x' 'key' CHECKSIG"), null);
    assert.equal(leafVerdict("'x' 'key' CHECKSIG", [], POLICY), 'DISCOURAGE_UPGRADABLE_PUBKEYTYPE');
    assert.equal(leafVerdict("0 'key' CHECKSIG NOT"), null);
  });

  test('each signature that is not empty takes 50 from a budget of the witness size and 50', () => {
    // Witness: count, script with its length, control block with its length: 1 + (1 + s) + (1 + 33), and 50 on top.
    const once = "'x' 'k' CHECKSIGVERIFY";
    assert.equal(leafVerdict(`${once} 1`), null); // 1 + 1 + 6 + 34 + 50 = 92: one fits
    assert.equal(leafVerdict(`${once} ${once} 1`), 'TAPSCRIPT_VALIDATION_WEIGHT'); // 97: two need 100
    assert.equal(leafVerdict(`${once} ${once} 1`, [], POLICY), 'DISCOURAGE_UPGRADABLE_PUBKEYTYPE');
    assert.equal(leafVerdict(`${once} ${once} NOP NOP NOP 1`), null); // 100
    assert.equal(leafVerdict(`${once} ${once} NOP NOP 1`), 'TAPSCRIPT_VALIDATION_WEIGHT'); // 99
    assert.equal(leafVerdict("0 'k' CHECKSIG DROP 0 'k' CHECKSIG DROP 1"), null);
  });

  test('an OP_SUCCESSx makes a script valid that could not run, but only where it can be reached', () => {
    const tooLong = concatBytes(assembleScript('0x4d 0x0902'), new Uint8Array(521));
    const success = Uint8Array.of(0xbb);
    assert.equal(leafVerdict(concatBytes(tooLong, success)), null);
    assert.equal(leafVerdict(concatBytes(fromHex('6a'), success, fromHex('4c'))), null);
    assert.equal(leafVerdict(concatBytes(fromHex('05'), success)), 'BAD_OPCODE');
    assert.equal(leafVerdict(fromHex('6a05')), 'BAD_OPCODE'); // looked for before OP_RETURN is executed
    assert.equal(leafVerdict(tooLong), 'PUSH_SIZE');
    assert.equal(leafVerdict(success, [], POLICY), 'DISCOURAGE_OP_SUCCESS');
    assert.equal(leafVerdict(success, [new Uint8Array(1000)]), null);
    assert.equal(leafVerdict(success, new Array<Uint8Array>(1001).fill(fromHex('01'))), null);
  });

  test('C20: a stack starts with at most 1,000 items of at most 520 bytes', () => {
    const items = (count: number) => new Array<Uint8Array>(count).fill(fromHex('01'));
    assert.equal(leafVerdict('DROP', items(1001)), 'STACK_SIZE');
    assert.equal(leafVerdict('DROP', items(1000)), 'CLEANSTACK');
    assert.equal(leafVerdict('DROP 1', [new Uint8Array(520)]), null);
    assert.equal(leafVerdict('DROP 1', [new Uint8Array(521)]), 'PUSH_SIZE');
  });

  test('exactly one true element remains', () => {
    assert.equal(leafVerdict(''), 'CLEANSTACK');
    assert.equal(leafVerdict('1 1'), 'CLEANSTACK');
    assert.equal(leafVerdict('0'), 'EVAL_FALSE');
  });
});
