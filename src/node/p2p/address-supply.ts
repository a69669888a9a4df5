// Where addresses come from while the address manager has none, or none that answer: nodes of -seednode, DNS seeds, fixed seeds, in
// this order. Part of ConnectionPlan; mirrors what Core's ThreadOpenConnections does between two connections, and ProcessAddrFetch.

import type { Rng } from '../../kernel/util/prng.ts';
import type { NetAddress, Network } from '../wire/net-address.ts';
import type { AddressSource, PlannedConnection } from './address-choice.ts';
import { DnsSeeding, ENOUGH_CONNECTIONS } from './dns-seeding.ts';
import { ageFixedSeeds, FIXED_SEEDS_SOURCE, readSeedAnswer, seedHost, seedSource } from './seeds.ts';
import { shuffled } from './shuffle.ts';

/** When nothing has brought addresses by then, fixed seeds are taken (Core). */
const FIXED_SEEDS_MS = 60_000;
/** Time until the next node of -seednode is asked (Core ADD_NEXT_SEEDNODE). */
const NEXT_SEED_NODE_MS = 10_000;
/** Hosts that wait to be asked; the lists of -seednode and of DNS seeds are far shorter. Arbitrary. */
const ADDR_FETCHES_MAX = 1_000;

/** What the operator and the network's parameters say. */
export interface AddressSupplyOptions {
  /** -seednode: names or numeric addresses, with or without a port. */
  readonly seedNodes: readonly string[];
  /** Empty when -dnsseed is off. */
  readonly dnsSeeds: readonly string[];
  /** -forcednsseed. */
  readonly isDnsForced: boolean;
  /** Names go through a proxy: seeds are dialled instead of resolved. */
  readonly hasNameProxy: boolean;
  readonly useFixedSeeds: boolean;
  readonly fixedSeeds: readonly NetAddress[];
  /** Networks that we can reach and that -onlynet allows. */
  readonly reachable: ReadonlySet<Network>;
  readonly defaultPort: number;
}

/** What to do. */
export type SupplyStep =
  /** Resolve `host` and hand what comes to `seedAnswered`. */
  | { readonly type: 'resolve-seed'; readonly seed: string; readonly host: string }
  | { readonly type: 'log'; readonly level: 'info' | 'debug'; readonly text: string };

const info = (text: string): SupplyStep => ({ type: 'log', level: 'info', text });

/** Finds first addresses. */
export class AddressSupply {
  readonly #options: AddressSupplyOptions;
  readonly #rng: Rng;
  readonly #seeding: DnsSeeding | null;
  readonly #seedNodes: string[];
  readonly #fetches: string[] = [];
  #startMs = 0;
  #hasFixedSeedsLeft: boolean;
  #seedNodeMs = 0;
  #wantsSeedNode = false;

  constructor(options: AddressSupplyOptions, rng: Rng) {
    const { dnsSeeds, isDnsForced, seedNodes } = options;
    this.#options = options;
    this.#rng = rng;
    this.#seedNodes = shuffled(seedNodes, rng);
    this.#hasFixedSeedsLeft = options.useFixedSeeds;
    this.#seeding =
      dnsSeeds.length === 0 ? null : new DnsSeeding(dnsSeeds, isDnsForced, seedNodes.length > 0, rng.fork('dns'));
  }

  /** When {@link askSeeds} has something to do again, at the latest; null: never. */
  wakeAtMs(nowMs: number): number | null {
    return this.#seeding?.wakeAtMs(nowMs) ?? null;
  }

  /** The node starts. */
  start(addresses: AddressSource, nowMs: number): SupplyStep[] {
    this.#startMs = nowMs;
    this.#seedNodeMs = nowMs;
    this.#wantsSeedNode = addresses.size() === 0 && this.#seedNodes.length > 0;
    return this.#seeding === null ? [info('DNS seeding disabled')] : [];
  }

  // --- hosts that are asked for addresses

  /** Asks a host for addresses when there is a place. */
  addFetch(host: string): void {
    if (this.#fetches.length < ADDR_FETCHES_MAX) this.#fetches.push(host);
  }

  /** The next host to ask, which is then off the list, or null. */
  takeFetch(): string | null {
    return this.#fetches.shift() ?? null;
  }

  // --- DNS seeds

  /** Asks DNS seeds when they are due. */
  askSeeds(
    addresses: AddressSource,
    connections: readonly PlannedConnection[],
    isNetworkActive: boolean,
    nowMs: number,
  ): SupplyStep[] {
    if (this.#seeding === null || this.#seeding.isDone) return [];
    const inUse = connections.filter((one) => one.kind === 'outbound-full-relay' && one.isEstablished);
    const facts = { addressCount: addresses.size(), connectionCount: inUse.length, isNetworkActive };
    const steps: SupplyStep[] = [];
    for (const step of this.#seeding.next(facts, nowMs)) {
      if (step.type === 'log') steps.push(step);
      else if (this.#options.hasNameProxy) {
        this.addFetch(step.seed);
        this.#seeding.answered(step.seed, 0);
      } else steps.push({ type: 'resolve-seed', seed: step.seed, host: seedHost(step.seed) });
    }
    return steps;
  }

  /** A resolver answered: texts of addresses, or null when it failed. Whatever they are, no harm is done (E05). */
  seedAnswered(seed: string, answers: readonly string[] | null, addresses: AddressSource, nowSec: number): void {
    const entries = readSeedAnswer(answers ?? [], this.#options.defaultPort, nowSec, this.#rng);
    if (entries.length > 0) addresses.add(entries, seedSource(seed), 0, nowSec);
    else this.addFetch(seed); // perhaps it does not filter by services: ask a node behind its bare name
    this.#seeding?.answered(seed, entries.length);
  }

  // --- nodes of -seednode, fixed seeds

  /** Between two connections: asks the next node of -seednode, and takes fixed seeds when nothing else helps. */
  supply(
    addresses: AddressSource,
    fullRelayCount: number,
    hasAddedNodes: boolean,
    nowMs: number,
    nowSec: number,
  ): SupplyStep[] {
    const steps = this.#askSeedNode(addresses);
    steps.push(...this.#addFixedSeeds(addresses, hasAddedNodes, nowMs, nowSec));
    const isDue = nowMs > this.#seedNodeMs + NEXT_SEED_NODE_MS;
    if (this.#seedNodes.length > 0 && fullRelayCount < ENOUGH_CONNECTIONS && isDue) {
      this.#seedNodeMs = nowMs;
      this.#wantsSeedNode = true;
    }
    return steps;
  }

  #askSeedNode(addresses: AddressSource): SupplyStep[] {
    if (!this.#wantsSeedNode) return [];
    this.#wantsSeedNode = false;
    const seed = this.#seedNodes.pop();
    if (seed === undefined) return [];
    this.addFetch(seed);
    if (addresses.size() === 0) return [info(`Empty addrman, adding seednode (${seed}) to addrfetch`)];
    const why = `Couldn't connect to peers from addrman after ${NEXT_SEED_NODE_MS / 1000} seconds.`;
    return [info(`${why} Adding seednode (${seed}) to addrfetch`)];
  }

  /** Fixed seeds are for those networks of which we know no address. */
  #addFixedSeeds(addresses: AddressSource, hasAddedNodes: boolean, nowMs: number, nowSec: number): SupplyStep[] {
    if (!this.#hasFixedSeedsLeft) return [];
    const { reachable, fixedSeeds, dnsSeeds, seedNodes } = this.#options;
    const empty = [...reachable].filter((network) => addresses.size(network) === 0);
    if (empty.length === 0) return [];
    const isLate = nowMs > this.#startMs + FIXED_SEEDS_MS;
    if (!isLate && (dnsSeeds.length > 0 || seedNodes.length > 0 || hasAddedNodes)) return [];
    this.#hasFixedSeedsLeft = false;
    const wanted = fixedSeeds.filter((address) => empty.includes(address.network));
    addresses.add(ageFixedSeeds(wanted, nowSec, this.#rng), FIXED_SEEDS_SOURCE, 0, nowSec);
    const why = isLate
      ? '60 seconds have passed and addrman is empty for at least one reachable network'
      : '-dnsseed=0 (or IPv4/IPv6 connections are disabled via -onlynet) and neither -addnode nor -seednode are provided';
    return [info(`Adding fixed seeds as ${why}`), info(`Added ${wanted.length} fixed seeds from reachable networks.`)];
  }
}
