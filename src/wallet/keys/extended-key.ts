// Extended keys (BIP32): a key with a chain code, from which a tree of keys grows (Core CExtKey, CExtPubKey). Hardened children need
// the secret; the others follow from the public key alone. Paths and their text are not here.

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { hmacSha512 } from '../../kernel/crypto/hmac-sha512.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, isZeroBytes } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { formatBase58Check, parseBase58Check } from './base58check.ts';

/** First number of the children that need the secret (BIP32). */
export const HARDENED_START: number = 2 ** 31;

/** Version, depth, fingerprint of the parent, number, chain code, key. */
const PAYLOAD_BYTES = 78;
const CHAIN_CODE_AT = 13;
const KEY_AT = 45;

/** Where an extended key stands in its tree. */
interface ExtendedKeyPlace {
  /** Steps from the root, at most 255. */
  readonly depth: number;
  /** First four bytes of the HASH160 of the parent's public key; zeros at the root. */
  readonly parentFingerprint: Uint8Array;
  /** Its number among the children of its parent, uint32. */
  readonly childNumber: number;
  /** 32 bytes. */
  readonly chainCode: Uint8Array;
}

/** An extended public key. */
export interface ExtendedPublicKey extends ExtendedKeyPlace {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
}

/** An extended private key. */
export interface ExtendedSecretKey extends ExtendedKeyPlace {
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** Key of the HMAC that turns a seed into a root: `Bitcoin seed` (BIP32). */
const ROOT_LABEL: Uint8Array = encodeUtf8('Bitcoin seed');

/** The chain code of every aggregate of keys: the SHA-256 of `MuSig2MuSig2MuSig2` (BIP328). */
const MUSIG_CHAIN_CODE: Uint8Array = sha256(encodeUtf8('MuSig2MuSig2MuSig2'));

/** The extended key that keys are derived from when several people sign as one (BIP328). */
export function createMusigRoot(aggregateKey: Uint8Array): ExtendedPublicKey {
  const parentFingerprint = new Uint8Array(4);
  return { depth: 0, parentFingerprint, childNumber: 0, chainCode: MUSIG_CHAIN_CODE, publicKey: aggregateKey };
}

/** The root that grows from a seed of 16 to 64 bytes; null in one case of 2^127. */
export function createRootKey(seed: Uint8Array, secp: Secp256k1): ExtendedSecretKey | null {
  assert(seed.length >= 16 && seed.length <= 64, 'extended key: a seed has 16 to 64 bytes');
  const digest = hmacSha512(ROOT_LABEL, seed);
  const secret = digest.slice(0, 32);
  if (!secp.isValidSecret(secret)) return null;
  return { depth: 0, parentFingerprint: new Uint8Array(4), childNumber: 0, chainCode: digest.slice(32), secret };
}

/** The extended public key of a text; null for anything else. `version` is the network's (`xpub`, `tpub`). */
export function parseExtendedPublicKey(text: string, version: number, secp: Secp256k1): ExtendedPublicKey | null {
  const parsed = parsePayload(text, version);
  if (parsed === null || !secp.isValidPublicKey(parsed.key)) return null;
  return { ...parsed.place, publicKey: parsed.key };
}

/** The extended private key of a text; null for anything else. `version` is the network's (`xprv`, `tprv`). */
export function parseExtendedSecretKey(text: string, version: number, secp: Secp256k1): ExtendedSecretKey | null {
  const parsed = parsePayload(text, version);
  if (parsed === null || parsed.key[0] !== 0) return null;
  const secret = parsed.key.slice(1);
  return secp.isValidSecret(secret) ? { ...parsed.place, secret } : null;
}

function parsePayload(text: string, version: number): { place: ExtendedKeyPlace; key: Uint8Array } | null {
  const decoded = parseBase58Check(text);
  if (!decoded.ok || decoded.value.length !== PAYLOAD_BYTES) return null;
  const payload = decoded.value;
  if (readU32Be(payload, 0) !== version) return null;
  const place = {
    depth: payload[4]!,
    parentFingerprint: payload.slice(5, 9),
    childNumber: readU32Be(payload, 9),
    chainCode: payload.slice(CHAIN_CODE_AT, KEY_AT),
  };
  // A root is nobody's child.
  if (place.depth === 0 && (place.childNumber !== 0 || !isZeroBytes(place.parentFingerprint))) return null;
  return { place, key: payload.slice(KEY_AT) };
}

/** The text of an extended public key. */
export function formatExtendedPublicKey(key: ExtendedPublicKey, version: number): string {
  return formatPayload(key, key.publicKey, version);
}

/** The text of an extended private key. */
export function formatExtendedSecretKey(key: ExtendedSecretKey, version: number): string {
  return formatPayload(key, concatBytes(Uint8Array.of(0), key.secret), version);
}

function formatPayload(place: ExtendedKeyPlace, key: Uint8Array, version: number): string {
  const payload = concatBytes(
    encodeU32Be(version),
    Uint8Array.of(place.depth),
    place.parentFingerprint,
    encodeU32Be(place.childNumber),
    place.chainCode,
    key,
  );
  return formatBase58Check(payload);
}

/** The public side of an extended private key. */
export function toExtendedPublicKey(key: ExtendedSecretKey, secp: Secp256k1): ExtendedPublicKey {
  const publicKey = secp.createPublicKey(key.secret, true);
  assert(publicKey !== null, 'extended key: the secret was checked');
  const { depth, parentFingerprint, childNumber, chainCode } = key;
  return { depth, parentFingerprint, childNumber, chainCode, publicKey };
}

/** First four bytes of the HASH160 of a public key: how children name their parent. */
export function computeFingerprint(publicKey: Uint8Array): Uint8Array {
  return hash160(publicKey).slice(0, 4);
}

/** A child of an extended private key; null below depth 255 and in one case of 2^127 (CKDpriv). */
export function deriveSecretChild(
  parent: ExtendedSecretKey,
  childNumber: number,
  secp: Secp256k1,
): ExtendedSecretKey | null {
  const publicKey = secp.createPublicKey(parent.secret, true);
  assert(publicKey !== null, 'extended key: the secret was checked');
  const isHardened = childNumber >= HARDENED_START;
  const head = isHardened ? concatBytes(Uint8Array.of(0), parent.secret) : publicKey;
  const derived = deriveTweak(parent, head, publicKey, childNumber);
  if (derived === null) return null;
  const secret = secp.tweakSecret(parent.secret, derived.tweak);
  return secret === null ? null : { ...derived.place, secret };
}

/** A child of an extended public key; null for hardened numbers, below depth 255, and in one case of 2^127 (CKDpub). */
export function derivePublicChild(
  parent: ExtendedPublicKey,
  childNumber: number,
  secp: Secp256k1,
): ExtendedPublicKey | null {
  return derivePublicStep(parent, childNumber, secp)?.child ?? null;
}

/** The same, with the number that was added to the key, times the generator. */
export function derivePublicStep(
  parent: ExtendedPublicKey,
  childNumber: number,
  secp: Secp256k1,
): { readonly child: ExtendedPublicKey; readonly tweak: Uint8Array } | null {
  if (childNumber >= HARDENED_START) return null;
  const derived = deriveTweak(parent, parent.publicKey, parent.publicKey, childNumber);
  if (derived === null) return null;
  const publicKey = secp.tweakPublicKey(parent.publicKey, derived.tweak);
  return publicKey === null ? null : { child: { ...derived.place, publicKey }, tweak: derived.tweak };
}

function deriveTweak(
  parent: ExtendedKeyPlace,
  head: Uint8Array,
  publicKey: Uint8Array,
  childNumber: number,
): { place: ExtendedKeyPlace; tweak: Uint8Array } | null {
  if (parent.depth === 255) return null;
  const digest = hmacSha512(parent.chainCode, concatBytes(head, encodeU32Be(childNumber)));
  const place = {
    depth: parent.depth + 1,
    parentFingerprint: computeFingerprint(publicKey),
    childNumber,
    chainCode: digest.slice(32),
  };
  return { place, tweak: digest.slice(0, 32) };
}

function readU32Be(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! * 256 + bytes[at + 1]!) * 256 + bytes[at + 2]!) * 256 + bytes[at + 3]!;
}

function encodeU32Be(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
