// New PSBTs from transactions (Core PartiallySignedTransaction's constructor), and from one version to the other (BIP370).

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { createPsbtInput, createPsbtOutput, NO_FIELDS, type Psbt, type PsbtVersion } from './psbt.ts';
import { computePsbtLocktime } from './psbt-transaction.ts';

/** The PSBT of a transaction, whose scripts and witnesses are left out. */
export function createPsbt(transaction: Transaction, version: PsbtVersion): Psbt {
  const { inputCount, outputCount } = transaction;
  return {
    version,
    txVersion: transaction.version,
    fallbackLocktime: transaction.locktime,
    extendedKeys: NO_FIELDS,
    modifiable: null,
    inputs: Array.from({ length: inputCount }, (_, i) =>
      createPsbtInput(transaction.prevout(i), transaction.sequence(i)),
    ),
    outputs: Array.from({ length: outputCount }, (_, j) =>
      createPsbtOutput({ valueSat: transaction.valueSat(j), scriptPubKey: transaction.scriptPubKey(j) }),
    ),
    proprietary: NO_FIELDS,
    unknown: NO_FIELDS,
  };
}

/**
 * The same PSBT in another version. Version 0 has no place for the locktimes that inputs ask for, nor for what may be changed: the
 * locktime is computed and stays. Null when there is no locktime for it.
 */
export function convertPsbt(psbt: Psbt, version: PsbtVersion): Psbt | null {
  if (psbt.version === version) return psbt;
  if (version === 2) return { ...psbt, version };
  const locktime = computePsbtLocktime(psbt);
  if (locktime === null) return null;
  const inputs = psbt.inputs.map((input) => ({
    ...input,
    sequence: input.sequence ?? 0xffffffff,
    timeLocktime: null,
    heightLocktime: null,
  }));
  return { ...psbt, version, fallbackLocktime: locktime, modifiable: null, inputs };
}
