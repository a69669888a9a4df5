import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHashesNeeded, computeZeroBits, expectAttempts } from './zero-bits.ts';

const pad = (start: string): string => start.padEnd(64, '0');

test('zeros at the beginning are counted in bits', () => {
  assert.equal(computeZeroBits(pad('8')), 1);
  assert.equal(computeZeroBits(pad('08')), 5);
  assert.equal(computeZeroBits(pad('0001')), 16);
  assert.equal(computeZeroBits('0'.repeat(64)), 256);
});

test('of two hashes the lower one has more, by a fraction', () => {
  const higher = computeZeroBits(pad('00000000ffff'));
  const lower = computeZeroBits(pad('00000000c000'));
  assert.ok(higher > 32 && higher < 32.001);
  assert.ok(lower > higher && lower < 33);
});

test('the easiest target of the local ledger takes 1,024 hashes, the easiest of the main network 4 thousand million', () => {
  assert.ok(Math.abs(computeHashesNeeded(pad('003fffff')) - 1024) < 1);
  assert.ok(Math.abs(computeHashesNeeded(pad('00000000ffff')) / 4_295_032_833 - 1) < 1e-6);
});

test('half of all attempts begin with no zero, a quarter with one', () => {
  assert.equal(expectAttempts(1024, 0), 512);
  assert.equal(expectAttempts(1024, 1), 256);
  assert.equal(expectAttempts(1024, 9), 1);
});
