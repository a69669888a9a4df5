import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceStep } from '../../data/audit-trace.ts';
import { computeTraceLayout, TRACE_BOXES_MAX } from './trace-layout.ts';

function step(txid: string, spends: readonly string[], valueSat = 100): TraceStep {
  const inputs = spends.map((spent, vout) => ({ txid: spent, vout, height: 1, valueSat }));
  return { txid, height: 1, time: 0, reward: spends.length === 0, valueSat, inputs };
}

test('every box stands left of all that spends from it, also where the ways to it differ in length', () => {
  const layout = computeTraceLayout([step('coin', ['a', 'r']), step('a', ['r']), step('r', [])]);
  const xOf = (txid: string): number => layout.boxes.find((box) => box.step.txid === txid)!.x;
  assert.deepEqual([xOf('r') < xOf('a'), xOf('a') < xOf('coin')], [true, true]);
  assert.equal(layout.lines.length, 3);
  for (const { from, to } of layout.lines) assert.ok(from.x < to.x);
});

test('boxes of a column do not cover each other, and the coin that is worth most has the thickest line', () => {
  const layout = computeTraceLayout([step('coin', ['a', 'b', 'c']), step('a', []), step('b', []), step('c', [])]);
  const heights = layout.boxes.filter(({ step: { reward } }) => reward).map(({ y }) => y);
  assert.equal(new Set(heights).size, 3);
  const mixed = computeTraceLayout([
    { ...step('coin', ['a', 'b']), inputs: [input('a', 900), input('b', 1)] },
    step('a', []),
    step('b', []),
  ]);
  assert.deepEqual(
    mixed.lines.map(({ thickness }) => thickness),
    [16, 1.5],
  );
});

function input(txid: string, valueSat: number): TraceStep['inputs'][number] {
  return { txid, vout: 0, height: 1, valueSat };
}

test('a long history is cut, and one that goes in circles ends', () => {
  const chain = Array.from({ length: 300 }, (_, i) => step(`t${i}`, [`t${i + 1}`]));
  assert.equal(computeTraceLayout(chain).boxes.length, TRACE_BOXES_MAX);
  const circle = computeTraceLayout([step('x', ['y']), step('y', ['x'])]);
  assert.equal(circle.boxes.length, 2);
});
