// Named arguments: an object of parameters becomes the list that methods take (Core transformNamedArguments). Options of an
// options object may stand among them; a list under the name `args` gives the first parameters by position.

import { RPC_CODE, RpcError } from './errors.ts';
import { isJsonArray, type JsonObject, type JsonValue } from './json/json-value.ts';
import { type MethodSignature, type ParameterSpec, parameterNames } from './signature.ts';

/** Name under which parameters by position may be given beside named ones. */
const POSITIONAL_NAME = 'args';

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

/** The parameters of a call in the order of the method; throws an {@link RpcError} for names that do not fit. */
export function orderNamedArguments(method: MethodSignature, named: JsonObject): readonly JsonValue[] {
  const left = new Map(named);
  const values: JsonValue[] = [];
  let holeCount = 0;
  let leadingHoleCount = 0;
  let firstGiven: string | null = null;
  for (const parameter of method.parameters) {
    const options = takeOptions(parameter, left);
    const name = parameterNames(parameter).find((one) => left.has(one));
    if (name === undefined && options.size === 0) {
      holeCount++;
      if (values.length === 0) leadingHoleCount = holeCount;
      continue;
    }
    // Parameters that were left out become null, but not at the end: some methods count what they are given.
    for (; holeCount > 0; holeCount--) values.push(null);
    firstGiven ??= parameter.names;
    if (name !== undefined && options.size > 0) {
      refuse(`Parameter ${name} conflicts with parameter ${[...options.keys()][0]}`);
    }
    values.push(name === undefined ? options : left.get(name)!);
    if (name !== undefined) left.delete(name);
  }
  const result = addPositional(values, left, leadingHoleCount, firstGiven);
  const unknown = [...left.keys()][0];
  if (unknown !== undefined) refuse(`Unknown named parameter ${unknown}`);
  return result;
}

/** Options that were given by their names. */
function takeOptions(parameter: ParameterSpec, left: Map<string, JsonValue>): Map<string, JsonValue> {
  const options = new Map<string, JsonValue>();
  if (parameter.type !== 'named-options') return options;
  for (const option of parameter.inner ?? []) {
    const name = parameterNames(option).find((one) => left.has(one));
    if (name === undefined) continue;
    options.set(name, left.get(name)!);
    left.delete(name);
  }
  return options;
}

function addPositional(
  values: readonly JsonValue[],
  left: Map<string, JsonValue>,
  leadingHoleCount: number,
  firstGiven: string | null,
): readonly JsonValue[] {
  const positional = left.get(POSITIONAL_NAME);
  if (!left.delete(POSITIONAL_NAME) || !isJsonArray(positional)) return values;
  if (leadingHoleCount < positional.length && firstGiven !== null) {
    refuse(`Parameter ${firstGiven} specified twice both as positional and named argument`);
  }
  return [...positional, ...values.slice(positional.length)];
}
