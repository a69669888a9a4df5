// One direction of a connection: bytes in at one end, the same bytes in the same order out at the other, later, in other pieces.
// As TCP, nothing is lost or reordered within it; what a network does to it shows as delay. Bytes wait in the sender's queue until
// the line is free and the receiver has room, travel for a while, and wait again while the path is blocked or nobody reads.

import type { Rng } from '../kernel/util/prng.ts';
import { drawBetween } from './chance.ts';
import type { World } from './world.ts';

/** Bytes that may be under way and unread: a socket's buffers. Beyond that the sender waits. */
export const WINDOW_BYTES: number = 64 * 1024;

/** Bytes that leave at once at most, so that a large message shares the line and arrives in parts. */
const SEGMENT_BYTES = 16 * 1024;

/** Pieces that a segment is cut into at most. */
const PIECES_MAX = 100;

/** How a path between two hosts is at the moment; asked for every segment. */
export interface LinkConditions {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  readonly bytesPerSec: number;
  /** Of 1,000 segments so many are cut into tiny pieces on arrival. */
  readonly shredPerMille: number;
}

/** What a link does for its connection. */
export interface LinkEnds {
  readonly label: string;
  /** Machine that the arrivals belong to. */
  readonly owner: number;
  conditions(): LinkConditions;
  /** True while nothing gets through. */
  isBlocked(): boolean;
  /** Bytes have left the sender's queue. */
  onLeft(): void;
  /** Bytes are there. */
  onArrived(bytes: Uint8Array): void;
  /** Everything that was sent before has arrived, and the end too. */
  onEnd(reason: string | null): void;
}

type Parcel = { readonly bytes: Uint8Array } | { readonly end: string | null };

/** A pipe with a line, a window and a blockade. */
export class SimLink {
  readonly #world: World;
  readonly #rng: Rng;
  readonly #ends: LinkEnds;
  /** Not yet on the line. */
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** Under way, or arrived and not read. */
  #unreadBytes = 0;
  /** Departed and not arrived, in order: arrivals of one instant come in any order, and each brings the oldest. */
  readonly #underWay: Parcel[] = [];
  /** Arrived in front of a blockade or of a receiver that does not read. */
  readonly #waiting: Parcel[] = [];
  #lineFreeAtMs = 0;
  #lastArrivalMs = 0;
  #isLeaving = false;
  #isReading = true;
  /** The end follows the last byte of the queue; undefined: nobody has ended it. */
  #end: string | null | undefined;
  #isCut = false;

  constructor(world: World, rng: Rng, ends: LinkEnds) {
    this.#world = world;
    this.#rng = rng;
    this.#ends = ends;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(bytes: Uint8Array): void {
    if (this.#isCut || this.#end !== undefined || bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#pump(false);
  }

  /** The sender goes: what has left its queue arrives, then the end. */
  finish(reason: string | null): void {
    if (this.#isCut || this.#end !== undefined) return;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#end = reason;
    this.#depart({ end: reason }, 0);
  }

  /** Nothing arrives any more. */
  cut(): void {
    this.#isCut = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#underWay.length = 0;
    this.#waiting.length = 0;
  }

  setReading(isReading: boolean): void {
    this.#isReading = isReading;
    if (isReading) this.release();
  }

  /** Hands out what waits, after a blockade has gone or the receiver reads again. */
  release(): void {
    while (this.#waiting.length > 0 && this.#isOpen()) this.#deliver(this.#waiting.shift()!);
  }

  #isOpen(): boolean {
    return !this.#isCut && this.#isReading && !this.#ends.isBlocked();
  }

  /** Puts the next segment on the line when line and window allow. `tells`: not within the call that queues it. */
  #pump(tells: boolean): void {
    if (this.#isLeaving || this.#queue.length === 0 || this.#unreadBytes >= WINDOW_BYTES) return;
    const waitMs = Math.max(0, this.#lineFreeAtMs - this.#world.nowMs);
    if (waitMs === 0) {
      this.#leave(tells);
      return;
    }
    this.#isLeaving = true;
    this.#world.after(waitMs, 'line', this.#ends.owner, () => {
      this.#isLeaving = false;
      if (!this.#isCut) this.#leave(true);
    });
  }

  #leave(tells: boolean): void {
    if (this.#queue.length === 0) return;
    const segment = this.#takeSegment();
    this.#queuedBytes -= segment.length;
    this.#unreadBytes += segment.length;
    const { bytesPerSec } = this.#ends.conditions();
    const lineMs = Math.floor((segment.length * 1000) / bytesPerSec);
    this.#lineFreeAtMs = Math.max(this.#lineFreeAtMs, this.#world.nowMs) + lineMs;
    this.#depart({ bytes: segment }, this.#lineFreeAtMs - this.#world.nowMs);
    if (tells) this.#ends.onLeft();
    this.#pump(tells);
  }

  #takeSegment(): Uint8Array {
    const first = this.#queue[0]!;
    if (first.length > SEGMENT_BYTES) {
      this.#queue[0] = first.subarray(SEGMENT_BYTES);
      return first.slice(0, SEGMENT_BYTES);
    }
    this.#queue.shift();
    return first.slice();
  }

  #depart(parcel: Parcel, lineMs: number): void {
    const { latencyMinMs, latencyMaxMs } = this.#ends.conditions();
    const arrivalMs = this.#world.nowMs + lineMs + drawBetween(this.#rng, latencyMinMs, latencyMaxMs);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    this.#underWay.push(parcel);
    this.#world.after(this.#lastArrivalMs - this.#world.nowMs, this.#ends.label, this.#ends.owner, () => {
      if (this.#isCut) return;
      this.#waiting.push(this.#underWay.shift()!);
      this.release();
    });
  }

  #deliver(parcel: Parcel): void {
    if ('end' in parcel) {
      this.#isCut = true;
      this.#ends.onEnd(parcel.end);
      return;
    }
    this.#unreadBytes -= parcel.bytes.length;
    this.#world.trace.bytes(parcel.bytes);
    for (const piece of this.#cutUp(parcel.bytes)) {
      if (this.#isCut) return;
      this.#ends.onArrived(piece);
    }
    this.#pump(true);
  }

  /** The pieces in which a segment is read: one, a few, or very many. */
  #cutUp(bytes: Uint8Array): readonly Uint8Array[] {
    const { shredPerMille } = this.#ends.conditions();
    if (shredPerMille === 0 || this.#rng.below(1000) >= shredPerMille) return [bytes];
    // Byte by byte where there are few, in some dozens of pieces where there are many.
    const pieceMax = this.#rng.below(4) === 0 ? 3 : 1 + Math.floor(bytes.length / 2);
    const pieceMin = Math.ceil(bytes.length / PIECES_MAX);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = drawBetween(this.#rng, pieceMin, Math.max(pieceMin, pieceMax));
      pieces.push(bytes.slice(at, at + length));
      at += length;
    }
    return pieces;
  }
}
