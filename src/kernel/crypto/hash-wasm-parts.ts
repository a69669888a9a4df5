// What the generators of the hash functions in WebAssembly share: the layout of the module's memory, and the ends of messages
// of MD4's family (RIPEMD-160, SHA-1, SHA-256): the mark 0x80, zeros, and the length in bits, little- or big-endian.

import {
  type FunctionEmitter,
  type FunctionRef,
  get,
  i32,
  i64,
  type Local,
  type ModuleEmitter,
  tee,
  type Value,
} from './wasm-emitter.ts';

/** Where things lie in the module's memory, in bytes. */
export const HASH_MEMORY: Readonly<
  Record<'state' | 'block' | 'staging' | 'stagingBytes' | 'paddingBytes' | 'pages', number>
> = Object.freeze({
  /** 8 words of state, native order; RIPEMD-160 and SHA-1 use the first 5. */
  state: 0,
  /** A block of our own making: padding, or a digest to be hashed again. */
  block: 64,
  /** Message bytes: `stagingBytes` and room for padding behind them. */
  staging: 128,
  stagingBytes: 65536,
  /** Padding may write up to 72 bytes behind the message. */
  paddingBytes: 128,
  /** 128 KiB in all. */
  pages: 2,
});

/** Base of constant addresses. */
export const ZERO: Value<'i32'> = i32.constant(0);

/** The order of a hash function's bytes in words. */
export type ByteOrder = 'big' | 'little';

/** Reverses the bytes of `value`; `x` is scratch. */
export function swapped(x: Local<'i32'>, value: Value<'i32'>): Value<'i32'> {
  const first = i32.and(i32.rotateLeft(tee(x, value), i32.constant(8)), i32.constant(0x00ff00ff));
  return i32.or(first, i32.and(i32.rotateRight(get(x), i32.constant(8)), i32.constant(0xff00ff00 | 0)));
}

/** A word of the state. */
export function stateWord(index: number): Value<'i32'> {
  return i32.load(ZERO, HASH_MEMORY.state + 4 * index);
}

/** Stores a word of the state. */
export function emitStateWord(emitter: FunctionEmitter, index: number, value: Value<'i32'>): void {
  emitter.store32(ZERO, HASH_MEMORY.state + 4 * index, value);
}

/** Sets the first words of the state. */
export function emitStart(emitter: FunctionEmitter, initial: readonly number[]): void {
  initial.forEach((word, i) => {
    emitStateWord(emitter, i, i32.constant(word));
  });
}

/** Stores words of a message that are known, in the order of its function, at a constant address. */
export function emitWords(emitter: FunctionEmitter, order: ByteOrder, address: number, words: readonly number[]): void {
  words.forEach((word, i) => {
    const reversed = ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
    emitter.store32(ZERO, address + 4 * i, i32.constant(order === 'big' ? reversed : word));
  });
}

/** The words that end a message of `bits` bits and fill its last block: as many as asked for. */
export function endWords(order: ByteOrder, words: number, bits: number): number[] {
  const ending = new Array<number>(words).fill(0);
  ending[0] = order === 'big' ? 0x80000000 | 0 : 0x80;
  ending[order === 'big' ? words - 1 : words - 2] = bits;
  return ending;
}

/**
 * Defines (at, byteCount, bitsHigh, bitsLow): pads what lies at `at` of staging, the end of a message of so many bits in all,
 * and compresses it; the digest is then the state.
 */
export function defineEnding(module: ModuleEmitter, compress: FunctionRef, order: ByteOrder): FunctionRef {
  const { staging } = HASH_MEMORY;
  return module.define(null, ['i32', 'i32', 'i32', 'i32'], (emitter, at, byteCount, bitsHigh, bitsLow) => {
    const swap = emitter.local('i32');
    const blockCount = emitter.local('i32');
    const end = emitter.local('i32');
    const tail = emitter.local('i32');
    const bits = emitter.local('i32');
    // The end mark replaces what lies behind the message in its last word, zeros follow. All stores are on words, since a load
    // that reads from two fresh stores waits for both.
    emitter.set(tail, i32.add(get(at), i32.and(get(byteCount), i32.constant(~3))));
    emitter.set(bits, i32.shl(i32.and(get(byteCount), i32.constant(3)), i32.constant(3)));
    const message = i32.and(
      i32.load(get(tail), staging),
      i32.sub(i32.shl(i32.constant(1), get(bits)), i32.constant(1)),
    );
    emitter.store32(get(tail), staging, i32.or(message, i32.shl(i32.constant(0x80), get(bits))));
    for (let i = 0; i < 8; i++) emitter.store64(get(tail), staging + 4 + 8 * i, i64.zero);
    // the end mark and the length take 9 bytes: rounded up to blocks
    emitter.set(blockCount, i32.shiftRight(i32.add(get(byteCount), i32.constant(9 + 63)), i32.constant(6)));
    emitter.set(end, i32.add(get(at), i32.shl(get(blockCount), i32.constant(6))));
    if (order === 'big') {
      emitter.store32(get(end), staging - 8, swapped(swap, get(bitsHigh)));
      emitter.store32(get(end), staging - 4, swapped(swap, get(bitsLow)));
    } else {
      emitter.store32(get(end), staging - 8, get(bitsLow));
      emitter.store32(get(end), staging - 4, get(bitsHigh));
    }
    emitter.call(compress, i32.add(get(at), i32.constant(staging)), get(blockCount));
  });
}

/** Ends and compresses a whole message of `byteCount` bytes at `at` of staging, onto a state that has been started. */
export function emitEnding(
  emitter: FunctionEmitter,
  ending: FunctionRef,
  at: Value<'i32'>,
  byteCount: Local<'i32'>,
): void {
  emitter.call(ending, at, get(byteCount), ZERO, i32.shl(get(byteCount), i32.constant(3)));
}
