// Blocks on their way from peers into the chain. They arrive faster than they can be verified while a node catches up, so they
// wait here, in the order of their arrival, and the chain takes them as a stream: it connects one while the scripts of those before
// are still running. Bounded by bytes: who hands blocks in asks first whether there is room.

import type { BlockAcceptance, BlockArrival } from '../../kernel/chain/block-acceptance.ts';
import type { BlockStream } from '../../kernel/chain/chainstate.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { Deque } from '../../kernel/util/deque.ts';
import type { PeerId } from '../p2p/peer-id.ts';

/** Bytes of waiting blocks above which no more messages are handled: a few of the largest blocks. */
const WAITING_BYTES_MAX: number = 16 * 1024 * 1024;

/** A block with the peer that it came from. */
interface Arrived {
  readonly block: Block;
  readonly arrival: BlockArrival;
  readonly peer: PeerId;
}

/** The chain, as far as the intake needs it. */
export interface IntakeChain {
  readonly isInitialDownload: boolean;
  submitStream(clock: () => number, stream: BlockStream): Promise<void>;
}

/** What the owner of an intake hears. */
export interface IntakeEvents {
  /** A block was stored or refused; whether it is valid is told by the chain's signals. */
  onAccepted(peer: PeerId, block: Block, acceptance: BlockAcceptance): void;
  /**
   * The chain has done with a block: it is connected, or known not to be. While far behind, where scripts are verified blocks later,
   * that it was stored or refused is enough.
   */
  onSettled(peer: PeerId): void;
  /** There is room again. */
  onRoom(): void;
  /** The chain has failed, which is no block's fault; nothing more is taken. */
  onFailed(error: unknown): void;
}

/** Feeds a chain with blocks of peers. */
export class BlockIntake {
  readonly #chain: IntakeChain;
  readonly #nowSec: () => number;
  readonly #events: IntakeEvents;
  readonly #waiting: Deque<Arrived> = new Deque();
  #waitingBytes = 0;
  /** The one that the chain has in hand. */
  #current: Arrived | null = null;
  #running: Promise<void> | null = null;
  /** Peers of the blocks that were stored and may not be connected yet. */
  #unsettled: PeerId[] = [];
  #isStopped = false;

  constructor(chain: IntakeChain, nowSec: () => number, events: IntakeEvents) {
    this.#chain = chain;
    this.#nowSec = nowSec;
    this.#events = events;
  }

  /** Whether whoever has a choice should wait before handing in another block. */
  get isFull(): boolean {
    return this.#waitingBytes >= WAITING_BYTES_MAX;
  }

  /** Bytes of the blocks that wait. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes a block; the bytes are the intake's. */
  add(peer: PeerId, block: Block, arrival: BlockArrival): void {
    if (this.#isStopped) return;
    this.#waiting.push({ block, arrival, peer });
    this.#waitingBytes += block.totalSize;
    this.#running ??= this.#run();
  }

  /** Takes no more blocks, and resolves once the chain has done with those it took; blocks that wait are dropped. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    await this.#running;
  }

  async #run(): Promise<void> {
    const stream: BlockStream = {
      next: () => this.#take(),
      onAccepted: (block, acceptance) => {
        if (this.#current === null) return;
        const { peer } = this.#current;
        this.#events.onAccepted(peer, block, acceptance);
        if (this.#chain.isInitialDownload) this.#events.onSettled(peer);
        else this.#unsettled.push(peer);
      },
    };
    try {
      // A block may arrive while the chain finishes those it has: then the stream begins again.
      while (this.#waiting.length > 0) {
        await this.#chain.submitStream(this.#nowSec, stream);
        const settled = this.#unsettled;
        this.#unsettled = [];
        for (const peer of settled) this.#events.onSettled(peer);
      }
      this.#running = null;
    } catch (error) {
      this.#isStopped = true;
      this.#running = null;
      this.#events.onFailed(error);
    }
  }

  #take(): Arrived | null {
    const wasFull = this.isFull;
    this.#current = this.#waiting.shift() ?? null;
    if (this.#current === null) return null;
    this.#waitingBytes -= this.#current.block.totalSize;
    if (wasFull && !this.isFull) this.#events.onRoom();
    return this.#current;
  }
}
