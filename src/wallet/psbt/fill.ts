// Filling a PSBT by whoever has keys: the transactions that are spent from, scripts, keys with their origins, signatures (Core
// CWallet::FillPSBT and its DescriptorScriptPubKeyMan). Which keys are asked is the caller's choice.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { Txid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { solveOutput } from '../../kernel/script/solver.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { runAllSteps, type Steps } from '../../kernel/util/steps.ts';
import { hideKeys, type SigningKeys } from '../signature-creator.ts';
import { isFinalInput, type Psbt, type PsbtInput } from './psbt.ts';
import { type InputSigning, type PsbtFault, PsbtSession } from './psbt-session.ts';
import { spentOutputOf } from './psbt-transaction.ts';

/** How a PSBT is filled. */
export interface FillOptions extends InputSigning {
  /** Whether signatures are made. */
  readonly signs: boolean;
  /** Whether keys are written down with where they come from. */
  readonly showsOrigins: boolean;
}

/** A PSBT with what was known of it. */
export interface FilledPsbt {
  readonly psbt: Psbt;
  /** All inputs have final scripts that spend their outputs. */
  readonly isComplete: boolean;
  /** Inputs that got their final scripts; without signing, inputs that were looked at. */
  readonly signedCount: number;
}

/** The PSBT with the transactions that its inputs spend from, where `find` has them; inputs that are final are left alone. */
export function addPreviousTransactions(psbt: Psbt, find: (txid: Txid) => Transaction | null): Psbt {
  const inputs = psbt.inputs.map((input) => {
    if (isFinalInput(input) || input.nonWitnessUtxo !== null) return input;
    return { ...input, nonWitnessUtxo: find(input.prevout.txid) };
  });
  return { ...psbt, inputs };
}

/**
 * Fills inputs, one a step, and outputs with what the keys know. Inputs that are final, or whose output nobody knows, are passed by.
 * `keys` are those of all inputs and outputs: ask {@link spentOutputOf} for the script of an input, {@link listedPublicKeys} for keys.
 */
export function* fillPsbt(
  psbt: Psbt,
  keys: SigningKeys,
  options: FillOptions,
  secp: Secp256k1,
): Steps<Result<FilledPsbt, PsbtFault>> {
  const session = PsbtSession.open(psbt, secp);
  if (session === null) return err('invalid-tx');
  const shown = hideKeys(keys, { secrets: !options.signs, origins: !options.showsOrigins });
  let signedCount = 0;
  for (let i = 0; i < session.inputCount; i++) {
    yield;
    const input = session.input(i);
    if (isFinalInput(input) || (input.nonWitnessUtxo === null && input.witnessUtxo === null)) continue;
    const { fault } = session.signInput(i, shown, options);
    if (fault !== null && fault !== 'incomplete') return err(fault);
    if (!options.signs || isFinalInput(session.input(i))) signedCount++;
  }
  for (let j = 0; j < session.outputCount; j++) {
    yield;
    session.updateOutput(j, shown);
  }
  session.dropPreviousTransactions();
  let isComplete = true;
  for (let i = 0; i < session.inputCount && isComplete; i++) {
    yield;
    isComplete = session.isSigned(i);
  }
  return ok({ psbt: session.finish(), isComplete, signedCount });
}

/** True when all inputs have final scripts that spend their outputs (Core PSBTInputSignedAndVerified of each). */
export function isPsbtComplete(psbt: Psbt, secp: Secp256k1): boolean {
  return runAllSteps(checkCompleteness(psbt, secp));
}

function* checkCompleteness(psbt: Psbt, secp: Secp256k1): Steps<boolean> {
  const session = PsbtSession.open(psbt, secp);
  if (session === null) return false;
  for (let i = 0; i < session.inputCount; i++) {
    if (!session.isSigned(i)) return false;
    yield;
  }
  return true;
}

/** Public keys that an input names, for whoever does not know its script but may have one of the keys. */
export function listedPublicKeys(input: PsbtInput): readonly Uint8Array[] {
  const xOnlyKeys = Array.from(input.tapDerivations.values(), ({ xOnlyKey }) => xOnlyKey);
  const script = spentOutputOf(input)?.scriptPubKey;
  const template = script === undefined ? null : solveOutput(script, 0, script.length);
  if (template?.type === 'witness_v1_taproot') xOnlyKeys.unshift(template.outputKey.slice());
  return [
    ...Array.from(input.derivations.values(), ({ publicKey }) => publicKey),
    ...xOnlyKeys.flatMap((key) => [2, 3].map((prefix) => concatBytes(Uint8Array.of(prefix), key))),
  ];
}
