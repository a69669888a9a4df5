// The REST interface (Core rest.cpp, option -rest): what anybody may read without a password, as bytes, hexadecimal text or JSON. This
// file says which path is answered by what; it knows nothing of sockets.

import type { RpcContext } from './context.ts';
import { RpcError } from './errors.ts';
import {
  type CallMethod,
  restBlock,
  restBlockHashByHeight,
  restBlockPart,
  restChainInfo,
  restDeploymentInfo,
  restHeaders,
  restSpentOutputs,
} from './rest-chain.ts';
import { restCoins, restMempool, restTransaction } from './rest-coins.ts';
import { restBlockFilter, restFilterHeaders } from './rest-filters.ts';
import { RestError, RestPath, type RestReply, type RestRequest } from './rest-request.ts';

/** What paths of the interface begin with. */
export const REST_PREFIX = '/rest/';

type Handler = (context: RpcContext, path: RestPath, request: RestRequest, call: CallMethod) => Promise<RestReply>;

/** Paths by what they begin with; the first that fits answers. */
const ROUTES: readonly (readonly [prefix: string, handler: Handler])[] = [
  ['tx/', restTransaction],
  ['block/notxdetails/', (context, path) => restBlock(context, path, 'txids')],
  ['block/', (context, path) => restBlock(context, path, 'prevouts')],
  ['blockpart/', restBlockPart],
  ['blockfilter/', restBlockFilter],
  ['blockfilterheaders/', restFilterHeaders],
  ['chaininfo', (_context, path, _request, call) => restChainInfo(path, call)],
  ['mempool/', (context, path, _request, call) => restMempool(context, path, call)],
  ['headers/', restHeaders],
  ['getutxos', restCoins],
  ['deploymentinfo', (context, path, _request, call) => restDeploymentInfo(context, path, call)],
  ['blockhashbyheight/', restBlockHashByHeight],
  ['spenttxouts/', restSpentOutputs],
];

/** What answers a path; null: nothing does. */
function findRoute(target: string): { readonly handler: Handler; readonly rest: string } | null {
  const path = target.slice(REST_PREFIX.length);
  const route = ROUTES.find(([prefix]) => path.startsWith(prefix));
  return route === undefined ? null : { handler: route[1], rest: path.slice(route[0].length) };
}

/** Whether there is something at a path. */
export function isRestPath(target: string): boolean {
  return target.startsWith(REST_PREFIX) && findRoute(target) !== null;
}

/** What the program is doing before it can answer, or what it answers with. */
export interface RestSubject {
  /** Null while the program is warming up. */
  readonly context: RpcContext | null;
  readonly warmupStatus: string;
  readonly call: CallMethod;
}

/** Answers a request. Rejects when something of ours is broken. */
export async function answerRest(subject: RestSubject, request: RestRequest): Promise<RestReply> {
  const { context, warmupStatus, call } = subject;
  try {
    const route = findRoute(request.target);
    if (route === null) throw new RestError(404, '');
    if (context === null) throw new RestError(503, `Service temporarily unavailable: ${warmupStatus}`);
    return await route.handler(context, new RestPath(request.target, route.rest), request, call);
  } catch (error) {
    if (error instanceof RestError) return refuse(error.status, error.message);
    if (error instanceof RpcError) return refuse(500, error.message);
    throw error;
  }
}

function refuse(status: RestError['status'], message: string): RestReply {
  return { status, contentType: 'text/plain', body: `${message}\r\n` };
}
