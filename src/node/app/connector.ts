// Makes the connections that the plan wants (p2p/connection-plan.ts): asks it what to do, dials, resolves names, and shows it what is
// there. The half of Core's CConnman that opens connections.

import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { PlannedConnection } from '../p2p/address-choice.ts';
import type { AddressManager } from '../p2p/addrman.ts';
import type { ConnectionKind } from '../p2p/connection-kind.ts';
import type { ConnectionPlan, Dial, PlanStep } from '../p2p/connection-plan.ts';
import { shuffled } from '../p2p/shuffle.ts';
import {
  type Clock,
  ConnectError,
  type Connection,
  type Endpoint,
  type Logger,
  type Network,
  type Timers,
} from '../ports.ts';
import {
  asUsed,
  formatHost,
  formatNetAddress,
  isBindAny,
  type NetAddress,
  type Network as NetworkKind,
  parseHost,
  parseNetAddress,
  splitHostPort,
  unspecifiedAddress,
} from '../wire/net-address.ts';

/** A connection that was asked for and has come about. */
export interface Dialled {
  readonly connection: Connection;
  readonly kind: Exclude<ConnectionKind, 'inbound'>;
  readonly address: NetAddress;
  readonly name: string | null;
  readonly wantsEncryption: boolean;
}

/** What a connector is made with. */
export interface ConnectorParts {
  readonly plan: ConnectionPlan;
  readonly addressManager: AddressManager;
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  readonly defaultPort: number;
  /** Networks that connections are made to. */
  readonly reachable: ReadonlySet<NetworkKind>;
  readonly timeoutMs: number;
  /** Connections that are there. */
  readonly connections: () => readonly PlannedConnection[];
  readonly blocksBehind: () => number;
  readonly isOwn: (address: NetAddress) => boolean;
  readonly isUnwanted: (address: NetAddress) => boolean;
  readonly onConnected: (dialled: Dialled) => void;
  /** A bug of ours: the node is to stop. */
  readonly onFatal: (error: unknown) => void;
}

/** Most addresses of one name that are tried, one after another. */
const ADDRESSES_PER_NAME_MAX = 8;

/** Opens connections. */
export class Connector {
  readonly #parts: ConnectorParts;
  readonly #dialling: Set<PlannedConnection> = new Set();
  readonly #work: Set<Promise<void>> = new Set();
  #cancelTimer: Unsubscribe = () => undefined;
  /** When it will look next. */
  #wakeAtMs: number = Number.POSITIVE_INFINITY;
  /** For how long it has waited while the clock stood still. */
  #standstillMs = 0;
  #isRunning = false;
  #isNetworkActive = true;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isRunning = true;
    this.#look();
  }

  /** Something about the connections has changed: the plan may want others. */
  changed(): void {
    if (this.#isRunning) this.#schedule(1);
  }

  /** Connections that there are, and those that are being made. */
  get connections(): readonly PlannedConnection[] {
    return [...this.#parts.connections(), ...this.#dialling];
  }

  /** Whether connections are made at all. */
  get isNetworkActive(): boolean {
    return this.#isNetworkActive;
  }

  /** Makes no connections any more, or makes them again. */
  setNetworkActive(isActive: boolean): void {
    this.#isNetworkActive = isActive;
    this.#parts.log.info(`SetNetworkActive: ${isActive}`);
    this.changed();
  }

  /** Dials at once, whatever the plan says; resolves to whether a connection has come about. */
  async dialNow(step: Dial): Promise<boolean> {
    let isConnected = false;
    if (!this.#isRunning || !this.#isNetworkActive) return false;
    const work = this.#dial(step).then((outcome) => {
      isConnected = outcome;
    });
    await this.#track(work);
    return isConnected;
  }

  /** Opens no more; resolves when attempts under way have come to an end. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelTimer();
    await Promise.all(this.#work);
  }

  /** Sooner is never put off to later: who connects to us again and again must not keep us from connecting (D18). */
  #schedule(delayMs: number): void {
    const { clock, timers } = this.#parts;
    const setAtMs = clock.monotonicMs();
    const wakeAtMs = this.#nowMs() + delayMs;
    if (wakeAtMs >= this.#wakeAtMs) return;
    this.#cancelTimer();
    this.#wakeAtMs = wakeAtMs;
    this.#cancelTimer = timers.after(delayMs, () => {
      // A clock that stands still (setmocktime) does not keep the plan from going on: pauses between attempts are real ones, as in Core.
      if (clock.monotonicMs() === setAtMs) this.#standstillMs += delayMs;
      this.#look();
    });
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs() + this.#standstillMs;
  }

  #look(): void {
    if (!this.#isRunning) return;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    try {
      this.#followPlan();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#isRunning = false;
    this.#cancelTimer();
    this.#parts.onFatal(error);
  }

  #followPlan(): void {
    const { plan, addressManager, blocksBehind, isOwn, isUnwanted } = this.#parts;
    const nowMs = this.#nowMs();
    const steps = plan.next(
      {
        connections: this.connections,
        addresses: addressManager,
        isNetworkActive: this.#isNetworkActive,
        blocksBehind: blocksBehind(),
        isOwn,
        isUnwanted,
      },
      nowMs,
      this.#nowSec(),
    );
    for (const step of steps) this.#do(step);
    this.#schedule(plan.wakeAtMs(nowMs) - nowMs);
  }

  #nowSec(): number {
    return Math.floor(this.#parts.clock.wallMs() / 1000);
  }

  #do(step: PlanStep): void {
    const { log } = this.#parts;
    switch (step.type) {
      case 'log':
        if (step.level === 'info') log.info(step.text);
        else log.debug('net', () => step.text);
        return;
      case 'resolve-seed':
        void this.#track(this.#askSeed(step.seed, step.host));
        return;
      case 'dial':
        void this.dialNow(step);
    }
  }

  /** Never rejects: what goes wrong is told to the owner. */
  #track(work: Promise<void>): Promise<void> {
    const tracked = work.catch((error: unknown) => this.#fail(error)).finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
    return tracked;
  }

  async #askSeed(seed: string, host: string): Promise<void> {
    const { plan, network, addressManager, log } = this.#parts;
    let answers: readonly string[] | null = null;
    try {
      answers = await network.resolve(host);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      log.debug('net', () => error.message);
    }
    plan.seedAnswered(seed, answers, addressManager, this.#nowSec());
    this.changed();
  }

  /** Resolves to whether a connection has come about that is wanted. */
  async #dial(step: Dial): Promise<boolean> {
    const shown: PlannedConnection = { kind: step.kind, address: step.address, name: step.name, isEstablished: false };
    this.#dialling.add(shown);
    try {
      for (const address of await this.#findAddresses(step)) {
        if (!this.#isRunning) return false;
        const connection = await this.#connect(step, address);
        if (connection === null) continue;
        this.#dialling.delete(shown);
        const { kind, name, wantsEncryption } = step;
        if (this.#isRunning) this.#parts.onConnected({ connection, kind, address, name, wantsEncryption });
        else connection.close();
        return this.#isRunning;
      }
      return false;
    } finally {
      this.#dialling.delete(shown);
      this.changed();
    }
  }

  /** Numeric addresses of what is to be dialled. */
  async #findAddresses({ address, name }: Dial): Promise<readonly NetAddress[]> {
    if (address !== null) return [address];
    const { network, defaultPort, reachable, log, rng } = this.#parts;
    const split = splitHostPort(name ?? '');
    if (split === null) return [];
    const { host, port } = split;
    const numeric = parseNetAddress(name ?? '', defaultPort);
    if (numeric !== null) return [asUsed(numeric, reachable)];
    // A proxy looks names up: where they lead is never known here (Core has an address of zeros for it, too).
    if (network.dialsNames === true) return [unspecifiedAddress(port ?? defaultPort)];
    try {
      const hosts = await network.resolve(host);
      const found = hosts.map((text) => parseHost(text, port ?? defaultPort)).filter((one) => one !== null);
      const used = found.map((one) => asUsed(one, reachable));
      return shuffled(used, rng).slice(0, ADDRESSES_PER_NAME_MAX);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      log.debug('net', () => error.message);
      return [];
    }
  }

  async #connect(step: Dial, address: NetAddress): Promise<Connection | null> {
    const { network, addressManager, timeoutMs, log, isUnwanted } = this.#parts;
    if (step.kind !== 'manual' && isUnwanted(address)) return null;
    const name = isBindAny(address) ? (splitHostPort(step.name ?? '')?.host ?? null) : null;
    const shown = name === null ? formatNetAddress(address) : `${name}:${address.port}`;
    const noteAttempt = (): void => addressManager.attempt(address, step.isFailureCounted, this.#nowSec());
    try {
      const remote = { host: name ?? formatHost(address), port: address.port };
      const isPrivate = step.kind === 'private-broadcast';
      const dialling = isPrivate ? dialPrivately(network, remote, timeoutMs) : network.dial(remote, timeoutMs);
      const connection = await dialling;
      noteAttempt();
      return connection;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      // While a proxy is away, nobody behind it is to blame (Core).
      if (!error.isWayBroken) noteAttempt();
      log.debug('net', () => `connection attempt to ${shown} failed: ${error.message}`);
      return null;
    }
  }
}

/** There is no other way for such a connection: to dial it straight would show where its transaction comes from. */
function dialPrivately(network: Network, remote: Endpoint, timeoutMs: number): Promise<Connection> {
  if (network.dialPrivately !== undefined) return network.dialPrivately(remote, timeoutMs);
  return Promise.reject(new ConnectError('ENETUNREACH', `connect to ${remote.host}: there is no private way to it`));
}
