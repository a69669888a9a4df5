// What several methods do with the memory pool: having one, finding an entry (Core EnsureMemPool).

import type { MempoolService } from '../../node/app/mempool-service.ts';
import type { MempoolEntry } from '../../node/mempool/entry.ts';
import { asHash } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonValue } from '../json/json-value.ts';

/** The pool; throws when there is none. */
export function requirePool({ pool }: RpcContext): MempoolService {
  if (pool !== null) return pool;
  throw new RpcError(RPC_CODE.CLIENT_MEMPOOL_DISABLED, 'Mempool disabled or instance not found');
}

/** The entry of a txid; throws when it is not in the pool. */
export function requireEntry(context: RpcContext, txid: JsonValue): MempoolEntry {
  const hash = asHash(txid, 'txid');
  const entry = requirePool(context).mempool.get(hash);
  if (entry !== null) return entry;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Transaction not in mempool');
}
