// Where every transaction of the chain lies (Core index/txindex.cpp, option -txindex). The one of the first block is left out, as its
// output is none. Unlike Core, which leaves the rows of blocks that have left the chain, they are taken out: what is found is on the
// chain.

import type { KvStore } from '../../kernel/chain/ports.ts';
import { HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { ChainIndex, IndexedBlock } from './chain-index.ts';
import type { ChainReader } from './chain-reader.ts';
import type { IndexBatch } from './index-batch.ts';
import { txKey } from './index-layout.ts';
import type { Pacer } from './pacer.ts';
import {
  decodePlace,
  encodePlace,
  firstTransactionOffset,
  type IndexedTransaction,
  readTransactionAt,
} from './transaction-place.ts';

/** What a row costs, in microseconds. */
const ROW_US = 2;

/** The index of transactions. */
export class TxIndex implements ChainIndex {
  readonly name = 'txindex';
  readonly needsUndo = false;
  readonly #store: KvStore;
  readonly #reader: ChainReader;

  constructor(store: KvStore, reader: ChainReader) {
    this.#store = store;
    this.#reader = reader;
  }

  /** A transaction of the chain by its txid, or null. Throws StorageError. */
  async find(txid: Txid): Promise<IndexedTransaction | null> {
    const row = await this.#store.get(txKey(txid));
    const place = row === undefined ? null : decodePlace(row);
    if (place === null || !place.ok) return null;
    const found = await readTransactionAt(this.#reader, place.value);
    return found !== null && equalBytes(found.transaction.txid, txid) ? found : null;
  }

  async load(): Promise<void> {}

  async append({ entry, height, block }: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    if (height === 0) return;
    const position = this.#reader.index.dataPosition(entry);
    const txids = block.txids();
    let offset = firstTransactionOffset(block);
    for (let i = 0; i < block.txCount; i++) {
      batch.put(txKey(txids, HASH_BYTES * i), encodePlace({ block: position, offset }));
      offset += block.transaction(i).totalSize;
      if (pacer.spend(ROW_US)) await pacer.pause();
    }
  }

  async remove({ height, block }: IndexedBlock, batch: IndexBatch): Promise<void> {
    if (height === 0) return;
    const txids = block.txids();
    for (let i = 0; i < block.txCount; i++) batch.delete(txKey(txids, HASH_BYTES * i));
  }

  async saveState(): Promise<void> {}
}
