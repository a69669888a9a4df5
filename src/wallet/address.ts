// Addresses: the text form of the common output scripts, per network (Core key_io.cpp; BIP13, BIP141, BIP173, BIP350).
// It answers with scripts, not with a judgement whether an output would be spent wisely. Texts are taken as they are: trim
// spaces before. An address of another network is an error that says so.

import { bech32, bech32m } from '@scure/base';
import { unreachable } from '../kernel/util/assert.ts';
import { concatBytes } from '../kernel/util/bytes.ts';
import { err, ok, type Result } from '../kernel/util/result.ts';
import { addressLengthMax, isProgramLength, writeAddressAt } from './keys/address-writer.ts';
import { type Base58CheckError, parseBase58Check } from './keys/base58check.ts';

/** How addresses of one network begin. */
export interface AddressPrefixes {
  /** Version byte of pay-to-public-key-hash addresses: 0 gives `1…`, 111 gives `m…` or `n…`. */
  readonly pubKeyHash: number;
  /** Version byte of pay-to-script-hash addresses: 5 gives `3…`, 196 gives `2…`. */
  readonly scriptHash: number;
  /** Human-readable part of witness addresses, lower case: `bc`, `tb`, `bcrt`. */
  readonly bech32Hrp: string;
}

/** Why a text is no address of this network. Positions count characters from 0. */
export type AddressError =
  | Base58CheckError
  | { readonly kind: 'wrong-network'; readonly got: string; readonly expected: string }
  | { readonly kind: 'bad-length'; readonly got: number; readonly expected: number }
  | { readonly kind: 'mixed-case' }
  | { readonly kind: 'no-separator' }
  | { readonly kind: 'wrong-checksum-kind'; readonly version: number; readonly expected: 'bech32' | 'bech32m' }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'bad-version'; readonly got: number; readonly expected: 16 }
  | { readonly kind: 'bad-padding' }
  | { readonly kind: 'bad-program-length'; readonly version: number; readonly got: number };

/** A hash in a pay-to-public-key-hash or pay-to-script-hash output. */
const HASH160_BYTES = 20;
/** Longest text with the error detection that BIP173 promises. */
const BECH32_LENGTH_MAX = 90;
const BECH32_CHECKSUM_LENGTH = 6;
const BECH32_LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const VERSION_MAX = 16;
const OP_1 = 0x51;

const P2PKH_HEAD: Uint8Array = Uint8Array.of(0x76, 0xa9, HASH160_BYTES);
const P2PKH_TAIL: Uint8Array = Uint8Array.of(0x88, 0xac);
const P2SH_HEAD: Uint8Array = Uint8Array.of(0xa9, HASH160_BYTES);
const P2SH_TAIL: Uint8Array = Uint8Array.of(0x87);

/** The scriptPubKey that `text` asks to be paid to. */
export function parseAddress(text: string, prefixes: AddressPrefixes): Result<Uint8Array, AddressError> {
  if (text === '') return err({ kind: 'empty' });
  return isWitnessText(text, prefixes) ? parseWitnessAddress(text, prefixes) : parseBase58Address(text, prefixes);
}

/** The address that stands for `scriptPubKey`, or null for a script that has none. */
export function formatAddress(scriptPubKey: Uint8Array, prefixes: AddressPrefixes): string | null {
  const room = new Uint8Array(addressLengthMax(prefixes));
  const length = writeAddressAt(room, 0, scriptPubKey, 0, scriptPubKey.length, prefixes);
  return length === 0 ? null : Array.from(room.subarray(0, length), (code) => String.fromCharCode(code)).join('');
}

/** A text with this network's prefix is meant as a witness address; one with another's when its checksum fits. */
function isWitnessText(text: string, prefixes: AddressPrefixes): boolean {
  const lower = text.slice(0, BECH32_LENGTH_MAX).toLowerCase();
  if (lower.startsWith(prefixes.bech32Hrp)) return true;
  return text.length <= BECH32_LENGTH_MAX && decodeBech32(text).ok;
}

function parseBase58Address(text: string, prefixes: AddressPrefixes): Result<Uint8Array, AddressError> {
  const decoded = parseBase58Check(text);
  if (!decoded.ok) return decoded;
  const payload = decoded.value;
  if (payload.length !== 1 + HASH160_BYTES) {
    return err({ kind: 'bad-length', got: payload.length, expected: 1 + HASH160_BYTES });
  }
  const versionByte = payload[0]!;
  const hash = payload.subarray(1);
  if (versionByte === prefixes.pubKeyHash) return ok(concatBytes(P2PKH_HEAD, hash, P2PKH_TAIL));
  if (versionByte === prefixes.scriptHash) return ok(concatBytes(P2SH_HEAD, hash, P2SH_TAIL));
  const expected = `version ${prefixes.pubKeyHash} or ${prefixes.scriptHash}`;
  return err({ kind: 'wrong-network', got: `version ${versionByte}`, expected });
}

function parseWitnessAddress(text: string, prefixes: AddressPrefixes): Result<Uint8Array, AddressError> {
  const decoded = decodeBech32(text);
  if (!decoded.ok) return decoded;
  const { hrp, words, checksum } = decoded.value;
  if (words.length === 0) return err({ kind: 'no-data' });
  if (hrp !== prefixes.bech32Hrp) return err({ kind: 'wrong-network', got: hrp, expected: prefixes.bech32Hrp });
  const version = words[0]!;
  const expected = version === 0 ? 'bech32' : 'bech32m';
  if (checksum !== expected) return err({ kind: 'wrong-checksum-kind', version, expected });
  if (version > VERSION_MAX) return err({ kind: 'bad-version', got: version, expected: VERSION_MAX });
  const program = bech32.fromWordsUnsafe(words.slice(1));
  if (!program) return err({ kind: 'bad-padding' });
  if (!isProgramLength(version, program.length)) {
    return err({ kind: 'bad-program-length', version, got: program.length });
  }
  return ok(concatBytes(Uint8Array.of(version === 0 ? 0 : OP_1 + version - 1, program.length), program));
}

/** The parts of a bech32 or bech32m text; the caller decides which of the two checksums was due. */
interface Bech32Parts {
  readonly hrp: string;
  readonly words: readonly number[];
  readonly checksum: 'bech32' | 'bech32m';
}

function decodeBech32(text: string): Result<Bech32Parts, AddressError> {
  const wrong = findBech32Fault(text);
  if (wrong !== null) return err(wrong);
  const old = bech32.decodeUnsafe(text);
  if (old) return ok({ hrp: old.prefix, words: old.words, checksum: 'bech32' });
  const amended = bech32m.decodeUnsafe(text);
  if (amended) return ok({ hrp: amended.prefix, words: amended.words, checksum: 'bech32m' });
  return err({ kind: 'bad-checksum' });
}

/** What can be said before the checksum is computed, most telling first. */
function findBech32Fault(text: string): AddressError | null {
  if (text.length > BECH32_LENGTH_MAX) return { kind: 'too-long', got: text.length, expected: BECH32_LENGTH_MAX };
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 33 || code > 126) return { kind: 'bad-character', position: i };
  }
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return { kind: 'mixed-case' };
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || text.length - 1 - separator < BECH32_CHECKSUM_LENGTH) return { kind: 'no-separator' };
  for (let i = separator + 1; i < text.length; i++) {
    if (!BECH32_LETTERS.includes(lower[i]!)) return { kind: 'bad-character', position: i };
  }
  return null;
}

/** The error in words for a person, lower case, without a dot; the data stay in the fields. */
export function describeAddressError(error: AddressError): string {
  switch (error.kind) {
    case 'empty':
      return 'no address given';
    case 'too-long':
      return `too long: ${error.got} characters, at most ${error.expected}`;
    case 'bad-character':
      return `character ${error.position + 1} cannot stand in an address`;
    case 'bad-checksum':
      return 'the checksum does not fit: a character is missing or mistyped';
    case 'wrong-network':
      return `an address of another network (${error.got}, here ${error.expected})`;
    case 'bad-length':
      return `wrong length: ${error.got} bytes instead of ${error.expected}`;
    case 'mixed-case':
      return 'capital and small letters are mixed';
    case 'no-separator':
      return 'the separator 1 is missing or in the wrong place';
    case 'wrong-checksum-kind':
      return `witness version ${error.version} must use ${error.expected}`;
    case 'no-data':
      return 'nothing follows the separator';
    case 'bad-version':
      return `witness version ${error.got} does not exist: the last is ${error.expected}`;
    case 'bad-padding':
      return 'left-over bits at the end';
    case 'bad-program-length':
      return `a witness program of version ${error.version} cannot have ${error.got} bytes`;
    default:
      return unreachable(error);
  }
}
