// What the judges and tests of scripts share: the pair of transactions that Core's script vectors mean, a seeded source of flag
// combinations, the widening and narrowing of flags to combinations that make sense, and the comparison of verdicts.

import { NULL_TXID } from '../../src/kernel/primitives/hashes.ts';
import { SEQUENCE_FINAL } from '../../src/kernel/primitives/locktime.ts';
import { NULL_INDEX } from '../../src/kernel/primitives/outpoint.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import { buildTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import {
  formatScriptFlags,
  parseScriptFlags,
  SCRIPT_VERIFY,
  SCRIPT_VERIFY_ALL,
} from '../../src/kernel/script/flags.ts';
import type { ScriptError } from '../../src/kernel/script/script-error.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { getCurve, rememberAnswers } from './curve.ts';

/** A transaction and what it spends. */
export interface Spend {
  readonly transaction: Transaction;
  readonly spent: SpentOutputs;
}

/** A scriptSig and a scriptPubKey, and what the vectors may add to them. */
export interface ScriptPair {
  readonly scriptSig?: Uint8Array;
  readonly scriptPubKey: Uint8Array;
  readonly witness?: readonly Uint8Array[];
  readonly valueSat?: number;
}

/**
 * The spend that Core's script vectors mean: a transaction with the scriptPubKey as only output and two empty pushes as scriptSig,
 * and one that spends it and pays its value to an empty script.
 */
export function createSpend({ scriptSig = EMPTY_BYTES, scriptPubKey, witness = [], valueSat = 0 }: ScriptPair): Spend {
  const credit = buildTransaction({
    version: 1,
    inputs: [
      { prevout: { txid: NULL_TXID, index: NULL_INDEX }, scriptSig: Uint8Array.of(0, 0), sequence: SEQUENCE_FINAL },
    ],
    outputs: [{ valueSat, scriptPubKey }],
    locktime: 0,
  });
  const transaction = buildTransaction({
    version: 1,
    inputs: [{ prevout: { txid: credit.txid, index: 0 }, scriptSig, sequence: SEQUENCE_FINAL, witness }],
    outputs: [{ valueSat, scriptPubKey: EMPTY_BYTES }],
    locktime: 0,
  });
  return { transaction, spent: SpentOutputs.pack([{ valueSat, scriptPubKey }]) };
}

/** Verdict on all inputs: the first error, or null. */
export function verifyAll(verifier: InputVerifier, { transaction, spent }: Spend, flags: number): ScriptError | null {
  verifier.setTransaction(transaction, spent);
  for (let i = 0; i < transaction.inputCount; i++) {
    const error = verifier.verifyInput(i, flags);
    if (error !== null) return error;
  }
  return null;
}

/** Without the flags that make no sense without a missing one. */
export function trimFlags(flags: number): number {
  let trimmed = flags;
  if ((trimmed & SCRIPT_VERIFY.P2SH) === 0) trimmed &= ~SCRIPT_VERIFY.WITNESS;
  if ((trimmed & SCRIPT_VERIFY.WITNESS) === 0) trimmed &= ~SCRIPT_VERIFY.CLEANSTACK;
  return trimmed;
}

/** With the flags that the given ones need. */
export function fillFlags(flags: number): number {
  let filled = flags;
  if ((filled & SCRIPT_VERIFY.CLEANSTACK) !== 0) filled |= SCRIPT_VERIFY.WITNESS;
  if ((filled & SCRIPT_VERIFY.WITNESS) !== 0) filled |= SCRIPT_VERIFY.P2SH;
  return filled;
}

/** Sets of flags, the same at every run: each flag alone, then `randomCount` drawn by a 32-bit xorshift. */
export function* sampleFlags(randomCount: number): Generator<number> {
  for (const bit of Object.values(SCRIPT_VERIFY)) yield bit;
  let state = 0x9e3779b9;
  for (let i = 0; i < randomCount; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state & SCRIPT_VERIFY_ALL;
  }
}

/** A verifier with the curve of this machine, which remembers answers. */
export function createVerifier(): InputVerifier {
  return new InputVerifier(rememberAnswers(getCurve()));
}

/** Flags of their names; throws TypeError on an unknown one. */
export function flagsOf(text: string): number {
  const parsed = parseScriptFlags(text);
  if (!parsed.ok) throw new TypeError(`unknown flag ${parsed.error}`);
  return parsed.value;
}

/** What is wrong with a verdict, or null. */
export function compareVerdict(actual: ScriptError | null, expected: ScriptError | null, flags: number): string | null {
  if (actual === expected) return null;
  return `expected ${expected ?? 'valid'}, got ${actual ?? 'valid'} under ${formatScriptFlags(flags)}`;
}

/** What is wrong with a verdict of which only valid or not is known, or null. */
export function compareValidity(actual: ScriptError | null, isValid: boolean, flags: number): string | null {
  if ((actual === null) === isValid) return null;
  return `expected ${isValid ? 'valid' : 'an error'}, got ${actual ?? 'valid'} under ${formatScriptFlags(flags)}`;
}

/** First answer that tells of something wrong, or null. */
export function firstWrong<T>(items: Iterable<T>, judge: (item: T) => string | null): string | null {
  for (const item of items) {
    const wrong = judge(item);
    if (wrong !== null) return wrong;
  }
  return null;
}
