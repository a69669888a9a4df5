// The mempool after a reorganisation (Core MaybeUpdateMempoolForReorg). Transactions of disconnected blocks come back, oldest first,
// whatever they pay; what can no longer be in the next block leaves with all that descends from it. Afterwards the mempool is the one
// that would be built from nothing out of everything that is still valid (M08).

import { COINBASE_MATURITY } from '../../kernel/consensus/limits.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { joinBytes } from '../../kernel/util/bytes.ts';
import type { AcceptChain } from './accept-chain.ts';
import { areLockPointsOver, areLockPointsValid, computeLockPoints, isFinalAtTip } from './accept-locks.ts';
import { acceptSingle, limitMempool } from './accept-single.ts';
import { type AcceptContext, singleArgs } from './accept-workspace.ts';
import type { MempoolEntry } from './entry.ts';

/** Most outpoints that are fetched in one go. */
const FETCH_COUNT_MAX = 100_000;

/** What a reorganisation leaves to the mempool. */
export interface ReacceptOptions {
  readonly nowSec: number;
  /** False: nothing comes back, the mempool is only cleaned; Core does so when a reorganisation failed or was deep and ordered. */
  readonly readds: boolean;
}

/**
 * Brings the mempool to the new tip. `transactions` are those of the disconnected blocks that no connected block contains, in the
 * order of the chain, coinbases included. Returns the entries that came back and are still there.
 */
export function reaccept(
  context: AcceptContext,
  transactions: readonly Transaction[],
  options: ReacceptOptions,
): MempoolEntry[] {
  const { mempool } = context;
  const args = singleArgs({ nowSec: options.nowSec, bypassesLimits: true });
  const returned: MempoolEntry[] = [];
  for (const tx of transactions) {
    const result = options.readds && !tx.isCoinbase ? acceptSingle(context, args, tx) : null;
    if (result?.outcome === 'accepted') returned.push(result.entry!);
    else mempool.removeTransaction(tx, 'reorg');
  }
  mempool.linkChildren(returned);
  mempool.removeForReorg((entry) => !isStillValid(context, entry));
  limitMempool(context, options.nowSec);
  return returned.filter((entry) => mempool.contains(entry));
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

/**
 * Outpoints, 36 bytes each, whose coins must be fetched before {@link reaccept}; to be asked for again after every fetch, until
 * there are none.
 */
export function unknownForReaccept(context: AcceptContext, transactions: readonly Transaction[]): Uint8Array {
  const { mempool, chain, coins } = context;
  const wanted: Uint8Array[] = [];
  let left = FETCH_COUNT_MAX;
  const want = (tx: Transaction): void => {
    if (left <= 0 || tx.isCoinbase) return;
    const unknown = coins.unknownOutpoints(tx, left, () => true);
    if (unknown.length === 0) return;
    wanted.push(unknown);
    left -= unknown.length / OUTPOINT_BYTES;
  };
  for (const tx of transactions) want(tx);
  for (const entry of mempool.entries()) {
    if (entry.spendsCoinbase || hasStaleLocks(entry, chain)) want(entry.transaction);
  }
  return joinBytes(wanted);
}
