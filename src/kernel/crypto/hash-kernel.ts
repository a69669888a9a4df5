// The engine under sha256.ts and hash160.ts: a staging area for message bytes, a state, and hash functions over them. Two engines
// have this shape, WebAssembly (several times faster than any JavaScript) and plain TypeScript, which always works; the first to
// pass a self-test against the other is taken. An engine keeps nothing between calls: its callers load and save the state.

import { type Compress, compressEnding, compressRipemd160, compressSha1, compressSha256 } from './hash-compress.ts';
import { emitHashModule } from './hash-wasm.ts';
import { HASH_MEMORY } from './hash-wasm-parts.ts';
import { MD_INITIAL } from './ripemd160-constants.ts';
import { SHA256_INITIAL } from './sha256-constants.ts';
import { getWebAssembly, type WasmExports, type WasmMemory, type WebAssemblyApi } from './webassembly.ts';

/** Message bytes that fit into the staging area: whole blocks, and whole groups of four merkle pairs. */
export const STAGING_BYTES: number = HASH_MEMORY.stagingBytes;

/** The functions of an engine that hash a whole message of `byteCount` bytes in staging. The digest is then the state. */
interface WholeHashes {
  sha256(byteCount: number): void;
  /** SHA-256 of the SHA-256 of the message at `at`. What lies up to 72 bytes behind it is lost. */
  sha256dAt(at: number, byteCount: number): void;
  ripemd160(byteCount: number): void;
  sha1(byteCount: number): void;
  /** RIPEMD-160 of the SHA-256. */
  hash160(byteCount: number): void;
}

/** The functions of an engine that continue a SHA-256. */
interface StreamedSha256 {
  /** Compresses the first blocks of staging into the state. */
  compress(blockCount: number): void;
  /** Pads the `byteCount` bytes in staging, the end of a message of so many bits in all, and turns the state into its digest. */
  finish(byteCount: number, bitsHigh: number, bitsLow: number): void;
  /** As {@link finish}, then hashes the digest. */
  finishTwice(byteCount: number, bitsHigh: number, bitsLow: number): void;
}

/** One engine. */
export interface HashKernel extends WholeHashes, StreamedSha256 {
  readonly name: 'wasm-simd' | 'wasm' | 'javascript';
  /** The words that {@link compress} works on, and the digest: 8 of SHA-256, the first 5 of RIPEMD-160 and SHA-1. */
  readonly state: Int32Array;
  /** Where message bytes are put; at most {@link STAGING_BYTES}, the room behind them belongs to padding. */
  readonly staging: Uint8Array;
  /** The same memory, for words. */
  readonly stagingView: DataView;
  /** Replaces `count` pairs of 32-byte hashes in staging by `count` double hashes. */
  hashPairs(count: number): void;
}

/** The state of an empty message of SHA-256. */
export const INITIAL_STATE: Int32Array = Int32Array.from(SHA256_INITIAL);

const MD_INITIAL_STATE: Int32Array = Int32Array.from(MD_INITIAL);

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** Writes a state as the SHA-256 that it is in the end. */
export function writeDigest(state: Int32Array, out: Uint8Array, outAt: number): void {
  for (let i = 0; i < 8; i++) writeWord(out, outAt + 4 * i, state[i]!);
}

/** The engine in plain TypeScript. */
export function createJavaScriptKernel(): HashKernel {
  const state = new Int32Array(8);
  const staging = new Uint8Array(STAGING_BYTES + HASH_MEMORY.paddingBytes);
  const words = new Int32Array(80);
  const pair = new Uint8Array(2 * 64);
  const finish = (byteCount: number, bitsHigh: number, bitsLow: number): void =>
    compressEnding(compressSha256, false, state, staging, 0, byteCount, bitsHigh, bitsLow, words);
  const hashWhole = (compress: Compress, initial: Int32Array, bytes: Uint8Array, byteCount: number, at = 0): void => {
    const littleEndian = compress === compressRipemd160;
    state.set(initial);
    compressEnding(compress, littleEndian, state, bytes, at, at + byteCount, 0, 8 * byteCount, words);
  };
  const hashDigest = (compress: Compress, initial: Int32Array): void => {
    writeDigest(state, pair, 0);
    hashWhole(compress, initial, pair, 32);
  };
  return {
    name: 'javascript',
    state,
    staging,
    stagingView: new DataView(staging.buffer),
    compress: (blockCount) => {
      for (let i = 0; i < blockCount; i++) compressSha256(state, staging, 64 * i, words);
    },
    finish,
    finishTwice: (byteCount, bitsHigh, bitsLow) => {
      finish(byteCount, bitsHigh, bitsLow);
      hashDigest(compressSha256, INITIAL_STATE);
    },
    sha256: (byteCount) => hashWhole(compressSha256, INITIAL_STATE, staging, byteCount),
    sha256dAt: (at, byteCount) => {
      hashWhole(compressSha256, INITIAL_STATE, staging, byteCount, at);
      hashDigest(compressSha256, INITIAL_STATE);
    },
    ripemd160: (byteCount) => hashWhole(compressRipemd160, MD_INITIAL_STATE, staging, byteCount),
    sha1: (byteCount) => hashWhole(compressSha1, MD_INITIAL_STATE, staging, byteCount),
    hash160: (byteCount) => {
      hashWhole(compressSha256, INITIAL_STATE, staging, byteCount);
      hashDigest(compressRipemd160, MD_INITIAL_STATE);
    },
    hashPairs: (count) => {
      for (let i = 0; i < count; i++) {
        pair.set(staging.subarray(64 * i, 64 * i + 64));
        hashWhole(compressSha256, INITIAL_STATE, pair, 64);
        hashDigest(compressSha256, INITIAL_STATE);
        writeDigest(state, staging, 32 * i);
      }
    },
  };
}

/** The exports of the module that hash-wasm.ts emits. */
interface HashExports extends WholeHashes, StreamedSha256 {
  readonly memory: WasmMemory;
  hashPairs1(count: number, from: number, to: number): void;
  hashPairs4?(groupCount: number, from: number, to: number): void;
}

/** The engine in WebAssembly; throws what the engine throws when it refuses. With `simd`, merkle pairs go four at a time. */
export function createWasmKernel(api: WebAssemblyApi, simd: boolean): HashKernel {
  const instance = new api.Instance(new api.Module(emitHashModule(simd)));
  const { memory, hashPairs1, hashPairs4, ...functions } = instance.exports as WasmExports & HashExports;
  const { buffer } = memory;
  const from = HASH_MEMORY.staging;
  return {
    name: simd ? 'wasm-simd' : 'wasm',
    state: new Int32Array(buffer, HASH_MEMORY.state, 8),
    staging: new Uint8Array(buffer, from, STAGING_BYTES + HASH_MEMORY.paddingBytes),
    stagingView: new DataView(buffer, from, STAGING_BYTES + HASH_MEMORY.paddingBytes),
    compress: functions.compress,
    finish: functions.finish,
    finishTwice: functions.finishTwice,
    sha256: functions.sha256,
    sha256dAt: functions.sha256dAt,
    ripemd160: functions.ripemd160,
    sha1: functions.sha1,
    hash160: functions.hash160,
    hashPairs: (count) => {
      const grouped = hashPairs4 === undefined ? 0 : count & ~3;
      if (grouped > 0) hashPairs4!(grouped >>> 2, from, from);
      hashPairs1(count - grouped, from + 64 * grouped, from + 32 * grouped);
    },
  };
}

/** Fills staging with bytes that differ from each other and from run to run of `seed`. */
function fillStaging(kernel: HashKernel, seed: number, byteCount: number): void {
  for (let i = 0; i < byteCount; i++) kernel.staging[i] = Math.imul(i + seed, 0x9e3779b1) >>> 24;
}

/** Digests of a message of each interesting length by every function, and a batch of pairs, all in one array. */
function sampleResults(kernel: HashKernel): Uint8Array {
  const lengths = [0, 3, 55, 56, 63, 64, 119, 120, 200];
  const sha256d = (length: number): void => kernel.sha256dAt(0, length);
  const whole = [kernel.sha256, sha256d, kernel.ripemd160, kernel.sha1, kernel.hash160];
  const streamed = [kernel.finish, kernel.finishTwice];
  const pairCount = 7;
  const results = new Uint8Array(32 * (lengths.length * (whole.length + streamed.length) + 1 + pairCount));
  let at = 0;
  for (const length of lengths) {
    for (const hash of [...whole, ...streamed]) {
      fillStaging(kernel, length, length);
      kernel.state.set(INITIAL_STATE);
      hash(length, 0, 8 * length);
      writeDigest(kernel.state, results, at);
      at += 32;
    }
  }
  fillStaging(kernel, 1, 150);
  kernel.sha256dAt(9, 127);
  writeDigest(kernel.state, results, at);
  at += 32;
  fillStaging(kernel, 0, 64 * pairCount);
  kernel.hashPairs(pairCount);
  results.set(kernel.staging.subarray(0, 32 * pairCount), at);
  return results;
}

/** True when both engines compute the same: an engine that miscompiles the module must not decide over money. */
function agrees(candidate: HashKernel, reference: HashKernel): boolean {
  const expected = sampleResults(reference);
  return sampleResults(candidate).every((byte, i) => byte === expected[i]);
}

/** The fastest engine that works here. `api` is the host's WebAssembly, or null for none. */
export function chooseKernel(api: WebAssemblyApi | null): HashKernel {
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

let chosen: HashKernel | null = null;

/** The engine of this thread, chosen at first use. */
export function hashKernel(): HashKernel {
  chosen ??= chooseKernel(getWebAssembly());
  return chosen;
}
