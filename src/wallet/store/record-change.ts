// Changes to the records of a wallet, and their text in a file: one line each, `key TAB value` for a record that is put, `key` for one
// that is deleted. Values are JSON in ASCII, letters beyond it as escapes, so that a file can be read without knowing anything of
// Unicode and no line can be taken for two. What keys and values mean is in records.ts.

import { assert } from '../../kernel/util/assert.ts';

/** One record that is put, with its value as JSON, or deleted. */
export interface RecordChange {
  readonly key: string;
  /** Null: the record is deleted. */
  readonly text: string | null;
}

/** Keys are printable ASCII without blanks; some hold a whole script in hexadecimal. */
const KEY = /^[!-~]+$/;

const BEYOND_ASCII = /[\u007f-\uffff]/g;

/** A value as JSON in ASCII. */
export function encodeRecordValue(value: unknown): string {
  const text = JSON.stringify(value);
  assert(text !== undefined, 'record: JSON has a word for the value');
  return text.replace(BEYOND_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Bytes that a record takes as a line. */
export function recordBytes({ key, text }: RecordChange): number {
  return key.length + 1 + (text === null ? 0 : 1 + text.length);
}

/** The lines of changes. */
export function encodeChanges(changes: readonly RecordChange[]): Uint8Array {
  const bytes = new Uint8Array(changes.reduce((sum, change) => sum + recordBytes(change), 0));
  let at = 0;
  for (const { key, text } of changes) {
    assert(KEY.test(key), 'record: the key is printable');
    const line = text === null ? `${key}\n` : `${key}\t${text}\n`;
    for (let i = 0; i < line.length; i++) bytes[at + i] = line.charCodeAt(i);
    at += line.length;
  }
  return bytes;
}

/** The changes of lines; null when the bytes are none. Whether values are JSON shows when they are used. */
export function decodeChanges(bytes: Uint8Array): readonly RecordChange[] | null {
  const text = decodeAscii(bytes);
  if (text === null || (text !== '' && !text.endsWith('\n'))) return null;
  const changes: RecordChange[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end);
    const tab = line.indexOf('\t');
    const key = tab < 0 ? line : line.slice(0, tab);
    if (!KEY.test(key)) return null;
    changes.push({ key, text: tab < 0 ? null : line.slice(tab + 1) });
    start = end + 1;
  }
  return changes;
}

/** Bytes that are made text at a time: the characters of all of them as an array would be many times the file. */
const PIECE_BYTES = 4096;

function decodeAscii(bytes: Uint8Array): string | null {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const piece = bytes.subarray(start, start + PIECE_BYTES);
    if (piece.some((byte) => (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte > 0x7e)) return null;
    pieces.push(Array.from(piece, (byte) => String.fromCharCode(byte)).join(''));
  }
  return pieces.join('');
}
