// Nonces of signatures that several people make together (BIP327, NonceGen and NonceAgg). A secret nonce signs once: whoever signs two
// messages with it gives his secret away.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes, joinBytes } from '../util/bytes.ts';
import { type MusigPoint, readMusigPoint, toMusigScalar } from './musig-keys.ts';
import { COMPRESSED_KEY_SIZE } from './secp256k1.ts';
import { taggedHash } from './sha256.ts';

const Point = secp256k1.Point;
const Fn = Point.Fn;

/** Bytes of a public nonce: two points. */
export const MUSIG_PUBLIC_NONCE_BYTES: number = 2 * COMPRESSED_KEY_SIZE;

/** A nonce of one signer. */
export interface MusigNonce {
  /** Two numbers of 32 bytes, and the key of the signer. */
  readonly secretNonce: Uint8Array;
  readonly publicNonce: Uint8Array;
}

/** What a nonce is made of; only the random part and the key must be there. */
export interface MusigNonceData {
  /** 32 bytes of chance, never used again. */
  readonly random: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly secret?: Uint8Array;
  /** X-only. */
  readonly aggregateKey?: Uint8Array;
  readonly message?: Uint8Array;
  readonly extra?: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** A number of so many bytes, most significant first. */
function bigEndian(value: number, byteCount: number): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  for (let i = byteCount - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
}

function maskRandom(random: Uint8Array, secret: Uint8Array | undefined): Uint8Array {
  if (secret === undefined) return random;
  const mask = taggedHash('MuSig/aux', random);
  return mask.map((byte, i) => byte ^ secret[i]!);
}

/** A new nonce; null in one case of 2^256. */
export function createMusigNonce(data: MusigNonceData): MusigNonce | null {
  const { random, publicKey, secret, aggregateKey = NOTHING, message, extra = NOTHING } = data;
  const prefixed =
    message === undefined ? Uint8Array.of(0) : concatBytes(Uint8Array.of(1), bigEndian(message.length, 8), message);
  const common = concatBytes(
    maskRandom(random, secret),
    bigEndian(publicKey.length, 1),
    publicKey,
    bigEndian(aggregateKey.length, 1),
    aggregateKey,
    prefixed,
    bigEndian(extra.length, 4),
    extra,
  );
  const numbers = [0, 1].map((i) => toMusigScalar(taggedHash('MuSig/nonce', common, Uint8Array.of(i))));
  if (numbers.includes(0n)) return null;
  return {
    secretNonce: concatBytes(joinBytes(numbers.map((number) => Fn.toBytes(number))), publicKey),
    publicNonce: joinBytes(numbers.map((number) => Point.BASE.multiply(number).toBytes(true))),
  };
}

/** The two points of a nonce; null when one of them is none. In an aggregate, zeros stand for the point at infinity. */
export function readMusigNonce(nonce: Uint8Array, isAggregate: boolean): readonly [MusigPoint, MusigPoint] | null {
  if (nonce.length !== MUSIG_PUBLIC_NONCE_BYTES) return null;
  const read = (bytes: Uint8Array): MusigPoint | null =>
    isAggregate && bytes.every((byte) => byte === 0) ? Point.ZERO : readMusigPoint(bytes);
  const first = read(nonce.subarray(0, COMPRESSED_KEY_SIZE));
  const second = read(nonce.subarray(COMPRESSED_KEY_SIZE));
  return first === null || second === null ? null : [first, second];
}

/** The aggregate of the nonces of all signers; null when one of them is none. */
export function aggregateMusigNonces(nonces: readonly Uint8Array[]): Uint8Array | null {
  let first: MusigPoint = Point.ZERO;
  let second: MusigPoint = Point.ZERO;
  for (const nonce of nonces) {
    const points = readMusigNonce(nonce, false);
    if (points === null) return null;
    first = first.add(points[0]);
    second = second.add(points[1]);
  }
  const write = (point: MusigPoint): Uint8Array =>
    point.is0() ? new Uint8Array(COMPRESSED_KEY_SIZE) : point.toBytes(true);
  return concatBytes(write(first), write(second));
}
