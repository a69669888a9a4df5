// What one side of an encrypted connection draws by chance before its handshake (BIP324): a key for this connection alone, and
// garbage of any length, so that the first bytes of a connection look like nothing in particular.

import { createEllSwiftKey } from '../../kernel/crypto/ellswift.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { readU16 } from '../../kernel/encoding/numbers.ts';
import type { SecureRandom } from '../ports.ts';

/** Most bytes of garbage (BIP324 MAX_GARBAGE_LEN). */
export const GARBAGE_BYTES_MAX = 4095;

const SECRET_BYTES = 32;

/** What was drawn. */
export interface HandshakeKeys {
  readonly secret: Uint8Array;
  /** The public key, as 64 bytes that look like chance. */
  readonly publicKey: Uint8Array;
  readonly garbage: Uint8Array;
}

/** Draws keys and garbage. */
export function createHandshakeKeys(secp: Secp256k1, secureRandom: SecureRandom): HandshakeKeys {
  const draw = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    secureRandom(bytes);
    return bytes;
  };
  // 2^16 is a multiple of 2^12: each length is equally likely.
  const garbage = draw(readU16(draw(2), 0) % (GARBAGE_BYTES_MAX + 1));
  for (;;) {
    const secret = draw(SECRET_BYTES);
    const publicKey = createEllSwiftKey(secp, secret, () => draw(SECRET_BYTES));
    // One number in 2^128 is no secret.
    if (publicKey !== null) return { secret, publicKey, garbage };
  }
}
