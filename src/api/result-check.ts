// Whether a result is what its method's description says (Core RPCResult::MatchesType): an answer with a field that nobody has
// described is a mistake in the one or the other. Used with -rpcdoccheck, and by tests.

import {
  type JsonKind,
  type JsonOutput,
  type JsonRecord,
  JsonSequence,
  jsonKind,
  WrittenJson,
} from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';
import type { ResultSpec, ResultType } from './signature.ts';

const KIND_OF_RESULT: Readonly<Record<ResultType, JsonKind | null>> = Object.freeze({
  any: null,
  none: 'null',
  string: 'string',
  hex: 'string',
  number: 'number',
  amount: 'number',
  time: 'number',
  boolean: 'bool',
  array: 'array',
  'array-fixed': 'array',
  object: 'object',
  'object-dynamic': 'object',
});

/** What is wrong, as text or by field; null: nothing. Recursion is bounded by the description, which is ours. */
function findMismatch(spec: ResultSpec, value: JsonOutput): JsonOutput {
  const expected = KIND_OF_RESULT[spec.type];
  if (spec.skipsTypeCheck === true || expected === null) return null;
  const kind = jsonKind(value);
  if (kind !== expected) return `returned type is ${kind}, but declared as ${expected} in doc`;
  // What is made while it is written cannot be looked at before.
  if (value instanceof JsonSequence || value instanceof WrittenJson) return null;
  const inner = spec.inner ?? [];
  const mismatches = new Map<string, JsonOutput>();
  const note = (key: string, mismatch: JsonOutput): void => {
    if (mismatch !== null) mismatches.set(key, mismatch);
  };
  if (kind === 'array') {
    for (const [position, item] of (value as readonly JsonOutput[]).entries()) {
      const one = inner[Math.min(position, inner.length - 1)];
      note(`${position}`, one === undefined ? 'item returned that was not in doc' : findMismatch(one, item));
    }
  } else if (kind === 'object') {
    checkFields(spec, entriesOf(value as JsonRecord), note);
  }
  return mismatches.size === 0 ? null : mismatches;
}

function entriesOf(value: JsonRecord | ReadonlyMap<string, JsonOutput>): Map<string, JsonOutput> {
  const entries = value instanceof Map ? [...value] : Object.entries(value as JsonRecord);
  return new Map(entries.filter((entry): entry is [string, JsonOutput] => entry[1] !== undefined));
}

function checkFields(
  { type, inner = [] }: ResultSpec,
  fields: Map<string, JsonOutput>,
  note: (key: string, mismatch: JsonOutput) => void,
): void {
  if (type === 'object-dynamic') {
    for (const [key, field] of fields) note(key, findMismatch(inner[0]!, field));
    return;
  }
  for (const key of fields.keys()) {
    if (!inner.some((one) => one.key === key)) note(key, 'key returned that was not in doc');
  }
  for (const one of inner) {
    const field = fields.get(one.key ?? '');
    if (field !== undefined) note(one.key ?? '', findMismatch(one, field));
    else if (one.isOptional !== true) note(one.key ?? '', 'key missing, despite not being optional in doc');
  }
}

/** What is wrong with a result, in words, or null when it fits one of the descriptions. */
export function describeResultMismatch(specs: readonly ResultSpec[], value: JsonOutput): string | null {
  const mismatches: JsonOutput[] = [];
  for (const spec of specs) {
    const mismatch = findMismatch(spec, value);
    if (mismatch === null) return null;
    mismatches.push(mismatch);
  }
  if (mismatches.length === 0) return 'no possible results defined';
  return formatJson(mismatches.length === 1 ? mismatches[0]! : mismatches, 4);
}
