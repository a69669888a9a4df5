// The aggregate of several public keys (BIP327, KeyAgg): a key for which all of them sign together. Each key is multiplied by a number
// that depends on all of them, so that nobody can choose his to cancel the others'.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { compareBytes, concatBytes, equalBytes, joinBytes } from '../util/bytes.ts';
import { COMPRESSED_KEY_SIZE } from './secp256k1.ts';
import { taggedHash } from './sha256.ts';

const Point = secp256k1.Point;
const Fn = Point.Fn;

/** A point of the curve. */
export type MusigPoint = InstanceType<typeof secp256k1.Point>;

/** The point of a compressed public key; null when it names none. */
export function readMusigPoint(publicKey: Uint8Array): MusigPoint | null {
  if (publicKey.length !== COMPRESSED_KEY_SIZE) return null;
  try {
    return Point.fromBytes(publicKey);
  } catch {
    return null;
  }
}

/** A hash as a number below the order of the curve. */
export function toMusigScalar(hash32: Uint8Array): bigint {
  let value = 0n;
  for (const byte of hash32) value = value * 256n + BigInt(byte);
  return Fn.create(value);
}

/** The keys in the order of BIP327's KeySort, which is that of their bytes. */
export function sortMusigKeys(publicKeys: readonly Uint8Array[]): readonly Uint8Array[] {
  return publicKeys.slice().sort(compareBytes);
}

/** By what number each key is multiplied, in the order of the keys. */
export function computeMusigCoefficients(publicKeys: readonly Uint8Array[]): readonly bigint[] {
  const first = publicKeys[0]!;
  const second = publicKeys.find((key) => !equalBytes(key, first));
  const list = taggedHash('KeyAgg list', joinBytes(publicKeys));
  return publicKeys.map((key) =>
    // The second of the keys that differ is spared the multiplication.
    second !== undefined && equalBytes(key, second)
      ? 1n
      : toMusigScalar(taggedHash('KeyAgg coefficient', concatBytes(list, key))),
  );
}

/** The aggregate of compressed keys in the order given, compressed; null when one of them is no key, or when they cancel each other. */
export function aggregateMusigKeys(publicKeys: readonly Uint8Array[]): Uint8Array | null {
  if (publicKeys.length === 0) return null;
  const coefficients = computeMusigCoefficients(publicKeys);
  let sum = Point.ZERO;
  for (const [i, publicKey] of publicKeys.entries()) {
    const point = readMusigPoint(publicKey);
    if (point === null) return null;
    const coefficient = coefficients[i]!;
    if (coefficient !== 0n) sum = sum.add(point.multiplyUnsafe(coefficient));
  }
  return sum.is0() ? null : sum.toBytes(true);
}
