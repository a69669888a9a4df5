// Whether the parameters of a call fit the method: their number and their kinds (Core IsValidNumArgs, RPCArg::MatchesType).

import { RPC_CODE, RpcError } from './errors.ts';
import { type JsonKind, type JsonValue, jsonKind } from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';
import { isOptional, type MethodSignature, type ParameterSpec, type ParameterType } from './signature.ts';

/** The kind that a parameter must have; null where the method looks itself. */
const KIND_OF_TYPE: Readonly<Record<ParameterType, JsonKind | null>> = Object.freeze({
  string: 'string',
  hex: 'string',
  number: 'number',
  amount: null,
  range: null,
  boolean: 'bool',
  object: 'object',
  'named-options': 'object',
  'user-keys': 'object',
  array: 'array',
});

/** The kind of JSON value that a parameter of a type is. */
export function kindOfType(type: ParameterType): JsonKind | null {
  return KIND_OF_TYPE[type];
}

/** True when a method takes so many parameters. */
export function isParameterCountValid({ parameters }: MethodSignature, count: number): boolean {
  let requiredCount = parameters.length;
  while (requiredCount > 0 && isOptional(parameters[requiredCount - 1]!)) requiredCount--;
  return count >= requiredCount && count <= parameters.length;
}

/** Core's sentence about a value of another kind than expected. */
export function describeWrongKind(value: JsonValue, expected: JsonKind): string {
  return `JSON value of type ${jsonKind(value)} is not of expected type ${expected}`;
}

function findMismatch(parameter: ParameterSpec, value: JsonValue): string | null {
  if (parameter.skipsTypeCheck === true || (isOptional(parameter) && value === null)) return null;
  const expected = KIND_OF_TYPE[parameter.type];
  return expected === null || jsonKind(value) === expected ? null : describeWrongKind(value, expected);
}

/** Throws when a parameter is of another kind than the method says, naming every one that is. */
export function checkParameterKinds({ parameters }: MethodSignature, values: readonly JsonValue[]): void {
  const mismatches = new Map<string, string>();
  for (const [position, parameter] of parameters.entries()) {
    const mismatch = findMismatch(parameter, values[position] ?? null);
    if (mismatch !== null) mismatches.set(`Position ${position + 1} (${parameter.names})`, mismatch);
  }
  if (mismatches.size > 0) throw new RpcError(RPC_CODE.TYPE_ERROR, `Wrong type passed:\n${formatJson(mismatches, 4)}`);
}
