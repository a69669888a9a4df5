import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { modelRetarget } from '../../../test/model/pow-model.ts';
import { asBlockHash } from '../primitives/hashes.ts';
import type { HeaderBranch } from './header-branch.ts';
import { createNetworkParams } from './networks/all.ts';
import { createPowRules, type PowRules } from './params.ts';
import { getNextWorkRequired, permittedDifficultyTransition } from './pow.ts';

const MAIN = createNetworkParams('main').consensus.pow;
const TESTNET3 = createNetworkParams('test').consensus.pow;
const TESTNET4 = createNetworkParams('testnet4').consensus.pow;
const REGTEST = createNetworkParams('regtest').consensus.pow;

/** A branch whose headers are functions of the height. */
function branchOf(height: number, timeSec: (height: number) => number, bits: (height: number) => number): HeaderBranch {
  return { height, timeSec, bits, version: () => 1, blockHash: () => asBlockHash(new Uint8Array(32)) };
}

/** The retarget after a period that took `actualSec` from its first block to its last. */
function retarget(pow: PowRules, bits: number, actualSec: number, firstBits: number = bits): number {
  const last = 3 * pow.interval - 1;
  const first = last - (pow.interval - 1);
  const startSec = 1_300_000_000;
  const branch = branchOf(
    last,
    (height) => (height === last ? startSec + actualSec : startSec),
    (height) => (height === first ? firstBits : bits),
  );
  return getNextWorkRequired(branch, startSec + actualSec + 600, pow);
}

test('C32: four retargets of the main network come out as they did', () => {
  // Height 32,256; the first one of all, at the limit; 68,544, cut to a quarter; 46,368 with four times the limit reached.
  assert.equal(retarget(MAIN, 0x1d00ffff, 1262152739 - 1261130161), 0x1d00d86a);
  assert.equal(retarget(MAIN, 0x1d00ffff, 1233061996 - 1231006505), 0x1d00ffff);
  assert.equal(retarget(MAIN, 0x1c05a3f4, 1279297671 - 1279008237), 0x1c0168fd);
  assert.equal(retarget(MAIN, 0x1c387f6f, 1269211443 - 1263163443), 0x1d00e1fd);
});

test('C32: a period of perfect ten minutes makes mining a little harder, because only 2015 gaps are measured', () => {
  // 0x05a3f4 · 1,209,000 / 1,209,600 = 369,468.6 = 0x05a33c and a fraction.
  assert.equal(retarget(MAIN, 0x1c05a3f4, 2015 * 600), 0x1c05a33c);
  assert.equal(retarget(MAIN, 0x1c05a3f4, 2016 * 600), 0x1c05a3f4);
});

test('C32: a retarget changes the target by a factor of four at most, even when time ran backwards', () => {
  const quarter = retarget(MAIN, 0x1c400000, 302_400);
  assert.equal(quarter, 0x1c100000);
  assert.equal(retarget(MAIN, 0x1c400000, 302_399), quarter);
  assert.equal(retarget(MAIN, 0x1c400000, 0), quarter);
  assert.equal(retarget(MAIN, 0x1c400000, -1_000_000), quarter);
  assert.equal(retarget(MAIN, 0x1b400000, 4_838_400), 0x1c010000);
  assert.equal(retarget(MAIN, 0x1b400000, 4_838_401), 0x1c010000);
  assert.equal(retarget(MAIN, 0x1b400000, 0xffffffff), 0x1c010000);
});

test('C32: within a period the bits stay, whatever the time', () => {
  const branch = branchOf(
    5000,
    (height) => 600 * height,
    () => 0x1b0404cb,
  );
  assert.equal(getNextWorkRequired(branch, 600 * 5001, MAIN), 0x1b0404cb);
  assert.equal(getNextWorkRequired(branch, 0xffffffff, MAIN), 0x1b0404cb);
  assert.equal(getNextWorkRequired(branch, 0, MAIN), 0x1b0404cb);
});

test('C32: on test networks a block more than twenty minutes late has the lowest difficulty', () => {
  for (const pow of [TESTNET3, TESTNET4]) {
    const branch = branchOf(
      5000,
      (height) => 600 * height,
      () => 0x1b0404cb,
    );
    assert.equal(getNextWorkRequired(branch, 600 * 5000 + 1200, pow), 0x1b0404cb);
    assert.equal(getNextWorkRequired(branch, 600 * 5000 + 1201, pow), 0x1d00ffff);
  }
});

test('C32: after blocks of the lowest difficulty the last real one of the period counts again', () => {
  const bits = (height: number): number => (height > 4990 ? 0x1d00ffff : 0x1b0404cb);
  const branch = branchOf(5000, (height) => 600 * height, bits);
  assert.equal(getNextWorkRequired(branch, 600 * 5001, TESTNET3), 0x1b0404cb);

  // All blocks since the period's first one, at 4032, were easy: the search ends there.
  const easy = (height: number): number => (height >= 4032 ? 0x1d00ffff : 0x1b0404cb);
  assert.equal(
    getNextWorkRequired(
      branchOf(5000, (h) => 600 * h, easy),
      600 * 5001,
      TESTNET3,
    ),
    0x1d00ffff,
  );

  // Near the genesis block it ends at height 0.
  assert.equal(
    getNextWorkRequired(
      branchOf(
        7,
        (h) => 600 * h,
        () => 0x1d00ffff,
      ),
      600 * 8,
      TESTNET3,
    ),
    0x1d00ffff,
  );
});

test('C32: the twenty-minute rule does not hold for the first block of a period', () => {
  const last = 2 * 2016 - 1;
  const branch = branchOf(
    last,
    (height) => 600 * height,
    () => 0x1c05a3f4,
  );
  assert.equal(getNextWorkRequired(branch, 600 * last + 100_000, TESTNET3), 0x1c05a33c);
});

test('C32: BIP94 retargets from the first block of a period, so that easy blocks at its end lose nothing', () => {
  const span = 2016 * 600;
  assert.equal(retarget(TESTNET3, 0x1d00ffff, span, 0x1b0404cb), 0x1d00ffff);
  assert.equal(retarget(TESTNET4, 0x1d00ffff, span, 0x1b0404cb), 0x1b0404cb);
});

test('C32: regtest never retargets', () => {
  assert.equal(retarget(REGTEST, 0x207fffff, 1), 0x207fffff);
  assert.equal(retarget(REGTEST, 0x1d00ffff, 1), 0x1d00ffff);
});

test('C32: with an easy limit the product wraps at 256 bits as in Core', () => {
  const pow = createPowRules({
    ...REGTEST,
    limit: (1n << 255n) - 1n,
    noRetargeting: false,
    allowMinDifficultyBlocks: false,
  });
  // 0x7fffff · 345,600 mod 2^24 = 16,431,616; divided by 86,400 that is 0xbe.2e…: far harder instead of four times easier.
  assert.equal(retarget(pow, 0x207fffff, 4 * 86_400), 0x1f00be2e);
});

test('C32: no time span is allowed for which Core would cut the factor to 32 bits', () => {
  const rules = { ...MAIN, limit: MAIN.limit.target };
  assert.equal(createPowRules({ ...rules, timespanSec: 2 ** 30 - 1 }).interval, 1_789_569);
  assert.throws(() => createPowRules({ ...rules, timespanSec: 2 ** 30 }), { name: 'AssertionError' });
  assert.throws(() => createPowRules({ ...rules, timespanSec: 599 }), { name: 'AssertionError' });
  assert.throws(() => createPowRules({ ...rules, spacingSec: 0 }), { name: 'AssertionError' });
  assert.throws(() => createPowRules({ ...rules, limit: 0n }), { name: 'AssertionError' });
});

const anyTargetBits = fc
  .tuple(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 1, max: 0x7fffff }))
  .map(([size, mantissa]) => size * 2 ** 24 + mantissa);

test('C32: retargets agree with an independent model for any limit, time span and times', () => {
  fc.assert(
    fc.property(
      anyTargetBits,
      fc.integer({ min: -5_000_000, max: 50_000_000 }),
      fc.integer({ min: 600, max: 2 ** 30 - 1 }),
      fc.bigInt({ min: 1n, max: (1n << 256n) - 1n }),
      (bits, actualSec, timespanSec, limit) => {
        const pow = createPowRules({ ...MAIN, timespanSec, spacingSec: Math.ceil(timespanSec / 7), limit });
        const expected = modelRetarget(bits, BigInt(actualSec), BigInt(timespanSec), limit);
        assert.equal(retarget(pow, bits, actualSec), expected);
      },
    ),
    { numRuns: 3000 },
  );
});

test('C32: every retarget is a permitted transition, and what lies outside of the clamps is none', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 20, max: 28 }), fc.integer({ min: 0x8000, max: 0x7fffff })),
      fc.integer({ min: 0, max: 6_000_000 }),
      ([size, mantissa], actualSec) => {
        const bits = size * 2 ** 24 + mantissa;
        assert.equal(permittedDifficultyTransition(MAIN, 2016, bits, retarget(MAIN, bits, actualSec)), true);
      },
    ),
    { numRuns: 1000 },
  );
  const hardest = retarget(MAIN, 0x1c400000, 0);
  const easiest = retarget(MAIN, 0x1b400000, 10_000_000);
  assert.equal(permittedDifficultyTransition(MAIN, 4032, 0x1c400000, hardest - 1), false);
  assert.equal(permittedDifficultyTransition(MAIN, 4032, 0x1b400000, easiest + 1), false);
  assert.equal(permittedDifficultyTransition(MAIN, 4032, 0x1d00ffff, 0x1d010000), false);
});

test('C32: between retargets only equal bits are a permitted transition, except on test networks', () => {
  assert.equal(permittedDifficultyTransition(MAIN, 2017, 0x1d00ffff, 0x1d00ffff), true);
  assert.equal(permittedDifficultyTransition(MAIN, 2017, 0x1d00ffff, 0x1d00fffe), false);
  assert.equal(permittedDifficultyTransition(TESTNET3, 2017, 0x1d00ffff, 0x1b0404cb), true);
});
