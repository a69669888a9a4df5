// What a transaction or a package must pay at least to be kept, and at most if its sender set a bound (Core validation.cpp
// CheckFeeRate, m_client_maxfeerate).

import { compareFeerate, type FeeFrac } from './fee-frac.ts';
import { computeFeerate, computeFeeSat } from './feerate.ts';
import { type PolicyReject, rejectPolicy } from './policy-reject.ts';

/** The lowest rates that are taken now, in sat/kvB. */
export interface MinimumFeerates {
  /** What the mempool asks while it is short of room (Core GetMinFee). */
  readonly mempoolFeerate: number;
  /** What is relayed at all (-minrelaytxfee). */
  readonly minRelayFeerate: number;
}

/**
 * Checks that a fee is high enough for `vsize` virtual bytes. More than one transaction may share a fee, so a refusal is not
 * the last word on one of them.
 */
export function checkMinimumFee(feeSat: number, vsize: number, minimum: MinimumFeerates): PolicyReject | null {
  const mempoolFeeSat = computeFeeSat(minimum.mempoolFeerate, vsize);
  if (mempoolFeeSat > 0 && feeSat < mempoolFeeSat) {
    return rejectPolicy('reconsiderable', 'mempool min fee not met', 'mempool-minimum-fee', {
      debug: `${feeSat} < ${mempoolFeeSat}`,
      actual: feeSat,
      expected: mempoolFeeSat,
    });
  }
  const relayFeeSat = computeFeeSat(minimum.minRelayFeerate, vsize);
  if (feeSat >= relayFeeSat) return null;
  return rejectPolicy('reconsiderable', 'min relay fee not met', 'relay-minimum-fee', {
    debug: `${feeSat} < ${relayFeeSat}`,
    actual: feeSat,
    expected: relayFeeSat,
  });
}

/** Checks that a rate, fee over virtual bytes, is not above what the sender meant to pay at most, in sat/kvB. */
export function checkMaximumFeerate(feerate: FeeFrac, feerateMax: number): PolicyReject | null {
  if (compareFeerate(feerate, { feeSat: feerateMax, size: 1_000 }) <= 0) return null;
  return rejectPolicy('mempool-policy', 'max feerate exceeded', 'feerate-ceiling', {
    actual: computeFeerate(feerate.feeSat, feerate.size),
    expected: feerateMax,
  });
}
