// Acceptance of a package (Core AcceptPackage, AcceptSubPackage): one transaction, or a child with some of its parents. What is good by
// itself enters by itself, so that nothing is worse off for having come in a package; only what fails for its fee, or because such a
// parent is missing, is judged together. What the mempool has already is no failure.

import { checkChildWithParents, checkPackage } from '../../kernel/policy/packages.ts';
import { type PackageReject, rejectPackage, rejectPolicy } from '../../kernel/policy/policy-reject.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { type AcceptResult, type PackageResult, rejected } from './accept-result.ts';
import { acceptSingle, limitMempool } from './accept-single.ts';
import type { AcceptArgs, AcceptContext } from './accept-workspace.ts';
import { judgePackage } from './package-judge.ts';

const FAILED: PackageReject = rejectPackage('package-tx', 'transaction failed', 'package-transactions');

/** A package of which some transactions may be judged together. */
interface Sorting {
  /** Results that stand unless the mempool lets the transaction go again. */
  readonly results: (AcceptResult | null)[];
  /** Places of transactions that may pass together with others. */
  readonly together: number[];
  /** Some transaction fails, whatever the others do. */
  hasFailed: boolean;
}

/** Judges a package and adds what is good of it. */
export function acceptPackage(
  context: AcceptContext,
  args: AcceptArgs,
  transactions: readonly Transaction[],
): PackageResult {
  assert(transactions.length > 0, 'package: at least one transaction');
  const malformed = checkPackage(transactions) ?? checkChildWithParents(transactions);
  if (malformed !== null) return { reject: malformed, results: transactions.map(() => null) };
  const sorting: Sorting = { results: transactions.map(() => null), together: [], hasFailed: false };
  for (const i of transactions.keys()) acceptAlone(context, args, transactions, i, sorting);
  const reject = sorting.hasFailed ? FAILED : acceptTogether(context, args, transactions, sorting);
  limitMempool(context, args.nowSec);
  const hasLost = replaceEvicted(context, transactions, sorting.results);
  return { reject: hasLost ? FAILED : reject, results: sorting.results };
}

/** Takes a transaction by itself, or notes that it may pass with others. */
function acceptAlone(
  context: AcceptContext,
  args: AcceptArgs,
  transactions: readonly Transaction[],
  i: number,
  sorting: Sorting,
): void {
  const tx = transactions[i]!;
  const known = findKnown(context, tx);
  const result = known ?? acceptSingle(context, singleInPackageArgs(args), tx);
  sorting.results[i] = result;
  if (result.outcome !== 'rejected') return;
  const { kind } = result.reject;
  const mayPassTogether = kind === 'reconsiderable' || kind === 'missing-inputs';
  if (transactions.length > 1 && mayPassTogether) sorting.together.push(i);
  else sorting.hasFailed = true;
}

/** The result for a transaction that the mempool has, perhaps with another witness. */
function findKnown({ mempool }: AcceptContext, tx: Transaction): AcceptResult | null {
  const entry = mempool.get(tx.txid);
  if (entry === null) return null;
  const same = mempool.getByWtxid(tx.wtxid);
  if (same === null) return { outcome: 'different-witness', otherWtxid: entry.transaction.wtxid };
  return { outcome: 'already', entry, vsize: entry.vsize, feeSat: entry.feeSat };
}

/** How one transaction of a package is judged by itself (Core SingleInPackageAccept). */
function singleInPackageArgs(args: AcceptArgs): AcceptArgs {
  return {
    ...args,
    allowsReplacement: true,
    allowsSiblingEviction: true,
    isPackageSubmission: true,
    usesPackageFeerate: false,
  };
}

/** Judges what did not pass by itself; a single one is judged again by itself, since a parent may have entered meanwhile. */
function acceptTogether(
  context: AcceptContext,
  args: AcceptArgs,
  transactions: readonly Transaction[],
  { results, together }: Sorting,
): PackageReject | null {
  if (together.length === 0) return null;
  const subpackage = together.map((i) => transactions[i]!);
  const judged = judgeSubpackage(context, args, subpackage);
  for (const [k, result] of judged.results.entries()) {
    if (result !== null) results[together[k]!] = result;
  }
  return judged.reject;
}

function judgeSubpackage(context: AcceptContext, args: AcceptArgs, subpackage: readonly Transaction[]): PackageResult {
  if (subpackage.length > 1) return judgePackage(context, args, subpackage);
  const result = acceptSingle(context, singleInPackageArgs(args), subpackage[0]!);
  return { reject: result.outcome === 'accepted' ? null : FAILED, results: [result] };
}

/** Corrects the results of transactions that were good and had to leave again; true when there are some. */
function replaceEvicted(
  { mempool }: AcceptContext,
  transactions: readonly Transaction[],
  results: (AcceptResult | null)[],
): boolean {
  let hasLost = false;
  for (const [i, tx] of transactions.entries()) {
    const result = results[i]!;
    if (result === null || result.outcome === 'rejected' || mempool.has(tx.txid)) continue;
    results[i] = rejected(rejectPolicy('mempool-policy', 'mempool full', 'mempool-full'));
    hasLost = true;
  }
  return hasLost;
}
