// Small questions about JSON of unknown shape, and hexadecimal as the vectors write it. For judges only.

import { fromHex, parseHex } from '../../src/kernel/util/bytes.ts';

/** A JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** True for a JSON object that has all of `keys`. */
export function isObject(value: unknown, ...keys: readonly string[]): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && keys.every((key) => key in value);
}

/** True for a JSON array whose every item satisfies `isItem`; an empty one does. */
export function isArrayOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

/** True for a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** True for an even count of hexadecimal digits, at least `lengthMin` of them. */
export function isHex(value: unknown, lengthMin = 2): value is string {
  return isText(value) && value.length >= lengthMin && value.length % 2 === 0 && /^[\da-fA-F]*$/.test(value);
}

/** The text at `key`; throws when there is none, which the runner reports. */
export function textAt(value: JsonObject, key: string): string {
  const text = value[key];
  if (!isText(text)) throw new TypeError(`no text at ${key}`);
  return text;
}

/** The number at `key`; throws when there is none. */
export function numberAt(value: JsonObject, key: string): number {
  const number = value[key];
  if (typeof number !== 'number') throw new TypeError(`no number at ${key}`);
  return number;
}

/** The list at `key`, or an empty one. */
export function listAt(value: JsonObject, key: string): readonly unknown[] {
  const list = value[key];
  return Array.isArray(list) ? list : [];
}

/** The bytes of hexadecimal text at `key`. */
export function hexAt(value: JsonObject, key: string): Uint8Array {
  return fromHex(textAt(value, key));
}

/** Lines of a text that consists of hexadecimal lines and nothing else, or null. */
export function parseHexLines(text: string): Uint8Array[] | null {
  const lines = text.split(/\s+/).filter((line) => line !== '');
  const parsed: Uint8Array[] = [];
  for (const line of lines) {
    const bytes = parseHex(line);
    if (!bytes.ok) return null;
    parsed.push(bytes.value);
  }
  return parsed.length > 0 ? parsed : null;
}
