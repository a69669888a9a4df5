// The two stacks of a running script. An element is a pair (start, length) into one growable arena of bytes, so that copying an
// element copies two integers, and dropping one costs nothing. Bytes in the arena never change once written; new ones are
// appended, and when the arena has grown to its bound the elements still alive are moved together. One object serves every
// input of every transaction: after a warm-up nothing here allocates, unless a hostile script makes the arena grow.

import { copyRange } from '../util/bytes.ts';
import { ENCODED_NUMBER_BYTES_MAX, writeScriptNumberAt } from './script-number.ts';

/** Most elements on both stacks together after any operation (Core MAX_STACK_SIZE). */
export const MAX_STACK_SIZE = 1000;

/** Elements a stack has room for at first; with a witness of version 0 it may start above MAX_STACK_SIZE. */
const CAPACITY = 1024 + 16;

/** A stack that had to grow beyond this gives its memory back after the input. */
const CAPACITY_KEPT_MAX = 8 * CAPACITY;

/** Bytes of the arena at first: enough for any usual input. */
const ARENA_BYTES = 16 * 1024;

/** From this size on the arena is cleaned instead of enlarged: twice what 1000 elements of 520 bytes need. */
const ARENA_BYTES_CLEANED = 1024 * 1024;

/** One operation appends at most one pushed element of 520 bytes, or a hash, or a number. */
const OPERATION_BYTES_MAX = 520 + ENCODED_NUMBER_BYTES_MAX;

/** The arena begins with the bytes 1 to 16 and 0x81: the elements that OP_1 to OP_16 and OP_1NEGATE push. */
const CONSTANT_BYTES = 17;
const MINUS_ONE_AT = 16;

/** A stack of elements: two parallel lists of integers, the top at `depth - 1`. */
export class ElementStack {
  starts: Int32Array = new Int32Array(CAPACITY);
  lengths: Int32Array = new Int32Array(CAPACITY);
  depth = 0;

  /** Makes room for `count` elements in all, and no more than that if it is much. */
  reserve(count: number): void {
    if (count > this.starts.length) this.#resize(count);
  }

  /** Puts an element on top. */
  push(start: number, length: number): void {
    if (this.depth === this.starts.length) this.#resize(2 * this.depth);
    this.starts[this.depth] = start;
    this.lengths[this.depth] = length;
    this.depth++;
  }

  /** Puts a copy of the element `fromTop` places below the top (0 is the top itself) on top. */
  pushCopyOf(fromTop: number): void {
    const at = this.depth - 1 - fromTop;
    this.push(this.starts[at]!, this.lengths[at]!);
  }

  /** Exchanges two elements, counted from the top. */
  swap(fromTopA: number, fromTopB: number): void {
    const a = this.depth - 1 - fromTopA;
    const b = this.depth - 1 - fromTopB;
    const start = this.starts[a]!;
    const length = this.lengths[a]!;
    this.starts[a] = this.starts[b]!;
    this.lengths[a] = this.lengths[b]!;
    this.starts[b] = start;
    this.lengths[b] = length;
  }

  /** Takes the element `fromTop` places below the top out and puts it on top. */
  roll(fromTop: number): void {
    const at = this.depth - 1 - fromTop;
    const start = this.starts[at]!;
    const length = this.lengths[at]!;
    this.starts.copyWithin(at, at + 1, this.depth);
    this.lengths.copyWithin(at, at + 1, this.depth);
    this.starts[this.depth - 1] = start;
    this.lengths[this.depth - 1] = length;
  }

  /** Forgets all elements, and memory that only a hostile input can have needed. */
  reset(): void {
    this.depth = 0;
    if (this.starts.length > CAPACITY_KEPT_MAX) {
      this.starts = new Int32Array(CAPACITY);
      this.lengths = new Int32Array(CAPACITY);
    }
  }

  #resize(capacity: number): void {
    const starts = new Int32Array(capacity);
    const lengths = new Int32Array(capacity);
    starts.set(this.starts);
    lengths.set(this.lengths);
    this.starts = starts;
    this.lengths = lengths;
  }
}

/** Main stack and altstack over one arena. */
export class ScriptStacks {
  readonly main: ElementStack = new ElementStack();
  readonly alt: ElementStack = new ElementStack();
  /** The arena. Another array after {@link makeRoom}. */
  bytes: Uint8Array = createArena(ARENA_BYTES);
  /** The arena before the last cleaning: the next one moves back into it, so that a script can clean for ever without garbage. */
  #spare: Uint8Array | null = null;
  #used = CONSTANT_BYTES;

  /** Empties both stacks and the arena. */
  reset(): void {
    this.main.reset();
    this.alt.reset();
    this.#used = CONSTANT_BYTES;
    if (this.bytes.length > 2 * ARENA_BYTES_CLEANED) this.bytes = createArena(ARENA_BYTES);
    if (this.#spare !== null && this.#spare.length > 2 * ARENA_BYTES_CLEANED) this.#spare = null;
  }

  /** Bytes of the arena in use, dead elements included. */
  get usedBytes(): number {
    return this.#used;
  }

  /**
   * Called before each operation: afterwards whatever one operation appends fits without moving anything, so that the operation
   * may hold offsets while it appends.
   */
  makeRoomForOperation(): void {
    if (this.bytes.length - this.#used < OPERATION_BYTES_MAX) this.makeRoom(OPERATION_BYTES_MAX);
  }

  /** Makes sure that `count` more bytes fit; elements may move to another array. */
  makeRoom(count: number): void {
    if (this.bytes.length - this.#used >= count) return;
    if (this.bytes.length < ARENA_BYTES_CLEANED) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.#used + count));
      grown.set(this.bytes.subarray(0, this.#used));
      this.bytes = grown;
    } else {
      this.#clean(count);
    }
  }

  /** Puts a copy of `source` from `start` to `end` on the main stack. The caller has made room. */
  push(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    copyRange(source, start, this.bytes, this.#used, length);
    this.main.push(this.#used, length);
    this.#used += length;
  }

  /** Puts true (the byte 1) or false (nothing) on the main stack. */
  pushBoolean(value: boolean): void {
    this.main.push(0, value ? 1 : 0);
  }

  /** Puts a number from −1 to 16 on the main stack. */
  pushSmallNumber(value: number): void {
    if (value > 0) this.main.push(value - 1, 1);
    else if (value === 0) this.main.push(0, 0);
    else this.main.push(MINUS_ONE_AT, 1);
  }

  /** Puts a number on the main stack. The caller has made room. */
  pushNumber(value: number): void {
    if (value >= -1 && value <= 16) {
      this.pushSmallNumber(value);
      return;
    }
    const length = writeScriptNumberAt(this.bytes, this.#used, value);
    this.main.push(this.#used, length);
    this.#used += length;
  }

  /**
   * Puts an element of `length` bytes on the main stack and returns where the caller has to write them, at once. The caller has
   * made room.
   */
  pushUnwritten(length: number): number {
    const start = this.#used;
    this.main.push(start, length);
    this.#used += length;
    return start;
  }

  /** The truth of an element of the main stack: false when all bytes are zero, but for a sign on the last (Core CastToBool). */
  isTrue(fromTop: number): boolean {
    const at = this.main.depth - 1 - fromTop;
    const start = this.main.starts[at]!;
    const last = start + this.main.lengths[at]! - 1;
    for (let i = start; i <= last; i++) {
      const byte = this.bytes[i]!;
      if (byte !== 0) return i !== last || byte !== 0x80;
    }
    return false;
  }

  /** Copies of the elements of a stack, bottom first: for people, not for the run. */
  copyElements(stack: ElementStack): Uint8Array[] {
    const elements: Uint8Array[] = [];
    for (let i = 0; i < stack.depth; i++) {
      const start = stack.starts[i]!;
      elements.push(this.bytes.slice(start, start + stack.lengths[i]!));
    }
    return elements;
  }

  /** Moves the elements that are alive into another arena with room for at least as much again. */
  #clean(count: number): void {
    const live = liveBytes(this.main) + liveBytes(this.alt);
    const length = Math.max(ARENA_BYTES_CLEANED, 2 * (CONSTANT_BYTES + live + count));
    const arena = this.#spare !== null && this.#spare.length >= length ? this.#spare : createArena(length);
    this.#used = moveElements(this.alt, this.bytes, arena, moveElements(this.main, this.bytes, arena, CONSTANT_BYTES));
    this.#spare = this.bytes;
    this.bytes = arena;
  }
}

function createArena(length: number): Uint8Array {
  const arena = new Uint8Array(length);
  for (let value = 1; value <= 16; value++) arena[value - 1] = value;
  arena[MINUS_ONE_AT] = 0x81;
  return arena;
}

function liveBytes(stack: ElementStack): number {
  let total = 0;
  for (let i = 0; i < stack.depth; i++) total += stack.lengths[i]!;
  return total;
}

function moveElements(stack: ElementStack, from: Uint8Array, to: Uint8Array, position: number): number {
  let at = position;
  for (let i = 0; i < stack.depth; i++) {
    const start = stack.starts[i]!;
    const length = stack.lengths[i]!;
    if (start < CONSTANT_BYTES) continue;
    copyRange(from, start, to, at, length);
    stack.starts[i] = at;
    at += length;
  }
  return at;
}
