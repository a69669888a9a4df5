// Public keys that libsecp256k1 has parsed, to be used again. Parsing a compressed key takes a square root, an eighth of what
// verifying a signature takes in all, and keys come back: in eight consecutive blocks of the main network (831,328 to 831,335)
// more than half of all keys had been seen before in those blocks. The library's header allows it: a parsed key may be copied and
// moved within a process.
//
// Keys are looked for in two places, chosen by bytes of the key itself. They can be ground to meet; all that does is to have them
// parsed again. A place is one record, so that a look-up touches two lines of memory.

/** 32-bit words of the library's opaque keys, 64 bytes by its public header. */
export const PARSED_KEY_WORDS = 16;

// Words of a place.
const KIND = 0;
const X = 1;
const PARSED = 9;
const PLACE_WORDS = 32;

/** Kinds of keys; compressed ones are of the kind of their first byte. */
const FREE = 0;
const X_ONLY = 1;

/** A power of two. 8 MiB for each thread that verifies, once they are used. */
const PLACE_COUNT = 65_536;

/** Remembers parsed keys by their bytes. */
export class SecpKeyCache {
  readonly #parsed: Int32Array;
  readonly #places: Int32Array = new Int32Array(PLACE_COUNT * PLACE_WORDS);
  /** Kind and x of the key at hand. */
  readonly #name: Int32Array = new Int32Array(PARSED);

  /** `parsed` is where the library writes and reads parsed keys: {@link PARSED_KEY_WORDS} of native memory. */
  constructor(parsed: Int32Array) {
    this.#parsed = parsed;
  }

  /** Brings back the parsed form of a key of 33 bytes, or of 32 when it is x-only; false when it is not remembered, or no key. */
  load(key: Uint8Array): boolean {
    if (key.length === 33 && key[0] !== 2 && key[0] !== 3) return false;
    this.#setName(key);
    const first = this.#firstPlace();
    const place = this.#holds(first) ? first : otherPlace(first);
    if (place !== first && !this.#holds(place)) return false;
    for (let i = 0; i < PARSED_KEY_WORDS; i++) this.#parsed[i] = this.#places[place + PARSED + i]!;
    return true;
  }

  /** Remembers the key of the last {@link load}, which the library has parsed since; the key that was in its place moves over. */
  store(): void {
    const places = this.#places;
    const first = this.#firstPlace();
    if (places[first + KIND] !== FREE) places.copyWithin(otherPlace(first), first, first + PLACE_WORDS);
    places.set(this.#name, first);
    places.set(this.#parsed, first + PARSED);
  }

  #setName(key: Uint8Array): void {
    const name = this.#name;
    const isXOnly = key.length === 32;
    name[KIND] = isXOnly ? X_ONLY : key[0]!;
    for (let word = X, at = isXOnly ? 0 : 1; word < PARSED; word++, at += 4) {
      name[word] = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
    }
  }

  /** Where the key at hand is looked for first. */
  #firstPlace(): number {
    return (this.#name[X]! & (PLACE_COUNT - 1)) * PLACE_WORDS;
  }

  #holds(place: number): boolean {
    for (let word = KIND; word < PARSED; word++) {
      if (this.#places[place + word] !== this.#name[word]) return false;
    }
    return true;
  }
}

/** The neighbour, whose first place this is the other one of. */
function otherPlace(place: number): number {
  return place ^ PLACE_WORDS;
}
