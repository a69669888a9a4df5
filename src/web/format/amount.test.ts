import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAmount, parseAmount, splitAmount, toSat, unitOf } from './amount.ts';

const thin = (text: string): string => text.replaceAll(' ', '\u202f');

test('an amount keeps two decimals and every other that says something', () => {
  assert.deepEqual(splitAmount(50_00000000), { main: '50.00', rest: thin(' 000 000') });
  assert.deepEqual(splitAmount(1_234_567_12345678), { main: thin('1 234 567.12 345 678'), rest: '' });
  assert.deepEqual(splitAmount(10_000), { main: thin('0.00 01'), rest: thin('0 000') });
  assert.deepEqual(splitAmount(1), { main: thin('0.00 000 001'), rest: '' });
  assert.deepEqual(splitAmount(0), { main: '0.00', rest: thin(' 000 000') });
});

test('a change shows its sign', () => {
  assert.equal(splitAmount(-5_00000000).main, '\u22125.00');
  assert.equal(splitAmount(5_00000000, true).main, '+5.00');
  assert.equal(splitAmount(0, true).main, '0.00');
});

test('amounts of the node become satoshis exactly', () => {
  assert.equal(toSat(0.1), 10_000_000);
  assert.equal(toSat(0.29), 29_000_000);
  assert.equal(toSat(20_999_999.9769), 2_099_999_997_690_000);
  assert.equal(toSat(0.00000001), 1);
});

test('a typed amount is read with point or comma, and with blanks between its groups', () => {
  assert.equal(parseAmount('1.5'), 150_000_000);
  assert.equal(parseAmount('1,5'), 150_000_000);
  assert.equal(parseAmount('0,125'), 12_500_000);
  assert.equal(parseAmount(' 1 000.00000001 '), 100_000_000_001);
  assert.equal(parseAmount('.5'), 50_000_000);
  assert.equal(parseAmount('21000000'), 2_100_000_000_000_000);
});

test('what is no amount is refused', () => {
  for (const text of [
    '',
    '.',
    'abc',
    '1.123456789',
    '-1',
    '1e3',
    '0x10',
    '1.2.3',
    '1,2,3',
    '1,000',
    '1,000.50',
    '250,125',
    '21000000.00000001',
    'NaN',
  ]) {
    assert.equal(parseAmount(text), null, text);
  }
});

test('an amount as one text can be read back', () => {
  assert.equal(formatAmount(123_456_789), '1.23456789');
  assert.equal(formatAmount(-1), '-0.00000001');
  assert.equal(parseAmount(formatAmount(2_099_999_997_690_000)), 2_099_999_997_690_000);
});

test('only the networks that people know have a unit with a name', () => {
  assert.deepEqual(['main', 'signet', 'local', 'village'].map(unitOf), ['BTC', 'tBTC', null, null]);
});
