// Three fees to choose from, and what a person typed as a fourth. Rates are in satoshis per 1,000 virtual bytes, so that they are whole.

import type { FeeKnowledge } from '../../data/wallet-pay.ts';

/** Choices, the slowest first. */
export const FEE_SPEEDS = ['slow', 'normal', 'fast'] as const;

/** One of the three. */
export type FeeSpeed = (typeof FEE_SPEEDS)[number];

/** Where the node cannot tell, these many times the least that wallets usually pay. */
const FALLBACK_FACTORS: Readonly<Record<FeeSpeed, number>> = Object.freeze({ slow: 1, normal: 2, fast: 5 });

/** One satoshi per virtual byte: the rate below which some nodes pass nothing on. */
const USUAL_MINIMUM = 1_000;

/** No payment here needs more: 10,000 satoshis per virtual byte, at which the usual payment costs 0.014 units. */
export const FEE_RATE_MAX = 10_000_000;

/** A rate to choose. */
export interface FeeOffer {
  readonly speed: FeeSpeed;
  readonly rate: number;
  /** Whether the node has seen enough payments to tell; otherwise it is a rule of thumb. */
  readonly isEstimate: boolean;
}

/** The three choices; a faster one never pays less. */
export function listFeeOffers({ estimates, minimum }: FeeKnowledge): readonly FeeOffer[] {
  const base = Math.max(minimum, USUAL_MINIMUM);
  let least = minimum;
  return FEE_SPEEDS.map((speed) => {
    const estimate = estimates[speed];
    const rate = Math.min(FEE_RATE_MAX, Math.max(least, estimate ?? base * FALLBACK_FACTORS[speed]));
    least = rate;
    return { speed, rate, isEstimate: estimate !== null };
  });
}

/** The rate that a person typed in satoshis per virtual byte; null: it is none, or out of all proportion. */
export function parseFeeRate(text: string): number | null {
  const clean = text.trim().replace(',', '.');
  if (!/^(?:\d{1,5}(?:\.\d{0,3})?|\.\d{1,3})$/.test(clean)) return null;
  const rate = Math.round(Number(clean) * 1000);
  return rate > 0 && rate <= FEE_RATE_MAX ? rate : null;
}
