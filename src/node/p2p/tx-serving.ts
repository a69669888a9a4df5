// Which transactions a peer gets that asks for them (Core FindTxForGetData): those of the mempool that it was told of or could have
// been, and those of the newest block. Whoever asks for another learns nothing, neither whether we have it nor since when (M13).
// The newest block is in because its transactions have just left the mempool, and who is about to put it together may lack some.

import type { Block } from '../../kernel/primitives/block.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { MSG_WTX } from '../wire/protocol.ts';
import type { PeerId } from './peer-id.ts';
import type { TxRelay } from './tx-relay.ts';
import type { RelayPool } from './tx-relay-pool.ts';

/** Finds transactions for those who ask. */
export class TxServing {
  readonly #pool: RelayPool;
  readonly #relay: TxRelay;
  readonly #rng: Rng;
  #newest: Block | null = null;
  /** Places in the newest block by txid and by wtxid; null: nobody has needed them yet. */
  #places: HashMap | null = null;

  constructor(pool: RelayPool, relay: TxRelay, rng: Rng) {
    this.#pool = pool;
    this.#relay = relay;
    this.#rng = rng;
  }

  /** A block is announced to peers. It is kept until the next one is. */
  blockAnnounced(block: Block): void {
    this.#newest = block;
    this.#places = null;
  }

  /** What a peer gets for an item of its getdata, or null. It is noted that somebody has fetched it. */
  find(id: PeerId, type: number, hash: Uint8Array): Transaction | null {
    const state = this.#relay.state(id);
    if (state === null) return null;
    const entry = type === MSG_WTX ? this.#pool.getByWtxid(hash) : this.#pool.get(hash);
    if (entry === null || entry.sequence >= state.lastSequence) return this.#findInNewest(hash);
    this.#pool.removeUnbroadcast(entry.transaction.txid);
    return entry.transaction;
  }

  /** Core looks for a txid and a wtxid apart; that one is the other of another transaction does not happen. */
  #findInNewest(hash: Uint8Array): Transaction | null {
    if (this.#newest === null) return null;
    this.#places ??= indexTransactions(this.#newest, this.#rng);
    const place = this.#places.get(hash);
    return place === undefined ? null : this.#newest.transaction(place);
  }
}

function indexTransactions(block: Block, rng: Rng): HashMap {
  const places = new HashMap({ keyBytes: HASH_BYTES, values: 'int32', expectedSize: 2 * block.txCount }, rng);
  for (let place = 0; place < block.txCount; place++) {
    const transaction = block.transaction(place);
    places.set(transaction.txid, 0, place);
    places.set(transaction.wtxid, 0, place);
  }
  return places;
}
