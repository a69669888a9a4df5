// What an audit finds, as data: the figures of a ledger, the first thing that is wrong with it, and marks by which another program
// can follow the same way and come to the same numbers.

import type { BlockReject } from '../consensus/reject.ts';
import type { BlockHash } from '../primitives/hashes.ts';

/** What was counted so far. */
export interface AuditFigures {
  /** Height of the last page that was found good; -1 before the first. */
  readonly height: number;
  readonly blockHash: BlockHash;
  readonly transactionCount: number;
  readonly inputCount: number;
  readonly outputCount: number;
  /** Inputs whose scripts, and with them signatures, were run. */
  readonly scriptCount: number;
  /** Expected hashes of all pages (chainwork). */
  readonly work: bigint;
  /** What the schedule allows up to here, the first page included. */
  readonly scheduledSat: bigint;
  /** What all coinbases took beyond the fees that they were given: the money there is, spendable or not. */
  readonly issuedSat: number;
  /** What nobody can spend: outputs that no script can, and rewards that later ones took the place of. */
  readonly burntSat: number;
  readonly feesSat: number;
}

/** Where an audit stands after every so many pages. */
export interface AuditMark {
  readonly height: number;
  readonly blockHash: BlockHash;
  readonly issuedSat: number;
  readonly burntSat: number;
  readonly transactionCount: number;
}

/** What kind of thing is wrong. */
export type AuditFaultKind =
  /** A page cannot be read at all. */
  | 'unreadable'
  /** A page does not follow the one before it: its link names another. */
  | 'broken-link'
  /** A page breaks a rule of the ledger. */
  | 'invalid'
  /** A page is not the one that the node's index speaks of. */
  | 'other-page'
  /** The coins that the pages add up to are not those that the node keeps. */
  | 'other-coins'
  /** The coins do not add up to what was issued. */
  | 'wrong-sum';

/** The first thing that is wrong. */
export interface AuditFault {
  readonly kind: AuditFaultKind;
  /** Of the page; null where no single page is to blame. */
  readonly height: number | null;
  /** The file and the place in it, or the coin. */
  readonly place: string;
  /** One sentence for people. */
  readonly message: string;
  /** The rule that is broken, where it is one. */
  readonly reject: BlockReject | null;
}

/** What the coins of the whole ledger come to. */
export interface AuditCoins {
  readonly coinCount: number;
  readonly unspentSat: number;
  readonly hashSerialized3: Uint8Array;
  readonly muhash: Uint8Array;
}
