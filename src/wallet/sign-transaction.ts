// Signing and combining whole transactions (Core SignTransaction, combinerawtransaction): every input by itself, and for each that is
// not complete the reason.

import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { MAX_MONEY } from '../kernel/primitives/amount.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionOutput,
  toTransactionData,
} from '../kernel/primitives/transaction.ts';
import { type ScriptError, scriptErrorMessage } from '../kernel/script/script-error.ts';
import { SIGHASH } from '../kernel/script/sighash-type.ts';
import { KeyRing } from './descriptor/key-ring.ts';
import { extractSignatures } from './extract-signatures.ts';
import { SignatureData } from './signature-data.ts';
import { signInput } from './signer.ts';
import { type InputScripts, Spending } from './spending.ts';

/** Keys and how they are used. */
export interface SignTransactionOptions {
  readonly ring: KeyRing;
  /** Bits of SIGHASH; SIGHASH_DEFAULT means SIGHASH_ALL outside of taproot. */
  readonly hashType: number;
  readonly secp: Secp256k1;
}

/** Why an input is not complete. */
export type InputFault =
  | { readonly kind: 'unknown-output' }
  /** A witness commits to the value of the output, which was not given. */
  | { readonly kind: 'unknown-value' }
  | { readonly kind: 'script'; readonly error: ScriptError };

/** A transaction with what could be signed of it. */
export interface SignedTransaction {
  readonly transaction: Transaction;
  /** By the index of the input; none: the transaction is complete. */
  readonly faults: ReadonlyMap<number, InputFault>;
}

/**
 * Signs what the ring has keys for, one input a step, so that the caller may pause between. `outputs` are what the inputs spend, null where that is not known; a value of MAX_MONEY means that
 * nobody said how much.
 */
export function* signTransaction(
  transaction: Transaction,
  outputs: readonly (TransactionOutput | null)[],
  { ring, hashType, secp }: SignTransactionOptions,
): Generator<undefined, SignedTransaction, void> {
  const spending = new Spending(transaction, outputs, secp);
  const scripts: (InputScripts | null)[] = [];
  const faults: Map<number, InputFault> = new Map();
  // A signature for the output of the same index needs one (C17).
  const isSingle = hashType % 128 === SIGHASH.SINGLE;
  for (let i = 0; i < transaction.inputCount; i++) {
    const output = spending.output(i);
    if (output === null) {
      scripts.push(null);
      faults.set(i, { kind: 'unknown-output' });
      continue;
    }
    const data = extractSignatures(spending, transaction, i);
    if (!isSingle || i < transaction.outputCount) signInput({ spending, inputIndex: i, ring, hashType, secp }, data);
    scripts.push(data);
    const fault = findFault(spending, i, output, data);
    if (fault !== null) faults.set(i, fault);
    yield;
  }
  return { transaction: replaceScripts(transaction, scripts), faults };
}

function findFault(
  spending: Spending,
  inputIndex: number,
  { valueSat }: TransactionOutput,
  data: SignatureData,
): InputFault | null {
  if (valueSat === MAX_MONEY && data.witness.length > 0) return { kind: 'unknown-value' };
  if (data.isComplete) return null;
  const error = spending.verify(inputIndex, data);
  return error === null ? null : { kind: 'script', error };
}

/** Puts the signatures of several copies of a transaction together, one input a step; all outputs are known. */
export function* combineTransactions(
  copies: readonly Transaction[],
  outputs: readonly TransactionOutput[],
  secp: Secp256k1,
): Generator<undefined, Transaction, void> {
  const first = copies[0]!;
  const spending = new Spending(first, outputs, secp);
  const ring = new KeyRing();
  const scripts: InputScripts[] = [];
  for (let i = 0; i < first.inputCount; i++) {
    const data = new SignatureData();
    for (const copy of copies) data.merge(extractSignatures(spending, copy, i));
    signInput({ spending, inputIndex: i, ring, hashType: SIGHASH.ALL, secp }, data);
    scripts.push(data);
    yield;
  }
  return replaceScripts(first, scripts);
}

/** The transaction with other scripts in its inputs; null leaves those of an input as they are. */
export function replaceScripts(transaction: Transaction, scripts: readonly (InputScripts | null)[]): Transaction {
  const data = toTransactionData(transaction);
  const inputs = data.inputs.map((input, i) => {
    const { scriptSig, witness } = scripts[i] ?? input;
    return { ...input, scriptSig, witness: witness ?? [] };
  });
  return buildTransaction({ ...data, inputs });
}

/** The reason in Core's words. */
export function describeFault(fault: InputFault): string {
  if (fault.kind === 'unknown-output') return 'Input not found or already spent';
  if (fault.kind === 'unknown-value') return 'Missing amount';
  switch (fault.error) {
    case 'INVALID_STACK_OPERATION':
      return 'Unable to sign input, invalid stack size (possibly missing key)';
    case 'SIG_NULLFAIL':
      return 'CHECK(MULTI)SIG failing with non-zero signature (possibly need more signatures)';
    default:
      return scriptErrorMessage[fault.error];
  }
}
