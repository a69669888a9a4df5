// The mempool after a reorganisation (Core MaybeUpdateMempoolForReorg). Transactions of disconnected blocks come back, oldest first,
// whatever they pay; what can no longer be in the next block leaves with all that descends from it. Afterwards the mempool is the one
// that would be built from nothing out of everything that is still valid (M08).

import { COINBASE_MATURITY } from '../../kernel/consensus/limits.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { EMPTY_BYTES, joinBytes } from '../../kernel/util/bytes.ts';
import type { AcceptChain } from './accept-chain.ts';
import { areLockPointsOver, areLockPointsValid, computeLockPoints, isFinalAtTip } from './accept-locks.ts';
import { acceptSingle, limitMempool } from './accept-single.ts';
import { type AcceptContext, singleArgs } from './accept-workspace.ts';
import type { MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';

/** Most outpoints that are fetched in one go. */
const FETCH_COUNT_MAX = 100_000;

/** What a reorganisation leaves to the mempool. */
export interface ReacceptOptions {
  readonly nowSec: number;
  /** False: nothing comes back, the mempool is only cleaned; Core does so when a reorganisation failed or was deep and ordered. */
  readonly readds: boolean;
}

/**
 * Brings the mempool to the new tip. Before each step that judges, the coins must be fetched that it is said to need, with no pause
 * between; what the mempool is in the meantime fits no tip.
 *
 * @example
 * await fetchAll(() => reacceptance.unknownFor(transactions));
 * reacceptance.add(transactions); // and so on with further ones
 * await fetchAll(() => reacceptance.unknownAtEnd());
 * const returned = reacceptance.finish();
 */
export class Reacceptance {
  readonly #context: AcceptContext;
  readonly #options: ReacceptOptions;
  readonly #returned: MempoolEntry[] = [];

  constructor(context: AcceptContext, options: ReacceptOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Outpoints, 36 bytes each, whose coins must be fetched before {@link add}; to be asked for again until there are none. */
  unknownFor(transactions: readonly Transaction[]): Uint8Array {
    return this.#options.readds ? findUnknown(this.#context, transactions) : EMPTY_BYTES;
  }

  /** Offers transactions of the disconnected blocks that no connected block contains, in the order of the chain, coinbases included. */
  add(transactions: readonly Transaction[]): void {
    const { mempool } = this.#context;
    const args = singleArgs({ nowSec: this.#options.nowSec, bypassesLimits: true });
    for (const tx of transactions) {
      const result = this.#options.readds && !tx.isCoinbase ? acceptSingle(this.#context, args, tx) : null;
      if (result?.outcome === 'accepted') this.#returned.push(result.entry!);
      else mempool.removeTransaction(tx, 'reorg');
    }
  }

  /** The same for {@link finish}. */
  unknownAtEnd(): Uint8Array {
    const { mempool, chain } = this.#context;
    return findUnknown(
      this.#context,
      transactionsOf(mempool, (entry) => mustGather(entry, chain)),
    );
  }

  /** Removes what is no longer valid, and limits the mempool. Returns the entries that came back and are still there. */
  finish(): MempoolEntry[] {
    const { mempool } = this.#context;
    mempool.linkChildren(this.#returned);
    mempool.removeForReorg((entry) => !isStillValid(this.#context, entry));
    limitMempool(this.#context, this.#options.nowSec);
    return this.#returned.filter((entry) => mempool.contains(entry));
  }
}

/** True when the next block may contain the entry. Counts its relative locks anew where what was counted says nothing any more. */
function isStillValid(context: AcceptContext, entry: MempoolEntry): boolean {
  const { mempool, chain } = context;
  const { transaction: tx } = entry;
  if (!isFinalAtTip(tx, chain)) return false;
  const isStale = hasStaleLocks(entry, chain);
  if (!isStale && !entry.spendsCoinbase) return true;
  const coins = gatherAll(context, tx);
  if (isStale) {
    const recounted = computeLockPoints(tx, coins, chain);
    if (!areLockPointsOver(recounted, chain)) return false;
    mempool.setLockPoints(entry, recounted);
  }
  return !entry.spendsCoinbase || isMature(coins, chain.height);
}

/**
 * True when the locks rest on a block that left; or when they hold, which may be an error: a lock of zero on a coin of the mempool
 * was counted from the block after the tip of then, and holds when the chain is shorter now. (Core does not ask again, and lets such
 * an entry go.)
 */
function hasStaleLocks({ lockPoints }: MempoolEntry, chain: AcceptChain): boolean {
  return !areLockPointsValid(lockPoints, chain) || !areLockPointsOver(lockPoints, chain);
}

function gatherAll({ coins }: AcceptContext, tx: Transaction): SpentCoins {
  const gathered = new SpentCoins(tx.inputCount);
  assert(coins.gather(tx, gathered) < 0, 'mempool: every entry has its coins');
  return gathered;
}

function isMature(coins: SpentCoins, tipHeight: number): boolean {
  for (let i = 0; i < coins.count; i++) {
    if (coins.isCoinbase(i) && tipHeight + 1 - coins.height(i) < COINBASE_MATURITY) return false;
  }
  return true;
}

/** True when the coins of an entry will be asked for. */
function mustGather(entry: MempoolEntry, chain: AcceptChain): boolean {
  return entry.spendsCoinbase || hasStaleLocks(entry, chain);
}

function* transactionsOf(mempool: Mempool, isWanted: (entry: MempoolEntry) => boolean): Generator<Transaction> {
  for (const entry of mempool.entries()) {
    if (isWanted(entry)) yield entry.transaction;
  }
}

/** Outpoints of coins that are not known, of as many transactions as may be fetched in one go. */
function findUnknown({ coins }: AcceptContext, transactions: Iterable<Transaction>): Uint8Array {
  const wanted: Uint8Array[] = [];
  let left = FETCH_COUNT_MAX;
  for (const tx of transactions) {
    if (tx.isCoinbase) continue;
    const unknown = coins.unknownOutpoints(tx, left, () => true);
    if (unknown.length === 0) continue;
    wanted.push(unknown);
    left -= unknown.length / OUTPOINT_BYTES;
    if (left <= 0) break;
  }
  return joinBytes(wanted);
}
