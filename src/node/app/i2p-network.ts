// A Network before another one, through which addresses of I2P are reached: by the session of the address that others know us by, or
// where nobody is to connect to us by sessions that are used once (Core net.cpp: ConnectNode, ThreadI2PAcceptIncoming). Everything
// else is the other network's affair.

import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import {
  ConnectError,
  type Connection,
  type Endpoint,
  type I2pEvents,
  type Listener,
  type Logger,
  type Network,
  type Timers,
} from '../ports.ts';
import { formatHost, type NetAddress, parseHost } from '../wire/net-address.ts';
import { type I2pKeyStore, I2pSession } from './i2p-session.ts';
import { SamRouter } from './sam-router.ts';

/** Transient sessions that are kept after an attempt that failed: to make one is dear (Core MAX_UNUSED_I2P_SESSIONS_SIZE). */
const UNUSED_SESSIONS_MAX = 10;

/** Pauses after it failed to wait for connections: longer and longer (Core err_wait_begin, err_wait_cap). */
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX: number = 5 * 60_000;

/** What the network is made with. */
export interface I2pNetworkParts {
  /** Reaches the router, too. */
  readonly inner: Network;
  /** Where the router listens (-i2psam). */
  readonly sam: Endpoint;
  /** Time for a connection to the router itself (-timeout). */
  readonly connectTimeoutMs: number;
  /** The key of our address; null: nobody is to connect to us (-i2pacceptincoming=0). */
  readonly keys: I2pKeyStore | null;
  readonly timers: Pick<Timers, 'after'>;
  readonly log: Logger;
  readonly rng: Rng;
}

/** See the top of the file. */
export class I2pNetwork implements Network {
  readonly #parts: I2pNetworkParts;
  readonly #inner: Network;
  readonly #router: SamRouter;
  /** Of the address that others know; null: there is none. */
  readonly #persistent: I2pSession | null;
  readonly #unused: I2pSession[] = [];
  readonly #acceptors: Set<I2pAcceptor> = new Set();

  constructor(parts: I2pNetworkParts) {
    const { inner, sam, connectTimeoutMs, keys, timers, log, rng } = parts;
    this.#parts = parts;
    this.#inner = inner;
    this.#router = new SamRouter(inner, timers, sam, connectTimeoutMs);
    this.#persistent = keys === null ? null : new I2pSession({ router: this.#router, keys, log, rng });
  }

  get dialsNames(): boolean {
    return this.#inner.dialsNames === true;
  }

  dial(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const address = asI2p(remote);
    if (address === null) return this.#inner.dial(remote, timeoutMs);
    return this.#persistent === null ? this.#dialOnce(address) : this.#persistent.connect(address);
  }

  /** By an address that nobody has seen before: ours would tell who we are. */
  async dialPrivately(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const address = asI2p(remote);
    if (address !== null) return await this.#dialOnce(address);
    if (this.#inner.dialPrivately !== undefined) return await this.#inner.dialPrivately(remote, timeoutMs);
    throw new ConnectError('ENETUNREACH', `connect to ${remote.host}: there is no private way to it`);
  }

  /** The session lives as long as the connection, or waits for the next one when none has come about. */
  async #dialOnce(address: NetAddress): Promise<Connection> {
    const { log, rng } = this.#parts;
    const session = this.#unused.shift() ?? new I2pSession({ router: this.#router, keys: null, log, rng });
    try {
      return await session.connect(address, () => session.close());
    } catch (error) {
      if (this.#unused.length < UNUSED_SESSIONS_MAX) this.#unused.push(session);
      else session.close();
      throw error;
    }
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

  acceptByI2p(events: I2pEvents): Unsubscribe {
    if (this.#persistent === null) return () => undefined;
    const acceptor = new I2pAcceptor(this.#persistent, this.#parts, events);
    this.#acceptors.add(acceptor);
    acceptor.start();
    return () => {
      this.#acceptors.delete(acceptor);
      acceptor.stop();
    };
  }

  abandonDials(): void {
    for (const acceptor of this.#acceptors) acceptor.stop();
    this.#router.abandon();
    this.#inner.abandonDials?.();
  }
}

/** The address of a place in I2P; null for any other place. */
function asI2p({ host, port }: Endpoint): NetAddress | null {
  const address = parseHost(host, port);
  return address?.network === 'i2p' ? address : null;
}

/** Waits for connections, one after another, for as long as it is wanted. */
class I2pAcceptor {
  readonly #session: I2pSession;
  readonly #timers: Pick<Timers, 'after'>;
  readonly #log: Logger;
  readonly #events: I2pEvents;
  #pauseMs = PAUSE_MS;
  /** What others are told; null: nothing. */
  #toldHost: string | null = null;
  #lastFailure: string | null = null;
  #isStopped = false;
  #cancelPause: Unsubscribe = () => undefined;

  constructor(session: I2pSession, { timers, log }: Pick<I2pNetworkParts, 'timers' | 'log'>, events: I2pEvents) {
    this.#session = session;
    this.#timers = timers;
    this.#log = log;
    this.#events = events;
  }

  start(): void {
    this.#takeOne().catch(this.#events.onFailed);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPause();
  }

  async #takeOne(): Promise<void> {
    const connection = await this.#waitForOne();
    if (this.#isStopped) connection?.close();
    else if (connection === null) this.#goOnAfter(this.#pauseMs);
    else {
      this.#pauseMs = PAUSE_MS;
      this.#events.onConnection(connection);
      this.#goOnAfter(0);
    }
  }

  #goOnAfter(delayMs: number): void {
    if (delayMs > 0) this.#pauseMs = Math.min(this.#pauseMs + PAUSE_MS, PAUSE_MS_MAX);
    this.#cancelPause = this.#timers.after(delayMs, () => this.start());
  }

  /** Null: nobody could come. */
  async #waitForOne(): Promise<Connection | null> {
    let isListening = false;
    try {
      const waiting = await this.#session.listen();
      isListening = true;
      this.#lastFailure = null;
      this.#tell(formatHost(waiting.me));
      return await waiting.accept();
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      if (this.#isStopped) this.#log.debug('i2p', () => 'Accept was interrupted');
      else if (isListening) this.#log.debug('i2p', () => `Error accepting: ${error.message}`);
      else this.#noteFailure(error.message);
      return null;
    }
  }

  #tell(host: string | null): void {
    if (this.#toldHost === host || this.#isStopped) return;
    this.#toldHost = host;
    this.#events.onAddress(host);
  }

  /** A router that is away for long is no news. */
  #noteFailure(text: string): void {
    this.#tell(null);
    const line = `Couldn't listen: ${text}`;
    if (text === this.#lastFailure) this.#log.debug('i2p', () => line);
    else this.#log.warn(line);
    this.#lastFailure = text;
  }
}
