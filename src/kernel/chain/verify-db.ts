// The check of the last blocks when a node starts (Core CVerifyDB; options -checkblocks and -checklevel): whether what is stored
// fits together. Each level includes those below it:
//
//   0  the blocks can be read
//   1  each is valid by itself
//   2  the undo data can be read
//   3  the blocks can be taken off, in memory only, and the coins are then what the undo data say
//   4  they can be connected again, scripts included
//
// What does not fit is damage to the storage and never a verdict on a block. It is told as a value: who asks while the node runs may go
// on, as Core's does; who starts may not.

import { mustSearchForOverwrites } from '../consensus/bip30.ts';
import { checkBlock } from '../consensus/block-check.ts';
import { CoinsOverlay } from '../consensus/coins-overlay.ts';
import { connectBlock } from '../consensus/connect-block.ts';
import { disconnectBlock } from '../consensus/disconnect-block.ts';
import { MAX_FUTURE_BLOCK_TIME_SEC } from '../consensus/header-check.ts';
import { formatReject } from '../consensus/reject.ts';
import { rejectBlockForScript } from '../consensus/script-job.ts';
import type { Block } from '../primitives/block.ts';
import { formatHash } from '../primitives/hashes.ts';
import { getScriptCheckReason } from './assume-valid.ts';
import { type BlockEntry, NO_ENTRY } from './block-index.ts';
import type { ChainState } from './chain-state.ts';
import { CoinsPrefetch } from './coins-prefetch.ts';
import type { Pauses } from './coins-store.ts';
import { StorageError } from './ports.ts';

/** Core's defaults of -checkblocks and -checklevel. */
export const CHECK_BLOCKS = 6;
export const CHECK_LEVEL = 3;

/** What to check. */
export interface VerifyOptions {
  /** Blocks from the tip down; 0: all. */
  readonly blockCount?: number;
  readonly level?: number;
  /** The node's clock: a tip from the future says that either is wrong (T02). Absent: not looked at. */
  readonly nowSec?: number;
  /** False: the clock is not looked at. It was when the chain was opened, and a mock time may be set since. */
  readonly checksClock?: boolean;
  /** Told of steps that are done and steps in all. */
  readonly onProgress?: (doneCount: number, totalCount: number) => void;
  /** Asked before each block. */
  readonly isStopping?: () => boolean;
  /** Taken between the steps of a block, each of which takes some milliseconds. */
  readonly pauses?: Pauses;
}

/** What was checked. */
export type VerifyResult =
  | { readonly outcome: 'verified'; readonly blockCount: number; readonly txCount: number }
  /** Fewer blocks than asked for are stored: that at `height` and older ones were pruned, or are below a snapshot. */
  | {
      readonly outcome: 'missing-blocks';
      readonly height: number;
      readonly blockCount: number;
      readonly txCount: number;
    }
  /** The cache is too small to hold the coins of all these blocks: the upper ones were taken off, no more. */
  | { readonly outcome: 'small-cache'; readonly blockCount: number; readonly txCount: number }
  /** Something does not fit. */
  | { readonly outcome: 'damaged'; readonly error: StorageError }
  | { readonly outcome: 'stopped' };

/** Checks the last blocks of the chain. Throws where nothing can be read at all, or the tip comes from the future. */
export async function verifyChain(state: ChainState, options: VerifyOptions = {}): Promise<VerifyResult> {
  const { index, active } = state;
  if (options.checksClock !== false) checkTipTime(state, options.nowSec);
  return new Verification(state, options, index.height(active.tip)).run();
}

function checkTipTime({ index, active }: ChainState, nowSec: number | undefined): void {
  if (nowSec === undefined || index.timeSec(active.tip) <= nowSec + MAX_FUTURE_BLOCK_TIME_SEC) return;
  if (active.height === 0) return;
  throw new StorageError(
    'failed',
    'clock',
    'The block database contains a block which appears to be from the future. ' +
      "This may be due to your computer's date and time being set incorrectly. " +
      "Only rebuild the block database if you are sure that your computer's date and time are correct",
  );
}

class Verification {
  readonly #state: ChainState;
  readonly #options: VerifyOptions;
  readonly #level: number;
  readonly #lowest: number;
  readonly #changes: CoinsOverlay;
  readonly #prefetch: CoinsPrefetch;
  readonly #stepCount: number;
  #stepsDone = 0;
  #txCount = 0;
  #damage: StorageError | null = null;

  constructor(state: ChainState, options: VerifyOptions, tipHeight: number) {
    const wanted = options.blockCount ?? CHECK_BLOCKS;
    const blockCount = wanted <= 0 || wanted > tipHeight ? tipHeight : wanted;
    this.#state = state;
    this.#options = options;
    this.#level = Math.max(0, Math.min(4, options.level ?? CHECK_LEVEL));
    this.#lowest = tipHeight - blockCount + 1;
    this.#stepCount = blockCount * (this.#level >= 4 ? 2 : 1);
    this.#changes = new CoinsOverlay(state.coins, state.rng);
    this.#prefetch = new CoinsPrefetch(state.coins, state.rng);
  }

  async run(): Promise<VerifyResult> {
    try {
      return await this.#checkAll();
    } catch (error) {
      if (this.#damage === null || error !== this.#damage) throw error;
      return { outcome: 'damaged', error: this.#damage };
    }
  }

  async #checkAll(): Promise<VerifyResult> {
    const { active, index, coins } = this.#state;
    let height = active.height;
    let isCacheSmall = false;
    // Nothing undoes what a snapshot began with.
    const { base } = this.#state.scope;
    const end = Math.max(this.#lowest, base === NO_ENTRY ? 0 : index.height(base) + 1);
    for (; height >= end && index.hasData(active.at(height)); height--) {
      if (this.#options.isStopping?.() === true) return { outcome: 'stopped' };
      isCacheSmall ||= coins.isOverLimit;
      await this.#checkOne(active.at(height), isCacheSmall);
    }
    const blockCount = active.height - height;
    if (this.#level >= 4 && !isCacheSmall) {
      for (height++; height <= active.height; height++) {
        if (this.#options.isStopping?.() === true) return { outcome: 'stopped' };
        await this.#connectOne(active.at(height));
      }
    }
    const txCount = this.#txCount;
    if (isCacheSmall && this.#level >= 3) return { outcome: 'small-cache', blockCount, txCount };
    const missingHeight = active.height - blockCount;
    if (missingHeight < this.#lowest) return { outcome: 'verified', blockCount, txCount };
    return { outcome: 'missing-blocks', height: missingHeight, blockCount, txCount };
  }

  async #checkOne(entry: BlockEntry, isCacheSmall: boolean): Promise<void> {
    const { blocks, consensus, challengeVerifier, index } = this.#state;
    const block = await this.#read(blocks.read(entry));
    await this.#pause();
    if (this.#level >= 1) {
      const reject = checkBlock(block, consensus, { verifier: challengeVerifier });
      if (reject !== null) throw this.#corrupt(entry, `found bad block (${formatReject(reject)})`);
      await this.#pause();
    }
    if (this.#level >= 2 && index.hasUndo(entry)) await this.#takeOff(entry, block, isCacheSmall);
    this.#step();
  }

  async #takeOff(entry: BlockEntry, block: Block, isCacheSmall: boolean): Promise<void> {
    const undo = await this.#read(this.#state.blocks.readUndo(entry));
    if (this.#level < 3 || isCacheSmall) return;
    await this.#pause();
    await this.#prefetch.fetchForReplay(block, [this.#changes]);
    await this.#pause();
    const result = disconnectBlock(block, undo, this.#changes, this.#state.index.height(entry));
    if (result === 'failed') throw this.#corrupt(entry, 'irrecoverable inconsistency in block data');
    if (result === 'unclean') throw this.#corrupt(entry, 'coin database inconsistencies found');
    this.#txCount += block.txCount;
  }

  async #connectOne(entry: BlockEntry): Promise<void> {
    const { blocks, branch, consensus, index, verifier } = this.#state;
    const block = await this.#read(blocks.read(entry));
    await this.#pause();
    const parent = index.parent(entry);
    const withOutputs = mustSearchForOverwrites(consensus, branch.moveTo(parent), block.header.blockHash);
    await this.#prefetch.fetchForConnect(block, [this.#changes], withOutputs);
    await this.#pause();
    const connected = connectBlock(block, this.#changes, branch.moveTo(parent), consensus);
    if (!connected.ok) throw this.#corrupt(entry, `found unconnectable block (${formatReject(connected.error)})`);
    await this.#pause();
    if (connected.value.scriptJobs.length > 0 && getScriptCheckReason(this.#state, entry) !== null) {
      const failure = await verifier.verify({ block, connected: connected.value });
      if (failure !== null) {
        const reject = rejectBlockForScript(block.transaction(failure.txIndex), failure);
        throw this.#corrupt(entry, `found unconnectable block (${formatReject(reject)})`);
      }
    }
    this.#step();
  }

  /** What is read of block files may be damaged, too. */
  async #read<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof StorageError && error.code === 'corrupt') this.#damage = error;
      throw error;
    }
  }

  async #pause(): Promise<void> {
    const { pauses } = this.#options;
    if (pauses?.isDue === true) await pauses.pause();
  }

  #step(): void {
    this.#stepsDone++;
    this.#options.onProgress?.(this.#stepsDone, this.#stepCount);
  }

  #corrupt(entry: BlockEntry, what: string): StorageError {
    const { index } = this.#state;
    const where = `at ${index.height(entry)}, hash=${formatHash(index.blockHash(entry))}`;
    this.#damage = new StorageError(
      'corrupt',
      'blocks',
      `Corrupted block database detected: ${what} ${where}. Rebuild it with -reindex.`,
    );
    return this.#damage;
  }
}
