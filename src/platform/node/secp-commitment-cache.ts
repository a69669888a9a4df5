// Taproot commitments that libsecp256k1 has found good, so that they are not checked again: that an output key is an internal key
// tweaked by a hash. Checking takes two thirds of what a signature takes. Whoever spends from one address again shows the same
// commitment; in eight consecutive blocks of the main network (831,328 to 831,335) one in sixteen had been seen before in those
// blocks.
//
// A commitment is known by all its bytes, and only good ones are remembered. It is looked for in one place, chosen by bytes of the
// hash. Commitments can be ground to meet; all that does is to have them checked again.

/** Bytes of each of the three: output key, internal key, hash. */
const PART_BYTES = 32;

// Words of a place: 1 plus the parity of the output key, or 0 when it is free, then the three parts.
const PARITY = 0;
const PARTS = 1;
const PART_WORDS = PART_BYTES / 4;
const HASH = PARTS + 2 * PART_WORDS;
const USED_WORDS = HASH + PART_WORDS;
const PLACE_WORDS = 32;

/** A power of two. 2 MiB for each thread that verifies, once they are used. */
const PLACE_COUNT = 16_384;

/** Remembers good commitments. */
export class SecpCommitmentCache {
  readonly #places: Int32Array = new Int32Array(PLACE_COUNT * PLACE_WORDS);
  /** The commitment at hand. */
  readonly #name: Int32Array = new Int32Array(USED_WORDS);

  /** True when the commitment has been found good before. Each part has 32 bytes. */
  has(outputX32: Uint8Array, outputParity: 0 | 1, internalX32: Uint8Array, tweak32: Uint8Array): boolean {
    this.#name[PARITY] = 1 + outputParity;
    this.#setPart(0, outputX32);
    this.#setPart(1, internalX32);
    this.#setPart(2, tweak32);
    const place = this.#place();
    for (let word = 0; word < USED_WORDS; word++) {
      if (this.#places[place + word] !== this.#name[word]) return false;
    }
    return true;
  }

  /** Remembers the commitment of the last {@link has}, which has been found good since. */
  add(): void {
    this.#places.set(this.#name, this.#place());
  }

  #setPart(part: number, bytes: Uint8Array): void {
    const from = PARTS + part * PART_WORDS;
    for (let word = 0, at = 0; word < PART_WORDS; word++, at += 4) {
      this.#name[from + word] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    }
  }

  #place(): number {
    return (this.#name[HASH]! & (PLACE_COUNT - 1)) * PLACE_WORDS;
  }
}
