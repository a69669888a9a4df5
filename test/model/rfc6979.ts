// A naive deterministic nonce (RFC 6979, section 3.2) for any group order and hash, over node:crypto and big numbers. The
// public vectors, which are about other curves, prove this model; the model then proves our signatures on secp256k1.

import { createHash, createHmac } from 'node:crypto';
import { concatBytes } from '../../src/kernel/util/bytes.ts';

/** What a nonce is made of. */
export interface NonceInput {
  readonly order: bigint;
  readonly secret: bigint;
  readonly digest: Uint8Array;
  /** Name of the HMAC's hash for node:crypto, e.g. `sha256`. */
  readonly hashName: string;
  /** Additional data k' of section 3.6. */
  readonly extra?: Uint8Array;
}

/** The leftmost bits of `bytes`, as many as the order has (bits2int). */
export function leftmostBits(bytes: Uint8Array, order: bigint): bigint {
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const surplus = bytes.length * 8 - order.toString(2).length;
  return surplus > 0 ? value >> BigInt(surplus) : value;
}

/** The nonce k. */
export function computeNonce({ order, secret, digest, hashName, extra = new Uint8Array(0) }: NonceInput): bigint {
  const width = Math.ceil(order.toString(2).length / 8);
  const octets = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(2 * width, '0'), 'hex');
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => {
    const mac = createHmac(hashName, key);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const size = createHash(hashName).digest().length;
  const seed = [octets(secret), octets(leftmostBits(digest, order) % order), extra];
  let v: Uint8Array = new Uint8Array(size).fill(1);
  let key: Uint8Array = new Uint8Array(size);
  for (const separator of [0, 1]) {
    key = hmac(key, v, Uint8Array.of(separator), ...seed);
    v = hmac(key, v);
  }
  for (;;) {
    let bits: Uint8Array = new Uint8Array(0);
    while (bits.length < width) {
      v = hmac(key, v);
      bits = concatBytes(bits, v);
    }
    const k = leftmostBits(bits.subarray(0, width), order);
    if (k > 0n && k < order) return k;
    key = hmac(key, v, Uint8Array.of(0));
    v = hmac(key, v);
  }
}
