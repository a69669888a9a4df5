// Making the best chain the active one (Core ActivateBestChain, ActivateBestChainStep, ConnectTip, DisconnectTip): choose the
// candidate with the most work, take blocks off down to where its branch begins, connect those of the branch. A branch that turns
// out invalid on the way is marked as such, and the choice is made again among what is left, which may lead straight back.
//
// Blocks are connected through the pipeline of connect-window.ts and taken off one by one. Between two commands of the chainstate
// nothing is pending, except during an import, which keeps the pipeline filled from one block to the next.

import { CoinsOverlay } from '../consensus/coins-overlay.ts';
import { disconnectBlock } from '../consensus/disconnect-block.ts';
import type { BlockReject } from '../consensus/reject.ts';
import type { BlockUndo } from '../consensus/undo.ts';
import { formatHash } from '../primitives/hashes.ts';
import { assert } from '../util/assert.ts';
import { type BlockEntry, NO_ENTRY } from './block-index.ts';
import { VALIDITY } from './block-status.ts';
import { findMostWork, markInvalid } from './candidates.ts';
import type { ChainState } from './chain-state.ts';
import { CoinsPrefetch } from './coins-prefetch.ts';
import { ConnectPipeline, type InvalidBlock, type PendingBlock } from './connect-window.ts';
import { COINS_STORE_NAME } from './layout.ts';
import { StorageError } from './ports.ts';

/** Blocks that are read ahead of the one that is being connected. */
const READ_AHEAD = 4;

/** What the owner of a {@link BestChain} decides. */
export interface BestChainOptions {
  /** Called whenever the tip has moved by so many blocks: the place to flush. */
  readonly onProgress: (blockCount: number) => Promise<void>;
  /** True when the program is about to end: connects no more. */
  readonly isStopping: () => boolean;
  /** No block above this height is connected (option -stopatheight). */
  readonly heightMax: number;
}

/** Moves the tip. */
export class BestChain {
  readonly #state: ChainState;
  readonly #options: BestChainOptions;
  readonly #pipeline: ConnectPipeline;
  readonly #prefetch: CoinsPrefetch;
  readonly #changes: CoinsOverlay;
  /** Why each block was refused during the current command. */
  readonly #refused: Map<BlockEntry, BlockReject> = new Map();

  constructor(state: ChainState, options: BestChainOptions) {
    this.#state = state;
    this.#options = options;
    this.#pipeline = new ConnectPipeline(state, (blocks, changes) => this.#commit(blocks, changes));
    this.#prefetch = new CoinsPrefetch(state.coins, state.rng);
    this.#changes = new CoinsOverlay(state.coins, state.rng);
  }

  /** Why a block was refused when its turn came, during the current command; null when it was not. */
  refusalOf(entry: BlockEntry): BlockReject | null {
    return this.#refused.get(entry) ?? null;
  }

  /** Begins another command. */
  forgetRefusals(): void {
    this.#refused.clear();
  }

  /** Moves to the best chain. With `keepsPending` blocks may be left whose scripts are still being verified. */
  async activate(keepsPending = false): Promise<void> {
    for (;;) {
      if (this.#options.isStopping()) break;
      const target = findMostWork(this.#state);
      if (target === NO_ENTRY || target === this.#pipeline.tip) break;
      const done = await this.#moveTowards(target);
      if (done) break;
    }
    this.#state.blocks.dropPrefetched();
    if (keepsPending) return;
    const isWhole = await this.#settle(await this.#pipeline.drain());
    if (!isWhole) await this.activate();
  }

  /** One attempt at a target; true when nothing is left to do. */
  async #moveTowards(target: BlockEntry): Promise<boolean> {
    const { index, active } = this.#state;
    if (!index.descendsFrom(target, this.#pipeline.tip)) {
      if (!this.#pipeline.isEmpty) {
        await this.#settle(await this.#pipeline.drain());
        return false;
      }
      const fork = active.fork(target);
      while (active.tip !== fork) await this.disconnectTip();
    }
    return this.#connectUpTo(target);
  }

  async #connectUpTo(target: BlockEntry): Promise<boolean> {
    const { index, blocks } = this.#state;
    const heightMax = Math.min(index.height(target), this.#options.heightMax);
    while (index.height(this.#pipeline.tip) < heightMax) {
      if (this.#options.isStopping()) return true;
      const height = index.height(this.#pipeline.tip) + 1;
      for (let ahead = 1; ahead <= READ_AHEAD && height + ahead <= heightMax; ahead++) {
        blocks.prefetch(index.ancestor(target, height + ahead));
      }
      const invalid = await this.#pipeline.connect(index.ancestor(target, height));
      if (!(await this.#settle(invalid))) return false;
    }
    return heightMax < index.height(target);
  }

  /**
   * Takes note of an invalid block; true when there was none. The verdict came from stored coins: before a block is condemned they
   * are looked at, since bits that rotted on the disk would condemn an innocent one for ever (S07).
   */
  async #settle(invalid: InvalidBlock | null): Promise<boolean> {
    if (invalid === null) return true;
    await this.#state.coins.verify();
    const { entry, block, reject } = invalid;
    this.#state.blocks.dropPrefetched();
    this.#state.blocks.forget(entry);
    this.#refused.set(entry, reject);
    markInvalid(this.#state, entry);
    this.#state.signals.blockChecked.emit({ block, reject });
    return false;
  }

  /** Blocks with valid scripts become part of the chain. Undo data go to their file first: with them everything can be taken back. */
  async #commit(pending: readonly PendingBlock[], changes: CoinsOverlay): Promise<void> {
    const { index, active, candidates, blocks, coins, signals } = this.#state;
    const undoOffsets: number[] = [];
    for (const { entry, connected } of pending) {
      undoOffsets.push(index.hasUndo(entry) ? -1 : await blocks.writeUndo(entry, connected.undo));
    }
    // No waiting from here on: whoever looks in between sees the state before or the state after.
    for (const [i, { entry }] of pending.entries()) {
      if (undoOffsets[i]! >= 0) index.setUndo(entry, undoOffsets[i]!);
      index.raiseValidity(entry, VALIDITY.scripts);
    }
    changes.flushInto(coins);
    active.setTip(pending.at(-1)!.entry);
    candidates.removeWorseThan(active.tip);
    for (const { entry, block, connected } of pending) {
      blocks.forget(entry);
      signals.blockChecked.emit({ block, reject: null });
      signals.blockConnected.emit({ entry, height: index.height(entry), block, undo: connected.undo });
    }
    await this.#options.onProgress(pending.length);
  }

  /** Takes the tip off, for a better branch or because an operator says so. Nothing may be pending. */
  async disconnectTip(isInvalidated = false): Promise<void> {
    const { index, active, blocks, coins, signals } = this.#state;
    assert(this.#pipeline.isEmpty && active.height > 0, 'disconnect: a tip that can be taken off');
    const entry = active.tip;
    const block = await blocks.read(entry);
    const undo = await readUndoOf(this.#state, entry);
    await this.#prefetch.fetchForReplay(block, []);
    this.#changes.reset(coins);
    const height = index.height(entry);
    const result = disconnectBlock(block, undo, this.#changes, height);
    if (result !== 'ok') {
      throw new StorageError(
        'corrupt',
        COINS_STORE_NAME,
        `Failed to disconnect block ${formatHash(block.header.blockHash)} at height ${height}: its coins are not what it made`,
      );
    }
    this.#changes.flushInto(coins);
    active.setTip(index.parent(entry));
    signals.blockDisconnected.emit({ entry, height, block, undo, isInvalidated });
    await this.#options.onProgress(1);
  }
}

/** Without undo data there is no way back; the words are Core's. */
async function readUndoOf({ blocks }: ChainState, entry: BlockEntry): Promise<BlockUndo> {
  try {
    return await blocks.readUndo(entry);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'corrupt') throw error;
    throw new StorageError(error.code, error.path, 'Failed to disconnect block.', { cause: error });
  }
}
