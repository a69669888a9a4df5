// Finalizing PSBTs and taking the transaction out (Core FinalizePSBT, FinalizeAndExtractPSBT): signatures of several people become the
// scripts of the inputs. No key is needed.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import type { Psbt } from './psbt.ts';
import { PsbtSession } from './psbt-session.ts';
import { toFinalTransaction } from './psbt-transaction.ts';

/** A PSBT with the final scripts of all inputs that are complete. */
export interface FinalizedPsbt {
  readonly psbt: Psbt;
  /** The whole transaction; null while an input is missing something. */
  readonly transaction: Transaction | null;
}

/** Finalizes every input that can be, one a step. */
export function* finalizePsbt(psbt: Psbt, secp: Secp256k1): Steps<FinalizedPsbt> {
  const session = PsbtSession.open(psbt, secp);
  if (session === null) return { psbt, transaction: null };
  const nobody = new KeyRing();
  let isComplete = true;
  for (let i = 0; i < session.inputCount; i++) {
    const hashType = session.input(i).sighashType;
    const { fault } = session.signInput(i, nobody, { hashType, finalizes: true });
    if (fault !== null) isComplete = false;
    yield;
  }
  const finalized = session.finish();
  return { psbt: finalized, transaction: isComplete ? toFinalTransaction(finalized) : null };
}
