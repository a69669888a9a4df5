import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceTransaction } from '../../data/wallet-coins.ts';
import { buildTraceTree, type TraceNode } from './trace-tree.ts';

function payment(txid: string, inputs: readonly (readonly [string, number])[]): TraceTransaction {
  return {
    txid,
    height: 1,
    time: 1,
    reward: inputs.length === 0,
    valueSat: 10,
    inputs: inputs.map(([from, valueSat], vout) => ({ txid: from, vout, height: 1, valueSat })),
  };
}

function draw({ txid, valueSat, isRepeated, transaction, parents }: TraceNode): string {
  const mark = isRepeated ? '*' : transaction === null ? '?' : '';
  return `${txid}${mark}:${valueSat}${parents.length === 0 ? '' : `(${parents.map(draw).join(' ')})`}`;
}

test('the tree goes from the coin to the rewards; what two ways lead to is drawn once', () => {
  const transactions = [
    payment('coin', [
      ['a', 3],
      ['a', 4],
      ['b', 5],
    ]),
    payment('a', [['reward', 7]]),
    payment('b', [['reward', 6]]),
    payment('reward', []),
  ];
  const tree = buildTraceTree({ complete: true, rewards: 1, rewardsSat: 10, transactions });
  assert.equal(draw(tree!), 'coin:10(a:7(reward:7) b:5(reward*:6))');
});

test('where the trace was cut the tree says so', () => {
  const transactions = [payment('coin', [['far', 3]])];
  const tree = buildTraceTree({ complete: false, rewards: 0, rewardsSat: 0, transactions });
  assert.equal(draw(tree!), 'coin:10(far?:3)');
  assert.equal(buildTraceTree({ complete: true, rewards: 0, rewardsSat: 0, transactions: [] }), null);
});
