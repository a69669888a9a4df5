// Transactions of the pool that were submitted here and that no peer has asked for yet: they are announced again from time to time
// (Core m_unbroadcast_txids). Who removes an entry from the pool removes it here too.

import { asTxid, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { compareBytes } from '../../kernel/util/bytes.ts';
import { HashSet } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';

/** Bytes that a txid takes at most: key and hash, in a table that is five sixteenths full when it has just grown. */
const TXID_BYTES: number = Math.ceil(((HASH_BYTES + 4) * 16) / 5);

/** Txids that wait for their first request. */
export class UnbroadcastSet {
  readonly #txids: HashSet;

  /** `rng` gives the salt. */
  constructor(rng: Rng) {
    this.#txids = new HashSet({ keyBytes: HASH_BYTES }, rng);
  }

  get count(): number {
    return this.#txids.size;
  }

  get usedBytes(): number {
    return this.#txids.size * TXID_BYTES;
  }

  has(txids: Uint8Array, at = 0): boolean {
    return this.#txids.size > 0 && this.#txids.has(txids, at);
  }

  /** Adds a txid; the pool checks that it has the transaction. */
  add(txid: Uint8Array): void {
    this.#txids.add(txid);
  }

  /** Takes a txid out; false when it was absent. */
  delete(txids: Uint8Array, at = 0): boolean {
    return this.#txids.size > 0 && this.#txids.delete(txids, at);
  }

  /** All, by rising txid, as copies. */
  list(): Txid[] {
    const list: Txid[] = [];
    this.#txids.forEach((bytes, at) => {
      list.push(asTxid(bytes.slice(at, at + HASH_BYTES)));
    });
    return list.sort(compareBytes);
  }
}
