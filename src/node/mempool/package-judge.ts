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
    checkAllScripts(aCase, total);
  if (reject !== null) return reject;
  if (!args.isTest) submit(aCase, total);
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

/** Of transactions that are only tried, those before one whose scripts fail keep their good verdicts. */
function checkAllScripts(aCase: PackageCase, total: FeeFrac): PackageReject | null {
  const { context, args, workspaces, results } = aCase;
  for (const [i, ws] of workspaces.entries()) {
    const reject = checkScripts(context, ws, 0, countScriptSteps(ws));
    if (reject !== null) {
      results[i] = rejected(reject);
      return failAt(i);
    }
    if (args.isTest) results[i] = acceptedResult(ws, null, [], judgedOf(aCase, ws, total));
  }
  return null;
}

/** The feerate that a transaction of a package was judged by. */
function judgedOf({ args, workspaces }: PackageCase, ws: Workspace, total: FeeFrac): JudgedFeerate {
  return args.usesPackageFeerate ? { feerate: total, wtxids: wtxidsOf(workspaces) } : judgeAlone(ws);
}

function submit(aCase: PackageCase, total: FeeFrac): void {
  const { context, args, workspaces, group, results } = aCase;
  const replaced = group.changeSet.removals;
  group.changeSet.apply();
  for (const [i, ws] of workspaces.entries()) {
    tellAdded(context, args, ws, ws.entry!);
    results[i] = acceptedResult(ws, ws.entry, i === 0 ? replaced : [], judgedOf(aCase, ws, total));
  }
}
