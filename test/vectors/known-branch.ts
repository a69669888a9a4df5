// A branch of headers of which only little is known: enough for the rules that ask about a parent's median time past, the age of
// a coin in time, and whether BIP34's block lies on the branch.

import type { HeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import type { ConsensusParams } from '../../src/kernel/consensus/params.ts';
import { asBlockHash, type BlockHash } from '../../src/kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../src/kernel/primitives/header.ts';

/** Median times past that are known, by height. */
export type MedianTimes = ReadonlyMap<number, number>;

/** The median of eleven times is the sixth. */
const MEDIAN_OFFSET = 5;

/**
 * The branch below `header`, which is at `height`. Times are chosen so that the median time past at each height is the last known
 * one at or below it: medians never fall, so any window of eleven such times has the wanted one in the middle.
 */
export class KnownBranch implements HeaderBranch {
  readonly height: number;
  readonly #header: BlockHeader;
  readonly #params: ConsensusParams;
  readonly #known: readonly (readonly [height: number, medianSec: number])[];

  constructor(header: BlockHeader, height: number, params: ConsensusParams, known: MedianTimes) {
    this.height = height - 1;
    this.#header = header;
    this.#params = params;
    this.#known = [...known].sort(([a], [b]) => a - b);
  }

  timeSec(height: number): number {
    let medianSec = 0;
    for (const [at, sec] of this.#known) {
      if (at > height + MEDIAN_OFFSET) break;
      medianSec = sec;
    }
    return medianSec;
  }

  bits(): number {
    return this.#header.bits;
  }

  version(): number {
    return this.#header.version;
  }

  blockHash(height: number): BlockHash {
    if (height === this.height) return this.#header.previousBlockHash;
    const isBip34 = height === this.#params.activationHeights.bip34 && this.#params.bip34Hash !== null;
    return isBip34 ? this.#params.bip34Hash! : asBlockHash(new Uint8Array(32));
  }
}
