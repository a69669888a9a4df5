// What a person reads before signing: who gets how much, the fee, what comes back, and that these make up the coins that are spent.
// All of it is taken from the transaction that will be signed.

import type { PsbtContent, PsbtOutput } from '../../data/psbt-content.ts';

/** A payment as it is shown. */
export interface Review {
  readonly payments: readonly PsbtOutput[];
  readonly change: readonly PsbtOutput[];
  readonly paidSat: number;
  readonly changeSat: number;
  /** Null: an input does not say what it spends, so that nobody can know. */
  readonly feeSat: number | null;
  /** What all inputs bring; null as above. */
  readonly spentSat: number | null;
  /** What leaves the wallet: payments and fee. */
  readonly totalSat: number | null;
}

/** What a transaction does, when these of its outputs come back to the wallet. */
export function reviewPayment({ inputs, outputs, feeSat }: PsbtContent, ownOutputs: readonly number[]): Review {
  const payments = outputs.filter((_, i) => !ownOutputs.includes(i));
  const change = outputs.filter((_, i) => ownOutputs.includes(i));
  const paidSat = sum(payments);
  const isKnown = inputs.every(({ valueSat }) => valueSat !== null);
  return {
    payments,
    change,
    paidSat,
    changeSat: sum(change),
    feeSat,
    spentSat: isKnown ? inputs.reduce((total, { valueSat }) => total + (valueSat ?? 0), 0) : null,
    totalSat: feeSat === null ? null : paidSat + feeSat,
  };
}

function sum(outputs: readonly PsbtOutput[]): number {
  return outputs.reduce((total, { valueSat }) => total + valueSat, 0);
}

/** What was wished for. */
export interface Wish {
  readonly scriptHex: string;
  /** Null: all that the coins hold, without the fee. */
  readonly amountSat: number | null;
}

/** Whether the payments are the ones that were wished for, no more and no fewer. */
export function isAsWished({ payments }: Review, wishes: readonly Wish[]): boolean {
  const left = [...payments];
  for (const { scriptHex, amountSat } of wishes) {
    const at = left.findIndex(
      (output) => output.scriptHex === scriptHex && (amountSat === null || output.valueSat === amountSat),
    );
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

/** A fee that a person should look at twice: more than this share of what is paid, and more than this many satoshis. */
const HIGH_FEE_SHARE = 0.05;
const HIGH_FEE_SAT = 10_000;

/** Whether the fee is out of proportion. */
export function isHighFee({ paidSat, feeSat }: Review): boolean {
  return feeSat !== null && feeSat > HIGH_FEE_SAT && feeSat > paidSat * HIGH_FEE_SHARE;
}

/** Letters at the ends of an address that people compare. */
const LOOKED_AT = 4;

/**
 * An address in the history that looks like `address` at both ends and is another one: somebody may have placed it there to be copied
 * by mistake. Null: there is none.
 */
export function findLookAlike(address: string, known: Iterable<string>): string | null {
  const ends = endsOf(address);
  for (const other of known) if (other !== address && endsOf(other) === ends) return other;
  return null;
}

/** What all addresses of a kind have in common says nothing: the prefix of segwit addresses is left out. */
function endsOf(address: string): string {
  const bare = address.toLowerCase().replace(/^[a-z]+1[qp]/, '');
  return `${bare.slice(0, LOOKED_AT)}…${bare.slice(-LOOKED_AT)}`;
}

/** Letters in a group of an address that is to be compared. */
const GROUP_LETTERS = 4;

/** An address in groups, as a person compares it. */
export function groupAddress(address: string): readonly string[] {
  return address.match(new RegExp(`.{1,${GROUP_LETTERS}}`, 'g')) ?? [];
}
