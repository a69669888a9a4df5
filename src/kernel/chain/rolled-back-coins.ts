// The coins as they were at an earlier block, in a store of their own: a copy of today's, with the blocks since taken off (Core
// CreateRolledBackUTXOSnapshot). The chain itself does not move.

import { CoinsOverlay } from '../consensus/coins-overlay.ts';
import { disconnectBlock } from '../consensus/disconnect-block.ts';
import type { BlockEntry } from './block-index.ts';
import type { ChainState } from './chain-state.ts';
import { CoinsCache } from './coins-cache.ts';
import { CoinsPrefetch } from './coins-prefetch.ts';
import type { Pauses } from './coins-store.ts';
import { BEST_BLOCK_KEY, COINS_FORMAT, COINS_FORMAT_KEY } from './layout.ts';
import { type KvStore, StorageError } from './ports.ts';

/** Coins that are copied at a time: one chunk of the walk. */
const CACHE_BYTES: number = 64 * 2 ** 20;

/** Copies the coins of a chain, which was flushed, as of the moment when the walk begins; returns the block whose coins they are. */
async function copyCoins({ coins, index }: ChainState, store: KvStore, pauses: Pauses): Promise<BlockEntry> {
  const tip = index.find(coins.bestBlock!);
  for await (const chunk of coins.entries()) {
    await store.write({ puts: chunk.flat(), deletes: [] }, false);
    if (pauses.isDue) await pauses.pause();
  }
  // The format is below 0x80: one byte as VARINT.
  const marks = [BEST_BLOCK_KEY, index.blockHash(tip), COINS_FORMAT_KEY, Uint8Array.of(COINS_FORMAT)];
  await store.write({ puts: marks, deletes: [] }, false);
  return tip;
}

/**
 * Fills an empty store with the coins of the chain as of `target`, an ancestor of its tip. The chain was flushed just before. Throws
 * StorageError, also when a block between cannot be taken off.
 */
export async function rollBackCoins(
  state: ChainState,
  target: BlockEntry,
  store: KvStore,
  pauses: Pauses,
): Promise<CoinsCache> {
  const { index, blocks, rng } = state;
  let entry = await copyCoins(state, store, pauses);
  const coins = await CoinsCache.open(store, { limitBytes: CACHE_BYTES, rng });
  const overlay = new CoinsOverlay(coins, rng);
  const prefetch = new CoinsPrefetch(coins, rng);
  const height = index.height(target);
  while (index.height(entry) > height) {
    const block = await blocks.read(entry);
    const undo = await blocks.readUndo(entry);
    overlay.reset(coins);
    await prefetch.fetchForReplay(block, [overlay]);
    if (disconnectBlock(block, undo, overlay, index.height(entry)) === 'failed') {
      throw new StorageError('corrupt', 'rev', `Failed to roll back block at height ${index.height(entry)}`);
    }
    overlay.flushInto(coins);
    entry = index.parent(entry);
    if (coins.isOverLimit) await coins.flush(index.blockHash(entry), 'empty', false);
    if (pauses.isDue) await pauses.pause();
  }
  await coins.flush(index.blockHash(entry), 'empty', false);
  return coins;
}
