import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CENT, makeCandidate } from '../../../test/model/coin-pool.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import type { Candidate, UnpricedCoin } from './candidate.ts';
import { createFilters, type SelectParams, selectCoins } from './select.ts';
import { selectedValueSat } from './selection.ts';

const FREE = { feeRate: 0, longTermFeeRate: 0 };

const PARAMS: SelectParams = {
  ...FREE,
  minViableChangeSat: 1,
  changeFeeSat: 0,
  costOfChangeSat: 1,
  changeTargetSat: CENT,
  changeOutputVsize: 34,
  baseVsize: 44,
  subtractsFee: false,
  weightMaxWu: 400_000,
  combinedBumpFeeSat: () => 0,
  rng: createRng(1),
  avoidsPartialSpends: false,
  includesUnsafe: false,
  version: 2,
  spendsUnconfirmedChange: true,
  rejectsLongChains: true,
  ancestorCountMax: 25,
  descendantCountMax: 25,
};

function coins(count: number, valueSat: number, given: Partial<UnpricedCoin> = {}): Candidate[] {
  return Array.from({ length: count }, () => makeCandidate(valueSat, given, FREE));
}

function select(
  targetSat: number,
  candidates: readonly Candidate[],
  given: Partial<SelectParams> = {},
  preset: readonly Candidate[] = [],
  allowsOtherInputs = true,
) {
  return runAllSteps(selectCoins(targetSat, { preset, candidates, allowsOtherInputs }, { ...PARAMS, ...given }));
}

test('filters go from confirmed coins to unsafe ones', () => {
  const brief = (given: Partial<SelectParams>): string[] =>
    createFilters({ ...PARAMS, ...given }).map((f) =>
      [f.depthMinMine, f.depthMinTheirs, f.ancestorCountMax, f.clusterCountMax, f.includesPartialGroups].join(' '),
    );
  const usual = [
    '1 6 0 0 false',
    '1 1 0 0 false',
    '0 1 2 2 false',
    '0 1 4 4 false',
    '0 1 12 12 false',
    '0 1 24 24 true',
  ];
  assert.deepEqual(brief({}), usual);
  assert.deepEqual(brief({ includesUnsafe: true }), [...usual, '0 0 24 24 true']);
  assert.deepEqual(brief({ rejectsLongChains: false }), [...usual, '0 1 Infinity Infinity true']);
  assert.deepEqual(brief({ spendsUnconfirmedChange: false }), usual.slice(0, 2));
  assert.equal(createFilters(PARAMS)[0]!.allowsMixedTypes, false);
});

test('confirmed coins are spent before own change that waits', () => {
  const old = coins(1, COIN);
  const fresh = coins(1, COIN, { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 });
  const first = select(COIN / 2, [...fresh, ...old]);
  assert.ok(first.ok);
  assert.deepEqual(first.value.coins, old);
  const both = select(1.5 * COIN, [...fresh, ...old]);
  assert.ok(both.ok && both.value.coins.length === 2);
  assert.equal(select(1.5 * COIN, [...fresh, ...old], { spendsUnconfirmedChange: false }).ok, false);
});

test('coins with too many relatives are named when they are what is missing', () => {
  const chained = coins(1, COIN, { depth: 0, isFromMe: true, ancestorCount: 25, clusterCount: 25 });
  const result = select(COIN / 2, chained);
  assert.deepEqual(result, {
    ok: false,
    error:
      'Unconfirmed UTXOs are available, but spending them creates a chain of transactions that will be rejected by the mempool',
  });
  assert.equal(select(COIN / 2, chained, { rejectsLongChains: false }).ok, true);
});

test('unsafe coins are taken last, and only when asked', () => {
  const theirs = coins(1, COIN, { depth: 0, ancestorCount: 1, clusterCount: 1 });
  assert.deepEqual(select(COIN / 2, theirs), { ok: false, error: null });
  assert.equal(select(COIN / 2, theirs, { includesUnsafe: true }).ok, true);
});

test('types are mixed only when no single one suffices', () => {
  const pool = [...coins(3, COIN, { type: 'legacy' }), ...coins(3, COIN), ...coins(3, COIN, { type: 'bech32m' })];
  for (let i = 0; i < 10; i++) {
    const one = select(2.5 * COIN, pool);
    assert.ok(one.ok);
    assert.equal(new Set(one.value.coins.map((coin) => coin.type)).size, 1);
  }
  const mixed = select(5 * COIN, pool);
  assert.ok(mixed.ok);
  assert.ok(new Set(mixed.value.coins.map((coin) => coin.type)).size > 1);
});

test('preset coins are spent in any case, and alone when they suffice', () => {
  const preset = coins(1, 5 * CENT);
  const others = coins(1, 3 * CENT).concat(coins(1, 2 * CENT));
  const found = select(10 * CENT, others, {}, preset);
  assert.ok(found.ok);
  assert.equal(found.value.tryCount, 3);
  assert.equal(selectedValueSat(found.value), 10 * CENT);
  const alone = select(4 * CENT, others, {}, preset);
  assert.ok(alone.ok);
  assert.equal(alone.value.algorithm, 'manual');
  assert.deepEqual(alone.value.coins, preset);
});

test('preset coins that do not suffice are named when no other may be added', () => {
  const result = select(10 * CENT, [], {}, coins(1, 5 * CENT), false);
  assert.deepEqual(result, {
    ok: false,
    error:
      'The preselected coins total amount does not cover the transaction target. Please allow other inputs to be automatically selected or include more coins manually',
  });
  // the fee of the input counts
  const dear = makeCandidate(100_000, { inputVsize: 37 }, { feeRate: 3_000, longTermFeeRate: 0 });
  assert.equal(select(99_900, [], {}, [dear], false).ok, false);
});

test('where recipients pay the fee, no set without change is searched for', () => {
  const rates = { feeRate: 3_000, longTermFeeRate: 1_000 };
  const costOfChange = 161;
  const coin = (value: number): Candidate => makeCandidate(value, { isFromMe: true }, rates);
  const pool = [coin(COIN + costOfChange), coin(COIN / 2 + costOfChange), coin(COIN / 2)];
  const params = { ...rates, subtractsFee: true, costOfChangeSat: costOfChange, changeFeeSat: 93 };
  const result = select(COIN, pool, { ...params, changeTargetSat: costOfChange + 1 });
  assert.ok(result.ok);
  assert.notEqual(result.value.algorithm, 'bnb');
  assert.equal(result.value.coins.length, 2);
});

test('a transaction never grows heavier than is relayed', () => {
  const most = 400_000 - 4 * (44 + 34);
  const large = select(49.5 * COIN, [...coins(1_515, 0.033 * COIN), ...coins(1, 50 * COIN)]);
  assert.ok(large.ok);
  assert.ok(large.value.coins.some((coin) => coin.valueSat === 50 * COIN));
  assert.ok(large.value.weightWu <= most);
  const mixed = select(49.5 * COIN, [...coins(400, 0.0625 * COIN), ...coins(2_000, 0.025 * COIN)]);
  assert.ok(mixed.ok);
  assert.ok(mixed.value.weightWu <= most);
  const heavy = select(49.5 * COIN, coins(1_515, 0.033 * COIN));
  assert.equal(heavy.ok, false);
  assert.match(heavy.ok ? '' : (heavy.error ?? ''), /^The inputs size exceeds the maximum weight/);
});

test('a TRUC transaction that spends what waits is small', () => {
  const waiting = { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 };
  const params = { version: 3, weightMaxWu: 40_000 };
  // 4,000 WU hold 13 inputs beside the rest
  assert.equal(select(10 * CENT, coins(20, CENT, waiting), params).ok, true);
  assert.equal(select(18 * CENT, coins(20, CENT, waiting), params).ok, false);
  assert.equal(select(18 * CENT, coins(20, CENT, waiting), { ...params, version: 2 }).ok, true);
});

test('limits of weight are named', () => {
  const errorOf = (weightMaxWu: number): string | null => {
    const result = select(COIN, coins(2, COIN), { weightMaxWu });
    return result.ok ? null : result.error;
  };
  assert.equal(errorOf(176), 'Maximum transaction weight is less than transaction weight without inputs');
  assert.equal(errorOf(177), 'Maximum transaction weight is too low, can not accommodate change output');
});

test('ancestors that are too many to tell are named', () => {
  const waiting = coins(1, COIN, { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 });
  const result = select(COIN / 2, waiting, { combinedBumpFeeSat: () => null });
  assert.match(result.ok ? '' : (result.error ?? ''), /enormous cluster/);
});

test('what ancestors lack is paid once by coins that share them', () => {
  const waiting = (bumpFeeSat: number): Candidate =>
    makeCandidate(COIN, { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1, bumpFeeSat }, FREE);
  const result = select(1.5 * COIN, [waiting(500), waiting(500)], { combinedBumpFeeSat: () => 600 });
  assert.ok(result.ok);
  assert.equal(result.value.bumpDiscountSat, 400);
});

test('10,000 coins are searched for 100,000 sets at most', () => {
  const chance = createRng(11);
  const rates = { feeRate: 40_000, longTermFeeRate: 10_000 };
  const pool = Array.from({ length: 10_000 }, () => makeCandidate(10_000 + chance.below(COIN), {}, rates));
  for (const target of [123_456_789, 77 * COIN]) {
    const result = select(target, pool, { ...rates, changeFeeSat: 1_240, costOfChangeSat: 1_444 });
    assert.ok(result.ok);
    assert.ok(result.value.tryCount <= 100_000);
    assert.ok(result.value.weightWu <= 400_000);
  }
});

test('whatever there is, the target is met or there is a reason', () => {
  const value = fc.integer({ min: 1, max: 100 * CENT });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 200 * CENT }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.boolean(),
      fc.boolean(),
      (values, target, feeRate, avoidsPartialSpends, subtractsFee) => {
        const rates = { feeRate, longTermFeeRate: 10_000 };
        const pool = values.map((v) => makeCandidate(v, {}, rates));
        const result = select(target, pool, { ...rates, avoidsPartialSpends, subtractsFee });
        const brought = pool.reduce((sum, c) => sum + Math.max(0, c.valueSat - (subtractsFee ? 0 : c.feeSat)), 0);
        if (!result.ok) return;
        const chosen = result.value.coins.reduce((sum, c) => sum + c.valueSat - (subtractsFee ? 0 : c.feeSat), 0);
        assert.ok(chosen >= target && chosen <= brought);
        assert.equal(new Set(result.value.coins).size, result.value.coins.length);
      },
    ),
    { numRuns: 200 },
  );
});
