// Secrets as bytes, the way they go into a record, plain or through the vault: one byte that tells the forms apart, then the fields.
//
//   extended key   1 · depth 1 · parent fingerprint 4 · child number 4 · chain code 32 · secret 32
//   single key     2 · is compressed 1 · secret 32
//   mnemonic       3 · language 1 · entropy 16 to 32

import { hash160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, toHex } from '../../kernel/util/bytes.ts';
import type { RingSecret } from '../descriptor/key-ring.ts';
import { type ExtendedPublicKey, type ExtendedSecretKey, toExtendedPublicKey } from '../keys/extended-key.ts';
import { MNEMONIC_BITS, MNEMONIC_LANGUAGES, type Mnemonic, mnemonicEntropy, toMnemonic } from '../keys/mnemonic.ts';

/** A secret of a wallet. */
export type StoredSecret =
  | { readonly form: 'extended-key'; readonly key: ExtendedSecretKey }
  | { readonly form: 'single-key'; readonly key: RingSecret }
  /** The words behind a root, which is stored besides: with a passphrase the words alone do not give it. */
  | { readonly form: 'mnemonic'; readonly mnemonic: Mnemonic; readonly rootName: string };

const EXTENDED_KEY = 1;
const SINGLE_KEY = 2;
const MNEMONIC = 3;

const EXTENDED_KEY_BYTES = 74;
const SINGLE_KEY_BYTES = 34;

/** The name of an extended key among all: HASH160 of its public key and its chain code, hexadecimal. */
export function nameExtendedKey({ publicKey, chainCode }: ExtendedPublicKey): string {
  return toHex(hash160(concatBytes(publicKey, chainCode)));
}

/** The id of the record of an extended key. */
export function extendedKeyId(key: ExtendedPublicKey): string {
  return `extended-key:${nameExtendedKey(key)}`;
}

/** The id of the record of a single key, which depends on the form of its public key. */
export function singleKeyId(publicKey: Uint8Array): string {
  return `single-key:${toHex(hash160(publicKey))}`;
}

/** The id of the record of the words behind a root. */
export function mnemonicId(rootName: string): string {
  return `mnemonic:${rootName}`;
}

/** The id of the record of a secret. */
export function secretId(stored: StoredSecret, secp: Secp256k1): string {
  switch (stored.form) {
    case 'extended-key':
      return extendedKeyId(toExtendedPublicKey(stored.key, secp));
    case 'single-key': {
      const publicKey = secp.createPublicKey(stored.key.secret, stored.key.isCompressed);
      assert(publicKey !== null, 'secret: it was checked');
      return singleKeyId(publicKey);
    }
    case 'mnemonic':
      return mnemonicId(stored.rootName);
  }
}

/** The bytes of a secret. */
export function encodeSecret(stored: StoredSecret): Uint8Array {
  switch (stored.form) {
    case 'extended-key': {
      const { depth, parentFingerprint, childNumber, chainCode, secret } = stored.key;
      const writer = new ByteWriter(EXTENDED_KEY_BYTES).u8(EXTENDED_KEY).u8(depth).put(parentFingerprint);
      return writer.u32(childNumber).put(chainCode).put(secret).finish();
    }
    case 'single-key':
      return concatBytes(Uint8Array.of(SINGLE_KEY, stored.key.isCompressed ? 1 : 0), stored.key.secret);
    case 'mnemonic': {
      const language = MNEMONIC_LANGUAGES.indexOf(stored.mnemonic.language);
      return concatBytes(Uint8Array.of(MNEMONIC, language), mnemonicEntropy(stored.mnemonic));
    }
  }
}

/** The secret of the record with this id; null when the bytes are none. Keys are checked to lie in their range (K07). */
export function decodeSecret(id: string, bytes: Uint8Array, secp: Secp256k1): StoredSecret | null {
  const stored = readSecret(id, bytes, secp);
  return stored !== null && secretId(stored, secp) === id ? stored : null;
}

function readSecret(id: string, bytes: Uint8Array, secp: Secp256k1): StoredSecret | null {
  if (bytes[0] === EXTENDED_KEY && bytes.length === EXTENDED_KEY_BYTES) {
    const secret = bytes.slice(42);
    if (!secp.isValidSecret(secret)) return null;
    const place = { depth: bytes[1]!, parentFingerprint: bytes.slice(2, 6), childNumber: readU32(bytes, 6) };
    return { form: 'extended-key', key: { ...place, chainCode: bytes.slice(10, 42), secret } };
  }
  if (bytes[0] === SINGLE_KEY && bytes.length === SINGLE_KEY_BYTES && bytes[1]! <= 1) {
    const secret = bytes.slice(2);
    return secp.isValidSecret(secret) ? { form: 'single-key', key: { secret, isCompressed: bytes[1] === 1 } } : null;
  }
  const language = MNEMONIC_LANGUAGES[bytes[1] ?? -1];
  if (bytes[0] !== MNEMONIC || language === undefined) return null;
  const entropy = bytes.slice(2);
  if (!Object.values(MNEMONIC_BITS).includes(8 * entropy.length)) return null;
  return { form: 'mnemonic', mnemonic: toMnemonic(entropy, language), rootName: id.slice(mnemonicId('').length) };
}
