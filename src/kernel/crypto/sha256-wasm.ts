// SHA-256 for the generated WebAssembly module (hash-wasm.ts): one round generator, unrolled 64 times, serves both the scalar
// code (i32) and four messages side by side (i32x4).

import {
  emitStart,
  emitStateWord,
  emitWords,
  endWords,
  HASH_MEMORY,
  stateWord,
  swapped,
  ZERO,
} from './hash-wasm-parts.ts';
import { SHA256_INITIAL, SHA256_ROUND_CONSTANTS } from './sha256-constants.ts';
import {
  type FunctionEmitter,
  type FunctionRef,
  get,
  i32,
  i32x4,
  type Local,
  type ModuleEmitter,
  tee,
  type Value,
} from './wasm-emitter.ts';

/** One message word, or one of each of four messages. */
export type LaneType = 'i32' | 'v128';

/** Arithmetic on 32-bit words, one or four at a time. */
export interface Lanes<T extends LaneType> {
  readonly type: T;
  constant(value: number): Value<T>;
  add(a: Value<T>, b: Value<T>): Value<T>;
  and(a: Value<T>, b: Value<T>): Value<T>;
  xor(a: Value<T>, b: Value<T>): Value<T>;
  /** rotr(x, first) ^ rotr(x, second) ^ rotr(x, third), ascending. */
  rotations(x: Local<T>, first: number, second: number, third: number): Value<T>;
  /** rotr(x, first) ^ rotr(x, second) ^ (x >>> shift). */
  rotationsAndShift(x: Local<T>, first: number, second: number, shift: number): Value<T>;
}

/** One message at a time. */
export const scalarLanes: Lanes<'i32'> = {
  type: 'i32',
  constant: i32.constant,
  add: i32.add,
  and: i32.and,
  xor: i32.xor,
  // nested, so that each step rotates its own intermediate result and needs no copy of x
  rotations: (x, first, second, third) => {
    const outer = i32.rotateRight(get(x), i32.constant(third - second));
    const middle = i32.rotateRight(i32.xor(outer, get(x)), i32.constant(second - first));
    return i32.rotateRight(i32.xor(middle, get(x)), i32.constant(first));
  },
  rotationsAndShift: (x, first, second, shift) =>
    i32.xor(
      i32.xor(i32.rotateRight(get(x), i32.constant(first)), i32.rotateRight(get(x), i32.constant(second))),
      i32.shiftRight(get(x), i32.constant(shift)),
    ),
};

/** (x >>> a) ^ (x >>> b) ^ ... for ascending shifts, as nested steps: each shifts its own intermediate result. */
function nestedShifts(
  shift: (value: Value<'v128'>, bits: number) => Value<'v128'>,
  x: Local<'v128'>,
  ascending: readonly number[],
): Value<'v128'> {
  let value = get(x);
  for (let i = ascending.length - 1; i >= 0; i--) {
    value = shift(value, ascending[i]! - (ascending[i - 1] ?? 0));
    if (i > 0) value = i32x4.xor(value, get(x));
  }
  return value;
}

/** Four messages side by side. */
export const vectorLanes: Lanes<'v128'> = {
  type: 'v128',
  constant: (value) => i32x4.splat(i32.constant(value)),
  add: i32x4.add,
  and: i32x4.and,
  xor: i32x4.xor,
  rotations: (x, first, second, third) =>
    i32x4.xor(
      nestedShifts(i32x4.shiftRight, x, [first, second, third]),
      nestedShifts(i32x4.shiftLeft, x, [32 - third, 32 - second, 32 - first]),
    ),
  rotationsAndShift: (x, first, second, shift) =>
    i32x4.xor(
      nestedShifts(
        i32x4.shiftRight,
        x,
        [first, second, shift].sort((a, b) => a - b),
      ),
      nestedShifts(i32x4.shiftLeft, x, [32 - second, 32 - first]),
    ),
};

/** A message word while code is generated: known now, or in a local when the code runs. */
export type Word<T extends LaneType> = number | Local<T>;

function rotateRight(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits));
}

/** New variables of one type. */
export function locals<T extends LaneType>(emitter: FunctionEmitter, type: T, count: number): Local<T>[] {
  return Array.from({ length: count }, () => emitter.local(type));
}

/** Generates compressions inside one function; its working variables and message words are locals. */
export class Compression<T extends LaneType> {
  readonly #emitter: FunctionEmitter;
  readonly #lanes: Lanes<T>;
  /** a to h. A round renames instead of moving: after 64 rounds every variable is back in its place. */
  readonly variables: readonly Local<T>[];
  readonly words: readonly Local<T>[];
  /** The last and the current a ^ b, alternating: Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and b ^ c is the last a ^ b. */
  readonly #pairs: readonly Local<T>[];

  constructor(emitter: FunctionEmitter, lanes: Lanes<T>) {
    this.#emitter = emitter;
    this.#lanes = lanes;
    this.variables = locals(emitter, lanes.type, 8);
    this.words = locals(emitter, lanes.type, 16);
    this.#pairs = locals(emitter, lanes.type, 2);
  }

  /** Sets the variables to the initial state. */
  start(): void {
    for (let i = 0; i < 8; i++) this.#emitter.set(this.variables[i]!, this.#lanes.constant(SHA256_INITIAL[i]!));
  }

  /**
   * The rounds from `first` to before `end` over one block, all 64 if not said otherwise; `block` is consumed. Word t of the
   * schedule is at t modulo 16: those below `scheduled` are there already.
   */
  rounds(block: Word<T>[], first = 0, end = 64, scheduled = 16): void {
    this.#emitter.set(
      this.#pairs[(first + 1) % 2]!,
      this.#lanes.xor(get(this.#variable(1, first)), get(this.#variable(2, first))),
    );
    for (let t = first; t < end; t++) {
      if (t >= scheduled) block[t % 16] = this.nextWord(block, t);
      this.#round(t, block[t % 16]!);
    }
  }

  /** Variable `index` plus a constant, as the feed-forward onto the initial state. */
  fedForward(index: number): Value<T> {
    return this.#lanes.add(get(this.variables[index]!), this.#lanes.constant(SHA256_INITIAL[index]!));
  }

  /** What is called a to h (0 to 7) before round t. */
  #variable(name: number, t: number): Local<T> {
    return this.variables[(name - t + 64) % 8]!;
  }

  #round(t: number, word: Word<T>): void {
    const { add, and, xor, constant, rotations } = this.#lanes;
    const emitter = this.#emitter;
    const [a, b, d, e, f, g, h] = [0, 1, 3, 4, 5, 6, 7].map((name) => this.#variable(name, t)) as [
      Local<T>,
      Local<T>,
      Local<T>,
      Local<T>,
      Local<T>,
      Local<T>,
      Local<T>,
    ];
    const scheduled =
      typeof word === 'number'
        ? constant((SHA256_ROUND_CONSTANTS[t]! + word) | 0)
        : add(get(word), constant(SHA256_ROUND_CONSTANTS[t]!));
    const choice = xor(get(g), and(get(e), xor(get(f), get(g))));
    emitter.set(h, add(add(add(get(h), scheduled), choice), rotations(e, 6, 11, 25)));
    emitter.set(d, add(get(d), get(h)));
    const pair = this.#pairs[t % 2]!;
    const last = this.#pairs[(t + 1) % 2]!;
    const majority = xor(and(tee(pair, xor(get(a), get(b))), get(last)), get(b));
    emitter.set(h, add(add(get(h), majority), rotations(a, 2, 13, 22)));
  }

  /** W(t) of the message schedule, in the place of W(t - 16). */
  nextWord(block: readonly Word<T>[], t: number): Word<T> {
    const { add, constant, rotationsAndShift } = this.#lanes;
    let known = 0;
    let sum: Value<T> | null = null;
    const addTerm = (word: Word<T>, ofLocal: (x: Local<T>) => Value<T>, ofNumber: (x: number) => number): void => {
      if (typeof word === 'number') known = (known + ofNumber(word)) | 0;
      else sum = sum === null ? ofLocal(word) : add(sum, ofLocal(word));
    };
    const plain = (x: number): number => x;
    addTerm(block[t % 16]!, get, plain);
    addTerm(block[(t - 7) % 16]!, get, plain);
    addTerm(
      block[(t - 15) % 16]!,
      (x) => rotationsAndShift(x, 7, 18, 3),
      (x) => rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3),
    );
    addTerm(
      block[(t - 2) % 16]!,
      (x) => rotationsAndShift(x, 17, 19, 10),
      (x) => rotateRight(x, 17) ^ rotateRight(x, 19) ^ (x >>> 10),
    );
    if (sum === null) return known;
    const target = this.words[t % 16]!;
    this.#emitter.set(target, known === 0 ? sum : add(sum, constant(known)));
    return target;
  }
}

/**
 * Double SHA-256 of the 64 bytes in the words of each lane; leaves the digests in the variables. What is known is folded: the
 * initial state, the padding block (all its schedule is constant) and the padding of the second hash.
 */
function emitPairHash(emitter: FunctionEmitter, hash: Compression<'v128'>): void {
  const middle = locals(emitter, 'v128', 8);
  hash.start();
  hash.rounds([...hash.words]);
  for (let i = 0; i < 8; i++) {
    emitter.set(middle[i]!, hash.fedForward(i));
    emitter.set(hash.variables[i]!, get(middle[i]!));
  }
  hash.rounds(endWords('big', 16, 512));
  for (let i = 0; i < 8; i++) {
    emitter.set(hash.words[i]!, i32x4.add(get(hash.variables[i]!), get(middle[i]!)));
  }
  hash.start();
  hash.rounds([...hash.words.slice(0, 8), ...endWords('big', 8, 256)]);
  for (let i = 0; i < 8; i++) emitter.set(hash.variables[i]!, hash.fedForward(i));
}

/**
 * compressAt(from, blockCount): the blocks at `from` onto the state. All scalar hashing shares this one body: a second
 * unrolled copy would no longer fit the instruction caches beside it, which costs more than folding its constants gains.
 */
export function defineSha256Compress(module: ModuleEmitter): FunctionRef {
  return module.define(null, ['i32', 'i32'], (emitter, from, blockCount) => {
    const swap = emitter.local('i32');
    const hash = new Compression(emitter, scalarLanes);
    emitter.repeat(blockCount, () => {
      hash.words.forEach((word, i) => {
        emitter.set(word, swapped(swap, i32.load(get(from), 4 * i)));
      });
      hash.variables.forEach((variable, i) => {
        emitter.set(variable, stateWord(i));
      });
      hash.rounds([...hash.words]);
      hash.variables.forEach((variable, i) => {
        emitStateWord(emitter, i, i32.add(get(variable), stateWord(i)));
      });
      emitter.set(from, i32.add(get(from), i32.constant(64)));
    });
  });
}

/** Writes the state as a digest to `to` plus `offset`. */
export function emitDigest(emitter: FunctionEmitter, to: Value<'i32'>, offset: number): void {
  const swap = emitter.local('i32');
  for (let i = 0; i < 8; i++) {
    emitter.store32(to, offset + 4 * i, swapped(swap, stateWord(i)));
  }
}

/** Hashes the digest that the state holds; its block is laid out with its padding in `block`. */
export function emitSecondHash(emitter: FunctionEmitter, compress: FunctionRef): void {
  emitDigest(emitter, ZERO, HASH_MEMORY.block);
  emitWords(emitter, 'big', HASH_MEMORY.block + 32, endWords('big', 8, 256));
  emitStart(emitter, SHA256_INITIAL);
  emitter.call(compress, i32.constant(HASH_MEMORY.block), i32.constant(1));
}

/** hashPairs1(count, from, to): double hashes of 64 bytes each at `from` become 32 bytes each at `to` (not behind `from`). */
export function definePairs(module: ModuleEmitter, compress: FunctionRef): void {
  module.define('hashPairs1', ['i32', 'i32', 'i32'], (emitter, count, from, to) => {
    emitter.repeat(count, () => {
      emitStart(emitter, SHA256_INITIAL);
      emitter.call(compress, get(from), i32.constant(1));
      emitWords(emitter, 'big', HASH_MEMORY.block, endWords('big', 16, 512));
      emitter.call(compress, i32.constant(HASH_MEMORY.block), i32.constant(1));
      emitSecondHash(emitter, compress);
      emitDigest(emitter, get(to), 0);
      emitter.set(from, i32.add(get(from), i32.constant(64)));
      emitter.set(to, i32.add(get(to), i32.constant(32)));
    });
  });
}

/** For a shuffle: the bytes of each word reversed. */
const SWAP_LANES = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
const LOW_WORDS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_WORDS = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

/** Turns four rows of four words into four columns. */
function emitTranspose(
  emitter: FunctionEmitter,
  rows: readonly Local<'v128'>[],
  spare: readonly Local<'v128'>[],
): void {
  const [a, b, c, d] = rows.map((row) => get(row)) as [Value<'v128'>, Value<'v128'>, Value<'v128'>, Value<'v128'>];
  emitter.set(spare[0]!, i32x4.shuffle(a, b, LOW_WORDS));
  emitter.set(spare[1]!, i32x4.shuffle(a, b, HIGH_WORDS));
  emitter.set(spare[2]!, i32x4.shuffle(c, d, LOW_WORDS));
  emitter.set(spare[3]!, i32x4.shuffle(c, d, HIGH_WORDS));
  emitter.set(rows[0]!, i32x4.shuffle(get(spare[0]!), get(spare[2]!), LOW_HALVES));
  emitter.set(rows[1]!, i32x4.shuffle(get(spare[0]!), get(spare[2]!), HIGH_HALVES));
  emitter.set(rows[2]!, i32x4.shuffle(get(spare[1]!), get(spare[3]!), LOW_HALVES));
  emitter.set(rows[3]!, i32x4.shuffle(get(spare[1]!), get(spare[3]!), HIGH_HALVES));
}

/** Reverses the bytes of each word. */
export function swappedVector(value: Value<'v128'>): Value<'v128'> {
  return i32x4.shuffle(value, value, SWAP_LANES);
}

/** hashPairs4(groupCount, from, to): as hashPairs1 for groups of four pairs, one in each lane. */
export function definePairGroups(module: ModuleEmitter): void {
  module.define('hashPairs4', ['i32', 'i32', 'i32'], (emitter, groupCount, from, to) => {
    const spare = locals(emitter, 'v128', 4);
    const hash = new Compression(emitter, vectorLanes);
    emitter.repeat(groupCount, () => {
      for (let quarter = 0; quarter < 4; quarter++) {
        const rows = hash.words.slice(4 * quarter, 4 * quarter + 4);
        rows.forEach((row, pair) => {
          emitter.set(row, swappedVector(i32x4.load(get(from), 64 * pair + 16 * quarter)));
        });
        emitTranspose(emitter, rows, spare);
      }
      emitPairHash(emitter, hash);
      for (let half = 0; half < 2; half++) {
        const rows = hash.variables.slice(4 * half, 4 * half + 4);
        emitTranspose(emitter, rows, spare);
        rows.forEach((row, pair) => {
          emitter.store128(get(to), 32 * pair + 16 * half, swappedVector(get(row)));
        });
      }
      emitter.set(from, i32.add(get(from), i32.constant(256)));
      emitter.set(to, i32.add(get(to), i32.constant(128)));
    });
  });
}
