// Dust: outputs worth less than it costs to spend them at a rate that the operator sets (Core policy/policy.cpp
// GetDustThreshold, IsDust, GetDust). Whether a transaction may have any is standard.ts; that a child must spend them is
// ephemeral.ts.

import { compactSizeLength } from '../encoding/compact-size.ts';
import { type Transaction, WITNESS_SCALE_FACTOR } from '../primitives/transaction.ts';
import { isUnspendable, witnessProgramVersion } from '../script/script.ts';
import { computeFeeSat } from './feerate.ts';

/** Bytes of an input beside what unlocks it: outpoint, length of the scriptSig, sequence. */
const INPUT_BYTES = 32 + 4 + 1 + 4;

/** Bytes that unlock a P2PKH output: a signature of 72 bytes and a key of 33, each with its length. */
const UNLOCKING_BYTES = 107;

/** Virtual bytes of the input that spends an output outside the witness. */
const SPENDING_VSIZE: number = INPUT_BYTES + UNLOCKING_BYTES;

/** The same inside the witness, where bytes count a quarter. Core keeps this for taproot too, whose inputs are smaller. */
const WITNESS_SPENDING_VSIZE: number = INPUT_BYTES + Math.floor(UNLOCKING_BYTES / WITNESS_SCALE_FACTOR);

/**
 * Value below which an output with this scriptPubKey is dust, in satoshis: what the output and the input that spends it cost at
 * `dustFeerate` sat/kvB. 0 for outputs that nobody can spend. 546 for P2PKH at Core's default of 3,000.
 */
export function computeDustThreshold(bytes: Uint8Array, start: number, end: number, dustFeerate: number): number {
  if (isUnspendable(bytes, start, end)) return 0;
  const outputBytes = 8 + compactSizeLength(end - start) + (end - start);
  const isWitnessProgram = witnessProgramVersion(bytes, start, end) >= 0;
  return computeFeeSat(dustFeerate, outputBytes + (isWitnessProgram ? WITNESS_SPENDING_VSIZE : SPENDING_VSIZE));
}

/** True when output `j` of the transaction is dust. */
export function isDustOutput(tx: Transaction, j: number, dustFeerate: number): boolean {
  const threshold = computeDustThreshold(tx.bytes, tx.scriptPubKeyStart(j), tx.scriptPubKeyEnd(j), dustFeerate);
  return tx.valueSat(j) < threshold;
}

/** How many outputs of the transaction are dust. */
export function countDustOutputs(tx: Transaction, dustFeerate: number): number {
  let count = 0;
  for (let j = 0; j < tx.outputCount; j++) {
    if (isDustOutput(tx, j, dustFeerate)) count++;
  }
  return count;
}
