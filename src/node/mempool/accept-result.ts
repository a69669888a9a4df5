// What acceptance answers (Core validation.h MempoolAcceptResult, PackageMempoolAcceptResult): everything that RPC, p2p and the
// wallet tell about it. A refusal is a value; whether it may pass later is in its kind.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import type { MempoolReject, PackageReject } from '../../kernel/policy/policy-reject.ts';
import type { Txid, Wtxid } from '../../kernel/primitives/hashes.ts';
import type { MempoolEntry } from './entry.ts';

/** The feerate that a transaction was judged by. */
export interface JudgedFeerate {
  /** Fees with what the operator added, in satoshis, over virtual bytes. */
  readonly feerate: FeeFrac;
  /** The transactions whose fees and sizes it is made of: this one, or all of a package. */
  readonly wtxids: readonly Wtxid[];
}

/** It is in the mempool now; or it would be, where it was only tried. */
export interface AcceptedTransaction extends JudgedFeerate {
  readonly outcome: 'accepted';
  /** Null where the transaction was only tried. */
  readonly entry: MempoolEntry | null;
  /** Virtual size by which the mempool measures it. */
  readonly vsize: number;
  /** What it pays itself. */
  readonly feeSat: number;
  /** What it replaced. The transactions of one package name all that the package replaced once, at the first of them. */
  readonly replaced: readonly MempoolEntry[];
}

/** It was refused. */
export interface RejectedTransaction {
  readonly outcome: 'rejected';
  readonly reject: MempoolReject;
  /** Set for kind `reconsiderable`: the feerate that was too low. */
  readonly judged: JudgedFeerate | null;
  /** Set for kind `missing-inputs`: transactions whose outputs it spends and that are not known to have any, without repetition. */
  readonly missingParents: readonly Txid[];
}

/** Only in packages: it was in the mempool before, which is no failure there. */
export interface AlreadyAccepted {
  readonly outcome: 'already';
  readonly entry: MempoolEntry;
  readonly vsize: number;
  readonly feeSat: number;
}

/** Only in packages: a transaction that differs in its witness alone was in the mempool before; this one was not judged. */
export interface DifferentWitness {
  readonly outcome: 'different-witness';
  /** The one in the mempool. */
  readonly otherWtxid: Wtxid;
}

/** What became of a transaction. */
export type AcceptResult = AcceptedTransaction | RejectedTransaction | AlreadyAccepted | DifferentWitness;

/** What became of a transaction that came alone. */
export type SingleResult = AcceptedTransaction | RejectedTransaction;

/** What became of a package. */
export interface PackageResult {
  /** Why the package as a whole was refused, or that some transaction of it was; null when all were accepted. */
  readonly reject: PackageReject | null;
  /** In the order of the package; null for those that were not judged to the end. */
  readonly results: readonly (AcceptResult | null)[];
}

const NO_PARENTS: readonly Txid[] = Object.freeze([]);

/** A refusal. */
export function rejected(
  reject: MempoolReject,
  judged: JudgedFeerate | null = null,
  missingParents: readonly Txid[] = NO_PARENTS,
): RejectedTransaction {
  return { outcome: 'rejected', reject, judged, missingParents };
}
