// Private keys for the keys of a descriptor: found among the secrets of the wallet by the public key itself or by the origin that is
// written before it, and walked to a position (Core ExpandPrivate, ToNormalizedString, ToPrivateString).

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { equalBytes, toHex } from '../../kernel/util/bytes.ts';
import {
  type DerivedKey,
  type Descriptor,
  type FixedKey,
  type KeyExpression,
  keysOf,
  mapKeys,
} from '../descriptor/descriptor.ts';
import { formatDescriptor } from '../descriptor/format.ts';
import type { KeyRing, RingSecret } from '../descriptor/key-ring.ts';
import {
  computeFingerprint,
  derivePublicChild,
  deriveSecretChild,
  type ExtendedPublicKey,
  type ExtendedSecretKey,
  formatExtendedPublicKey,
  formatExtendedSecretKey,
  HARDENED_START,
  toExtendedPublicKey,
} from '../keys/extended-key.ts';
import { formatWif } from '../keys/wif.ts';

/** Private keys that belong to a descriptor: extended ones, of its keys or of their ancestors, and single ones. */
export interface DescriptorSecrets {
  readonly extendedKeys: readonly ExtendedSecretKey[];
  readonly keys: readonly RingSecret[];
}

/** The secrets of a descriptor by its id; null when there are none, or while they are locked. */
export type SecretsSource = (descriptorId: string) => DescriptorSecrets | null;

/** The secrets that reading a descriptor left in the ring, to be kept. */
export function collectSecrets(descriptor: Descriptor, ring: KeyRing): DescriptorSecrets {
  const extendedKeys: ExtendedSecretKey[] = [];
  const keys: RingSecret[] = [];
  for (const key of keysOf(descriptor)) {
    const publicKey = key.kind === 'fixed' ? key.publicKey : key.root.publicKey;
    const found =
      key.kind === 'fixed' && key.isXOnly ? ring.secretOfXOnly(publicKey.slice(1)) : ring.secret(hash160(publicKey));
    if (found === null) continue;
    if (key.kind === 'fixed') keys.push(found);
    else {
      const { publicKey: _, ...place } = key.root;
      extendedKeys.push({ ...place, secret: found.secret });
    }
  }
  return { extendedKeys, keys };
}

/** The private key of a key at a position of its row; null when it does not follow from the secrets. */
export function findKeySecret(
  key: KeyExpression,
  position: number,
  secrets: DescriptorSecrets,
  secp: Secp256k1,
): RingSecret | null {
  if (key.kind === 'fixed') return findFixedSecret(key, secrets, secp);
  const root = findRootSecret(key, secrets, secp);
  if (root === null) return null;
  const steps = key.paths[0]!.slice();
  if (key.range !== 'none') steps.push(key.range === 'hardened' ? position + HARDENED_START : position);
  const end = walkSecret(root, steps, secp);
  return end === null ? null : { secret: end.secret, isCompressed: true };
}

function findFixedSecret(key: FixedKey, secrets: DescriptorSecrets, secp: Secp256k1): RingSecret | null {
  for (const candidate of secrets.keys) {
    const publicKey = secp.createPublicKey(candidate.secret, candidate.isCompressed);
    if (publicKey === null) continue;
    const isSame = key.isXOnly
      ? equalBytes(publicKey.slice(1), key.publicKey.slice(1))
      : equalBytes(publicKey, key.publicKey);
    if (isSame) return candidate;
  }
  return null;
}

/** The private side of the extended key in a descriptor: one of the secrets, or what the written origin leads to from one of them. */
function findRootSecret(key: DerivedKey, secrets: DescriptorSecrets, secp: Secp256k1): ExtendedSecretKey | null {
  for (const candidate of secrets.extendedKeys) {
    const { publicKey } = toExtendedPublicKey(candidate, secp);
    if (equalBytes(publicKey, key.root.publicKey)) return candidate;
    if (key.origin === null || !equalBytes(computeFingerprint(publicKey), key.origin.fingerprint)) continue;
    const found = walkSecret(candidate, key.origin.path, secp);
    if (found !== null && equalBytes(toExtendedPublicKey(found, secp).publicKey, key.root.publicKey)) return found;
  }
  return null;
}

function walkSecret(from: ExtendedSecretKey, steps: readonly number[], secp: Secp256k1): ExtendedSecretKey | null {
  let key: ExtendedSecretKey | null = from;
  for (const step of steps) key = key === null ? null : deriveSecretChild(key, step, secp);
  return key;
}

/**
 * The descriptor with the hardened steps of its paths walked, so that others may follow without secrets; the steps are in the origin
 * then. Rows that are hardened themselves, and keys whose secret is missing, stay as they are.
 */
export function walkHardenedSteps(
  descriptor: Descriptor,
  secrets: DescriptorSecrets | null,
  secp: Secp256k1,
): Descriptor {
  return mapKeys(descriptor, (key) => {
    if (key.kind === 'fixed' || key.range === 'hardened') return key;
    const path = key.paths[0]!;
    let count = path.length;
    while (count > 0 && path[count - 1]! < HARDENED_START) count--;
    if (count === 0) return key;
    const root = secrets === null ? null : findRootSecret(key, secrets, secp);
    const end = root === null ? null : walkSecret(root, path.slice(0, count), secp);
    return end === null ? key : continueFrom(key, toExtendedPublicKey(end, secp), count);
  });
}

/**
 * The descriptor with all paths walked to their end, so that each position costs one step; null where a hardened step would need a
 * secret. Rows that are hardened themselves stay as they are.
 */
export function walkPublicSteps(descriptor: Descriptor, secp: Secp256k1): Descriptor | null {
  let isWhole = true;
  const walked = mapKeys(descriptor, (key) => {
    if (key.kind === 'fixed' || key.range === 'hardened') return key;
    let end: ExtendedPublicKey | null = key.root;
    for (const step of key.paths[0]!) end = end === null ? null : derivePublicChild(end, step, secp);
    if (end === null) {
      isWhole = false;
      return key;
    }
    const next = continueFrom(key, end, key.paths[0]!.length);
    if (key.range !== 'none') return next;
    return { kind: 'fixed', publicKey: end.publicKey, isXOnly: false, origin: next.origin };
  });
  return isWhole ? walked : null;
}

/** The key from `count` steps further on. */
function continueFrom(key: DerivedKey, root: ExtendedPublicKey, count: number): DerivedKey {
  const [path] = key.paths as readonly [readonly number[]];
  const before = key.origin ?? { fingerprint: computeFingerprint(key.root.publicKey), path: [] };
  const origin = {
    fingerprint: before.fingerprint,
    path: [...before.path, ...path.slice(0, count)],
    usesApostrophe: false,
  };
  return { ...key, root, paths: [path.slice(count)], origin, usesApostrophe: false };
}

/** The text of a descriptor with private keys where they are known, without checksum. */
export function formatPrivateDescriptor(
  descriptor: Descriptor,
  secrets: DescriptorSecrets,
  prefixes: KeyPrefixes,
  secp: Secp256k1,
): string {
  let text = formatDescriptor(descriptor, prefixes);
  for (const key of keysOf(descriptor)) {
    if (key.kind === 'derived') {
      const root = findRootSecret(key, secrets, secp);
      if (root === null) continue;
      const publicText = formatExtendedPublicKey(key.root, prefixes.extendedPublicKey);
      text = text.replaceAll(publicText, formatExtendedSecretKey(root, prefixes.extendedSecretKey));
    } else {
      const found = findFixedSecret(key, secrets, secp);
      if (found === null) continue;
      const publicText = toHex(key.isXOnly ? key.publicKey.subarray(1) : key.publicKey);
      // An x-only key may be the end of another key.
      const whole = new RegExp(`(?<![0-9a-f])${publicText}(?![0-9a-f])`, 'g');
      text = text.replace(whole, formatWif(found, prefixes.secretKey));
    }
  }
  return text;
}
