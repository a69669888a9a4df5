// Calls of JSON-RPC as they come over HTTP, whoever lets them in: the bytes of a body become a text, the dispatcher answers it, the
// answer becomes bytes piece by piece. The server for programs (rpc-server.ts) and the one for the page (web-door.ts) share it.

import { type RpcCaller, RpcDispatcher, type RpcReply } from '../api/dispatch.ts';
import { type JsonPiece, writeJsonPieces } from '../api/json/json-writer.ts';
import type { MethodTable } from '../api/schema.ts';
import { yieldToHost } from '../platform/node/host-turns.ts';
import type { HttpReply } from '../platform/node/http-reply.ts';
import type { Logger } from './log.ts';

/** Bytes of a request that are made text before everybody else has a turn. */
const DECODED_BYTES = 1_048_576;

/** Answers calls. */
export class RpcCalls {
  readonly dispatcher: RpcDispatcher;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(methods: MethodTable, log: Logger, checksResults: boolean) {
    this.dispatcher = new RpcDispatcher(methods, {
      onCall: (method, user) => log.debug('rpc', () => `ThreadRPCServer method=${sanitize(method)} user=${user}`),
      onForbidden: (method, user) =>
        log.warn(
          `RPC User ${user} not allowed to call ${method === null ? 'any methods' : `method ${sanitize(method)}`}`,
        ),
      onFailure: (method, error) => log.error(`RPC call ${sanitize(method)} failed: ${describeThrown(error)}`),
      yieldToHost,
      hostMs: () => performance.now(),
      checksResults,
    });
  }

  /** Answers the body of a request. Never rejects. */
  async answer(body: Uint8Array, caller: RpcCaller): Promise<HttpReply> {
    return formatReply(await this.dispatcher.answer(await this.#decode(body), caller));
  }

  async #decode(body: Uint8Array): Promise<string | null> {
    try {
      return body.length <= DECODED_BYTES ? this.#decoder.decode(body) : await decodeInPieces(body);
    } catch {
      return null;
    }
  }
}

async function decodeInPieces(body: Uint8Array): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let start = 0; start < body.length; start += DECODED_BYTES) {
    const end = start + DECODED_BYTES;
    text += decoder.decode(body.subarray(start, end), { stream: end < body.length });
    await yieldToHost();
  }
  return text;
}

function* withLineEnd(pieces: Iterable<JsonPiece>): Generator<JsonPiece, void, void> {
  yield* pieces;
  yield '\n';
}

function formatReply({ status, body }: RpcReply): HttpReply {
  if (body === undefined) return { status, headers: [], body: null };
  return { status, headers: [['Content-Type', 'application/json']], body: withLineEnd(writeJsonPieces(body)) };
}

/** The name of a wallet in a path; what is no escape stands for itself (Core UrlDecode). */
export function decodePathPart(text: string): string {
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** What the log says of a failure of ours. */
export function describeThrown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What of a method's name may stand in the log (Core SanitizeString). */
function sanitize(text: string): string {
  return text.replace(/[^A-Za-z0-9 .,;\-_/?:@()]/g, '').slice(0, 100);
}
