import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COIN, formatAmount, formatMoney, isMoneyRange, MAX_MONEY, parseAmount } from './amount.ts';

test('R11: decimal texts become exact satoshis', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['0.29', 29_000_000],
    ['8.2', 820_000_000],
    ['0.00000001', 1],
    ['20999999.9769', 2_099_999_997_690_000],
    ['21000000', 2_100_000_000_000_000],
    ['-0', 0],
  ];
  for (const [text, valueSat] of cases) assert.deepEqual(parseAmount(text), { ok: true, value: valueSat }, text);
});

test('R11: what is no amount is refused with the words of Core', () => {
  for (const text of [
    '0.000000001',
    '',
    '.',
    '1.',
    '.5',
    '1e3',
    '0x10',
    ' 1',
    '1 ',
    '+1',
    'NaN',
    '01',
    '92233720368.547758080',
    '1,5',
  ]) {
    assert.deepEqual(parseAmount(text), { ok: false, error: 'Invalid amount' }, text);
  }
  for (const text of ['-1', '21000000.00000001', '21000001']) {
    assert.deepEqual(parseAmount(text), { ok: false, error: 'Amount out of range' }, text);
  }
});

test('an amount reads back from its own text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_MONEY }), (valueSat) => {
      assert.deepEqual(parseAmount(formatAmount(valueSat)), { ok: true, value: valueSat });
    }),
  );
  assert.equal(formatAmount(-150_000_000), '-1.50000000');
});

test("amounts in Core's messages end after the last digit that matters, but keep two decimals", () => {
  const texts: readonly (readonly [number, string])[] = [
    [0, '0.00'],
    [1, '0.00000001'],
    [10, '0.0000001'],
    [1000, '0.00001'],
    [10_000_000, '0.10'],
    [11_000_000, '0.11'],
    [11_100_000, '0.111'],
    [150_000_000, '1.50'],
    [100_000_000_000, '1000.00'],
    [1_324_829_470, '13.2482947'],
    [2_100_000_000_000_000, '21000000.00'],
    [-1000, '-0.00001'],
    [-150_000_000, '-1.50'],
  ];
  for (const [valueSat, text] of texts) assert.equal(formatMoney(valueSat), text);
});

test('money range ends at 21 million coins', () => {
  assert.equal(COIN, 100_000_000);
  assert.ok(isMoneyRange(0));
  assert.ok(isMoneyRange(2_100_000_000_000_000));
  assert.ok(!isMoneyRange(2_100_000_000_000_001));
  assert.ok(!isMoneyRange(-1));
  assert.ok(!isMoneyRange(Number.NaN));
});
