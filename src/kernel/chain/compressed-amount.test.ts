import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeError, decodeResult } from '../encoding/decode-error.ts';
import { ByteReader } from '../encoding/reader.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { readCompressedAmount, writeCompressedAmountAt } from './compressed-amount.ts';

const COIN = 100_000_000;
const MAX_MONEY = 2_100_000_000_000_000;

function encode(valueSat: number): Uint8Array {
  const bytes = new Uint8Array(16);
  return bytes.slice(0, writeCompressedAmountAt(bytes, 0, valueSat));
}

function decode(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  const valueSat = readCompressedAmount(reader);
  reader.finish('amount');
  return valueSat;
}

/** The number of the rule, formed whole. */
function compress(valueSat: number): bigint {
  if (valueSat === 0) return 0n;
  let n = BigInt(valueSat);
  let zeros = 0n;
  while (zeros < 9n && n % 10n === 0n) {
    n /= 10n;
    zeros++;
  }
  return zeros < 9n ? 1n + ((n / 10n) * 9n + (n % 10n) - 1n) * 10n + zeros : 1n + (n - 1n) * 10n + 9n;
}

function encodeVarint(value: bigint): string {
  const groups = [value % 128n];
  for (let rest = value / 128n; rest > 0n; rest /= 128n) {
    rest -= 1n;
    groups.unshift((rest % 128n) + 128n);
  }
  return toHex(Uint8Array.from(groups.map(Number)));
}

test('amounts compress to the numbers that Core names', () => {
  const pairs: readonly (readonly [valueSat: number, varintHex: string])[] = [
    [0, '00'],
    [1, '01'],
    [COIN / 100, '07'],
    [COIN, '09'],
    [50 * COIN, '32'],
    // 0x1406f40 in groups of seven bits is 0a 01 5e 40, and each but the last is written less one
    [21_000_000 * COIN, '8980dd40'],
  ];
  for (const [valueSat, hex] of pairs) {
    assert.equal(toHex(encode(valueSat)), hex, String(valueSat));
    assert.equal(decode(fromHex(hex)), valueSat);
  }
});

test('amounts near the top, whose numbers no longer fit 53 bits, are exact', () => {
  for (const valueSat of [MAX_MONEY - 1, MAX_MONEY - 10, 1_999_999_999_999_999, 1_000_799_917_193_443, 2 ** 50 + 1]) {
    assert.equal(toHex(encode(valueSat)), encodeVarint(compress(valueSat)), String(valueSat));
    assert.equal(decode(encode(valueSat)), valueSat);
  }
});

test('every amount is written as its number and read back', () => {
  const amounts = fc.oneof(
    fc.integer({ min: 0, max: 100_000 }),
    fc.integer({ min: 0, max: MAX_MONEY }),
    fc.integer({ min: 0, max: 21_000_000 }).map((coins) => coins * COIN),
    fc.integer({ min: 0, max: 420_000 }).map((n) => n * 50 * COIN),
  );
  fc.assert(
    fc.property(amounts, (valueSat) => {
      assert.equal(toHex(encode(valueSat)), encodeVarint(compress(valueSat)));
      assert.equal(decode(encode(valueSat)), valueSat);
    }),
    { numRuns: 2000 },
  );
});

test('small numbers all mean an amount, and no two the same', () => {
  const seen = new Set<number>();
  for (let compressed = 0n; compressed < 20_000n; compressed++) {
    const valueSat = decode(fromHex(encodeVarint(compressed)));
    assert.ok(!seen.has(valueSat));
    seen.add(valueSat);
    assert.equal(compress(valueSat), compressed);
  }
});

test('amounts above the money supply and endless numbers are refused', () => {
  const hostile = [encodeVarint(compress(MAX_MONEY) + 10n), `${'ff'.repeat(7)}7f`, 'ff'.repeat(40), '', '80', '8080'];
  for (const hex of hostile) {
    const result = decodeResult(() => decode(fromHex(hex)));
    assert.ok(!result.ok && result.error instanceof DecodeError, hex);
  }
});
