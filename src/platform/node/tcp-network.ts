// Connections over TCP, names through the system's resolver: the Network port of the node. Sockets have no delay of their own
// (TCP_NODELAY): what is sent together is written together. Reading stops when asked, so that the other side waits and not our memory
// fills (D01, D05); a lack of file descriptors costs the connection that came, never the listener (D18).

import { lookup } from 'node:dns/promises';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  ConnectError,
  type Connection,
  type ConnectionHandler,
  type Endpoint,
  type Listener,
  type Network,
} from '../../node/ports.ts';

/** How long a closed connection may still take to hand its last bytes to the other side. */
const LINGER_MS = 1000;

/** Closed connections that may do so at a time; others end at once. Who comes and goes must not gather sockets here (D18). */
const LINGERING_MAX = 16;

/** What a host begins with that is the path of a socket (Core ADDR_PREFIX_UNIX). */
const UNIX_PREFIX = 'unix:';

/** Connections that the system holds for us until they are accepted. */
const BACKLOG = 511;

/** An IPv4 address in the form of IPv6, as sockets that listen for both name it. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

function endpointOf(host: string | undefined, port: number | undefined): Endpoint {
  const text = host ?? '0.0.0.0';
  // A zone is of this machine alone: fe80::1%eth0.
  const bare = text.split('%', 1)[0] ?? text;
  return { host: MAPPED_IPV4.exec(bare)?.[1] ?? bare, port: port ?? 0 };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}

function connectError(error: unknown, what: string): ConnectError {
  const message = error instanceof Error ? error.message : String(error);
  return new ConnectError(codeOf(error), `${what}: ${message}`, { cause: error });
}

/** Some wrong arguments, such as a port above 65535, are refused by a throw instead of an event. */
function tryNow<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw connectError(error, what);
  }
}

/** Where to connect to: an address, or a socket of the file system. */
function placeOf({ host, port }: Endpoint): NetConnectOpts {
  return host.startsWith(UNIX_PREFIX) ? { path: host.slice(UNIX_PREFIX.length) } : { host, port };
}

/** One socket as a {@link Connection}. */
class TcpConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #lingering: Set<Socket>;
  #handler: ConnectionHandler | null = null;
  #error: string | null = null;

  constructor(socket: Socket, lingering: Set<Socket>) {
    this.#socket = socket;
    this.#lingering = lingering;
    this.remote = endpointOf(socket.remoteAddress, socket.remotePort);
    this.local = endpointOf(socket.localAddress, socket.localPort);
    socket.setNoDelay(true);
    socket.pause();
    socket.on('error', (error) => {
      this.#error = error.message;
    });
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    if (socket.destroyed) {
      queueMicrotask(() => handler.onClosed(this.#error));
      return;
    }
    socket.on('data', (chunk: Uint8Array) => handler.onBytes(chunk));
    socket.on('close', () => handler.onClosed(this.#error));
    socket.resume();
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(bytes, (error) => {
      if (!error) this.#handler?.onSent();
    });
  }

  setReading(isReading: boolean): void {
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  close(): void {
    const socket = this.#socket;
    const lingering = this.#lingering;
    if (socket.destroyed || lingering.has(socket)) return;
    if (socket.writableLength === 0 || lingering.size >= LINGERING_MAX) {
      socket.destroy();
      return;
    }
    lingering.add(socket);
    socket.once('close', () => lingering.delete(socket));
    socket.end(() => socket.destroy());
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }
}

class TcpListener implements Listener {
  readonly local: Endpoint;
  readonly #server: Server;

  constructor(server: Server) {
    const address = server.address();
    this.local =
      typeof address === 'object' && address !== null ? endpointOf(address.address, address.port) : endpointOf('', 0);
    this.#server = server;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** TCP of this machine. */
export class TcpNetwork implements Network {
  readonly #lingering: Set<Socket> = new Set();

  dial(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const what = `connect to ${remote.host} port ${remote.port}`;
    return new Promise((resolve, reject) => {
      const socket = tryNow(what, () => connect(placeOf(remote)));
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new ConnectError('ETIMEDOUT', `${what}: no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const onError = (error: Error): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(connectError(error, what));
      };
      socket.once('error', onError);
      socket.once('connect', () => {
        clearTimeout(timer);
        const connection = new TcpConnection(socket, this.#lingering);
        socket.off('error', onError);
        resolve(connection);
      });
    });
  }

  listen(local: Endpoint, onConnection: (connection: Connection) => void): Promise<Listener> {
    const what = `listen on ${local.host} port ${local.port}`;
    return new Promise((resolve, reject) => {
      const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
        // A socket that was reset before we looked has no address any more.
        if (socket.remoteAddress === undefined) socket.destroy();
        else onConnection(new TcpConnection(socket, this.#lingering));
      });
      server.once('error', (error) => reject(connectError(error, what)));
      const onListening = (): void => {
        server.removeAllListeners('error');
        // What goes wrong with one connection that comes in (EMFILE) ends neither the listener nor the program.
        server.on('error', () => undefined);
        resolve(new TcpListener(server));
      };
      const { host, port } = local;
      // An IPv6 socket for IPv6 alone: IPv4 has a listener of its own at the same port.
      const ipv6Only = host.includes(':');
      tryNow(what, () => server.listen({ host, port, ipv6Only, backlog: BACKLOG, exclusive: true }, onListening));
    });
  }

  async resolve(host: string): Promise<readonly string[]> {
    try {
      const found = await lookup(host, { all: true });
      return found.map(({ address }) => endpointOf(address, 0).host);
    } catch (error) {
      throw connectError(error, `look up ${host}`);
    }
  }

  localHosts(): readonly string[] {
    const hosts: string[] = [];
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address, internal } of addresses ?? []) {
        if (!internal) hosts.push(endpointOf(address, 0).host);
      }
    }
    return hosts;
  }
}
