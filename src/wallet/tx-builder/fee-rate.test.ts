import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET_CHAIN } from '../../../test/model/spend-world.ts';
import { DEFAULT_COIN_CONTROL } from './coin-control.ts';
import { DEFAULT_SPEND_SETTINGS, type SpendChain, type SpendSettings } from './environment.ts';
import { decideFeeRate, describeFeeReason, discardFeeRate, minimumFeeRate, requiredFeeRate } from './fee-rate.ts';

function sources(chain: Partial<SpendChain> = {}, settings: Partial<SpendSettings> = {}) {
  return { chain: { ...QUIET_CHAIN, ...chain }, settings: { ...DEFAULT_SPEND_SETTINGS, ...settings } };
}

const nothing = { estimateFeeRate: () => null };

test('the given rate goes before the estimate, and that before the fallback', () => {
  const given = { ...DEFAULT_COIN_CONTROL, feeRate: 7_000 };
  assert.deepEqual(minimumFeeRate(given, sources()), { feeRate: 7_000, reason: 'given' });
  assert.deepEqual(minimumFeeRate(DEFAULT_COIN_CONTROL, sources()), { feeRate: 10_000, reason: 'estimate' });
  assert.deepEqual(minimumFeeRate(DEFAULT_COIN_CONTROL, sources(nothing, { fallbackFeeRate: 20_000 })), {
    feeRate: 20_000,
    reason: 'fallback',
  });
});

test('an estimate is raised to what the mempool and the wallet ask for', () => {
  assert.deepEqual(minimumFeeRate(DEFAULT_COIN_CONTROL, sources({ mempoolMinFeeRate: () => 15_000 })), {
    feeRate: 15_000,
    reason: 'mempool-minimum',
  });
  const dear = sources({}, { feeRateMin: 30_000 });
  assert.deepEqual(minimumFeeRate(DEFAULT_COIN_CONTROL, dear), { feeRate: 30_000, reason: 'required' });
  assert.equal(requiredFeeRate(sources({ relayMinFeeRate: () => 2_000 })), 2_000);
});

test('the estimate is economical when the transaction may be replaced, unless somebody says otherwise', () => {
  const asked: string[] = [];
  const listening = sources({
    estimateFeeRate: (targetBlocks, mode) => {
      asked.push(`${targetBlocks} ${mode}`);
      return null;
    },
  });
  minimumFeeRate(DEFAULT_COIN_CONTROL, listening);
  minimumFeeRate({ ...DEFAULT_COIN_CONTROL, signalsReplacement: false, confirmTarget: 2 }, listening);
  minimumFeeRate({ ...DEFAULT_COIN_CONTROL, estimateMode: 'conservative' }, listening);
  assert.deepEqual(asked, ['6 economical', '2 conservative', '6 conservative']);
});

test('a given rate is never raised in silence', () => {
  const low = { ...DEFAULT_COIN_CONTROL, feeRate: 999 };
  assert.deepEqual(decideFeeRate(low, sources()), {
    ok: false,
    error: {
      kind: 'invalid-parameter',
      message:
        'Fee rate (0.999 sat/vB) is lower than the minimum fee rate setting (1.000 sat/vB).\nConsider modifying -mintxfee (1.000 sat/vB) or -minrelaytxfee (0.100 sat/vB).',
    },
  });
  const bold = decideFeeRate({ ...low, overridesFeeRate: true }, sources());
  assert.ok(bold.ok && bold.value.feeRate === 999);
});

test('without estimate and fallback there is no rate', () => {
  const result = decideFeeRate(DEFAULT_COIN_CONTROL, sources(nothing));
  assert.deepEqual(result, {
    ok: false,
    error: {
      kind: 'wallet',
      message: 'Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.',
    },
  });
});

test('change must be worth its spending at the rate of the longest estimate, within bounds', () => {
  const rate = (satPerKvb: number | null): number =>
    discardFeeRate(
      sources({
        estimateFeeRate: (targetBlocks) => (satPerKvb === null ? null : { satPerKvb, targetBlocks }),
      }),
    );
  assert.equal(rate(null), 10_000);
  assert.equal(rate(50_000), 10_000);
  assert.equal(rate(5_000), 5_000);
  assert.equal(rate(1_000), 3_000);
});

test("reasons have Core's words", () => {
  const reasons = ['given', 'fallback', 'mempool-minimum', 'required'] as const;
  assert.deepEqual(reasons.map(describeFeeReason), ['None', 'Fallback fee', 'Mempool Min Fee', 'Minimum Required Fee']);
});
