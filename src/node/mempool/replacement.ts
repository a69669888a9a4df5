// Replacement: a transaction that spends the same coins as others in the mempool may take their place if that pays (Core
// ReplacementChecks, PackageRBFChecks). Here is what would go and what it is worth; what must hold of that is kernel/policy/rbf.ts.
// What would go are the entries that are conflicted with and all that descend from them, bounded by the clusters that they are in.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import {
  type PackageReject,
  type PolicyReject,
  rejectPackage,
  rejectPolicy,
} from '../../kernel/policy/policy-reject.ts';
import {
  checkReplacementClusters,
  checkReplacementDiagram,
  checkReplacementFees,
  type ReplacementOffer,
} from '../../kernel/policy/rbf.ts';
import {
  checkPackageReplacementClusters,
  checkPackageReplacementDiagram,
  checkPackageReplacementFeerate,
  checkPackageReplacementFees,
  checkPackageReplacementShape,
} from '../../kernel/policy/rbf-package.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { AcceptContext, Subpackage, Workspace } from './accept-workspace.ts';
import type { ChangeDiagrams } from './change-set.ts';
import type { MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';

/** Judges a single transaction as a replacement and stages what it removes; null: it may take the place. */
export function checkReplacement(context: AcceptContext, ws: Workspace, group: Subpackage): PolicyReject | null {
  const { mempool, policy } = context;
  const { conflicts, isSiblingEviction } = ws;
  const { txid } = ws.transaction;
  const crowded = checkReplacementClusters(txid, countClusters(mempool, conflicts), isSiblingEviction);
  if (crowded !== null) return crowded;
  const replaced = collectReplaced(mempool, conflicts);
  const offer: ReplacementOffer = {
    txid,
    originalFeeSat: sumFees(replaced),
    replacementFeeSat: ws.modifiedFeeSat,
    replacementVsize: ws.vsize,
  };
  const underpaid = checkReplacementFees(offer, policy.incrementalFeerate, isSiblingEviction);
  if (underpaid !== null) return underpaid;
  for (const entry of replaced) group.changeSet.stageRemoval(entry);
  const diagrams = group.changeSet.diagrams();
  if (diagrams === null) return rejectPolicy('mempool-policy', 'too-large-cluster', 'cluster-limits');
  return checkReplacementDiagram(diagrams.before, diagrams.after);
}

/**
 * Judges a package as a replacement and stages what it removes; null: it may take the place. `total` are the fees and virtual sizes
 * of all its transactions.
 */
export function checkPackageReplacement(
  { mempool, policy }: AcceptContext,
  workspaces: readonly Workspace[],
  group: Subpackage,
  total: FeeFrac,
): PackageReject | null {
  const mempoolParentCount = workspaces.reduce((count, { parents }) => count + parents.length, 0);
  const misshapen = checkPackageReplacementShape(workspaces.length, mempoolParentCount);
  if (misshapen !== null) return misshapen;
  const [parent, child] = workspaces;
  assert(parent !== undefined && child !== undefined, 'replacement: a parent and a child');
  const { txid } = child.transaction;
  const conflicts = new Set([...parent.conflicts, ...child.conflicts]);
  const crowded = checkPackageReplacementClusters(txid, countClusters(mempool, conflicts));
  if (crowded !== null) return crowded;
  const replaced = collectReplaced(mempool, conflicts);
  for (const entry of replaced) group.changeSet.stageRemoval(entry);
  const offer: ReplacementOffer = {
    txid,
    originalFeeSat: sumFees(replaced),
    replacementFeeSat: total.feeSat,
    replacementVsize: total.size,
  };
  return (
    checkPackageReplacementFees(offer, policy.incrementalFeerate) ??
    checkPackageReplacementFeerate({ feeSat: parent.modifiedFeeSat, size: parent.vsize }, total) ??
    checkPackageDiagrams(group.changeSet.diagrams())
  );
}

function checkPackageDiagrams(diagrams: ChangeDiagrams | null): PackageReject | null {
  if (diagrams === null) return rejectPackage('package-policy', 'too-large-cluster', 'cluster-limits');
  return checkPackageReplacementDiagram(diagrams.before, diagrams.after);
}

/** How many clusters would have to be ordered anew at least (BIP125 rule 5, by clusters since Core 31). */
function countClusters(mempool: Mempool, conflicts: ReadonlySet<MempoolEntry>): number {
  return mempool.graph.countDistinctClusters([...conflicts].map((entry) => entry.ref));
}

/** The entries that are conflicted with and all that descend from them. */
function collectReplaced(mempool: Mempool, conflicts: ReadonlySet<MempoolEntry>): MempoolEntry[] {
  const refs = [...conflicts].map((entry) => entry.ref);
  return mempool.graph.descendantsOfAll(refs, 'main').map((ref) => mempool.entry(ref));
}

function sumFees(entries: readonly MempoolEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.modifiedFeeSat, 0);
}
