// The engine under sha256.ts: a staging area for message bytes, a state, and compression over them. Two engines have this
// shape, WebAssembly (several times faster than any JavaScript) and plain TypeScript, which always works; the first to pass a
// self-test against the other is taken. An engine keeps nothing between calls: its callers load and save the state.

import { SHA256_INITIAL, SHA256_ROUND_CONSTANTS } from './sha256-constants.ts';
import { emitSha256Module, SHA256_MEMORY } from './sha256-wasm.ts';
import { getWebAssembly, type WasmExports, type WasmMemory, type WebAssemblyApi } from './webassembly.ts';

/** Message bytes that fit into the staging area: whole blocks, and whole groups of four merkle pairs. */
export const STAGING_BYTES: number = SHA256_MEMORY.stagingBytes;

/** One compression engine. */
export interface Sha256Kernel {
  readonly name: 'wasm-simd' | 'wasm' | 'javascript';
  /** The 8 words that {@link compress} works on, and after {@link finish} the digest. */
  readonly state: Int32Array;
  /** Where message bytes are put; at most {@link STAGING_BYTES}, the room behind them belongs to padding. */
  readonly staging: Uint8Array;
  /** The same memory in words. */
  readonly stagingWords: Int32Array;
  /** Compresses the first blocks of staging into the state. */
  compress(blockCount: number): void;
  /** Pads the `byteCount` bytes in staging, the end of a message of so many bits in all, and turns the state into its digest. */
  finish(byteCount: number, bitsHigh: number, bitsLow: number): void;
  /** As {@link finish}, then hashes the digest. */
  finishTwice(byteCount: number, bitsHigh: number, bitsLow: number): void;
  /** Replaces `count` pairs of 32-byte hashes in staging by `count` double hashes. */
  hashPairs(count: number): void;
}

/** The state of an empty message. */
export const INITIAL_STATE: Int32Array = Int32Array.from(SHA256_INITIAL);

const ROUND_CONSTANTS: Int32Array = Int32Array.from(SHA256_ROUND_CONSTANTS);

function rotateRight(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits));
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Writes a state as the digest that it is after {@link Sha256Kernel.finish}. */
export function writeDigest(state: Int32Array, out: Uint8Array, outAt: number): void {
  for (let i = 0; i < 8; i++) writeWord(out, outAt + 4 * i, state[i]!);
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** The compression function of FIPS 180-4 section 6.2.2 on one block; `schedule` is scratch of 64 words. */
function compressBlock(state: Int32Array, bytes: Uint8Array, at: number, schedule: Int32Array): void {
  for (let t = 0; t < 16; t++) schedule[t] = readWord(bytes, at + 4 * t);
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15]!;
    const y = schedule[t - 2]!;
    const sigma0 = rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3);
    const sigma1 = rotateRight(y, 17) ^ rotateRight(y, 19) ^ (y >>> 10);
    schedule[t] = sigma1 + schedule[t - 7]! + sigma0 + schedule[t - 16]!;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const sum1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    const choice = g ^ (e & (f ^ g));
    const first = (h + sum1 + choice + ROUND_CONSTANTS[t]! + schedule[t]!) | 0;
    const sum0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + sum0 + majority) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

/** The engine in plain TypeScript. */
export function createJavaScriptKernel(): Sha256Kernel {
  const state = new Int32Array(8);
  const staging = new Uint8Array(STAGING_BYTES + SHA256_MEMORY.paddingBytes);
  const schedule = new Int32Array(64);
  const pair = new Uint8Array(2 * 64);
  const compressRange = (bytes: Uint8Array, blockCount: number): void => {
    for (let i = 0; i < blockCount; i++) compressBlock(state, bytes, 64 * i, schedule);
  };
  const finishRange = (bytes: Uint8Array, byteCount: number, bitsHigh: number, bitsLow: number): void => {
    const blockCount = (byteCount + 9 + 63) >>> 6; // the end mark and the length take 9 bytes
    bytes[byteCount] = 0x80;
    bytes.fill(0, byteCount + 1, 64 * blockCount - 8);
    writeWord(bytes, 64 * blockCount - 8, bitsHigh);
    writeWord(bytes, 64 * blockCount - 4, bitsLow);
    compressRange(bytes, blockCount);
  };
  const hashDigest = (): void => {
    writeDigest(state, pair, 0);
    state.set(INITIAL_STATE);
    finishRange(pair, 32, 0, 256);
  };
  return {
    name: 'javascript',
    state,
    staging,
    stagingWords: new Int32Array(staging.buffer),
    compress: (blockCount) => compressRange(staging, blockCount),
    finish: (byteCount, bitsHigh, bitsLow) => finishRange(staging, byteCount, bitsHigh, bitsLow),
    finishTwice: (byteCount, bitsHigh, bitsLow) => {
      finishRange(staging, byteCount, bitsHigh, bitsLow);
      hashDigest();
    },
    hashPairs: (count) => {
      for (let i = 0; i < count; i++) {
        state.set(INITIAL_STATE);
        pair.set(staging.subarray(64 * i, 64 * i + 64));
        finishRange(pair, 64, 0, 512);
        hashDigest();
        writeDigest(state, staging, 32 * i);
      }
    },
  };
}

/** The exports of the module that sha256-wasm.ts emits. */
interface Sha256Exports {
  readonly memory: WasmMemory;
  compress(blockCount: number): void;
  finish(byteCount: number, bitsHigh: number, bitsLow: number): void;
  finishTwice(byteCount: number, bitsHigh: number, bitsLow: number): void;
  hashPairs1(count: number, from: number, to: number): void;
  hashPairs4?(groupCount: number, from: number, to: number): void;
}

/** The engine in WebAssembly; throws what the engine throws when it refuses. With `simd`, merkle pairs go four at a time. */
export function createWasmKernel(api: WebAssemblyApi, simd: boolean): Sha256Kernel {
  const instance = new api.Instance(new api.Module(emitSha256Module(simd)));
  const { memory, compress, finish, finishTwice, hashPairs1, hashPairs4 } = instance.exports as WasmExports &
    Sha256Exports;
  const { buffer } = memory;
  const from = SHA256_MEMORY.staging;
  return {
    name: simd ? 'wasm-simd' : 'wasm',
    state: new Int32Array(buffer, SHA256_MEMORY.state, 8),
    staging: new Uint8Array(buffer, from, STAGING_BYTES + SHA256_MEMORY.paddingBytes),
    stagingWords: new Int32Array(buffer, from, STAGING_BYTES / 4),
    compress,
    finish,
    finishTwice,
    hashPairs: (count) => {
      const grouped = hashPairs4 === undefined ? 0 : count & ~3;
      if (grouped > 0) hashPairs4!(grouped >>> 2, from, from);
      hashPairs1(count - grouped, from + 64 * grouped, from + 32 * grouped);
    },
  };
}

/** Fills staging with bytes that differ from each other and from run to run of `seed`. */
function fillStaging(kernel: Sha256Kernel, seed: number, byteCount: number): void {
  for (let i = 0; i < byteCount; i++) kernel.staging[i] = Math.imul(i + seed, 0x9e3779b1) >>> 24;
}

/** Digests of a message of each interesting length, once and twice, and a batch of pairs, all in one array. */
function sampleResults(kernel: Sha256Kernel): Uint8Array {
  const lengths = [0, 3, 55, 56, 63, 64, 119, 120, 200];
  const pairCount = 7;
  const results = new Uint8Array(32 * (2 * lengths.length + pairCount));
  let at = 0;
  for (const length of lengths) {
    for (const finish of [kernel.finish, kernel.finishTwice]) {
      fillStaging(kernel, length, length);
      kernel.state.set(INITIAL_STATE);
      finish(length, 0, 8 * length);
      writeDigest(kernel.state, results, at);
      at += 32;
    }
  }
  fillStaging(kernel, 0, 64 * pairCount);
  kernel.hashPairs(pairCount);
  results.set(kernel.staging.subarray(0, 32 * pairCount), at);
  return results;
}

/** True when both engines compute the same: an engine that miscompiles the module must not decide over money. */
function agrees(candidate: Sha256Kernel, reference: Sha256Kernel): boolean {
  const expected = sampleResults(reference);
  return sampleResults(candidate).every((byte, i) => byte === expected[i]);
}

/** The fastest engine that works here. `api` is the host's WebAssembly, or null for none. */
export function chooseKernel(api: WebAssemblyApi | null): Sha256Kernel {
  const reference = createJavaScriptKernel();
  if (api === null) return reference;
  for (const simd of [true, false]) {
    try {
      const candidate = createWasmKernel(api, simd);
      if (agrees(candidate, reference)) return candidate;
    } catch {
      // refused: no SIMD, no room, or a content policy without 'wasm-unsafe-eval'; the next one is slower and needs less
    }
  }
  return reference;
}

let chosen: Sha256Kernel | null = null;

/** The engine of this thread, chosen at first use. */
export function sha256Kernel(): Sha256Kernel {
  chosen ??= chooseKernel(getWebAssembly());
  return chosen;
}
