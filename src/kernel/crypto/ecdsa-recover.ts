// Compact signatures with which the public key can be found again, as signed messages use them (libsecp256k1's recovery module,
// Core CKey::SignCompact, CPubKey::RecoverCompact). Nothing of consensus uses them.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { equalBytes } from '../util/bytes.ts';
import type { Secp256k1 } from './secp256k1.ts';

/** Bytes of a compact signature: a header, r and s. */
export const COMPACT_SIGNATURE_BYTES = 65;

/** The header says which of four points it was: 27 to 30, and four more for a compressed key. */
const HEADER_BASE = 27;
const COMPRESSED_MARK = 4;
const CANDIDATE_COUNT = 4;

/** The public key that made a compact signature of a digest; null when there is none. */
export function recoverPublicKey(signature65: Uint8Array, digest32: Uint8Array): Uint8Array | null {
  const header = signature65[0];
  if (signature65.length !== COMPACT_SIGNATURE_BYTES || header === undefined) return null;
  // Headers outside of the range are cut to it, as in Core.
  const code = (header - HEADER_BASE) & 7;
  const recoverable = signature65.slice();
  recoverable[0] = code % CANDIDATE_COUNT;
  try {
    const point = secp256k1.Point.fromBytes(secp256k1.recoverPublicKey(recoverable, digest32, { prehash: false }));
    return point.toBytes(code >= COMPRESSED_MARK);
  } catch {
    return null;
  }
}

/** A compact signature of a digest; null for an invalid secret. */
export function signCompact(
  secp: Secp256k1,
  digest32: Uint8Array,
  secret32: Uint8Array,
  isCompressed: boolean,
): Uint8Array | null {
  const signature = secp.signEcdsa(digest32, secret32);
  const publicKey = secp.createPublicKey(secret32, isCompressed);
  if (signature === null || publicKey === null) return null;
  const compact = new Uint8Array(COMPACT_SIGNATURE_BYTES);
  compact.set(signature, 1);
  for (let candidate = 0; candidate < CANDIDATE_COUNT; candidate++) {
    compact[0] = HEADER_BASE + candidate + (isCompressed ? COMPRESSED_MARK : 0);
    const found = recoverPublicKey(compact, digest32);
    if (found !== null && equalBytes(found, publicKey)) return compact;
  }
  return null;
}
