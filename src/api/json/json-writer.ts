// Writing JSON in pieces of bounded length, so that an answer of 100 MB neither stands in memory as one text nor holds anybody up.
// Layout as univalue's: no spaces, or with an indent; the same characters escaped. No recursion.

import { assert } from '../../kernel/util/assert.ts';
import { JsonNumber, type JsonOutput, type JsonRecord, JsonSequence, JsonText, WrittenJson } from './json-value.ts';

/** Length from which a piece is handed over. */
export const JSON_PIECE_LENGTH: number = 64 * 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const SPECIAL = /["\\\u0000-\u001f\u007f]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
});

/** A text in quotes. */
export function quoteJson(text: string): string {
  return `"${escapeText(text)}"`;
}

function escapeText(text: string): string {
  return text.replace(SPECIAL, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text in pieces that are not long. */
function* cut(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + JSON_PIECE_LENGTH);
    const last = text.charCodeAt(end - 1);
    // A pair of surrogates is one character.
    if (last >= 0xd800 && last <= 0xdbff && end - start > 1) end--;
    yield text.slice(start, end);
    start = end;
  }
}

/** The pieces of a value that is a long text; null for another. */
function longPieces(value: JsonOutput | undefined): Iterable<string> | null {
  if (typeof value === 'string' && value.length > JSON_PIECE_LENGTH) return cut(value);
  if (value instanceof JsonText) return value.pieces;
  return value instanceof JsonNumber && value.text.length > JSON_PIECE_LENGTH ? cut(value.text) : null;
}

/** A container that is being written. */
interface Open {
  readonly end: ']' | '}';
  readonly entries: Iterator<readonly [key: string | null, value: JsonOutput]>;
  isEmpty: boolean;
}

function* fieldsOf(value: ReadonlyMap<string, JsonOutput> | JsonRecord): Generator<readonly [string, JsonOutput]> {
  if (value instanceof Map) {
    yield* value as ReadonlyMap<string, JsonOutput>;
    return;
  }
  for (const [key, field] of Object.entries(value as JsonRecord)) {
    if (field !== undefined) yield [key, field];
  }
}

function* itemsOf(items: Iterable<JsonOutput>): Generator<readonly [null, JsonOutput]> {
  for (const item of items) yield [null, item];
}

function openContainer(
  value: Exclude<JsonOutput, null | boolean | string | number | JsonNumber | JsonText | WrittenJson>,
): Open {
  if (value instanceof JsonSequence) return { end: ']', entries: itemsOf(value.items), isEmpty: true };
  if (Array.isArray(value)) return { end: ']', entries: itemsOf(value as readonly JsonOutput[]), isEmpty: true };
  return { end: '}', entries: fieldsOf(value as JsonRecord), isEmpty: true };
}

/** A value that is no container; null for one that is. */
function formatPlain(value: JsonOutput): string | null {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return quoteJson(value);
  if (value instanceof JsonNumber) return value.text;
  if (typeof value !== 'number') return null;
  assert(Number.isSafeInteger(value), 'json: plain numbers are safe integers');
  return String(value);
}

/** A piece of an answer: characters, or bytes of ASCII. */
export type JsonPiece = string | Uint8Array;

/** Writes a value in pieces. With an indent every item gets a line of its own, but for what was written before. */
export function* writeJsonPieces(value: JsonOutput, indent = 0): Generator<JsonPiece, void, void> {
  const open: Open[] = [];
  const lineBreak = (): string => (indent > 0 ? `\n${' '.repeat(indent * open.length)}` : '');
  const colon = indent > 0 ? ': ' : ':';
  let text = '';
  let next: JsonOutput | undefined = value;
  for (;;) {
    const pieces = longPieces(next);
    const plain = next === undefined || pieces !== null ? '' : formatPlain(next);
    if (pieces !== null) {
      const quote = next instanceof JsonNumber ? '' : '"';
      text += quote;
      for (const piece of pieces) {
        yield text + escapeText(piece);
        text = '';
      }
      text += quote;
    } else if (next instanceof WrittenJson) {
      yield text;
      yield* next.pieces;
      text = '';
    } else if (plain !== null) text += plain;
    else {
      const container = openContainer(next as Parameters<typeof openContainer>[0]);
      open.push(container);
      text += container.end === ']' ? '[' : '{';
    }
    if (text.length >= JSON_PIECE_LENGTH) {
      yield text;
      text = '';
    }
    const container = open.at(-1);
    if (container === undefined) break;
    const entry = container.entries.next();
    if (entry.done === true) {
      open.pop();
      text += lineBreak() + container.end;
      next = undefined;
    } else {
      const [key, field] = entry.value;
      text += (container.isEmpty ? '' : ',') + lineBreak();
      if (key !== null) text += quoteJson(key) + colon;
      container.isEmpty = false;
      next = field;
    }
  }
  yield text;
}

/** Writes a value in pieces of text. */
export function* writeJson(value: JsonOutput, indent = 0): Generator<string, void, void> {
  for (const piece of writeJsonPieces(value, indent)) yield typeof piece === 'string' ? piece : readAscii(piece);
}

/** Characters that are made at once: few enough to be the arguments of one call. */
const ASCII_AT_ONCE = 8192;

function readAscii(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += ASCII_AT_ONCE) {
    text += String.fromCharCode.apply(null, Array.from(bytes.subarray(start, start + ASCII_AT_ONCE)));
  }
  return text;
}

/** Writes a value as one text: for small ones. */
export function formatJson(value: JsonOutput, indent = 0): string {
  let text = '';
  for (const piece of writeJson(value, indent)) text += piece;
  return text;
}
