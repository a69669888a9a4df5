// Proof of work, written a second time: slow, with big integers only and by definition instead of by byte, so that a mistake in
// the kernel is not made twice. A compact is read as mantissa · 256^(size - 3), where division rounds down.

const TWO_TO_256 = 2n ** 256n;

/** What a compact means: an exact magnitude of any size, and its sign. */
export interface CompactMeaning {
  readonly exact: bigint;
  readonly isNegative: boolean;
}

/** Reads a compact; the magnitude is not cut to 256 bits. */
export function modelDecodeCompact(bits: number): CompactMeaning {
  const value = BigInt(bits);
  const size = value / 2n ** 24n;
  const mantissa = value % 2n ** 23n;
  const exact = size >= 3n ? mantissa * 256n ** (size - 3n) : mantissa / 256n ** (3n - size);
  return { exact, isNegative: exact > 0n && (value / 2n ** 23n) % 2n === 1n };
}

/** The largest number with a positive compact that is not above `target`, by trying every size. */
export function modelEncodeCompact(target: bigint): number {
  for (let size = 0n; ; size++) {
    const mantissa = size >= 3n ? target / 256n ** (size - 3n) : target * 256n ** (3n - size);
    // The smallest size whose mantissa leaves the sign bit clear.
    if (mantissa < 2n ** 23n) return Number(size * 2n ** 24n + mantissa);
  }
}

/** Whether a hash (as a number) proves the work of `bits` on a network with this limit. */
export function modelCheckProofOfWork(hash: bigint, bits: number, limit: bigint): boolean {
  const { exact, isNegative } = modelDecodeCompact(bits);
  return !isNegative && exact > 0n && exact < TWO_TO_256 && exact <= limit && hash <= exact;
}

/** Work of a target: 2^256 / (target + 1), rounded down; 0 for no target. */
export function modelWork(bits: number): bigint {
  const { exact, isNegative } = modelDecodeCompact(bits);
  return isNegative || exact === 0n || exact >= TWO_TO_256 ? 0n : TWO_TO_256 / (exact + 1n);
}

/** New bits of a period: old target times actual time over wanted time, with the wrap of a 256-bit machine. */
export function modelRetarget(oldBits: number, actualSec: bigint, timespanSec: bigint, limit: bigint): number {
  let sec = actualSec;
  if (sec < timespanSec / 4n) sec = timespanSec / 4n;
  if (sec > timespanSec * 4n) sec = timespanSec * 4n;
  const product = ((modelDecodeCompact(oldBits).exact % TWO_TO_256) * sec) % TWO_TO_256;
  const target = product / timespanSec;
  return modelEncodeCompact(target > limit ? limit : target);
}
