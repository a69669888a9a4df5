// Reading JSON (RFC 8259) as Core's univalue does: strict grammar, numbers kept as text, at most 512 levels, no lone surrogates.
// A key that stands twice in one object is refused, since readers differ in which of the two they take (R10). No recursion; the
// work can be done in pieces, so that a body of 32 MiB holds nobody up.

import { err, ok, type Result } from '../../kernel/util/result.ts';
import { JsonNumber, type JsonObject, type JsonValue } from './json-value.ts';

/** Levels of arrays and objects (univalue MAX_JSON_DEPTH). */
export const JSON_DEPTH_MAX = 512;

/** Values in one text: an ordinary request has less than a hundred, a batch thousands; values need far more memory than text. */
export const JSON_VALUES_MAX: number = 2 ** 21;

/** Why a text is no JSON, and where. */
export interface JsonError {
  readonly kind: 'syntax' | 'depth' | 'duplicate-key' | 'surrogate' | 'too-many-values';
  readonly position: number;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
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
type Open =
  | { readonly type: 'array'; readonly items: JsonValue[] }
  | { readonly type: 'object'; readonly entries: Map<string, JsonValue>; key: string };

/** What may come next. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'comma-or-end' | 'nothing';

/** Reads one text, in as many pieces as the caller likes. */
export class JsonParser {
  readonly #text: string;
  #at = 0;
  #valueCount = 0;
  #expected: Expected = 'value';
  readonly #open: Open[] = [];
  #result: Result<JsonValue, JsonError> | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes on for about so many values; the result when there is one, null when there is more to do. */
  step(valueBudget: number): Result<JsonValue, JsonError> | null {
    for (let left = valueBudget; left > 0 && this.#result === null; left--) this.#readToken();
    return this.#result;
  }

  #fail(kind: JsonError['kind']): void {
    this.#result = err({ kind, position: this.#at });
  }

  #skipSpaces(): void {
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #readToken(): void {
    this.#skipSpaces();
    const character = this.#text[this.#at];
    const expected = this.#expected;
    if (expected === 'nothing') this.#finish(character);
    else if (character === undefined) this.#fail('syntax');
    else if (character === ']' || character === '}') this.#close(character);
    else if (expected === 'comma-or-end') this.#readComma(character);
    else if (expected === 'key' || expected === 'key-or-end') this.#readKey(character);
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

  #readKey(character: string): void {
    if (character !== '"') {
      this.#fail('syntax');
      return;
    }
    const key = this.#readString();
    if (key === null) return;
    const open = this.#open.at(-1)!;
    if (open.type !== 'object') return;
    if (open.entries.has(key)) {
      this.#fail('duplicate-key');
      return;
    }
    open.key = key;
    this.#skipSpaces();
    if (this.#text[this.#at] !== ':') {
      this.#fail('syntax');
      return;
    }
    this.#at++;
    this.#expected = 'value';
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
    const value = character === '"' ? this.#readString() : this.#readPlain();
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
    else open.entries.set(open.key, value);
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

  /** A string, from its opening quote; null when it is none, which is noted. */
  #readString(): string | null {
    const parts: string[] = [];
    let start = this.#at + 1;
    let isWellFormed = true;
    for (let at = start; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (code >= 0x20 && code !== 0x22 && code !== 0x5c) continue;
      // NaN is the end of the text.
      if (code !== 0x22 && code !== 0x5c) {
        this.#at = at;
        this.#fail('syntax');
        return null;
      }
      parts.push(this.#text.slice(start, at));
      if (code === 0x22) {
        this.#at = at + 1;
        break;
      }
      const unit = this.#readEscape(at + 1);
      if (unit === null) return null;
      parts.push(unit);
      isWellFormed &&= unit < '\ud800' || unit > '\udfff';
      at += unit.length === 1 && this.#text[at + 1] === 'u' ? 5 : 1;
      start = at + 1;
    }
    const text = parts.length === 1 ? parts[0]! : parts.join('');
    if (isWellFormed || !LONE_SURROGATE.test(text)) return text;
    this.#fail('surrogate');
    return null;
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

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

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
