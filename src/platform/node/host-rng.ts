// Randomness of this machine behind the Rng interface: for a node in a network, whose peers see some of the numbers drawn (nonces,
// delays) and must not learn others from them (salts of tables, keys of the address manager). A generator from a seed would give its
// state away.

import { randomFillSync } from 'node:crypto';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';

/** Bytes that are drawn from the system at once. */
const POOL_BYTES = 4096;

const TWO_32 = 2 ** 32;

/** Draws from the system's secure source. */
class HostRng implements Rng {
  readonly #pool: Uint8Array = new Uint8Array(POOL_BYTES);
  readonly #view: DataView = new DataView(this.#pool.buffer);
  #next: number = POOL_BYTES;

  nextU32(): number {
    if (this.#next + 4 > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    const value = this.#view.getUint32(this.#next, true);
    // What was given out does not stay in memory.
    this.#view.setUint32(this.#next, 0);
    this.#next += 4;
    return value;
  }

  below(bound: number): number {
    assert(Number.isSafeInteger(bound - 1) && bound >= 1, 'a bound from 1 to 2^53');
    // Numbers beyond the last whole multiple of the bound are drawn again, or small results would be likelier.
    const range = bound <= TWO_32 ? TWO_32 : 2 ** 53;
    const limit = range - (range % bound);
    for (;;) {
      const value = range === TWO_32 ? this.nextU32() : (this.nextU32() % 2 ** 21) * TWO_32 + this.nextU32();
      if (value < limit) return value % bound;
    }
  }

  bytes(length: number): Uint8Array {
    return randomFillSync(new Uint8Array(length));
  }

  /** Nobody can tell one part of this source from another. */
  fork(_label: string): Rng {
    return this;
  }
}

/** A source that nobody can foresee. */
export function createHostRng(): Rng {
  return new HostRng();
}
