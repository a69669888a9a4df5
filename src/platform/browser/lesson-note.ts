// What a miner wrote into the coinbase of a page, as a text that can be read and changed: the headline of 2009, and whatever else is
// printable.

import { encodePush, ScriptCursor } from '../../kernel/script/script.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** Shorter runs of letters are chance. */
const NOTE_BYTES_MIN = 8;

/** A note in the script of a coinbase. */
export interface CoinbaseNote {
  readonly text: string;
  /** Where its push begins and ends in the script. */
  readonly start: number;
  readonly end: number;
}

/** The last push of a coinbase script that can be read; null: there is none. */
export function findNote(script: Uint8Array): CoinbaseNote | null {
  const cursor = new ScriptCursor(script);
  let note: CoinbaseNote | null = null;
  while (cursor.next()) {
    const { opStart, dataStart, dataEnd, position } = cursor;
    const data = script.subarray(dataStart, dataEnd);
    const isReadable = data.length >= NOTE_BYTES_MIN && data.every((byte) => byte >= 0x20 && byte < 0x7f);
    if (isReadable) note = { text: String.fromCharCode(...data), start: opStart, end: position };
  }
  return note;
}

/** The script with another text in place of its note. */
export function replaceNote(script: Uint8Array, { start, end }: CoinbaseNote, text: string): Uint8Array {
  return concatBytes(script.subarray(0, start), encodePush(encodeUtf8(text)), script.subarray(end));
}
