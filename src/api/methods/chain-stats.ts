// getchaintxstats: how many transactions in how much time (Core rpc/blockchain.cpp).

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { medianTimeOf } from '../format/header.ts';
import { type JsonOutput, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param } from '../schema-words.ts';
import { findBlock } from './chain-lookup.ts';

/** Seconds of the window where a call names none: thirty days. */
const DEFAULT_WINDOW_SEC: number = 30 * 24 * 60 * 60;

function getChainTxStats(context: RpcContext, args: Arguments): JsonOutput {
  const { index } = context.chain;
  const end = findEnd(context, args);
  const endHeight = index.height(end);
  const blockCount = readBlockCount(context, args, endHeight);
  const start = index.ancestor(end, endHeight - blockCount);
  const intervalSec = medianTimeOf(index, end) - medianTimeOf(index, start);
  const endCount = index.chainTxCount(end);
  const startCount = index.chainTxCount(start);
  const isCounted = blockCount > 0 && endCount > 0 && startCount > 0;
  const txCount = endCount - startCount;
  return {
    time: index.timeSec(end),
    txcount: endCount > 0 ? endCount : undefined,
    window_final_block_hash: formatHash(index.blockHash(end)),
    window_final_block_height: endHeight,
    window_block_count: blockCount,
    window_interval: blockCount > 0 ? intervalSec : undefined,
    window_tx_count: isCounted ? txCount : undefined,
    txrate: isCounted && intervalSec > 0 ? jsonDouble(txCount / intervalSec) : undefined,
  };
}

function findEnd(context: RpcContext, args: Arguments): BlockEntry {
  const { active } = context.chain;
  if (!args.has('blockhash')) return active.tip;
  const entry = findBlock(context, args.value('blockhash'));
  if (active.contains(entry)) return entry;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Block is not in main chain');
}

function readBlockCount({ params }: RpcContext, args: Arguments, endHeight: number): number {
  if (!args.has('nblocks')) {
    const blockCount = Math.floor(DEFAULT_WINDOW_SEC / params.consensus.pow.spacingSec);
    return Math.max(0, Math.min(blockCount, endHeight - 1));
  }
  const blockCount = args.integer('nblocks');
  if (blockCount >= 0 && (blockCount === 0 || blockCount < endHeight)) return blockCount;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, "Invalid block count: should be between 0 and the block's height - 1");
}

/** The methods of this file. */
export const CHAIN_STATS_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getchaintxstats',
    category: 'blockchain',
    description: 'Tells how many transactions there are, and how fast they came within a window of blocks.',
    parameters: [
      param('nblocks', 'number', 'Blocks of the window', { defaultHint: 'one month' }),
      param('blockhash', 'hex', 'The last block of the window', { defaultHint: 'chain tip' }),
    ],
    results: [
      object([
        field('time', 'time', 'Time of the last block, in seconds since 1970'),
        maybe('txcount', 'number', 'Transactions of the chain up to there, where they are known'),
        field('window_final_block_hash', 'hex', 'Hash of the last block'),
        field('window_final_block_height', 'number', 'Its height'),
        field('window_block_count', 'number', 'Blocks of the window'),
        maybe('window_interval', 'number', 'Seconds that it spans; absent for a window of no blocks'),
        maybe('window_tx_count', 'number', 'Transactions within it'),
        maybe('txrate', 'number', 'Transactions per second within it'),
      ]),
    ],
    examples: ['', '2016'],
    run: getChainTxStats,
  },
]);
