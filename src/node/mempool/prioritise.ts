// What the operator adds to the fees of transactions, in the pool or not (Core mapDeltas, PrioritiseTransaction). It decides order,
// eviction and acceptance, and nobody is paid by it. It stays until the transaction is in a block, or taken back.

import { asTxid, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { compareBytes } from '../../kernel/util/bytes.ts';
import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { MempoolEntry } from './entry.ts';

/** Most that a fee is changed by, up or down: what a number holds exactly. (Core saturates at 64 bits.) */
export const FEE_DELTA_MAX: number = Number.MAX_SAFE_INTEGER;

/** Bytes that an addition takes at most: key, hash and value, in a table that is five sixteenths full when it has just grown. */
const DELTA_BYTES: number = Math.ceil(((HASH_BYTES + 4 + 8) * 16) / 5);

/** An addition to a fee. */
export interface FeeDelta {
  readonly txid: Txid;
  readonly deltaSat: number;
}

/** An addition to a fee with the transaction that it is for (Core delta_info). */
export interface PrioritisedTransaction extends FeeDelta {
  /** Null when it is not in the pool. */
  readonly entry: MempoolEntry | null;
}

/** Sum that stops at ±2^53 instead of losing exactness. */
export function addSaturating(a: number, b: number): number {
  return Math.max(-FEE_DELTA_MAX, Math.min(FEE_DELTA_MAX, a + b));
}

/** Additions to fees by txid; those of zero are not kept. */
export class FeeDeltas {
  readonly #deltas: HashMap;

  /** `rng` gives the salt. */
  constructor(rng: Rng) {
    this.#deltas = new HashMap({ keyBytes: HASH_BYTES, values: 'float64' }, rng);
  }

  get count(): number {
    return this.#deltas.size;
  }

  get usedBytes(): number {
    return this.#deltas.size * DELTA_BYTES;
  }

  /** What is added to the fee of the txid at `at`; 0 when nothing is. */
  get(txids: Uint8Array, at = 0): number {
    return this.#deltas.get(txids, at) ?? 0;
  }

  /** Adds to what is there and returns the sum. */
  add(txid: Uint8Array, deltaSat: number): number {
    const sumSat = addSaturating(this.get(txid), deltaSat);
    if (sumSat === 0) this.#deltas.delete(txid);
    else this.#deltas.set(txid, 0, sumSat);
    return sumSat;
  }

  /** Forgets what is added to the fee of the txid at `at` (Core ClearPrioritisation). */
  clear(txids: Uint8Array, at = 0): void {
    if (this.#deltas.size > 0) this.#deltas.delete(txids, at);
  }

  /** All, by rising txid, as copies. */
  list(): FeeDelta[] {
    const list: FeeDelta[] = [];
    this.#deltas.forEach((bytes, at, deltaSat) => {
      list.push({ txid: asTxid(bytes.slice(at, at + HASH_BYTES)), deltaSat });
    });
    return list.sort((a, b) => compareBytes(a.txid, b.txid));
  }
}
