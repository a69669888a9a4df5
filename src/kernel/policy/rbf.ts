// Replacement: a transaction that spends coins which others in the mempool spend takes their place if it pays for it (Core
// policy/rbf.cpp, ReplacementChecks). The mempool finds what would go and what that pays; here is what must hold of the
// numbers. Whether the others said that they may be replaced no longer matters (full replacement).

import type { RejectDetail } from '../consensus/reject.ts';
import { formatMoney } from '../primitives/amount.ts';
import { formatHash, type Txid } from '../primitives/hashes.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { compareChunks } from './diagram.ts';
import type { FeeFrac } from './fee-frac.ts';
import { computeFeeSat } from './feerate.ts';
import { REPLACEMENT_CLUSTER_COUNT_MAX } from './limits.ts';
import { type PolicyReject, rejectPolicy, type SiblingEvictionNote } from './policy-reject.ts';
import type { PolicyRuleId } from './policy-rules.ts';

/** Highest sequence by which an input says that its transaction may be replaced (BIP125; Core MAX_BIP125_RBF_SEQUENCE). */
export const REPLACEABLE_SEQUENCE_MAX = 0xfffffffd;

/** What a replacement breaks, before it is known whether a transaction or a package is refused for it. */
export interface ReplacementBreach extends RejectDetail {
  readonly rule: PolicyRuleId;
  readonly debug: string;
}

/** What a replacement offers for what it removes. Fees are with what the operator added. */
export interface ReplacementOffer {
  /** The replacement, or the child of a package that replaces: whom Core's sentences name. */
  readonly txid: Txid;
  /** Fees of everything that would go. */
  readonly originalFeeSat: number;
  readonly replacementFeeSat: number;
  readonly replacementVsize: number;
}

/** True when a transaction says by a sequence number that it may be replaced (BIP125): what RPC tells, and no rule any more. */
export function signalsReplacement(tx: Transaction): boolean {
  for (let i = 0; i < tx.inputCount; i++) {
    if (tx.sequence(i) <= REPLACEABLE_SEQUENCE_MAX) return true;
  }
  return false;
}

/** How Core's sentences about a replacement begin. */
function nameReplacement(txid: Txid): string {
  return `rejecting replacement ${formatHash(txid)}`;
}

function formatLess(actualSat: number, expectedSat: number): string {
  return `${formatMoney(actualSat)} < ${formatMoney(expectedSat)}`;
}

/** Too many clusters would have to be ordered anew (BIP125 rule 5; Core GetEntriesForConflicts). Null: few enough. */
export function findClusterBreach(txid: Txid, clusterCount: number): ReplacementBreach | null {
  if (clusterCount <= REPLACEMENT_CLUSTER_COUNT_MAX) return null;
  return {
    rule: 'replacement-clusters',
    debug: `${nameReplacement(txid)}; too many conflicting clusters (${clusterCount} > ${REPLACEMENT_CLUSTER_COUNT_MAX})`,
    actual: clusterCount,
    expected: REPLACEMENT_CLUSTER_COUNT_MAX,
  };
}

/** It pays less than what would go, or not its own relay on top (BIP125 rules 3 and 4; Core PaysForRBF). Null: it pays. */
export function findFeeBreach(offer: ReplacementOffer, incrementalFeerate: number): ReplacementBreach | null {
  const { txid, originalFeeSat, replacementFeeSat, replacementVsize } = offer;
  if (replacementFeeSat < originalFeeSat) {
    return {
      rule: 'replacement-fees',
      debug: `${nameReplacement(txid)}, less fees than conflicting txs; ${formatLess(replacementFeeSat, originalFeeSat)}`,
      actual: replacementFeeSat,
      expected: originalFeeSat,
    };
  }
  const additionalFeeSat = replacementFeeSat - originalFeeSat;
  const relayFeeSat = computeFeeSat(incrementalFeerate, replacementVsize);
  if (additionalFeeSat >= relayFeeSat) return null;
  return {
    rule: 'replacement-relay-fee',
    debug: `${nameReplacement(txid)}, not enough additional fees to relay; ${formatLess(additionalFeeSat, relayFeeSat)}`,
    actual: additionalFeeSat,
    expected: relayFeeSat,
  };
}

/** The mempool would not be better for miners (Core ImprovesFeerateDiagram). Null: it would. */
export function findDiagramBreach(before: readonly FeeFrac[], after: readonly FeeFrac[]): ReplacementBreach | null {
  const order = compareChunks(after, before);
  if (order === 'better') return null;
  return {
    rule: 'replacement-diagram',
    debug: 'insufficient feerate: does not improve feerate diagram',
    actual: order,
    expected: 'better',
  };
}

function siblingNote(evictsSibling: boolean): SiblingEvictionNote {
  return evictsSibling ? ' (including sibling eviction)' : '';
}

/** Checks how many clusters a single replacement conflicts with. */
export function checkReplacementClusters(
  txid: Txid,
  clusterCount: number,
  evictsSibling: boolean,
): PolicyReject | null {
  const breach = findClusterBreach(txid, clusterCount);
  if (breach === null) return null;
  const { rule, ...detail } = breach;
  return rejectPolicy('mempool-policy', `too many potential replacements${siblingNote(evictsSibling)}`, rule, detail);
}

/** Checks what a single replacement pays. A package may pay more, so a refusal here is not the last word. */
export function checkReplacementFees(
  offer: ReplacementOffer,
  incrementalFeerate: number,
  evictsSibling: boolean,
): PolicyReject | null {
  const breach = findFeeBreach(offer, incrementalFeerate);
  if (breach === null) return null;
  const { rule, ...detail } = breach;
  return rejectPolicy('reconsiderable', `insufficient fee${siblingNote(evictsSibling)}`, rule, detail);
}

/** Checks what a single replacement does to the mempool: chunks of the clusters that it changes, before and after. */
export function checkReplacementDiagram(before: readonly FeeFrac[], after: readonly FeeFrac[]): PolicyReject | null {
  const breach = findDiagramBreach(before, after);
  if (breach === null) return null;
  const { rule, ...detail } = breach;
  return rejectPolicy('reconsiderable', 'replacement-failed', rule, detail);
}

/**
 * Checks that a replacement does not spend what it replaces: none of its ancestors is one that it conflicts with directly (Core
 * EntriesAndTxidsDisjoint). Such a transaction contradicts itself.
 */
export function checkReplacementIndependent(
  txid: Txid,
  ancestors: Iterable<Txid>,
  isReplaced: (txid: Txid) => boolean,
): PolicyReject | null {
  for (const ancestor of ancestors) {
    if (!isReplaced(ancestor)) continue;
    return rejectPolicy('consensus', 'bad-txns-spends-conflicting-tx', 'replacement-independent', {
      debug: `${formatHash(txid)} spends conflicting transaction ${formatHash(ancestor)}`,
      actual: ancestor,
    });
  }
  return null;
}
