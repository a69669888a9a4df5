// Reads typed fields out of parsed JSON that anybody may have written: every value is checked for type and range, fields that
// nobody asks for are refused, and names like `__proto__` are names like any other. Errors say which field, what was found and
// what was wanted.

import { parseHex } from '../util/bytes.ts';

/** What is wrong with a file of chain parameters. */
export type ChainParamsErrorKind =
  | 'too-long'
  | 'not-json'
  | 'unknown-field'
  | 'missing-field'
  | 'wrong-type'
  | 'out-of-range'
  | 'bad-format'
  | 'taken'
  | 'no-proof-of-work'
  | 'wrong-hash';

/** A fault of a file: thrown inside of the parser, returned at its door. */
export class ChainParamsError extends Error {
  override readonly name = 'ChainParamsError';
  readonly kind: ChainParamsErrorKind;
  /** Path of the field, e.g. `genesis.bits`; empty for the file as a whole. */
  readonly field: string;
  /** What was found, shortened. */
  readonly got: string;
  /** What would be right, in words. */
  readonly expected: string;

  constructor(kind: ChainParamsErrorKind, field: string, got: string, expected: string) {
    super(`${field === '' ? 'the file' : field}: got ${got}, expected ${expected}`);
    this.kind = kind;
    this.field = field;
    this.got = got;
    this.expected = expected;
  }
}

/** Most characters of a value that an error repeats. */
const GOT_LENGTH_MAX = 60;

/** A value as an error shows it: JSON, shortened, never more than one line. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, GOT_LENGTH_MAX + 1)) : String(value);
  return text.length > GOT_LENGTH_MAX ? `${text.slice(0, GOT_LENGTH_MAX)}…` : text;
}

/** The fields of one JSON object. Ask for each, then call {@link FieldReader.finish}. */
export class FieldReader {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #asked = new Set<string>();

  /** `path` names the object inside the file, e.g. `genesis`; empty for the file itself. */
  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ChainParamsError('wrong-type', path, describeValue(value), 'an object');
    }
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  /** Path of a field of this object. */
  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** True when the field is there. */
  has(name: string): boolean {
    return Object.hasOwn(this.#value, name);
  }

  /** The error for a field that is there but wrong. */
  fault(kind: ChainParamsErrorKind, name: string, expected: string, got?: string): ChainParamsError {
    return new ChainParamsError(kind, this.path(name), got ?? describeValue(this.#value[name]), expected);
  }

  #take(name: string, expected: string): unknown {
    this.#asked.add(name);
    if (!this.has(name)) throw new ChainParamsError('missing-field', this.path(name), 'nothing', expected);
    return this.#value[name];
  }

  /** An integer within bounds. */
  integer(name: string, min: number, max: number): number {
    const expected = `an integer from ${min} to ${max}`;
    const value = this.#take(name, expected);
    if (typeof value !== 'number') throw this.fault('wrong-type', name, expected);
    if (!Number.isInteger(value) || value < min || value > max) throw this.fault('out-of-range', name, expected);
    return value;
  }

  /** True or false. */
  boolean(name: string): boolean {
    const value = this.#take(name, 'true or false');
    if (typeof value !== 'boolean') throw this.fault('wrong-type', name, 'true or false');
    return value;
  }

  /** A text that a pattern matches; `expected` says in words what the pattern means. */
  text(name: string, pattern: RegExp, expected: string): string {
    const value = this.#take(name, expected);
    if (typeof value !== 'string') throw this.fault('wrong-type', name, expected);
    if (!pattern.test(value)) throw this.fault('bad-format', name, expected);
    return value;
  }

  /** One of a few texts. */
  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const expected = choices.join(', ');
    const value = this.#take(name, expected);
    if (typeof value !== 'string') throw this.fault('wrong-type', name, expected);
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw this.fault('bad-format', name, expected);
    return choice;
  }

  /** Bytes in hexadecimal, between `min` and `max` of them. */
  hex(name: string, min: number, max: number): Uint8Array {
    const expected = `${min === max ? 2 * min : `${2 * min} to ${2 * max}`} hexadecimal digits`;
    const value = this.#take(name, expected);
    if (typeof value !== 'string') throw this.fault('wrong-type', name, expected);
    if (value.length < 2 * min || value.length > 2 * max) throw this.fault('bad-format', name, expected);
    const bytes = parseHex(value);
    if (!bytes.ok) throw this.fault('bad-format', name, expected);
    return bytes.value;
  }

  /** Four bytes in hexadecimal, most significant first, as a number. */
  hexU32(name: string): number {
    return this.hex(name, 4, 4).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** A list of texts that a pattern matches. */
  texts(name: string, countMax: number, pattern: RegExp, expected: string): readonly string[] {
    const value = this.#take(name, expected);
    if (!Array.isArray(value)) throw this.fault('wrong-type', name, expected);
    if (value.length > countMax) throw this.fault('out-of-range', name, expected);
    return value.map((item: unknown, index) => {
      if (typeof item === 'string' && pattern.test(item)) return item;
      throw new ChainParamsError('bad-format', `${this.path(name)}[${index}]`, describeValue(item), expected);
    });
  }

  /** The fields of an object inside this one. */
  object(name: string): FieldReader {
    return new FieldReader(this.#take(name, 'an object'), this.path(name));
  }

  /** Refuses fields that nobody asked for: a misspelt rule must not be a rule left out. */
  finish(): void {
    for (const name of Object.keys(this.#value)) {
      if (this.#asked.has(name)) continue;
      const shown = name.length > GOT_LENGTH_MAX ? `${name.slice(0, GOT_LENGTH_MAX)}…` : name;
      throw new ChainParamsError('unknown-field', this.path(shown), describeValue(this.#value[name]), 'no such field');
    }
  }
}
