// The parameters of one call as a method sees them: by name, with their defaults, and with Core's errors when a value does not fit
// (Core RPCMethod::Arg and MaybeArg, univalue's getters, ParseHashV, ParseHexV).

import type { BlockHash, Txid } from '../kernel/primitives/hashes.ts';
import { parseBlockHash } from '../kernel/primitives/hashes.ts';
import { assert } from '../kernel/util/assert.ts';
import { parseHex } from '../kernel/util/bytes.ts';
import { RPC_CODE, RpcError } from './errors.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonKind,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  jsonKind,
} from './json/json-value.ts';
import { describeWrongKind } from './parameter-check.ts';
import { firstName, type MethodSignature } from './signature.ts';

const INTEGER = /^-?[0-9]+$/;
/** What Core's `int` holds. */
const INT32_MAX: number = 2 ** 31 - 1;

function wrongKind(value: JsonValue, expected: JsonKind): RpcError {
  return new RpcError(RPC_CODE.TYPE_ERROR, describeWrongKind(value, expected));
}

/** The text that a value is; throws when it is none. */
export function asText(value: JsonValue): string {
  if (typeof value !== 'string') throw wrongKind(value, 'string');
  return value;
}

/** The flag that a value is; throws when it is none. */
export function asFlag(value: JsonValue): boolean {
  if (typeof value !== 'boolean') throw wrongKind(value, 'bool');
  return value;
}

/** The list that a value is; throws when it is none. */
export function asList(value: JsonValue): readonly JsonValue[] {
  if (!isJsonArray(value)) throw wrongKind(value, 'array');
  return value;
}

/** The object that a value is; throws when it is none. */
export function asObject(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw wrongKind(value, 'object');
  return value;
}

/** The integer that a value is, between bounds that are those of an int32 unless given; throws when it is none. */
export function asInteger(value: JsonValue, min: number = -INT32_MAX - 1, max: number = INT32_MAX): number {
  if (!(value instanceof JsonNumber)) throw wrongKind(value, 'number');
  const number = INTEGER.test(value.text) ? Number(value.text) : Number.NaN;
  if (!(number >= min && number <= max)) throw new RpcError(RPC_CODE.MISC_ERROR, 'JSON integer out of range');
  return number + 0;
}

/** The same for what is an int64 in Core; beyond the safe integers nothing is exact, nor meaningful. */
export function asInt64(value: JsonValue): number {
  return asInteger(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/** The number that a value is, as a double; throws when it is none. */
export function asDouble(value: JsonValue): number {
  if (!(value instanceof JsonNumber)) throw wrongKind(value, 'number');
  const number = Number(value.text);
  if (!Number.isFinite(number)) throw new RpcError(RPC_CODE.MISC_ERROR, 'JSON double out of range');
  return number;
}

/** 32 bytes from their 64 digits as people read them, in internal order; `name` is for the error. */
export function asHash(value: JsonValue, name: string): BlockHash & Txid {
  const text = asText(value);
  const hash = parseBlockHash(text);
  if (hash !== null) return hash as BlockHash & Txid;
  const problem =
    text.length === 64
      ? `must be hexadecimal string (not '${text}')`
      : `must be of length 64 (not ${text.length}, for '${text}')`;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `${name} ${problem}`);
}

/** Bytes from their hexadecimal text, which is not empty; `name` is for the error. */
export function asHexBytes(value: JsonValue, name: string): Uint8Array {
  const text = typeof value === 'string' ? value : '';
  const parsed = parseHex(text);
  if (!parsed.ok || text === '') {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `${name} must be hexadecimal string (not '${text}')`);
  }
  return parsed.value;
}

/** The parameters of a call. */
export class Arguments {
  readonly #method: MethodSignature;
  readonly #values: readonly JsonValue[];

  constructor(method: MethodSignature, values: readonly JsonValue[]) {
    this.#method = method;
    this.#values = values;
  }

  /** How many were given, nulls included. */
  get count(): number {
    return this.#values.length;
  }

  /** All that were given, in order. */
  get values(): readonly JsonValue[] {
    return this.#values;
  }

  /** A parameter as it was given, or null. */
  value(name: string): JsonValue {
    const position = this.#method.parameters.findIndex((parameter) => firstName(parameter) === name);
    assert(position >= 0, `${this.#method.name} has no parameter ${name}`);
    return this.#values[position] ?? null;
  }

  /** Whether a parameter was given, and not as null. */
  has(name: string): boolean {
    return this.value(name) !== null;
  }

  text(name: string): string;
  text<T>(name: string, fallback: T): string | T;
  text<T>(name: string, fallback?: T): string | T {
    return this.#read(name, fallback, asText);
  }

  flag(name: string): boolean;
  flag<T>(name: string, fallback: T): boolean | T;
  flag<T>(name: string, fallback?: T): boolean | T {
    return this.#read(name, fallback, asFlag);
  }

  /** An int32, as Core's `int`. */
  integer(name: string): number;
  integer<T>(name: string, fallback: T): number | T;
  integer<T>(name: string, fallback?: T): number | T {
    return this.#read(name, fallback, (value) => asInteger(value));
  }

  /** An int64. */
  int64(name: string): number;
  int64<T>(name: string, fallback: T): number | T;
  int64<T>(name: string, fallback?: T): number | T {
    return this.#read(name, fallback, asInt64);
  }

  list(name: string): readonly JsonValue[];
  list<T>(name: string, fallback: T): readonly JsonValue[] | T;
  list<T>(name: string, fallback?: T): readonly JsonValue[] | T {
    return this.#read(name, fallback, asList);
  }

  object(name: string): JsonObject;
  object<T>(name: string, fallback: T): JsonObject | T;
  object<T>(name: string, fallback?: T): JsonObject | T {
    return this.#read(name, fallback, asObject);
  }

  /** A hash of 64 digits, in internal order. */
  hash(name: string): BlockHash & Txid {
    return asHash(this.value(name), name);
  }

  /** Bytes of a hexadecimal text. */
  bytes(name: string): Uint8Array {
    return asHexBytes(this.value(name), name);
  }

  #read<T, R>(name: string, fallback: T | undefined, read: (value: JsonValue) => R): R | T {
    const value = this.value(name);
    return value === null && fallback !== undefined ? fallback : read(value);
  }
}

/** The level of detail that `verbosity` asks for: a number, or a flag for 0 and 1 (Core ParseVerbosity). */
export function readVerbosity(value: JsonValue, fallback: number, isFlagAllowed: boolean): number {
  if (value === null) return fallback;
  if (jsonKind(value) !== 'bool') return asInteger(value);
  if (isFlagAllowed) return value === true ? 1 : 0;
  throw new RpcError(RPC_CODE.TYPE_ERROR, 'Verbosity was boolean but only integer allowed');
}
