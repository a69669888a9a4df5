// Whether an input may spend its output (Core VerifyScript): scriptSig, scriptPubKey, then what they lead to: the redeemScript of
// P2SH (BIP16), a witness program of version 0 (BIP141) or a taproot output (BIP341, BIP342). Scripts run one after another on
// one stack, never joined (CVE-2010-5141). The course is a machine with few states, so that stepper.ts can walk what verifyInput
// runs through. One object serves any number of inputs and makes no garbage that grows with them. Errors, and which comes first,
// are Core's. Amounts, maturity and final locktimes are checked elsewhere.

import type { Secp256k1 } from '../crypto/secp256k1.ts';
import { sha256Into } from '../crypto/sha256.ts';
import type { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { assert } from '../util/assert.ts';
import { copyRange, EMPTY_BYTES, equalRange } from '../util/bytes.ts';
import { ScriptExecution } from './execution.ts';
import { assertValidFlags, SCRIPT_VERIFY } from './flags.ts';
import { beginScript, runScript } from './interpreter.ts';
import { isOpSuccess, OP } from './opcodes.ts';
import { isP2a, isP2sh, isPushOnly, MAX_SCRIPT_ELEMENT_SIZE, nextOpPosition, witnessProgramVersion } from './script.ts';
import type { ScriptError } from './script-error.ts';
import type { SignatureCache } from './sig-cache.ts';
import { SIG_VERSION, type SigVersion } from './sig-version.ts';
import { NO_CODE_SEPARATOR } from './sighash.ts';
import { SignatureChecker } from './signature-checker.ts';
import { MAX_STACK_SIZE } from './stack.ts';
import {
  ANNEX_TAG,
  checkTaprootCommitment,
  computeAnnexHash,
  computeTapleafHash,
  isControlBlockLength,
  TAPROOT_LEAF_MASK,
  TAPROOT_LEAF_TAPSCRIPT,
} from './taproot.ts';
import { WitnessItems } from './witness-items.ts';

/** What a tapscript may spend on signatures beyond the size of its witness (BIP342; Core VALIDATION_WEIGHT_OFFSET). */
const VALIDATION_WEIGHT_OFFSET = 50;

/** Lengths of the version 0 programs (BIP141): HASH160 of a key, SHA-256 of a script. */
const KEY_HASH_BYTES = 20;
const SCRIPT_HASH_BYTES = 32;

/** Length of a taproot output key (BIP341). */
const TAPROOT_KEY_BYTES = 32;

/** Which script is loaded; `done` when all have run. */
export type VerifyPhase = 'scriptSig' | 'scriptPubKey' | 'redeemScript' | 'witnessScript' | 'tapscript' | 'done';

/** What an {@link InputVerifier} can be given besides a curve. */
export interface InputVerifierOptions {
  /** Consulted before a signature is verified, and told of each success. */
  readonly signatureCache?: SignatureCache;
}

/**
 * Verifies inputs, one after another.
 *
 * @example
 * const verifier = new InputVerifier(secp);
 * verifier.setTransaction(transaction, spentOutputs);
 * const error = verifier.verifyInput(0, flags); // null: valid
 */
export class InputVerifier {
  /** The running script; between calls, what the last one left. */
  readonly execution: ScriptExecution;
  readonly #secp: Secp256k1;
  readonly #witness = new WitnessItems();
  /** Outlives the stack that the redeemScript came from: the arena may be cleaned while the script runs. */
  readonly #redeemScript = new Uint8Array(MAX_SCRIPT_ELEMENT_SIZE);
  #redeemScriptLength = 0;
  /** OP_DUP OP_HASH160 (20 bytes) OP_EQUALVERIFY OP_CHECKSIG: what a version 0 key hash stands for. */
  readonly #keyHashScript = createKeyHashScript();
  readonly #scriptHash = new Uint8Array(32);
  readonly #annexHash = new Uint8Array(32);

  #transaction: Transaction | null = null;
  #spent: SpentOutputs | null = null;
  #inputIndex = 0;
  #flags = 0;
  #phase: VerifyPhase = 'done';
  /** The scriptPubKey being satisfied: a range of the spent outputs. */
  #output: Uint8Array = EMPTY_BYTES;
  #outputStart = 0;
  #outputEnd = 0;

  constructor(secp: Secp256k1, options?: InputVerifierOptions) {
    this.#secp = secp;
    this.execution = new ScriptExecution(new SignatureChecker(secp, options?.signatureCache ?? null));
  }

  /** Turns to another transaction and the outputs that its inputs spend, in input order. */
  setTransaction(transaction: Transaction, spent: SpentOutputs): void {
    this.#transaction = transaction;
    this.#spent = spent;
    this.execution.checker.setTransaction(transaction, spent);
  }

  /** Verdict on one input under `flags`, bits of SCRIPT_VERIFY. Null: it may spend its output. */
  verifyInput(inputIndex: number, flags: number): ScriptError | null {
    let error = this.begin(inputIndex, flags);
    while (error === null && this.#phase !== 'done') {
      error = runScript(this.execution);
      if (error === null) error = this.advance();
    }
    return error;
  }

  /** Which script is loaded in {@link execution}, or `done`. */
  get phase(): VerifyPhase {
    return this.#phase;
  }

  /** For the stepper: loads the scriptSig of an input. To be followed by running it, then {@link advance}. */
  begin(inputIndex: number, flags: number): ScriptError | null {
    const transaction = this.#transaction;
    const spent = this.#spent;
    assert(transaction !== null && spent !== null, 'verify: a transaction has been set');
    assert(inputIndex >= 0 && inputIndex < transaction.inputCount, 'verify: an input of the transaction');
    assertValidFlags(flags);
    this.#inputIndex = inputIndex;
    this.#flags = flags;
    this.#output = spent.bytes;
    this.#outputStart = spent.scriptStart(inputIndex);
    this.#outputEnd = spent.scriptEnd(inputIndex);
    this.#phase = 'scriptSig';
    this.execution.stacks.reset();
    this.execution.checker.setInput(inputIndex);
    const start = transaction.scriptSigStart(inputIndex);
    const end = transaction.scriptSigEnd(inputIndex);
    if ((flags & SCRIPT_VERIFY.SIGPUSHONLY) !== 0 && !isPushOnly(transaction.bytes, start, end)) return 'SIG_PUSHONLY';
    return beginScript(this.execution, transaction.bytes, start, end, SIG_VERSION.BASE, flags);
  }

  /** For the stepper: judges the script that has run to its end and loads the next, if there is one. */
  advance(): ScriptError | null {
    switch (this.#phase) {
      case 'scriptSig':
        return this.#afterScriptSig();
      case 'scriptPubKey':
        return this.#afterScriptPubKey();
      case 'redeemScript':
        return this.#afterRedeemScript();
      default:
        return this.#afterWitnessScript();
    }
  }

  #has(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  #afterScriptSig(): ScriptError | null {
    const { stacks } = this.execution;
    const stack = stacks.main;
    if (this.#isP2shSpend() && stack.depth > 0) {
      // The scriptPubKey will put a truth in place of the redeemScript and leave everything below it alone.
      const top = stack.depth - 1;
      this.#redeemScriptLength = stack.lengths[top]!;
      copyRange(stacks.bytes, stack.starts[top]!, this.#redeemScript, 0, this.#redeemScriptLength);
    }
    this.#phase = 'scriptPubKey';
    return beginScript(this.execution, this.#output, this.#outputStart, this.#outputEnd, SIG_VERSION.BASE, this.#flags);
  }

  #isP2shSpend(): boolean {
    return this.#has(SCRIPT_VERIFY.P2SH) && isP2sh(this.#output, this.#outputStart, this.#outputEnd);
  }

  #afterScriptPubKey(): ScriptError | null {
    const { stacks } = this.execution;
    if (stacks.main.depth === 0 || !stacks.isTrue(0)) return 'EVAL_FALSE';
    if (this.#has(SCRIPT_VERIFY.WITNESS)) {
      const version = witnessProgramVersion(this.#output, this.#outputStart, this.#outputEnd);
      if (version >= 0) {
        if (this.#scriptSigLength() !== 0) return 'WITNESS_MALLEATED';
        return this.#beginWitnessProgram(version, this.#output, this.#outputStart, this.#outputEnd, false);
      }
    }
    return this.#isP2shSpend() ? this.#beginRedeemScript() : this.#finishWithoutWitness();
  }

  #scriptSigLength(): number {
    const transaction = this.#transaction!;
    return transaction.scriptSigEnd(this.#inputIndex) - transaction.scriptSigStart(this.#inputIndex);
  }

  #beginRedeemScript(): ScriptError | null {
    const transaction = this.#transaction!;
    const start = transaction.scriptSigStart(this.#inputIndex);
    const end = transaction.scriptSigEnd(this.#inputIndex);
    if (!isPushOnly(transaction.bytes, start, end)) return 'SIG_PUSHONLY';
    this.execution.stacks.main.depth--;
    this.#phase = 'redeemScript';
    return beginScript(this.execution, this.#redeemScript, 0, this.#redeemScriptLength, SIG_VERSION.BASE, this.#flags);
  }

  #afterRedeemScript(): ScriptError | null {
    const { stacks } = this.execution;
    if (stacks.main.depth === 0 || !stacks.isTrue(0)) return 'EVAL_FALSE';
    if (this.#has(SCRIPT_VERIFY.WITNESS)) {
      const version = witnessProgramVersion(this.#redeemScript, 0, this.#redeemScriptLength);
      if (version >= 0) {
        if (!this.#isScriptSigOnlyRedeemScript()) return 'WITNESS_MALLEATED_P2SH';
        return this.#beginWitnessProgram(version, this.#redeemScript, 0, this.#redeemScriptLength, true);
      }
    }
    return this.#finishWithoutWitness();
  }

  /** A witness program has at most 42 bytes, so its only canonical push is its length and itself. */
  #isScriptSigOnlyRedeemScript(): boolean {
    const transaction = this.#transaction!;
    const start = transaction.scriptSigStart(this.#inputIndex);
    const length = this.#redeemScriptLength;
    return (
      this.#scriptSigLength() === length + 1 &&
      transaction.bytes[start] === length &&
      equalRange(transaction.bytes, start + 1, this.#redeemScript, 0, length)
    );
  }

  #finishWithoutWitness(): ScriptError | null {
    this.#phase = 'done';
    if (this.#has(SCRIPT_VERIFY.CLEANSTACK) && this.execution.stacks.main.depth !== 1) return 'CLEANSTACK';
    if (!this.#has(SCRIPT_VERIFY.WITNESS)) return null;
    this.#witness.read(this.#transaction!, this.#inputIndex);
    return this.#witness.count === 0 ? null : 'WITNESS_UNEXPECTED';
  }

  /** The program is the bytes after version and length of the script from `start` to `end`. */
  #beginWitnessProgram(
    version: number,
    script: Uint8Array,
    start: number,
    end: number,
    isNested: boolean,
  ): ScriptError | null {
    const programStart = start + 2;
    const programLength = end - programStart;
    this.#witness.read(this.#transaction!, this.#inputIndex);
    if (version === 0) {
      if (programLength === SCRIPT_HASH_BYTES) return this.#beginScriptHash(script, programStart);
      if (programLength === KEY_HASH_BYTES) return this.#beginKeyHash(script, programStart);
      return 'WITNESS_PROGRAM_WRONG_LENGTH';
    }
    if (version === 1 && programLength === TAPROOT_KEY_BYTES && !isNested) {
      return this.#has(SCRIPT_VERIFY.TAPROOT) ? this.#beginTaproot(script, programStart) : this.#finishWitness();
    }
    if (!isNested && isP2a(script, start, end)) return this.#finishWitness();
    return this.#finishUnknown(
      SCRIPT_VERIFY.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM,
      'DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM',
    );
  }

  #finishWitness(): null {
    this.#phase = 'done';
    return null;
  }

  /** What has no meaning yet is valid, so that it may be given one by a soft fork; policy stays away from it. */
  #finishUnknown(discouragingFlag: number, error: ScriptError): ScriptError | null {
    return this.#has(discouragingFlag) ? error : this.#finishWitness();
  }

  /** P2WSH: the top item is a script whose SHA-256 is the program. */
  #beginScriptHash(program: Uint8Array, programStart: number): ScriptError | null {
    const witness = this.#witness;
    if (witness.count === 0) return 'WITNESS_PROGRAM_WITNESS_EMPTY';
    const item = witness.itemFromTop(0);
    const start = witness.itemStart(item);
    const end = witness.itemEnd(item);
    sha256Into(witness.bytes, start, end, this.#scriptHash, 0);
    if (!equalRange(this.#scriptHash, 0, program, programStart, 32)) return 'WITNESS_PROGRAM_MISMATCH';
    return this.#beginWitnessScript('witnessScript', witness.bytes, start, end, SIG_VERSION.WITNESS_V0, 1);
  }

  /** P2WPKH: runs the script that the key hash stands for on a signature and a key. */
  #beginKeyHash(program: Uint8Array, programStart: number): ScriptError | null {
    if (this.#witness.count !== 2) return 'WITNESS_PROGRAM_MISMATCH';
    const script = this.#keyHashScript;
    copyRange(program, programStart, script, 3, KEY_HASH_BYTES);
    return this.#beginWitnessScript('witnessScript', script, 0, script.length, SIG_VERSION.WITNESS_V0, 0);
  }

  /** P2TR: one item besides an annex is a signature of the output key, more are the way to a script. */
  #beginTaproot(program: Uint8Array, programStart: number): ScriptError | null {
    const witness = this.#witness;
    if (witness.count === 0) return 'WITNESS_PROGRAM_WITNESS_EMPTY';
    const annexCount = this.#readAnnex();
    if (witness.count - annexCount > 1) return this.#beginScriptPath(program, programStart, annexCount);
    const item = witness.itemFromTop(annexCount);
    const start = witness.itemStart(item);
    const error = this.execution.checker.checkSchnorr(
      witness.bytes,
      start,
      witness.itemEnd(item) - start,
      program,
      programStart,
      null,
      NO_CODE_SEPARATOR,
    );
    return error ?? this.#finishWitness();
  }

  /** 1 when the top of at least two items is an annex, to which every signature then commits; else 0. */
  #readAnnex(): number {
    const witness = this.#witness;
    if (witness.count < 2) return 0;
    const item = witness.itemFromTop(0);
    const start = witness.itemStart(item);
    const end = witness.itemEnd(item);
    if (start === end || witness.bytes[start] !== ANNEX_TAG) return 0;
    computeAnnexHash(witness.bytes, start, end, this.#annexHash);
    this.execution.checker.setAnnexHash(this.#annexHash);
    return 1;
  }

  #beginScriptPath(program: Uint8Array, programStart: number, annexCount: number): ScriptError | null {
    const witness = this.#witness;
    const { bytes } = witness;
    const controlItem = witness.itemFromTop(annexCount);
    const controlStart = witness.itemStart(controlItem);
    const controlEnd = witness.itemEnd(controlItem);
    const scriptItem = witness.itemFromTop(annexCount + 1);
    const scriptStart = witness.itemStart(scriptItem);
    const scriptEnd = witness.itemEnd(scriptItem);
    if (!isControlBlockLength(controlEnd - controlStart)) return 'TAPROOT_WRONG_CONTROL_SIZE';
    const leafVersion = bytes[controlStart]! & TAPROOT_LEAF_MASK;
    const leafHash = this.execution.tapleafHash;
    computeTapleafHash(leafVersion, bytes, scriptStart, scriptEnd, leafHash);
    if (!checkTaprootCommitment(this.#secp, bytes, controlStart, controlEnd, program, programStart, leafHash)) {
      return 'WITNESS_PROGRAM_MISMATCH';
    }
    if (leafVersion !== TAPROOT_LEAF_TAPSCRIPT) {
      return this.#finishUnknown(
        SCRIPT_VERIFY.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION,
        'DISCOURAGE_UPGRADABLE_TAPROOT_VERSION',
      );
    }
    this.execution.validationWeightLeft = witness.serializedSize + VALIDATION_WEIGHT_OFFSET;
    return this.#beginTapscript(bytes, scriptStart, scriptEnd, annexCount + 2);
  }

  /** An OP_SUCCESSx, where all before it can be read, overrides everything: even the limits on the stack (BIP342). */
  #beginTapscript(bytes: Uint8Array, start: number, end: number, itemsAbove: number): ScriptError | null {
    for (let position = start; position < end; ) {
      const opcode = bytes[position]!;
      const next = nextOpPosition(bytes, position, end);
      if (next < 0) return 'BAD_OPCODE';
      if (isOpSuccess(opcode)) {
        return this.#finishUnknown(SCRIPT_VERIFY.DISCOURAGE_OP_SUCCESS, 'DISCOURAGE_OP_SUCCESS');
      }
      position = next;
    }
    if (this.#witness.count - itemsAbove > MAX_STACK_SIZE) return 'STACK_SIZE';
    return this.#beginWitnessScript('tapscript', bytes, start, end, SIG_VERSION.TAPSCRIPT, itemsAbove);
  }

  /** Loads a script with all witness items but the topmost ones as its stack; what the outer scripts left is forgotten. */
  #beginWitnessScript(
    phase: VerifyPhase,
    script: Uint8Array,
    start: number,
    end: number,
    sigVersion: SigVersion,
    itemsAbove: number,
  ): ScriptError | null {
    const witness = this.#witness;
    const { stacks } = this.execution;
    stacks.reset();
    const count = witness.count - itemsAbove;
    stacks.main.reserve(count);
    let item = witness.firstItem;
    for (let i = 0; i < count; i++) {
      const itemStart = witness.itemStart(item);
      const itemEnd = witness.itemEnd(item);
      if (itemEnd - itemStart > MAX_SCRIPT_ELEMENT_SIZE) return 'PUSH_SIZE';
      stacks.makeRoom(itemEnd - itemStart);
      stacks.push(witness.bytes, itemStart, itemEnd);
      item = itemEnd;
    }
    this.#phase = phase;
    return beginScript(this.execution, script, start, end, sigVersion, this.#flags);
  }

  /** Scripts in a witness leave exactly one element, and it is true: consensus, whatever CLEANSTACK says. */
  #afterWitnessScript(): ScriptError | null {
    const { stacks } = this.execution;
    if (stacks.main.depth !== 1) return 'CLEANSTACK';
    return stacks.isTrue(0) ? this.#finishWitness() : 'EVAL_FALSE';
  }
}

function createKeyHashScript(): Uint8Array {
  const script = new Uint8Array(25);
  script.set([OP.OP_DUP, OP.OP_HASH160, KEY_HASH_BYTES], 0);
  script.set([OP.OP_EQUALVERIFY, OP.OP_CHECKSIG], 23);
  return script;
}
