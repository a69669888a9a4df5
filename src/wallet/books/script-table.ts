// Numbers by output scripts of any length: one table for each length that occurs, so that a script is looked up where it lies in a
// block, without a copy and without a hash of its own. Wallets have scripts of few lengths, strangers of many: those cost nothing.

import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';

/** Numbers by scripts. */
export class ScriptTable {
  readonly #byLength: Map<number, HashMap> = new Map();
  readonly #rng: Rng;

  /** `rng` gives the salts: strangers choose what is looked up. */
  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** The number of the script from `start` to `end`; undefined when there is none. */
  get(bytes: Uint8Array, start: number, end: number): number | undefined {
    return this.#byLength.get(end - start)?.get(bytes, start);
  }

  set(script: Uint8Array, value: number): void {
    // An empty script has no bytes to be found by.
    if (script.length === 0) return;
    let table = this.#byLength.get(script.length);
    if (table === undefined) {
      table = new HashMap({ keyBytes: script.length, values: 'int32' }, this.#rng);
      this.#byLength.set(script.length, table);
    }
    table.set(script, 0, value);
  }
}
