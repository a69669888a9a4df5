import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyRangeLoosely } from './range-copy.ts';

const TARGET_BYTES = 20_000;
/** What a loose copy may write behind its range. */
const SPILL_BYTES = 15;

function copyInto(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  copyRangeLoosely(source, start, end, target, new DataView(target.buffer), at);
}

function assertCopied(source: Uint8Array, start: number, end: number, at: number): void {
  const target = new Uint8Array(TARGET_BYTES).fill(0xee);
  copyInto(source, start, end, target, at);
  const length = end - start;
  assert.ok(Buffer.from(target.buffer, at, length).equals(source.subarray(start, end)), `${start} to ${end} at ${at}`);
  assert.ok(
    target.subarray(0, at).every((byte) => byte === 0xee),
    'nothing before the range',
  );
  assert.ok(
    target.subarray(at + length + SPILL_BYTES).every((byte) => byte === 0xee),
    'no more than the spill behind it',
  );
}

function sample(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
}

test('a copied range holds the same bytes, whatever its length and place, up to the very end of the source', () => {
  const sources = [0, 1, 40, 129, 1000, 9000].map((length, seed) => sample(length, seed));
  for (const source of sources) {
    for (const length of [0, 1, 15, 16, 24, 25, 31, 128, 129, 200, 4095, 4096, 4097, 6500, source.length]) {
      if (length > source.length) continue;
      assertCopied(source, 0, length, 3);
      assertCopied(source, source.length - length, source.length, 0);
    }
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9000 }),
      fc.integer({ min: 0, max: 9000 }),
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom(...sources),
      (a, b, at, source) => {
        const [start, end] = [a % (source.length + 1), b % (source.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        assertCopied(source, start, end, at);
      },
    ),
    { numRuns: 300 },
  );
});

test('a source that lies inside a larger buffer is read from its own start and never beyond its end', () => {
  const buffer = sample(5000, 9);
  const source = buffer.subarray(1003, 1303);
  const target = new Uint8Array(400).fill(0xee);
  copyInto(source, 0, 300, target, 7);
  assert.deepEqual(target.slice(7, 307), source.slice());
  assert.deepEqual(target.slice(307), new Uint8Array(93).fill(0xee));
});

test('many sources in turn, changed between copies, are always read as they are', () => {
  const sources = Array.from({ length: 9 }, (_, i) => sample(5000, i));
  for (let round = 0; round < 20; round++) {
    for (const source of sources) {
      source[4000]!++;
      assertCopied(source, 100 + round, 4700, round);
    }
  }
});
