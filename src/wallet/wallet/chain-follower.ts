// A wallet on its way along the chain: from the block that it has seen last, back to where the chain has not changed, and on block by
// block to the tip. There is one way, whatever lies behind: a new block, a reorganisation, a start after a crash, a backup of last year.
// Signals only wake it. Each block is one command of the wallet, so that others have their turn between.

import type { BlockPlace } from '../books/block-trail.ts';
import type { ChainBlock, ChainSource } from '../chain-source.ts';
import { QueueClosedError } from './command-queue.ts';

/** What is done with blocks; each call is one command that is durable, or as good as, when it resolves. */
export interface BlockReceiver {
  /** The last block that was seen; null before the first. */
  readonly lastBlock: BlockPlace | null;
  /** Earliest time that anything can concern the wallet, in seconds; null: nothing does. */
  readonly birthTimeSec: number | null;
  /** Goes on behind a block that need not be looked through. */
  skipTo(block: ChainBlock): Promise<void>;
  /** Takes in the next block. Rejects with a {@link BlocksMissingError} when it is not on this disk. */
  connect(block: ChainBlock, isBehind: boolean): Promise<void>;
  /** Goes back to the last block that is on the chain still. */
  rewind(): Promise<void>;
  /** The tip is reached. */
  settle(): Promise<void>;
}

/** Blocks that a wallet has not seen were pruned. */
export class BlocksMissingError extends Error {
  override readonly name = 'BlocksMissingError';
  /** The first that is missing. */
  readonly height: number;

  constructor(height: number) {
    super(
      `Prune: last wallet synchronisation goes beyond pruned data. You need to -reindex (download the whole blockchain again in case of a pruned node). The wallet needs blocks from height ${height} on.`,
    );
    this.height = height;
  }
}

/** Blocks that a wallet has not seen are on their way, out of their order; the words are Core's. */
export function describeMissingHistory(height: number): string {
  return `Error loading wallet. Wallet requires blocks to be downloaded, and software does not currently support loading wallets while blocks are being downloaded out of order when using assumeutxo snapshots. Wallet should be able to load successfully after node sync reaches height ${height}`;
}

/** Blocks this long before the birth of a wallet may have a later time than it (Core TIMESTAMP_WINDOW: MAX_FUTURE_BLOCK_TIME). */
export const TIMESTAMP_WINDOW_SEC = 7_200;

interface Waiting {
  readonly height: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Follows the chain for one wallet. */
export class ChainFollower {
  readonly #chain: ChainSource;
  readonly #receiver: BlockReceiver;
  readonly #yieldToHost: () => Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  #walk: Promise<void> | null = null;
  #isAwake = false;
  /** Several blocks were ahead on this way. */
  #isBehind = false;
  #isStopped = false;
  #failure: { readonly error: unknown } | null = null;
  #waiting: Waiting[] = [];

  /** `onFailure` is told once of what the follower cannot go past. */
  constructor(
    chain: ChainSource,
    receiver: BlockReceiver,
    yieldToHost: () => Promise<void>,
    onFailure: (error: unknown) => void,
  ) {
    this.#chain = chain;
    this.#receiver = receiver;
    this.#yieldToHost = yieldToHost;
    this.#onFailure = onFailure;
  }

  /** True when it has met what it cannot go past. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** Looks whether there is a way to go. */
  wake(): void {
    this.#isAwake = true;
    if (this.#walk === null && !this.#isStopped && this.#failure === null) {
      this.#walk = this.#run().finally(() => {
        this.#walk = null;
        if (this.#isAwake) this.wake();
      });
    }
  }

  /** Resolves when the wallet has seen what is the tip now, or what has taken its place; rejects when it cannot go on. */
  untilSynchronised(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (this.#isStopped) return Promise.reject(new QueueClosedError('the wallet is closed'));
    const { height } = this.#chain.tipFrom(this.#receiver.lastBlock?.height ?? -1);
    const reached = new Promise<void>((resolve, reject) => this.#waiting.push({ height, resolve, reject }));
    this.wake();
    return reached;
  }

  /** Goes no further; resolves when the block under way is done with. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#walk;
    this.#rejectAll(new QueueClosedError('the wallet is closed'));
  }

  async #run(): Promise<void> {
    try {
      while (this.#isAwake && !this.#isStopped) {
        this.#isAwake = false;
        this.#isBehind = false;
        while (!this.#isStopped && (await this.#step())) {
          // Whoever may go on now sees the mempool as it is, not as it was told before a branch gave way.
          if (this.#findDue(false).length > 0) {
            await this.#receiver.settle();
            this.#release(false);
          }
          await this.#yieldToHost();
        }
        if (!this.#isStopped) await this.#receiver.settle();
        this.#release(!this.#isAwake);
      }
    } catch (error) {
      if (error instanceof QueueClosedError) return;
      this.#failure = { error };
      this.#isAwake = false;
      this.#onFailure(error);
      this.#rejectAll(error);
    }
  }

  /** One block; false at the tip. */
  async #step(): Promise<boolean> {
    const chain = this.#chain;
    const receiver = this.#receiver;
    const last = receiver.lastBlock;
    if (last !== null && chain.heightOf(last.blockHash) === null) {
      await receiver.rewind();
      return true;
    }
    const height = last === null ? -1 : last.height;
    const skipped = this.#findSkipped(height, chain.tip());
    if (skipped !== null) {
      await receiver.skipTo(skipped);
      return true;
    }
    const tip = chain.tipFrom(height);
    if (height >= tip.height) return false;
    const next = chain.blockAt(height + 1);
    // Whoever was behind once is told so up to the tip.
    this.#isBehind ||= tip.height > height + 1;
    // The chain may have given way while something was waited for.
    if (next !== null) await receiver.connect(next, this.#isBehind);
    return true;
  }

  /** The last block that cannot concern the wallet, where there are several ahead. */
  #findSkipped(height: number, tip: ChainBlock): ChainBlock | null {
    if (height + 1 >= tip.height) return null;
    const { birthTimeSec } = this.#receiver;
    if (birthTimeSec === null) return tip;
    const first = findFirstHeight(this.#chain, birthTimeSec - TIMESTAMP_WINDOW_SEC, height + 1);
    const before = first === null ? tip.height : first - 1;
    return before > height + 1 ? this.#chain.blockAt(before) : null;
  }

  /** Those who need not wait any longer. */
  #findDue(isAtTip: boolean): readonly Waiting[] {
    const last = this.#receiver.lastBlock;
    const height = last === null ? -1 : (this.#chain.heightOf(last.blockHash) ?? -1);
    return this.#waiting.filter((waiting) => isAtTip || waiting.height <= height);
  }

  #release(isAtTip: boolean): void {
    const due = new Set(this.#findDue(isAtTip));
    this.#waiting = this.#waiting.filter((waiting) => !due.has(waiting));
    for (const { resolve } of due) resolve();
  }

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** The lowest height from `from` on whose latest time so far is not before `timeSec`; null: none up to the tip. */
export function findFirstHeight(chain: ChainSource, timeSec: number, from: number): number | null {
  let low = Math.max(0, from);
  let high = chain.tip().height + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = chain.blockAt(middle);
    if (block !== null && block.maxTimeSec < timeSec) low = middle + 1;
    else high = middle;
  }
  return low <= chain.tip().height ? low : null;
}
