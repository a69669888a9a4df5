import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAYEES } from '../../../test/model/spend-world.ts';
import type { Recipient } from './created.ts';
import { settle } from './settle.ts';

function pay(valueSat: number, subtractsFee = false): Recipient {
  return { scriptPubKey: PAYEES.p2wpkh, valueSat, subtractsFee };
}

function settled(recipients: readonly Recipient[], inputsSat: number, changeSat: number, feeNeededSat: number) {
  return settle(recipients, { inputsSat, changeSat, changeMinSat: 300, feeNeededSat, dustRate: 3_000 });
}

function assertSettled(
  result: ReturnType<typeof settled>,
  payments: readonly number[],
  changeSat: number,
  feeSat: number,
): void {
  assert.ok(result.ok);
  assert.deepEqual(
    result.value.payments.map(({ valueSat }) => valueSat),
    payments,
  );
  assert.deepEqual([result.value.changeSat, result.value.feeSat], [changeSat, feeSat]);
}

test('change takes what the fee does not need', () => {
  assertSettled(settled([pay(5_000)], 10_000, 4_000, 700), [5_000], 4_300, 700);
});

test('without change the fee takes the rest', () => {
  assertSettled(settled([pay(9_500)], 10_000, 0, 400), [9_500], 0, 500);
});

test('change gives what the estimate was short of', () => {
  assertSettled(settled([pay(5_000)], 10_000, 4_500, 700), [5_000], 4_300, 700);
});

test('those who pay the fee pay equal parts, the first the rest of the division', () => {
  assertSettled(
    settled([pay(3_000, true), pay(2_000), pay(3_000, true), pay(2_000, true)], 10_000, 0, 500),
    [3_000 - 168, 2_000, 3_000 - 166, 2_000 - 166],
    0,
    500,
  );
});

test('what would have been change goes to those who pay the fee, not to the miner', () => {
  assertSettled(settled([pay(9_877, true)], 10_000, 0, 500), [9_500], 0, 500);
  assertSettled(settled([pay(9_377, true)], 10_000, 0, 500), [9_500], 0, 500);
});

test('an amount that does not carry the fee is refused in two ways', () => {
  const messageOf = (valueSat: number): string => {
    const result = settled([pay(valueSat, true), pay(5_000)], valueSat + 5_000, 0, 700);
    return result.ok ? '' : result.error.message;
  };
  assert.equal(messageOf(699), 'The transaction amount is too small to pay the fee');
  // 294 is dust for P2WPKH
  assert.equal(messageOf(993), 'The transaction amount is too small to send after the fee has been deducted');
  assert.equal(messageOf(994), '');
});

test('a fee that nobody pays is an error, not a transaction', () => {
  const result = settled([pay(9_500)], 10_000, 0, 501);
  assert.ok(!result.ok);
  assert.equal(result.error.kind, 'misc');
});
