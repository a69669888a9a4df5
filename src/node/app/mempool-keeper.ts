// Keeps the mempool in step with the chain: what a block confirms leaves it, what a reorganisation takes off comes back. Blocks are
// followed within the chain's own steps; a reorganisation is settled at its end, when the coins of the new tip are there, and before
// anybody is told of that tip (Chainstate.followTip). Between its first step and that moment the mempool fits no tip, and nothing may
// be judged or built on it: ask isInStep, or wait.

import type { BlockEvent, DisconnectedBlockEvent } from '../../kernel/chain/chain-signals.ts';
import { ChainStoppedError, type Chainstate } from '../../kernel/chain/chainstate.ts';
import type { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { TransactionAcceptance } from '../mempool/accept.ts';
import { DisconnectedTransactions } from '../mempool/disconnected-transactions.ts';
import type { Mempool } from '../mempool/mempool.ts';
import type { Clock, Timers } from '../ports.ts';

/** Work at a stretch before the host has its turn. */
const SLICE_MS = 4;

/** Transactions that are judged between two looks at the clock: about as long as a slice. */
const BATCH_COUNT = 32;

/**
 * Blocks taken off by one command whose transactions come back, the last ones of the chain (Core InvalidateBlock): who goes further back
 * wants another history, not the same payments again.
 */
const INVALIDATED_BLOCKS_MAX = 10;

/** What a keeper works on. */
export interface MempoolKeeperParts {
  readonly chain: Chainstate;
  readonly mempool: Mempool;
  readonly acceptance: TransactionAcceptance;
  /** The coins that `acceptance` judges by. */
  readonly coins: CoinsLookup;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  /** Most bytes of transactions of disconnected blocks that are kept; absent: the usual bound. */
  readonly disconnectedBytesMax?: number;
}

/** Follows a chain. */
export class MempoolKeeper {
  readonly #parts: MempoolKeeperParts;
  readonly #disconnected: DisconnectedTransactions;
  /** Blocks that were taken off since the mempool was in step, because an operator said so. */
  #invalidatedCount = 0;
  readonly #subscriptions: Unsubscribe[] = [];
  #isInStep = true;
  /** Nothing will bring it in step any more. */
  #isOver = false;
  #waiting: Waiting[] = [];

  constructor(parts: MempoolKeeperParts) {
    this.#parts = parts;
    this.#disconnected = new DisconnectedTransactions(parts.rng, parts.disconnectedBytesMax);
  }

  /** Begins to follow. */
  start(): void {
    const { chain } = this.#parts;
    this.#subscriptions.push(
      chain.signals.blockConnected.subscribe((event) => this.#onConnected(event)),
      chain.signals.blockDisconnected.subscribe((event) => this.#onDisconnected(event)),
      chain.followTip({ follow: () => this.#settle(), chainStopped: () => this.#giveUp() }),
    );
  }

  /** Follows no more. */
  stop(): void {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#giveUp();
  }

  /** Whether the mempool fits the tip of the chain. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /** Resolves when it does; look again afterwards. Rejects with a ChainStoppedError when it never will. */
  whenInStep(): Promise<void> {
    if (this.#isInStep) return Promise.resolve();
    if (this.#isOver) return Promise.reject(createOverError());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #onConnected({ block, height }: BlockEvent): void {
    this.#disconnected.removeForBlock(block);
    this.#parts.mempool.removeForBlock(block, height, this.#nowSec());
  }

  #onDisconnected({ block, isInvalidated }: DisconnectedBlockEvent): void {
    this.#isInStep = false;
    const isGivenUp = isInvalidated && ++this.#invalidatedCount > INVALIDATED_BLOCKS_MAX;
    const givenUp = isGivenUp ? listTransactions(block) : this.#disconnected.addBlock(block);
    for (const transaction of givenUp) this.#parts.mempool.removeTransaction(transaction, 'reorg');
  }

  /** Judges in slices, so that nobody else waits long while thousands of transactions come back (M08). */
  async #settle(): Promise<void> {
    if (this.#isInStep) return;
    const { acceptance, clock, timers } = this.#parts;
    const transactions = this.#disconnected.take();
    this.#invalidatedCount = 0;
    const reacceptance = acceptance.beginReaccept({ nowSec: this.#nowSec(), readds: true });
    let sliceStartMs = clock.monotonicMs();
    for (let i = 0; i < transactions.length; i += BATCH_COUNT) {
      const batch = transactions.slice(i, i + BATCH_COUNT);
      await this.#fetch(() => reacceptance.unknownFor(batch));
      reacceptance.add(batch);
      if (clock.monotonicMs() - sliceStartMs < SLICE_MS) continue;
      await timers.yieldToHost();
      sliceStartMs = clock.monotonicMs();
    }
    await this.#fetch(() => reacceptance.unknownAtEnd());
    reacceptance.finish();
    this.#parts.coins.clear();
    this.#release();
  }

  /** Has coins fetched until none is unknown. What needs them follows without a pause. */
  async #fetch(findUnknown: () => Uint8Array): Promise<void> {
    for (let unknown = findUnknown(); unknown.length > 0; unknown = findUnknown()) {
      await this.#parts.coins.fetch(unknown, unknown.length / OUTPOINT_BYTES);
    }
  }

  #release(): void {
    this.#isInStep = true;
    for (const { resolve } of this.#takeWaiting()) resolve();
  }

  #giveUp(): void {
    this.#isOver = true;
    for (const { reject } of this.#takeWaiting()) reject(createOverError());
  }

  #takeWaiting(): readonly Waiting[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  #nowSec(): number {
    return Math.floor(this.#parts.clock.wallMs() / 1000);
  }
}

/** Somebody who waits until the mempool is in step. */
interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

function createOverError(): ChainStoppedError {
  return new ChainStoppedError('the chain has stopped in the middle of a reorganisation');
}

function listTransactions(block: Block): readonly Transaction[] {
  return Array.from({ length: block.txCount }, (_, i) => block.transaction(i));
}
