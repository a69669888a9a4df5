// What indexes there are and how far they are (Core rpc/node.cpp getindexinfo), and how other methods ask one.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { FilterIndex } from '../../node/index/filter-index.ts';
import { type Arguments, asHash, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { JsonNumber, type JsonOutput, type JsonRecord, type JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, result } from '../schema-words.ts';

/** Name of the one type of filters (Core BlockFilterTypeName). */
export const BASIC_FILTER_NAME = 'basic';

/** The index of filters of a type; throws when there is none. */
export function requireFilters({ indexes }: RpcContext, typeName: string): FilterIndex {
  if (typeName !== BASIC_FILTER_NAME) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Unknown filtertype');
  if (indexes.filters !== null) return indexes.filters;
  throw new RpcError(RPC_CODE.MISC_ERROR, `Index is not enabled for filtertype ${typeName}`);
}

/** The block that a height of the active chain or a hash names (Core ParseHashOrHeight). */
export function findHashOrHeight({ chain }: RpcContext, value: JsonValue): BlockEntry {
  if (!(value instanceof JsonNumber)) {
    const entry = chain.index.find(asHash(value, 'hash_or_height'));
    if (entry !== NO_ENTRY) return entry;
    throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block not found');
  }
  const height = asInteger(value);
  if (height < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Target block height ${height} is negative`);
  if (height <= chain.height) return chain.active.at(height);
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Target block height ${height} after current tip ${chain.height}`);
}

function getIndexInfo({ indexes }: RpcContext, args: Arguments): JsonOutput {
  const wanted = args.text('index_name', '');
  const infos = new Map<string, JsonRecord>();
  for (const { name, isSynced, height } of indexes.summaries()) {
    if (wanted === '' || wanted === name) infos.set(name, { synced: isSynced, best_block_height: height });
  }
  return infos;
}

/** The methods of this file. */
export const INDEX_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getindexinfo',
    category: 'util',
    description: 'Tells which indexes the node keeps and how far they are.',
    parameters: [optional('index_name', 'string', 'Tells of this index only')],
    results: [
      result('object-dynamic', '', {
        inner: [
          object(
            [
              field('synced', 'boolean', 'Whether it has been up to the tip'),
              field('best_block_height', 'number', 'Height of the last block that it knows'),
            ],
            { key: 'name', description: 'The name of the index' },
          ),
        ],
      }),
    ],
    examples: ['', '"txindex"'],
    run: getIndexInfo,
  },
]);
