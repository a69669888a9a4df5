import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { amountFromValue, valueFromAmount } from './amount.ts';
import { RpcError } from './errors.ts';
import { JsonNumber } from './json/json-value.ts';

function refusal(value: string | JsonNumber | null): string {
  try {
    return String(amountFromValue(value));
  } catch (error) {
    assert.ok(error instanceof RpcError);
    assert.equal(error.code, -3);
    return error.message;
  }
}

test('R11: amounts are exact satoshis, whatever a double would make of them', () => {
  const table: readonly (readonly [text: string, valueSat: number])[] = [
    ['0', 0],
    ['-0', 0],
    ['0.29', 29_000_000],
    ['8.2', 820_000_000],
    ['0.00000001', 1],
    ['1e-8', 1],
    ['1E-8', 1],
    ['1e-05', 1000],
    ['0.1e-7', 1],
    ['100000000e-16', 1],
    ['1e3', 100_000_000_000],
    ['20999999.99999999', 2_099_999_999_999_999],
    ['21000000', 2_100_000_000_000_000],
    ['0.00000000000000000001e12', 1],
    ['1.10000000000000000000', 110_000_000],
  ];
  for (const [text, valueSat] of table) {
    assert.equal(amountFromValue(new JsonNumber(text)), valueSat, text);
    assert.equal(amountFromValue(text), valueSat, text);
  }
});

test('R11: what has more than 8 decimals, or is no number, is an invalid amount', () => {
  for (const text of [
    '1e-9',
    '0.000000001',
    '0.019e-6',
    '',
    ' 1',
    '1 ',
    '0x1',
    '00.1',
    '.1',
    '1.',
    '-',
    'NaN',
    'Infinity',
    '1e',
    '92233720368.54775808',
    '1e11',
    '1e99999999999999999999',
    '93e+9',
  ]) {
    assert.equal(refusal(text), 'Invalid amount', text);
  }
});

test('R11: amounts below zero and above 21 million are out of range', () => {
  for (const text of ['-1', '-0.00000001', '21000000.00000001', '21000001', '-1e-8']) {
    assert.equal(refusal(new JsonNumber(text)), 'Amount out of range', text);
  }
  assert.equal(refusal(null), 'Amount is not a number or string');
});

test('R11: what is written is read back as the same amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_100_000_000_000_000 }), (valueSat) => {
      assert.equal(amountFromValue(valueFromAmount(valueSat)), valueSat);
    }),
  );
  assert.equal(valueFromAmount(150_000_000).text, '1.50000000');
  assert.equal(valueFromAmount(-1).text, '-0.00000001');
});

test('R15: a number of a million digits is refused or read, and ends', () => {
  const zeros = '0'.repeat(1_000_000);
  for (const text of [`0.${zeros}1`, `1${zeros}`, `1.${zeros}`, `0.${zeros}e${zeros}1`]) {
    try {
      amountFromValue(text);
    } catch (error) {
      assert.ok(error instanceof RpcError);
    }
  }
});
