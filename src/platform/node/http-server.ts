// A small HTTP/1.x server on plain sockets, for the RPC interface. It listens, reads requests with http-parser.ts, has each answered
// by a handler, one at a time per connection and in order, and writes answers no faster than they are read. It bounds what strangers
// can cost: connections, the time for a head, the time in which nothing moves, memory for bodies that nobody asked for.

import { createServer, type Server, type Socket } from 'node:net';
import { ConnectError, type Endpoint } from '../../node/ports.ts';
import { HttpConnection, type HttpHooks } from './http-connection.ts';

/** How a server is run. */
export interface HttpServerOptions {
  /** A connection on which nothing moves for so long is closed; 0: never (option -rpcservertimeout). */
  readonly idleTimeoutMs: number;
  /** Most connections at one time; one more closes the one that has been idle longest. */
  readonly connectionCountMax: number;
}

/** How long answers that are being made may take when the server stops (Core: 30 s). */
const CLOSE_GRACE_MS = 30_000;

/** Connections that the system holds ready for us (Core SOMAXCONN). */
const BACKLOG = 128;

/** Serves requests. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #hooks: HttpHooks;
  readonly #servers: Server[] = [];
  readonly #connections: Set<HttpConnection> = new Set();
  #isClosing = false;

  constructor(options: HttpServerOptions, hooks: HttpHooks) {
    this.#options = options;
    this.#hooks = hooks;
  }

  /** Connections that are open. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Listens at one more place; rejects with a ConnectError. Resolves to the place, where port 0 has become a number. */
  listen(place: Endpoint): Promise<Endpoint> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#admit(socket));
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(new ConnectError(error.code ?? 'EUNKNOWN', error.message, { cause: error })),
      );
      const ipv6Only = place.host.includes(':');
      server.listen({ host: place.host, port: place.port, ipv6Only, backlog: BACKLOG, exclusive: true }, () => {
        server.removeAllListeners('error');
        // A lack of descriptors for one connection ends neither the server nor the program.
        server.on('error', () => undefined);
        this.#servers.push(server);
        const address = server.address();
        resolve(
          typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : place,
        );
      });
    });
  }

  #admit(socket: Socket): void {
    if (this.#isClosing || socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    if (this.#connections.size >= this.#options.connectionCountMax && !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    const connection = new HttpConnection(socket, this.#options.idleTimeoutMs, this.#hooks);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  /** Closes the connection that has been idle longest; false when all are being answered. */
  #makeRoom(): boolean {
    let oldest: HttpConnection | null = null;
    for (const connection of this.#connections) {
      if (!connection.isBusy && (oldest === null || connection.movedAtMs < oldest.movedAtMs)) oldest = connection;
    }
    if (oldest === null) return false;
    oldest.destroy();
    this.#connections.delete(oldest);
    return true;
  }

  /** Takes no connection any more, lets the answers under way be sent, and closes everything. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, CLOSE_GRACE_MS);
    for (const connection of this.#connections) connection.finish();
    await Promise.all(closed);
    clearTimeout(timer);
  }
}
