// Destinations of I2P: what they are made of, their text, and the address that is their hash (Core i2p.cpp: DestBinToAddr,
// Session::MyDestination; https://geti2p.net/spec/common-structures#destination). The keys inside are I2P's affair.

import { sha256 } from '../../kernel/crypto/sha256.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { decodeLetters, encodeLetters } from './base-letters.ts';
import { I2P_PORT, type NetAddress } from './net-address.ts';

/** Base64 as I2P writes it: with `-` and `~` where others have `+` and `/`. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~';
const LETTER_BITS = 6;

/** Letters come in groups; a last one that is not full is filled up. */
const GROUP_LETTERS = 4;
const PADDING = '=';

/** Bytes of a destination before those of its certificate, whose length is in the last two of them. */
const BASE_BYTES = 387;
const CERTIFICATE_LENGTH_AT = 385;

/** Longest private key that is read: a destination with the longest certificate, and keys several times those of today. */
export const PRIVATE_KEY_BYTES_MAX: number = BASE_BYTES + 0xffff + 4096;

/** The text of bytes, as SAM takes it. */
export function formatI2pBase64(bytes: Uint8Array): string {
  const text = encodeLetters(bytes, LETTERS);
  return text.padEnd(Math.ceil(text.length / GROUP_LETTERS) * GROUP_LETTERS, PADDING);
}

/** The bytes of a text; null for one that is none, or is not padded. */
export function parseI2pBase64(text: string): Uint8Array | null {
  if (text.length % GROUP_LETTERS !== 0) return null;
  const bare = text.endsWith('==') ? text.slice(0, -2) : text.endsWith(PADDING) ? text.slice(0, -1) : text;
  const bytes = decodeLetters(bare, LETTER_BITS, (code) => LETTERS.indexOf(String.fromCharCode(code)));
  return bytes !== null && formatI2pBase64(bytes).length === text.length ? bytes : null;
}

/** Bytes of the destination that some bytes begin with; null when they are fewer. */
function destinationLength(bytes: Uint8Array): number | null {
  if (bytes.length < BASE_BYTES) return null;
  const length = BASE_BYTES + bytes[CERTIFICATE_LENGTH_AT]! * 256 + bytes[CERTIFICATE_LENGTH_AT + 1]!;
  return length <= bytes.length ? length : null;
}

/** The destination that a private key begins with; null when the key is too short for it. */
export function destinationOfKey(privateKey: Uint8Array): Uint8Array | null {
  const length = destinationLength(privateKey);
  return length === null ? null : privateKey.slice(0, length);
}

/** The address of a destination. */
export function addressOfDestination(destination: Uint8Array): NetAddress {
  return { network: 'i2p', bytes: sha256(destination), port: I2P_PORT };
}

/** The address of a destination in base64; null when the text is no destination, whole and nothing else. */
export function parseDestination(text: string): NetAddress | null {
  const bytes = parseI2pBase64(text);
  return bytes !== null && destinationLength(bytes) === bytes.length ? addressOfDestination(bytes) : null;
}

/** Whether a text is the destination of an address. */
export function isDestinationOf(text: string, address: NetAddress): boolean {
  const parsed = parseDestination(text);
  return parsed !== null && address.network === 'i2p' && equalBytes(parsed.bytes, address.bytes);
}
