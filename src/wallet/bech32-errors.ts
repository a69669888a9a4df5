// Where a bech32 text is wrong (Core bech32.cpp LocateErrors): one or two mistyped characters can be found by the checksum, BIP173.
// What the right characters are is not told on purpose: whoever corrects an address blindly may pay a stranger.
//
// The checksum is linear: an error of value v at a place adds a number of its own to the remainder. All numbers of single errors
// are put into a table, and the remainder is looked for in it, or as the sum of two of them.

import { stepBech32 } from './keys/bech32-step.ts';

/** Longest bech32 text (BIP173). */
const LENGTH_MAX = 90;
const CHECKSUM_LENGTH = 6;

/** Of what is too long, so many positions are named (Core: all). */
const POSITIONS_MAX = 10_000;
const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** What is wrong, in Core's words, and at which positions, from 0. */
export interface Bech32Fault {
  readonly message: string;
  readonly positions: readonly number[];
}

/** Constants that the two checksums end with (BIP173, BIP350). */
const ENCODINGS: readonly { readonly name: string; readonly constant: number }[] = [
  { name: 'Bech32', constant: 1 },
  { name: 'Bech32m', constant: 0x2bc830a3 },
];

function computeRemainder(prefix: string, values: readonly number[]): number {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  let remainder = 1;
  for (const code of codes) remainder = stepBech32(remainder, code >>> 5);
  remainder = stepBech32(remainder, 0);
  for (const code of codes) remainder = stepBech32(remainder, code & 31);
  for (const value of values) remainder = stepBech32(remainder, value);
  return remainder;
}

/** Positions of one or two errors, counted from the end, that explain a remainder; empty when none do. */
function findErrors(remainder: number, length: number): readonly number[] {
  const places = new Map<number, number>();
  for (let value = 1; value < 32; value++) {
    let effect = value;
    for (let place = 0; place < length; place++) {
      places.set(effect, place);
      effect = stepBech32(effect, 0);
    }
  }
  const single = places.get(remainder);
  if (single !== undefined) return [single];
  for (const [effect, place] of places) {
    const other = places.get((remainder ^ effect) >>> 0);
    if (other !== undefined && other !== place) return place > other ? [place, other] : [other, place];
  }
  return [];
}

function findBadCharacters(text: string): readonly number[] {
  const positions: number[] = [];
  let first: 'lower' | 'upper' | null = null;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    const side = /[a-z]/.test(letter) ? 'lower' : /[A-Z]/.test(letter) ? 'upper' : null;
    if (side === null ? letter < '!' || letter > '~' : first !== null && first !== side) positions.push(at);
    else first ??= side;
  }
  return positions;
}

/** What is wrong with a text whose checksum, as bech32 and as bech32m, does not hold. */
export function locateBech32Errors(text: string): Bech32Fault {
  if (text.length > LENGTH_MAX) {
    const positions = Array.from(
      { length: Math.min(POSITIONS_MAX, text.length - LENGTH_MAX) },
      (_, i) => LENGTH_MAX + i,
    );
    return { message: 'Bech32 string too long', positions };
  }
  const bad = findBadCharacters(text);
  if (bad.length > 0) return { message: 'Invalid character or mixed case', positions: bad };
  const separator = text.lastIndexOf('1');
  if (separator < 0) return { message: 'Missing separator', positions: [] };
  if (separator === 0 || separator + CHECKSUM_LENGTH >= text.length) {
    return { message: 'Invalid separator position', positions: [separator] };
  }
  const lower = text.toLowerCase();
  const values: number[] = [];
  for (let at = separator + 1; at < lower.length; at++) {
    const value = LETTERS.indexOf(lower[at]!);
    if (value < 0) return { message: 'Invalid Base 32 character', positions: [at] };
    values.push(value);
  }
  return locateByChecksum(lower.slice(0, separator), values, text.length);
}

/** Tries both checksums; the one that needs fewer errors is meant. */
function locateByChecksum(prefix: string, values: readonly number[], textLength: number): Bech32Fault {
  let best: Bech32Fault = { message: 'Invalid checksum', positions: [] };
  for (const { name, constant } of ENCODINGS) {
    const remainder = (computeRemainder(prefix, values) ^ constant) >>> 0;
    if (remainder === 0) return { message: '', positions: [] };
    const positions = findErrors(remainder, values.length).map((place) => textLength - 1 - place);
    if (positions.length > 0 && (best.positions.length === 0 || positions.length < best.positions.length)) {
      best = { message: `Invalid ${name} checksum`, positions };
    }
  }
  return best;
}
