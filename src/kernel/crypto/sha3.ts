// SHA3-256 (FIPS 202), for the checksum of onion addresses alone: no rule of the ledger uses it.

import { sha3_256 as nobleSha3 } from '@noble/hashes/sha3.js';

/** SHA3-256 of the data, 32 new bytes. */
export function sha3_256(data: Uint8Array): Uint8Array {
  return nobleSha3(data);
}
