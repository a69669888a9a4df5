// The search for a block's nonce, in bounded pieces: whoever mines decides after each whether to go on, with what, and how much of
// the machine to take. The loop itself is kernel/crypto/nonce-search.ts.

import { decodeCompact, encodeTarget } from '../../kernel/consensus/target.ts';
import { findNonce } from '../../kernel/crypto/nonce-search.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { assert } from '../../kernel/util/assert.ts';
import { compareBytes, reversedBytes } from '../../kernel/util/bytes.ts';

/** Where the bits lie in a header. */
const BITS_AT = 72;
/** Where the nonce does. */
const NONCE_AT = 76;

/** The target that the bits of a header name, as 32 bytes, least significant first. */
export function readHeaderTarget(header: Uint8Array): Uint8Array {
  assert(header.length === HEADER_BYTES, 'a header of 80 bytes');
  return encodeTarget(decodeCompact(readU32(header, BITS_AT)).magnitude);
}

/**
 * The lowest of `nonceCount` nonces from `nonceStart` on that brings the header to the target, by default the one that its bits
 * name; null when there is none. The header is left as it is.
 *
 * @example
 * const nonce = grindHeader(header, 0, 1_000_000);
 * if (nonce !== null) writeU32(header, 76, nonce);
 */
export function grindHeader(
  header: Uint8Array,
  nonceStart: number,
  nonceCount: number,
  target: Uint8Array = readHeaderTarget(header),
): number | null {
  return findNonce(header, target, nonceStart, nonceCount);
}

/** A nonce whose hash is lower than those of all nonces before it. */
export interface GrindRecord {
  readonly nonce: number;
  /** 32 bytes, least significant first. */
  readonly hash: Uint8Array;
  /** It brings the header to its target. */
  readonly isFound: boolean;
}

/** Compares two numbers of 32 bytes, least significant first. */
export function compareHashes(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(reversedBytes(a), reversedBytes(b));
}

/**
 * A search that also tells how near it has come. Whoever looks for a lower hash than the lowest so far looks for a target like any
 * other, and finds one so seldom (the n-th hash is a record with a chance of 1 in n) that the search costs nothing more.
 */
export class RecordSearch {
  readonly #header: Uint8Array;
  readonly #target: Uint8Array;
  #lowest: Uint8Array = new Uint8Array(HASH_BYTES).fill(0xff);

  constructor(header: Uint8Array) {
    this.#header = header.slice();
    this.#target = readHeaderTarget(header);
  }

  /** The first of `nonceCount` nonces from `nonceStart` on that is a record or brings the target; null: there is none. */
  find(nonceStart: number, nonceCount: number): GrindRecord | null {
    const wanted = compareHashes(this.#lowest, this.#target) > 0 ? this.#lowest : this.#target;
    const nonce = grindHeader(this.#header, nonceStart, nonceCount, wanted);
    if (nonce === null) return null;
    writeU32(this.#header, NONCE_AT, nonce);
    const hash = sha256d(this.#header);
    if (compareHashes(hash, this.#lowest) < 0) this.#lowest = hash;
    return { nonce, hash, isFound: compareHashes(hash, this.#target) <= 0 };
  }
}
