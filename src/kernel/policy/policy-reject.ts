// Verdicts of policy on transactions and packages, built like those of consensus/reject.ts: Core's kind, Core's reason, Core's
// debug sentence where it has one, and the id of the rule in policy-rules.ts with the values that broke it.

import type { RejectDetail, TxReject, TxRejectKind } from '../consensus/reject.ts';
import type { PolicyRuleId } from './policy-rules.ts';

/**
 * Core's TxValidationResult, as in consensus: a replacement that spends what it replaces contradicts itself and is `consensus`.
 */
export type PolicyRejectKind = TxRejectKind;

/** Core's reason strings for transactions that policy refuses. */
export type PolicyRejectReason =
  | 'version'
  | 'tx-size'
  | 'tx-size-small'
  | 'scriptsig-size'
  | 'scriptsig-not-pushonly'
  | 'scriptpubkey'
  | 'datacarrier'
  | 'bare-multisig'
  | 'dust'
  | 'bad-txns-nonstandard-inputs'
  | 'bad-witness-nonstandard'
  | 'bad-txns-too-many-sigops'
  | `mempool-script-verify-flag-failed (${string})`
  | 'txn-already-in-mempool'
  | 'txn-same-nonwitness-data-in-mempool'
  | 'txn-already-known'
  | 'no-mempool'
  | 'mempool full'
  | 'mempool min fee not met'
  | 'min relay fee not met'
  | 'max feerate exceeded'
  | 'too-large-cluster'
  | 'bip125-replacement-disallowed'
  | `too many potential replacements${SiblingEvictionNote}`
  | `insufficient fee${SiblingEvictionNote}`
  | 'replacement-failed'
  | 'bad-txns-spends-conflicting-tx'
  | 'TRUC-violation'
  | 'missing-ephemeral-spends';

/** What Core appends to a reason when one of the replaced transactions is a sibling that TRUC would evict. */
export type SiblingEvictionNote = '' | ' (including sibling eviction)';

/** A transaction that policy refuses. */
export interface PolicyReject extends RejectDetail {
  readonly kind: PolicyRejectKind;
  readonly reason: PolicyRejectReason;
  readonly rule: PolicyRuleId;
}

/** Why the mempool refuses a transaction: it breaks the ledger's rules, or policy. */
export type MempoolReject = TxReject | PolicyReject;

/** Core's PackageValidationResult: the package itself is against policy, or one of its transactions was refused. */
export type PackageRejectKind = 'package-policy' | 'package-tx';

/** Core's reason strings for packages. */
export type PackageRejectReason =
  | 'package-too-many-transactions'
  | 'package-too-large'
  | 'package-contains-duplicates'
  | 'package-not-sorted'
  | 'conflict-in-package'
  | 'package-not-child-with-parents'
  | 'transaction failed'
  | 'unspent-dust'
  | 'TRUC-violation'
  | 'too-large-cluster'
  | 'package RBF failed: package must be 1-parent-1-child'
  | 'package RBF failed: new transaction cannot have mempool ancestors'
  | 'package RBF failed: too many potential replacements'
  | 'package RBF failed: insufficient anti-DoS fees'
  | 'package RBF failed: package feerate is less than or equal to parent feerate'
  | 'package RBF failed: insufficient feerate: does not improve feerate diagram';

/** A refused package. `txIndex` is the place in the package of the transaction that the verdict is about. */
export interface PackageReject extends RejectDetail {
  readonly kind: PackageRejectKind;
  readonly reason: PackageRejectReason;
  readonly rule: PolicyRuleId;
}

const NO_DETAIL: RejectDetail = {};

/** A refusal of a transaction by policy; called on failure only, so the good path allocates nothing. */
export function rejectPolicy(
  kind: PolicyRejectKind,
  reason: PolicyRejectReason,
  rule: PolicyRuleId,
  detail: RejectDetail = NO_DETAIL,
): PolicyReject {
  return { kind, reason, rule, ...detail };
}

/** A refusal of a package; called on failure only. */
export function rejectPackage(
  kind: PackageRejectKind,
  reason: PackageRejectReason,
  rule: PolicyRuleId,
  detail: RejectDetail = NO_DETAIL,
): PackageReject {
  return { kind, reason, rule, ...detail };
}
