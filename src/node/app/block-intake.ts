// Blocks on their way from peers into the chain. They arrive faster than they can be verified while a node catches up, so they
// wait here, in the order of their arrival, and the chain takes them as a stream: it connects one while the scripts of those before
// are still running. Bounded by bytes: who hands blocks in asks first whether there is room.

import type { BlockAcceptance, BlockArrival } from '../../kernel/chain/block-acceptance.ts';
import type { BlockIndex } from '../../kernel/chain/block-index.ts';
import type { BlockStream } from '../../kernel/chain/chainstate.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { toHex } from '../../kernel/util/bytes.ts';
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
  readonly index: Pick<BlockIndex, 'isLinked'>;
  submitStream(clock: () => number, stream: BlockStream): Promise<void>;
}

/** What the owner of an intake hears. */
export interface IntakeEvents {
  /** A block was stored or refused; whether it is valid is told by the chain's signals. */
  onAccepted(peer: PeerId, block: Block, acceptance: BlockAcceptance): void;
  /**
   * The chain has done with a block: it is connected, or known not to be. While far behind, blocks may keep coming for hours: there
   * one that is stored and cannot be connected yet, because blocks before it are missing, is done with, too.
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
  /** Blocks that were taken and may not be connected yet, by hash, with their peers. */
  readonly #unsettled: Map<string, PeerId[]> = new Map();
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

  /** The chain has a verdict on a block, whoever it came from. */
  blockChecked({ header }: Block, isValid: boolean): void {
    // What else belongs to a tip of today is in step when the chain has come to its end.
    if (!this.#chain.isInitialDownload) return;
    if (isValid) this.#settle(toHex(header.blockHash));
    else this.#settleAll(); // those on top of it will have no verdict of their own
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
        this.#noteTaken(peer, block, acceptance);
      },
    };
    try {
      // A block may arrive while the chain finishes those it has: then the stream begins again.
      while (this.#waiting.length > 0) {
        await this.#chain.submitStream(this.#nowSec, stream);
        this.#settleAll();
      }
      this.#running = null;
    } catch (error) {
      this.#isStopped = true;
      this.#running = null;
      this.#events.onFailed(error);
    }
  }

  #noteTaken(peer: PeerId, { header }: Block, acceptance: BlockAcceptance): void {
    const isUnderWay = acceptance.outcome === 'stored' && this.#chain.index.isLinked(acceptance.entry);
    if (this.#chain.isInitialDownload && !isUnderWay) {
      this.#events.onSettled(peer);
      return;
    }
    const key = toHex(header.blockHash);
    const peers = this.#unsettled.get(key);
    if (peers === undefined) this.#unsettled.set(key, [peer]);
    else peers.push(peer);
  }

  #settle(key: string): void {
    const peers = this.#unsettled.get(key) ?? [];
    this.#unsettled.delete(key);
    for (const peer of peers) this.#events.onSettled(peer);
  }

  #settleAll(): void {
    for (const key of [...this.#unsettled.keys()]) this.#settle(key);
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
