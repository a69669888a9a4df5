// Looking through blocks again that the wallet has passed: for keys that came later (Core ScanForWalletTransactions). One scan at a time;
// a block is one command, so that others have their turn between; filters pass by what cannot concern the wallet.

import { BlockWalk } from './block-walk.ts';
import type { WalkedWallet } from './walked-wallet.ts';

/** A scan that is going on. */
export interface ScanState {
  readonly startSec: number;
  /** How much of it is done, 0 to 1. */
  readonly progress: number;
  /** The wallet is not locked before its end. */
  readonly needsSecrets: boolean;
}

/** What came of a scan. */
export interface RescanResult {
  readonly outcome: 'done' | 'aborted' | 'failed';
  /** The last block that was looked through; null: none. */
  readonly lastHeight: number | null;
  /** The last block that could not be read; null: none. */
  readonly failedHeight: number | null;
}

/** Scans for one wallet. */
export class Rescan {
  readonly #wallet: WalkedWallet;
  #state: ScanState | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #isAborted = false;

  constructor(wallet: WalkedWallet) {
    this.#wallet = wallet;
  }

  get state(): ScanState | null {
    return this.#state;
  }

  /** Begins; null when a scan is going on. Without a stop it goes on to the block that the wallet has seen last. */
  start(startHeight: number, stopHeight: number | null, needsSecrets: boolean): Promise<RescanResult> | null {
    if (this.#state !== null) return null;
    this.#isAborted = false;
    this.#state = { startSec: this.#wallet.host.nowSec(), progress: 0, needsSecrets };
    const running = this.#scan(startHeight, stopHeight).finally(() => {
      this.#state = null;
    });
    this.#running = running.catch(() => undefined);
    return running;
  }

  /** Ends it soon; false when there is none, or it is ending already. */
  abort(): boolean {
    if (this.#state === null || this.#isAborted) return false;
    this.#isAborted = true;
    return true;
  }

  /** Resolves when no scan is going on. */
  async untilDone(): Promise<void> {
    await this.#running;
  }

  /** Resolves when no scan needs the secrets. */
  async untilSecretsAreFree(): Promise<void> {
    if (this.#state?.needsSecrets === true) await this.#running;
  }

  /** What cannot be read is passed by and told of at the end: what comes after it is found all the same. */
  async #scan(startHeight: number, stopHeight: number | null): Promise<RescanResult> {
    const wallet = this.#wallet;
    const walk = new BlockWalk(wallet);
    const first = wallet.chain.blockAt(startHeight);
    if (first !== null) await walk.announce(first);
    let lastHeight: number | null = null;
    let failedHeight: number | null = null;
    for (let height = startHeight; ; height++) {
      if (this.#isAborted) return { outcome: 'aborted', lastHeight, failedHeight };
      const end = Math.min(stopHeight ?? Number.POSITIVE_INFINITY, wallet.lastBlock.height);
      if (height > end) break;
      if (await this.#scanOne(walk, height)) lastHeight = height;
      else failedHeight = height;
      const progress = (height - startHeight + 1) / (end - startHeight + 1);
      if (this.#state !== null) this.#state = { ...this.#state, progress };
      await wallet.host.yieldToHost();
    }
    if (stopHeight === null) wallet.hearMempool();
    return { outcome: failedHeight === null ? 'done' : 'failed', lastHeight, failedHeight };
  }

  /** False: the block is not on this disk. */
  async #scanOne(walk: BlockWalk, height: number): Promise<boolean> {
    const { chain, books, host } = this.#wallet;
    const block = chain.blockAt(height);
    // Behind the tip of a chain that has given way: the follower sees to what takes its place.
    if (block === null) return true;
    if ((await walk.mayTouch(block)) === false) return true;
    const transactions = await chain.readBlock(block.blockHash);
    if (transactions === null) return false;
    await this.#wallet.change(function* (draft) {
      const { tip } = books.view;
      const isStillThere = chain.heightOf(block.blockHash) !== null && tip !== null && height <= tip.height;
      if (!isStillThere) return;
      yield* books.transactions.scanBlock(block, transactions, host.nowSec(), draft.books);
    });
    return true;
  }
}
