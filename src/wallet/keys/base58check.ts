// Base58Check: a version and a payload followed by four bytes of checksum, as text without look-alike letters (Core
// base58.cpp). Addresses and exported keys are made of it. It does not know what a version byte means.

import { base58 } from '@scure/base';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { concatBytes, equalRange } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';

const CHECKSUM_BYTES = 4;

/**
 * Longest text that is decoded: extended keys, the longest thing in this form, take 112 characters. Decoding costs the
 * square of the length, so a text of megabytes is refused unread (R15).
 */
const TEXT_LENGTH_MAX = 128;

const BASE58_LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Why a text is not Base58Check. `position` counts characters from 0. */
export type Base58CheckError =
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-long'; readonly got: number; readonly expected: number }
  | { readonly kind: 'bad-character'; readonly position: number }
  | { readonly kind: 'bad-checksum' };

/** The payload, version byte first, of a Base58Check text. Surrounding spaces are bad characters. */
export function parseBase58Check(text: string): Result<Uint8Array, Base58CheckError> {
  if (text === '') return err({ kind: 'empty' });
  if (text.length > TEXT_LENGTH_MAX) return err({ kind: 'too-long', got: text.length, expected: TEXT_LENGTH_MAX });
  for (let i = 0; i < text.length; i++) {
    if (!BASE58_LETTERS.includes(text[i]!)) return err({ kind: 'bad-character', position: i });
  }
  const bytes = base58.decode(text);
  const payloadLength = bytes.length - CHECKSUM_BYTES;
  if (payloadLength < 0) return err({ kind: 'bad-checksum' });
  const payload = bytes.slice(0, payloadLength);
  const isChecked = equalRange(sha256d(payload), 0, bytes, payloadLength, CHECKSUM_BYTES);
  return isChecked ? ok(payload) : err({ kind: 'bad-checksum' });
}

/** The text of a payload that starts with its version byte. */
export function formatBase58Check(payload: Uint8Array): string {
  return base58.encode(concatBytes(payload, sha256d(payload).subarray(0, CHECKSUM_BYTES)));
}
