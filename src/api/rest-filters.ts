// REST: compact filters of blocks and their headers (Core rest.cpp).

import { VALIDITY } from '../kernel/chain/block-status.ts';
import { ByteWriter } from '../kernel/encoding/writer.ts';
import { joinBytes, reversedBytes, toHex } from '../kernel/util/bytes.ts';
import { BASIC_FILTER_TYPE } from '../node/index/block-filter.ts';
import type { FilterIndex } from '../node/index/filter-index.ts';
import type { RpcContext } from './context.ts';
import { describeMissingFilter } from './methods/block-filter.ts';
import { BASIC_FILTER_NAME } from './methods/indexes.ts';
import { chainFrom, findBlockByText, HEADERS_DEFAULT, requireBlock, requireCount } from './rest-chain.ts';
import { replyAs } from './rest-reply.ts';
import { RestError, type RestPath, type RestReply } from './rest-request.ts';

function requireFilters({ indexes }: RpcContext, typeName: string): FilterIndex {
  if (typeName !== BASIC_FILTER_NAME) throw new RestError(400, `Unknown filtertype ${typeName}`);
  if (indexes.filters !== null) return indexes.filters;
  throw new RestError(400, `Index is not enabled for filtertype ${typeName}`);
}

function missing(wasConnected: boolean, isReady: boolean): RestError {
  return new RestError(404, describeMissingFilter(wasConnected, isReady).message);
}

/** /rest/blockfilter/TYPE/HASH */
export async function restBlockFilter(context: RpcContext, path: RestPath): Promise<RestReply> {
  const { chain, indexes } = context;
  const [typeName, hash] = path.parts;
  if (path.parts.length !== 2) {
    throw new RestError(400, 'Invalid URI format. Expected /rest/blockfilter/<filtertype>/<blockhash>');
  }
  findBlockByText(chain, hash!);
  const filters = requireFilters(context, typeName!);
  const entry = requireBlock(context, hash!);
  const isReady = await indexes.catchUp('filters');
  const filter = await filters.readFilter(entry);
  if (filter === null) throw missing(chain.index.isValid(entry, VALIDITY.scripts), isReady);
  const blockHash = chain.index.blockHash(entry);
  return replyAs(
    path.format,
    () => new ByteWriter(64 + filter.length).u8(BASIC_FILTER_TYPE).put(blockHash).varBytes(filter).finish(),
    () => ({ filter: toHex(filter) }),
  );
}

/** /rest/blockfilterheaders/TYPE/HASH?count=COUNT, formerly /rest/blockfilterheaders/TYPE/COUNT/HASH */
export async function restFilterHeaders(context: RpcContext, path: RestPath): Promise<RestReply> {
  const { chain, indexes } = context;
  const { parts } = path;
  if (parts.length !== 2 && parts.length !== 3) {
    throw new RestError(
      400,
      'Invalid URI format. Expected /rest/blockfilterheaders/<filtertype>/<blockhash>.<ext>?count=<count>',
    );
  }
  const count = requireCount(parts.length === 3 ? parts[1]! : (path.parameter('count') ?? HEADERS_DEFAULT));
  const start = findBlockByText(chain, parts.at(-1)!);
  const filters = requireFilters(context, parts[0]!);
  const isReady = await indexes.catchUp('filters');
  const rows = await filters.readRowsOf(chainFrom(context, start, count));
  if (rows === null) throw missing(true, isReady);
  return replyAs(
    path.format,
    () => joinBytes(rows.map(({ header }) => header)),
    () => rows.map(({ header }) => toHex(reversedBytes(header))),
  );
}
