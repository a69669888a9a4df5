// Proof of work by trying: the lowest nonce of a range that brings the double SHA-256 of an 80-byte header to a target. The loop
// over nonces is an engine, WebAssembly where there is one (nonce-wasm.ts) and TypeScript elsewhere; it looks at one word of
// each hash, and what it finds is hashed again in full. Engines are tested against each other before one is taken.

import { assert } from '../util/assert.ts';
import { compressSha256 } from './hash-compress.ts';
import { hashKernel, INITIAL_STATE } from './hash-kernel.ts';
import { emitNonceModule, NONCE_MEMORY } from './nonce-wasm.ts';
import { sha256dInto } from './sha256.ts';
import { getWebAssembly, type WasmExports, type WasmMemory, type WebAssemblyApi } from './webassembly.ts';

/** Bytes of a block header. */
const HEADER_BYTES = 80;
/** Where the nonce lies in a header: its last four bytes, least significant first. */
const NONCE_AT = 76;
const TARGET_BYTES = 32;

/** Nonces of a header: 32 bits. */
export const NONCE_END: number = 2 ** 32;

/**
 * Nonces per call of an engine. An engine of WebAssembly is compiled well only between two calls, and this many take a few
 * milliseconds even before.
 */
const BATCH_NONCES = 16_384;

/** A header as engines want it: what of its hash does not depend on the nonce. */
interface NonceJob {
  /** The state after the first 64 bytes, 8 words. */
  readonly state: Int32Array;
  /** The 12 bytes from there to the nonce, as 3 big-endian words. */
  readonly tail: Int32Array;
  /** The most significant word of the target. */
  readonly highest: number;
}

/** One engine. */
export interface NonceEngine {
  readonly name: 'wasm-simd' | 'wasm' | 'javascript';
  /** Nonces that it tries at once. */
  readonly groupSize: number;
  /** Takes a job on. */
  start(job: NonceJob): void;
  /**
   * Tries groups from `nonce` on; the number of groups before the first with a hash whose most significant word is not above
   * the job's, or `groupCount`.
   */
  search(nonce: number, groupCount: number): number;
}

function swapWord(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** The engine in plain TypeScript. */
export function createJavaScriptEngine(): NonceEngine {
  const block = new Uint8Array(64);
  const view = new DataView(block.buffer);
  const digest = new Uint8Array(64);
  const digestView = new DataView(digest.buffer);
  const midstate = new Int32Array(8);
  const state = new Int32Array(8);
  const words = new Int32Array(80);
  let highest = 0;
  block[16] = 0x80;
  view.setUint32(60, 8 * HEADER_BYTES);
  digest[32] = 0x80;
  digestView.setUint32(60, 8 * 32);
  return {
    name: 'javascript',
    groupSize: 1,
    start: (job) => {
      midstate.set(job.state);
      job.tail.forEach((word, i) => {
        view.setInt32(4 * i, word);
      });
      highest = job.highest;
    },
    search: (nonce, groupCount) => {
      for (let i = 0; i < groupCount; i++) {
        view.setUint32(12, nonce + i, true);
        state.set(midstate);
        compressSha256(state, block, 0, words);
        for (let k = 0; k < 8; k++) digestView.setInt32(4 * k, state[k]!);
        state.set(INITIAL_STATE);
        compressSha256(state, digest, 0, words);
        if (swapWord(state[7]!) <= highest) return i;
      }
      return groupCount;
    },
  };
}

/** The engine in WebAssembly; throws what the host throws when it refuses. With `simd`, four nonces are tried side by side. */
export function createWasmEngine(api: WebAssemblyApi, simd: boolean): NonceEngine {
  const instance = new api.Instance(new api.Module(emitNonceModule(simd)));
  const { memory, search } = instance.exports as WasmExports & {
    readonly memory: WasmMemory;
    search(nonce: number, groupCount: number): void;
  };
  const words = new Int32Array(memory.buffer);
  words.set([0, 1, 2, 3], NONCE_MEMORY.steps / 4);
  return {
    name: simd ? 'wasm-simd' : 'wasm',
    groupSize: simd ? 4 : 1,
    start: ({ state, tail, highest }) => {
      words.set(state, NONCE_MEMORY.state / 4);
      words.set(tail, NONCE_MEMORY.tail / 4);
      words[NONCE_MEMORY.highest / 4] = highest;
    },
    search: (nonce, groupCount) => {
      search(nonce, groupCount);
      return groupCount - words[NONCE_MEMORY.left / 4]!;
    },
  };
}

/** The part of a header's hash that all nonces share. */
function prepareJob(header: Uint8Array, target: Uint8Array): NonceJob {
  const kernel = hashKernel();
  kernel.state.set(INITIAL_STATE);
  kernel.staging.set(header.subarray(0, 64));
  kernel.compress(1);
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  return {
    state: kernel.state.slice(),
    tail: Int32Array.of(view.getInt32(64), view.getInt32(68), view.getInt32(72)),
    highest: new DataView(target.buffer, target.byteOffset, TARGET_BYTES).getUint32(TARGET_BYTES - 4, true),
  };
}

/** Compares two numbers of 32 bytes, least significant first. */
function isAtMost(hash: Uint8Array, target: Uint8Array): boolean {
  for (let i = TARGET_BYTES - 1; i >= 0; i--) {
    if (hash[i] !== target[i]) return hash[i]! < target[i]!;
  }
  return true;
}

/** A search of one engine over one header. */
class NonceSearch {
  readonly #engine: NonceEngine;
  readonly #header: Uint8Array;
  readonly #view: DataView;
  readonly #target: Uint8Array;
  readonly #hash: Uint8Array = new Uint8Array(32);

  constructor(engine: NonceEngine, header: Uint8Array, target: Uint8Array) {
    this.#engine = engine;
    this.#header = header.slice();
    this.#view = new DataView(this.#header.buffer);
    this.#target = target;
    engine.start(prepareJob(header, target));
  }

  find(start: number, end: number): number | null {
    const { groupSize } = this.#engine;
    for (let nonce = start; nonce < end; ) {
      const count = Math.min(Math.ceil((end - nonce) / groupSize), BATCH_NONCES / groupSize);
      const before = this.#engine.search(nonce, count);
      nonce += before * groupSize;
      if (before === count) continue;
      const found = this.#findInGroup(nonce, Math.min(nonce + groupSize, end));
      if (found !== null) return found;
      nonce += groupSize;
    }
    return null;
  }

  #findInGroup(start: number, end: number): number | null {
    for (let nonce = start; nonce < end; nonce++) {
      this.#view.setUint32(NONCE_AT, nonce, true);
      sha256dInto(this.#header, 0, HEADER_BYTES, this.#hash, 0);
      if (isAtMost(this.#hash, this.#target)) return nonce;
    }
    return null;
  }
}

/**
 * The lowest of `nonceCount` nonces from `nonceStart` on with which the hash of the header, read as a number, is not above the
 * target: 32 bytes, least significant first, as hashes are. Null when there is none; nonces end at {@link NONCE_END}. The nonce
 * that the header has does not matter, and the header is left as it is.
 */
export function findNonce(
  header: Uint8Array,
  target: Uint8Array,
  nonceStart: number,
  nonceCount: number,
  engine: NonceEngine = nonceEngine(),
): number | null {
  assert(header.length === HEADER_BYTES && target.length === TARGET_BYTES, 'a header of 80 bytes and a target of 32');
  assert(Number.isInteger(nonceStart) && nonceStart >= 0 && nonceCount >= 0, 'a range of nonces');
  return new NonceSearch(engine, header, target).find(nonceStart, Math.min(nonceStart + nonceCount, NONCE_END));
}

/** Nonces of the self-test; with its target about one in 64 is found. */
const SAMPLE_NONCES = 512;
const SAMPLE_HIGHEST = 0x03ffffff;

/** Every nonce below {@link SAMPLE_NONCES} whose hash of a made-up header is low, one by one. */
function sampleResults(engine: NonceEngine): readonly number[] {
  const header = Uint8Array.from({ length: HEADER_BYTES }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
  const target = new Uint8Array(TARGET_BYTES).fill(0xff);
  new DataView(target.buffer).setUint32(TARGET_BYTES - 4, SAMPLE_HIGHEST, true);
  const search = new NonceSearch(engine, header, target);
  const found: number[] = [];
  for (let next = 0; next < SAMPLE_NONCES; ) {
    const nonce = search.find(next, SAMPLE_NONCES);
    if (nonce === null) break;
    found.push(nonce);
    next = nonce + 1;
  }
  return found;
}

/** The fastest engine that works here. `api` is the host's WebAssembly, or null for none. */
export function chooseNonceEngine(api: WebAssemblyApi | null): NonceEngine {
  const reference = createJavaScriptEngine();
  if (api === null) return reference;
  const expected = sampleResults(reference);
  for (const simd of [true, false]) {
    try {
      const candidate = createWasmEngine(api, simd);
      const results = sampleResults(candidate);
      if (results.length === expected.length && results.every((nonce, i) => nonce === expected[i])) return candidate;
    } catch {
      // refused: no SIMD, no room, or a content policy without 'wasm-unsafe-eval'; the next one is slower and needs less
    }
  }
  return reference;
}

let chosen: NonceEngine | null = null;

/** The engine of this thread, chosen at first use. */
export function nonceEngine(): NonceEngine {
  chosen ??= chooseNonceEngine(getWebAssembly());
  return chosen;
}
