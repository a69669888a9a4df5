// JSON as values of our own, because the language's own lose what an interface for money needs: a number stays the text that was
// written (univalue's way, so that amounts are exact), an object is a Map (no key can reach a prototype, and order is kept), and
// what is written may be made piece by piece.

/** A number as its text, which is a number of JSON's grammar. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a text of JSON means. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** An object that was read: its keys in the order in which they came, each once. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** An object in whose text keys stand more than once: it has the first value of each, as in Core. */
export class RepeatingObject extends Map<string, JsonValue> {
  /** The keys as they were written. */
  readonly writtenKeys: string[];

  /** `entries` is what was read before `key` came for the second time. */
  constructor(entries: JsonObject, key: string) {
    super(entries);
    this.writtenKeys = [...entries.keys(), key];
  }
}

/** The keys of an object as they were written, repeated ones included. */
export function writtenKeys(object: JsonObject): readonly string[] {
  return object instanceof RepeatingObject ? object.writtenKeys : [...object.keys()];
}

/** An array whose items are made while it is written: for answers too large to be held as values. */
export class JsonSequence {
  readonly items: Iterable<JsonOutput>;

  constructor(items: Iterable<JsonOutput>) {
    this.items = items;
  }
}

/** A string that is made piece by piece while it is written; no piece breaks a surrogate pair. */
export class JsonText {
  readonly pieces: Iterable<string>;

  constructor(pieces: Iterable<string>) {
    this.pieces = pieces;
  }
}

/** A value that is written already, or will be when it is asked for: bytes of JSON in ASCII, without a space. */
export class WrittenJson {
  readonly kind: JsonKind;
  readonly pieces: Iterable<Uint8Array>;

  constructor(kind: JsonKind, pieces: Iterable<Uint8Array>) {
    this.kind = kind;
    this.pieces = pieces;
  }
}

/**
 * What can be written: everything that was read, integers, and objects of our own as they stand in the source; a field that is
 * undefined is left out. Keys that come from outside stand in a Map.
 */
export type JsonOutput =
  | null
  | boolean
  | string
  | number
  | JsonNumber
  | JsonText
  | WrittenJson
  | readonly JsonOutput[]
  | JsonSequence
  | ReadonlyMap<string, JsonOutput>
  | JsonRecord;

/** An object whose keys are written in our source. */
export interface JsonRecord {
  readonly [key: string]: JsonOutput | undefined;
}

/** Names of the kinds of values, as Core's messages have them (uvTypeName). */
export type JsonKind = 'null' | 'bool' | 'object' | 'array' | 'string' | 'number';

/** The kind of a value. */
export function jsonKind(value: JsonOutput): JsonKind {
  if (value === null) return 'null';
  if (value instanceof WrittenJson) return value.kind;
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string' || value instanceof JsonText) return 'string';
  if (typeof value === 'number' || value instanceof JsonNumber) return 'number';
  return Array.isArray(value) || value instanceof JsonSequence ? 'array' : 'object';
}

/** True for an array that was read. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** True for an object that was read. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Digits of a double that Core writes (std::setprecision(16)). */
const DOUBLE_DIGITS = 16;

/** A finite double as Core writes it: 16 significant digits, no zeros at the end, an exponent outside of 1e-5 to 1e16. */
export function jsonDouble(value: number): JsonNumber {
  const exponent = value === 0 ? 0 : Number(value.toExponential(DOUBLE_DIGITS - 1).split('e')[1]);
  if (exponent >= -4 && exponent < DOUBLE_DIGITS) {
    const fixed = value.toFixed(Math.min(100, DOUBLE_DIGITS - 1 - exponent));
    return new JsonNumber(fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed);
  }
  const [mantissa, power] = value.toExponential(DOUBLE_DIGITS - 1).split('e') as [string, string];
  const digits = power.slice(1).padStart(2, '0');
  return new JsonNumber(`${mantissa.replace(/\.?0+$/, '')}e${power.startsWith('-') ? '-' : '+'}${digits}`);
}
