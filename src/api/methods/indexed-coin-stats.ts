// Figures of all unspent outputs at any block, from the index of them (Core gettxoutsetinfo with -coinstatsindex).

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import type { CoinStatsIndex } from '../../node/index/coin-stats-index.ts';
import { type CoinTotals, NO_TOTALS, sumLost } from '../../node/index/coin-totals.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { JsonNumber, type JsonOutput, type JsonRecord, type JsonValue } from '../json/json-value.ts';
import { field, maybe } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { findBlock } from './chain-lookup.ts';

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

/** The block that a height or a hash names. */
function readBlock(context: RpcContext, value: JsonValue): BlockEntry {
  if (!(value instanceof JsonNumber)) return findBlock(context, value, 'hash_or_height');
  const { active } = context.chain;
  const height = asInteger(value);
  if (height < 0) refuse(`Target block height ${height} is negative`);
  if (height > active.height) refuse(`Target block height ${height} after current tip ${active.height}`);
  return active.at(height);
}

/** The answer from the index; null when it has to be computed. */
export async function readIndexedStats(
  context: RpcContext,
  args: Arguments,
  hashType: string,
): Promise<JsonOutput | null> {
  const { chain, indexes } = context;
  const usesIndex = args.flag('use_index', true);
  const asked = args.value('hash_or_height');
  if (asked !== null) {
    if (indexes.coinStats === null) refuse('Querying specific block heights requires coinstatsindex');
    if (hashType === 'hash_serialized_3') {
      refuse('hash_serialized_3 hash type cannot be queried for a specific block');
    }
    if (!usesIndex) refuse('Cannot set use_index to false when querying for a specific block');
  }
  const given = asked === null ? null : readBlock(context, asked);
  if (!usesIndex || indexes.coinStats === null) return null;
  const isSynced = await indexes.catchUp('coin-stats');
  const height = indexes.summary('coin-stats')?.height ?? 0;
  if (!isSynced && given !== null && chain.index.height(given) > height) {
    throw new RpcError(
      RPC_CODE.INTERNAL_ERROR,
      `Unable to get data because coinstatsindex is still syncing. Current height: ${height}`,
    );
  }
  if (hashType === 'hash_serialized_3') return null;
  return formatStats(context, indexes.coinStats, given ?? chain.active.tip, hashType === 'muhash');
}

async function formatStats(
  { chain }: RpcContext,
  coinStats: CoinStatsIndex,
  entry: BlockEntry,
  showsMuhash: boolean,
): Promise<JsonOutput> {
  const stats = await coinStats.read(entry);
  const parent = chain.index.parent(entry);
  const before = parent === NO_ENTRY ? NO_TOTALS : await coinStats.read(parent);
  if (stats === null || before === null) throw new RpcError(RPC_CODE.INTERNAL_ERROR, 'Unable to read UTXO set');
  return {
    height: chain.index.height(entry),
    bestblock: formatHash(chain.index.blockHash(entry)),
    txouts: stats.coinCount,
    bogosize: stats.bogoSize,
    muhash: showsMuhash ? toHex(reversedBytes(stats.muhash)) : undefined,
    total_amount: valueFromAmount(stats.totalSat),
    total_unspendable_amount: valueFromAmount(sumLost(stats.lost)),
    block_info: formatBlock(stats, before),
  };
}

/** What a block has changed. */
function formatBlock(after: CoinTotals, before: CoinTotals): JsonRecord {
  const [lost, lostBefore] = [after.lost, before.lost];
  const difference = (a: bigint, b: bigint) => valueFromAmount(Number(a - b));
  return {
    prevout_spent: difference(after.spentSat, before.spentSat),
    coinbase: difference(after.coinbaseSat, before.coinbaseSat),
    new_outputs_ex_coinbase: difference(after.createdSat, before.createdSat),
    unspendable: valueFromAmount(sumLost(lost) - sumLost(lostBefore)),
    unspendables: {
      genesis_block: valueFromAmount(lost.genesisSat - lostBefore.genesisSat),
      bip30: valueFromAmount(lost.bip30Sat - lostBefore.bip30Sat),
      scripts: valueFromAmount(lost.scriptsSat - lostBefore.scriptsSat),
      unclaimed_rewards: valueFromAmount(lost.unclaimedSat - lostBefore.unclaimedSat),
    },
  };
}

/** The fields that only the index knows. */
export const INDEXED_FIELDS: readonly ResultSpec[] = Object.freeze([
  maybe('total_unspendable_amount', 'amount', 'What nobody can spend any more, in BTC (coinstatsindex)'),
  maybe('block_info', 'object', 'What this block has changed, in BTC (coinstatsindex)', {
    inner: [
      field('prevout_spent', 'amount', 'Value of the outputs that it spends'),
      field('coinbase', 'amount', 'Value of the outputs of its coinbase'),
      field('new_outputs_ex_coinbase', 'amount', 'Value of its other outputs'),
      field('unspendable', 'amount', 'Value that it has lost'),
      field('unspendables', 'object', 'How it was lost', {
        inner: [
          field('genesis_block', 'amount', 'The subsidy of the first block'),
          field('bip30', 'amount', 'Coinbases that were replaced by later ones (BIP30)'),
          field('scripts', 'amount', 'Paid to scripts that nothing can satisfy'),
          field('unclaimed_rewards', 'amount', 'Rewards that the miner did not take'),
        ],
      }),
    ],
  }),
]);
