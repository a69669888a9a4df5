// Verdicts of the memory pool on transactions as answers show them (Core rpc/mempool.cpp: testmempoolaccept, submitpackage).

import { formatReject } from '../../kernel/consensus/reject.ts';
import { computeFeerate, computeFeeSat } from '../../kernel/policy/feerate.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { AcceptedTransaction, AcceptResult, PackageResult } from '../../node/mempool/accept-result.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

const FEE_FIELDS: readonly ResultSpec[] = [
  field('base', 'amount', 'The fee in BTC'),
  maybe('effective-feerate', 'amount', 'The rate that counted, in BTC/kvB: of this transaction or of several together'),
  maybe('effective-includes', 'array', 'Whose fees and sizes make up that rate', {
    inner: [result('hex', 'A wtxid')],
  }),
];

/** The fields of a tried transaction. */
export const TEST_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('txid', 'hex', 'The transaction id'),
  field('wtxid', 'hex', 'The id with the witness'),
  maybe('package-error', 'string', 'What is wrong with the transactions together'),
  maybe('allowed', 'boolean', 'Whether it would be taken; absent when it was not judged to the end'),
  maybe('vsize', 'number', 'Its virtual size, if it would be taken'),
  maybe('fees', 'object', 'Its fees, if it would be taken', { inner: FEE_FIELDS }),
  maybe('reject-reason', 'string', 'Why not'),
  maybe('reject-details', 'string', 'Why not, with everything that is known'),
]);

/** The fields of a transaction of a package that was handed in. */
export const PACKAGE_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('txid', 'hex', 'The transaction id'),
  maybe('other-wtxid', 'hex', 'Another one with the same txid, which was in the pool before; this one was ignored'),
  maybe('vsize', 'number', 'Its virtual size'),
  maybe('fees', 'object', 'Its fees', { inner: FEE_FIELDS }),
  maybe('error', 'string', 'Why it was refused, or package-not-validated'),
]);

function formatFees({ feeSat, feerate, wtxids }: AcceptedTransaction): JsonRecord {
  return {
    base: valueFromAmount(feeSat),
    'effective-feerate': valueFromAmount(computeFeerate(feerate.feeSat, feerate.size)),
    'effective-includes': wtxids.map(formatHash),
  };
}

/** True when the fee is more than a rate allows; a rate of 0 allows any. */
export function exceedsFeerate(feeSat: number, vsize: number, feerateMax: number): boolean {
  const feeMaxSat = computeFeeSat(feerateMax, vsize);
  return feeMaxSat > 0 && feeSat > feeMaxSat;
}

/** Tried transactions. When one pays too much, those behind it are not told of: they may need it. */
export function formatTests(
  transactions: readonly Transaction[],
  { reject, results }: PackageResult,
  feerateMax: number,
): readonly JsonRecord[] {
  let isOver = false;
  return transactions.map((transaction, i) => {
    const verdict = isOver ? null : results[i]!;
    if (verdict?.outcome === 'accepted') isOver = exceedsFeerate(verdict.feeSat, verdict.vsize, feerateMax);
    return {
      txid: formatHash(transaction.txid),
      wtxid: formatHash(transaction.wtxid),
      'package-error': reject?.kind === 'package-policy' ? formatReject(reject) : undefined,
      ...(verdict === null ? {} : formatTest(verdict, isOver)),
    };
  });
}

function formatTest(verdict: AcceptResult, paysTooMuch: boolean): JsonRecord {
  if (paysTooMuch) return { allowed: false, 'reject-reason': 'max-fee-exceeded' };
  if (verdict.outcome === 'accepted') return { allowed: true, vsize: verdict.vsize, fees: formatFees(verdict) };
  if (verdict.outcome !== 'rejected') return {};
  const { reject } = verdict;
  if (reject.kind === 'missing-inputs') return { allowed: false, 'reject-reason': 'missing-inputs' };
  return { allowed: false, 'reject-reason': reject.reason, 'reject-details': formatReject(reject) };
}

/** The verdict on a transaction of a package; null: it was not judged. */
export function formatPackageMember({ txid }: Transaction, verdict: AcceptResult | null): JsonRecord {
  const head = { txid: formatHash(txid) };
  if (verdict === null) return { ...head, error: 'package-not-validated' };
  switch (verdict.outcome) {
    case 'different-witness':
      return { ...head, 'other-wtxid': formatHash(verdict.otherWtxid) };
    case 'rejected':
      return { ...head, error: formatReject(verdict.reject) };
    case 'already':
      return { ...head, vsize: verdict.vsize, fees: { base: valueFromAmount(verdict.feeSat) } };
    case 'accepted':
      return { ...head, vsize: verdict.vsize, fees: formatFees(verdict) };
  }
}
