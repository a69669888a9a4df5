// The schema as an OpenRPC document (open-rpc.org), for tools that make clients, forms and documentation from it.

import type { JsonOutput, JsonRecord } from './json/json-value.ts';
import { kindOfType } from './parameter-check.ts';
import {
  firstName,
  isOptional,
  type ParameterSpec,
  parameterNames,
  type ResultSpec,
  type ResultType,
  type SignatureTable,
} from './signature.ts';

/** The version of OpenRPC that the document follows. */
const OPENRPC_VERSION = '1.3.2';

const SCHEMA_TYPES: Readonly<Record<string, string>> = Object.freeze({
  null: 'null',
  bool: 'boolean',
  object: 'object',
  array: 'array',
  string: 'string',
  number: 'number',
});

function describeParameter(parameter: ParameterSpec): JsonRecord {
  const { type, description, inner = [], default: value } = parameter;
  const kind = kindOfType(type);
  const isObject = type === 'object' || type === 'named-options';
  return {
    ...(kind === null ? {} : { type: SCHEMA_TYPES[kind] }),
    description,
    default: value,
    ...(type === 'array' ? { items: inner[0] === undefined ? {} : describeParameter(inner[0]) } : {}),
    ...(isObject
      ? { properties: Object.fromEntries(inner.map((one) => [firstName(one), describeParameter(one)])) }
      : {}),
  };
}

const RESULT_TYPES: Readonly<Record<ResultType, string | null>> = Object.freeze({
  any: null,
  none: 'null',
  string: 'string',
  hex: 'string',
  number: 'number',
  amount: 'number',
  time: 'number',
  boolean: 'boolean',
  array: 'array',
  'array-fixed': 'array',
  object: 'object',
  'object-dynamic': 'object',
});

function describeResult({ type, description = '', inner = [] }: ResultSpec): JsonRecord {
  const jsonType = RESULT_TYPES[type];
  const base = { ...(jsonType === null ? {} : { type: jsonType }), description };
  if (type === 'array') return { ...base, items: inner[0] === undefined ? {} : describeResult(inner[0]) };
  if (type === 'array-fixed') return { ...base, prefixItems: inner.map(describeResult) };
  if (type === 'object-dynamic') {
    return { ...base, additionalProperties: inner[0] === undefined ? {} : describeResult(inner[0]) };
  }
  if (type !== 'object') return base;
  return {
    ...base,
    properties: Object.fromEntries(inner.map((one) => [one.key ?? '', describeResult(one)])),
    required: inner.filter((one) => one.isOptional !== true).map((one) => one.key ?? ''),
  };
}

function describeResults(results: readonly ResultSpec[]): JsonRecord {
  const shown = results.filter(({ type }) => type !== 'any');
  if (shown.length === 1) return describeResult(shown[0]!);
  return { oneOf: shown.map(describeResult) };
}

/** The document. */
export function describeApi(methods: SignatureTable, version: string): JsonOutput {
  return {
    openrpc: OPENRPC_VERSION,
    info: { title: 'Tallystick JSON-RPC', version },
    methods: [...methods.values()]
      .filter(({ category }) => category !== 'hidden')
      .map(({ name, category, description, parameters, results }) => ({
        name,
        description: description.trim(),
        tags: [{ name: category }],
        params: parameters.map((parameter) => ({
          name: firstName(parameter),
          required: !isOptional(parameter),
          schema: describeParameter(parameter),
          ...(parameterNames(parameter).length > 1 ? { 'x-aliases': parameterNames(parameter).slice(1) } : {}),
        })),
        result: { name: 'result', schema: describeResults(results) },
      })),
  };
}
