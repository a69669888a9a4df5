// The rate that a transaction pays (Core wallet/fees.cpp): the given one, else the estimate, else the fallback; never less than the
// mempool, the wallet and relay ask for. And the rate below which change is not worth its spending.

import { formatFeeratePerVbyte } from '../../kernel/policy/feerate.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import type { CoinControl } from './coin-control.ts';
import type { SpendChain, SpendSettings } from './environment.ts';
import { type SpendError, spendError } from './spend-error.ts';

/** What decided a rate. */
export type FeeReason = 'given' | 'estimate' | 'fallback' | 'mempool-minimum' | 'required';

/** A rate in sat/kvB with what decided it. */
export interface FeeRule {
  readonly feeRate: number;
  readonly reason: FeeReason;
}

/** What rates are decided from. */
export interface FeeSources {
  readonly chain: SpendChain;
  readonly settings: SpendSettings;
}

/** The least that the wallet and relay ask for (Core GetRequiredFeeRate). */
export function requiredFeeRate({ chain, settings }: FeeSources): number {
  return Math.max(settings.feeRateMin, chain.relayMinFeeRate());
}

/** The rate for a transaction (Core GetMinimumFeeRate); 0 from the fallback: nobody knows. */
export function minimumFeeRate(control: CoinControl, sources: FeeSources): FeeRule {
  let rule: FeeRule;
  if (control.feeRate !== null) {
    rule = { feeRate: control.feeRate, reason: 'given' };
    if (control.overridesFeeRate) return rule;
  } else {
    rule = estimatedFeeRate(control, sources);
    if (rule.feeRate === 0) return rule;
    rule = atLeast(rule, sources.chain.mempoolMinFeeRate(), 'mempool-minimum');
  }
  return atLeast(rule, requiredFeeRate(sources), 'required');
}

function estimatedFeeRate(control: CoinControl, { chain, settings }: FeeSources): FeeRule {
  const signals = control.signalsReplacement ?? settings.signalsReplacement;
  const mode = control.estimateMode ?? (signals ? 'economical' : 'conservative');
  const estimate = chain.estimateFeeRate(control.confirmTarget ?? settings.confirmTarget, mode);
  if (estimate !== null && estimate.satPerKvb > 0) return { feeRate: estimate.satPerKvb, reason: 'estimate' };
  return { feeRate: settings.fallbackFeeRate, reason: 'fallback' };
}

function atLeast(rule: FeeRule, feeRate: number, reason: FeeReason): FeeRule {
  return rule.feeRate < feeRate ? { feeRate, reason } : rule;
}

/** The rate for a transaction, unless it is above the given one or unknown. */
export function decideFeeRate(control: CoinControl, sources: FeeSources): Result<FeeRule, SpendError> {
  const rule = minimumFeeRate(control, sources);
  if (control.feeRate !== null && rule.feeRate > control.feeRate) {
    const { settings, chain } = sources;
    const text = formatFeeratePerVbyte;
    const message = `Fee rate (${text(control.feeRate)}) is lower than the minimum fee rate setting (${text(rule.feeRate)}).`;
    const minimum = text(settings.feeRateMin);
    const advice = `\nConsider modifying -mintxfee (${minimum}) or -minrelaytxfee (${text(chain.relayMinFeeRate())}).`;
    return spendError(rule.reason === 'required' ? message + advice : message, 'invalid-parameter');
  }
  if (rule.reason === 'fallback' && rule.feeRate === 0) {
    return spendError('Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.');
  }
  return ok(rule);
}

/** The rate at which spending change must pay for itself (Core GetDiscardRate). */
export function discardFeeRate({ chain, settings }: FeeSources): number {
  const estimate = chain.estimateFeeRate(chain.estimateTargetMax(), 'economical')?.satPerKvb ?? 0;
  const rate = estimate === 0 ? settings.discardFeeRate : Math.min(estimate, settings.discardFeeRate);
  return Math.max(rate, chain.dustRelayFeeRate());
}

/** Core's words for what decided a rate; which estimate it was the chain source does not say. */
export function describeFeeReason(reason: FeeReason): string {
  switch (reason) {
    case 'given':
      return 'None';
    case 'estimate':
      return 'Target 85% Threshold';
    case 'fallback':
      return 'Fallback fee';
    case 'mempool-minimum':
      return 'Mempool Min Fee';
    case 'required':
      return 'Minimum Required Fee';
  }
}
