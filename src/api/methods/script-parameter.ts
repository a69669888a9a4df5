// Output scripts as they stand in requests: as descriptors, with a range of positions where they need one (Core
// getScriptFromDescriptor, EvalDescriptorStringOrObject, ParseDescriptorRange).

import { err, ok, type Result } from '../../kernel/util/result.ts';
import { type Descriptor, isRanged } from '../../wallet/descriptor/descriptor.ts';
import { DescriptorExpander } from '../../wallet/descriptor/expand.ts';
import { KeyRing } from '../../wallet/descriptor/key-ring.ts';
import { parseDescriptor, parseDescriptorSteps } from '../../wallet/descriptor/parse.ts';
import { asInt64, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { ScriptContext } from '../format/script.ts';
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from '../json/json-value.ts';
import { optional, param } from '../schema-words.ts';
import type { ParameterSpec } from '../signature.ts';
import { runInTurns, runSteps, Turns } from '../turns.ts';

/** What a parameter of scripts to look for may hold: the same for every method that looks for some. */
export const SCAN_OBJECTS: Pick<ParameterSpec, 'oneline' | 'inner'> = {
  oneline: '[scanobjects,...]',
  inner: [
    optional('descriptor', 'string', 'A descriptor'),
    optional('', 'object', 'A descriptor with a range', {
      inner: [
        param('desc', 'string', 'A descriptor'),
        param('range', 'range', 'The end, or the begin and the end, of the positions', { default: 1000 }),
      ],
    }),
  ],
};

/** A descriptor's alternatives, and the keys that stand in it. */
export interface ReadDescriptor {
  readonly descriptors: readonly Descriptor[];
  readonly ring: KeyRing;
}

/** Positions in a row of keys, both included. */
export interface PositionRange {
  readonly first: number;
  readonly last: number;
}

/** Positions that are looked at where a call names none (Core). */
const DEFAULT_RANGE: PositionRange = { first: 0, last: 1000 };
/** Highest position: that of the last child that is not hardened. */
const POSITION_MAX: number = 2 ** 31 - 1;
/** Most positions of one call. */
const RANGE_SIZE_MAX = 1_000_000;

/** Reads a descriptor; the error is a sentence. */
export function readDescriptor(
  text: string,
  { params, secp }: ScriptContext,
  requiresChecksum = false,
): Result<ReadDescriptor, string> {
  const ring = new KeyRing();
  const parsed = parseDescriptor(text, { prefixes: params.prefixes, secp, ring }, { requiresChecksum });
  return parsed.ok ? ok({ descriptors: parsed.value, ring }) : parsed;
}

/** The same; throws the sentence. */
export function requireDescriptor(text: string, context: ScriptContext, requiresChecksum = false): ReadDescriptor {
  const read = readDescriptor(text, context, requiresChecksum);
  if (!read.ok) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, read.error);
  return read.value;
}

/** The same for a text that may be long, in turns. */
export async function requireLongDescriptor(
  text: string,
  context: RpcContext,
  requiresChecksum = false,
): Promise<ReadDescriptor> {
  const { params, secp } = context;
  const ring = new KeyRing();
  const steps = parseDescriptorSteps(text, { prefixes: params.prefixes, secp, ring }, { requiresChecksum });
  const parsed = await runSteps(context, steps);
  // What comes next begins with a turn of its own.
  await context.timers.yieldToHost();
  if (!parsed.ok) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, parsed.error);
  return { descriptors: parsed.value, ring };
}

/** The one output script that a descriptor stands for; the error is a sentence about the text, other faults are thrown. */
export function parseSingleScript(text: string, context: ScriptContext): Result<Uint8Array, string> {
  const read = readDescriptor(text, context);
  if (!read.ok) return read;
  const { descriptors, ring } = read.value;
  if (descriptors.length > 1) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Multipath descriptor not accepted');
  }
  const descriptor = descriptors[0]!;
  if (isRanged(descriptor)) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      'Ranged descriptor not accepted. Maybe pass through deriveaddresses first?',
    );
  }
  const scripts = new DescriptorExpander(ring, context.secp).expand(descriptor, 0);
  if (scripts === null) {
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Cannot derive script without private keys');
  }
  // Of a combo with a compressed key the witness program is taken, of one without the key's hash.
  const script = scripts.length === 1 ? scripts[0] : scripts[scripts.length === 4 ? 2 : 1];
  return script === undefined ? err('') : ok(script);
}

/** Reads a range: its end, or its begin and end. */
export function readRange(value: JsonValue): PositionRange {
  const range = readBareRange(value);
  if (range.first < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Range should be greater or equal than 0');
  if (range.last < 0 || range.last > POSITION_MAX) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'End of range is too high');
  }
  if (range.last >= range.first + RANGE_SIZE_MAX) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Range is too large');
  }
  return range;
}

function readBareRange(value: JsonValue): PositionRange {
  if (value instanceof JsonNumber) return { first: 0, last: asInt64(value) };
  if (isJsonArray(value) && value.length === 2 && value.every((one) => one instanceof JsonNumber)) {
    const [first, last] = [asInt64(value[0]!), asInt64(value[1]!)];
    if (first <= last) return { first, last };
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Range specified as [begin,end] must not have begin after end');
  }
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Range must be specified as end or as [begin,end]');
}

/** Calls `visit` with the scripts of every position and alternative. Many positions take many turns. */
export async function expandDescriptor(
  context: RpcContext,
  { descriptors, ring }: ReadDescriptor,
  range: PositionRange,
  visit: (scripts: readonly Uint8Array[], variant: number) => void,
  missingKeyError = 'Cannot derive script without private keys',
): Promise<void> {
  const expander = new DescriptorExpander(ring, context.secp);
  const turns = new Turns(context);
  for (let position = range.first; position <= range.last; position++) {
    for (const [variant, descriptor] of descriptors.entries()) {
      const scripts = await runInTurns(turns, expander.expandSteps(descriptor, position));
      if (scripts === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, missingKeyError);
      visit(scripts, variant);
      if (turns.isDue) await turns.pause();
    }
  }
}

/** The scripts of a scan object, which is a descriptor, or an object with one and a range; the ring knows their keys. */
export async function expandScanObject(
  context: RpcContext,
  value: JsonValue,
): Promise<ReadDescriptor & { readonly scripts: readonly Uint8Array[] }> {
  const { text, range } = readScanObject(value);
  const read = await requireLongDescriptor(text, context);
  const scripts: Uint8Array[] = [];
  const positions = isRanged(read.descriptors[0]!) ? range : { first: 0, last: 0 };
  await expandDescriptor(
    context,
    read,
    positions,
    (some) => {
      for (const script of some) scripts.push(script);
    },
    `Cannot derive script without private keys: '${text}'`,
  );
  return { ...read, scripts };
}

function readScanObject(value: JsonValue): { readonly text: string; readonly range: PositionRange } {
  if (typeof value === 'string') return { text: value, range: DEFAULT_RANGE };
  if (!isJsonObject(value)) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Scan object needs to be either a string or an object');
  }
  const text = value.get('desc') ?? null;
  if (text === null) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Descriptor needs to be provided in scan object');
  }
  const range = value.get('range') ?? null;
  return { text: asText(text), range: range === null ? DEFAULT_RANGE : readRange(range) };
}
