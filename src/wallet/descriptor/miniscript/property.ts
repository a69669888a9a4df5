// What is known of a miniscript expression by its type (BIP379): one of four basic types, and properties that others of its parts rely
// on. A type is a number with a bit for each letter; 0 is the type of what is put together wrongly. The bits are Core's.

/** A letter of BIP379: first the basic types, then the properties. */
export type PropertyLetter =
  | ('B' | 'V' | 'K' | 'W')
  | ('z' | 'o' | 'n' | 'd' | 'u' | 'e' | 'f' | 's' | 'm' | 'x')
  | ('g' | 'h' | 'i' | 'j' | 'k');

/** The bits, by the letters. */
export const PROPERTY: Readonly<Record<PropertyLetter, number>> = Object.freeze({
  /** Base: takes its inputs from the top, leaves something that is not zero when it is satisfied, else 0. */
  B: 2 ** 0,
  /** Verify: leaves nothing, and fails when it is not satisfied. */
  V: 2 ** 1,
  /** Key: leaves a public key; becomes B with OP_CHECKSIG. */
  K: 2 ** 2,
  /** Wrapped: takes its input from one below the top. */
  W: 2 ** 3,
  /** Takes no item. */
  z: 2 ** 4,
  /** Takes one item. */
  o: 2 ** 5,
  /** Can be satisfied without an empty item on top. */
  n: 2 ** 6,
  /** Can be dissatisfied without a signature. */
  d: 2 ** 7,
  /** Leaves 1 when it is satisfied, not just something that is not zero. */
  u: 2 ** 8,
  /** Can be dissatisfied in a way that strangers cannot change. */
  e: 2 ** 9,
  /** Cannot be dissatisfied without a signature. */
  f: 2 ** 10,
  /** Cannot be satisfied without a signature. */
  s: 2 ** 11,
  /** Can be satisfied, if at all, in a way that strangers cannot change. */
  m: 2 ** 12,
  /** Its last operation has no form with VERIFY. */
  x: 2 ** 13,
  /** Has a relative lock in seconds. */
  g: 2 ** 14,
  /** Has a relative lock in blocks. */
  h: 2 ** 15,
  /** Has a lock until a time. */
  i: 2 ** 16,
  /** Has a lock until a height. */
  j: 2 ** 17,
  /** No way to satisfy it needs locks of two kinds that exclude each other. */
  k: 2 ** 18,
});

function isLetter(letter: string): letter is PropertyLetter {
  return letter in PROPERTY;
}

/** The bits of several letters, such as `Bzfm`. */
export function propertiesOf(letters: string): number {
  return [...letters].filter(isLetter).reduce((bits, letter) => bits + PROPERTY[letter], 0);
}

/** The letters of a type, in the order of {@link PROPERTY}. */
export function lettersOf(type: number): string {
  return Object.keys(PROPERTY)
    .filter((letter) => isLetter(letter) && has(type, PROPERTY[letter]))
    .join('');
}

/** True when a type has all of these properties. */
export function has(type: number, properties: number): boolean {
  return (type & properties) === properties;
}
