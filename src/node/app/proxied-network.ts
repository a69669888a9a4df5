// Connections through SOCKS5 proxies, one for each kind of network and one for names (Core netbase.cpp ConnectThroughProxy): a Network
// before another one. What has no proxy goes straight, but never an address that only a proxy could reach. Addresses of this machine
// and of private networks are of no kind, and go straight as in Core.

import { concatBytes, EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import {
  ConnectError,
  type Connection,
  type ConnectionHandler,
  type Endpoint,
  type Listener,
  type Network,
  type Timers,
} from '../ports.ts';
import { isPrivacyNet, type Network as NetworkKind, parseHost, routableNetwork } from '../wire/net-address.ts';
import { SOCKS_HOST_LENGTH_MAX, Socks5Request, type SocksCredentials } from '../wire/socks5.ts';

/** How long a proxy may take for its answers (Core SOCKS5_RECV_TIMEOUT). */
const ANSWER_MS_MAX = 20_000;

/** What can be reached through Tor. */
const BY_TOR: ReadonlySet<string> = new Set<NetworkKind>(['onion', 'ipv4', 'ipv6']);

/** A proxy. */
export interface SocksProxy {
  /** A host that begins with `unix:` is the path of a socket. */
  readonly endpoint: Endpoint;
  /** Every connection gets a user name of its own, and so a circuit of its own in Tor (-proxyrandomize). */
  readonly isRandomized: boolean;
}

/** Which proxy is for what. */
export interface Proxies {
  readonly byNetwork: ReadonlyMap<NetworkKind, SocksProxy>;
  /** Null: names are looked up here. */
  readonly forNames: SocksProxy | null;
}

/** No proxies. */
export const NO_PROXIES: Proxies = Object.freeze({ byNetwork: new Map(), forNames: null });

/** A network whose connections go through proxies. */
export class ProxiedNetwork implements Network {
  readonly #inner: Network;
  readonly #proxies: Proxies;
  readonly #timers: Pick<Timers, 'after'>;
  /** In front of every user name, so that a restart begins new circuits. */
  readonly #userPrefix: string;
  #userCount = 0;

  constructor(inner: Network, proxies: Proxies, timers: Pick<Timers, 'after'>, rng: Rng) {
    this.#inner = inner;
    this.#proxies = proxies;
    this.#timers = timers;
    this.#userPrefix = [rng.nextU32(), rng.nextU32()].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  get dialsNames(): boolean {
    return this.#proxies.forNames !== null;
  }

  async dial(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const address = parseHost(remote.host, remote.port);
    const { byNetwork, forNames } = this.#proxies;
    const network = address === null ? null : routableNetwork(address);
    const proxy = network === null ? forNames : network === 'unroutable' ? null : (byNetwork.get(network) ?? null);
    if (proxy !== null) return this.#dialThrough(proxy, remote, timeoutMs);
    if (address !== null && isPrivacyNet(address)) {
      throw new ConnectError('ENETUNREACH', `connect to ${remote.host}: there is no proxy for ${network} addresses`);
    }
    return this.#inner.dial(remote, timeoutMs);
  }

  /** Through the proxy for onion addresses, which is Tor: its exits reach other networks, too. */
  async dialPrivately(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const address = parseHost(remote.host, remote.port);
    const network = address === null ? 'unroutable' : routableNetwork(address);
    const tor = BY_TOR.has(network) ? this.#proxies.byNetwork.get('onion') : undefined;
    if (tor !== undefined) return this.#dialThrough(tor, remote, timeoutMs);
    throw new ConnectError('ENETUNREACH', `connect to ${remote.host}: Tor does not lead to ${network} addresses`);
  }

  listen(local: Endpoint, onConnection: (connection: Connection) => void): Promise<Listener> {
    return this.#inner.listen(local, onConnection);
  }

  resolve(host: string): Promise<readonly string[]> {
    return this.#inner.resolve(host);
  }

  localHosts(): readonly string[] {
    return this.#inner.localHosts();
  }

  async #dialThrough({ endpoint, isRandomized }: SocksProxy, remote: Endpoint, timeoutMs: number): Promise<Connection> {
    if (remote.host.length > SOCKS_HOST_LENGTH_MAX) throw new ConnectError('ENOTFOUND', 'a name that no proxy takes');
    const request = new Socks5Request(remote.host, remote.port, isRandomized ? this.#nextCredentials() : null);
    const connection = new ProxiedConnection(await this.#inner.dial(endpoint, timeoutMs), remote, this.#timers);
    await connection.request(request);
    return connection;
  }

  #nextCredentials(): SocksCredentials {
    const user = `${this.#userPrefix}-${this.#userCount++}`;
    return { user, password: user };
  }
}

/** A connection to a proxy that becomes one to somebody else. */
class ProxiedConnection implements Connection {
  readonly remote: Endpoint;
  readonly #inner: Connection;
  readonly #timers: Pick<Timers, 'after'>;
  #handler: ConnectionHandler | null = null;
  /** First bytes, which came before anybody listened. */
  #early: Uint8Array = EMPTY_BYTES;
  #isClosed = false;
  #closeReason: string | null = null;

  constructor(inner: Connection, remote: Endpoint, timers: Pick<Timers, 'after'>) {
    this.#inner = inner;
    this.#timers = timers;
    this.remote = remote;
  }

  get local(): Endpoint {
    return this.#inner.local;
  }

  get queuedBytes(): number {
    return this.#inner.queuedBytes;
  }

  /** Talks to the proxy; rejects with a {@link ConnectError}. */
  request(request: Socks5Request): Promise<void> {
    const { host, port } = this.remote;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        cancel();
        this.#inner.close();
        reject(new ConnectError('EPROXY', `Socks5() connect to ${host}:${port} failed: ${reason}`));
      };
      const cancel = this.#timers.after(ANSWER_MS_MAX, () => fail('the proxy does not answer'));
      this.#handler = {
        onBytes: (bytes) => {
          const step = request.receive(bytes);
          if (step.type === 'send') this.#inner.send(step.bytes);
          if (step.type === 'failed') fail(step.reason);
          if (step.type !== 'connected') return;
          cancel();
          this.#handler = null;
          this.#early = step.rest;
          // Whoever takes it over reads on.
          this.#inner.setReading(false);
          resolve();
        },
        onSent: () => undefined,
        onClosed: (reason) => fail(reason ?? 'the proxy has closed the connection'),
      };
      this.#inner.start({
        onBytes: (bytes) => {
          if (this.#handler === null) this.#early = concatBytes(this.#early, bytes);
          else this.#handler.onBytes(bytes);
        },
        onSent: () => this.#handler?.onSent(),
        onClosed: (reason) => {
          this.#isClosed = true;
          this.#closeReason = reason;
          this.#handler?.onClosed(reason);
        },
      });
      this.#inner.send(request.begin());
    });
  }

  start(handler: ConnectionHandler): void {
    this.#timers.after(0, () => {
      this.#handler = handler;
      if (this.#early.length > 0) handler.onBytes(this.#early.slice());
      this.#early = EMPTY_BYTES;
      if (this.#isClosed) handler.onClosed(this.#closeReason);
      else this.#inner.setReading(true);
    });
  }

  send(bytes: Uint8Array): void {
    this.#inner.send(bytes);
  }

  setReading(isReading: boolean): void {
    this.#inner.setReading(isReading);
  }

  close(): void {
    this.#inner.close();
  }
}
