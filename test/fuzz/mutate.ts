// Turns good bytes into almost good ones: the mutations that find faults in decoders. The same numbers give the same mutation.

import type { Rng } from '../../src/kernel/util/prng.ts';

/** Bytes at the edges of CompactSize, opcodes and signs. */
const EDGES: readonly number[] = [0x00, 0x01, 0x4b, 0x4c, 0x4d, 0x4e, 0x50, 0x7f, 0x80, 0x81, 0xfc, 0xfd, 0xfe, 0xff];

/** Longest result: mutation repeats parts, and must not grow without end. */
const LENGTH_MAX = 100_000;

type Mutation = (bytes: Uint8Array, rng: Rng) => Uint8Array;

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + inserted.length);
  result.set(bytes.subarray(0, at), 0);
  result.set(inserted, at);
  result.set(bytes.subarray(at + removed), at + inserted.length);
  return result;
}

function withByte(bytes: Uint8Array, rng: Rng, byte: (old: number) => number): Uint8Array {
  const result = bytes.slice();
  if (result.length === 0) return result;
  const at = rng.below(result.length);
  result[at] = byte(result[at]!);
  return result;
}

function anyRange(bytes: Uint8Array, rng: Rng): readonly [start: number, length: number] {
  const start = rng.below(bytes.length + 1);
  return [start, rng.below(Math.min(bytes.length - start, 64) + 1)];
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, rng) => withByte(bytes, rng, (old) => old ^ (1 << rng.below(8))),
  (bytes, rng) => withByte(bytes, rng, () => rng.below(256)),
  (bytes, rng) => withByte(bytes, rng, () => EDGES[rng.below(EDGES.length)]!),
  (bytes, rng) => withByte(bytes, rng, (old) => old + 1),
  (bytes, rng) => withByte(bytes, rng, (old) => old - 1),
  (bytes, rng) => bytes.slice(0, rng.below(bytes.length + 1)),
  (bytes, rng) => spliced(bytes, rng.below(bytes.length + 1), 0, rng.bytes(1 + rng.below(8))),
  (bytes, rng) => {
    const [start, length] = anyRange(bytes, rng);
    return spliced(bytes, start, length, new Uint8Array(0));
  },
  (bytes, rng) => {
    const [start, length] = anyRange(bytes, rng);
    return spliced(bytes, rng.below(bytes.length + 1), 0, bytes.slice(start, start + length));
  },
  (bytes, rng) => {
    const [start, length] = anyRange(bytes, rng);
    return spliced(bytes, start, length, new Uint8Array(length).fill(EDGES[rng.below(EDGES.length)]!));
  },
];

/** A copy with one to eight mutations. */
export function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  let result = bytes;
  for (let count = 1 + rng.below(8); count > 0; count--) {
    result = MUTATIONS[rng.below(MUTATIONS.length)]!(result, rng);
  }
  return result.length > LENGTH_MAX ? result.slice(0, LENGTH_MAX) : result;
}
