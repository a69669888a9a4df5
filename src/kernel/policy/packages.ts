// Packages: transactions that are judged together (Core policy/packages.cpp). These are the checks that need nothing but the
// package: how many, how heavy, each once, parents first, no coin twice; and the one shape that relay takes, a child with its
// parents.

import { sha256 } from '../crypto/sha256.ts';
import { HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { compareBytes, equalBytes, equalRange, joinBytes, reversedBytes } from '../util/bytes.ts';
import { PACKAGE_COUNT_MAX, PACKAGE_WEIGHT_MAX } from './limits.ts';
import { type PackageReject, rejectPackage } from './policy-reject.ts';

/**
 * Checks that a package is well-formed; null when it is (Core IsWellFormedPackage). Comparing all pairs is right for so few.
 */
export function checkPackage(transactions: readonly Transaction[]): PackageReject | null {
  if (transactions.length > PACKAGE_COUNT_MAX) {
    return rejectPackage('package-policy', 'package-too-many-transactions', 'package-count', {
      actual: transactions.length,
      expected: PACKAGE_COUNT_MAX,
    });
  }
  return (
    checkWeight(transactions) ??
    checkDistinct(transactions) ??
    checkSorted(transactions) ??
    checkNoConflict(transactions)
  );
}

/** A lone transaction that is too heavy is told so itself. */
function checkWeight(transactions: readonly Transaction[]): PackageReject | null {
  let weightWu = 0;
  for (const tx of transactions) weightWu += tx.weightWu;
  if (transactions.length <= 1 || weightWu <= PACKAGE_WEIGHT_MAX) return null;
  return rejectPackage('package-policy', 'package-too-large', 'package-weight', {
    actual: weightWu,
    expected: PACKAGE_WEIGHT_MAX,
  });
}

/** By txid, so that two that differ in their witness alone are the same. */
function checkDistinct(transactions: readonly Transaction[]): PackageReject | null {
  for (const [i, tx] of transactions.entries()) {
    for (let k = 0; k < i; k++) {
      if (equalBytes(transactions[k]!.txid, tx.txid)) {
        return rejectPackage('package-policy', 'package-contains-duplicates', 'package-distinct', {
          actual: tx.txid,
          txIndex: i,
        });
      }
    }
  }
  return null;
}

function checkSorted(transactions: readonly Transaction[]): PackageReject | null {
  for (const [i, tx] of transactions.entries()) {
    for (let k = i; k < transactions.length; k++) {
      if (spendsFrom(tx, transactions[k]!)) {
        return rejectPackage('package-policy', 'package-not-sorted', 'package-sorted', {
          actual: tx.txid,
          txIndex: i,
        });
      }
    }
  }
  return null;
}

/** A transaction that spends a coin twice is told so itself; one without inputs can be compared with none. */
function checkNoConflict(transactions: readonly Transaction[]): PackageReject | null {
  const empty = transactions.findIndex((tx) => tx.inputCount === 0);
  const txIndex = empty >= 0 ? empty : findConflict(transactions);
  return txIndex < 0 ? null : rejectPackage('package-policy', 'conflict-in-package', 'package-conflict', { txIndex });
}

/** An input of a package: which transaction, and where its outpoint lies. */
interface PackageInput {
  readonly txIndex: number;
  readonly bytes: Uint8Array;
  readonly at: number;
}

/**
 * Place of a transaction that spends a coin which an earlier one spends, or -1. Inputs are sorted, since a package may have
 * thousands and their outpoints are chosen by strangers.
 */
function findConflict(transactions: readonly Transaction[]): number {
  const inputs: PackageInput[] = [];
  for (const [txIndex, tx] of transactions.entries()) {
    for (let i = 0; i < tx.inputCount; i++) inputs.push({ txIndex, bytes: tx.bytes, at: tx.prevoutStart(i) });
  }
  inputs.sort((a, b) => compareOutpoints(a, b) || a.txIndex - b.txIndex);
  for (let i = 1; i < inputs.length; i++) {
    const [a, b] = [inputs[i - 1]!, inputs[i]!];
    if (a.txIndex !== b.txIndex && compareOutpoints(a, b) === 0) return b.txIndex;
  }
  return -1;
}

/** Lexicographic order of two outpoints. */
function compareOutpoints(a: PackageInput, b: PackageInput): number {
  for (let k = 0; k < OUTPOINT_BYTES; k++) {
    const difference = a.bytes[a.at + k]! - b.bytes[b.at + k]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True when input `i` of `child` names an output of `parent`, whether or not that has so many. */
export function inputSpendsFrom(child: Transaction, i: number, parent: Transaction): boolean {
  return equalRange(child.bytes, child.prevoutStart(i), parent.txid, 0, HASH_BYTES);
}

/** True when any input of `child` names an output of `parent`. */
export function spendsFrom(child: Transaction, parent: Transaction): boolean {
  for (let i = 0; i < child.inputCount; i++) {
    if (inputSpendsFrom(child, i, parent)) return true;
  }
  return false;
}

/** True when all transactions but the last are parents of the last; at least two (Core IsChildWithParents). */
export function isChildWithParents(transactions: readonly Transaction[]): boolean {
  if (transactions.length < 2) return false;
  const parents = transactions.slice(0, -1);
  return parents.every((parent) => spendsFrom(transactions.at(-1)!, parent));
}

/** True when moreover no parent spends from another (Core IsChildWithParentsTree). */
export function isChildWithParentsTree(transactions: readonly Transaction[]): boolean {
  if (!isChildWithParents(transactions)) return false;
  const parents = transactions.slice(0, -1);
  return parents.every((child) => !parents.some((parent) => spendsFrom(child, parent)));
}

/** Checks that a package of more than one is a child with its parents, last the child; null when it is. */
export function checkChildWithParents(transactions: readonly Transaction[]): PackageReject | null {
  if (transactions.length <= 1 || isChildWithParents(transactions)) return null;
  return rejectPackage('package-policy', 'package-not-child-with-parents', 'package-topology');
}

/** Identity of a package in whatever order: SHA-256 of its wtxids, sorted as people read them (Core GetPackageHash). */
export function computePackageHash(transactions: readonly Transaction[]): Uint8Array {
  const sorted = transactions.map((tx) => reversedBytes(tx.wtxid)).sort(compareBytes);
  return sha256(joinBytes(sorted.map(reversedBytes)));
}
