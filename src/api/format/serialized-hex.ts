// Long hexadecimal texts, in and out: none is read that could not be what it should be, and none is made as a whole.

import { parseHex, toHex } from '../../kernel/util/bytes.ts';
import { JsonBytes } from '../json/json-bytes.ts';
import { WrittenJson } from '../json/json-value.ts';

/**
 * Most bytes of a block or a transaction that are read: twice the largest block (Core MAX_BLOCK_SERIALIZED_SIZE), so that one that
 * is too large can be told so. Core reads up to 32 MiB; whatever is beyond this can be in no ledger.
 */
export const SERIALIZED_BYTES_MAX = 8_000_000;

/** Bytes that are written at a time. */
const PIECE_BYTES = 32_768;

/** The bytes of a block or a transaction; null for what is no hexadecimal text, or too long. */
export function parseSerialized(text: string): Uint8Array | null {
  if (text.length > 2 * SERIALIZED_BYTES_MAX) return null;
  const bytes = parseHex(text);
  return bytes.ok ? bytes.value : null;
}

/** Bytes in hexadecimal, made while they are written if they are many. */
export function hexOutput(bytes: Uint8Array): string | WrittenJson {
  return bytes.length <= PIECE_BYTES ? toHex(bytes) : new WrittenJson('string', quotedHex(bytes));
}

function* quotedHex(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  const out = new JsonBytes();
  out.quote();
  yield* out.longHex(bytes, 0, bytes.length);
  out.quote();
  yield out.take();
}

/** The text of bytes, a piece at a time. */
export function* hexPieces(bytes: Uint8Array): Generator<string, void, void> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield toHex(bytes.subarray(start, start + PIECE_BYTES));
  }
}
