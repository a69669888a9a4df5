// ElligatorSwift: public keys of secp256k1 as 64 bytes that nobody can tell from chance, and the shared secret of two of them
// (BIP324, libsecp256k1's module ellswift). Any 64 bytes are such a key, so that nothing here refuses.
//
// The map between field elements (u, t) and coordinates x is computed in JavaScript, and not in constant time: a key serves one
// connection and is gone after the handshake, and what a clock could tell is about x and u, which are sent. The multiplication, where
// the secret is at work, is the backend's: constant-time with libsecp256k1.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { assert } from '../util/assert.ts';
import { concatBytes } from '../util/bytes.ts';
import type { Secp256k1 } from './secp256k1.ts';
import { taggedHash } from './sha256.ts';

const { Fp } = secp256k1.Point;

/** Bytes of a key: u and t, most significant first. */
export const ELLSWIFT_BYTES = 64;

const FIELD_BYTES = 32;
const CURVE_B = 7n;

/** A root of -3: the one that is a square itself, as p is 3 modulo 4. */
const ROOT_OF_MINUS_3 = Fp.sqrt(Fp.neg(3n));
const HALF = Fp.inv(2n);
/** (1 - √-3) / 2 and (1 + √-3) / 2. */
const HALF_MINUS = Fp.mul(Fp.sub(1n, ROOT_OF_MINUS_3), HALF);
const HALF_PLUS = Fp.mul(Fp.add(1n, ROOT_OF_MINUS_3), HALF);

/** The root that is a square itself; null: there is none. */
function findRoot(value: bigint): bigint | null {
  try {
    return Fp.sqrt(value);
  } catch {
    return null;
  }
}

/** x³ + 7, which is y² where there is a point. */
function computeCurve(x: bigint): bigint {
  return Fp.add(Fp.mul(Fp.sqr(x), x), CURVE_B);
}

function isOnCurve(x: bigint): boolean {
  return findRoot(computeCurve(x)) !== null;
}

/** Any 32 bytes as a field element. */
function readElement(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return Fp.create(value);
}

/** The coordinate that (u, t) stands for (BIP324 XSwiftEC): one of three candidates is always on the curve. */
function decodeX(givenU: bigint, givenT: bigint): bigint {
  const u = givenU === 0n ? 1n : givenU;
  let t = givenT === 0n ? 1n : givenT;
  const curveU = computeCurve(u);
  if (Fp.add(curveU, Fp.sqr(t)) === 0n) t = Fp.add(t, t);
  const bigX = Fp.div(Fp.sub(curveU, Fp.sqr(t)), Fp.add(t, t));
  const bigY = Fp.div(Fp.add(bigX, t), Fp.mul(ROOT_OF_MINUS_3, u));
  const first = Fp.add(u, Fp.mul(4n, Fp.sqr(bigY)));
  if (isOnCurve(first)) return first;
  const ratio = Fp.div(bigX, bigY);
  const second = Fp.mul(Fp.sub(Fp.neg(ratio), u), HALF);
  if (isOnCurve(second)) return second;
  return Fp.mul(Fp.sub(ratio, u), HALF);
}

/** v and s of case 0, 1, 4 and 5 of the inverse map. */
function solveOuter(x: bigint, u: bigint): { readonly v: bigint; readonly s: bigint } | null {
  if (isOnCurve(Fp.sub(Fp.neg(x), u))) return null;
  const divisor = Fp.add(Fp.add(Fp.sqr(u), Fp.mul(u, x)), Fp.sqr(x));
  return { v: x, s: Fp.neg(Fp.div(computeCurve(u), divisor)) };
}

/** v and s of case 2, 3, 6 and 7. */
function solveInner(x: bigint, u: bigint, isSecond: boolean): { readonly v: bigint; readonly s: bigint } | null {
  const s = Fp.sub(x, u);
  if (s === 0n) return null;
  const radicand = Fp.mul(Fp.neg(s), Fp.add(Fp.mul(4n, computeCurve(u)), Fp.mul(Fp.mul(3n, s), Fp.sqr(u))));
  const r = findRoot(radicand);
  if (r === null || (isSecond && r === 0n)) return null;
  return { v: Fp.mul(Fp.sub(Fp.div(r, s), u), HALF), s };
}

/** A t with which u stands for the coordinate x: up to eight there are, by `which` from 0 to 7; null: not this one (XSwiftECInv). */
function findT(x: bigint, u: bigint, which: number): bigint | null {
  const isSecond = which % 2 === 1;
  const solved = which % 4 < 2 ? solveOuter(x, u) : solveInner(x, u, isSecond);
  const w = solved === null ? null : findRoot(solved.s);
  if (solved === null || w === null) return null;
  const t = Fp.mul(w, Fp.add(Fp.mul(u, isSecond ? HALF_PLUS : HALF_MINUS), solved.v));
  return which < 4 !== isSecond ? Fp.neg(t) : t;
}

/** The x coordinate that a key of 64 bytes stands for. */
export function decodeEllSwift(key: Uint8Array): Uint8Array {
  assert(key.length === ELLSWIFT_BYTES, 'ellswift: a key of 64 bytes');
  const u = readElement(key.subarray(0, FIELD_BYTES));
  return Fp.toBytes(decodeX(u, readElement(key.subarray(FIELD_BYTES))));
}

/** The t with which the coordinate x and this u make a key, of the case `which` from 0 to 7; null: there is none. */
export function findEllSwiftT(x32: Uint8Array, u32: Uint8Array, which: number): Uint8Array | null {
  const t = findT(readElement(x32), readElement(u32), which);
  return t === null ? null : Fp.toBytes(t);
}

/**
 * The key of a secret as 64 bytes that look like chance; null for an invalid secret. `draw` gives 32 bytes that nobody can foresee: two
 * draws for an attempt, of which one in four hits.
 */
export function createEllSwiftKey(secp: Secp256k1, secret32: Uint8Array, draw: () => Uint8Array): Uint8Array | null {
  const publicKey = secp.createPublicKey(secret32, true);
  if (publicKey === null) return null;
  const x32 = publicKey.subarray(1);
  for (;;) {
    const u = readElement(draw());
    if (u === 0n) continue;
    const t = findT(readElement(x32), u, draw()[0]! % 8);
    if (t !== null) return concatBytes(Fp.toBytes(u), Fp.toBytes(t));
  }
}

/** Two keys, and who of the two sides began. */
export interface EllSwiftPair {
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly isInitiator: boolean;
}

/** The secret that both sides of a connection share, 32 bytes; null for an invalid secret of ours (BIP324 v2_ecdh). */
export function computeEllSwiftSecret(secp: Secp256k1, secret32: Uint8Array, pair: EllSwiftPair): Uint8Array | null {
  const { ours, theirs, isInitiator } = pair;
  const point = new Uint8Array(FIELD_BYTES + 1);
  // Which of the two points with this x does not matter: the product has the same x.
  point[0] = 2;
  point.set(decodeEllSwift(theirs), 1);
  const sharedX = secp.ecdhX(point, secret32);
  if (sharedX === null) return null;
  const [ofInitiator, ofResponder] = isInitiator ? [ours, theirs] : [theirs, ours];
  return taggedHash('bip324_ellswift_xonly_ecdh', ofInitiator, ofResponder, sharedX);
}
