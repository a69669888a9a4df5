import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEntry } from '../../data/wallet-history.ts';
import { formatHistoryJson, formatHistoryTable } from './history-export.ts';
import { listMovements } from './movements.ts';

const PAID: HistoryEntry = {
  txid: 'aa',
  index: 1,
  kind: 'out',
  address: 'bc1q',
  label: '=cmd|x',
  amountSat: -150_000_000,
  feeSat: 1_234,
  height: 7,
  blockHash: 'bb',
  timeSec: 1_767_225_600,
  isVoid: false,
  isAbandoned: false,
  replacedBy: null,
};

test('a history becomes a table whose fees add up and whose names run nothing', () => {
  const table = formatHistoryTable(listMovements([PAID, { ...PAID, index: 2, label: 'Bo', amountSat: -1 }]));
  assert.equal(
    table,
    'time,kind,amount,fee,label,address,txid,output,height,block,void\r\n' +
      '2026-01-01T00:00:00.000Z,out,-1.50000000,0.00001234,"\'=cmd|x",bc1q,aa,1,7,bb,no\r\n' +
      '2026-01-01T00:00:00.000Z,out,-0.00000001,,Bo,bc1q,aa,2,7,bb,no\r\n',
  );
});

test('a history becomes data with amounts as exact texts', () => {
  const [row] = JSON.parse(formatHistoryJson(listMovements([PAID])));
  assert.equal(row.change, '-1.50001234');
  assert.equal(row.fee, '0.00001234');
  assert.equal(row.outputs[0].label, '=cmd|x');
});
