// The lowest feerate that a mempool takes once it was full (Core CTxMemPool::GetMinFee, trackPackageRemoved). What is evicted sets
// it: nothing as cheap comes in again at once. After a block has made room it halves again and again, faster while the pool is far
// from full, and below half of the incremental feerate it is gone.

/** Seconds in which the minimum halves (Core ROLLING_FEE_HALFLIFE). */
export const ROLLING_FEE_HALF_LIFE_SEC: number = 12 * 3_600;

/** The minimum is computed anew when so many seconds have passed (Core GetMinFee). */
const UPDATE_INTERVAL_SEC = 10;

/** How full the pool is, which decides how fast the minimum falls. */
export interface Fullness {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** The minimum of one pool. */
export class RollingMinimum {
  readonly #incrementalFeerate: number;
  /** Satoshis per 1,000 virtual bytes, with fractions. */
  #feerate = 0;
  #updatedSec = 0;
  /** False between an eviction that raised the minimum and the next block: it does not fall then. */
  #hadBlockSinceRise = false;

  /** `incrementalFeerate`: satoshis per 1,000 virtual bytes. */
  constructor(incrementalFeerate: number) {
    this.#incrementalFeerate = incrementalFeerate;
  }

  /** Something of this feerate was evicted: what comes must pay that, and the incremental feerate on top. Returns the sum. */
  evicted(feerate: number): number {
    const wanted = feerate + this.#incrementalFeerate;
    if (wanted > this.#feerate) {
      this.#feerate = wanted;
      this.#hadBlockSinceRise = false;
    }
    return wanted;
  }

  /** A block was connected. */
  blockConnected(nowSec: number): void {
    this.#updatedSec = nowSec;
    this.#hadBlockSinceRise = true;
  }

  /** The minimum now, in whole satoshis per 1,000 virtual bytes; 0: none. */
  feerate(nowSec: number, fullness: Fullness): number {
    if (!this.#hadBlockSinceRise || this.#feerate === 0) return Math.round(this.#feerate);
    if (nowSec > this.#updatedSec + UPDATE_INTERVAL_SEC) {
      this.#feerate /= 2 ** ((nowSec - this.#updatedSec) / halfLifeSec(fullness));
      this.#updatedSec = nowSec;
      if (this.#feerate < this.#incrementalFeerate / 2) {
        this.#feerate = 0;
        return 0;
      }
    }
    return Math.max(Math.round(this.#feerate), this.#incrementalFeerate);
  }
}

function halfLifeSec({ usedBytes, limitBytes }: Fullness): number {
  if (usedBytes < Math.floor(limitBytes / 4)) return ROLLING_FEE_HALF_LIFE_SEC / 4;
  if (usedBytes < Math.floor(limitBytes / 2)) return ROLLING_FEE_HALF_LIFE_SEC / 2;
  return ROLLING_FEE_HALF_LIFE_SEC;
}
