// MuHash3072: a hash of a set that elements can be added to and taken from in any order; the hash of the coin set. An element
// becomes a 3072-bit number (SHA-256, then ChaCha20 of it); the set is the product of its elements modulo the largest safe prime
// below 2^3072, held as a fraction so that taking out needs no inverse until the end. Mirrors Core's crypto/muhash; it cannot
// tell whether an element is in the set, and elements count as often as they are added.

import { fromHex, reversedBytes, toHex } from '../util/bytes.ts';
import { sha256, sha256Into } from './sha256.ts';

/** Bytes of one number. */
const NUMBER_BYTES = 384;

/** 2^3072 - 1103717: the largest 3072-bit safe prime. */
const PRIME_DIFFERENCE = 1103717n;
const BITS = 3072;

function prime(): bigint {
  return (1n << BigInt(BITS)) - PRIME_DIFFERENCE;
}

/** Modulo the prime: 2^3072 is congruent to the difference, so the upper half folds into the lower one. */
function reduce(value: bigint): bigint {
  let rest = value;
  while (rest >> BigInt(BITS) !== 0n) rest = BigInt.asUintN(BITS, rest) + (rest >> BigInt(BITS)) * PRIME_DIFFERENCE;
  return rest >= prime() ? rest - prime() : rest;
}

/** The inverse modulo the prime, by Euclid's algorithm; `value` is neither zero nor above the prime. */
function invert(value: bigint): bigint {
  let [low, high] = [value, prime()];
  let [x, y] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [x, y] = [y - quotient * x, x];
  }
  return x < 0n ? x + prime() : x;
}

function decodeNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(reversedBytes(bytes))}`);
}

function encodeNumber(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * NUMBER_BYTES, '0')).reverse();
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function quarterRound(s: Int32Array, a: number, b: number, c: number, d: number): void {
  s[a] = s[a]! + s[b]!;
  s[d] = rotateLeft(s[d]! ^ s[a]!, 16);
  s[c] = s[c]! + s[d]!;
  s[b] = rotateLeft(s[b]! ^ s[c]!, 12);
  s[a] = s[a]! + s[b]!;
  s[d] = rotateLeft(s[d]! ^ s[a]!, 8);
  s[c] = s[c]! + s[d]!;
  s[b] = rotateLeft(s[b]! ^ s[c]!, 7);
}

/** One element at a time becomes its number; the scratch is reused. */
class ElementExpander {
  readonly #key: Uint8Array = new Uint8Array(32);
  readonly #stream: Uint8Array = new Uint8Array(NUMBER_BYTES);
  readonly #input: Int32Array = new Int32Array(16);
  readonly #block: Int32Array = new Int32Array(16);

  expand(bytes: Uint8Array, start: number, end: number): bigint {
    sha256Into(bytes, start, end, this.#key, 0);
    // ChaCha20 (RFC 8439): constants "expand 32-byte k", the key, counter and nonce zero
    this.#input.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
    for (let i = 0; i < 32; i += 4) {
      const k = this.#key;
      this.#input[4 + i / 4] = k[i]! | (k[i + 1]! << 8) | (k[i + 2]! << 16) | (k[i + 3]! << 24);
    }
    for (let counter = 0; counter < NUMBER_BYTES / 64; counter++) this.#writeBlock(counter);
    return decodeNumber(this.#stream);
  }

  /** Writes 64 bytes of key stream. */
  #writeBlock(counter: number): void {
    const s = this.#block;
    this.#input[12] = counter;
    s.set(this.#input);
    for (let i = 0; i < 10; i++) {
      for (let column = 0; column < 4; column++) quarterRound(s, column, 4 + column, 8 + column, 12 + column);
      for (let column = 0; column < 4; column++) {
        quarterRound(s, column, 4 + ((column + 1) & 3), 8 + ((column + 2) & 3), 12 + ((column + 3) & 3));
      }
    }
    for (let i = 0; i < 64; i++) {
      this.#stream[64 * counter + i] = (s[i >>> 2]! + this.#input[i >>> 2]!) >>> (8 * (i & 3));
    }
  }
}

/** The hash of a set under construction; new ones are empty. */
export class MuHash3072 {
  #numerator = 1n;
  #denominator = 1n;
  readonly #expander: ElementExpander = new ElementExpander();

  /** Adds the element `bytes` from `start` to `end`. */
  insert(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.#numerator = reduce(this.#numerator * this.#expander.expand(bytes, start, end));
    return this;
  }

  /** Takes the element out. */
  remove(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.#denominator = reduce(this.#denominator * this.#expander.expand(bytes, start, end));
    return this;
  }

  /** Adds all elements of `other`: parts of a set can be hashed apart. */
  combine(other: MuHash3072): this {
    this.#numerator = reduce(this.#numerator * other.#numerator);
    this.#denominator = reduce(this.#denominator * other.#denominator);
    return this;
  }

  /** Takes out all elements of `other`. */
  exclude(other: MuHash3072): this {
    const taken = other.#numerator; // `other` may be this set
    this.#numerator = reduce(this.#numerator * other.#denominator);
    this.#denominator = reduce(this.#denominator * taken);
    return this;
  }

  /** The 32-byte hash of the set; more may follow. Costs an inverse: some milliseconds. */
  digest(): Uint8Array {
    this.#numerator = reduce(this.#numerator * invert(this.#denominator));
    this.#denominator = 1n;
    return sha256(encodeNumber(this.#numerator));
  }

  /** 768 bytes that {@link MuHash3072.decode} takes: numerator and denominator, little-endian. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(2 * NUMBER_BYTES);
    bytes.set(encodeNumber(this.#numerator), 0);
    bytes.set(encodeNumber(this.#denominator), NUMBER_BYTES);
    return bytes;
  }

  /** The set whose fraction was encoded, or null when the bytes hold none. */
  static decode(bytes: Uint8Array): MuHash3072 | null {
    if (bytes.length !== 2 * NUMBER_BYTES) return null;
    const set = new MuHash3072();
    set.#numerator = reduce(decodeNumber(bytes.subarray(0, NUMBER_BYTES)));
    set.#denominator = reduce(decodeNumber(bytes.subarray(NUMBER_BYTES)));
    return set.#numerator === 0n || set.#denominator === 0n ? null : set;
  }
}
