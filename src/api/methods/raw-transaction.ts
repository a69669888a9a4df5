// Methods that look transactions up, and that make them (Core rpc/rawtransaction.cpp, rpc/rawtransaction_util.cpp).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { encodeTransaction, type TransactionData } from '../../kernel/primitives/transaction.ts';
import { equalBytes, toHex } from '../../kernel/util/bytes.ts';
import { type Arguments, asHash, asInteger, readVerbosity } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatTransaction, TRANSACTION_FIELDS } from '../format/transaction.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { maybe, object, optional, param, result } from '../schema-words.ts';
import type { ParameterSpec, ResultSpec } from '../signature.ts';
import { runSteps } from '../turns.ts';
import { findAnywhere, findInBlock, readSpent } from './find-transaction.ts';
import { DEFAULT_VERSION, readTransactionDataInSteps, SEQUENCE_FINAL } from './transaction-parameters.ts';

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

/** The transaction that arguments describe, those of NEW_TRANSACTION_PARAMETERS. */
export function readNewTransaction(context: RpcContext, args: Arguments): Promise<TransactionData> {
  const { prefixes } = context.params;
  const version = args.has('version') ? asInteger(args.value('version'), 0, SEQUENCE_FINAL) : DEFAULT_VERSION;
  const steps = readTransactionDataInSteps(prefixes, {
    inputs: args.value('inputs'),
    outputs: args.value('outputs'),
    locktime: args.value('locktime'),
    isReplaceable: args.flag('replaceable', null),
    version,
  });
  return runSteps(context, steps);
}

async function createRawTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  return toHex(encodeTransaction(await readNewTransaction(context, args)));
}

const PLACE_FIELDS: readonly ResultSpec[] = [
  maybe('in_active_chain', 'boolean', 'Whether the block is in the active chain, if a block was given'),
  maybe('blockhash', 'hex', 'The block'),
  maybe('confirmations', 'number', 'The confirmations'),
  maybe('blocktime', 'time', 'Time of the block, in seconds since 1970'),
  maybe('time', 'number', 'The same'),
];

/** What a new transaction is described by. */
export const NEW_TRANSACTION_PARAMETERS: readonly ParameterSpec[] = Object.freeze([
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
]);

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
    parameters: NEW_TRANSACTION_PARAMETERS,
    results: [result('hex', 'The transaction in hexadecimal')],
    examples: ['"[{\\"txid\\":\\"myid\\",\\"vout\\":0}]" "[{\\"address\\":0.01}]"'],
    run: createRawTransaction,
  },
]);
