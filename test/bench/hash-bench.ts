// A command: throughput of SHA-256 in the shapes that the ledger needs, ours against @noble/hashes and node:crypto, and what
// our calls cost above the bare compression of the same bytes.

import { createHash } from 'node:crypto';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import {
  chooseKernel,
  createJavaScriptKernel,
  createWasmKernel,
  type HashKernel,
  STAGING_BYTES,
} from '../../src/kernel/crypto/hash-kernel.ts';
import { hash160Into, ripemd160Into, sha1Into } from '../../src/kernel/crypto/hash160.ts';
import { Sha256Hasher, sha256dInto, sha256dPairsInto, sha256Into } from '../../src/kernel/crypto/sha256.ts';
import { getWebAssembly } from '../../src/kernel/crypto/webassembly.ts';

const ROUNDS = 5;
const ROUND_MS = 60;

/** Calls per second of `work`, which does `items` things per call: the median of a few short rounds. */
function measure(items: number, work: () => void): number {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    do {
      work();
      calls++;
    } while (performance.now() - start < ROUND_MS);
    rates.push((calls * items * 1000) / (performance.now() - start));
  }
  return rates.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

function thousands(rate: number): string {
  return String(Math.round(rate / 1000)).padStart(8);
}

function row(name: string, ...rates: readonly number[]): void {
  console.log(name.padEnd(28), rates.map(thousands).join(''));
}

const input = new Uint8Array(1024 * 256).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
const out = new Uint8Array(64);
const node = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** Double hashes of `size` bytes each at changing offsets. */
function eachMessage(size: number, hash: (start: number, end: number) => void): number {
  return measure(1024, () => {
    for (let i = 0; i < 1024; i++) hash(i, i + size);
  });
}

function messageRates(hash: (start: number, end: number) => void): number[] {
  return [64, 80, 250].map((size) => eachMessage(size, hash));
}

console.log('double SHA-256, thousands per second'.padEnd(28), ' 64 B    80 B   250 B');
row('ours', ...messageRates((start, end) => sha256dInto(input, start, end, out, 0)));
row('@noble/hashes', ...messageRates((start, end) => nobleSha256(nobleSha256(input.subarray(start, end)))));
row('node:crypto createHash', ...messageRates((start, end) => node(node(input.subarray(start, end)))));

const hasher = new Sha256Hasher();
row(
  'ours, in three parts',
  ...messageRates((start, end) => {
    hasher
      .reset()
      .update(input, start, start + 4)
      .update(input, start + 4, end - 4)
      .update(input, end - 4, end)
      .digestDoubleInto(out, 0);
  }),
);

console.log('\nmerkle pairs in batches of 1024, thousands per second');
const api = getWebAssembly();
const kernels: HashKernel[] = [createJavaScriptKernel()];
if (api !== null) {
  kernels.push(createWasmKernel(api, false));
  if (chooseKernel(api).name === 'wasm-simd') kernels.push(createWasmKernel(api, true));
}
for (const kernel of kernels) {
  row(
    `kernel ${kernel.name}`,
    measure(1024, () => kernel.hashPairs(1024)),
  );
}
const level = input.slice(0, 65536);
row(
  'sha256dPairsInto',
  measure(1024, () => sha256dPairsInto(level, 1024)),
);

console.log('\nbare compression, MB per second');
for (const kernel of kernels) {
  const bytesPerSecond = measure(STAGING_BYTES, () => kernel.compress(STAGING_BYTES / 64));
  console.log(`kernel ${kernel.name}`.padEnd(28), String(Math.round(bytesPerSecond / 1e6)).padStart(8));
}

/** Hashes of `size` bytes at changing offsets. */
function hashRates(
  into: (bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number) => void,
): number[] {
  return [33, 520].map((size) => eachMessage(size, (start, end) => into(input, start, end, out, 0)));
}

console.log('\nscript hashes, thousands/s'.padEnd(29), '  33 B   520 B');
row('HASH160', ...hashRates(hash160Into));
row('RIPEMD-160', ...hashRates(ripemd160Into));
row('@noble/hashes RIPEMD-160', ...hashRates((bytes, start, end) => nobleRipemd160(bytes.subarray(start, end))));
row('SHA-1', ...hashRates(sha1Into));
row('SHA-256', ...hashRates(sha256Into));
