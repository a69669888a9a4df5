// Walks the schema: whatever a method is, it refuses what does not fit, in Core's words, before it does anything.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ALL_METHODS } from './all-methods.ts';
import type { RpcContext } from './context.ts';
import { RpcDispatcher } from './dispatch.ts';
import { RpcError } from './errors.ts';
import { formatHelp, formatMethodHelp, listConversions } from './help.ts';
import { parseJson } from './json/json-parser.ts';
import { JsonNumber, type JsonObject, type JsonValue } from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';
import { describeApi } from './openrpc.ts';
import { kindOfType } from './parameter-check.ts';
import type { MethodSpec } from './schema.ts';
import { isOptional, type ParameterSpec, parameterNames } from './signature.ts';

/** A context that nobody may touch: what is refused is refused before. */
const UNTOUCHABLE = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`a method has looked at ${String(name)}`);
    },
  },
) as RpcContext;

const dispatcher = new RpcDispatcher(ALL_METHODS, {
  onCall: () => undefined,
  onForbidden: () => undefined,
  onFailure: () => undefined,
  yieldToHost: () => Promise.resolve(),
  hostMs: () => 0,
  checksResults: false,
});
dispatcher.open(UNTOUCHABLE);

async function refusalOf({ name }: MethodSpec, params: readonly JsonValue[] | JsonObject): Promise<RpcError> {
  try {
    await dispatcher.execute(name, params);
  } catch (error) {
    assert.ok(error instanceof RpcError, `${name}: ${String(error)}`);
    return error;
  }
  assert.fail(`${name} took ${formatJson(params)}`);
}

/** A value of the kind that a parameter has. */
function fitting({ type }: ParameterSpec): JsonValue {
  switch (kindOfType(type)) {
    case 'string':
      return 'text';
    case 'bool':
      return true;
    case 'array':
      return [];
    case 'object':
      return new Map();
    default:
      return new JsonNumber('1');
  }
}

/** A value of another kind. */
function unfitting({ type }: ParameterSpec): JsonValue {
  return kindOfType(type) === 'bool' ? new JsonNumber('1') : true;
}

const METHODS = [...ALL_METHODS.values()];

test('every method refuses too few and too many parameters with its help', async () => {
  for (const method of METHODS) {
    const { parameters } = method;
    const all = parameters.map(fitting);
    const help = formatMethodHelp(method);
    const refused = await refusalOf(method, [...all, null]);
    assert.equal(refused.code, -1);
    assert.equal(refused.message, help);
    const requiredCount = parameters.filter((parameter) => !isOptional(parameter)).length;
    if (requiredCount === 0) continue;
    assert.equal((await refusalOf(method, [])).message, help, method.name);
  }
});

test('every method refuses each parameter of another kind by its position and name', async () => {
  for (const method of METHODS) {
    for (const [position, parameter] of method.parameters.entries()) {
      const kind = kindOfType(parameter.type);
      if (kind === null || parameter.skipsTypeCheck === true) continue;
      const params = method.parameters.map(fitting);
      params[position] = unfitting(parameter);
      const refused = await refusalOf(method, params);
      assert.equal(refused.code, -3, method.name);
      assert.match(refused.message, /^Wrong type passed:\n/);
      const got = kind === 'bool' ? 'number' : 'bool';
      const sentence = `"Position ${position + 1} (${parameter.names})": "JSON value of type ${got} is not of expected type ${kind}"`;
      assert.ok(refused.message.includes(sentence), `${method.name}: ${refused.message}`);
    }
  }
});

test('every method refuses a null where a parameter is needed', async () => {
  for (const method of METHODS) {
    for (const [position, parameter] of method.parameters.entries()) {
      if (isOptional(parameter) || kindOfType(parameter.type) === null || parameter.skipsTypeCheck) continue;
      const params = method.parameters.map(fitting);
      params[position] = null;
      assert.equal((await refusalOf(method, params)).code, -3, method.name);
    }
  }
});

test('every method refuses a name that it does not have', async () => {
  for (const method of METHODS) {
    const refused = await refusalOf(method, new Map([['no such name', true]]));
    assert.equal(refused.code, -8);
    assert.equal(refused.message, 'Unknown named parameter no such name');
  }
});

test('names of parameters are unique within a method, and no method is there twice', () => {
  for (const { name, parameters } of METHODS) {
    const names = parameters.flatMap(parameterNames);
    assert.equal(new Set(names).size, names.length, name);
  }
  assert.equal(new Set(METHODS.map(({ name }) => name)).size, ALL_METHODS.size);
});

test('every method has a help text that begins with its name and says what it does', () => {
  for (const method of METHODS) {
    const help = formatHelp(ALL_METHODS, method.name);
    assert.ok(help.startsWith(method.name), method.name);
    assert.ok(method.description.trim().length > 10, method.name);
    assert.ok(!help.includes('undefined'), help);
  }
  assert.equal(formatHelp(ALL_METHODS, 'nothing'), 'help: unknown command: nothing');
});

test('the list of methods has its headings in order, and no hidden method', () => {
  const lines = formatHelp(ALL_METHODS, '').split('\n');
  const headings = lines.filter((line) => line.startsWith('=='));
  assert.deepEqual(
    headings,
    [...headings].sort((a, b) => (a < b ? -1 : 1)),
  );
  assert.ok(headings.includes('== Blockchain =='));
  assert.ok(lines.includes('-- Tallystick --'), 'ours beside them');
  assert.ok(!lines.some((line) => line.startsWith('setmocktime')));
});

test('a parameter of one name is passed in one way by the command line, whatever the method', () => {
  const readings = new Map<string, Set<boolean>>();
  for (const row of listConversions(ALL_METHODS) as readonly (readonly [string, number, string, boolean])[]) {
    const [method, , name, isText] = row;
    if (method === 'echojson') continue;
    readings.set(name, (readings.get(name) ?? new Set()).add(isText));
  }
  const mixed = [...readings].filter(([, ways]) => ways.size > 1).map(([name]) => name);
  assert.deepEqual(
    mixed.filter((name) => name !== 'dummy' && name !== 'psbt'),
    [],
  );
});

test('the OpenRPC document is JSON and names every method that is not hidden', () => {
  const parsed = parseJson(formatJson(describeApi(ALL_METHODS, '1.2.3')));
  assert.ok(parsed.ok && parsed.value instanceof Map);
  const methods = parsed.value.get('methods') as readonly JsonObject[];
  assert.equal(methods.length, METHODS.filter(({ category }) => category !== 'hidden').length);
  assert.equal(parsed.value.get('openrpc'), '1.3.2');
});
