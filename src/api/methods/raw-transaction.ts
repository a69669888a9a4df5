// Methods that look transactions up, and that make them (Core rpc/rawtransaction.cpp, rpc/rawtransaction_util.cpp).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { TX_VERSION_MAX, TX_VERSION_MIN } from '../../kernel/policy/limits.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type BlockHash, formatHash, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import {
  encodeTransaction,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
} from '../../kernel/primitives/transaction.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { ScriptBuilder } from '../../kernel/script/script-builder.ts';
import { EMPTY_BYTES, equalBytes, equalRange, toHex } from '../../kernel/util/bytes.ts';
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
import { formatTransaction, type SpentByTransaction, TRANSACTION_FIELDS } from '../format/transaction.ts';
import { isJsonObject, JsonNumber, type JsonOutput, type JsonRecord, type JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { maybe, object, optional, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { checkBlockStored, readUndoIfKnown } from './chain-lookup.ts';

/** A transaction and its block; NO_ENTRY for one of the pool. */
interface FoundTransaction {
  readonly transaction: Transaction;
  readonly entry: BlockEntry;
}

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

/** In the pool, or in the chain where it is indexed. */
async function findAnywhere({ pool, indexes }: RpcContext, txid: Txid): Promise<FoundTransaction> {
  const transaction = pool?.mempool.get(txid)?.transaction;
  if (transaction !== undefined) return { transaction, entry: NO_ENTRY };
  const isSynced = await indexes.catchUp('transactions');
  const found = (await indexes.transactions?.find(txid)) ?? null;
  if (found !== null) return found;
  let problem = 'No such mempool or blockchain transaction';
  if (indexes.transactions === null) {
    problem =
      'No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries';
  } else if (!isSynced) {
    problem = 'No such mempool transaction. Blockchain transactions are still in the process of being indexed';
  }
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `${problem}. Use gettransaction for wallet transactions.`);
}

async function findInBlock(context: RpcContext, txid: Txid, blockHash: BlockHash): Promise<FoundTransaction> {
  const { chain } = context;
  const entry = chain.index.find(blockHash);
  if (entry === NO_ENTRY) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block hash not found');
  if (!chain.index.hasData(entry)) throw new RpcError(RPC_CODE.MISC_ERROR, 'Block not available');
  checkBlockStored(context, entry);
  const block = await chain.readBlock(entry);
  const position = findPosition(block, txid);
  if (position >= 0) return { transaction: block.transaction(position), entry };
  throw new RpcError(
    RPC_CODE.INVALID_ADDRESS_OR_KEY,
    'No such transaction found in the provided block. Use gettransaction for wallet transactions.',
  );
}

function findPosition(block: Block, txid: Uint8Array): number {
  const txids = block.txids();
  for (let i = 0; i < block.txCount; i++) {
    if (equalRange(txids, i * HASH_BYTES, txid, 0, HASH_BYTES)) return i;
  }
  return -1;
}

/** What a transaction of a block spends; null where nobody knows it. */
async function readSpent(
  context: RpcContext,
  { transaction, entry }: FoundTransaction,
): Promise<SpentByTransaction | null> {
  if (entry === NO_ENTRY || transaction.isCoinbase || !context.chain.index.hasData(entry)) return null;
  const undo = await readUndoIfKnown(context, entry);
  if (undo === null) return null;
  const position = findPosition(await context.chain.readBlock(entry), transaction.txid);
  return { coins: undo.coins, first: undo.firstCoins[position - 1]! };
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

/** Pairs of keys and values, from an object or from an array of objects with one pair each (Core NormalizeOutputs). */
function readPairs(value: JsonValue): readonly (readonly [key: string, value: JsonValue])[] {
  if (value === null) refuse('Invalid parameter, output argument must be non-null');
  if (isJsonObject(value)) return [...value];
  return asList(value).map((one) => {
    if (!isJsonObject(one)) refuse('Invalid parameter, key-value pair not an object as expected');
    if (one.size !== 1) refuse('Invalid parameter, key-value pair must contain exactly one key');
    return [...one][0]!;
  });
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
