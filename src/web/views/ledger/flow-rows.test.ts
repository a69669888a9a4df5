import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction, TransactionInput, TransactionOutput } from '../../data/transaction-query.ts';
import { type FlowRow, fillUnknown, listFlowRows } from './flow-rows.ts';

const script = { asm: '', hex: '', type: 'witness_v0_keyhash', address: 'tally1q' };

function makeInput(valueSat: number | null): TransactionInput {
  const spent = valueSat === null ? null : { valueSat, script };
  return { outpoint: { txid: 'aa', index: 0 }, coinbaseHex: null, scriptSigAsm: '', witness: [], sequence: 0, spent };
}

function makeTransaction(
  inputs: readonly TransactionInput[],
  outputsSat: readonly number[],
  feeSat: number | null,
): Transaction {
  const outputs: readonly TransactionOutput[] = outputsSat.map((valueSat, index) => ({ index, valueSat, script }));
  const sizes = { size: 100, vsize: 100, weight: 400, version: 2, lockTime: 0 };
  return { txid: 'bb', wtxid: 'bb', hex: '', block: null, inputs, outputs, feeSat, ...sizes };
}

const amounts = (rows: readonly FlowRow[]): unknown[] => rows.map(({ kind, sat }) => [kind, sat]);

test('the fee is the last row at the right', () => {
  const { inputs, outputs } = listFlowRows(makeTransaction([makeInput(100)], [60, 39], 1));
  assert.deepEqual(amounts(inputs), [['input', 100]]);
  assert.deepEqual(amounts(outputs), [
    ['output', 60],
    ['output', 39],
    ['fee', 1],
  ]);
});

test('a coinbase is fed by new coins and fees', () => {
  const coinbase = { ...makeInput(null), outpoint: null, coinbaseHex: '00' };
  assert.deepEqual(amounts(listFlowRows(makeTransaction([coinbase], [50, 0], null)).inputs), [['coinbase', 50]]);
});

test('of many rows the largest are shown, and the others together', () => {
  const outputsSat = Array.from({ length: 30 }, (_, i) => i + 1);
  const { outputs } = listFlowRows(makeTransaction([makeInput(500)], outputsSat, 35));
  assert.equal(outputs.length, 11);
  assert.deepEqual(
    outputs.map(({ sat }) => sat),
    [22, 23, 24, 25, 26, 27, 28, 29, 30, 231, 35],
  );
  assert.equal(outputs[9]!.count, 21);
});

test('inputs that are not known share what is missing', () => {
  const { inputs } = listFlowRows(makeTransaction([makeInput(10), makeInput(null), makeInput(null)], [50], null));
  assert.deepEqual(fillUnknown(inputs, 50), [10, 20, 20]);
  assert.deepEqual(fillUnknown(inputs, 5), [10, 0, 0]);
});
