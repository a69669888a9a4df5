// TRUC, topologically restricted until confirmation (BIP431; Core policy/truc_policy.cpp): a transaction of version 3 waits
// with at most one parent or one child, both of version 3, and a child is small. So nobody can pin such a pair by hanging
// something large on it. The mempool is seen through a few questions about its entries.

import type { RejectDetail } from '../consensus/reject.ts';
import { formatHash } from '../primitives/hashes.ts';
import type { Transaction } from '../primitives/transaction.ts';
import {
  TRUC_ANCESTOR_COUNT_MAX,
  TRUC_CHILD_VSIZE_MAX,
  TRUC_DESCENDANT_COUNT_MAX,
  TRUC_VERSION,
  TRUC_VSIZE_MAX,
} from './limits.ts';
import { inputSpendsFrom, spendsFrom } from './packages.ts';
import { type PackageReject, type PolicyReject, rejectPackage, rejectPolicy } from './policy-reject.ts';
import type { PolicyRuleId } from './policy-rules.ts';

/** A transaction of the mempool, as these rules see it. */
export interface TrucEntry {
  readonly transaction: Transaction;
}

/** What these rules ask about entries of the mempool. Counts include the entry itself. */
export interface TrucFamily<Entry extends TrucEntry> {
  ancestorCount(entry: Entry): number;
  descendantCount(entry: Entry): number;
  /** All descendants without the entry itself; asked for only where there is more than the entry. */
  descendants(entry: Entry): Iterable<Entry>;
}

/** A transaction that is to join its parents in the mempool. */
export interface TrucCandidate<Entry extends TrucEntry> {
  readonly transaction: Transaction;
  /** Virtual size with signature operations. */
  readonly vsize: number;
  /** Its direct parents in the mempool. */
  readonly parents: readonly Entry[];
}

/** A breach of the rules, and the sibling whose eviction would mend it, if that may be tried. */
export interface TrucViolation<Entry extends TrucEntry> {
  readonly reject: PolicyReject;
  /** The only other child of the only parent: the caller may treat it as replaced. Null where that is no way out. */
  readonly sibling: Entry | null;
}

/** A breach before it is known whether a transaction or its package is refused for it. */
interface Breach extends RejectDetail {
  readonly rule: PolicyRuleId;
  readonly debug: string;
}

/** The transaction with both its identities, as Core's sentences name it. */
function named(tx: Transaction): string {
  return `${formatHash(tx.txid)} (wtxid=${formatHash(tx.wtxid)})`;
}

/**
 * Checks a transaction that comes alone, of whatever version; null when it keeps the rules (Core SingleTRUCChecks).
 * `isReplaced` tells which entries it conflicts with directly.
 */
export function checkTruc<Entry extends TrucEntry>(
  candidate: TrucCandidate<Entry>,
  family: TrucFamily<Entry>,
  isReplaced: (entry: Entry) => boolean,
): TrucViolation<Entry> | null {
  const { transaction: tx, vsize, parents } = candidate;
  const mixed = findMixedVersions(tx, parents);
  if (mixed !== null) return violation(mixed);
  if (tx.version !== TRUC_VERSION) return null;
  if (vsize > TRUC_VSIZE_MAX) return violation(tooBig(tx, vsize));
  if (parents.length + 1 > TRUC_ANCESTOR_COUNT_MAX) return violation(tooManyAncestors(tx, parents.length + 1));
  const parent = parents[0];
  if (parent === undefined) return null;
  const ancestorCount = family.ancestorCount(parent) + 1;
  if (ancestorCount > TRUC_ANCESTOR_COUNT_MAX) return violation(tooManyAncestors(tx, ancestorCount));
  if (vsize > TRUC_CHILD_VSIZE_MAX) return violation(childTooBig(tx, vsize));
  return checkOnlyChild(parent, family, isReplaced);
}

function violation<Entry extends TrucEntry>(
  { rule, ...detail }: Breach,
  sibling: Entry | null = null,
): TrucViolation<Entry> {
  return { reject: rejectPolicy('mempool-policy', 'TRUC-violation', rule, detail), sibling };
}

/**
 * A parent has one child. Another one may be there if it is to be replaced, or may be evicted in favour of the new one; not if
 * it has a family itself, which after a reorganisation can be.
 */
function checkOnlyChild<Entry extends TrucEntry>(
  parent: Entry,
  family: TrucFamily<Entry>,
  isReplaced: (entry: Entry) => boolean,
): TrucViolation<Entry> | null {
  const count = family.descendantCount(parent);
  if (count + 1 <= TRUC_DESCENDANT_COUNT_MAX) return null;
  const descendants = [...family.descendants(parent)];
  if (descendants.some(isReplaced)) return null;
  const lone = count === 2 ? descendants[0]! : null;
  const sibling = lone !== null && family.ancestorCount(lone) === 2 ? lone : null;
  return violation(tooManyDescendants(parent.transaction, count + 1), sibling);
}

/** Versions 3 and others do not mix in a family. */
function findMixedVersions(tx: Transaction, parents: readonly TrucEntry[]): Breach | null {
  for (const { transaction: parent } of parents) {
    const breach = findMixedPair(tx, parent);
    if (breach !== null) return breach;
  }
  return null;
}

function findMixedPair(child: Transaction, parent: Transaction): Breach | null {
  const isTruc = child.version === TRUC_VERSION;
  if (isTruc === (parent.version === TRUC_VERSION)) return null;
  return isTruc
    ? {
        rule: 'truc-parent-version',
        debug: `version=3 tx ${named(child)} cannot spend from non-version=3 tx ${named(parent)}`,
        actual: parent.version,
        expected: TRUC_VERSION,
      }
    : {
        rule: 'truc-child-version',
        debug: `non-version=3 tx ${named(child)} cannot spend from version=3 tx ${named(parent)}`,
        actual: child.version,
        expected: TRUC_VERSION,
      };
}

function tooBig(tx: Transaction, vsize: number): Breach {
  return {
    rule: 'truc-size',
    debug: `version=3 tx ${named(tx)} is too big: ${vsize} > ${TRUC_VSIZE_MAX} virtual bytes`,
    actual: vsize,
    expected: TRUC_VSIZE_MAX,
  };
}

function childTooBig(tx: Transaction, vsize: number): Breach {
  return {
    rule: 'truc-child-size',
    debug: `version=3 child tx ${named(tx)} is too big: ${vsize} > ${TRUC_CHILD_VSIZE_MAX} virtual bytes`,
    actual: vsize,
    expected: TRUC_CHILD_VSIZE_MAX,
  };
}

function tooManyAncestors(tx: Transaction, count: number): Breach {
  return {
    rule: 'truc-ancestors',
    debug: `tx ${named(tx)} would have too many ancestors`,
    actual: count,
    expected: TRUC_ANCESTOR_COUNT_MAX,
  };
}

function tooManyDescendants(parent: Transaction, count: number): Breach {
  return {
    rule: 'truc-descendants',
    debug: `tx ${named(parent)} would exceed descendant count limit`,
    actual: count,
    expected: TRUC_DESCENDANT_COUNT_MAX,
  };
}

/**
 * Checks a transaction of a well-formed package, of whatever version; null when it keeps the rules (Core PackageTRUCChecks).
 * Every transaction of the package is to be checked: a breach may show at another one than the last.
 */
export function checkPackageTruc<Entry extends TrucEntry>(
  transactions: readonly Transaction[],
  txIndex: number,
  candidate: TrucCandidate<Entry>,
  family: TrucFamily<Entry>,
): PackageReject | null {
  const { transaction: tx, parents } = candidate;
  const packageParents = transactions.slice(0, txIndex).filter((other) => spendsFrom(tx, other));
  const breach =
    tx.version === TRUC_VERSION
      ? findTrucBreach(transactions, candidate, packageParents, family)
      : (findMixedVersions(tx, parents) ?? findMixedParents(tx, packageParents));
  if (breach === null) return null;
  const { rule, ...detail } = breach;
  return rejectPackage('package-policy', 'TRUC-violation', rule, { ...detail, txIndex });
}

function findMixedParents(tx: Transaction, parents: readonly Transaction[]): Breach | null {
  for (const parent of parents) {
    const breach = findMixedPair(tx, parent);
    if (breach !== null) return breach;
  }
  return null;
}

function findTrucBreach<Entry extends TrucEntry>(
  transactions: readonly Transaction[],
  { transaction: tx, vsize, parents }: TrucCandidate<Entry>,
  packageParents: readonly Transaction[],
  family: TrucFamily<Entry>,
): Breach | null {
  if (vsize > TRUC_VSIZE_MAX) return tooBig(tx, vsize);
  const parentCount = parents.length + packageParents.length;
  if (parentCount + 1 > TRUC_ANCESTOR_COUNT_MAX) return tooManyAncestors(tx, parentCount + 1);
  const entry = parents[0];
  const ancestorCount = entry === undefined ? 0 : family.ancestorCount(entry) + packageParents.length + 1;
  if (ancestorCount > TRUC_ANCESTOR_COUNT_MAX) return tooManyAncestors(tx, ancestorCount);
  const parent = entry?.transaction ?? packageParents[0];
  if (parent === undefined) return null;
  if (vsize > TRUC_CHILD_VSIZE_MAX) return childTooBig(tx, vsize);
  const mixed = findMixedPair(tx, parent);
  if (mixed !== null) return mixed;
  const crowded = findRelative(transactions, tx, parent);
  if (crowded !== null) return crowded;
  const descendantCount = entry === undefined ? 1 : family.descendantCount(entry);
  return descendantCount > 1 ? tooManyDescendants(parent, descendantCount + 1) : null;
}

/** A transaction with a parent has neither a sibling nor a child in its package. */
function findRelative(transactions: readonly Transaction[], tx: Transaction, parent: Transaction): Breach | null {
  for (const other of transactions) {
    if (other === tx) continue;
    // Core asks input by input; which of the two a transaction breaks first decides the sentence
    for (let i = 0; i < other.inputCount; i++) {
      if (inputSpendsFrom(other, i, parent)) return tooManyDescendants(parent, TRUC_DESCENDANT_COUNT_MAX + 1);
      if (inputSpendsFrom(other, i, tx)) return tooManyAncestors(other, TRUC_ANCESTOR_COUNT_MAX + 1);
    }
  }
  return null;
}
