// Where addresses belong in the two tables of the address manager: bucket and position as keyed hashes of the address, its
// group and the group of whoever told us. Mirrors Core's AddrInfo::GetTriedBucket, GetNewBucket and GetBucketPosition bit by bit,
// since the key and the contents of buckets are in peers.dat.
//
// The hash is double SHA-256 behind a secret key of 256 bits: an attacker cannot compute which of his addresses push out which
// others, and a group of sources reaches 64 of 1,024 buckets however many addresses it makes up (E01).

import { Sha256Hasher } from '../../kernel/crypto/sha256.ts';
import { readU16 } from '../../kernel/encoding/numbers.ts';
import { assert } from '../../kernel/util/assert.ts';

/** Bytes of the secret key. */
export const BUCKET_KEY_BYTES = 32;

/** Buckets for addresses that we have only heard of (ADDRMAN_NEW_BUCKET_COUNT). */
export const NEW_BUCKETS = 1_024;

/** Buckets for addresses that we have been connected to (ADDRMAN_TRIED_BUCKET_COUNT). */
export const TRIED_BUCKETS = 256;

/** Positions in a bucket (ADDRMAN_BUCKET_SIZE). */
export const BUCKET_POSITIONS = 64;

/** New buckets that one group of sources can reach (ADDRMAN_NEW_BUCKETS_PER_SOURCE_GROUP). */
export const NEW_BUCKETS_PER_SOURCE_GROUP = 64;

/** Tried buckets that the addresses of one group can be in (ADDRMAN_TRIED_BUCKETS_PER_GROUP). */
export const TRIED_BUCKETS_PER_GROUP = 8;

/** What stands in the hash for the table. */
const TABLE_LETTER = Object.freeze({ new: 0x4e /* N */, tried: 0x4b /* K */ });

/** Computes places under one key. Only the lowest bits of a hash are used, as its first bytes hold them. */
export class BucketHasher {
  readonly key: Uint8Array;
  readonly #hasher: Sha256Hasher = new Sha256Hasher();
  readonly #digest: Uint8Array = new Uint8Array(32);

  constructor(key: Uint8Array) {
    assert(key.length === BUCKET_KEY_BYTES, 'a key of 256 bits');
    this.key = key;
  }

  /** Tried bucket of an address, by its key ({@link addressKey}) and its group. */
  triedBucket(addressKey: Uint8Array, group: Uint8Array): number {
    this.#begin();
    this.#append(addressKey);
    const choice = this.#finish() % TRIED_BUCKETS_PER_GROUP;
    this.#begin();
    this.#append(group);
    this.#hasher.updateI64(choice);
    return this.#finish() % TRIED_BUCKETS;
  }

  /** New bucket of an address by its group and that of the source. */
  newBucket(group: Uint8Array, sourceGroup: Uint8Array): number {
    this.#begin();
    this.#append(group);
    this.#append(sourceGroup);
    const choice = this.#finish() % NEW_BUCKETS_PER_SOURCE_GROUP;
    this.#begin();
    this.#append(sourceGroup);
    this.#hasher.updateI64(choice);
    return this.#finish() % NEW_BUCKETS;
  }

  /** Position of an address in a bucket. */
  position(table: 'new' | 'tried', bucket: number, addressKey: Uint8Array): number {
    this.#begin();
    this.#hasher.updateU8(TABLE_LETTER[table]).updateU32(bucket);
    this.#append(addressKey);
    return this.#finish() % BUCKET_POSITIONS;
  }

  #begin(): void {
    this.#hasher.reset().update(this.key);
  }

  /** A byte string with its length before it. */
  #append(bytes: Uint8Array): void {
    this.#hasher.updateCompactSize(bytes.length).update(bytes);
  }

  /** The lowest 16 bits of Core's 'cheap hash'; every modulus here is a power of two below that. */
  #finish(): number {
    this.#hasher.digestDoubleInto(this.#digest, 0);
    return readU16(this.#digest, 0);
  }
}
