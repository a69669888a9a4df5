import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAmount, createRecipient, formatTyped, typeAddress } from './send-draft.ts';

const ADDRESS = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';

test('an address is taken as it is typed', () => {
  assert.equal(typeAddress(createRecipient(1), ` ${ADDRESS} `).address, ADDRESS);
});

test('a pasted link fills the fields that it names and leaves the others', () => {
  const before = { ...createRecipient(1), amount: '7', label: 'mine', takesAll: true };
  const bare = typeAddress(before, `bitcoin:${ADDRESS}`);
  assert.deepEqual([bare.address, bare.amount, bare.label, bare.takesAll], [ADDRESS, '7', 'mine', true]);
  const full = typeAddress(before, `bitcoin:${ADDRESS}?amount=0.5&label=Bo&message=Hi&r=http://x`);
  assert.deepEqual([full.address, full.amount, full.label, full.takesAll], [ADDRESS, '0.5', 'Bo', false]);
  assert.deepEqual([full.linkMessage, full.linkIgnored], ['Hi', ['r']]);
});

test('K14: a link that is refused fills nothing, and one of ten million letters is not even kept', () => {
  const before = { ...createRecipient(1), amount: '7' };
  const required = typeAddress(before, `bitcoin:${ADDRESS}?amount=0.5&req-x=1`);
  assert.deepEqual(required.linkFault, { kind: 'requires', name: 'req-x' });
  assert.equal(required.amount, '7');
  const long = typeAddress(before, `bitcoin:${ADDRESS}?label=${'x'.repeat(10_000_000)}`);
  assert.deepEqual(long.linkFault, { kind: 'too-long' });
  assert.equal(long.address, '');
  assert.equal(typeAddress(required, ADDRESS).linkFault, null);
});

test('an amount must be one, above zero, and there', () => {
  assert.equal(checkAmount('', 100), null);
  assert.equal(checkAmount('0.000001', 100), null);
  assert.equal(checkAmount('0.00000101', 100), 'much');
  assert.equal(checkAmount('999999999', 100), 'much');
  assert.equal(checkAmount('0', 100), 'bad');
  assert.equal(checkAmount('1.2.3', 100), 'bad');
  assert.equal(checkAmount('1e-8', 100), 'bad');
});

test('amounts are written as people type them', () => {
  assert.equal(formatTyped(150_000_000), '1.5');
  assert.equal(formatTyped(100_000_000), '1');
  assert.equal(formatTyped(1_000_000_000), '10');
  assert.equal(formatTyped(1), '0.00000001');
});
