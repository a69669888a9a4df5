// Short forms for writing schemas, so that a method's description can be read like a table.

import type { MethodSpec } from './schema.ts';
import type { ParameterSpec, ParameterType, ResultSpec, ResultType } from './signature.ts';

type ParameterMore = Partial<Omit<ParameterSpec, 'names' | 'type' | 'description'>>;
type ResultMore = Partial<Omit<ResultSpec, 'type' | 'key' | 'description'>>;

/** A parameter that must be given, unless `more` says otherwise. */
export function param(
  names: string,
  type: ParameterType,
  description: string,
  more: ParameterMore = {},
): ParameterSpec {
  return { names, type, description, ...more };
}

/** A parameter that may be left out, with nothing standing for it. */
export function optional(
  names: string,
  type: ParameterType,
  description: string,
  more: ParameterMore = {},
): ParameterSpec {
  return { names, type, description, isOptional: true, ...more };
}

/** A result, or an item of an array. */
export function result(type: ResultType, description = '', more: ResultMore = {}): ResultSpec {
  return { type, description, ...more };
}

/** A field of an object. */
export function field(key: string, type: ResultType, description: string, more: ResultMore = {}): ResultSpec {
  return { key, type, description, ...more };
}

/** A field that is not always there. */
export function maybe(key: string, type: ResultType, description: string, more: ResultMore = {}): ResultSpec {
  return { key, type, description, isOptional: true, ...more };
}

/** An object with these fields. */
export function object(
  inner: readonly ResultSpec[],
  more: Partial<Omit<ResultSpec, 'type' | 'inner'>> = {},
): ResultSpec {
  return { type: 'object', inner, ...more };
}

/** Nothing to tell. */
export const NOTHING: readonly ResultSpec[] = Object.freeze([result('none')]);

/** What all methods are that Core does not have. */
export const OURS: Readonly<Pick<MethodSpec, 'category' | 'isOurs'>> = Object.freeze({
  category: 'tallystick',
  isOurs: true,
});

/** A table of methods from lists of them; names are unique. */
export function createMethodTable(...lists: readonly (readonly MethodSpec[])[]): ReadonlyMap<string, MethodSpec> {
  const table = new Map<string, MethodSpec>();
  const sorted = lists.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const method of sorted) table.set(method.name, method);
  return table;
}
