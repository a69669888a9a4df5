// Which transaction spends an output, for all outputs that transactions of the chain spend (Core index/txospenderindex.cpp, option
// -txospenderindex). A row is a key alone: a keyed hash of the outpoint, eight bytes, and where the spender lies. Different outpoints
// may share a hash, so the transaction is read and looked at; the hash has a key of its own so that nobody can make many that do.

import type { KvStore } from '../../kernel/chain/ports.ts';
import { SIPHASH_KEY_BYTES, SipHash } from '../../kernel/crypto/siphash.ts';
import { readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { encodeOutpoint, OUTPOINT_BYTES, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES, equalRange } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { ChainIndex, IndexedBlock } from './chain-index.ts';
import type { ChainReader } from './chain-reader.ts';
import type { IndexBatch } from './index-batch.ts';
import { SIPHASH_KEY_KEY, SPENDER_PREFIX_BYTES, spenderKey } from './index-layout.ts';
import type { Pacer } from './pacer.ts';
import {
  decodePlace,
  encodePlace,
  firstTransactionOffset,
  type IndexedTransaction,
  readTransactionAt,
} from './transaction-place.ts';

/** What a row costs, in microseconds. */
const ROW_US = 3;

/** The index of spenders. */
export class SpenderIndex implements ChainIndex {
  readonly name = 'txospenderindex';
  readonly needsUndo = false;
  readonly #store: KvStore;
  readonly #reader: ChainReader;
  readonly #rng: Rng;
  #hash: SipHash = new SipHash(new Uint8Array(SIPHASH_KEY_BYTES));

  constructor(store: KvStore, reader: ChainReader, rng: Rng) {
    this.#store = store;
    this.#reader = reader;
    this.#rng = rng;
  }

  /** The transaction of the chain that spends an output, or null. Throws StorageError. */
  async find(outpoint: Outpoint): Promise<IndexedTransaction | null> {
    const wanted = encodeOutpoint(outpoint);
    for await (const rows of this.#store.entries(this.#key(wanted, 0, EMPTY_BYTES))) {
      for (const [key] of rows) {
        const place = decodePlace(key.subarray(SPENDER_PREFIX_BYTES));
        const found = place.ok ? await readTransactionAt(this.#reader, place.value) : null;
        if (found !== null && spends(found.transaction, wanted)) return found;
      }
    }
    return null;
  }

  /** Takes up the key of the hash, which an empty index is given. */
  async load(): Promise<void> {
    let key = await this.#store.get(SIPHASH_KEY_KEY);
    if (key?.length !== SIPHASH_KEY_BYTES) {
      key = new Uint8Array(SIPHASH_KEY_BYTES);
      for (let at = 0; at < SIPHASH_KEY_BYTES; at += 4) writeU32(key, at, this.#rng.below(2 ** 32));
      await this.#store.write({ puts: [SIPHASH_KEY_KEY, key], deletes: [] }, true);
    }
    this.#hash = new SipHash(key);
  }

  async append(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    await this.#forEachRow(block, pacer, (key) => batch.put(key, EMPTY_BYTES));
  }

  async remove(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    await this.#forEachRow(block, pacer, (key) => batch.delete(key));
  }

  async saveState(): Promise<void> {}

  async #forEachRow({ entry, block }: IndexedBlock, pacer: Pacer, visit: (key: Uint8Array) => void): Promise<void> {
    const position = this.#reader.index.dataPosition(entry);
    let offset = firstTransactionOffset(block);
    for (let i = 0; i < block.txCount; i++) {
      const transaction = block.transaction(i);
      const place = encodePlace({ block: position, offset });
      offset += transaction.totalSize;
      if (i === 0) continue; // the coinbase spends nothing
      for (let k = 0; k < transaction.inputCount; k++) {
        visit(this.#key(transaction.bytes, transaction.prevoutStart(k), place));
        if (pacer.spend(ROW_US)) await pacer.pause();
      }
    }
  }

  #key(outpoints: Uint8Array, at: number, place: Uint8Array): Uint8Array {
    const { low, high } = this.#hash.hash256WithU32(outpoints, at, readU32(outpoints, at + HASH_BYTES));
    return spenderKey(low, high, place);
  }
}

function spends(transaction: Transaction, outpoint: Uint8Array): boolean {
  for (let k = 0; k < transaction.inputCount; k++) {
    if (equalRange(transaction.bytes, transaction.prevoutStart(k), outpoint, 0, OUTPOINT_BYTES)) return true;
  }
  return false;
}
