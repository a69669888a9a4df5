// Keys that stand more than once in an object of a request (R10). Readers differ in which of the values they take, so such a request
// is refused as a whole, with one exception: where the keys are the caller's own, as the addresses of createrawtransaction, the
// method looks itself, and answers what Core answers.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type RepeatingObject } from './json/json-value.ts';
import type { MethodTable } from './schema.ts';
import { type ParameterSpec, parameterNames } from './signature.ts';

/** True when a request, or a member of a batch, repeats keys elsewhere than where they are the caller's own. */
export function repeatsForeignKeys(
  request: JsonValue,
  repeating: readonly RepeatingObject[],
  methods: MethodTable,
): boolean {
  if (repeating.length === 0) return false;
  const own: Set<JsonValue> = new Set();
  for (const call of isJsonArray(request) ? request : [request]) {
    if (isJsonObject(call)) addOwnKeyed(call, methods, own);
  }
  return repeating.some((object) => !own.has(object));
}

/** Adds the values of a call whose keys, if they have any, are the caller's. */
function addOwnKeyed(call: JsonObject, methods: MethodTable, own: Set<JsonValue>): void {
  const name = call.get('method');
  const params = call.get('params') ?? null;
  const parameters = typeof name === 'string' ? (methods.get(name)?.parameters ?? []) : [];
  for (const [position, parameter] of parameters.entries()) {
    if (!hasUserKeys(parameter)) continue;
    for (const value of valuesOf(params, position, parameter)) {
      own.add(value);
      if (isJsonArray(value)) for (const item of value) own.add(item);
    }
  }
}

function hasUserKeys({ type, inner = [] }: ParameterSpec): boolean {
  return type === 'user-keys' || inner.some((one) => one.type === 'user-keys');
}

/** What was given for a parameter, by position or under its names. */
function valuesOf(params: JsonValue, position: number, parameter: ParameterSpec): readonly JsonValue[] {
  if (isJsonArray(params)) return [params[position] ?? null];
  if (!isJsonObject(params)) return [];
  return parameterNames(parameter).map((name) => params.get(name) ?? null);
}
