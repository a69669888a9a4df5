// Keys that were found in a script as a descriptor has them, with the origin that a ring knows (Core InferPubkey, InferXOnlyPubkey).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import type { FixedKey, WrittenOrigin } from './descriptor.ts';
import type { KeyOrigin, KeyRing } from './key-ring.ts';
import type { DescriptorPlace } from './parse-key.ts';

/** The key of a script, with its origin. Hybrid keys cannot stand in a descriptor, uncompressed ones not in witness scripts: null. */
export function inferKey(publicKey: Uint8Array, place: DescriptorPlace, ring: KeyRing): FixedKey | null {
  if (publicKey[0]! > 4) return null;
  if (publicKey.length !== 33 && place !== 'top' && place !== 'sh') return null;
  const origin = writtenOrigin(ring.origin(hash160(publicKey)));
  return { kind: 'fixed', publicKey: publicKey.slice(), isXOnly: false, origin };
}

/** An x-only key, whichever its parity. */
export function inferXOnlyKey(x32: Uint8Array, ring: KeyRing): FixedKey {
  const publicKey = concatBytes(Uint8Array.of(2), x32);
  return { kind: 'fixed', publicKey, isXOnly: true, origin: writtenOrigin(ring.originOfXOnly(x32)) };
}

function writtenOrigin(origin: KeyOrigin | null): WrittenOrigin | null {
  return origin === null ? null : { ...origin, usesApostrophe: false };
}
