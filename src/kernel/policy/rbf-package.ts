// Replacement by a package (Core PackageRBFChecks): a parent that pays too little with the child that pays for it may take the
// place of others together. The bounds are those of a single replacement, and the child must pay for its parent, not just for
// the replacement.

import type { Txid } from '../primitives/hashes.ts';
import { compareFeerate, type FeeFrac } from './fee-frac.ts';
import { computeFeerate, formatFeerate } from './feerate.ts';
import { type PackageReject, rejectPackage } from './policy-reject.ts';
import { findClusterBreach, findDiagramBreach, findFeeBreach, type ReplacementOffer } from './rbf.ts';

/** Transactions of a package that may replace: one parent, one child. */
const REPLACING_PACKAGE_COUNT = 2;

/** Checks the shape of a package that replaces: one parent and one child that depend on nothing in the mempool. */
export function checkPackageReplacementShape(
  transactionCount: number,
  mempoolParentCount: number,
): PackageReject | null {
  if (transactionCount !== REPLACING_PACKAGE_COUNT) {
    return rejectPackage(
      'package-policy',
      'package RBF failed: package must be 1-parent-1-child',
      'replacement-package-topology',
      { actual: transactionCount, expected: REPLACING_PACKAGE_COUNT },
    );
  }
  if (mempoolParentCount === 0) return null;
  return rejectPackage(
    'package-policy',
    'package RBF failed: new transaction cannot have mempool ancestors',
    'replacement-package-ancestors',
  );
}

/** Checks how many clusters a package conflicts with; Core's sentence names the child. */
export function checkPackageReplacementClusters(childTxid: Txid, clusterCount: number): PackageReject | null {
  const breach = findClusterBreach(childTxid, clusterCount);
  if (breach === null) return null;
  const { rule, ...detail } = breach;
  return rejectPackage('package-policy', 'package RBF failed: too many potential replacements', rule, detail);
}

/** Checks what a package pays for what it replaces. */
export function checkPackageReplacementFees(offer: ReplacementOffer, incrementalFeerate: number): PackageReject | null {
  const breach = findFeeBreach(offer, incrementalFeerate);
  if (breach === null) return null;
  const { rule, ...detail } = breach;
  return rejectPackage('package-policy', 'package RBF failed: insufficient anti-DoS fees', rule, detail);
}

/** Checks that the package pays a higher rate than its parent alone: fees over virtual bytes. */
export function checkPackageReplacementFeerate(parent: FeeFrac, total: FeeFrac): PackageReject | null {
  if (compareFeerate(total, parent) > 0) return null;
  const totalFeerate = computeFeerate(total.feeSat, total.size);
  const parentFeerate = computeFeerate(parent.feeSat, parent.size);
  return rejectPackage(
    'package-policy',
    'package RBF failed: package feerate is less than or equal to parent feerate',
    'replacement-package-feerate',
    {
      debug: `package feerate ${formatFeerate(totalFeerate)} <= parent feerate is ${formatFeerate(parentFeerate)}`,
      actual: totalFeerate,
      expected: parentFeerate,
    },
  );
}

/** Checks what a package does to the mempool; here Core says why in the reason, and has no debug sentence. */
export function checkPackageReplacementDiagram(
  before: readonly FeeFrac[],
  after: readonly FeeFrac[],
): PackageReject | null {
  const breach = findDiagramBreach(before, after);
  if (breach === null) return null;
  const { rule, debug: _, ...detail } = breach;
  return rejectPackage(
    'package-policy',
    'package RBF failed: insufficient feerate: does not improve feerate diagram',
    rule,
    detail,
  );
}
