// Connections through SOCKS5 proxies, one for each kind of network and one for names (Core netbase.cpp ConnectThroughProxy): a Network
// before another one. What has no proxy goes straight, but never an address that only a proxy could reach. Addresses of this machine
// and of private networks are of no kind, and go straight as in Core.

import type { Rng } from '../../kernel/util/prng.ts';
import {
  ConnectError,
  type Connection,
  type Endpoint,
  type Listener,
  type Network,
  type SocksProxy,
  type Timers,
} from '../ports.ts';
import {
  flipIpv6ToCjdns,
  isPrivacyNet,
  type NetAddress,
  type Network as NetworkKind,
  parseHost,
  routableNetwork,
} from '../wire/net-address.ts';
import { SOCKS_HOST_LENGTH_MAX, Socks5Request, type SocksCredentials } from '../wire/socks5.ts';
import { Preface } from './prefaced-connection.ts';

/** How long a proxy may take for its answers (Core SOCKS5_RECV_TIMEOUT). */
const ANSWER_MS_MAX = 20_000;

/** What can be reached through Tor. */
const BY_TOR: ReadonlySet<string> = new Set<NetworkKind>(['onion', 'ipv4', 'ipv6']);

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
  readonly #byNetwork: Map<NetworkKind, SocksProxy>;
  readonly #forNames: SocksProxy | null;
  readonly #timers: Pick<Timers, 'after'>;
  /** In front of every user name, so that a restart begins new circuits. */
  readonly #userPrefix: string;
  #userCount = 0;
  readonly #usesCjdns: boolean;

  /** `usesCjdns`: IPv6 addresses of the CJDNS range are of that network (-cjdnsreachable). */
  constructor(inner: Network, proxies: Proxies, timers: Pick<Timers, 'after'>, rng: Rng, usesCjdns = false) {
    this.#usesCjdns = usesCjdns;
    this.#inner = inner;
    this.#byNetwork = new Map(proxies.byNetwork);
    this.#forNames = proxies.forNames;
    this.#timers = timers;
    this.#userPrefix = [rng.nextU32(), rng.nextU32()].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  get dialsNames(): boolean {
    return this.#forNames !== null;
  }

  /** Connections to addresses of a network go through a proxy from now on. */
  useProxy(network: NetworkKind, proxy: SocksProxy): void {
    this.#byNetwork.set(network, proxy);
  }

  async dial(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const address = this.#parse(remote);
    const network = address === null ? null : routableNetwork(address);
    const proxy =
      network === null ? this.#forNames : network === 'unroutable' ? null : (this.#byNetwork.get(network) ?? null);
    if (proxy !== null) return this.#dialThrough(proxy, remote, timeoutMs);
    if (address !== null && isPrivacyNet(address)) {
      throw new ConnectError('ENETUNREACH', `connect to ${remote.host}: there is no proxy for ${network} addresses`);
    }
    return this.#inner.dial(remote, timeoutMs);
  }

  /** Through the proxy for onion addresses, which is Tor: its exits reach other networks, too. */
  async dialPrivately(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const address = this.#parse(remote);
    const network = address === null ? 'unroutable' : routableNetwork(address);
    const tor = BY_TOR.has(network) ? this.#byNetwork.get('onion') : undefined;
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

  #parse({ host, port }: Endpoint): NetAddress | null {
    const address = parseHost(host, port);
    return address !== null && this.#usesCjdns ? flipIpv6ToCjdns(address) : address;
  }

  async #dialThrough({ endpoint, isRandomized }: SocksProxy, remote: Endpoint, timeoutMs: number): Promise<Connection> {
    if (remote.host.length > SOCKS_HOST_LENGTH_MAX) throw new ConnectError('ENOTFOUND', 'a name that no proxy takes');
    const request = new Socks5Request(remote.host, remote.port, isRandomized ? this.#nextCredentials() : null);
    return talkThrough(await this.#dialProxy(endpoint, timeoutMs), request, remote, this.#timers);
  }

  /** A proxy that is not there says nothing about whom it was to lead to. */
  async #dialProxy(endpoint: Endpoint, timeoutMs: number): Promise<Connection> {
    try {
      return await this.#inner.dial(endpoint, timeoutMs);
    } catch (cause) {
      if (!(cause instanceof ConnectError)) throw cause;
      throw new ConnectError(cause.code, cause.message, { cause, isWayBroken: true });
    }
  }

  #nextCredentials(): SocksCredentials {
    const user = `${this.#userPrefix}-${this.#userCount++}`;
    return { user, password: user };
  }
}

/** Talks to a proxy until the connection leads to `remote`; rejects with a {@link ConnectError}. */
function talkThrough(
  inner: Connection,
  request: Socks5Request,
  remote: Endpoint,
  timers: Pick<Timers, 'after'>,
): Promise<Connection> {
  const preface = new Preface(inner, timers);
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      cancel();
      preface.close();
      reject(new ConnectError('EPROXY', `Socks5() connect to ${remote.host}:${remote.port} failed: ${reason}`));
    };
    const cancel = timers.after(ANSWER_MS_MAX, () => fail('the proxy does not answer'));
    preface.begin({
      onBytes: (bytes) => {
        const step = request.receive(bytes);
        if (step.type === 'send') preface.send(step.bytes);
        if (step.type === 'failed') fail(step.reason);
        if (step.type !== 'connected') return;
        cancel();
        resolve(preface.handOn({ remote, local: preface.local, rest: step.rest }));
      },
      onClosed: (reason) => fail(reason ?? 'the proxy has closed the connection'),
    });
    preface.send(request.begin());
  });
}
