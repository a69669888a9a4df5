// Amounts as they stand in requests and answers: decimal bitcoins on the outside, integer satoshis inside, never a binary fraction
// in between (R11; Core AmountFromValue, ValueFromAmount, ParseFixedPoint).

import { formatAmount, isMoneyRange } from '../kernel/primitives/amount.ts';
import { RPC_CODE, RpcError } from './errors.ts';
import { JsonNumber, type JsonValue } from './json/json-value.ts';

/** Decimals of an amount in bitcoin. */
const COIN_DECIMALS = 8;

/** Fixed-point results have fewer digits than this (Core UPPER_BOUND: 10^18). */
const DIGITS_MAX = 18;

const FIXED_POINT = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?)([0-9]+))?$/;

/**
 * A decimal text, scaled by 10^decimals; null when it is no number, has more decimals than that, or too many digits. An exponent
 * is allowed, as in Core: writers of JSON print 0.00001 as 1e-05.
 */
export function parseFixedPoint(text: string, decimals: number): bigint | null {
  const match = FIXED_POINT.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponentSign, exponentDigits = '0'] = match;
  const all = whole + fraction;
  let trailing = 0;
  while (trailing < all.length && all[all.length - 1 - trailing] === '0') trailing++;
  const digits = all.slice(0, all.length - trailing).replace(/^0+/, '');
  if (digits === '') return 0n;
  if (digits.length > DIGITS_MAX) return null;
  const exponent = Number(exponentDigits) * (exponentSign === '-' ? -1 : 1) - fraction.length + trailing + decimals;
  if (exponent < 0 || digits.length + exponent > DIGITS_MAX) return null;
  const value = BigInt(digits + '0'.repeat(exponent));
  return sign === '-' ? -value : value;
}

/** Satoshis of a number or text in bitcoin; throws an {@link RpcError} with Core's words. */
export function amountFromValue(value: JsonValue, decimals: number = COIN_DECIMALS): number {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string') throw new RpcError(RPC_CODE.TYPE_ERROR, 'Amount is not a number or string');
  const parsed = parseFixedPoint(text, decimals);
  if (parsed === null) throw new RpcError(RPC_CODE.TYPE_ERROR, 'Invalid amount');
  const valueSat = Number(parsed);
  if (!isMoneyRange(valueSat)) throw new RpcError(RPC_CODE.TYPE_ERROR, 'Amount out of range');
  return valueSat;
}

/** An amount in bitcoin with 8 decimals, as a number. */
export function valueFromAmount(valueSat: number): JsonNumber {
  return new JsonNumber(formatAmount(valueSat));
}
