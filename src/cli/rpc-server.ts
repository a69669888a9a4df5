// The RPC server of a program: HTTP on the outside, the dispatcher on the inside, and between them who may call at all (Core
// httpserver.cpp, httprpc.cpp). What needs no body is answered before one is read, so that strangers cost no memory.

import type { RpcDispatcher } from '../api/dispatch.ts';
import { answerRest, isRestPath } from '../api/rest.ts';
import type { MethodTable } from '../api/schema.ts';
import { matchesSubnet } from '../node/p2p/subnet.ts';
import { ConnectError, type Endpoint } from '../node/ports.ts';
import { isBindAny, parseHost } from '../node/wire/net-address.ts';
import type { SocketTaker } from '../platform/node/http-connection.ts';
import { findHeader, type HttpHead, type HttpRequest } from '../platform/node/http-parser.ts';
import type { HttpReply } from '../platform/node/http-reply.ts';
import { HttpServer } from '../platform/node/http-server.ts';
import { EVENTS_PATH, type EventDoor } from './event-door.ts';
import type { Logger } from './log.ts';
import type { Caller } from './rpc-accounts.ts';
import { decodePathPart, describeThrown, RpcCalls } from './rpc-calls.ts';
import { COOKIE_USER, type Cookie, removeCookie, writeCookie } from './rpc-cookie.ts';
import type { RpcOptions } from './rpc-settings.ts';
import { RpcStartError } from './rpc-start-error.ts';
import { SlowRefusals } from './slow-refusals.ts';
import { WorkQueue } from './work-queue.ts';

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
  readonly #calls: RpcCalls;
  readonly #events: EventDoor | null;
  readonly #options: RpcOptions;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #http: HttpServer;
  readonly #refusals: SlowRefusals = new SlowRefusals();
  #cookie: Cookie | null = null;
  #isClosing = false;

  private constructor(options: RpcOptions, calls: RpcCalls, events: EventDoor | null, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.#queue = new WorkQueue(options.threadCount, options.queueLengthMax);
    this.#calls = calls;
    this.#events = events;
    this.#http = new HttpServer(
      { idleTimeoutMs: options.idleTimeoutMs, connectionCountMax: CONNECTIONS_MAX },
      {
        onHead: (head, remote) => this.#answerHead(head, remote),
        onRequest: (request, remote) => this.#answer(request, remote),
        onUpgrade: (request) => this.#takeFollower(request),
        onFailure: (error) => log.error(`Unexpected error while processing request: ${describeThrown(error)}`),
        onNote: (text) => log.debug('http', () => text),
      },
    );
  }

  /** Starts a server, which answers that it is warming up until its dispatcher is opened. Rejects with a StartupError. */
  static async start(
    options: RpcOptions,
    methods: MethodTable,
    log: Logger,
    calls: RpcCalls = new RpcCalls(methods, log, options.checksResults),
    events: EventDoor | null = null,
  ): Promise<RpcServer> {
    const server = new RpcServer(options, calls, events, log);
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

  /** Answers the calls. */
  get dispatcher(): RpcDispatcher {
    return this.#calls.dispatcher;
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
    const isEvents = this.#isEvents(head);
    if (head.target !== PATH && !head.target.startsWith(WALLET_PATH) && !isEvents) return plain(404);
    if (head.method !== 'POST' && !isEvents) return plain(405, 'JSONRPC server handles only POST requests');
    const header = findHeader(head, 'Authorization');
    if (header === null) return UNAUTHORIZED;
    return this.#options.accounts.check(header) === null ? this.#refusePassword(remote) : null;
  }

  /** Whoever may connect may read what -rest offers, without a password. */
  #isRest({ target }: HttpHead): boolean {
    return this.#options.servesRest && isRestPath(target);
  }

  /** Events are followed at a path of their own, over a WebSocket. */
  #isEvents({ method, target }: HttpHead): boolean {
    return this.#events !== null && method === 'GET' && target.split('?', 1)[0] === EVENTS_PATH;
  }

  #isAllowed({ host, port }: Endpoint): boolean {
    const address = parseHost(host, port);
    return address !== null && this.#options.allowed.some((subnet) => matchesSubnet(subnet, address));
  }

  async #refusePassword(remote: Endpoint): Promise<HttpReply> {
    this.#log.warn(`ThreadRPCServer incorrect password attempt from ${remote.host}:${remote.port}`);
    return (await this.#refusals.wait()) ? UNAUTHORIZED : plain(503, 'Too many wrong passwords');
  }

  // --- calls ----------------------------------------------------------------------------------------------------------

  async #answer(request: HttpRequest, remote: Endpoint): Promise<HttpReply> {
    if (this.#isClosing) return plain(503, 'Request rejected during server shutdown');
    if (this.#isRest(request)) return this.#queueUp(() => this.#answerRest(request));
    const caller = this.#options.accounts.check(findHeader(request, 'Authorization') ?? '');
    if (caller === null) return this.#refusePassword(remote);
    if (this.#isEvents(request)) return this.#refuseFollower(caller);
    return this.#queueUp(() => this.#call(request, caller));
  }

  /** Why somebody who knows a password cannot follow events. */
  #refuseFollower(caller: Caller): HttpReply {
    if (!mayFollow(caller)) return plain(403);
    return this.#events?.isOpen ? plain(400, 'Events are told over a WebSocket') : plain(503, 'Not ready yet');
  }

  #takeFollower(request: HttpRequest): SocketTaker | null {
    const events = this.#events;
    if (events === null || !events.isOpen || !this.#isEvents(request) || this.#isClosing) return null;
    if (findHeader(request, 'Upgrade')?.toLowerCase() !== 'websocket') return null;
    const caller = this.#options.accounts.check(findHeader(request, 'Authorization') ?? '');
    if (caller === null || !mayFollow(caller)) return null;
    const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const after = new URLSearchParams(request.target.split('?')[1] ?? '').get('after');
    const visitor = { after, group: null, admits: null };
    return (socket) => events.accept({ method: request.method, headers }, socket, Buffer.alloc(0), visitor);
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

  #call({ target, body }: HttpRequest, caller: Caller): Promise<HttpReply> {
    const walletName = target.startsWith(WALLET_PATH) ? decodePathPart(target.slice(WALLET_PATH.length)) : null;
    return this.#calls.answer(body, { ...caller, walletName });
  }
}

/** Who may not call all methods may follow events when `events` is in their list. */
function mayFollow({ allowed }: Caller): boolean {
  return allowed === null || allowed.has('events');
}

/** A page of another site is behind the request: a browser may have been told the password once (R05). */
function isCrossOrigin(head: HttpHead): boolean {
  const origin = findHeader(head, 'Origin');
  if (findHeader(head, 'Sec-Fetch-Site') === 'cross-site') return true;
  return origin !== null && origin.replace(/^https?:\/\//, '') !== findHeader(head, 'Host');
}
