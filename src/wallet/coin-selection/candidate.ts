// Coins with their price in one payment (Core COutput): what it costs to spend each of them at the rate of the payment, with what its
// unconfirmed ancestors lack, and what it would cost in quiet times.

import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import type { AddressType } from '../books/available-coin.ts';

/** The type that a coin counts for where coins of one type are preferred. */
export type CoinType = AddressType | 'unknown';

/** Types of coins in Core's order, in which they are tried one after another (Core OutputType). */
export const COIN_TYPES: readonly CoinType[] = Object.freeze(['legacy', 'p2sh-segwit', 'bech32', 'bech32m', 'unknown']);

/** A coin that nobody has priced yet. */
export interface UnpricedCoin {
  readonly outpoint: Outpoint;
  /** `txid:index`. */
  readonly name: string;
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
  /** Confirmations; 0 while it waits in the mempool. */
  readonly depth: number;
  readonly isFromMe: boolean;
  readonly type: CoinType;
  /** Virtual bytes of the signed input at most; -1 when nobody knows how to sign it. */
  readonly inputVsize: number;
  /** Fee that its unconfirmed ancestors lack at the rate of the payment. */
  readonly bumpFeeSat: number;
  /** Transactions in the mempool among its transaction and the ancestors of it; 0 once confirmed. */
  readonly ancestorCount: number;
  /** Transactions in the mempool that hang together with it, itself counted; 0 once confirmed. */
  readonly clusterCount: number;
}

/** A coin with what it costs to spend it in one payment. */
export interface Candidate extends UnpricedCoin {
  /** Fee for the input and for the ancestors. */
  readonly feeSat: number;
  /** Fee for the input at the rate of quiet times. */
  readonly longTermFeeSat: number;
}

/** Rates in sat/kvB that coins are priced at. */
export interface CandidateRates {
  readonly feeRate: number;
  readonly longTermFeeRate: number;
}

/** The coin at these rates; an input of unknown size costs nothing. */
export function priceCoin(coin: UnpricedCoin, { feeRate, longTermFeeRate }: CandidateRates): Candidate {
  const vsize = Math.max(coin.inputVsize, 0);
  return {
    ...coin,
    feeSat: computeFeeSat(feeRate, vsize) + coin.bumpFeeSat,
    longTermFeeSat: computeFeeSat(longTermFeeRate, vsize),
  };
}

/** What a coin adds to a payment after its own fee; may be negative. */
export function effectiveValueOf(coin: Candidate): number {
  return coin.valueSat - coin.feeSat;
}

/** Weight of the signed input, from its virtual bytes. */
export function inputWeightOf(coin: Candidate): number {
  return Math.max(coin.inputVsize, 0) * WITNESS_SCALE_FACTOR;
}
