// Acceptance of several transactions as one (Core AcceptMultipleTransactionsInternal): either all of them enter or none. Parents come
// before children, and their outputs can be spent although they are nowhere yet. Fees may be compared for all together, so that a
// child pays for its parents; whether that is fair is the business of the caller, who decides which transactions go together.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { checkPackage } from '../../kernel/policy/packages.ts';
import { type PackageReject, rejectPackage } from '../../kernel/policy/policy-reject.ts';
import { checkPackageTruc } from '../../kernel/policy/truc.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { type AcceptResult, type JudgedFeerate, type PackageResult, rejected } from './accept-result.ts';
import { checkScripts, countScriptSteps } from './accept-scripts.ts';
import {
  acceptedResult,
  checkClientFeerate,
  findUnspentDust,
  judgeAlone,
  rejectSingle,
  tellAdded,
} from './accept-single.ts';
import { checkFeerate, preCheck, trucFamilyOf } from './accept-stages.ts';
import { type AcceptArgs, type AcceptContext, Subpackage, sumFeerates, Workspace } from './accept-workspace.ts';
import type { MempoolEntry } from './entry.ts';
import { checkPackageReplacement } from './replacement.ts';

/** Transactions that are judged together, and what is known of them so far. */
interface PackageCase {
  readonly context: AcceptContext;
  readonly args: AcceptArgs;
  readonly transactions: readonly Transaction[];
  readonly workspaces: readonly Workspace[];
  readonly group: Subpackage;
  readonly results: (AcceptResult | null)[];
}

/** Judges transactions together and, if all are good, adds them. None of them may be in the mempool. */
export function judgePackage(
  context: AcceptContext,
  args: AcceptArgs,
  transactions: readonly Transaction[],
): PackageResult {
  const results: (AcceptResult | null)[] = transactions.map(() => null);
  const malformed = checkPackage(transactions);
  if (malformed !== null) return { reject: malformed, results };
  const workspaces = transactions.map((tx) => new Workspace(tx));
  const group = new Subpackage(context.mempool);
  const aCase: PackageCase = { context, args, transactions, workspaces, group, results };
  try {
    return { reject: judge(aCase), results };
  } finally {
    group.end();
    context.coins.clearPackage();
  }
}

function judge(aCase: PackageCase): PackageReject | null {
  const { args, group } = aCase;
  const refused = preCheckAll(aCase) ?? checkTrucAll(aCase);
  if (refused !== null) return refused;
  const total = sumFeerates(aCase.workspaces);
  const reject =
    (args.usesPackageFeerate ? checkTotalFeerate(aCase, total) : null) ??
    (group.isReplacement ? checkPackageReplacement(aCase.context, aCase.workspaces, group, total) : null) ??
    checkLimits(group) ??
    checkDust(aCase) ??
    checkAllScripts(aCase);
  if (reject !== null) return reject;
  const replaced = args.isTest ? [] : submit(aCase);
  report(aCase, total, replaced);
  return null;
}

function failAt(txIndex: number): PackageReject {
  return rejectPackage('package-tx', 'transaction failed', 'package-transactions', { txIndex });
}

function preCheckAll(aCase: PackageCase): PackageReject | null {
  const { context, args, workspaces, group, results } = aCase;
  for (const [i, ws] of workspaces.entries()) {
    const reject = preCheck(context, args, ws, group) ?? checkClientFeerate(args, ws);
    if (reject !== null) {
      const { missingParents } = rejectSingle(context, ws, reject);
      results[i] = rejected(reject, null, missingParents);
      return failAt(i);
    }
    context.coins.addPackageTransaction(ws.transaction);
  }
  return null;
}

function checkTrucAll({ context, transactions, workspaces }: PackageCase): PackageReject | null {
  for (const [i, ws] of workspaces.entries()) {
    const reject = checkPackageTruc(transactions, i, ws, trucFamilyOf(context.mempool));
    if (reject !== null) return reject;
  }
  return null;
}

/** The fees of all against the size of all; the last transaction, which is to pay for the others, gets the blame. */
function checkTotalFeerate({ context, args, workspaces, results }: PackageCase, total: FeeFrac): PackageReject | null {
  const reject = checkFeerate(context, args.nowSec, total);
  if (reject === null) return null;
  const last = workspaces.length - 1;
  results[last] = rejected(reject, { feerate: total, wtxids: wtxidsOf(workspaces) });
  return failAt(last);
}

function wtxidsOf(workspaces: readonly Workspace[]): JudgedFeerate['wtxids'] {
  return workspaces.map(({ transaction }) => transaction.wtxid);
}

function checkLimits(group: Subpackage): PackageReject | null {
  return group.changeSet.fitsLimits() ? null : rejectPackage('package-policy', 'too-large-cluster', 'cluster-limits');
}

function checkDust({ context, transactions, results }: PackageCase): PackageReject | null {
  const unspent = findUnspentDust(context, transactions);
  if (unspent === null) return null;
  const { txIndex, reject } = unspent;
  results[txIndex] = rejected(reject);
  return rejectPackage('package-tx', 'unspent-dust', 'package-dust', { txIndex });
}

function checkAllScripts({ context, workspaces, results }: PackageCase): PackageReject | null {
  for (const [i, ws] of workspaces.entries()) {
    const reject = checkScripts(context, ws, 0, countScriptSteps(ws));
    if (reject === null) continue;
    results[i] = rejected(reject);
    return failAt(i);
  }
  return null;
}

function submit({ context, args, workspaces, group }: PackageCase): readonly MempoolEntry[] {
  const replaced = group.changeSet.removals;
  group.changeSet.apply();
  for (const ws of workspaces) tellAdded(context, args, ws, ws.entry!);
  return replaced;
}

/** The results of transactions that are all good. */
function report(aCase: PackageCase, total: FeeFrac, replaced: readonly MempoolEntry[]): void {
  const { args, workspaces, results } = aCase;
  const together = { feerate: total, wtxids: wtxidsOf(workspaces) };
  for (const [i, ws] of workspaces.entries()) {
    const judged = args.usesPackageFeerate ? together : judgeAlone(ws);
    results[i] = acceptedResult(ws, args.isTest ? null : ws.entry, i === 0 ? replaced : [], judged);
  }
}
