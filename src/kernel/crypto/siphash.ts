// SipHash-2-4 (Aumasson and Bernstein): a keyed 64-bit hash of short inputs, for compact-block short ids (BIP152), block filters
// (BIP158) and tables that strangers fill. In halves of 32 bits, since bigints would cost more than the hash itself. Mirrors
// Core's CSipHasher and PresaltedSipHasher (crypto/siphash).

/** Bytes of a key: two little-endian 64-bit numbers, k0 and k1. */
export const SIPHASH_KEY_BYTES = 16;

/** "somepseudorandomlygeneratedbytes": what the key is mixed into, low half first in each pair. */
const INITIAL: readonly number[] = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
];

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Runs `count` SipRounds over v0 to v3, each as a low and a high half. */
function sipRounds(v: Int32Array, count: number): void {
  let v0 = v[0]!;
  let w0 = v[1]!;
  let v1 = v[2]!;
  let w1 = v[3]!;
  let v2 = v[4]!;
  let w2 = v[5]!;
  let v3 = v[6]!;
  let w3 = v[7]!;
  for (let i = 0; i < count; i++) {
    let low = (v0 + v1) | 0; // v0 += v1
    let high = (w0 + w1 + (low >>> 0 < v0 >>> 0 ? 1 : 0)) | 0;
    let swap = v1; // v1 = rotl(v1, 13) ^ v0
    v1 = ((v1 << 13) | (w1 >>> 19)) ^ low;
    w1 = ((w1 << 13) | (swap >>> 19)) ^ high;
    v0 = high; // v0 = rotl(v0, 32)
    w0 = low;
    low = (v2 + v3) | 0; // v2 += v3
    high = (w2 + w3 + (low >>> 0 < v2 >>> 0 ? 1 : 0)) | 0;
    v2 = low;
    w2 = high;
    swap = v3; // v3 = rotl(v3, 16) ^ v2
    v3 = ((v3 << 16) | (w3 >>> 16)) ^ v2;
    w3 = ((w3 << 16) | (swap >>> 16)) ^ w2;
    low = (v0 + v3) | 0; // v0 += v3
    w0 = (w0 + w3 + (low >>> 0 < v0 >>> 0 ? 1 : 0)) | 0;
    v0 = low;
    swap = v3; // v3 = rotl(v3, 21) ^ v0
    v3 = ((v3 << 21) | (w3 >>> 11)) ^ v0;
    w3 = ((w3 << 21) | (swap >>> 11)) ^ w0;
    low = (v2 + v1) | 0; // v2 += v1
    high = (w2 + w1 + (low >>> 0 < v2 >>> 0 ? 1 : 0)) | 0;
    swap = v1; // v1 = rotl(v1, 17) ^ v2
    v1 = ((v1 << 17) | (w1 >>> 15)) ^ low;
    w1 = ((w1 << 17) | (swap >>> 15)) ^ high;
    v2 = high; // v2 = rotl(v2, 32)
    w2 = low;
  }
  v[0] = v0;
  v[1] = w0;
  v[2] = v1;
  v[3] = w1;
  v[4] = v2;
  v[5] = w2;
  v[6] = v3;
  v[7] = w3;
}

/**
 * SipHash-2-4 under one key. A hash leaves its result in {@link low} and {@link high} until the next one, so that nothing is
 * allocated.
 *
 * @example
 * const shortId = sip.hash256(wtxid, 0).low + (sip.high & 0xffff) * 2 ** 32;
 */
export class SipHash {
  readonly #initial: Int32Array = new Int32Array(8);
  readonly #v: Int32Array = new Int32Array(8);

  /** Takes the 16 key bytes at `at`. */
  constructor(key: Uint8Array, at = 0) {
    for (let i = 0; i < 8; i++) this.#initial[i] = INITIAL[i]! ^ word(key, at + 4 * (i & 3));
  }

  /** Low 32 bits of the last hash, unsigned. */
  get low(): number {
    const v = this.#v;
    return (v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0;
  }

  /** High 32 bits of the last hash, unsigned. */
  get high(): number {
    const v = this.#v;
    return (v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0;
  }

  /** The last hash as one number; for doors and tests, not for loops. */
  toBigInt(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** Hashes `bytes` from `start` to `end`. */
  hash(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.#v.set(this.#initial);
    let at = start;
    for (; end - at >= 8; at += 8) this.#absorb(word(bytes, at), word(bytes, at + 4));
    let low = 0;
    let high = (end - start) << 24; // the length modulo 256 on top of what is left over
    for (let i = 0; at + i < end; i++) {
      if (i < 4) low |= bytes[at + i]! << (8 * i);
      else high |= bytes[at + i]! << (8 * i - 32);
    }
    return this.#finish(low, high);
  }

  /** Hashes the 32 bytes at `at`. */
  hash256(bytes: Uint8Array, at: number): this {
    this.#absorb256(bytes, at);
    return this.#finish(0, 32 << 24);
  }

  /** Hashes the 32 bytes at `at` and a 32-bit number behind them: an outpoint. */
  hash256WithU32(bytes: Uint8Array, at: number, extra: number): this {
    this.#absorb256(bytes, at);
    return this.#finish(extra | 0, 36 << 24);
  }

  #absorb256(bytes: Uint8Array, at: number): void {
    this.#v.set(this.#initial);
    for (let i = at; i < at + 32; i += 8) this.#absorb(word(bytes, i), word(bytes, i + 4));
  }

  #absorb(low: number, high: number): void {
    const v = this.#v;
    v[6] = v[6]! ^ low;
    v[7] = v[7]! ^ high;
    sipRounds(v, 2);
    v[0] = v[0]! ^ low;
    v[1] = v[1]! ^ high;
  }

  #finish(low: number, high: number): this {
    this.#absorb(low, high);
    this.#v[4] = this.#v[4]! ^ 0xff;
    sipRounds(this.#v, 4);
    return this;
  }
}
