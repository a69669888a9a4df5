// Amounts: numbers of satoshis (Core consensus/amount.h, util/moneystr.h). Every amount a valid ledger can hold is below 2^53,
// so a number holds it exactly; every sum is range-checked as it grows.

import { err, ok, type Result } from '../util/result.ts';

/** Satoshis in one bitcoin. */
export const COIN: number = 100_000_000;

/** No amount and no sum of amounts may exceed this (Core MAX_MONEY: 21 million bitcoin). A sanity limit, not the supply. */
export const MAX_MONEY: number = 21_000_000 * COIN;

/** True for an amount that may occur on a ledger: an integer from 0 to MAX_MONEY. */
export function isMoneyRange(valueSat: number): boolean {
  return valueSat >= 0 && valueSat <= MAX_MONEY;
}

/** Decimal text in bitcoin, always with 8 decimals: 150000000 → `1.50000000`. Takes a safe integer of either sign. */
export function formatAmount(valueSat: number): string {
  const absolute = Math.abs(valueSat);
  const whole = Math.floor(absolute / COIN);
  const fraction = String(absolute % COIN).padStart(8, '0');
  return `${valueSat < 0 ? '-' : ''}${whole}.${fraction}`;
}

/**
 * Decimal text in bitcoin as Core's log lines and reject messages have it (FormatMoney): no zeros at the end beyond the second
 * decimal, so 150000000 → `1.50` and 1000 → `0.00001`. Takes a safe integer of either sign.
 */
export function formatMoney(valueSat: number): string {
  return formatAmount(valueSat).replace(/(\.[0-9]{2}[0-9]*?)0+$/, '$1');
}

/** Why a text is no amount; the words are those of Core's RPC. */
export type AmountError = 'Invalid amount' | 'Amount out of range';

const DECIMAL = /^(-?)(0|[1-9][0-9]{0,10})(?:\.([0-9]{1,8}))?$/;

/**
 * Satoshis of a decimal text in bitcoin such as `0.29`: exact, never through a binary fraction. At most 8 decimals, no exponent,
 * no sign but a minus. Negative amounts and amounts above MAX_MONEY are out of range (R11).
 */
export function parseAmount(text: string): Result<number, AmountError> {
  const match = DECIMAL.exec(text);
  if (match === null) return err('Invalid amount');
  const valueSat = Number(match[2]) * COIN + Number((match[3] ?? '').padEnd(8, '0'));
  if (match[1] === '-' || !isMoneyRange(valueSat)) {
    return match[1] === '-' && valueSat === 0 ? ok(0) : err('Amount out of range');
  }
  return ok(valueSat);
}
