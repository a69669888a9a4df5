// The search for a nonce (proof of work) as a WebAssembly module that is generated at first use, scalar or four nonces side by
// side. A header is 80 bytes: its first 64 never change while nonces are tried, and of the rest only the last four do. So the
// loop compresses half of the header's second block and the digest of the result, and looks at one word of what comes out.

import { endWords, stateWord, swapped, ZERO } from './hash-wasm-parts.ts';
import { SHA256_INITIAL } from './sha256-constants.ts';
import {
  Compression,
  type Lanes,
  type LaneType,
  locals,
  scalarLanes,
  swappedVector,
  vectorLanes,
  type Word,
} from './sha256-wasm.ts';
import { type FunctionEmitter, get, i32, i32x4, type Local, ModuleEmitter, type Value } from './wasm-emitter.ts';

/** Where things lie in the module's memory, in bytes; all are 32-bit words. */
export const NONCE_MEMORY: Readonly<Record<'state' | 'tail' | 'highest' | 'steps' | 'left' | 'pages', number>> =
  Object.freeze({
    /** The state after the first 64 bytes of the header, 8 words. */
    state: 0,
    /** Bytes 64 to 76 of the header as 3 big-endian words. */
    tail: 32,
    /** The most significant word of the target. */
    highest: 44,
    /** 0, 1, 2, 3: what the lanes add to the first nonce. */
    steps: 48,
    /** Rounds of the loop that were left when it ended. */
    left: 64,
    pages: 1,
  });

/** The rest of a message of 80 bytes behind the nonce, in words. */
const HEADER_ENDING: readonly number[] = endWords('big', 12, 640);

/** The lowest word of a digest is h; h of the last round was e after this many. */
const ROUNDS_TO_LAST_WORD = 61;

/** What the search needs besides SHA-256. */
interface SearchLanes<T extends LaneType> {
  readonly lanes: Lanes<T>;
  readonly count: number;
  /** One word in every lane. */
  spread(word: Value<'i32'>): Value<T>;
  /** The nonces of the first group. */
  first(nonce: Local<'i32'>): Value<T>;
  swap(emitter: FunctionEmitter, value: Value<T>): Value<T>;
  /** Whether a <= b in any lane. */
  isAnyAtMost(a: Value<T>, b: Value<T>): Value<'i32'>;
}

const scalarSearch: SearchLanes<'i32'> = {
  lanes: scalarLanes,
  count: 1,
  spread: (word) => word,
  first: get,
  swap: (emitter, value) => swapped(emitter.local('i32'), value),
  isAnyAtMost: i32.isAtMost,
};

const vectorSearch: SearchLanes<'v128'> = {
  lanes: vectorLanes,
  count: 4,
  spread: i32x4.splat,
  first: (nonce) => i32x4.add(i32x4.splat(get(nonce)), i32x4.load(ZERO, NONCE_MEMORY.steps)),
  swap: (_, value) => swappedVector(value),
  isAnyAtMost: (a, b) => i32x4.isAny(i32x4.isAtMost(a, b)),
};

/** Copies values into new variables. */
function keep<T extends LaneType>(emitter: FunctionEmitter, type: T, values: readonly Value<T>[]): Local<T>[] {
  const kept = locals(emitter, type, values.length);
  kept.forEach((local, i) => {
    emitter.set(local, values[i]!);
  });
  return kept;
}

/**
 * search(nonce, groupCount): tries groups of nonces until one of a group gives a hash whose most significant word is not above
 * `highest`; `left` then counts that group and those behind it, and is zero when there was none.
 */
function defineSearch<T extends LaneType>(module: ModuleEmitter, search: SearchLanes<T>): void {
  const { lanes, count, spread } = search;
  module.define('search', ['i32', 'i32'], (emitter, nonce, groupCount) => {
    const hash = new Compression(emitter, lanes);
    const load = (at: number): Value<T> => spread(i32.load(ZERO, at));
    const state = keep(
      emitter,
      lanes.type,
      hash.variables.map((_, i) => spread(stateWord(i))),
    );
    const tail = keep(
      emitter,
      lanes.type,
      [0, 4, 8].map((at) => load(NONCE_MEMORY.tail + at)),
    );
    const [highest, nonces] = keep(emitter, lanes.type, [load(NONCE_MEMORY.highest), search.first(nonce)]) as [
      Local<T>,
      Local<T>,
    ];
    // The nonce is the fourth word of its block: three rounds and two words of the schedule do not depend on it.
    const block: Word<T>[] = [...tail, hash.words[3]!, ...HEADER_ENDING];
    state.forEach((word, i) => {
      emitter.set(hash.variables[i]!, get(word));
    });
    hash.rounds(block, 0, 3);
    const start = keep(emitter, lanes.type, hash.variables.map(get));
    const scheduled = keep(
      emitter,
      lanes.type,
      [16, 17].map((t) => get(hash.nextWord(block, t) as Local<T>)),
    );
    emitter.repeat(groupCount, () => {
      emitter.set(hash.words[3]!, search.swap(emitter, get(nonces)));
      start.forEach((word, i) => {
        emitter.set(hash.variables[i]!, get(word));
      });
      hash.rounds([...scheduled, tail[2]!, hash.words[3]!, ...HEADER_ENDING], 3, 64, 18);
      state.forEach((word, i) => {
        emitter.set(hash.words[i]!, lanes.add(get(hash.variables[i]!), get(word)));
      });
      hash.start();
      hash.rounds([...hash.words.slice(0, 8), ...endWords('big', 8, 256)], 0, ROUNDS_TO_LAST_WORD);
      const lastWord = lanes.add(get(hash.variables[7]!), lanes.constant(SHA256_INITIAL[7]!));
      emitter.leaveWhen(search.isAnyAtMost(search.swap(emitter, lastWord), get(highest)));
      emitter.set(nonces, lanes.add(get(nonces), lanes.constant(count)));
    });
    emitter.store32(ZERO, NONCE_MEMORY.left, get(groupCount));
  });
}

/** The bytes of the module. Exports: memory and search. With `simd`, a group is four nonces, else one. */
export function emitNonceModule(simd: boolean): Uint8Array {
  const module = new ModuleEmitter(NONCE_MEMORY.pages);
  if (simd) defineSearch(module, vectorSearch);
  else defineSearch(module, scalarSearch);
  return module.finish();
}
