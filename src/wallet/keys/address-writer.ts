// The address of an output script as characters, written where they are wanted: base58 with its checksum for hashes of keys and
// scripts, bech32 for witness programs (Core EncodeDestination; BIP13, BIP173, BIP350). Blocks have thousands of them, so nothing is
// made on the way. Reading addresses is wallet/address.ts.

import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import { sha256dInto } from '../../kernel/crypto/sha256.ts';
import { isP2pkh, isP2sh, witnessProgramVersion } from '../../kernel/script/script.ts';
import { stepBech32 } from './bech32-step.ts';

const HASH160_BYTES = 20;
const CHECKSUM_BYTES = 4;
/** Version byte, hash, checksum. */
const PAYLOAD_BYTES: number = 1 + HASH160_BYTES + CHECKSUM_BYTES;
/** Most letters that 25 bytes take in base 58. */
const BASE58_LENGTH_MAX = 35;
/** Separator, version and the 64 letters of the longest program, checksum. */
const BECH32_LENGTH_MAX: number = 1 + 1 + 64 + 6;

function codesOf(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

const BASE58_CODES: Uint8Array = codesOf('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz');
const BECH32_CODES: Uint8Array = codesOf('qpzry9x8gf2tvdw0s3jn54khce6mua7l');

/** How addresses of one network begin. */
type AddressStart = Pick<KeyPrefixes, 'pubKeyHash' | 'scriptHash' | 'bech32Hrp'>;

/** BIP141: programs have 2 to 40 bytes; those of version 0 exactly 20 or 32. */
const PROGRAM_BYTES_MIN = 2;
const PROGRAM_BYTES_MAX = 40;

/** True for a program of a length that its version allows. */
export function isProgramLength(version: number, length: number): boolean {
  if (version === 0) return length === 20 || length === 32;
  return length >= PROGRAM_BYTES_MIN && length <= PROGRAM_BYTES_MAX;
}

/** Room that an address may need. */
export function addressLengthMax({ bech32Hrp }: Pick<KeyPrefixes, 'bech32Hrp'>): number {
  return Math.max(BASE58_LENGTH_MAX, bech32Hrp.length + BECH32_LENGTH_MAX);
}

/** Writes the address of a script and returns the position behind it; `at` itself for a script that has none. */
export function writeAddressAt(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  prefixes: AddressStart,
): number {
  if (isP2pkh(bytes, start, end)) return writeBase58At(target, at, prefixes.pubKeyHash, bytes, start + 3);
  if (isP2sh(bytes, start, end)) return writeBase58At(target, at, prefixes.scriptHash, bytes, start + 2);
  const version = witnessProgramVersion(bytes, start, end);
  if (version < 0 || !isProgramLength(version, end - start - 2)) return at;
  return writeBech32At(target, at, prefixes.bech32Hrp, version, bytes, start + 2, end);
}

// --- base 58 -------------------------------------------------------------------------------------------------------------------------

/** 58^5: five letters at a time, the most whose product with 2^16 is exact. */
const FIVE_LETTERS = 656_356_768;
const LETTERS_AT_ONCE = 5;

const payload: Uint8Array = new Uint8Array(PAYLOAD_BYTES);
const checksum: Uint8Array = new Uint8Array(32);
/** The payload as a number of 16 bits a digit, the highest first. */
const digits: Uint16Array = new Uint16Array(Math.ceil(PAYLOAD_BYTES / 2));
const letters: Uint8Array = new Uint8Array(LETTERS_AT_ONCE * 7);

function writeBase58At(target: Uint8Array, at: number, version: number, bytes: Uint8Array, hashStart: number): number {
  payload[0] = version;
  for (let i = 0; i < HASH160_BYTES; i++) payload[1 + i] = bytes[hashStart + i]!;
  sha256dInto(payload, 0, 1 + HASH160_BYTES, checksum, 0);
  for (let i = 0; i < CHECKSUM_BYTES; i++) payload[1 + HASH160_BYTES + i] = checksum[i]!;
  computeBase58Letters();
  // Every zero byte in front is a `1`, and no other digit in front is zero.
  let position = at;
  for (let i = 0; i < PAYLOAD_BYTES && payload[i] === 0; i++) target[position++] = BASE58_CODES[0]!;
  let first = 0;
  while (first < letters.length && letters[first] === 0) first++;
  for (let i = first; i < letters.length; i++) target[position++] = BASE58_CODES[letters[i]!]!;
  return position;
}

/** Divides the payload by 58^5 until nothing is left; the remainders are its letters, the last first. */
function computeBase58Letters(): void {
  digits[0] = payload[0]!;
  for (let i = 1; i < digits.length; i++) digits[i] = payload[2 * i - 1]! * 256 + payload[2 * i]!;
  let highest = 0;
  for (let group = letters.length; group > 0; group -= LETTERS_AT_ONCE) {
    let remainder = 0;
    for (let i = highest; i < digits.length; i++) {
      const value = remainder * 65536 + digits[i]!;
      const quotient = Math.floor(value / FIVE_LETTERS);
      remainder = value - quotient * FIVE_LETTERS;
      digits[i] = quotient;
    }
    while (highest < digits.length && digits[highest] === 0) highest++;
    for (let i = 1; i <= LETTERS_AT_ONCE; i++) {
      const next = Math.floor(remainder / 58);
      letters[group - i] = remainder - 58 * next;
      remainder = next;
    }
  }
}

// --- bech32 --------------------------------------------------------------------------------------------------------------------------

/** What the remainder must be: of version 0 (BIP173), and of the others (BIP350). */
const BECH32_END = 1;
const BECH32M_END = 0x2bc830a3;

/** A node has one prefix: the remainder behind it is remembered. */
let knownPrefix = '';
let knownRemainder = 0;

function remainderOf(prefix: string): number {
  if (prefix === knownPrefix) return knownRemainder;
  let remainder = 1;
  for (let i = 0; i < prefix.length; i++) remainder = stepBech32(remainder, prefix.charCodeAt(i) >>> 5);
  remainder = stepBech32(remainder, 0);
  for (let i = 0; i < prefix.length; i++) remainder = stepBech32(remainder, prefix.charCodeAt(i) & 31);
  knownPrefix = prefix;
  knownRemainder = remainder;
  return remainder;
}

/** Code of `1`, which ends the prefix. */
const SEPARATOR = 0x31;
const CHECKSUM_LETTERS = 6;

function writeBech32At(
  target: Uint8Array,
  at: number,
  prefix: string,
  version: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let position = at;
  for (let i = 0; i < prefix.length; i++) target[position++] = prefix.charCodeAt(i);
  target[position++] = SEPARATOR;
  target[position++] = BECH32_CODES[version]!;
  let remainder = stepBech32(remainderOf(prefix), version);
  let bits = 0;
  let bitCount = 0;
  for (let i = start; i < end; i++) {
    bits = (bits * 256 + bytes[i]!) & 0xfff;
    for (bitCount += 8; bitCount >= 5; ) {
      bitCount -= 5;
      const value = (bits >>> bitCount) & 31;
      target[position++] = BECH32_CODES[value]!;
      remainder = stepBech32(remainder, value);
    }
  }
  if (bitCount > 0) {
    const value = (bits * 2 ** (5 - bitCount)) & 31;
    target[position++] = BECH32_CODES[value]!;
    remainder = stepBech32(remainder, value);
  }
  for (let i = 0; i < CHECKSUM_LETTERS; i++) remainder = stepBech32(remainder, 0);
  remainder ^= version === 0 ? BECH32_END : BECH32M_END;
  for (let i = CHECKSUM_LETTERS - 1; i >= 0; i--) target[position++] = BECH32_CODES[(remainder >>> (5 * i)) & 31]!;
  return position;
}
