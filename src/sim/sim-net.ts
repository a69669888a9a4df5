// The network of a world: hosts with addresses, connections between them, names, and everything that goes wrong in between. A host
// sees it through the Network port of node/ports.ts; addresses cannot be forged, as with TCP.
//
// A path is what lies between two hosts in one direction. It may be blocked (a partition, which may be one-way), or slow (clogged).
// Blocked bytes wait and arrive when the blockade ends, as retransmission would have it. A host that loses its power says nothing:
// the other side learns of it when it next sends to a host that is back and knows nothing (half-open), or never.

import { assert } from '../kernel/util/assert.ts';
import type { Rng } from '../kernel/util/prng.ts';
import {
  ConnectError,
  type Connection,
  type ConnectionHandler,
  type Endpoint,
  type Listener,
  type Network,
} from '../node/ports.ts';
import { drawBetween, drawChance, shuffled } from './chance.ts';
import type { MachineLife } from './machine.ts';
import { type LinkConditions, SimLink } from './sim-link.ts';
import type { World } from './world.ts';

/** What the network is like, between any two hosts unless said otherwise. */
export interface NetworkOptions {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  readonly bytesPerSec: number;
  /** See {@link LinkConditions.shredPerMille}. */
  readonly shredPerMille: number;
  /** Of 1,000 attempts to connect so many are refused for no reason. */
  readonly refusePerMille: number;
}

/** A clogged path is so many times slower. */
const CLOG_FACTOR = 50;

/** First port of outgoing connections. */
const EPHEMERAL_PORT = 49_152;

interface Host {
  readonly address: string;
  readonly owner: number;
  life: MachineLife | null;
  readonly listeners: Map<number, (connection: Connection) => void>;
  readonly connections: Set<SimConnection>;
  nextPort: number;
}

/** All hosts, paths and names. */
export class SimNet {
  readonly world: World;
  options: NetworkOptions;
  readonly #rng: Rng;
  readonly #hosts: Map<string, Host> = new Map();
  readonly #names: Map<string, readonly string[]> = new Map();
  readonly #blocked: Set<string> = new Set();
  readonly #clogged: Set<string> = new Set();
  #sentBytes = 0;

  constructor(world: World, options: NetworkOptions) {
    this.world = world;
    this.options = options;
    this.#rng = world.fork('net');
  }

  /** Bytes handed to the network so far. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  // --- hosts ----------------------------------------------------------------------------------------------------------

  /** Makes a host known, which is off until {@link powerOn}. */
  addHost(address: string, owner: number): void {
    assert(!this.#hosts.has(address), `one host at ${address}`);
    this.#hosts.set(address, {
      address,
      owner,
      life: null,
      listeners: new Map(),
      connections: new Set(),
      nextPort: EPHEMERAL_PORT,
    });
  }

  /** Begins a life of a host and gives its view of the network. */
  powerOn(address: string, life: MachineLife): Network {
    const host = this.#host(address);
    assert(host.life === null, `the host ${address} is off`);
    host.life = life;
    return new HostNetwork(this, host, life);
  }

  /**
   * Ends the life of a host. `says` true: the system is there and closes the connections of the program that ended; false: silence,
   * as after a power cut.
   */
  powerOff(address: string, says: boolean): void {
    const host = this.#host(address);
    host.life = null;
    host.listeners.clear();
    for (const connection of [...host.connections]) connection.die(says);
    host.connections.clear();
  }

  /** Connections and listeners that a host has open. */
  countOpen(address: string): number {
    const { connections, listeners } = this.#host(address);
    return connections.size + listeners.size;
  }

  /** Lets a name and all names below it stand for addresses; a DNS seed is asked for `x9.…` (nodes with these services). */
  setName(name: string, addresses: readonly string[]): void {
    this.#names.set(name, addresses);
  }

  // --- paths ----------------------------------------------------------------------------------------------------------

  /** Blocks or opens the path from one host to another, one-way. */
  setBlocked(from: string, to: string, isBlocked: boolean): void {
    const key = pathKey(from, to);
    if (isBlocked) this.#blocked.add(key);
    else this.#blocked.delete(key);
    if (!isBlocked) this.#release();
  }

  /** Makes a path slow, or as fast as others. */
  setClogged(from: string, to: string, isClogged: boolean): void {
    const key = pathKey(from, to);
    if (isClogged) this.#clogged.add(key);
    else this.#clogged.delete(key);
  }

  /** Opens and clears all paths. */
  heal(): void {
    this.#blocked.clear();
    this.#clogged.clear();
    this.#release();
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(pathKey(from, to));
  }

  conditions(from: string, to: string): LinkConditions {
    const { options } = this;
    if (this.#clogged.size === 0 || !this.#clogged.has(pathKey(from, to))) return options;
    return {
      ...options,
      latencyMinMs: options.latencyMinMs * CLOG_FACTOR,
      latencyMaxMs: options.latencyMaxMs * CLOG_FACTOR,
      bytesPerSec: Math.max(1, Math.floor(options.bytesPerSec / CLOG_FACTOR)),
    };
  }

  /** Breaks up to `count` connections, as a middlebox that forgets; both sides hear of it. */
  reset(count: number, rng: Rng): void {
    const all = [...this.#hosts.values()].flatMap((host) => [...host.connections].filter((one) => one.isDialer));
    for (const connection of shuffled(rng, all).slice(0, count)) connection.reset();
  }

  #release(): void {
    for (const host of this.#hosts.values()) {
      for (const connection of host.connections) connection.release();
    }
  }

  #host(address: string): Host {
    const host = this.#hosts.get(address);
    assert(host !== undefined, `a host at ${address}`);
    return host;
  }

  // --- what hosts ask for ---------------------------------------------------------------------------------------------

  countSent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  resolve(name: string): readonly string[] | null {
    if (this.#hosts.has(name)) return [name];
    for (const [known, addresses] of this.#names) if (name === known || name.endsWith(`.${known}`)) return addresses;
    return null;
  }

  /** Connects a host to an endpoint: one way there, one way back. */
  async dial(host: Host, life: MachineLife, remote: Endpoint, timeoutMs: number): Promise<Connection> {
    const refuse = (code: string): ConnectError =>
      new ConnectError(code, `connect ${code} ${remote.host}:${remote.port}`);
    const there = this.conditions(host.address, remote.host);
    const wayMs = drawBetween(this.#rng, there.latencyMinMs, there.latencyMaxMs);
    const isLost = this.isBlocked(host.address, remote.host) || this.isBlocked(remote.host, host.address);
    const target = this.#hosts.get(remote.host);
    if (isLost || target === undefined || 2 * wayMs > timeoutMs) {
      await life.delay(timeoutMs, 'dial');
      throw refuse('ETIMEDOUT');
    }
    await life.delay(wayMs, 'dial');
    const accept = target.listeners.get(remote.port);
    if (accept === undefined || target.life === null || drawChance(this.#rng, this.options.refusePerMille)) {
      // A machine without power does not even refuse.
      const answerMs = target.life === null ? timeoutMs : wayMs;
      await life.delay(answerMs, 'dial');
      throw refuse(target.life === null ? 'ETIMEDOUT' : 'ECONNREFUSED');
    }
    const local = { host: host.address, port: host.nextPort };
    host.nextPort = host.nextPort === 65_535 ? EPHEMERAL_PORT : host.nextPort + 1;
    const [near, far] = SimConnection.pair(this, host, target, local, remote, this.#rng);
    accept(far);
    await life.delay(wayMs, 'dial');
    return near;
  }

  listen(host: Host, wanted: Endpoint, onConnection: (connection: Connection) => void): Listener {
    const local = wanted.port === 0 ? { ...wanted, port: host.nextPort++ } : wanted;
    if (host.listeners.has(local.port)) {
      throw new ConnectError('EADDRINUSE', `listen EADDRINUSE ${local.host}:${local.port}`);
    }
    host.listeners.set(local.port, onConnection);
    return {
      local,
      close: async () => {
        if (host.listeners.get(local.port) === onConnection) host.listeners.delete(local.port);
      },
    };
  }
}

function pathKey(from: string, to: string): string {
  return `${from}>${to}`;
}

/** The network as one host sees it during one life. */
class HostNetwork implements Network {
  readonly #net: SimNet;
  readonly #host: Host;
  readonly #life: MachineLife;

  constructor(net: SimNet, host: Host, life: MachineLife) {
    this.#net = net;
    this.#host = host;
    this.#life = life;
  }

  async dial(remote: Endpoint, timeoutMs: number): Promise<Connection> {
    return this.#net.dial(this.#host, this.#life, remote, timeoutMs);
  }

  async listen(local: Endpoint, onConnection: (connection: Connection) => void): Promise<Listener> {
    return this.#net.listen(this.#host, { ...local, host: this.#host.address }, onConnection);
  }

  async resolve(name: string): Promise<readonly string[]> {
    const addresses = this.#net.resolve(name);
    await this.#life.delay(20, 'resolve');
    if (addresses === null) throw new ConnectError('ENOTFOUND', `getaddrinfo ENOTFOUND ${name}`);
    return addresses;
  }

  localHosts(): readonly string[] {
    return [this.#host.address];
  }
}

/** One side of a connection. */
class SimConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** This side has dialled. */
  readonly isDialer: boolean;
  readonly #net: SimNet;
  readonly #host: Host;
  readonly #life: MachineLife;
  readonly #events: (() => void)[] = [];
  #handler: ConnectionHandler | null = null;
  #out!: SimLink;
  #in!: SimLink;
  #peer!: SimConnection;
  #isOver = false;

  private constructor(net: SimNet, host: Host, local: Endpoint, remote: Endpoint, isDialer: boolean) {
    assert(host.life !== null, 'a host that is on');
    this.#net = net;
    this.#host = host;
    this.#life = host.life;
    this.local = local;
    this.remote = remote;
    this.isDialer = isDialer;
    host.connections.add(this);
  }

  /** Both sides of a new connection: the dialler's, the listener's. */
  static pair(
    net: SimNet,
    from: Host,
    to: Host,
    local: Endpoint,
    remote: Endpoint,
    rng: Rng,
  ): readonly [SimConnection, SimConnection] {
    const near = new SimConnection(net, from, local, remote, true);
    const far = new SimConnection(net, to, remote, local, false);
    const linkRng = rng.fork(`${local.host}:${local.port}>${remote.host}:${remote.port}@${net.world.nowMs}`);
    const there = near.#linkTo(far, linkRng.fork('there'));
    const back = far.#linkTo(near, linkRng.fork('back'));
    near.#join(far, there, back);
    far.#join(near, back, there);
    return [near, far];
  }

  #linkTo(other: SimConnection, rng: Rng): SimLink {
    const from = this.#host.address;
    const to = other.#host.address;
    return new SimLink(this.#net.world, rng, {
      label: 'net',
      owner: other.#host.owner,
      conditions: () => this.#net.conditions(from, to),
      isBlocked: () => this.#net.isBlocked(from, to),
      onLeft: () => this.#tell((handler) => handler.onSent()),
      onArrived: (bytes) => other.#receive(bytes),
      onEnd: (reason) => other.#endBy(reason),
    });
  }

  #join(peer: SimConnection, out: SimLink, incoming: SimLink): void {
    this.#peer = peer;
    this.#out = out;
    this.#in = incoming;
  }

  get queuedBytes(): number {
    return this.#isOver ? 0 : this.#out.queuedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    for (const event of this.#events.splice(0)) event();
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver || this.#life.isOver) return;
    this.#net.countSent(bytes.length);
    if (this.#peer.#life.isOver) this.#meetStranger();
    else this.#out.send(bytes);
  }

  setReading(isReading: boolean): void {
    this.#in.setReading(isReading);
  }

  close(): void {
    if (this.#isOver) return;
    this.#out.finish(null);
    this.#in.cut();
    this.#endSoon(null);
  }

  /** The machine on this side has ended. */
  die(says: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#in.cut();
    if (says) this.#out.finish('connection reset by peer');
    else this.#out.cut();
  }

  /** Something in between has ended it. */
  reset(): void {
    for (const side of [this, this.#peer]) {
      side.#in.cut();
      side.#endSoon('connection reset by peer');
    }
  }

  release(): void {
    this.#in.release();
  }

  /** The machine at the other end has another life now, or none: it answers that it knows no such connection, or not at all. */
  #meetStranger(): void {
    const { address } = this.#peer.#host;
    if (this.#peer.#host.life === null || this.#net.isBlocked(address, this.#host.address)) return;
    const { latencyMaxMs } = this.#net.conditions(this.#host.address, address);
    this.#life.after(2 * latencyMaxMs, 'reset', () => this.#endBy('connection reset by peer'));
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#isOver) this.#tell((handler) => handler.onBytes(bytes));
  }

  /** `onClosed` never comes from within a call of this side. */
  #endSoon(reason: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.connections.delete(this);
    this.#life.after(0, 'closed', () => this.#tell((handler) => handler.onClosed(reason)));
  }

  #endBy(reason: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.connections.delete(this);
    this.#out.cut();
    this.#tell((handler) => handler.onClosed(reason));
  }

  #tell(event: (handler: ConnectionHandler) => void): void {
    if (this.#life.isOver) return;
    const handler = this.#handler;
    if (handler !== null) event(handler);
    else this.#events.push(() => event(this.#handler!));
  }
}
