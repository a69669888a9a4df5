// HMAC-SHA512 (RFC 2104), for the derivation of keys alone (BIP32): no rule of the ledger uses it.

import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';

/** HMAC-SHA512 of the data under a key, 64 new bytes. */
export function hmacSha512(key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmac(sha512, key, data);
}
