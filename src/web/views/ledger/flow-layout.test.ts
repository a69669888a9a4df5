import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeFlow, drawRibbon } from './flow-layout.ts';

test('a ribbon is as thick as its share of the whole', () => {
  const { inputs, outputs } = computeFlow([60, 40], [75, 24, 1], 100);
  assert.ok(Math.abs(inputs[0]!.thickness / inputs[1]!.thickness - 1.5) < 1e-9);
  assert.ok(Math.abs(outputs[0]!.thickness / inputs[0]!.thickness - 1.25) < 1e-9);
});

test('the thickest ribbon leaves room between rows, and none gets lost', () => {
  const { outputs, inputs } = computeFlow([100_000_000], [99_999_999, 1], 50);
  assert.equal(inputs[0]!.thickness, 40);
  assert.equal(outputs[1]!.thickness, 1.5);
});

test('the shorter side stands in the middle', () => {
  const { height, inputs, outputs } = computeFlow([10], [4, 3, 3], 40);
  assert.equal(height, 120);
  assert.deepEqual(
    inputs.map(({ rowY }) => rowY),
    [60],
  );
  assert.deepEqual(
    outputs.map(({ rowY }) => rowY),
    [20, 60, 100],
  );
});

test('ribbons lie side by side at the bar, without gap or overlap, inside of the picture', () => {
  const { height, barTop, barHeight, outputs } = computeFlow([50, 50], [30, 30, 40], 60);
  let y = barTop;
  for (const { barY, thickness } of outputs) {
    assert.ok(Math.abs(barY - thickness / 2 - y) < 1e-9);
    y = barY + thickness / 2;
  }
  assert.ok(Math.abs(y - barTop - barHeight) < 1e-9);
  assert.ok(barTop >= 0 && barTop + barHeight <= height);
});

test('nothing at all is drawn without dividing by it', () => {
  const { inputs, outputs, height } = computeFlow([], [0], 40);
  assert.deepEqual([inputs.length, outputs[0]!.thickness, height], [0, 1.5, 40]);
});

test('a ribbon is a closed path with flat ends', () => {
  assert.equal(drawRibbon(0, 10, 100, 30, 4), 'M0 8C50 8 50 28 100 28L100 32C50 32 50 12 0 12Z');
});
