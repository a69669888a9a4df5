// Objects by keys of a fixed length that strangers choose: the salted table holds places in a list, so that to look something up
// makes no text of the key.

import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';

/** Objects by keys of `keyBytes` bytes at an offset. */
export class ObjectsByKey<Value extends object> {
  readonly #places: HashMap;
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  /** `rng` salts the table. */
  constructor(keyBytes: number, rng: Rng) {
    this.#places = new HashMap({ keyBytes, values: 'int32' }, rng);
  }

  get size(): number {
    return this.#places.size;
  }

  /** The object of a key; undefined when there is none. */
  get(bytes: Uint8Array, at = 0): Value | undefined {
    const place = this.#places.get(bytes, at);
    return place === undefined ? undefined : this.#values[place];
  }

  /** Gives a key that has none an object. */
  add(bytes: Uint8Array, at: number, value: Value): void {
    const place = this.#free.pop() ?? this.#values.length;
    this.#values[place] = value;
    this.#places.set(bytes, at, place);
  }

  /** Forgets the object of a key. */
  delete(bytes: Uint8Array, at: number): void {
    const place = this.#places.get(bytes, at);
    if (place === undefined) return;
    this.#places.delete(bytes, at);
    this.#values[place] = undefined;
    this.#free.push(place);
  }

  /** All objects. */
  *values(): IterableIterator<Value> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }
}
