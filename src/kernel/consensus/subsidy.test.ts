import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNetworkParams } from './networks/all.ts';
import { computeSupplyLimitSat, getBlockSubsidy } from './subsidy.ts';

const MAIN = createNetworkParams('main').consensus;
const REGTEST = createNetworkParams('regtest').consensus;

test('C09: the subsidy halves every 210,000 blocks and is gone after the 33rd era', () => {
  const expected: readonly (readonly [height: number, subsidySat: number])[] = [
    [0, 5_000_000_000],
    [1, 5_000_000_000],
    [209_999, 5_000_000_000],
    [210_000, 2_500_000_000],
    [419_999, 2_500_000_000],
    [420_000, 1_250_000_000],
    [630_000, 625_000_000],
    [840_000, 312_500_000],
    // Beyond nine halvings the last satoshi is cut: 5·10^9 / 2^10.
    [2_100_000, 4_882_812],
    [6_719_999, 2],
    [6_720_000, 1],
    [6_929_999, 1],
    [6_930_000, 0],
    [13_440_000, 0],
    [2 ** 31 - 1, 0],
  ];
  for (const [height, subsidySat] of expected) assert.equal(getBlockSubsidy(height, MAIN), subsidySat, String(height));
});

test('C09: all subsidies of the main network add up to 2,099,999,997,690,000 satoshis', () => {
  assert.equal(computeSupplyLimitSat(MAIN), 2_099_999_997_690_000n);
  let sum = 0n;
  for (let height = 0; height < 6_930_000; height += 210_000) sum += 210_000n * BigInt(getBlockSubsidy(height, MAIN));
  assert.equal(sum, 2_099_999_997_690_000n);
});

test('C09: regtest halves every 150 blocks', () => {
  assert.equal(getBlockSubsidy(149, REGTEST), 5_000_000_000);
  assert.equal(getBlockSubsidy(150, REGTEST), 2_500_000_000);
  assert.equal(getBlockSubsidy(150 * 33, REGTEST), 0);
});

test('J02: halving agrees with a shift of big integers for any amount and any height', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_100_000_000_000_000 }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      (initialSubsidySat, subsidyHalvingInterval, height) => {
        const params = { ...MAIN, initialSubsidySat, subsidyHalvingInterval };
        const era = BigInt(Math.floor(height / subsidyHalvingInterval));
        const expected = era >= 64n ? 0n : BigInt(initialSubsidySat) >> era;
        assert.equal(BigInt(getBlockSubsidy(height, params)), expected);
      },
    ),
    { numRuns: 2000 },
  );
});
