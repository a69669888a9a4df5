// Transactions as callers describe them: inputs, outputs, locktime (Core rpc/rawtransaction_util.cpp ConstructTransaction). Serves
// createrawtransaction, and the methods of wallets and of PSBTs that begin with the same description. Reading is cut into steps: a list
// may be as long as that of the largest transaction.

import { MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import type { KeyPrefixes } from '../../kernel/consensus/params.ts';
import { TX_VERSION_MAX, TX_VERSION_MIN } from '../../kernel/policy/limits.ts';
import type { TransactionData, TransactionInput, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { ScriptBuilder } from '../../kernel/script/script-builder.ts';
import { EMPTY_BYTES, toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps, type Steps } from '../../kernel/util/steps.ts';
import { amountFromValue } from '../amount.ts';
import { asHash, asHexBytes, asInt64, asInteger, asList, asObject } from '../arguments.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue, writtenKeys } from '../json/json-value.ts';

/** Version of new transactions (Core DEFAULT_RAWTX_VERSION). */
export const DEFAULT_VERSION = 2;

/** The highest sequence number, also the highest of other uint32. */
export const SEQUENCE_FINAL = 0xffffffff;
/** The highest that counts a locktime. */
const SEQUENCE_NONFINAL_MAX = 0xfffffffe;
/** The highest that says that the transaction may be replaced (BIP125). */
const SEQUENCE_REPLACEABLE_MAX = 0xfffffffd;

/** More inputs than a transaction of any block has: one is of 41 bytes at least, each of weight 4. */
const INPUT_COUNT_MAX: number = Math.floor(MAX_BLOCK_WEIGHT / (4 * 41));
/** The same of outputs, of nine bytes at least. */
const OUTPUT_COUNT_MAX: number = Math.floor(MAX_BLOCK_WEIGHT / (4 * 9));

/** Inputs or outputs that are read in one step, some milliseconds. */
const ITEMS_PER_STEP = 256;

/** A transaction as it is described. */
export interface TransactionParameters {
  readonly inputs: JsonValue;
  readonly outputs: JsonValue;
  readonly locktime: JsonValue;
  /** Null: yes, unless sequence numbers say otherwise. */
  readonly isReplaceable: boolean | null;
  readonly version: number;
}

/** Reads a whole description. Throws RpcErrors with Core's words. */
export function readTransactionData(prefixes: KeyPrefixes, given: TransactionParameters): TransactionData {
  return runAllSteps(readTransactionDataInSteps(prefixes, given));
}

/** {@link readTransactionData} with pauses. */
export function* readTransactionDataInSteps(
  prefixes: KeyPrefixes,
  given: TransactionParameters,
): Steps<TransactionData> {
  const { isReplaceable, version } = given;
  const locktime = given.locktime === null ? 0 : asInt64(given.locktime);
  if (locktime < 0 || locktime > SEQUENCE_FINAL) refuse('Invalid parameter, locktime out of range');
  if (version < TX_VERSION_MIN || version > TX_VERSION_MAX) {
    refuse(`Invalid parameter, version out of range(${TX_VERSION_MIN}~${TX_VERSION_MAX})`);
  }
  const inputs = yield* readInputs(given.inputs, isReplaceable ?? true, locktime);
  const outputs = yield* readOutputsInSteps(prefixes, given.outputs);
  const isSignalled = inputs.some(({ sequence }) => sequence <= SEQUENCE_REPLACEABLE_MAX);
  if (isReplaceable === true && inputs.length > 0 && !isSignalled) {
    refuse('Invalid parameter combination: Sequence number(s) contradict replaceable option');
  }
  return { version, inputs, outputs, locktime };
}

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

/** Reads one after another, with pauses. */
function* readEach<T, R>(items: readonly T[], countMax: number, read: (item: T) => R): Steps<readonly R[]> {
  if (items.length > countMax) refuse(`Invalid parameter, no transaction can have more than ${countMax} of these`);
  const all: R[] = [];
  for (const [i, item] of items.entries()) {
    all.push(read(item));
    if (i % ITEMS_PER_STEP === 0) yield;
  }
  return all;
}

/** Reads the inputs of a new transaction (Core AddInputs). */
function* readInputs(value: JsonValue, isReplaceable: boolean, locktime: number): Steps<readonly TransactionInput[]> {
  let sequence = SEQUENCE_FINAL;
  if (isReplaceable) sequence = SEQUENCE_REPLACEABLE_MAX;
  else if (locktime !== 0) sequence = SEQUENCE_NONFINAL_MAX;
  if (value === null) return [];
  return yield* readEach(asList(value), INPUT_COUNT_MAX, (one) => {
    const input = asObject(one);
    const txid = asHash(input.get('txid') ?? null, 'txid');
    const index = input.get('vout') ?? null;
    if (!(index instanceof JsonNumber)) refuse('Invalid parameter, missing vout key');
    if (asInteger(index) < 0) refuse('Invalid parameter, vout cannot be negative');
    const given = input.get('sequence') ?? null;
    return {
      prevout: { txid, index: asInteger(index) },
      scriptSig: EMPTY_BYTES,
      sequence: given instanceof JsonNumber ? readSequence(given) : sequence,
    };
  });
}

function readSequence(value: JsonNumber): number {
  const sequence = asInt64(value);
  if (sequence < 0 || sequence > SEQUENCE_FINAL) refuse('Invalid parameter, sequence number is out of range');
  return sequence;
}

/** Pairs of keys and values as they were written: from an object, or an array of objects with one each (Core NormalizeOutputs). */
export function readPairs(value: JsonValue): readonly (readonly [key: string, value: JsonValue])[] {
  if (value === null) refuse('Invalid parameter, output argument must be non-null');
  if (isJsonObject(value)) return pairsOf(value);
  return asList(value).map((one) => {
    if (!isJsonObject(one)) refuse('Invalid parameter, key-value pair not an object as expected');
    const [pair, ...others] = pairsOf(one);
    if (pair === undefined || others.length > 0) {
      refuse('Invalid parameter, key-value pair must contain exactly one key');
    }
    return pair;
  });
}

function pairsOf(object: JsonObject): readonly (readonly [key: string, value: JsonValue])[] {
  return writtenKeys(object).map((key) => [key, object.get(key)!]);
}

/** Reads the outputs of a new transaction (Core ParseOutputs). */
export function readOutputs(prefixes: KeyPrefixes, value: JsonValue): readonly TransactionOutput[] {
  return runAllSteps(readOutputsInSteps(prefixes, value));
}

function* readOutputsInSteps(prefixes: KeyPrefixes, value: JsonValue): Steps<readonly TransactionOutput[]> {
  const seen: Set<string> = new Set();
  return yield* readEach(readPairs(value), OUTPUT_COUNT_MAX, ([key, amount]) => {
    if (key === 'data') {
      if (seen.has(key)) refuse('Invalid parameter, duplicate key: data');
      seen.add(key);
      const data = asHexBytes(amount instanceof JsonNumber ? amount.text : amount, 'Data');
      return { valueSat: 0, scriptPubKey: new ScriptBuilder().op(OP.OP_RETURN).push(data).build() };
    }
    const { script } = readAddress(key, prefixes);
    const valueSat = amountFromValue(amount);
    if (script === null) {
      throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Invalid Bitcoin address: ${key}`);
    }
    const scriptHex = toHex(script);
    if (seen.has(scriptHex)) refuse(`Invalid parameter, duplicated address: ${key}`);
    seen.add(scriptHex);
    return { valueSat, scriptPubKey: script };
  });
}
