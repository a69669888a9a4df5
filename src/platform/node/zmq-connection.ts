// One subscriber of a ZeroMQ publisher: its socket, and what waits to be sent to it. What is published within one turn of the event
// loop, such as the transactions of a block, is handed to the system together. Whoever reads more slowly than is published misses
// messages, which the numbers in them tell it, and keeps nobody else waiting: when 16 MiB are on their way, so many further messages
// may wait as the high water mark says (ZMQ_SNDHWM), and all subscribers of an address share a bound of bytes.

import type { Socket } from 'node:net';
import { joinBytes } from '../../kernel/util/bytes.ts';
import { Deque } from '../../kernel/util/deque.ts';
import { encodeZmtpGreeting } from '../../node/wire/zmtp-frames.ts';
import { ZmtpSubscriber } from '../../node/wire/zmtp-subscriber.ts';

/** How long a subscriber has to introduce itself (libzmq ZMQ_HANDSHAKE_IVL). */
const HANDSHAKE_MS = 30_000;

/**
 * Bytes that may be on their way before messages begin to wait. Ours: twice what a full block is with all topics, for what is published in
 * one turn could not be read before its end.
 */
const UNDER_WAY_BYTES_MAX: number = 16 * 2 ** 20;

/** Bytes that are put together before they are handed to the system, unless a single piece has more. */
const RUN_BYTES_MAX: number = 64 * 1024;

/** Bytes that have not left yet at an address, over all subscribers. */
export interface ZmqBudget {
  readonly max: number;
  used: number;
}

/** A message that waits. */
interface Waiting {
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
}

/** A subscriber. */
export class ZmqConnection {
  readonly #socket: Socket;
  readonly #peer: ZmtpSubscriber = new ZmtpSubscriber();
  readonly #highWaterMark: number;
  readonly #budget: ZmqBudget;
  readonly #waiting: Deque<Waiting> = new Deque();
  #waitingBytes = 0;
  /** Of the budget. */
  #heldBytes = 0;
  /** What is handed to the system at the end of this turn. */
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #silence: NodeJS.Timeout | null = null;

  /** `highWaterMark` 0: any number of messages. */
  constructor(socket: Socket, highWaterMark: number, budget: ZmqBudget, onClosed: (reason: string | null) => void) {
    this.#socket = socket;
    this.#highWaterMark = highWaterMark === 0 ? Number.POSITIVE_INFINITY : highWaterMark;
    this.#budget = budget;
    let reason: string | null = null;
    socket.on('data', (bytes: Uint8Array) => {
      reason ??= this.#receive(bytes);
    });
    socket.on('drain', () => this.#drained());
    socket.on('end', () => socket.destroy());
    socket.on('error', (error) => {
      reason ??= error.message;
    });
    socket.on('close', () => {
      this.#forgetAll();
      onClosed(reason);
    });
    this.#closeAfter(HANDSHAKE_MS);
    socket.write(encodeZmtpGreeting());
  }

  /** Whether it wants messages of a topic. */
  wants(topicHex: string): boolean {
    return this.#peer.wants(topicHex);
  }

  /** Sends a message, or has it wait; false when there is no room for it. */
  send(pieces: readonly Uint8Array[], length: number): boolean {
    if (this.#socket.destroyed) return true;
    this.#account();
    if (this.#budget.used + length > this.#budget.max) return false;
    if (this.#waiting.length === 0 && this.#underWayBytes < UNDER_WAY_BYTES_MAX) this.#write(pieces, length);
    else if (this.#waiting.length >= this.#highWaterMark) return false;
    else {
      this.#waiting.push({ pieces, length });
      this.#waitingBytes += length;
    }
    return true;
  }

  /** Takes from the budget what is held now. */
  #account(): void {
    const heldBytes = this.#socket.destroyed ? 0 : this.#waitingBytes + this.#underWayBytes;
    this.#budget.used += heldBytes - this.#heldBytes;
    this.#heldBytes = heldBytes;
  }

  /** Ends it at once, whatever waits (Core ZMQ_LINGER 0). */
  close(): void {
    this.#socket.destroy();
  }

  /** Why it must end, or null. */
  #receive(bytes: Uint8Array): string | null {
    if (this.#socket.destroyed) return null;
    const { replies, fault } = this.#peer.receive(bytes);
    if (fault !== null) {
      this.#socket.destroy();
      return fault;
    }
    for (const reply of replies) this.#socket.write(reply);
    // Who asks and does not read the answers is not read either.
    if (replies.length > 0 && this.#socket.writableNeedDrain) this.#socket.pause();
    if (this.#peer.isOpen) this.#closeAfter(this.#peer.ttlMs);
    return null;
  }

  #closeAfter(silenceMs: number | null): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = silenceMs === null ? null : setTimeout(() => this.#socket.destroy(), silenceMs).unref();
  }

  #drained(): void {
    this.#socket.resume();
    while (this.#underWayBytes < UNDER_WAY_BYTES_MAX) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#waitingBytes -= next.length;
      this.#write(next.pieces, next.length);
    }
    this.#account();
  }

  #write(pieces: readonly Uint8Array[], length: number): void {
    if (this.#gathered.length === 0) process.nextTick(() => this.#handOver());
    for (const piece of pieces) this.#gathered.push(piece);
    this.#gatheredBytes += length;
  }

  #handOver(): void {
    const pieces = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (const run of joinRuns(pieces)) this.#socket.write(run);
    this.#socket.uncork();
  }

  /** Bytes that the system has not taken yet, beside those that wait. */
  get #underWayBytes(): number {
    return this.#gatheredBytes + this.#socket.writableLength;
  }

  #forgetAll(): void {
    this.#closeAfter(null);
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#account();
  }
}

/** The same bytes in fewer pieces: short ones that follow one another are put together. */
function* joinRuns(pieces: readonly Uint8Array[]): Generator<Uint8Array, void, void> {
  let run: Uint8Array[] = [];
  let runBytes = 0;
  for (const piece of pieces) {
    if (runBytes > 0 && runBytes + piece.length > RUN_BYTES_MAX) {
      yield run.length === 1 ? run[0]! : joinBytes(run);
      run = [];
      runBytes = 0;
    }
    run.push(piece);
    runBytes += piece.length;
  }
  if (run.length > 0) yield run.length === 1 ? run[0]! : joinBytes(run);
}
