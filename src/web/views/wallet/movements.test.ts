import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEntry } from '../../data/wallet-history.ts';
import { filterMovements, judgeMovement, listMovements } from './movements.ts';

function entry(fields: Partial<HistoryEntry> & { readonly txid: string }): HistoryEntry {
  return {
    index: 0,
    kind: 'in',
    address: 'addr',
    label: '',
    amountSat: 1000,
    feeSat: null,
    height: 10,
    blockHash: 'hash',
    timeSec: 100,
    isVoid: false,
    isAbandoned: false,
    replacedBy: null,
    ...fields,
  };
}

const TWO_PEOPLE = [
  entry({ txid: 'pay', kind: 'out', amountSat: -300, feeSat: 20, label: 'Anna', height: 12, timeSec: 120 }),
  entry({ txid: 'pay', kind: 'out', amountSat: -500, feeSat: 20, index: 1, label: 'Bo', height: 12, timeSec: 120 }),
];

test('a payment to two people is one movement, and its fee counts once', () => {
  const [movement, ...others] = listMovements(TWO_PEOPLE);
  assert.equal(others.length, 0);
  assert.equal(movement?.kind, 'out');
  assert.equal(movement?.changeSat, -820);
  assert.equal(movement?.feeSat, 20);
  assert.deepEqual(
    movement?.entries.map(({ label }) => label),
    ['Anna', 'Bo'],
  );
});

test('a payment to oneself costs the fee', () => {
  const [movement] = listMovements([
    entry({ txid: 'own', kind: 'out', amountSat: -500, feeSat: 20 }),
    entry({ txid: 'own', kind: 'in', amountSat: 500 }),
  ]);
  assert.equal(movement?.kind, 'self');
  assert.equal(movement?.changeSat, -20);
});

test('the newest comes first; what waits is newer than what is settled', () => {
  const movements = listMovements([
    entry({ txid: 'a', height: 5 }),
    entry({ txid: 'waiting', height: null, timeSec: 50 }),
    entry({ txid: 'void', height: null, isVoid: true, timeSec: 101 }),
    entry({ txid: 'b', height: 9 }),
  ]);
  assert.deepEqual(
    movements.map(({ txid }) => txid),
    ['waiting', 'void', 'b', 'a'],
  );
});

test('a reward becomes spendable with its hundredth successor', () => {
  const [reward] = listMovements([entry({ txid: 'r', kind: 'mined', height: 1 })]);
  assert.deepEqual(judgeMovement(reward!, 1), { kind: 'immature', blocksLeft: 100 });
  assert.deepEqual(judgeMovement(reward!, 100), { kind: 'immature', blocksLeft: 1 });
  assert.deepEqual(judgeMovement(reward!, 101), { kind: 'confirmed', confirmations: 101 });
  const [common] = listMovements([entry({ txid: 'c', height: 1 })]);
  assert.deepEqual(judgeMovement(common!, 1), { kind: 'confirmed', confirmations: 1 });
});

test('movements are found by kind, name, address and id', () => {
  const movements = listMovements([
    ...TWO_PEOPLE,
    entry({ txid: 'rent', address: 'bc1qxyz', label: '房租' }),
    entry({ txid: 'won', kind: 'mined' }),
  ]);
  const found = (filter: 'all' | 'in' | 'out' | 'mined', search: string) =>
    filterMovements(movements, filter, search).map(({ txid }) => txid);
  assert.deepEqual(found('all', ''), ['pay', 'rent', 'won']);
  assert.deepEqual(found('out', ''), ['pay']);
  assert.deepEqual(found('mined', ''), ['won']);
  assert.deepEqual(found('all', ' anna '), ['pay']);
  assert.deepEqual(found('all', '房'), ['rent']);
  assert.deepEqual(found('all', 'BC1QX'), ['rent']);
  assert.deepEqual(found('in', 'anna'), []);
});
