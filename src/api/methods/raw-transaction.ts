// Methods that look transactions up, and that make them (Core rpc/rawtransaction.cpp, rpc/rawtransaction_util.cpp).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { TX_VERSION_MAX, TX_VERSION_MIN } from '../../kernel/policy/limits.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import {
  encodeTransaction,
  type TransactionInput,
  type TransactionOutput,
} from '../../kernel/primitives/transaction.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { ScriptBuilder } from '../../kernel/script/script-builder.ts';
import { EMPTY_BYTES, equalBytes, toHex } from '../../kernel/util/bytes.ts';
import { amountFromValue } from '../amount.ts';
import {
  type Arguments,
  asHash,
  asHexBytes,
  asInt64,
  asInteger,
  asList,
  asObject,
  readVerbosity,
} from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import { formatTransaction, TRANSACTION_FIELDS } from '../format/transaction.ts';
import {
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonOutput,
  type JsonRecord,
  type JsonValue,
  writtenKeys,
} from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { maybe, object, optional, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { findAnywhere, findInBlock, readSpent } from './find-transaction.ts';

async function getRawTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain } = context;
  const txid = asHash(args.value('txid'), 'parameter 1');
  if (equalBytes(txid, chain.index.merkleRoot(chain.active.at(0)))) {
    throw new RpcError(
      RPC_CODE.INVALID_ADDRESS_OR_KEY,
      'The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved',
    );
  }
  const verbosity = readVerbosity(args.value('verbosity'), 0, true);
  const isBlockGiven = args.has('blockhash');
  const found = isBlockGiven
    ? await findInBlock(context, txid, asHash(args.value('blockhash'), 'parameter 3'))
    : await findAnywhere(context, txid);
  if (verbosity <= 0) return toHex(found.transaction.serialized());
  const spent = verbosity === 1 ? null : await readSpent(context, found);
  const format = { spent, showsPrevouts: true, showsHex: true };
  return {
    in_active_chain: isBlockGiven ? chain.active.contains(found.entry) : undefined,
    ...formatTransaction(found.transaction, format, context),
    ...formatPlace(context, found.entry),
  };
}

function formatPlace({ chain: { index, active } }: RpcContext, entry: BlockEntry): JsonRecord {
  if (entry === NO_ENTRY) return {};
  const blockhash = formatHash(index.blockHash(entry));
  if (!active.contains(entry)) return { blockhash, confirmations: 0 };
  const time = index.timeSec(entry);
  return { blockhash, confirmations: 1 + active.height - index.height(entry), time, blocktime: time };
}

// --- making ------------------------------------------------------------------------------------------------------------------------

/** Version of new transactions (Core DEFAULT_RAWTX_VERSION). */
const DEFAULT_VERSION = 2;

const SEQUENCE_FINAL = 0xffffffff;
/** The highest that counts a locktime. */
const SEQUENCE_NONFINAL_MAX = 0xfffffffe;
/** The highest that says that the transaction may be replaced (BIP125). */
const SEQUENCE_REPLACEABLE_MAX = 0xfffffffd;

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

function createRawTransaction(context: RpcContext, args: Arguments): JsonOutput {
  const isReplaceable = args.flag('replaceable', null);
  const locktime = args.int64('locktime', 0);
  if (locktime < 0 || locktime > SEQUENCE_FINAL) refuse('Invalid parameter, locktime out of range');
  const version = args.has('version') ? asInteger(args.value('version'), 0, SEQUENCE_FINAL) : DEFAULT_VERSION;
  if (version < TX_VERSION_MIN || version > TX_VERSION_MAX) {
    refuse(`Invalid parameter, version out of range(${TX_VERSION_MIN}~${TX_VERSION_MAX})`);
  }
  const inputs = readInputs(args.value('inputs'), isReplaceable ?? true, locktime);
  const outputs = readOutputs(context, args.value('outputs'));
  const isSignalled = inputs.some(({ sequence }) => sequence <= SEQUENCE_REPLACEABLE_MAX);
  if (isReplaceable === true && inputs.length > 0 && !isSignalled) {
    refuse('Invalid parameter combination: Sequence number(s) contradict replaceable option');
  }
  return toHex(encodeTransaction({ version, inputs, outputs, locktime }));
}

/** Reads the inputs of a new transaction (Core AddInputs). */
function readInputs(value: JsonValue, isReplaceable: boolean, locktime: number): readonly TransactionInput[] {
  let sequence = SEQUENCE_FINAL;
  if (isReplaceable) sequence = SEQUENCE_REPLACEABLE_MAX;
  else if (locktime !== 0) sequence = SEQUENCE_NONFINAL_MAX;
  if (value === null) return [];
  return asList(value).map((one) => {
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
function readPairs(value: JsonValue): readonly (readonly [key: string, value: JsonValue])[] {
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
function readOutputs({ params }: RpcContext, value: JsonValue): readonly TransactionOutput[] {
  const seen: Set<string> = new Set();
  return readPairs(value).map(([key, amount]) => {
    if (key === 'data') {
      if (seen.has(key)) refuse('Invalid parameter, duplicate key: data');
      seen.add(key);
      const data = asHexBytes(amount instanceof JsonNumber ? amount.text : amount, 'Data');
      return { valueSat: 0, scriptPubKey: new ScriptBuilder().op(OP.OP_RETURN).push(data).build() };
    }
    const { script } = readAddress(key, params.prefixes);
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

const PLACE_FIELDS: readonly ResultSpec[] = [
  maybe('in_active_chain', 'boolean', 'Whether the block is in the active chain, if a block was given'),
  maybe('blockhash', 'hex', 'The block'),
  maybe('confirmations', 'number', 'The confirmations'),
  maybe('blocktime', 'time', 'Time of the block, in seconds since 1970'),
  maybe('time', 'number', 'The same'),
];

/** The methods of this file. */
export const RAW_TRANSACTION_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getrawtransaction',
    category: 'rawtransactions',
    description:
      'Shows a transaction of the memory pool, of a block whose hash is given, or, with -txindex, of any block.\nVerbosity 0: its bytes in hexadecimal. 1: an object. 2: an object with the fee and what it spends, where that is known.',
    parameters: [
      param('txid', 'hex', 'The transaction id'),
      param('verbosity|verbose', 'number', '0 to 2, see above', { default: 0, skipsTypeCheck: true }),
      optional('blockhash', 'hex', 'The block to look in'),
    ],
    results: [
      result('string', 'The bytes in hexadecimal', { condition: 'if verbosity is not set or set to 0' }),
      object([...PLACE_FIELDS, ...TRANSACTION_FIELDS], { condition: 'if verbosity is 1 or 2' }),
    ],
    examples: ['"mytxid"', '"mytxid" 1', '"mytxid" 2 "myblockhash"'],
    run: getRawTransaction,
  },
  {
    name: 'createrawtransaction',
    category: 'rawtransactions',
    description: 'Makes a transaction that is not signed. It is not kept and not sent.',
    parameters: [
      param('inputs', 'array', 'The inputs', {
        inner: [
          optional('', 'object', '', {
            inner: [
              param('txid', 'hex', 'The transaction id'),
              param('vout', 'number', 'Number of the output'),
              param('sequence', 'number', 'The sequence number', {
                defaultHint: "depends on the value of the 'replaceable' and 'locktime' arguments",
              }),
            ],
          }),
        ],
      }),
      param(
        'outputs',
        'array',
        'The outputs as pairs of keys and values; an object of such pairs is taken, too.\nEvery address may stand once, and one data output.',
        {
          skipsTypeCheck: true,
          inner: [
            optional('', 'user-keys', '', {
              inner: [param('address', 'amount', 'The key is the address, the value the amount in BTC')],
            }),
            optional('', 'object', '', {
              inner: [param('data', 'hex', 'The key is "data", the value what stands in an OP_RETURN output')],
            }),
          ],
        },
      ),
      param('locktime', 'number', 'The lock time; if not 0, inputs have it count', { default: 0 }),
      param('replaceable', 'boolean', 'Whether the transaction says that it may be replaced (BIP125)', {
        default: true,
      }),
      param('version', 'number', 'The version', { default: DEFAULT_VERSION }),
    ],
    results: [result('hex', 'The transaction in hexadecimal')],
    examples: ['"[{\\"txid\\":\\"myid\\",\\"vout\\":0}]" "[{\\"address\\":0.01}]"'],
    run: createRawTransaction,
  },
]);
