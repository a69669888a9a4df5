// One signature that several people make together (BIP327): each signs a part, the parts add up to a BIP340 signature. Arithmetic with
// secrets is JavaScript's here, as in secp256k1-noble.ts, and not constant-time.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes, equalBytes } from '../util/bytes.ts';
import {
  aggregateMusigKeys,
  computeMusigCoefficients,
  type MusigPoint,
  readMusigPoint,
  toMusigScalar,
} from './musig-keys.ts';
import { readMusigNonce } from './musig-nonce.ts';
import { taggedHash } from './sha256.ts';

const Point = secp256k1.Point;
const Fn = Point.Fn;

/** What is added to the aggregate key, times G; an x-only tweak (BIP341) is added to the point with the even y. */
export interface MusigTweak {
  readonly tweak: Uint8Array;
  readonly isXOnly: boolean;
}

/** What is signed, and by whom. */
export interface MusigTask {
  /** In the order of aggregation. */
  readonly publicKeys: readonly Uint8Array[];
  readonly tweaks: readonly MusigTweak[];
  readonly aggregateNonce: Uint8Array;
  readonly message: Uint8Array;
}

/** A number of 32 bytes below the order; null when it is not. */
function readScalar(bytes: Uint8Array): bigint | null {
  if (bytes.length !== 32) return null;
  try {
    return Fn.fromBytes(bytes);
  } catch {
    return null;
  }
}

function isEven(point: MusigPoint): boolean {
  return point.toBytes(true)[0] === 2;
}

function xOf(point: MusigPoint): Uint8Array {
  return point.toBytes(true).subarray(1);
}

/** One signature in the making. */
export class MusigSession {
  readonly #publicKeys: readonly Uint8Array[];
  readonly #coefficients: readonly bigint[];
  /** The sign by which secrets are multiplied for the tweaks, and what the tweaks add up to. */
  readonly #sign: bigint;
  readonly #tweakSum: bigint;
  readonly #isKeyEven: boolean;
  readonly #nonceFactor: bigint;
  readonly #noncePoint: MusigPoint;
  readonly #challenge: bigint;

  private constructor(task: MusigTask, key: MusigPoint, sign: bigint, tweakSum: bigint) {
    const { publicKeys, aggregateNonce, message } = task;
    this.#publicKeys = publicKeys;
    this.#coefficients = computeMusigCoefficients(publicKeys);
    this.#sign = sign;
    this.#tweakSum = tweakSum;
    this.#isKeyEven = isEven(key);
    this.#nonceFactor = toMusigScalar(taggedHash('MuSig/noncecoef', aggregateNonce, xOf(key), message));
    const [first, second] = readMusigNonce(aggregateNonce, true)!;
    const sum = first.add(second.multiplyUnsafe(this.#nonceFactor));
    this.#noncePoint = sum.is0() ? Point.BASE : sum;
    this.#challenge = toMusigScalar(taggedHash('BIP0340/challenge', xOf(this.#noncePoint), xOf(key), message));
  }

  /** Null when a key, a tweak or the nonce is none. */
  static open(task: MusigTask): MusigSession | null {
    const aggregateKey = aggregateMusigKeys(task.publicKeys);
    if (aggregateKey === null || readMusigNonce(task.aggregateNonce, true) === null) return null;
    let key = Point.fromBytes(aggregateKey);
    let sign = 1n;
    let tweakSum = 0n;
    for (const { tweak, isXOnly } of task.tweaks) {
      const value = readScalar(tweak);
      if (value === null) return null;
      if (isXOnly && !isEven(key)) {
        key = key.negate();
        sign = Fn.neg(sign);
        tweakSum = Fn.neg(tweakSum);
      }
      if (value !== 0n) key = key.add(Point.BASE.multiplyUnsafe(value));
      if (key.is0()) return null;
      tweakSum = Fn.add(tweakSum, value);
    }
    return new MusigSession(task, key, sign, tweakSum);
  }

  /** The part of one signer, of 32 bytes; null when the nonce or the secret is none, or not of one of the keys. */
  sign(secretNonce: Uint8Array, secret: Uint8Array): Uint8Array | null {
    const [first, second, own] = [secretNonce.subarray(0, 32), secretNonce.subarray(32, 64), secretNonce.subarray(64)];
    const nonces = [readScalar(first), readScalar(second)];
    const number = readScalar(secret);
    const [k1, k2] = nonces;
    if (!k1 || !k2 || !number) return null;
    if (!equalBytes(Point.BASE.multiply(number).toBytes(true), own)) return null;
    const factor = this.#keyFactor(own);
    if (factor === null) return null;
    const nonce = Fn.add(k1, Fn.mul(this.#nonceFactor, k2));
    const signed = isEven(this.#noncePoint) ? nonce : Fn.neg(nonce);
    return Fn.toBytes(Fn.add(signed, Fn.mul(factor, number)));
  }

  /** Whether a part is good. */
  verify(part: Uint8Array, publicNonce: Uint8Array, publicKey: Uint8Array): boolean {
    const value = readScalar(part);
    const points = readMusigNonce(publicNonce, false);
    const key = readMusigPoint(publicKey);
    const factor = this.#keyFactor(publicKey);
    if (value === null || points === null || key === null || factor === null) return false;
    const nonce = points[0].add(points[1].multiplyUnsafe(this.#nonceFactor));
    const signed = isEven(this.#noncePoint) ? nonce : nonce.negate();
    const expected = signed.add(key.multiplyUnsafe(factor));
    return (value === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(value)).equals(expected);
  }

  /** The signature of all; null when one of the parts is out of range. */
  combine(parts: readonly Uint8Array[]): Uint8Array | null {
    const tweaked = Fn.mul(this.#challenge, this.#tweakSum);
    let sum = this.#isKeyEven ? tweaked : Fn.neg(tweaked);
    for (const part of parts) {
      const value = readScalar(part);
      if (value === null) return null;
      sum = Fn.add(sum, value);
    }
    return concatBytes(xOf(this.#noncePoint), Fn.toBytes(sum));
  }

  /** By what the secret of a key is multiplied: the challenge, the coefficient, and the signs of the tweaked key. */
  #keyFactor(publicKey: Uint8Array): bigint | null {
    const at = this.#publicKeys.findIndex((one) => equalBytes(one, publicKey));
    if (at < 0) return null;
    const factor = Fn.mul(Fn.mul(this.#challenge, this.#coefficients[at]!), this.#sign);
    return this.#isKeyEven ? factor : Fn.neg(factor);
  }
}
