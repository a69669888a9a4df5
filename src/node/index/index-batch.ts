// Changes of an index that will be written together, collected over the blocks that they are of.

import type { KvBatch } from '../../kernel/chain/ports.ts';

/** What an entry costs in memory beside its bytes; a guess. */
const ENTRY_OVERHEAD_BYTES = 200;

/** A batch under construction. A key that is deleted and put is there: an index does both to one key only in different batches. */
export class IndexBatch implements KvBatch {
  readonly puts: Uint8Array[] = [];
  readonly deletes: Uint8Array[] = [];
  /** Memory that it takes, about. */
  usedBytes = 0;

  /** The arrays belong to the batch from now on. */
  put(key: Uint8Array, value: Uint8Array): void {
    this.puts.push(key, value);
    this.usedBytes += key.length + value.length + ENTRY_OVERHEAD_BYTES;
  }

  delete(key: Uint8Array): void {
    this.deletes.push(key);
    this.usedBytes += key.length + ENTRY_OVERHEAD_BYTES;
  }

  get isEmpty(): boolean {
    return this.puts.length === 0 && this.deletes.length === 0;
  }
}
