// The server behind the page: Node's HTTP server with bounds around it. How many connections there are, how long a head, a body and
// the reading of an answer may take, and how large a body may be is said here; what is answered is said by whoever runs it. Every
// answer has the headers of web-headers.ts, also those to what is no request.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ConnectError, type Endpoint } from '../../node/ports.ts';
import type { HttpReply } from './http-reply.ts';
import { formatRawReply, sendWebReply } from './web-reply.ts';
import { readWebBody, readWebHead, WebBodyError, type WebHead, type WebRequest } from './web-request.ts';

/** Hands over the connection of a request that wants another protocol. */
export type UpgradeTaker = (message: IncomingMessage, socket: Socket, head: Buffer) => void;

/** Who answers. */
export interface WebHooks {
  readonly answer: (request: WebRequest) => Promise<HttpReply>;
  /** Takes a connection over that is to become a WebSocket, or says why not. */
  readonly upgrade: (head: WebHead) => HttpReply | UpgradeTaker;
  /** Something of ours is broken; the client gets 500. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Connections at one time. A browser opens six; one more than this closes the one that has been idle longest, or else the first of those
 * that keep us waiting (R09).
 */
export const WEB_CONNECTIONS_MAX = 256;

/** Bytes of the first line and the header lines, as on the RPC port (Core MAX_HEADERS_SIZE). */
const HEAD_BYTES_MAX = 8192;

/** Bytes of a body: a block in hexadecimal letters, or a wallet to be restored. */
export const WEB_BODY_BYTES_MAX: number = 16 * 1024 * 1024;

/** Time for a head, and for a whole request. */
const HEAD_MS_MAX = 10_000;
const REQUEST_MS_MAX = 25_000;

/** How long a connection without a request is kept. */
const KEEP_ALIVE_MS = 20_000;

/** How often the times above are looked at. */
const CHECK_MS = 2000;

/** How long answers that are being made may take when the server stops. */
const CLOSE_GRACE_MS = 3000;

/** Connections that the system holds ready for us. */
const BACKLOG = 128;

/** A request on its way to its answer, or a connection that has become something else. */
interface Exchange {
  /** It goes on when the client does something: sends more of the request, takes more of the answer. */
  readonly waitsForClient: () => boolean;
}

/** Serves. */
export class WebServer {
  readonly #hooks: WebHooks;
  readonly #servers: Server[] = [];
  /** Connections, those that moved last at the end, with what is going on on each. */
  readonly #sockets: Map<Socket, Set<Exchange>> = new Map();
  #isClosing = false;

  constructor(hooks: WebHooks) {
    this.#hooks = hooks;
  }

  /** Connections that are open, WebSockets included. */
  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** Listens at one more place; rejects with a ConnectError. Resolves to the place, where port 0 has become a number. */
  listen(place: Endpoint): Promise<Endpoint> {
    const server = this.#createServer();
    return new Promise((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(new ConnectError(cause.code ?? 'EUNKNOWN', cause.message, { cause })),
      );
      const ipv6Only = place.host.includes(':');
      server.listen({ ...place, ipv6Only, backlog: BACKLOG, exclusive: true }, () => {
        server.removeAllListeners('error');
        // A lack of descriptors for one connection ends neither the server nor the program.
        server.on('error', () => undefined);
        this.#servers.push(server);
        const address = server.address();
        const isBound = typeof address === 'object' && address !== null;
        resolve(isBound ? { host: address.address, port: address.port } : place);
      });
    });
  }

  /** Takes no connection any more, lets the answers under way be sent, and closes everything. WebSockets are their owner's. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const [socket, exchanges] of this.#sockets) if (exchanges.size === 0) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.keys()) socket.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #createServer(): Server {
    const server = createServer({
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: HEAD_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      requireHostHeader: false,
      noDelay: true,
    });
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('request', (message, response) => void this.#handle(message, response));
    // What Node would refuse by itself, without our headers.
    server.on('checkExpectation', (message, response) => void this.#handle(message, response));
    server.on('upgrade', (message, socket: Socket, head: Buffer) => this.#upgrade(message, socket, head));
    server.on('connect', (_message, socket) => socket.end(formatRawReply(405, 'Method Not Allowed')));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseRaw(error, socket));
    return server;
  }

  // --- connections ----------------------------------------------------------------------------------------------------

  #admit(socket: Socket): void {
    if (this.#isClosing || (this.#sockets.size >= WEB_CONNECTIONS_MAX && !this.#makeRoom())) {
      socket.destroy();
      return;
    }
    this.#sockets.set(socket, new Set());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Closes a connection that can be spared; false when there is none. */
  #makeRoom(): boolean {
    const all = [...this.#sockets];
    const [socket] =
      all.find(([, exchanges]) => exchanges.size === 0) ??
      all.find(([, exchanges]) => [...exchanges].every(({ waitsForClient }) => waitsForClient())) ??
      [];
    if (socket === undefined) return false;
    this.#sockets.delete(socket);
    socket.destroy();
    return true;
  }

  /** Notes what begins on a connection, which has moved with that; the function that is given back notes its end. */
  #begin(socket: Socket, exchange: Exchange): () => void {
    const change = (apply: (exchanges: Set<Exchange>) => void): void => {
      const exchanges = this.#sockets.get(socket);
      if (exchanges === undefined) return;
      apply(exchanges);
      this.#sockets.delete(socket);
      this.#sockets.set(socket, exchanges);
    };
    change((exchanges) => exchanges.add(exchange));
    return () => change((exchanges) => exchanges.delete(exchange));
  }

  // --- requests -------------------------------------------------------------------------------------------------------

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = message;
    const end = this.#begin(socket, { waitsForClient: () => !message.complete || response.headersSent });
    response.on('error', () => socket.destroy());
    try {
      const reply = await this.#answer(message);
      // What was not read of the request would be taken for the next one.
      if (!message.complete || this.#isClosing) response.setHeader('Connection', 'close');
      await sendWebReply(response, reply, message.method !== 'HEAD');
      if (!message.complete) socket.destroySoon();
    } catch (error) {
      if (!(error instanceof WebBodyError)) this.#hooks.onFailure(error);
      socket.destroy();
    } finally {
      end();
    }
  }

  async #answer(message: IncomingMessage): Promise<HttpReply> {
    const head = readWebHead(message);
    if (head === null) return { status: 400, headers: [], body: null };
    try {
      return await this.#hooks.answer({
        ...head,
        readBody: (bytesMax = WEB_BODY_BYTES_MAX) => readWebBody(message, bytesMax),
      });
    } catch (error) {
      if (error instanceof WebBodyError) throw error;
      this.#hooks.onFailure(error);
      return { status: 500, headers: [], body: null };
    }
  }

  #upgrade(message: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const webHead = readWebHead(message);
    const outcome = webHead === null ? null : this.#hooks.upgrade(webHead);
    if (typeof outcome === 'function') {
      this.#begin(socket, { waitsForClient: () => false });
      outcome(message, socket, head);
    } else {
      socket.end(formatRawReply(outcome?.status ?? 400, 'Refused'));
      socket.destroySoon();
    }
  }
}

/** Answers what is no request of HTTP, or came too slowly. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const isTooSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (isTooLarge) socket.end(formatRawReply(431, 'Request Header Fields Too Large'));
  else if (isTooSlow) socket.end(formatRawReply(408, 'Request Timeout'));
  else socket.end(formatRawReply(400, 'Bad Request'));
  socket.destroySoon();
}
