// Rates as whole satoshis per 1,000 virtual bytes, the unit of every option and of the wire (Core policy/feerate.h CFeeRate):
// the fee they ask for a size, the rate that a fee amounts to, and their text. What must not be rounded is a FeeFrac.

import { COIN } from '../primitives/amount.ts';
import { mulDivCeil, mulDivFloor } from '../util/num.ts';

/** Virtual bytes that a rate speaks of. */
const VBYTES_PER_RATE = 1_000;

/**
 * Fee for `vsize` virtual bytes, rounded up (Core CFeeRate::GetFee). A negative rate asks for at least one satoshi less than
 * nothing, unless there is nothing to pay for.
 */
export function computeFeeSat(feerateSatPerKvb: number, vsize: number): number {
  const feeSat = mulDivCeil(feerateSatPerKvb, vsize, VBYTES_PER_RATE);
  return feeSat === 0 && vsize !== 0 && feerateSatPerKvb < 0 ? -1 : feeSat;
}

/** Rate that a fee for `vsize` virtual bytes amounts to, rounded down; 0 for no bytes (Core CFeeRate(fee, size).GetFeePerK). */
export function computeFeerate(feeSat: number, vsize: number): number {
  return vsize > 0 ? mulDivFloor(feeSat, VBYTES_PER_RATE, vsize) : 0;
}

/** Text of a rate in bitcoin per 1,000 virtual bytes, as Core's messages have it: `0.00001000 BTC/kvB`. */
export function formatFeerate(feerateSatPerKvb: number): string {
  return `${formatQuotient(feerateSatPerKvb, COIN, 8)} BTC/kvB`;
}

/** Text of a rate in satoshis per virtual byte, as Core's messages have it: `1.234 sat/vB`. */
export function formatFeeratePerVbyte(feerateSatPerKvb: number): string {
  return `${formatQuotient(feerateSatPerKvb, VBYTES_PER_RATE, 3)} sat/vB`;
}

/** Quotient and remainder, each with the sign that C gives it: Core prints a negative rate as `0.-0000001`. */
function formatQuotient(value: number, divisor: number, digits: number): string {
  const remainder = value % divisor;
  const text =
    remainder < 0 ? `-${String(-remainder).padStart(digits - 1, '0')}` : String(remainder).padStart(digits, '0');
  return `${Math.trunc(value / divisor) + 0}.${text}`;
}
