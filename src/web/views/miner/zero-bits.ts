// How rare a hash is: the zeros that its 256 bits begin with, told with a fraction, so that of two hashes the lower one has more. One
// more of them is twice as rare.

/** Bits of a hash. */
const HASH_BITS = 256;

const BITS_PER_DIGIT = 4;

/** Digits that are taken: a double holds 13 of them exactly. */
const DIGITS = 13;

/** Zeros at the beginning of a hash in hex, as it is shown; 256 for nothing but zeros. */
export function computeZeroBits(hashHex: string): number {
  const first = hashHex.search(/[1-9a-f]/);
  if (first < 0) return HASH_BITS;
  const digits = hashHex.slice(first, first + DIGITS);
  const value = Number(`0x${digits}`);
  return (first + digits.length) * BITS_PER_DIGIT - Math.log2(value);
}

/** How many hashes have to be tried in the mean until one lies at or below the target. */
export function computeHashesNeeded(targetHex: string): number {
  return 2 ** computeZeroBits(targetHex);
}

/** Attempts with about `zeroBits` zeros that can be expected among `attempts`; below one, there is probably none. */
export function expectAttempts(attempts: number, zeroBits: number): number {
  return attempts / 2 ** (zeroBits + 1);
}
