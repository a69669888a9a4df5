// The RPC server of a program: HTTP on the outside, the dispatcher on the inside, and between them who may call at all (Core
// httpserver.cpp, httprpc.cpp). What needs no body is answered before one is read, so that strangers cost no memory.

import { RpcDispatcher, type RpcReply } from '../api/dispatch.ts';
import { writeJson } from '../api/json/json-writer.ts';
import { answerRest, isRestPath } from '../api/rest.ts';
import type { MethodTable } from '../api/schema.ts';
import { matchesSubnet } from '../node/p2p/subnet.ts';
import { ConnectError, type Endpoint } from '../node/ports.ts';
import { isBindAny, parseHost } from '../node/wire/net-address.ts';
import { findHeader, type HttpHead, type HttpRequest } from '../platform/node/http-parser.ts';
import type { HttpReply } from '../platform/node/http-reply.ts';
import { HttpServer } from '../platform/node/http-server.ts';
import type { Logger } from './log.ts';
import type { Caller } from './rpc-accounts.ts';
import { COOKIE_USER, type Cookie, removeCookie, writeCookie } from './rpc-cookie.ts';
import type { RpcOptions } from './rpc-settings.ts';
import { RpcStartError } from './rpc-start-error.ts';
import { WorkQueue } from './work-queue.ts';

/** How long the answer to a wrong password takes (Core). One such answer is made at a time, however many are wanted. */
const WRONG_PASSWORD_DELAY_MS = 250;

/** Wrong passwords that may wait for their answer; further ones are answered nothing. */
const WRONG_PASSWORDS_MAX = 64;

/** Bytes of a request that are made text before everybody else has a turn. */
const DECODED_BYTES = 1_048_576;

/** Connections at one time: far more than calls that can be answered, far less than the files a program may open. */
const CONNECTIONS_MAX = 256;

const KNOWN_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'PUT']);
const PATH = '/';
const WALLET_PATH = '/wallet/';

function plain(status: number, text: string | null = null): HttpReply {
  return { status, headers: [], body: text };
}

const UNAUTHORIZED: HttpReply = {
  status: 401,
  headers: [['WWW-Authenticate', 'Basic realm="jsonrpc"']],
  body: null,
};

/** A server that listens. */
export class RpcServer {
  readonly dispatcher: RpcDispatcher;
  readonly #options: RpcOptions;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #http: HttpServer;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #cookie: Cookie | null = null;
  #wrongPasswords: Promise<void> = Promise.resolve();
  #wrongPasswordCount = 0;
  #isClosing = false;

  private constructor(options: RpcOptions, methods: MethodTable, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.#queue = new WorkQueue(options.threadCount, options.queueLengthMax);
    this.dispatcher = new RpcDispatcher(methods, {
      onCall: (method, user) => log.debug('rpc', () => `ThreadRPCServer method=${sanitize(method)} user=${user}`),
      onForbidden: (method, user) =>
        log.warn(
          `RPC User ${user} not allowed to call ${method === null ? 'any methods' : `method ${sanitize(method)}`}`,
        ),
      onFailure: (method, error) => log.error(`RPC call ${sanitize(method)} failed: ${describe(error)}`),
      yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
      hostMs: () => performance.now(),
      checksResults: options.checksResults,
    });
    this.#http = new HttpServer(
      { idleTimeoutMs: options.idleTimeoutMs, connectionCountMax: CONNECTIONS_MAX },
      {
        onHead: (head, remote) => this.#answerHead(head, remote),
        onRequest: (request, remote) => this.#answer(request, remote),
        onFailure: (error) => log.error(`Unexpected error while processing request: ${describe(error)}`),
        onNote: (text) => log.debug('http', () => text),
      },
    );
  }

  /** Starts a server, which answers that it is warming up until its dispatcher is opened. Rejects with a StartupError. */
  static async start(options: RpcOptions, methods: MethodTable, log: Logger): Promise<RpcServer> {
    const server = new RpcServer(options, methods, log);
    try {
      for (const warning of options.warnings) log.warn(warning);
      await server.#listen();
      server.#prepareCookie();
      log.info(`Starting HTTP server with ${options.threadCount} worker threads`);
      return server;
    } catch (error) {
      if (error instanceof RpcStartError) log.error(error.reason);
      await server.close();
      throw error;
    }
  }

  async #listen(): Promise<void> {
    let count = 0;
    for (const place of this.#options.places) {
      const { host, port } = place;
      this.#log.info(`Binding RPC on address ${host} port ${port}`);
      const address = parseHost(host, port);
      if (address !== null && isBindAny(address)) {
        this.#log.warn('The RPC server is not safe to expose to untrusted networks such as the public internet');
      }
      try {
        await this.#http.listen(place);
        count++;
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        this.#log.warn(`Binding RPC on address ${host} port ${port} failed: ${error.message}`);
      }
    }
    if (count === 0) throw new RpcStartError('Unable to bind any endpoint for RPC server');
  }

  #prepareCookie(): void {
    const { cookie, accounts } = this.#options;
    if (cookie === null) {
      this.#log.info('RPC authentication cookie file generation is disabled.');
      return;
    }
    this.#cookie = writeCookie(cookie.path, cookie.mode);
    accounts.add(COOKIE_USER, this.#cookie.password);
    this.#log.info('Using random cookie authentication.');
    this.#log.info(`Generated RPC authentication cookie ${cookie.path}`);
  }

  /** Answers what is being answered, and nothing else, and closes. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#http.close();
    if (this.#cookie !== null) removeCookie(this.#cookie);
    this.#cookie = null;
  }

  // --- who may call ---------------------------------------------------------------------------------------------------

  /** What the head alone says: not allowed, not found, not known. */
  #answerHead(head: HttpHead, remote: Endpoint): HttpReply | Promise<HttpReply> | null {
    if (!this.#isAllowed(remote) || isCrossOrigin(head)) {
      this.#log.debug('http', () => `HTTP request from ${remote.host} rejected`);
      return plain(403);
    }
    if (!KNOWN_METHODS.has(head.method)) return plain(405);
    if (this.#isRest(head)) return null;
    if (head.target !== PATH && !head.target.startsWith(WALLET_PATH)) return plain(404);
    if (head.method !== 'POST') return plain(405, 'JSONRPC server handles only POST requests');
    const header = findHeader(head, 'Authorization');
    if (header === null) return UNAUTHORIZED;
    return this.#options.accounts.check(header) === null ? this.#refusePassword(remote) : null;
  }

  /** Whoever may connect may read what -rest offers, without a password. */
  #isRest({ target }: HttpHead): boolean {
    return this.#options.servesRest && isRestPath(target);
  }

  #isAllowed({ host, port }: Endpoint): boolean {
    const address = parseHost(host, port);
    return address !== null && this.#options.allowed.some((subnet) => matchesSubnet(subnet, address));
  }

  /** Guessing gets four answers a second in all, and whoever knows the password waits for none of them. */
  async #refusePassword(remote: Endpoint): Promise<HttpReply> {
    this.#log.warn(`ThreadRPCServer incorrect password attempt from ${remote.host}:${remote.port}`);
    if (this.#wrongPasswordCount >= WRONG_PASSWORDS_MAX) return plain(503, 'Too many wrong passwords');
    this.#wrongPasswordCount++;
    const turn = this.#wrongPasswords.then(
      () => new Promise<void>((resolve) => setTimeout(resolve, WRONG_PASSWORD_DELAY_MS)),
    );
    this.#wrongPasswords = turn;
    await turn;
    this.#wrongPasswordCount--;
    return UNAUTHORIZED;
  }

  // --- calls ----------------------------------------------------------------------------------------------------------

  async #answer(request: HttpRequest, remote: Endpoint): Promise<HttpReply> {
    if (this.#isClosing) return plain(503, 'Request rejected during server shutdown');
    if (this.#isRest(request)) return this.#queueUp(() => this.#answerRest(request));
    const caller = this.#options.accounts.check(findHeader(request, 'Authorization') ?? '');
    if (caller === null) return this.#refusePassword(remote);
    return this.#queueUp(() => this.#call(request, caller));
  }

  async #queueUp(answer: () => Promise<HttpReply>): Promise<HttpReply> {
    const reply = await this.#queue.run(answer);
    if (reply !== null) return reply;
    this.#log.warn(
      'Request rejected because http work queue depth exceeded, it can be increased with the -rpcworkqueue= setting',
    );
    return plain(503, 'Work queue depth exceeded');
  }

  async #answerRest(request: HttpRequest): Promise<HttpReply> {
    const { dispatcher } = this;
    const { context, warmupStatus } = dispatcher;
    const call = (name: string, params: readonly (string | boolean)[]) => dispatcher.execute(name, params);
    const { status, contentType, body } = await answerRest({ context, warmupStatus, call }, request);
    return { status, headers: [['Content-Type', contentType]], body };
  }

  async #call(request: HttpRequest, caller: Caller): Promise<HttpReply> {
    return formatReply(await this.dispatcher.answer(await this.#decode(request.body), caller));
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
    await new Promise((resolve) => setImmediate(resolve));
  }
  return text;
}

function* withLineEnd(pieces: Iterable<string>): Generator<string, void, void> {
  yield* pieces;
  yield '\n';
}

function formatReply({ status, body }: RpcReply): HttpReply {
  if (body === undefined) return plain(status);
  return { status, headers: [['Content-Type', 'application/json']], body: withLineEnd(writeJson(body)) };
}

/** A page of another site is behind the request: a browser may have been told the password once (R05). */
function isCrossOrigin(head: HttpHead): boolean {
  const origin = findHeader(head, 'Origin');
  if (findHeader(head, 'Sec-Fetch-Site') === 'cross-site') return true;
  return origin !== null && origin.replace(/^https?:\/\//, '') !== findHeader(head, 'Host');
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What of a method's name may stand in the log (Core SanitizeString). */
function sanitize(text: string): string {
  return text.replace(/[^A-Za-z0-9 .,;\-_/:?@()]/g, '').slice(0, 100);
}
