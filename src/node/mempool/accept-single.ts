// Acceptance of one transaction, in its two halves (Core AcceptSingleTransactionInternal): everything before the scripts, which is
// cheap and depends on the mempool and the tip, and the end after them, which changes the mempool. The scripts between depend on the
// transaction and its coins alone, so that they may be verified in pieces with pauses between.

import { checkEphemeralSpends, type UnspentDust } from '../../kernel/policy/ephemeral.ts';
import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { checkMaximumFeerate } from '../../kernel/policy/minimum-fee.ts';
import { type MempoolReject, type PolicyReject, rejectPolicy } from '../../kernel/policy/policy-reject.ts';
import { checkReplacementIndependent } from '../../kernel/policy/rbf.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import {
  type AcceptedTransaction,
  type JudgedFeerate,
  type RejectedTransaction,
  rejected,
  type SingleResult,
} from './accept-result.ts';
import { checkScripts, countScriptSteps } from './accept-scripts.ts';
import { preCheck } from './accept-stages.ts';
import { type AcceptArgs, type AcceptContext, Subpackage, Workspace } from './accept-workspace.ts';
import type { MempoolEntry } from './entry.ts';
import { compareTxids } from './mempool-family.ts';
import { checkReplacement } from './replacement.ts';

/** Judges one transaction to its end. A coin that is not known counts as missing. */
export function acceptSingle(context: AcceptContext, args: AcceptArgs, tx: Transaction): SingleResult {
  const ws = new Workspace(tx);
  const group = new Subpackage(context.mempool);
  try {
    const refused = checkBeforeScripts(context, args, ws, group);
    if (refused !== null) return refused;
    const reject = checkScripts(context, ws, 0, countScriptSteps(ws));
    return reject === null ? finish(context, args, ws, group) : rejectSingle(context, ws, reject);
  } finally {
    group.end();
  }
}

/** Judges everything before the scripts; null: they are next, and the change is staged. */
export function checkBeforeScripts(
  context: AcceptContext,
  args: AcceptArgs,
  ws: Workspace,
  group: Subpackage,
): RejectedTransaction | null {
  const reject =
    preCheck(context, args, ws, group) ??
    (group.isReplacement ? checkReplacement(context, ws, group) : null) ??
    checkClusterLimits(group) ??
    checkIndependence(ws, group) ??
    checkClientFeerate(args, ws) ??
    checkDustSpends(context, args, ws);
  return reject === null ? null : rejectSingle(context, ws, reject);
}

/** The result for a refused transaction, with what its kind asks for. */
export function rejectSingle(context: AcceptContext, ws: Workspace, reject: MempoolReject): RejectedTransaction {
  if (reject.kind === 'reconsiderable') return rejected(reject, judgeAlone(ws));
  if (reject.kind !== 'missing-inputs') return rejected(reject);
  return rejected(reject, null, context.coins.missingParents(ws.transaction, reject.inputIndex ?? 0));
}

/** The feerate of a transaction by itself. */
export function judgeAlone(ws: Workspace): JudgedFeerate {
  return { feerate: feerateOf(ws), wtxids: [ws.transaction.wtxid] };
}

function feerateOf(ws: Workspace): FeeFrac {
  return { feeSat: ws.modifiedFeeSat, size: ws.vsize };
}

function checkClusterLimits(group: Subpackage): PolicyReject | null {
  return group.changeSet.fitsLimits() ? null : rejectPolicy('mempool-policy', 'too-large-cluster', 'cluster-limits');
}

/** Waits until the size of the cluster is known to be bounded, since it visits all ancestors. */
function checkIndependence(ws: Workspace, group: Subpackage): PolicyReject | null {
  const { conflicts, entry, transaction } = ws;
  if (conflicts.size === 0) return null;
  const ancestors = group.changeSet.ancestors(entry!).sort(compareTxids);
  const replaced = ancestors.filter((ancestor) => conflicts.has(ancestor)).map((ancestor) => ancestor.transaction.txid);
  return checkReplacementIndependent(transaction.txid, replaced, () => true);
}

/** Protects a sender from a fee that nobody means. */
export function checkClientFeerate(args: AcceptArgs, ws: Workspace): PolicyReject | null {
  if (args.clientFeerateMax === null) return null;
  return checkMaximumFeerate(feerateOf(ws), args.clientFeerateMax);
}

function checkDustSpends(context: AcceptContext, args: AcceptArgs, ws: Workspace): PolicyReject | null {
  if (args.bypassesLimits || ws.parents.length === 0) return null;
  return findUnspentDust(context, [ws.transaction])?.reject ?? null;
}

/** A transaction that leaves dust of its unconfirmed parents unspent, or null. */
export function findUnspentDust(context: AcceptContext, transactions: readonly Transaction[]): UnspentDust | null {
  const { policy, mempool } = context;
  if (!policy.requiresStandard) return null;
  return checkEphemeralSpends(
    transactions,
    policy.dustFeerate,
    (bytes, at) => mempool.get(bytes, at)?.transaction ?? null,
  );
}

/** What happens after the scripts: the transaction enters, and the mempool is held to its size. */
export function finish(context: AcceptContext, args: AcceptArgs, ws: Workspace, group: Subpackage): SingleResult {
  if (args.isTest) return acceptedResult(ws, null, [], judgeAlone(ws));
  const { changeSet } = group;
  const replaced = changeSet.removals;
  changeSet.apply();
  const entry = ws.entry!;
  if (!args.isPackageSubmission && !args.bypassesLimits) {
    limitMempool(context, args.nowSec);
    if (!context.mempool.contains(entry)) {
      return rejectSingle(context, ws, rejectPolicy('reconsiderable', 'mempool full', 'mempool-full'));
    }
  }
  tellAdded(context, args, ws, entry);
  return acceptedResult(ws, entry, replaced, judgeAlone(ws));
}

/** Lets go what waited too long, and what pays least when the mempool is too large (Core LimitMempoolSize). */
export function limitMempool({ mempool, onFreed }: AcceptContext, nowSec: number): void {
  mempool.expire(nowSec);
  const freed = mempool.trimToSize();
  if (freed.length > 0) onFreed?.(freed);
}

/** Tells the listeners of the mempool. */
export function tellAdded(context: AcceptContext, args: AcceptArgs, ws: Workspace, entry: MempoolEntry): void {
  context.mempool.tellAdded(entry, {
    bypassedLimits: args.bypassesLimits,
    isInPackage: args.isPackageSubmission,
    isChainCurrent: context.chain.isCurrent(args.nowSec),
    hasMempoolParents: ws.parents.length > 0,
  });
}

/** The result for an accepted transaction. */
export function acceptedResult(
  ws: Workspace,
  entry: MempoolEntry | null,
  replaced: readonly MempoolEntry[],
  judged: JudgedFeerate,
): AcceptedTransaction {
  const { vsize, feeSat } = ws;
  return { outcome: 'accepted', entry, vsize, feeSat, replaced, feerate: judged.feerate, wtxids: judged.wtxids };
}
