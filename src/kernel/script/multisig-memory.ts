// Which keys of a multisig signed last time, so that next time those are tried first. OP_CHECKMULTISIG tries its signatures against
// the keys in turn, and each key that stayed silent costs a whole verification; but whoever signs for the same keys again mostly
// signs with the same ones. A memory of guesses: it decides nothing, and any of it may be wrong, lost or someone else's. A wrong
// guess costs at most one verification for each signature and is forgotten; to be misled again, one has to be taught again.

import { readU32 } from '../encoding/numbers.ts';
import { MAX_PUBKEYS_PER_MULTISIG } from './script.ts';

/** Places, a power of two: 64 KiB for each thread that meets silent keys. */
const PLACE_COUNT = 16_384;

/** Offset of the four bytes of a key that choose a place: behind its first, which is the same for half of all keys. */
const NAMING_AT = 1;

/** Remembers sets of keys. Keys count from the one that is tried first; bit k of a set is key k, and 20 fit a word. */
export class MultisigMemory {
  /** Sets by place; 0: nothing is known. Made when there is something to remember. */
  #sets: Int32Array | null = null;

  /**
   * The place of a multisig, named by two of its keys, which begin at `firstStart` and `lastStart`; of a short key by whatever lies
   * behind it. Others may have the same place.
   */
  placeOf(bytes: Uint8Array, firstStart: number, lastStart: number): number {
    return Math.imul(readU32(bytes, firstStart + NAMING_AT), 31) + readU32(bytes, lastStart + NAMING_AT);
  }

  /** The keys to try, as many as there are signatures and below `keyCount`; 0: try them in turn. */
  guess(place: number, signatureCount: number, keyCount: number): number {
    const set = this.#sets === null ? 0 : this.#sets[place & (PLACE_COUNT - 1)]!;
    return set >>> keyCount === 0 && countBits(set) === signatureCount ? set : 0;
  }

  /** Remembers the keys that signed; those that come first in turn need not be remembered. */
  learn(place: number, set: number): void {
    const isInTurn = (set & (set + 1)) === 0;
    if (this.#sets === null && isInTurn) return;
    this.#sets ??= new Int32Array(PLACE_COUNT);
    this.#sets[place & (PLACE_COUNT - 1)] = isInTurn ? 0 : set;
  }

  /** Forgets a guess that was wrong. */
  forget(place: number): void {
    if (this.#sets !== null) this.#sets[place & (PLACE_COUNT - 1)] = 0;
  }
}

function countBits(set: number): number {
  let count = 0;
  for (let k = 0; k < MAX_PUBKEYS_PER_MULTISIG; k++) count += (set >>> k) & 1;
  return count;
}
