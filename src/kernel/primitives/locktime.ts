// Locktime and sequence arithmetic (BIP65, BIP68, BIP112, BIP113): constants and the few tests on them. All values are uint32;
// JavaScript's bit operators are signed, so every result that leaves here ends with >>> 0.

/** Below: a locktime is a block height; from here on: seconds since 1970 (Core LOCKTIME_THRESHOLD). */
export const LOCKTIME_THRESHOLD = 500_000_000;

/** Sequence of a final input; when all inputs have it, the locktime does not count. */
export const SEQUENCE_FINAL = 0xffffffff;

/** Set: the sequence is no relative lock (BIP68). */
export const SEQUENCE_LOCKTIME_DISABLE_FLAG = 0x80000000;

/** Set: the relative lock counts units of 512 seconds, else blocks (BIP68). */
export const SEQUENCE_LOCKTIME_TYPE_FLAG = 0x00400000;

/** The bits of a sequence that hold the relative lock (BIP68). */
export const SEQUENCE_LOCKTIME_MASK = 0x0000ffff;

/** A time lock of one unit is 2^9 = 512 seconds (BIP68). */
export const SEQUENCE_LOCKTIME_GRANULARITY_BITS = 9;

/** True when the locktime counts blocks, false when it counts seconds. */
export function isHeightLocktime(locktime: number): boolean {
  return locktime < LOCKTIME_THRESHOLD;
}

/** True when the sequence carries a relative lock. */
export function isRelativeLock(sequence: number): boolean {
  return (sequence & SEQUENCE_LOCKTIME_DISABLE_FLAG) === 0;
}

/** True when the relative lock counts units of 512 seconds. */
export function isTimeRelativeLock(sequence: number): boolean {
  return (sequence & SEQUENCE_LOCKTIME_TYPE_FLAG) !== 0;
}

/** Blocks, or units of 512 seconds, of a relative lock: 0 to 65535. */
export function getRelativeLock(sequence: number): number {
  return sequence & SEQUENCE_LOCKTIME_MASK;
}
