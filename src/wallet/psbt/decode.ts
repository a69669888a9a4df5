// Decoding whole PSBTs (Core DecodeRawPSBT): the first map, one for each input, one for each output, and nothing after them. Memory is
// bounded by what the bytes hold, never by the counts that they claim (K12).

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { runAllSteps, type Steps } from '../../kernel/util/steps.ts';
import { decodePsbtGlobals } from './decode-global.ts';
import { decodePsbtInput, type InputCore } from './decode-input.ts';
import { decodePsbtOutput } from './decode-output.ts';
import { PSBT_BYTES_MAX, PSBT_MAGIC } from './field-types.ts';
import type { Psbt, PsbtInput, PsbtOutput } from './psbt.ts';
import { describeReadError, PsbtError, PsbtReader } from './psbt-reader.ts';

/** Decodes a PSBT; the error is a sentence, as Core has it. Keeps a reference to `bytes`, which must not change afterwards. */
export function decodePsbt(bytes: Uint8Array, secp: Secp256k1): Result<Psbt, string> {
  return runAllSteps(decodePsbtInSteps(bytes, secp));
}

/** The same, a field a step: points are checked to be on the curve, and a PSBT may name many. */
export function* decodePsbtInSteps(bytes: Uint8Array, secp: Secp256k1): Steps<Result<Psbt, string>> {
  if (bytes.length > PSBT_BYTES_MAX) return err('PSBT is too long');
  try {
    const reader = new PsbtReader(bytes, secp);
    const psbt = yield* decodeWhole(reader);
    if (!reader.isAtEnd) return err('extra data after PSBT');
    return hasExactAmounts(psbt) ? ok(psbt) : err('Amount is beyond what can be counted');
  } catch (error) {
    return err(describeReadError(error));
  }
}

function* decodeWhole(reader: PsbtReader): Steps<Psbt> {
  if (!equalRange(reader.raw(PSBT_MAGIC.length), 0, PSBT_MAGIC, 0, PSBT_MAGIC.length)) {
    throw new PsbtError('Invalid PSBT magic bytes');
  }
  const { unsignedTx, inputCount, outputCount, ...globals } = yield* decodePsbtGlobals(reader);
  const inputs: PsbtInput[] = [];
  while (!reader.isAtEnd && inputs.length < inputCount) {
    inputs.push(yield* decodePsbtInput(reader, inputOf(unsignedTx, inputs.length)));
  }
  if (inputs.length !== inputCount) {
    throw new PsbtError('Inputs provided does not match the number of inputs in transaction.');
  }
  const outputs: PsbtOutput[] = [];
  while (!reader.isAtEnd && outputs.length < outputCount) {
    outputs.push(yield* decodePsbtOutput(reader, outputOf(unsignedTx, outputs.length)));
  }
  if (outputs.length !== outputCount) {
    throw new PsbtError('Outputs provided does not match the number of outputs in transaction.');
  }
  return { ...globals, inputs, outputs };
}

function inputOf(transaction: Transaction | null, i: number): InputCore {
  return transaction === null ? null : { prevout: transaction.prevout(i), sequence: transaction.sequence(i) };
}

function outputOf(transaction: Transaction | null, j: number): TransactionOutput | null {
  if (transaction === null) return null;
  return { valueSat: transaction.valueSat(j), scriptPubKey: transaction.scriptPubKey(j) };
}

/** True when all amounts are exact as numbers: others are no money anywhere, and would be written again as something else (K12). */
function hasExactAmounts({ inputs, outputs }: Psbt): boolean {
  return (
    inputs.every(({ witnessUtxo }) => witnessUtxo === null || Number.isSafeInteger(witnessUtxo.valueSat)) &&
    outputs.every(({ valueSat }) => Number.isSafeInteger(valueSat))
  );
}
