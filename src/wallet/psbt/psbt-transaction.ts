// The transaction inside a PSBT: the outputs that it spends, its locktime, its unsigned form, its identity, and the final one (Core
// PartiallySignedTransaction::GetUnsignedTx, GetUniqueID, ComputeTimeLock, PSBTInput::GetUTXO; BIP370).

import type { Txid } from '../../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction, type TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES, equalBytes } from '../../kernel/util/bytes.ts';
import type { Psbt, PsbtInput } from './psbt.ts';

const SEQUENCE_FINAL = 0xffffffff;

/** The output that an input spends, as far as the PSBT says; null when it says nothing, or gives another transaction. */
export function spentOutputOf({ prevout, nonWitnessUtxo, witnessUtxo }: PsbtInput): TransactionOutput | null {
  if (nonWitnessUtxo === null) return witnessUtxo;
  const { txid, index } = prevout;
  if (index >= nonWitnessUtxo.outputCount || !equalBytes(nonWitnessUtxo.txid, txid)) return null;
  return { valueSat: nonWitnessUtxo.valueSat(index), scriptPubKey: nonWitnessUtxo.scriptPubKey(index) };
}

/**
 * The locktime: the greatest that inputs ask for, as a height where all of them can do with a height, else as a time; the fallback
 * where none asks. Null when one input asks for a time alone and another for a height alone: there is no such transaction.
 */
export function computePsbtLocktime({ version, inputs, fallbackLocktime }: Psbt): number | null {
  const fallback = fallbackLocktime ?? 0;
  if (version === 0) return fallback;
  let isTimePossible = true;
  let isHeightPossible = true;
  let time = 0;
  let height = 0;
  for (const { timeLocktime, heightLocktime } of inputs) {
    if (timeLocktime !== null && heightLocktime === null) isHeightPossible = false;
    if (timeLocktime === null && heightLocktime !== null) isTimePossible = false;
    time = Math.max(time, timeLocktime ?? 0);
    height = Math.max(height, heightLocktime ?? 0);
  }
  if (!isTimePossible && !isHeightPossible) return null;
  if (isHeightPossible && height > 0) return height;
  return isTimePossible && time > 0 ? time : fallback;
}

/** The transaction without scripts in its inputs; null when there is no locktime for it. */
export function toUnsignedTransaction(psbt: Psbt): Transaction | null {
  const locktime = computePsbtLocktime(psbt);
  return locktime === null ? null : build(psbt, locktime, ({ sequence }) => sequence ?? SEQUENCE_FINAL);
}

/** What two PSBTs of one transaction have in common; sequences do not count in version 2. Null as for the transaction. */
export function computePsbtId(psbt: Psbt): Txid | null {
  if (psbt.version === 0) return toUnsignedTransaction(psbt)?.txid ?? null;
  const locktime = computePsbtLocktime(psbt);
  return locktime === null ? null : build(psbt, locktime, () => 0).txid;
}

function build(psbt: Psbt, locktime: number, sequenceOf: (input: PsbtInput) => number): Transaction {
  return buildTransaction({
    version: psbt.txVersion,
    inputs: psbt.inputs.map((input) => ({
      prevout: input.prevout,
      scriptSig: EMPTY_BYTES,
      sequence: sequenceOf(input),
    })),
    outputs: psbt.outputs,
    locktime,
  });
}

/** The transaction with the final scripts of all inputs, however good they are; null when there is no locktime for it. */
export function toFinalTransaction(psbt: Psbt): Transaction | null {
  const locktime = computePsbtLocktime(psbt);
  if (locktime === null) return null;
  return buildTransaction({
    version: psbt.txVersion,
    inputs: psbt.inputs.map(({ prevout, sequence, finalScriptSig, finalWitness }) => ({
      prevout,
      scriptSig: finalScriptSig ?? EMPTY_BYTES,
      sequence: sequence ?? SEQUENCE_FINAL,
      witness: finalWitness ?? [],
    })),
    outputs: psbt.outputs,
    locktime,
  });
}
