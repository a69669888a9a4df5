import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCandidate, numberedScript } from '../../../test/model/coin-pool.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import type { Candidate, UnpricedCoin } from './candidate.ts';
import { type EligibilityFilter, groupCandidates } from './groups.ts';

const BASIC: EligibilityFilter = {
  depthMinMine: 1,
  depthMinTheirs: 6,
  ancestorCountMax: 0,
  clusterCountMax: 0,
  includesPartialGroups: false,
  allowsMixedTypes: true,
};

const FREE = { feeRate: 0, longTermFeeRate: 0 };

function coins(count: number, valueSat: number, script: number, given: Partial<UnpricedCoin> = {}): Candidate[] {
  return Array.from({ length: count }, () =>
    makeCandidate(valueSat, { scriptPubKey: numberedScript(script), isFromMe: true, depth: 6, ...given }, FREE),
  );
}

/** How many groups there are: each coin by itself, and coins of a script together. */
function countGroups(
  candidates: readonly Candidate[],
  pool: 'positive' | 'mixed',
  filter = BASIC,
): readonly [number, number] {
  const count = (avoidsPartialSpends: boolean): number => {
    const { pools } = runAllSteps(groupCandidates(candidates, [filter], { avoidsPartialSpends, subtractsFee: false }));
    return pools[0]?.byType.get('bech32')?.[pool].length ?? 0;
  };
  return [count(false), count(true)];
}

test('coins of one script are one group where partial spends are avoided', () => {
  const pool = coins(10, 10 * COIN, 1);
  assert.deepEqual(countGroups(pool, 'positive'), [10, 1]);
  pool.push(...coins(10, 5 * COIN, 2));
  assert.deepEqual(countGroups(pool, 'positive'), [20, 2]);
  // a coin that costs more than it brings
  pool.push(
    makeCandidate(1, { scriptPubKey: numberedScript(3), isFromMe: true }, { feeRate: 100, longTermFeeRate: 0 }),
  );
  assert.deepEqual(countGroups(pool, 'positive'), [20, 2]);
  assert.deepEqual(countGroups(pool, 'mixed'), [21, 3]);
  pool.push(...coins(1, 6 * COIN, 4, { isFromMe: false, depth: 5 }));
  assert.deepEqual(countGroups(pool, 'mixed'), [21, 3]);
  pool.push(...coins(1, 6 * COIN, 5, { depth: 0 }));
  assert.deepEqual(countGroups(pool, 'mixed'), [21, 3]);
  // one coin more than a group holds
  pool.push(...coins(101, 9 * COIN, 7));
  assert.deepEqual(countGroups(pool, 'mixed'), [122, 4]);
  assert.deepEqual(countGroups(pool, 'mixed', { ...BASIC, includesPartialGroups: true }), [122, 5]);
});

test('what no filter lets through is told', () => {
  const unconfirmed = coins(2, COIN, 1, { depth: 0 });
  const options = { avoidsPartialSpends: true, subtractsFee: false };
  const { pools, discarded } = runAllSteps(groupCandidates(unconfirmed, [BASIC], options));
  assert.equal(pools.length, 0);
  assert.equal(discarded.length, 1);
  assert.equal(discarded[0]!.valueSat, 2 * COIN);
});

test('a group is as young as its youngest coin, and has the relatives of all', () => {
  const mixed = [
    ...coins(1, COIN, 1, { depth: 3, ancestorCount: 0, clusterCount: 0 }),
    ...coins(1, COIN, 1, { depth: 0, ancestorCount: 2, clusterCount: 5, isFromMe: false }),
    ...coins(1, COIN, 1, { depth: 0, ancestorCount: 3, clusterCount: 4 }),
  ];
  const all = { ...BASIC, depthMinMine: 0, depthMinTheirs: 0, ancestorCountMax: 5, clusterCountMax: 5 };
  const { pools } = runAllSteps(groupCandidates(mixed, [all], { avoidsPartialSpends: true, subtractsFee: false }));
  const [group] = pools[0]!.all.mixed;
  const { depth, ancestorCount, clusterCount, isFromMe } = group!;
  assert.deepEqual(
    { depth, ancestorCount, clusterCount, isFromMe },
    {
      depth: 0,
      ancestorCount: 5,
      clusterCount: 5,
      isFromMe: false,
    },
  );
  const fewer = runAllSteps(
    groupCandidates(mixed, [{ ...all, ancestorCountMax: 4 }], {
      avoidsPartialSpends: true,
      subtractsFee: false,
    }),
  );
  assert.equal(fewer.pools.length, 0);
});

test('coins of one script but different types are kept apart', () => {
  const pool = [...coins(2, COIN, 1), ...coins(2, COIN, 1, { type: 'legacy' })];
  const { pools } = runAllSteps(groupCandidates(pool, [BASIC], { avoidsPartialSpends: true, subtractsFee: false }));
  assert.deepEqual([...pools[0]!.byType.keys()], ['legacy', 'bech32']);
  assert.equal(pools[0]!.all.mixed.length, 2);
});
