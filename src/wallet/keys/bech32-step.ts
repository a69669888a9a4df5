// The division that both checksums of witness addresses are (BIP173, BIP350), one letter at a time.

const GENERATOR: readonly number[] = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** What the five bits that leave a remainder turn over in it: the generators of those that are set. */
const TURNED: Uint32Array = Uint32Array.from({ length: 32 }, (_, top) =>
  GENERATOR.reduce((turned, generator, bit) => (((top >>> bit) & 1) === 0 ? turned : turned ^ generator), 0),
);

/** The remainder of 30 bits after five more bits. */
export function stepBech32(remainder: number, value: number): number {
  return ((remainder & 0x1ffffff) * 32) ^ value ^ TURNED[remainder >>> 25]!;
}
