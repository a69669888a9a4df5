import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMaximumFeerate, checkMinimumFee } from './minimum-fee.ts';

test('a fee covers the rate of relay, rounded up', () => {
  const minimum = { mempoolFeerate: 0, minRelayFeerate: 100 };
  assert.equal(checkMinimumFee(15, 150, minimum), null);
  assert.deepEqual(checkMinimumFee(15, 151, minimum), {
    kind: 'reconsiderable',
    reason: 'min relay fee not met',
    rule: 'relay-minimum-fee',
    debug: '15 < 16',
    actual: 15,
    expected: 16,
  });
});

test('the rate of a mempool that is short of room is told first', () => {
  const minimum = { mempoolFeerate: 1_000, minRelayFeerate: 2_000 };
  assert.deepEqual(checkMinimumFee(-5, 200, minimum), {
    kind: 'reconsiderable',
    reason: 'mempool min fee not met',
    rule: 'mempool-minimum-fee',
    debug: '-5 < 200',
    actual: -5,
    expected: 200,
  });
  assert.equal(checkMinimumFee(399, 200, minimum)?.reason, 'min relay fee not met');
  assert.equal(checkMinimumFee(400, 200, minimum), null);
});

test('where nothing is asked, nothing need be paid, but less than nothing is too little', () => {
  const minimum = { mempoolFeerate: 0, minRelayFeerate: 0 };
  assert.equal(checkMinimumFee(0, 200, minimum), null);
  assert.equal(checkMinimumFee(-1, 200, minimum)?.debug, '-1 < 0');
});

test('a rate is compared with what its sender allows before it is rounded', () => {
  assert.equal(checkMaximumFeerate({ feeSat: 1_000, size: 100 }, 10_000), null);
  assert.deepEqual(checkMaximumFeerate({ feeSat: 100_001, size: 10_000 }, 10_000), {
    kind: 'mempool-policy',
    reason: 'max feerate exceeded',
    rule: 'feerate-ceiling',
    actual: 10_000,
    expected: 10_000,
  });
});
