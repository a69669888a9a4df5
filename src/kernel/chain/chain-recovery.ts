// Finishing a flush of the coins that a crash cut short (Core ReplayBlocks). The store says between which two blocks it is; every
// coin in it is as after one of them. Blocks of the old branch are taken back and blocks of the new branch applied without any
// check, as they were checked before: putting a coin and removing one are the same done once or twice, so whatever part of the
// flush had reached the store, the result is the coins of the new block.

import { CoinRef, encodeCoinCode } from '../consensus/coin.ts';
import { CoinsOverlay } from '../consensus/coins-overlay.ts';
import { disconnectBlock } from '../consensus/disconnect-block.ts';
import { writeU32 } from '../encoding/numbers.ts';
import type { Block } from '../primitives/block.ts';
import { type BlockHash, formatHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { isZeroBytes } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';
import type { BlockSource } from './block-source.ts';
import type { CoinsCache } from './coins-cache.ts';
import { CoinsPrefetch } from './coins-prefetch.ts';
import { COINS_STORE_NAME } from './layout.ts';
import { StorageError } from './ports.ts';

/** What a replay needs to see. */
export interface RecoveryContext {
  readonly index: BlockIndex;
  readonly blocks: BlockSource;
  readonly coins: CoinsCache;
  readonly rng: Rng;
  /** Told of blocks that are done and blocks in all. */
  readonly onProgress?: (doneCount: number, totalCount: number) => void;
}

/** Brings coins that are between two blocks to the new one; nothing happens when they are not. */
export async function finishInterruptedFlush(context: RecoveryContext): Promise<void> {
  const { coins } = context;
  const head = coins.headBlocks;
  if (head === null) return;
  const target = findHead(context.index, head[0]);
  const origin = isZeroBytes(head[1]) ? NO_ENTRY : findHead(context.index, head[1]);
  await new Replay(context).run(origin, target);
  await coins.flush(head[0], 'empty', true);
}

function findHead(index: BlockIndex, blockHash: BlockHash): BlockEntry {
  const entry = index.find(blockHash);
  if (entry !== NO_ENTRY) return entry;
  throw new StorageError(
    'corrupt',
    COINS_STORE_NAME,
    `Unable to replay blocks: the index does not know block ${formatHash(blockHash)}. ` +
      'You will need to rebuild the database using -reindex-chainstate.',
  );
}

class Replay {
  readonly #context: RecoveryContext;
  readonly #changes: CoinsOverlay;
  readonly #prefetch: CoinsPrefetch;

  constructor(context: RecoveryContext) {
    this.#context = context;
    this.#changes = new CoinsOverlay(context.coins, context.rng);
    this.#prefetch = new CoinsPrefetch(context.coins, context.rng);
  }

  async run(origin: BlockEntry, target: BlockEntry): Promise<void> {
    const { index, onProgress } = this.#context;
    const forkHeight = origin === NO_ENTRY ? 0 : index.height(index.lastCommonAncestor(origin, target));
    const takeBackCount = origin === NO_ENTRY ? 0 : index.height(origin) - forkHeight;
    const totalCount = takeBackCount + index.height(target) - forkHeight;
    let doneCount = 0;
    for (let entry = origin; doneCount < takeBackCount; entry = index.parent(entry)) {
      await this.#takeBack(entry);
      doneCount++;
      onProgress?.(doneCount, totalCount);
    }
    for (let height = forkHeight + 1; height <= index.height(target); height++) {
      await this.#apply(index.ancestor(target, height));
      doneCount++;
      onProgress?.(doneCount, totalCount);
    }
  }

  /** A block of the old branch. That the coins are not quite what the block made is expected here. */
  async #takeBack(entry: BlockEntry): Promise<void> {
    const { index, blocks, coins } = this.#context;
    const block = await blocks.read(entry);
    const undo = await blocks.readUndo(entry);
    await this.#prefetch.fetchForReplay(block, []);
    this.#changes.reset(coins);
    const result = disconnectBlock(block, undo, this.#changes, index.height(entry));
    if (result === 'failed') {
      const { blockHash } = block.header;
      throw new StorageError(
        'corrupt',
        COINS_STORE_NAME,
        `Unable to replay blocks: the undo data of ${formatHash(blockHash)} are not its own`,
      );
    }
    this.#changes.flushInto(coins);
  }

  async #apply(entry: BlockEntry): Promise<void> {
    const { index, blocks, coins } = this.#context;
    const block = await blocks.read(entry);
    await this.#prefetch.fetchForReplay(block, []);
    this.#changes.reset(coins);
    applyBlock(block, index.height(entry), this.#changes);
    this.#changes.flushInto(coins);
  }
}

/** Does to the coins what a block does that was found valid before, whether or not part of it was done already. */
export function applyBlock(block: Block, height: number, changes: CoinsOverlay): void {
  const coin = new CoinRef();
  const outpoint = new Uint8Array(OUTPOINT_BYTES);
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    for (let k = 0; i > 0 && k < tx.inputCount; k++) changes.spendCoin(tx.bytes, tx.prevoutStart(k), coin);
    const code = encodeCoinCode(height, i === 0);
    outpoint.set(tx.txid, 0);
    for (let j = 0; j < tx.outputCount; j++) {
      writeU32(outpoint, HASH_BYTES, j);
      coin.point(tx.bytes, tx.outputStart(j), tx.outputEnd(j), code);
      changes.addCoin(outpoint, 0, coin, true);
    }
  }
}
