// Connections that the operator asked for: -connect, which is then all there is, and -addnode with RPC addnode, beside the automatic
// ones. Mirrors the first half of Core's ThreadOpenConnections, and ThreadOpenAddedConnections. A machine without a clock, driven by
// ConnectionPlan. Names are kept as they were given: the shell resolves them anew at each attempt.

import {
  addressKey,
  equalAddresses,
  flipIpv6ToCjdns,
  formatHost,
  formatNetAddress,
  type NetAddress,
  parseNetAddress,
} from '../wire/net-address.ts';

/** Connections from the list of -addnode at once (Core MAX_ADDNODE_CONNECTIONS). */
export const ADDED_CONNECTIONS_MAX = 8;
/** Pause between two attempts (Core). */
const STEP_MS = 500;
/** Attempts to a node of -connect come up to so many pauses apart, from one round to the next (Core). */
const CONNECT_PAUSES_MAX = 10;
/** The list of -addnode is gone through again after so long when something was tried, or nothing (Core). */
const RETRY_MS = 60_000;
const IDLE_MS = 2_000;
/** A longer list is not searched for each address that is selected (Core AddedNodesContain). */
const SEARCHED_COUNT_MAX = 24;

/** A connection as far as it matters here: made or under way. */
export interface ManualConnection {
  /** Null while a name is being resolved. */
  readonly address: NetAddress | null;
  /** As the operator wrote it, when it was asked for by him. */
  readonly name: string | null;
}

/** True when a node that the operator named is connected, by its name or its address. */
export function isNodeConnected(name: string, connections: readonly ManualConnection[], defaultPort: number): boolean {
  const parsed = parseNetAddress(name, defaultPort);
  // Whether an address of that range is of CJDNS matters to nobody here, as long as both are taken alike.
  const address = parsed === null ? null : flipIpv6ToCjdns(parsed);
  return connections.some(
    (one) =>
      one.name === name ||
      (address !== null && one.address !== null && equalAddresses(flipIpv6ToCjdns(one.address), address)),
  );
}

/** -connect: these nodes and no others, again and again. */
export class ConnectDialing {
  readonly #names: readonly string[];
  readonly #defaultPort: number;
  #index = 0;
  #round = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(names: readonly string[], defaultPort: number) {
    this.#names = names;
    this.#defaultPort = defaultPort;
  }

  /** When {@link next} has something to do again. */
  get wakeAtMs(): number {
    return this.#nextMs;
  }

  /** The node to dial now, or null. */
  next(connections: readonly ManualConnection[], nowMs: number): string | null {
    if (nowMs < this.#nextMs || this.#names.length === 0) return null;
    const name = this.#names[this.#index]!;
    this.#nextMs = nowMs + STEP_MS * Math.min(this.#round, CONNECT_PAUSES_MAX);
    this.#index++;
    if (this.#index === this.#names.length) {
      this.#index = 0;
      this.#round++;
      this.#nextMs += STEP_MS;
    }
    return isNodeConnected(name, connections, this.#defaultPort) ? null : name;
  }
}

/** -addnode: these nodes, eight at most, tried again every minute. */
export class AddedDialing {
  readonly #names: string[] = [];
  /** Those that are to be dialled without encryption. */
  readonly #plain: Set<string> = new Set();
  readonly #defaultPort: number;
  /** What is left of the round under way; null: between rounds. */
  #round: string[] | null = null;
  #hasTried = false;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(names: readonly string[], defaultPort: number) {
    this.#defaultPort = defaultPort;
    for (const name of names) this.add(name);
  }

  /** The list, as the operator wrote it. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** When {@link next} has something to do again. */
  get wakeAtMs(): number {
    return this.#nextMs;
  }

  /** Puts a node on the list; false when it is there, perhaps written in another way. */
  add(name: string, wantsEncryption = true): boolean {
    const key = this.#key(name);
    if (this.#names.some((known) => this.#key(known) === key)) return false;
    this.#names.push(name);
    if (!wantsEncryption) this.#plain.add(name);
    return true;
  }

  /** Whether the connection to a node of the list is to be encrypted, if we can (BIP324). */
  wantsEncryption(name: string): boolean {
    return !this.#plain.has(name);
  }

  /** Takes a node off the list, by the text that put it there; false when it is not on it. Its connection stays. */
  remove(name: string): boolean {
    const at = this.#names.indexOf(name);
    if (at < 0) return false;
    this.#names.splice(at, 1);
    this.#plain.delete(name);
    return true;
  }

  /** True when the list holds the address, with or without its port, as people write it. */
  contains(address: NetAddress): boolean {
    if (this.#names.length === 0 || this.#names.length >= SEARCHED_COUNT_MAX) return false;
    return this.#names.includes(formatHost(address)) || this.#names.includes(formatNetAddress(address));
  }

  /** The node to dial now, or null. `manual` are the connections that were asked for, `connections` all of them. */
  next(connections: readonly ManualConnection[], manual: readonly ManualConnection[], nowMs: number): string | null {
    if (nowMs < this.#nextMs) return null;
    if (this.#usedPlaces(manual) >= ADDED_CONNECTIONS_MAX) {
      this.#round = null;
      this.#nextMs = nowMs + IDLE_MS;
      return null;
    }
    this.#round ??= this.#names.filter((name) => !isNodeConnected(name, connections, this.#defaultPort));
    const name = this.#round.shift();
    if (name === undefined) {
      this.#nextMs = nowMs + (this.#hasTried ? RETRY_MS : IDLE_MS);
      this.#round = null;
      this.#hasTried = false;
      return null;
    }
    this.#nextMs = nowMs + STEP_MS;
    // the list or the connections may have changed during the round
    if (!this.#names.includes(name) || isNodeConnected(name, connections, this.#defaultPort)) return null;
    this.#hasTried = true;
    return name;
  }

  #usedPlaces(manual: readonly ManualConnection[]): number {
    return this.#names.filter((name) => isNodeConnected(name, manual, this.#defaultPort)).length;
  }

  /** Equal for texts that name the same node. */
  #key(name: string): string {
    const address = parseNetAddress(name, this.#defaultPort);
    return address === null ? name : addressKey(address);
  }
}
