// Scripts as people read them: Core's ScriptToAsmStr, one word per operation. It is for eyes and RPC answers, not for reading
// back: a push of up to four bytes shows as a number whatever its encoding, and the ways to push the same bytes look alike.

import { isStrictDerSignature } from '../crypto/der.ts';
import { toHex } from '../util/bytes.ts';
import { OP, opName } from './opcodes.ts';
import { isUnspendable, ScriptCursor } from './script.ts';
import { decodeScriptNumber } from './script-number.ts';

/** Longest push that is shown as a number. */
const NUMBER_BYTES_MAX = 4;

/** Hash types that have a name; a signature with another is no signature to show (Core mapSigHashTypes). */
const HASH_TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x01, 'ALL'],
  [0x81, 'ALL|ANYONECANPAY'],
  [0x02, 'NONE'],
  [0x82, 'NONE|ANYONECANPAY'],
  [0x03, 'SINGLE'],
  [0x83, 'SINGLE|ANYONECANPAY'],
]);

/** How to show a script. */
export interface ScriptFormatOptions {
  /** Show the last byte of what looks like an ECDSA signature as `[ALL]`, `[SINGLE|ANYONECANPAY]` …; meant for scriptSigs. */
  readonly decodeHashTypes?: boolean;
}

/** Where the words of a script go. */
export interface ScriptWordSink {
  /** Characters as they are. */
  text(text: string): void;
  /** Bytes in hexadecimal. */
  hex(bytes: Uint8Array, start: number, end: number): void;
}

/** Longer texts are made in pieces of so many letters: one that grew word by word a million times takes long to be read. */
const PIECE_LENGTH = 4096;

/** The words as one text. */
class WordText implements ScriptWordSink {
  readonly #pieces: string[] = [];
  #last = '';

  get joined(): string {
    return this.#pieces.length === 0 ? this.#last : this.#pieces.join('') + this.#last;
  }

  text(text: string): void {
    this.#last += text;
    if (this.#last.length < PIECE_LENGTH) return;
    this.#pieces.push(this.#last);
    this.#last = '';
  }

  hex(bytes: Uint8Array, start: number, end: number): void {
    this.text(toHex(bytes.subarray(start, end)));
  }
}

/** The operations of a script as words; `[error]` ends it where a push runs past the end (Core ScriptToAsmStr). */
export function formatScript(bytes: Uint8Array, start: number, end: number, options: ScriptFormatOptions = {}): string {
  const words = new WordText();
  writeScriptWords(words, bytes, start, end, options.decodeHashTypes === true);
  return words.joined;
}

/** Writes what {@link formatScript} makes. */
export function writeScriptWords(
  sink: ScriptWordSink,
  bytes: Uint8Array,
  start: number,
  end: number,
  decodesHashTypes: boolean,
): void {
  // Data behind OP_RETURN may look like a signature and is none.
  const decodes = decodesHashTypes && !isUnspendable(bytes, start, end);
  const cursor = new ScriptCursor(bytes, start, end);
  let isFirst = true;
  while (cursor.next()) {
    if (!isFirst) sink.text(' ');
    isFirst = false;
    if (cursor.opcode > OP.OP_PUSHDATA4) sink.text(opName(cursor.opcode));
    else writePush(sink, bytes, cursor.dataStart, cursor.dataEnd, decodes);
  }
  if (cursor.bad) sink.text(isFirst ? '[error]' : ' [error]');
}

function writePush(
  sink: ScriptWordSink,
  bytes: Uint8Array,
  start: number,
  end: number,
  decodesHashTypes: boolean,
): void {
  const length = end - start;
  if (length <= NUMBER_BYTES_MAX) {
    sink.text(String(decodeScriptNumber(bytes, start, length, NUMBER_BYTES_MAX, false)));
    return;
  }
  const typeName = decodesHashTypes ? signatureHashTypeName(bytes, start, end) : undefined;
  sink.hex(bytes, start, typeName === undefined ? end : end - 1);
  if (typeName !== undefined) sink.text(`[${typeName}]`);
}

function signatureHashTypeName(bytes: Uint8Array, start: number, end: number): string | undefined {
  const name = HASH_TYPE_NAMES.get(bytes[end - 1]!);
  return name !== undefined && isStrictDerSignature(bytes, start, end) ? name : undefined;
}
