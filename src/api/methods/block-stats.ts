// getblockstats: figures of one block (Core rpc/blockchain.cpp).

import { isBip30Repeat } from '../../kernel/consensus/bip30.ts';
import { getBlockSubsidy } from '../../kernel/consensus/subsidy.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { type Arguments, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { medianTimeOf } from '../format/header.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { computeBlockFigures } from './block-stats-figures.ts';
import { readStoredBlock } from './chain-lookup.ts';
import { readUndoChecked } from './chain-undo.ts';
import { findHashOrHeight } from './indexes.ts';

/** Every statistic with its sentence, in the order in which they are told. */
const STATISTICS: readonly (readonly [name: string, sentence: string])[] = [
  ['avgfee', 'Mean fee'],
  ['avgfeerate', 'Mean feerate, in satoshis per virtual byte'],
  ['avgtxsize', 'Mean size of a transaction'],
  ['blockhash', 'Hash of the block'],
  ['feerate_percentiles', 'Feerates below which 10, 25, 50, 75 and 90 percent of the weight lie'],
  ['height', 'Height of the block'],
  ['ins', 'Inputs, without that of the coinbase'],
  ['maxfee', 'Highest fee'],
  ['maxfeerate', 'Highest feerate, in satoshis per virtual byte'],
  ['maxtxsize', 'Largest size of a transaction'],
  ['medianfee', 'Median fee, rounded down'],
  ['mediantime', 'Median time of the block and the ten before it'],
  ['mediantxsize', 'Median size of a transaction, rounded down'],
  ['minfee', 'Lowest fee'],
  ['minfeerate', 'Lowest feerate, in satoshis per virtual byte'],
  ['mintxsize', 'Smallest size of a transaction'],
  ['outs', 'Outputs'],
  ['subsidy', 'New money of the block'],
  ['swtotal_size', 'Size of all transactions with a witness'],
  ['swtotal_weight', 'Weight of all transactions with a witness'],
  ['swtxs', 'Transactions with a witness'],
  ['time', 'Time of the block'],
  ['total_out', 'Amount of all outputs, without those of the coinbase'],
  ['total_size', 'Size of all transactions but the coinbase'],
  ['total_weight', 'Weight of all transactions but the coinbase'],
  ['totalfee', 'Sum of the fees'],
  ['txs', 'Transactions, the coinbase included'],
  ['utxo_increase', 'Outputs more than inputs'],
  ['utxo_size_inc', 'Bytes that unspent outputs take more, unspendable ones included'],
  ['utxo_increase_actual', 'Unspent outputs more than before'],
  ['utxo_size_inc_actual', 'Bytes that unspent outputs take more'],
];

async function getBlockStats(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, params } = context;
  const { index } = chain;
  const entry = findHashOrHeight(context, args.value('hash_or_height'));
  const wanted = args.list('stats', []).map(asText);
  const block = await readStoredBlock(context, entry);
  const undo = await readUndoChecked(context, entry);
  const height = index.height(entry);
  const blockHash = index.blockHash(entry);
  const isRepeat = isBip30Repeat(params.consensus, height, blockHash);
  const all: JsonRecord = {
    ...computeBlockFigures(block, { undo, isFirst: height === 0, isRepeat }),
    blockhash: formatHash(blockHash),
    height,
    mediantime: medianTimeOf(index, entry),
    subsidy: getBlockSubsidy(height, params.consensus),
    time: index.timeSec(entry),
  };
  const names = wanted.length === 0 ? STATISTICS.map(([name]) => name) : [...new Set(wanted)].sort(compareNames);
  return pick(all, names);
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function pick(all: JsonRecord, names: readonly string[]): JsonOutput {
  const picked = new Map<string, JsonOutput>();
  for (const name of names) {
    const value = Object.hasOwn(all, name) ? all[name] : undefined;
    if (value === undefined) {
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid selected statistic '${name}'`);
    }
    picked.set(name, value);
  }
  return picked;
}

function describeStatistic([name, sentence]: readonly [string, string]): ResultSpec {
  if (name === 'blockhash') return maybe(name, 'hex', sentence);
  if (name !== 'feerate_percentiles') return maybe(name, 'number', sentence);
  const inner = [10, 25, 50, 75, 90].map((percent) =>
    field(`${percent}th_percentile_feerate`, 'number', `For ${percent} percent`),
  );
  return maybe(name, 'array-fixed', sentence, { inner });
}

/** The methods of this file. */
export const BLOCK_STATS_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getblockstats',
    category: 'blockchain',
    description: 'Tells figures of a block. Amounts are in satoshis. Of blocks that were pruned nothing can be told.',
    parameters: [
      param('hash_or_height', 'number', 'Hash or height of the block', {
        skipsTypeCheck: true,
        typeTexts: ['', 'string or numeric'],
      }),
      param('stats', 'array', 'Names of the figures that are wanted', {
        defaultHint: 'all values',
        oneline: 'stats',
        inner: [
          optional('height', 'string', 'A figure that is wanted'),
          optional('time', 'string', 'A figure that is wanted'),
        ],
      }),
    ],
    results: [object(STATISTICS.map(describeStatistic))],
    examples: [
      '\'"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"\' \'["minfeerate","avgfeerate"]\'',
      '1000 \'["minfeerate","avgfeerate"]\'',
    ],
    run: getBlockStats,
  },
]);
