// Wallet import format: one private key as text (Core key_io.cpp DecodeSecret, EncodeSecret). It says for which kind of
// network the key is and whether its public key is used compressed; nothing else, in particular no script type.

import { assert } from '../../kernel/util/assert.ts';
import { compareBytes, fromHex, isZeroBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { type Base58CheckError, formatBase58Check, parseBase58Check } from './base58check.ts';

const SECRET_BYTES = 32;

/** Order of the secp256k1 group (SEC 2, section 2.4.1): secrets are 1 to order - 1 (K07). */
const GROUP_ORDER: Uint8Array = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');

/** A private key as it is exported. */
export interface WifKey {
  /** 32 bytes, big-endian. */
  readonly secret: Uint8Array;
  readonly isCompressed: boolean;
}

/** Why a text is not a private key of this network. Holds no part of the text, which may be a secret with a typing error. */
export type WifError =
  | Base58CheckError
  | { readonly kind: 'wrong-network'; readonly got: number; readonly expected: number }
  | { readonly kind: 'bad-length'; readonly got: number; readonly expected: number }
  | { readonly kind: 'bad-compression-mark'; readonly got: number; readonly expected: 1 }
  | { readonly kind: 'secret-out-of-range' };

/** The key in `text`; `versionByte` is the network's for secret keys (128 on the main network, 239 on test networks). */
export function parseWif(text: string, versionByte: number): Result<WifKey, WifError> {
  const decoded = parseBase58Check(text);
  if (!decoded.ok) return decoded;
  const payload = decoded.value;
  const bodyLength = payload.length - 1;
  if (bodyLength < SECRET_BYTES || bodyLength > SECRET_BYTES + 1) {
    return err({ kind: 'bad-length', got: bodyLength, expected: SECRET_BYTES });
  }
  if (payload[0] !== versionByte) return err({ kind: 'wrong-network', got: payload[0]!, expected: versionByte });
  const isCompressed = bodyLength === SECRET_BYTES + 1;
  if (isCompressed && payload[SECRET_BYTES + 1] !== 1) {
    return err({ kind: 'bad-compression-mark', got: payload[SECRET_BYTES + 1]!, expected: 1 });
  }
  const secret = payload.slice(1, SECRET_BYTES + 1);
  return isSecretInRange(secret) ? ok({ secret, isCompressed }) : err({ kind: 'secret-out-of-range' });
}

/** The text of a key; the secret must be in range. */
export function formatWif(key: WifKey, versionByte: number): string {
  assert(key.secret.length === SECRET_BYTES && isSecretInRange(key.secret), 'a secret key of 32 bytes below the order');
  const payload = new Uint8Array(1 + SECRET_BYTES + (key.isCompressed ? 1 : 0));
  payload[0] = versionByte;
  payload.set(key.secret, 1);
  if (key.isCompressed) payload[SECRET_BYTES + 1] = 1;
  return formatBase58Check(payload);
}

function isSecretInRange(secret: Uint8Array): boolean {
  return !isZeroBytes(secret) && compareBytes(secret, GROUP_ORDER) < 0;
}
