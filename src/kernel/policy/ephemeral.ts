// Ephemeral dust (Core policy/ephemeral_policy.cpp): a transaction may have one dust output when it pays no fee, so that nobody
// mines it alone, and when whoever spends from it while it waits spends the dust too. So dust never comes to stay on the
// ledger.

import { readU32 } from '../encoding/numbers.ts';
import { formatHash } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { equalRange } from '../util/bytes.ts';
import { countDustOutputs, isDustOutput } from './dust.ts';
import { type PolicyReject, rejectPolicy } from './policy-reject.ts';

/**
 * Checks that a transaction with dust pays nothing, neither itself nor by what the operator added (Core PreCheckEphemeralTx).
 * Null: it pays nothing, or has no dust.
 */
export function preCheckEphemeral(
  tx: Transaction,
  dustFeerate: number,
  feeSat: number,
  modifiedFeeSat: number,
): PolicyReject | null {
  if ((feeSat === 0 && modifiedFeeSat === 0) || countDustOutputs(tx, dustFeerate) === 0) return null;
  return rejectPolicy('not-standard', 'dust', 'ephemeral-fee', {
    debug: 'tx with dust output must be 0-fee',
    actual: feeSat !== 0 ? feeSat : modifiedFeeSat,
    expected: 0,
  });
}

/** A transaction of a package that leaves dust of its parents unspent. */
export interface UnspentDust {
  /** Its place in the package. */
  readonly txIndex: number;
  readonly reject: PolicyReject;
}

/** Finds a transaction of the mempool by the txid that starts at `at`; null when it is not there. */
export type FindTransaction = (bytes: Uint8Array, at: number) => Transaction | null;

/**
 * Checks that every transaction of a package spends all dust of the parents that it has in the package or in the mempool; null
 * when all do (Core CheckEphemeralSpends). A single transaction is a package of one.
 */
export function checkEphemeralSpends(
  transactions: readonly Transaction[],
  dustFeerate: number,
  findInMempool: FindTransaction,
): UnspentDust | null {
  for (const [txIndex, tx] of transactions.entries()) {
    if (countUnspentDust(transactions, tx, dustFeerate, findInMempool) === 0) continue;
    const [txidHex, wtxidHex] = [formatHash(tx.txid), formatHash(tx.wtxid)];
    const reject = rejectPolicy('mempool-policy', 'missing-ephemeral-spends', 'ephemeral-spent', {
      debug: `tx ${txidHex} (wtxid=${wtxidHex}) did not spend parent's ephemeral dust`,
    });
    return { txIndex, reject };
  }
  return null;
}

/**
 * How many dust outputs of its unconfirmed parents a transaction does not spend. It spends no output twice, so it is enough to
 * count: the dust of every parent when it is first met, less one for every input that spends dust.
 */
function countUnspentDust(
  transactions: readonly Transaction[],
  tx: Transaction,
  dustFeerate: number,
  findInMempool: FindTransaction,
): number {
  const parents = new Set<Transaction>();
  let unspent = 0;
  for (let i = 0; i < tx.inputCount; i++) {
    const at = tx.prevoutStart(i);
    const parent = findInPackage(transactions, tx.bytes, at) ?? findInMempool(tx.bytes, at);
    if (parent === null) continue;
    if (!parents.has(parent)) {
      parents.add(parent);
      unspent += countDustOutputs(parent, dustFeerate);
    }
    const index = readU32(tx.bytes, at + OUTPOINT_BYTES - 4);
    if (index < parent.outputCount && isDustOutput(parent, index, dustFeerate)) unspent--;
  }
  return unspent;
}

/** The transaction of a package whose txid starts at `at`; packages are short. */
function findInPackage(transactions: readonly Transaction[], bytes: Uint8Array, at: number): Transaction | null {
  for (const transaction of transactions) {
    if (equalRange(transaction.txid, 0, bytes, at, transaction.txid.length)) return transaction;
  }
  return null;
}
