// The kinds of fields of objects in requests (Core RPCTypeCheckObj).

import { RPC_CODE, RpcError } from './errors.ts';
import { type JsonKind, type JsonObject, jsonKind } from './json/json-value.ts';

/** How strictly an object is looked at. */
export interface ObjectCheck {
  /** Fields may be missing, or null. */
  readonly allowsNull?: boolean;
  /** No other fields may be there. */
  readonly isStrict?: boolean;
  /** Fields of any kind that may be there. */
  readonly others?: readonly string[];
}

/** Throws an {@link RpcError} with Core's words unless the fields of an object are of these kinds. */
export function checkFields(
  object: JsonObject,
  kinds: Readonly<Record<string, JsonKind>>,
  { allowsNull = false, isStrict = false, others = [] }: ObjectCheck = {},
): void {
  // Core's table is sorted by name.
  for (const name of Object.keys(kinds).sort((a, b) => (a < b ? -1 : 1))) {
    const value = object.get(name) ?? null;
    if (value === null && allowsNull) continue;
    if (value === null) throw new RpcError(RPC_CODE.TYPE_ERROR, `Missing ${name}`);
    const expected = kinds[name]!;
    if (jsonKind(value) === expected) continue;
    throw new RpcError(
      RPC_CODE.TYPE_ERROR,
      `JSON value of type ${jsonKind(value)} for field ${name} is not of expected type ${expected}`,
    );
  }
  if (!isStrict) return;
  for (const name of object.keys()) {
    if (Object.hasOwn(kinds, name) || others.includes(name)) continue;
    throw new RpcError(RPC_CODE.TYPE_ERROR, `Unexpected key ${name}`);
  }
}
