// Rows of an index that has one per block (Core index/db_key.h): by height for blocks of the chain, with the hash of the block in
// front, and by hash for those that have left it, so that they can still be asked for. A row by height is believed only when the hash
// is that of the block that was meant: a crash may have left one of a block that is no more.

import type { KvStore } from '../../kernel/chain/ports.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { concatBytes, equalRange } from '../../kernel/util/bytes.ts';
import type { BlockPlace } from './chain-index.ts';
import type { IndexBatch } from './index-batch.ts';
import { blockHashKey, heightKey } from './index-layout.ts';

type WantedBlock = Pick<BlockPlace, 'height' | 'blockHash'>;

/** Puts the row of a block. */
export function putBlockRow(batch: IndexBatch, { height, blockHash }: WantedBlock, row: Uint8Array): void {
  batch.put(heightKey(height), concatBytes(blockHash, row));
}

/** The row of a block, on the chain or not; null: there is none. */
export async function readBlockRow(store: KvStore, block: WantedBlock): Promise<Uint8Array | null> {
  const [row] = await readBlockRows(store, [block]);
  return row ?? null;
}

/** The rows of many blocks, in two reads at most. */
export async function readBlockRows(
  store: KvStore,
  blocks: readonly WantedBlock[],
): Promise<readonly (Uint8Array | null)[]> {
  const found = await store.getMany(blocks.map(({ height }) => heightKey(height)));
  const rows = blocks.map(({ blockHash }, i) => rowOf(found[i], blockHash));
  const missing = blocks.filter((_, i) => rows[i] === null);
  if (missing.length === 0) return rows;
  const others = await store.getMany(missing.map(({ blockHash }) => blockHashKey(blockHash)));
  let next = 0;
  return rows.map((row) => row ?? others[next++] ?? null);
}

function rowOf(value: Uint8Array | undefined, blockHash: Uint8Array): Uint8Array | null {
  if (value === undefined || value.length < HASH_BYTES) return null;
  return equalRange(value, 0, blockHash, 0, HASH_BYTES) ? value.subarray(HASH_BYTES) : null;
}

/** Puts the row of a block that leaves the chain where it can be found by its hash. Throws `corrupt` when it has none. */
export async function keepRowOfRemoved(
  store: KvStore,
  batch: IndexBatch,
  block: WantedBlock,
  name: string,
): Promise<void> {
  const row = await readBlockRow(store, block);
  if (row === null) throw corruptIndex(name, `no row of the block at height ${block.height}`);
  batch.put(blockHashKey(block.blockHash), row.slice());
}

/** What an index throws that is not what it should be: it will be built anew. */
export function corruptIndex(name: string, what: string): StorageError {
  return new StorageError('corrupt', name, `${name} is corrupt: ${what}`);
}
