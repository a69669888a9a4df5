// getblockfilter: the compact filter of a block (Core rpc/blockchain.cpp).

import { VALIDITY } from '../../kernel/chain/block-status.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, param } from '../schema-words.ts';
import { findBlock } from './chain-lookup.ts';
import { BASIC_FILTER_NAME, requireFilters } from './indexes.ts';

/** Why a filter is not there, in Core's words, and the code that goes with it over RPC. */
export function describeMissingFilter(wasConnected: boolean, isReady: boolean): RpcError {
  const reason = 'Filter not found.';
  if (!wasConnected) {
    return new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `${reason} Block was not connected to active chain.`);
  }
  if (!isReady) {
    return new RpcError(RPC_CODE.MISC_ERROR, `${reason} Block filters are still in the process of being indexed.`);
  }
  return new RpcError(RPC_CODE.INTERNAL_ERROR, `${reason} This error is unexpected and indicates index corruption.`);
}

async function getBlockFilter(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, indexes } = context;
  args.hash('blockhash');
  const filters = requireFilters(context, args.text('filtertype', BASIC_FILTER_NAME));
  const entry = findBlock(context, args.value('blockhash'));
  const wasConnected = chain.index.isValid(entry, VALIDITY.scripts);
  const isReady = await indexes.catchUp('filters');
  const filter = await filters.readFilter(entry);
  const header = await filters.readHeader(entry);
  if (filter === null || header === null) throw describeMissingFilter(wasConnected, isReady);
  return { filter: toHex(filter), header: toHex(reversedBytes(header)) };
}

/** The methods of this file. */
export const BLOCK_FILTER_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getblockfilter',
    category: 'blockchain',
    description: 'Shows the compact filter of a block (BIP157). It needs the option -blockfilterindex.',
    parameters: [
      param('blockhash', 'hex', 'The hash of the block'),
      param('filtertype', 'string', 'The type of the filter', { default: BASIC_FILTER_NAME }),
    ],
    results: [object([field('filter', 'hex', 'The filter, encoded'), field('header', 'hex', 'The filter header')])],
    examples: ['"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09" "basic"'],
    run: getBlockFilter,
  },
]);
