import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareProducts, mulDivCeil, mulDivFloor } from './num.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const safe = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(MAX, -MAX, MAX - 1));

function exactOrder(a: number, b: number, c: number, d: number): number {
  const difference = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

test('products compare exactly where their rounded values are the same', () => {
  assert.equal(compareProducts(MAX, MAX, MAX - 1, MAX), 1);
  assert.equal(compareProducts(2 ** 52, 2 ** 52, 2 ** 52 - 1, 2 ** 52 + 1), 1);
  assert.equal(compareProducts(2 ** 52 - 1, 2 ** 52 + 1, 2 ** 52, 2 ** 52), -1);
  assert.equal(compareProducts(6, 35, 10, 21), 0);
  assert.equal(compareProducts(-MAX, MAX, MAX, -MAX), 0);
  assert.equal(compareProducts(0, -5, 7, 0), 0);
});

test('products compare as those of exact integers do', () => {
  fc.assert(
    fc.property(safe, safe, safe, safe, (a, b, c, d) => {
      assert.equal(compareProducts(a, b, c, d), exactOrder(a, b, c, d));
      assert.equal(compareProducts(a, b, b, a), 0);
      // neighbours: products that differ little or not at all
      assert.equal(compareProducts(a, b, a - 1, b), exactOrder(a, b, a - 1, b));
    }),
    { numRuns: 2_000 },
  );
});

test('a product is divided exactly, rounding down and up', () => {
  // hand-computed for Core's fee fractions: 1,001 sat per 100 vB and amounts near the end of the range
  assert.equal(mulDivFloor(-1_001, 100_000_001, 100), -1_001_000_011);
  assert.equal(mulDivCeil(-1_001, 100_000_001, 100), -1_001_000_010);
  assert.equal(mulDivFloor(4_611_686_000_000, 1_548_031_267, 4_000_000), 1_784_758_530_396_540);
  assert.equal(mulDivCeil(4_611_686_000_000, 1_548_031_267, 4_000_000), 1_784_758_530_396_541);
  assert.equal(mulDivFloor(2_100_000_000_000_000, 1_256_796_054, 2_147_483_647), 1_229_006_664_189_047);
  assert.equal(Object.is(mulDivCeil(0, 5, 3), 0), true);
  assert.equal(Object.is(mulDivCeil(-1, 1, 3), 0), true);
});

test('a product divides as that of exact integers does', () => {
  const amount = fc.integer({ min: -2_100_000_000_000_000, max: 2_100_000_000_000_000 });
  const size = fc.integer({ min: 1, max: 0x7fffffff });
  fc.assert(
    fc.property(amount, size, size, (fee, at, divisor) => {
      const product = BigInt(fee) * BigInt(at);
      const truncated = product / BigInt(divisor);
      const isExact = truncated * BigInt(divisor) === product;
      const floor = Number(product < 0n && !isExact ? truncated - 1n : truncated);
      fc.pre(Number.isSafeInteger(floor));
      assert.equal(mulDivFloor(fee, at, divisor), floor);
      assert.equal(mulDivCeil(fee, at, divisor), isExact ? floor : floor + 1);
    }),
    { numRuns: 2_000 },
  );
});

test('quotients beyond the safe integers become the nearest of them, and end', () => {
  const max = Number.MAX_SAFE_INTEGER;
  assert.equal(mulDivFloor(21e14, 100_000, 1000), max);
  assert.equal(mulDivCeil(21e14, 100_000, 1000), max);
  assert.equal(mulDivFloor(-21e14, 100_000, 1000), -max);
  assert.equal(mulDivCeil(-21e14, 100_000, 1000), -max);
  assert.equal(mulDivFloor(max, 1000, 110), max);
  assert.equal(mulDivFloor(max, 1000, 1000), max);
  assert.equal(mulDivFloor(max - 1, 7, 7), max - 1);
});
