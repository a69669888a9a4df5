// How large a transaction is once it is signed, at most (Core CalculateMaximumSignedTxSize), and how large an input of somebody else
// may become when he signs it anew.

import { isStrictDerSignature } from '../../kernel/crypto/der.ts';
import { compactSizeLength } from '../../kernel/encoding/compact-size.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import { type Transaction, type TransactionOutput, WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { witnessStackLength } from '../../kernel/primitives/witness.ts';
import { ScriptCursor } from '../../kernel/script/script.ts';
import { computeInputWeight, type InputMeasure, measureRingInput, weightToVsize } from '../descriptor/input-size.ts';
import type { KeyRing } from '../descriptor/key-ring.ts';
import type { SpendEnvironment } from './environment.ts';

/** An input on its way to being signed. */
export interface InputToSign {
  /** What unlocks it; null: nobody knows. */
  readonly measure: InputMeasure | null;
  /** Its weight, where somebody has said so. */
  readonly weightWu: number | null;
}

/** Greatest size of a signed transaction. */
export interface SignedSize {
  readonly weightWu: number;
  readonly vsize: number;
}

/** Size of a transaction with these inputs and outputs, signed; null when an input cannot be measured. */
export function computeSignedSize(
  inputs: readonly InputToSign[],
  outputs: readonly TransactionOutput[],
): SignedSize | null {
  const hasWitness = inputs.some(({ measure }) => measure?.isSegwit === true);
  const countBytes = compactSizeLength(inputs.length) + compactSizeLength(outputs.length);
  // Version and locktime; marker and flag.
  let weightWu = (4 + 4 + countBytes) * WITNESS_SCALE_FACTOR + (hasWitness ? 2 : 0);
  for (const output of outputs) weightWu += outputLength(output.scriptPubKey) * WITNESS_SCALE_FACTOR;
  for (const { measure, weightWu: given } of inputs) {
    if (given === null && measure === null) return null;
    weightWu += given ?? computeInputWeight(measure!, hasWitness);
  }
  return { weightWu, vsize: weightToVsize(weightWu) };
}

/** Bytes of an output with this script. */
export function outputLength(scriptPubKey: Uint8Array): number {
  return 8 + compactSizeLength(scriptPubKey.length) + scriptPubKey.length;
}

/** What solves an input: the wallet, else the solving data that came along. Strangers may sign with a high r. */
export function measureInput(
  scriptPubKey: Uint8Array,
  isExternal: boolean,
  ring: KeyRing | null,
  { measureInput: measureOwn }: Pick<SpendEnvironment, 'measureInput'>,
): InputMeasure | null {
  const own = isExternal ? null : measureOwn(scriptPubKey);
  return own ?? (ring === null ? null : measureRingInput(scriptPubKey, ring, !isExternal));
}

/** Longest ECDSA signature with its hash type. */
const SIGNATURE_BYTES_MAX = 72;

/**
 * Greatest weight of an input that is signed already, when its signatures are made anew (Core SignatureWeightChecker). A signature is
 * what is encoded like one.
 */
export function computeResignedWeight(transaction: Transaction, inputIndex: number): number {
  const scriptSig = transaction.scriptSig(inputIndex);
  const witness = transaction.witness(inputIndex);
  const baseBytes = OUTPOINT_BYTES + compactSizeLength(scriptSig.length) + scriptSig.length + 4;
  let weightWu = baseBytes * WITNESS_SCALE_FACTOR + witnessStackLength(witness);
  const cursor = new ScriptCursor(scriptSig);
  while (cursor.next()) {
    const item = scriptSig.subarray(cursor.dataStart, cursor.dataEnd);
    weightWu += missingBytes(item) * WITNESS_SCALE_FACTOR;
  }
  for (const item of witness) weightWu += missingBytes(item);
  return weightWu;
}

/** What a signature lacks to the longest one; 0 for anything else. */
function missingBytes(item: Uint8Array): number {
  return isStrictDerSignature(item, 0, item.length) ? SIGNATURE_BYTES_MAX - item.length : 0;
}
