// secp256k1 in JavaScript over @noble/curves: always there, about fifty times slower than the native library. The curve
// arithmetic is the library's; encodings, ranges and refusals are kept here, so that they are exactly libsecp256k1's
// (hybrid keys, a Schnorr s of zero, high s refused, never an exception).

import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';
import { COMPRESSED_KEY_SIZE, type Secp256k1, UNCOMPRESSED_KEY_SIZE, type XOnlyTweak } from './secp256k1.ts';

const { Point } = secp256k1;
const { Fn, Fp } = Point;
type CurvePoint = InstanceType<typeof Point>;

/** The value of 32 bytes, most significant first; null for any other length. */
function readNumber(bytes: Uint8Array): bigint | null {
  if (bytes.length !== 32) return null;
  let value = 0n;
  for (let at = 0; at < 32; at += 4) {
    const word = bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
    value = (value << 32n) | BigInt(word);
  }
  return value;
}

/** A tweak: any number below the order, zero included. */
function readTweak(bytes: Uint8Array): bigint | null {
  const value = readNumber(bytes);
  return value !== null && value < Fn.ORDER ? value : null;
}

/** A secret: 1 to n - 1. */
function readSecret(bytes: Uint8Array): bigint | null {
  const value = readTweak(bytes);
  return value === 0n ? null : value;
}

/** The point with this x and an even y (BIP340 lift_x); null when x is none. */
function liftX(x32: Uint8Array): CurvePoint | null {
  const x = readNumber(x32);
  if (x === null || x >= Fp.ORDER) return null;
  try {
    return schnorr.utils.lift_x(x);
  } catch {
    return null;
  }
}

/** A public key in any of its three forms; null when it names no point. */
function readPublicKey(publicKey: Uint8Array): CurvePoint | null {
  const prefix = publicKey[0];
  const compressed = publicKey.length === COMPRESSED_KEY_SIZE && (prefix === 2 || prefix === 3);
  const full = publicKey.length === UNCOMPRESSED_KEY_SIZE && (prefix === 4 || prefix === 6 || prefix === 7);
  if (!compressed && !full) return null;
  if (full && prefix !== 4 && (publicKey[64]! & 1) !== (prefix & 1)) return null;
  try {
    if (prefix < 6) return Point.fromBytes(publicKey);
    const plain = publicKey.slice();
    plain[0] = 4;
    return Point.fromBytes(plain);
  } catch {
    return null;
  }
}

/** point + scalar·G; null at infinity. */
function addBase(point: CurvePoint, scalar: bigint): CurvePoint | null {
  const sum = scalar === 0n ? point : point.add(Point.BASE.multiplyUnsafe(scalar));
  return sum.is0() ? null : sum;
}

function isOddY(point: CurvePoint): boolean {
  return Fp.isOdd!(point.toAffine().y);
}

function xBytes(point: CurvePoint): Uint8Array {
  return Fp.toBytes(point.toAffine().x);
}

function verifyEcdsa(signature64: Uint8Array, digest32: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature64.length !== 64 || digest32.length !== 32) return false;
  const key = readPublicKey(publicKey);
  const r = readSecret(signature64.subarray(0, 32));
  const s = readSecret(signature64.subarray(32));
  if (key === null || r === null || s === null || s > Fn.ORDER >> 1n) return false;
  const inverse = Fn.inv(s);
  const u1 = Fn.mul(Fn.create(readNumber(digest32)!), inverse);
  const u2 = Fn.mul(r, inverse);
  const sum = Point.BASE.mulAddUnsafe(u1, key, u2);
  return !sum.is0() && Fn.create(sum.toAffine().x) === r;
}

function verifySchnorr(signature64: Uint8Array, message: Uint8Array, publicKeyX32: Uint8Array): boolean {
  if (signature64.length !== 64) return false;
  const key = liftX(publicKeyX32);
  const r32 = signature64.subarray(0, 32);
  const r = readNumber(r32)!;
  const s = readTweak(signature64.subarray(32));
  if (key === null || s === null || r >= Fp.ORDER) return false;
  const challenge = readNumber(schnorr.utils.taggedHash('BIP0340/challenge', r32, publicKeyX32, message))!;
  const sum = Point.BASE.mulAddUnsafe(s, key, Fn.neg(Fn.create(challenge)));
  if (sum.is0()) return false;
  const { x, y } = sum.toAffine();
  return x === r && !Fp.isOdd!(y);
}

function tweakXOnlyPoint(internalX32: Uint8Array, tweak32: Uint8Array): CurvePoint | null {
  const internal = liftX(internalX32);
  const tweak = readTweak(tweak32);
  return internal === null || tweak === null ? null : addBase(internal, tweak);
}

function tweakXOnly(internalX32: Uint8Array, tweak32: Uint8Array): XOnlyTweak | null {
  const output = tweakXOnlyPoint(internalX32, tweak32);
  return output === null ? null : { x: xBytes(output), parity: isOddY(output) ? 1 : 0 };
}

function checkXOnlyTweak(
  outputX32: Uint8Array,
  outputParity: 0 | 1,
  internalX32: Uint8Array,
  tweak32: Uint8Array,
): boolean {
  const output = tweakXOnlyPoint(internalX32, tweak32);
  const x = readNumber(outputX32);
  return output !== null && output.toAffine().x === x && isOddY(output) === (outputParity === 1);
}

function createPublicKey(secret32: Uint8Array, compressed: boolean): Uint8Array | null {
  const secret = readSecret(secret32);
  return secret === null ? null : Point.BASE.multiply(secret).toBytes(compressed);
}

function tweakPublicKey(publicKey: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
  const key = readPublicKey(publicKey);
  const tweak = readTweak(tweak32);
  if (key === null || tweak === null) return null;
  return addBase(key, tweak)?.toBytes(true) ?? null;
}

function addSecret(secret: bigint | null, tweak: bigint | null): Uint8Array | null {
  if (secret === null || tweak === null) return null;
  const sum = Fn.add(secret, tweak);
  return sum === 0n ? null : Fn.toBytes(sum);
}

function tweakXOnlySecret(secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null {
  const secret = readSecret(secret32);
  if (secret === null) return null;
  const even = isOddY(Point.BASE.multiply(secret)) ? Fn.neg(secret) : secret;
  return addSecret(even, readTweak(tweak32));
}

function signEcdsa(digest32: Uint8Array, secret32: Uint8Array, extraEntropy32?: Uint8Array): Uint8Array | null {
  if (digest32.length !== 32 || readSecret(secret32) === null) return null;
  if (extraEntropy32 !== undefined && extraEntropy32.length !== 32) return null;
  const extraEntropy = extraEntropy32 ?? false;
  return secp256k1.sign(digest32, secret32, { prehash: false, lowS: true, format: 'compact', extraEntropy });
}

function signSchnorr(message: Uint8Array, secret32: Uint8Array, auxiliary32: Uint8Array): Uint8Array | null {
  if (readSecret(secret32) === null || auxiliary32.length !== 32) return null;
  return schnorr.sign(message, secret32, auxiliary32);
}

function ecdhX(publicKey: Uint8Array, secret32: Uint8Array): Uint8Array | null {
  const key = readPublicKey(publicKey);
  const secret = readSecret(secret32);
  return key === null || secret === null ? null : xBytes(key.multiply(secret));
}

/** The backend that needs nothing but JavaScript. */
export const nobleSecp256k1: Secp256k1 = Object.freeze({
  name: '@noble/curves (JavaScript)',
  verifyEcdsa,
  verifySchnorr,
  checkXOnlyTweak,
  isValidPublicKey: (publicKey: Uint8Array): boolean => readPublicKey(publicKey) !== null,
  isValidXOnlyPublicKey: (publicKeyX32: Uint8Array): boolean => liftX(publicKeyX32) !== null,
  isValidSecret: (secret32: Uint8Array): boolean => readSecret(secret32) !== null,
  convertPublicKey: (publicKey: Uint8Array, compressed: boolean): Uint8Array | null =>
    readPublicKey(publicKey)?.toBytes(compressed) ?? null,
  createPublicKey,
  tweakPublicKey,
  tweakSecret: (secret32: Uint8Array, tweak32: Uint8Array): Uint8Array | null =>
    addSecret(readSecret(secret32), readTweak(tweak32)),
  tweakXOnly,
  tweakXOnlySecret,
  signEcdsa,
  signSchnorr,
  ecdhX,
});
