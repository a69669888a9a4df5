// The search for a block's nonce, in bounded pieces: whoever mines decides after each whether to go on, with what, and how much of
// the machine to take. The loop itself is kernel/crypto/nonce-search.ts.

import { decodeCompact, encodeTarget } from '../../kernel/consensus/target.ts';
import { findNonce } from '../../kernel/crypto/nonce-search.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { assert } from '../../kernel/util/assert.ts';

/** Where the bits lie in a header. */
const BITS_AT = 72;

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
