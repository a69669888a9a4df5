// Keys of descriptors for signing (Core FlatSigningProvider after Expand and ExpandPrivate): the rings that descriptors were expanded
// into, and private keys of their rows, which are derived only when somebody asks for one.

import { hash160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { concatBytes, equalBytes } from '../../kernel/util/bytes.ts';
import { type DerivedKey, type Descriptor, keysOf } from '../descriptor/descriptor.ts';
import type { KeyOrigin, KeyRing, RingSecret } from '../descriptor/key-ring.ts';
import { computeFingerprint, deriveSecretChild, type ExtendedSecretKey } from '../keys/extended-key.ts';
import type { SigningKeys } from '../signature-creator.ts';

/** A descriptor's alternatives, and the ring that they were expanded into. */
export interface ExpandedDescriptor {
  readonly descriptors: readonly Descriptor[];
  readonly ring: KeyRing;
}

/** An extended private key of a descriptor, and what the origins of the keys of its row begin with. */
interface RowRoot {
  readonly secretKey: ExtendedSecretKey;
  readonly origin: KeyOrigin;
}

/** The keys of all the descriptors. */
export function createDescriptorKeys(expanded: readonly ExpandedDescriptor[], secp: Secp256k1): SigningKeys {
  const rows = expanded.map(({ descriptors, ring }) => ({ ring, roots: findRoots(descriptors, ring) }));
  const first = <T>(ask: (ring: KeyRing) => T | null): T | null => {
    for (const { ring } of rows) {
      const answer = ask(ring);
      if (answer !== null) return answer;
    }
    return null;
  };
  const secret = (keyHash: Uint8Array): RingSecret | null => {
    for (const { ring, roots } of rows) {
      const found = ring.secret(keyHash) ?? deriveSecret(keyHash, ring.origin(keyHash), roots, secp);
      if (found !== null) return found;
    }
    return null;
  };
  return {
    secret,
    secretOfXOnly: (x32) => secret(hashOf(2, x32)) ?? secret(hashOf(3, x32)),
    publicKey: (keyHash) => first((ring) => ring.publicKey(keyHash)),
    origin: (keyHash) => first((ring) => ring.origin(keyHash)),
    originOfXOnly: (x32) => first((ring) => ring.originOfXOnly(x32)),
    script: (scriptHash20) => first((ring) => ring.script(scriptHash20)),
    tree: (outputKey) => first((ring) => ring.tree(outputKey)),
    musig: (x32) => first((ring) => ring.musig(x32)),
  };
}

function hashOf(prefix: number, x32: Uint8Array): Uint8Array {
  return hash160(concatBytes(Uint8Array.of(prefix), x32));
}

function findRoots(descriptors: readonly Descriptor[], ring: KeyRing): readonly RowRoot[] {
  const roots: RowRoot[] = [];
  for (const key of descriptors.flatMap(keysOf)) {
    if (key.kind !== 'derived') continue;
    const known = ring.secret(hash160(key.root.publicKey));
    if (known === null) continue;
    const { publicKey: _, ...place } = key.root;
    roots.push({ secretKey: { ...place, secret: known.secret }, origin: originOf(key) });
  }
  return roots;
}

function originOf({ origin, root }: DerivedKey): KeyOrigin {
  return origin ?? { fingerprint: computeFingerprint(root.publicKey), path: [] };
}

/** The private key that the steps of an origin lead to, from a root that they begin with. */
function deriveSecret(
  keyHash: Uint8Array,
  origin: KeyOrigin | null,
  roots: readonly RowRoot[],
  secp: Secp256k1,
): RingSecret | null {
  if (origin === null) return null;
  for (const root of roots) {
    const { fingerprint, path } = root.origin;
    if (!equalBytes(fingerprint, origin.fingerprint) || path.some((step, i) => step !== origin.path[i])) continue;
    let key: ExtendedSecretKey | null = root.secretKey;
    for (const step of origin.path.slice(path.length)) key = key === null ? null : deriveSecretChild(key, step, secp);
    const publicKey = key === null ? null : secp.createPublicKey(key.secret, true);
    if (publicKey !== null && equalBytes(hash160(publicKey), keyHash)) {
      return { secret: key!.secret, isCompressed: true };
    }
  }
  return null;
}
