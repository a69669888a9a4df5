// What the memory pool would do to a script. The pool keeps no table of scripts, so its transactions are looked through: outputs that
// pay the script, and the transactions that spend those or the script's coins of the chain. In turns, since a pool may be large.

import { formatHash, type Txid } from '../../kernel/primitives/hashes.ts';
import { encodeOutpoint } from '../../kernel/primitives/outpoint.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import type { UnspentRow } from '../../node/index/address-rows.ts';
import type { MempoolEntry } from '../../node/mempool/entry.ts';
import type { RpcContext } from '../context.ts';
import { Turns } from '../turns.ts';

/** Transactions or coins that are looked at before somebody looks at the clock. */
const LOOKS_PER_CHECK = 256;

/** A transaction of the pool that pays a script or takes from it. */
export interface PendingPayment {
  readonly entry: MempoolEntry;
  receivedSat: number;
  spentSat: number;
}

/** Payments of the pool for a script whose coins of the chain are `unspent`, the last ones that came first. */
export async function findPending(
  context: RpcContext,
  script: Uint8Array,
  unspent: readonly UnspentRow[],
): Promise<readonly PendingPayment[]> {
  if (context.pool === null) return [];
  const search = new PendingSearch(context, script);
  await search.lookThroughPool();
  for (const [i, coin] of unspent.entries()) {
    search.noteSpender(coin.outpoint, coin.valueSat);
    await search.breathe(i);
  }
  return search.list();
}

class PendingSearch {
  readonly #context: RpcContext;
  readonly #script: Uint8Array;
  readonly #turns: Turns;
  readonly #found: Map<string, PendingPayment> = new Map();

  constructor(context: RpcContext, script: Uint8Array) {
    this.#context = context;
    this.#script = script;
    this.#turns = new Turns(context);
  }

  async lookThroughPool(): Promise<void> {
    const entries = [...this.#context.pool!.mempool.entries()];
    for (const [i, entry] of entries.entries()) {
      this.#noteOutputs(entry);
      await this.breathe(i);
    }
  }

  #noteOutputs(entry: MempoolEntry): void {
    const { transaction } = entry;
    for (let j = 0; j < transaction.outputCount; j++) {
      const start = transaction.scriptPubKeyStart(j);
      const { length } = this.#script;
      if (transaction.scriptPubKeyEnd(j) - start !== length) continue;
      if (!equalRange(transaction.bytes, start, this.#script, 0, length)) continue;
      const valueSat = transaction.valueSat(j);
      this.#paymentOf(entry).receivedSat += valueSat;
      this.noteSpender({ txid: transaction.txid, index: j }, valueSat);
    }
  }

  /** Whoever spends a coin of the script in the pool. */
  noteSpender(outpoint: { readonly txid: Txid; readonly index: number }, valueSat: number): void {
    const spender = this.#context.pool!.mempool.spender(encodeOutpoint(outpoint));
    if (spender !== null) this.#paymentOf(spender).spentSat += valueSat;
  }

  #paymentOf(entry: MempoolEntry): PendingPayment {
    const name = formatHash(entry.transaction.txid);
    const found = this.#found.get(name) ?? { entry, receivedSat: 0, spentSat: 0 };
    this.#found.set(name, found);
    return found;
  }

  async breathe(step: number): Promise<void> {
    if (step % LOOKS_PER_CHECK === LOOKS_PER_CHECK - 1 && this.#turns.isDue) await this.#turns.pause();
  }

  list(): readonly PendingPayment[] {
    return [...this.#found.values()].sort((a, b) => b.entry.timeSec - a.entry.timeSec);
  }
}
