import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAvailable } from '../../../test/model/coin-pool.ts';
import { CHANGE_SCRIPT, makeEnvironment, presetOf, QUIET_CHAIN } from '../../../test/model/spend-world.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import { createChild } from './child.ts';
import { DEFAULT_COIN_CONTROL } from './coin-control.ts';

const WAITING = { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 };

test('the child pays its own fee and what the parent lacks', () => {
  const chain = {
    ...QUIET_CHAIN,
    bumpFees: (outpoints: readonly unknown[]) => ({ each: outpoints.map(() => 4_000), combined: 4_000 }),
  };
  const coin = makeAvailable(100_000, WAITING);
  const request = { parentOutput: presetOf(coin), scriptPubKey: CHANGE_SCRIPT, feeRate: 20_000 };
  const result = runAllSteps(createChild(request, DEFAULT_COIN_CONTROL, makeEnvironment([], { chain })));
  assert.ok(result.ok);
  const { transaction, feeSat, vsizeMax } = result.value;
  // 10.5 of frame, 31 of output, 67.75 of input
  assert.deepEqual([vsizeMax, feeSat], [110, 2_200 + 4_000]);
  assert.equal(transaction.inputCount, 1);
  assert.equal(transaction.valueSat(0), 100_000 - 6_200);
});

test('a child of a TRUC transaction is one too', () => {
  const parentOutput = presetOf(makeAvailable(100_000, { ...WAITING, version: 3 }));
  const request = { parentOutput, scriptPubKey: CHANGE_SCRIPT, feeRate: 5_000 };
  const result = runAllSteps(createChild(request, DEFAULT_COIN_CONTROL, makeEnvironment([])));
  assert.ok(result.ok && result.value.transaction.version === 3);
});

test('outputs of others and confirmed ones have no such child', () => {
  const errorOf = (parentOutput: ReturnType<typeof presetOf>): string => {
    const request = { parentOutput, scriptPubKey: CHANGE_SCRIPT, feeRate: 5_000 };
    const result = runAllSteps(createChild(request, DEFAULT_COIN_CONTROL, makeEnvironment([])));
    return result.ok ? '' : result.error.message;
  };
  const coin = makeAvailable(100_000, WAITING);
  assert.equal(errorOf(presetOf(coin, { isExternal: true })), 'The output is not of this wallet');
  assert.equal(errorOf(presetOf(coin, { depth: 1 })), 'The transaction does not wait for a confirmation');
  assert.equal(errorOf(presetOf({ ...coin, valueSat: 500 })), 'The transaction amount is too small to pay the fee');
});
