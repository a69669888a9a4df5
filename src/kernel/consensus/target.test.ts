import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  modelCheckProofOfWork,
  modelDecodeCompact,
  modelEncodeCompact,
  modelWork,
} from '../../../test/model/pow-model.ts';
import { createNetworkParams } from './networks/all.ts';
import { createPowRules } from './params.ts';
import { checkProofOfWork } from './pow.ts';
import {
  compareCompact,
  computeWork,
  createPowLimit,
  decodeCompact,
  deriveTarget,
  encodeCompact,
  encodeTarget,
  readTarget,
} from './target.ts';

const MAIN = createNetworkParams('main').consensus.pow;
const REGTEST = createNetworkParams('regtest').consensus.pow;

/** Values of Core's own unit test of compacts: bits, magnitude, negative, overflow, and the bits that come back. */
const COMPACTS: readonly (readonly [
  bits: number,
  magnitude: bigint,
  negative: boolean,
  overflow: boolean,
  back: number,
])[] = [
  [0x00000000, 0n, false, false, 0],
  [0x00123456, 0n, false, false, 0],
  [0x01003456, 0n, false, false, 0],
  [0x02000056, 0n, false, false, 0],
  [0x03000000, 0n, false, false, 0],
  [0x04000000, 0n, false, false, 0],
  [0x00923456, 0n, false, false, 0],
  [0x01803456, 0n, false, false, 0],
  [0x02800056, 0n, false, false, 0],
  [0x03800000, 0n, false, false, 0],
  [0x04800000, 0n, false, false, 0],
  [0x01123456, 0x12n, false, false, 0x01120000],
  [0x01fedcba, 0x7en, true, false, 0x017e0000],
  [0x02123456, 0x1234n, false, false, 0x02123400],
  [0x03123456, 0x123456n, false, false, 0x03123456],
  [0x04123456, 0x12345600n, false, false, 0x04123456],
  [0x04923456, 0x12345600n, true, false, 0x04123456],
  [0x05009234, 0x92340000n, false, false, 0x05009234],
  [0x20123456, 0x123456n << 232n, false, false, 0x20123456],
  [0xff123456, 0n, false, true, 0],
];

test('C31, J02: compacts decode to magnitude, sign and overflow as in Core', () => {
  for (const [bits, magnitude, isNegative, isOverflow, back] of COMPACTS) {
    assert.deepEqual(decodeCompact(bits), { magnitude, isNegative, isOverflow }, bits.toString(16));
    assert.equal(encodeCompact(magnitude), back, bits.toString(16));
  }
});

test('C31: a compact whose top bit would be the sign takes one more byte of size', () => {
  assert.equal(encodeCompact(0x80n), 0x02008000);
  assert.equal(encodeCompact(0x7fn), 0x017f0000);
  assert.equal(encodeCompact(0x800000n), 0x04008000);
  assert.equal(encodeCompact((1n << 256n) - 1n), 0x2100ffff);
});

test('C31: sizes 33 and 34 overflow only with more mantissa than fits', () => {
  assert.equal(decodeCompact(0x2100ffff).isOverflow, false);
  assert.equal(decodeCompact(0x21010000).isOverflow, true);
  assert.equal(decodeCompact(0x220000ff).isOverflow, false);
  assert.equal(decodeCompact(0x22000100).isOverflow, true);
  assert.equal(decodeCompact(0x23000001).isOverflow, true);
  assert.equal(decodeCompact(0x23000000).isOverflow, false);
});

test('C31: no negative, zero, overflowing or too easy bits are a target', () => {
  for (const bits of [
    0x01fedcba, 0x1d80ffff, 0, 0x1d000000, 0x01003456, 0xff123456, 0x21010000, 0x1d010000, 0x1e00ffff,
  ]) {
    assert.equal(deriveTarget(bits, MAIN.limit), null, bits.toString(16));
    assert.equal(checkProofOfWork(new Uint8Array(32), 0, bits, MAIN), false, bits.toString(16));
  }
  assert.equal(deriveTarget(0x1d00ffff, MAIN.limit), 0xffffn << 208n);
  assert.equal(deriveTarget(0x207fffff, REGTEST.limit), 0x7fffffn << 232n);
  assert.equal(deriveTarget(0x20800000, REGTEST.limit), null);
});

test('C31: a hash equal to the target is enough and one above it is not', () => {
  const target = 0xffffn << 208n;
  assert.equal(checkProofOfWork(encodeTarget(target), 0, 0x1d00ffff, MAIN), true);
  assert.equal(checkProofOfWork(encodeTarget(target + 1n), 0, 0x1d00ffff, MAIN), false);
  assert.equal(checkProofOfWork(encodeTarget(target - 1n), 0, 0x1d00ffff, MAIN), true);
  assert.equal(checkProofOfWork(encodeTarget(1n << 255n), 0, 0x1d00ffff, MAIN), false);
});

test('the hash may lie anywhere in a larger buffer', () => {
  const bytes = new Uint8Array(100).fill(0xff);
  bytes.set(encodeTarget(1n), 37);
  assert.equal(checkProofOfWork(bytes, 37, 0x1d00ffff, MAIN), true);
  assert.equal(checkProofOfWork(bytes, 38, 0x1d00ffff, MAIN), false);
});

test('work of the lowest difficulty is 2^32 + 2^16 + 1 hashes on the main network and 2 on regtest', () => {
  assert.equal(computeWork(0x1d00ffff), 0x100010001n);
  assert.equal(computeWork(0x207fffff), 2n);
  assert.equal(computeWork(0x01fedcba), 0n);
  assert.equal(computeWork(0xff123456), 0n);
  assert.equal(computeWork(0), 0n);
});

/** Bits whose sizes lie where targets lie, besides any 32 bits. */
const anyBits = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc
    .tuple(fc.integer({ min: 0, max: 36 }), fc.integer({ min: 0, max: 0xffffff }))
    .map(([size, low]) => size * 2 ** 24 + low),
);
const any256 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
  fc.tuple(fc.integer({ min: 0, max: 255 }), fc.bigInt({ min: -2n, max: 2n })).map(([shift, off]) => {
    const value = (1n << BigInt(shift)) + off;
    return value < 0n ? 0n : value;
  }),
);

test('C31: compacts agree with an independent model', () => {
  fc.assert(
    fc.property(anyBits, (bits) => {
      const model = modelDecodeCompact(bits);
      const ours = decodeCompact(bits);
      assert.equal(ours.isNegative, model.isNegative);
      assert.equal(ours.isOverflow, model.exact >= 1n << 256n);
      assert.equal(ours.magnitude, model.exact % (1n << 256n));
      assert.equal(computeWork(bits), modelWork(bits));
    }),
    { numRuns: 5000 },
  );
});

test('C31: encoding a target agrees with an independent model and rounds down', () => {
  fc.assert(
    fc.property(any256, (target) => {
      const bits = encodeCompact(target);
      assert.equal(bits, modelEncodeCompact(target));
      const { magnitude, isNegative } = decodeCompact(bits);
      assert.equal(isNegative, false);
      assert.ok(magnitude <= target);
      assert.equal(encodeCompact(magnitude), bits);
    }),
    { numRuns: 5000 },
  );
});

test('C31: proof of work on bytes agrees with an independent model on numbers', () => {
  fc.assert(
    fc.property(any256, anyBits, any256, fc.boolean(), (hash, bits, limit, isNear) => {
      if (limit === 0n) return;
      const pow = createPowRules({ ...MAIN, limit });
      // Half of the hashes lie at the target itself, where a mistake would hide.
      const near = modelDecodeCompact(bits).exact % (1n << 256n);
      const tried = isNear ? [near, near + 1n, near - 1n] : [hash];
      for (const value of tried) {
        const number = BigInt.asUintN(256, value);
        assert.equal(checkProofOfWork(encodeTarget(number), 0, bits, pow), modelCheckProofOfWork(number, bits, limit));
      }
    }),
    { numRuns: 5000 },
  );
});

test('a limit in its three forms is one number', () => {
  const limit = createPowLimit(0x377aen << 216n);
  assert.equal(limit.bits, 0x1e0377ae);
  assert.equal(readTarget(limit.bytes), limit.target);
  assert.equal(compareCompact(limit.bits, limit.bytes, 0), 0);
});
