// Reading JSON (RFC 8259) as Core's univalue does: strict grammar, numbers kept as text, at most 512 levels, no lone surrogates.
// A key that stands twice in one object is refused, since readers differ in which of the two they take (R10), unless the caller
// wants such objects noted, to say more of them. No recursion; the work can be done in pieces, so that a body of 32 MiB holds nobody
// up.

import { err, ok, type Result } from '../../kernel/util/result.ts';
import { JsonNumber, type JsonObject, type JsonValue, RepeatingObject } from './json-value.ts';

/** Levels of arrays and objects (univalue MAX_JSON_DEPTH). */
export const JSON_DEPTH_MAX = 512;

/** Values in one text: an ordinary request has less than a hundred, a batch thousands; values need far more memory than text. */
export const JSON_VALUES_MAX: number = 2 ** 21;

/** Why a text is no JSON, and where. */
export interface JsonError {
  readonly kind: 'syntax' | 'depth' | 'duplicate-key' | 'surrogate' | 'too-many-values';
  readonly position: number;
}

/** Work that a value counts as, whatever it is, in the characters that take as long. */
const VALUE_LENGTH = 64;

/** The same for an escape. */
const ESCAPE_LENGTH = 16;

/** Parts of a string with escapes that are joined at a time. */
const PARTS_MAX = 1024;

/** No group of digits is longer (univalue: as long as the text), so that the search for its end holds nobody up. */
const NUMBER = /-?(?:0|[1-9][0-9]{0,999999})(?:\.[0-9]{1,1000000})?(?:[eE][+-]?[0-9]{1,1000000})?/y;
const WORDS: readonly (readonly [word: string, value: null | boolean])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];
const ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
});
const HEX_UNIT = /^[0-9a-fA-F]{4}$/;

/** An array or an object that is not closed yet. */
type Open = { readonly type: 'array'; readonly items: JsonValue[] } | OpenObject;

interface OpenObject {
  readonly type: 'object';
  entries: Map<string, JsonValue>;
  key: string;
}

/** What may come next. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** A string that is not closed yet. */
interface OpenString {
  /** What was read, as far as it is joined. */
  readonly chunks: string[];
  readonly parts: string[];
  /** Where the part begins that is being read. */
  start: number;
  /** Behind the escape of a high surrogate, where that of a low one must follow; -1: none must. */
  lowAt: number;
}

/** Reads one text, in as many pieces as the caller likes. */
export class JsonParser {
  readonly #text: string;
  readonly #repeating: RepeatingObject[] | null;
  #at = 0;
  #valueCount = 0;
  #expected: Expected = 'value';
  #string: OpenString | null = null;
  /** Work that is left of the present step, in characters. */
  #left = 0;
  readonly #open: Open[] = [];
  #result: Result<JsonValue, JsonError> | null = null;

  /** `repeating`: takes the objects whose keys stand more than once, which are refused without it. */
  constructor(text: string, repeating: RepeatingObject[] | null = null) {
    this.#text = text;
    this.#repeating = repeating;
  }

  /** Goes on for about so many values, or as much text; the result when there is one, null when there is more to do. */
  step(valueBudget: number): Result<JsonValue, JsonError> | null {
    this.#left = valueBudget * VALUE_LENGTH;
    while (this.#left > 0 && this.#result === null) {
      if (this.#string !== null) this.#readOn(this.#string);
      else if (this.#skipSpaces()) this.#readToken();
      this.#left -= VALUE_LENGTH;
    }
    return this.#result;
  }

  #fail(kind: JsonError['kind']): void {
    this.#result = err({ kind, position: this.#at });
  }

  /** False when that is all for this step. */
  #skipSpaces(): boolean {
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return true;
      if (--this.#left < 0) return false;
    }
  }

  #readToken(): void {
    const character = this.#text[this.#at];
    const expected = this.#expected;
    if (expected === 'nothing') this.#finish(character);
    else if (character === undefined) this.#fail('syntax');
    else if (character === ']' || character === '}') this.#close(character);
    else if (expected === 'comma-or-end') this.#readComma(character);
    else if (expected === 'colon') this.#readColon(character);
    else if (expected === 'key' || expected === 'key-or-end') this.#beginKey(character);
    else this.#readValue(character);
  }

  #value: JsonValue = null;

  #finish(character: string | undefined): void {
    if (character === undefined) this.#result = ok(this.#value);
    else this.#fail('syntax');
  }

  #readComma(character: string): void {
    if (character !== ',') {
      this.#fail('syntax');
      return;
    }
    this.#at++;
    this.#expected = this.#open.at(-1)!.type === 'array' ? 'value' : 'key';
  }

  #readColon(character: string): void {
    if (character !== ':') {
      this.#fail('syntax');
      return;
    }
    this.#at++;
    this.#expected = 'value';
  }

  #beginKey(character: string): void {
    if (character === '"') this.#beginString();
    else this.#fail('syntax');
  }

  #readKey(key: string): void {
    const open = this.#open.at(-1)!;
    if (open.type !== 'object') return;
    if (open.entries.has(key) && this.#repeating === null) {
      this.#fail('duplicate-key');
      return;
    }
    this.#noteKey(open, key);
    this.#expected = 'colon';
  }

  #noteKey(open: OpenObject, key: string): void {
    open.key = key;
    if (open.entries instanceof RepeatingObject) {
      open.entries.writtenKeys.push(key);
    } else if (open.entries.has(key)) {
      const repeating = new RepeatingObject(open.entries, key);
      open.entries = repeating;
      this.#repeating!.push(repeating);
    }
  }

  #readValue(character: string): void {
    if (++this.#valueCount > JSON_VALUES_MAX) {
      this.#fail('too-many-values');
      return;
    }
    if (character === '[') {
      this.#begin({ type: 'array', items: [] });
      return;
    }
    if (character === '{') {
      this.#begin({ type: 'object', entries: new Map(), key: '' });
      return;
    }
    if (character === '"') {
      this.#beginString();
      return;
    }
    const value = this.#readPlain();
    if (this.#result === null) this.#add(value);
  }

  #begin(open: Open): void {
    if (this.#open.length === JSON_DEPTH_MAX) {
      this.#fail('depth');
      return;
    }
    this.#open.push(open);
    this.#at++;
    this.#expected = open.type === 'array' ? 'value-or-end' : 'key-or-end';
  }

  #close(character: string): void {
    const open = this.#open.at(-1);
    const mayEnd = this.#expected.endsWith('-or-end');
    if (!mayEnd || open === undefined || (open.type === 'array') !== (character === ']')) {
      this.#fail('syntax');
      return;
    }
    this.#open.pop();
    this.#at++;
    this.#add(open.type === 'array' ? open.items : open.entries);
  }

  /** Puts a complete value where it belongs. */
  #add(value: JsonValue): void {
    const open = this.#open.at(-1);
    if (open === undefined) {
      this.#value = value;
      this.#expected = 'nothing';
      return;
    }
    if (open.type === 'array') open.items.push(value);
    else if (!open.entries.has(open.key)) open.entries.set(open.key, value);
    this.#expected = 'comma-or-end';
  }

  /** A number or one of the three words. */
  #readPlain(): JsonValue {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) {
      this.#fail('syntax');
      return null;
    }
    this.#at += text.length;
    return new JsonNumber(text);
  }

  #beginString(): void {
    this.#at++;
    this.#string = { chunks: [], parts: [], start: this.#at, lowAt: -1 };
    this.#readOn(this.#string);
  }

  /** Goes on in a string until its end, or until that is all for this step. */
  #readOn(string: OpenString): void {
    const text = this.#text;
    for (let at = this.#at; ; at++) {
      const code = text.charCodeAt(at);
      const isPlain = code >= 0x20 && code !== 0x22 && code !== 0x5c;
      if (!isPlain || --this.#left < 0) {
        this.#at = at;
        if (isPlain) return;
        if (code === 0x5c) {
          if (!this.#takeEscape(string) || this.#left < 0) return;
          at = this.#at - 1;
        } else {
          // NaN is the end of the text.
          if (code === 0x22) this.#endString(string);
          else this.#fail('syntax');
          return;
        }
      }
    }
  }

  /** Takes an escape; false when it is none. */
  #takeEscape(string: OpenString): boolean {
    const { parts, chunks, start, lowAt } = string;
    const at = this.#at;
    const unit = this.#readEscape(at + 1);
    if (unit === null) return false;
    const isLow = unit >= '\udc00' && unit <= '\udfff';
    if (isLow ? lowAt !== at : lowAt >= 0) {
      this.#fail('surrogate');
      return false;
    }
    if (at > start) parts.push(this.#text.slice(start, at));
    parts.push(unit);
    if (parts.length >= PARTS_MAX) chunks.push(parts.splice(0).join(''));
    this.#left -= ESCAPE_LENGTH;
    this.#at += this.#text[at + 1] === 'u' ? 6 : 2;
    string.start = this.#at;
    string.lowAt = unit >= '\ud800' && unit <= '\udbff' ? this.#at : -1;
    return true;
  }

  #endString({ chunks, parts, start, lowAt }: OpenString): void {
    this.#string = null;
    if (lowAt >= 0) {
      this.#fail('surrogate');
      return;
    }
    const last = this.#text.slice(start, this.#at);
    this.#at++;
    const isWhole = chunks.length === 0 && parts.length === 0;
    const text = isWhole ? last : chunks.join('') + parts.join('') + last;
    if (this.#expected === 'key' || this.#expected === 'key-or-end') this.#readKey(text);
    else this.#add(text);
  }

  /** The unit that an escape stands for; `at` is behind the backslash. */
  #readEscape(at: number): string | null {
    const letter = this.#text[at] ?? '';
    const unit = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter]! : null;
    if (unit !== null) return unit;
    const digits = this.#text.slice(at + 1, at + 5);
    if (letter === 'u' && HEX_UNIT.test(digits)) return String.fromCharCode(Number(`0x${digits}`));
    this.#at = at;
    this.#fail('syntax');
    return null;
  }
}

/** Reads a whole text at once. */
export function parseJson(text: string): Result<JsonValue, JsonError> {
  const parser = new JsonParser(text);
  for (;;) {
    const result = parser.step(Number.MAX_SAFE_INTEGER);
    if (result !== null) return result;
  }
}

/** A field of an object that was read; null when it is not there. */
export function jsonField(object: JsonObject, key: string): JsonValue {
  return object.get(key) ?? null;
}
