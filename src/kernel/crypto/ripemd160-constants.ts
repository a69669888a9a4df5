// The numbers of RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996, appendix A), for the two lines of 80 steps that run side by
// side: which message word a step takes, how far it rotates, and what each round of 16 steps adds.

/** The order in which one round permutes the words of the round before. */
const PERMUTATION: readonly number[] = [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8];

/** Word numbers of the 80 steps of a line whose first round reads `first`. */
function wordOrder(first: readonly number[]): Uint8Array {
  const order = new Uint8Array(80);
  order.set(first);
  for (let i = 16; i < 80; i++) order[i] = PERMUTATION[order[i - 16]!]!;
  return order;
}

/** Rotations of the 80 steps, hexadecimal (the largest is 15). */
function shiftAmounts(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => Number(`0x${digit}`));
}

/** Message words of the left line, by step. */
export const RIPEMD160_LEFT_WORDS: Uint8Array = wordOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

/** Message words of the right line, by step. */
export const RIPEMD160_RIGHT_WORDS: Uint8Array = wordOrder([5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12]);

/** Rotations of the left line, by step. */
export const RIPEMD160_LEFT_SHIFTS: Uint8Array = shiftAmounts(
  'befc5879bdef6798' + '768db97f7cf9b7dc' + 'bd67e9dfe8d65c75' + 'bcefef989e56865c' + '9f5b68dc5cdeb856',
);

/** Rotations of the right line, by step. */
export const RIPEMD160_RIGHT_SHIFTS: Uint8Array = shiftAmounts(
  '899bdff5778beec6' + '9df7c89b77c76fdb' + '97fb866ecd5edd75' + 'f58bee6e69c9c5f8' + '85c9c5e68d65fdbb',
);

/** Added in each round of the left line: 2^30 times the square roots of 2, 3, 5, 7, after a round without. */
export const RIPEMD160_LEFT_CONSTANTS: readonly number[] = [0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e];

/** Added in each round of the right line: 2^30 times the cube roots of 2, 3, 5, 7, before a round without. */
export const RIPEMD160_RIGHT_CONSTANTS: readonly number[] = [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0];

/** The state of an empty message, which SHA-1 shares: MD4's four words and a fifth. */
export const MD_INITIAL: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** Added in each 20 steps of SHA-1 (FIPS 180-4 section 4.2.1): the left line's numbers, with that of 10 instead of 7. */
export const SHA1_CONSTANTS: readonly number[] = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
