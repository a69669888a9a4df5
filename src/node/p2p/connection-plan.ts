// Whom to dial, and when. A machine without a clock or a socket: the shell shows it the connections and the address manager, and it
// returns what to do. Mirrors Core's ThreadOpenConnections, ThreadOpenAddedConnections, ProcessAddrFetch and, with dns-seeding.ts,
// ThreadDNSAddressSeed.
//
// What is wanted, in this order, one attempt per half second:
//
//  1. the anchors of the last run, as block-relay connections (E03);
//  2. 8 full-relay connections, then 2 that relay blocks only and are hard to find from outside;
//  3. one full-relay connection more while the tip is stale, to find out whether all eight keep something from us;
//  4. every five minutes on average one more block-relay connection, which stays only if it brings news;
//  5. every two minutes on average a feeler: does an address work that we have only heard of?
//  6. every five minutes on average a connection to a network that we can reach and have no connection to.
//
// 3 to 6 share one place. What the operator asked for has places of its own (manual-dialing.ts). OutboundHealth throws out what is too
// many. All waiting is by monotonic time (T02).

import type { Rng } from '../../kernel/util/prng.ts';
import {
  asUsed,
  equalHosts,
  formatNetAddress,
  type NetAddress,
  type Network,
  parseNetAddress,
  routableNetwork,
} from '../wire/net-address.ts';
import type { NetGroups } from '../wire/net-groups.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { NODE_P2P_V2 } from '../wire/protocol.ts';
import {
  type AddressSource,
  type ChoicePurpose,
  type ChoiceRules,
  chooseAddress,
  OutboundGroups,
  type PlannedConnection,
  takeAnchor,
} from './address-choice.ts';
import { AddressSupply, type AddressSupplyOptions, type SupplyStep } from './address-supply.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { AddedDialing, ConnectDialing } from './manual-dialing.ts';
import { shuffled } from './shuffle.ts';

/** Full-relay connections that we make by ourselves (Core MAX_OUTBOUND_FULL_RELAY_CONNECTIONS). */
export const FULL_RELAY_MAX = 8;
/** Block-relay connections that we make by ourselves (Core MAX_BLOCK_RELAY_ONLY_CONNECTIONS). */
export const BLOCK_RELAY_MAX = 2;
/** Connections beyond these at a time (Core MAX_FEELER_CONNECTIONS). */
const EXTRA_MAX = 1;
/** Time from one attempt to the next (Core). */
const STEP_MS = 500;
/** While no address can be had, attempts come up to so far apart; any change of the addresses ends that. Ours; Core goes on. */
const BACK_OFF_MAX_MS = 2_000;
/** Mean times between what happens by chance (Core FEELER_INTERVAL, EXTRA_BLOCK_RELAY_ONLY_PEER_INTERVAL, EXTRA_NETWORK_…). */
const FEELER_MEAN_MS = 2 * 60_000;
const EXTRA_BLOCK_RELAY_MEAN_MS = 5 * 60_000;
const EXTRA_NETWORK_MEAN_MS = 5 * 60_000;
/** A feeler starts up to so much later, so that nodes do not keep in step (Core FEELER_SLEEP_WINDOW). */
const FEELER_DELAY_MAX_MS = 1_000;
/** Longest time that the shell may sleep: changes that it does not report are seen by then. */
const SLEEP_MAX_MS = 60_000;

/** Places for connections that follow from -maxconnections (Core CConnman::Init). */
export interface ConnectionLimits {
  readonly fullRelay: number;
  readonly blockRelay: number;
  /** All automatic outbound connections at once. */
  readonly outbound: number;
  readonly inbound: number;
}

/** Shares out the connections that the node may have beside manual ones. */
export function computeConnectionLimits(connectionsMax: number): ConnectionLimits {
  const fullRelay = Math.min(FULL_RELAY_MAX, connectionsMax);
  const blockRelay = Math.min(BLOCK_RELAY_MAX, connectionsMax - fullRelay);
  const outbound = fullRelay + blockRelay + EXTRA_MAX;
  const inbound = Math.max(0, connectionsMax - outbound);
  return { fullRelay, blockRelay, outbound: Math.min(outbound, connectionsMax), inbound };
}

/** What the operator and the network's parameters say. */
export interface ConnectionPlanOptions extends AddressSupplyOptions {
  readonly limits: ConnectionLimits;
  /** Connections are made to addresses of the address manager: off with -connect. */
  readonly isAutomatic: boolean;
  /** -connect and -addnode: names or numeric addresses, with or without a port. */
  readonly connect: readonly string[];
  readonly addedNodes: readonly string[];
  /** What anchors.dat held. */
  readonly anchors: readonly AddressEntry[];
  /** Connections may be encrypted (BIP324). */
  readonly encrypts: boolean;
  /** By which addresses are sorted; absent: by prefix. */
  readonly netGroups?: NetGroups;
}

/** How things stand. */
export interface PlanState {
  readonly connections: Iterable<PlannedConnection>;
  readonly addresses: AddressSource;
  /** Off by RPC setnetworkactive. */
  readonly isNetworkActive: boolean;
  /** Blocks that ought to have been found since our tip: {@link estimateBlocksBehind}. */
  readonly blocksBehind: number;
  /** One of our own addresses. */
  isOwn(address: NetAddress): boolean;
  /** Banned or discouraged. */
  isUnwanted(address: NetAddress): boolean;
}

/** A connection to make. The shell tells the address manager of the attempt, and shows the connection from now on. */
export interface Dial {
  readonly type: 'dial';
  readonly kind: Exclude<ConnectionKind, 'inbound'>;
  /** Null for a name that has to be resolved; then all its addresses may be tried, in random order. */
  readonly address: NetAddress | null;
  /** What the operator wrote, or the name of a seed; null for addresses of our own choice. */
  readonly name: string | null;
  /** A failure tells against the address, since others can be reached. */
  readonly isFailureCounted: boolean;
  /** It is to be encrypted, if we can (BIP324). */
  readonly wantsEncryption: boolean;
}

/** What to do. */
export type PlanStep = Dial | SupplyStep;

/** What to connect to next, and why. */
interface Wish extends ChoicePurpose {
  readonly isAnchor: boolean;
}

/** A look at things, and the list of what is to be done. */
interface View {
  readonly state: PlanState;
  readonly connections: readonly PlannedConnection[];
  readonly nowMs: number;
  readonly nowSec: number;
  readonly steps: PlanStep[];
}

/** A feeler that starts in a moment. */
interface DelayedFeeler {
  readonly atMs: number;
  readonly entry: AddressEntry;
  readonly isFailureCounted: boolean;
}

/** Decides about outgoing connections. */
export class ConnectionPlan {
  readonly #options: ConnectionPlanOptions;
  readonly #rng: Rng;
  readonly #supply: AddressSupply;
  readonly #connect: ConnectDialing;
  readonly #added: AddedDialing;
  readonly #anchors: AddressEntry[];
  #delayed: DelayedFeeler | null = null;
  #hasStarted = false;
  #isPaused = false;
  #nextMs = Number.NEGATIVE_INFINITY;
  #backOffMs = STEP_MS;
  /** Addresses known when the last look found none to dial; null: it found one. */
  #sizeWithoutChoice: number | null = null;
  #isTryingAnother = false;
  #makesExtraBlockRelay = false;
  #feelerMs = 0;
  #extraBlockRelayMs = 0;
  #extraNetworkMs = 0;
  /** Nothing was wanted at the last look: only time or a change can bring something up. */
  #isIdle = false;

  constructor(options: ConnectionPlanOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
    this.#supply = new AddressSupply(options, rng.fork('supply'));
    this.#connect = new ConnectDialing(options.connect, options.defaultPort);
    this.#added = new AddedDialing(options.addedNodes, options.defaultPort);
    this.#anchors = [...options.anchors];
  }

  // --- what happens outside

  /** The list of -addnode and RPC addnode. */
  get addedNodes(): readonly string[] {
    return this.#added.names;
  }

  /** RPC addnode add: false when it is on the list. */
  addNode(name: string, wantsEncryption = true): boolean {
    return this.#added.add(name, wantsEncryption);
  }

  /** RPC addnode remove: false when it is not on the list. */
  removeNode(name: string): boolean {
    return this.#added.remove(name);
  }

  /** OutboundHealth wants one full-relay connection more than usual, or no longer. */
  setTryingAnother(isWanted: boolean): void {
    this.#isTryingAnother = isWanted;
  }

  /** The tip is recent: from now on extra block-relay connections are made. */
  startExtraBlockRelay(): void {
    this.#makesExtraBlockRelay = true;
  }

  /** Asks a host for addresses when there is a place. */
  addAddrFetch(host: string): void {
    this.#supply.addFetch(host);
  }

  /** A resolver answered to `resolve-seed`: texts of addresses, or null when it failed. Whatever they are, no harm is done (E05). */
  seedAnswered(seed: string, answers: readonly string[] | null, addresses: AddressSource, nowSec: number): void {
    this.#supply.seedAnswered(seed, answers, addresses, nowSec);
  }

  /**
   * When to call {@link next} again, at the latest. It is to be called after every change of the connections and of what is wanted,
   * too; what the shell forgets to report is seen within a minute. The time is always later than now and never far away, so any timer can hold it.
   */
  wakeAtMs(nowMs: number): number {
    const times = [nowMs + SLEEP_MAX_MS];
    const seedingMs = this.#supply.wakeAtMs(nowMs);
    if (seedingMs !== null) times.push(seedingMs);
    if (!this.#isPaused) times.push(...this.#dialTimes(nowMs));
    return Math.max(nowMs + 1, Math.min(...times));
  }

  #dialTimes(nowMs: number): number[] {
    const times: number[] = [];
    if (this.#options.connect.length > 0) times.push(this.#connect.wakeAtMs);
    if (this.#added.names.length > 0) times.push(this.#added.wakeAtMs);
    if (this.#delayed !== null) times.push(this.#delayed.atMs);
    if (!this.#options.isAutomatic) return times;
    if (!this.#isIdle) return [...times, this.#nextMs];
    const timers = [this.#feelerMs, this.#extraNetworkMs];
    if (this.#makesExtraBlockRelay) timers.push(this.#extraBlockRelayMs);
    // what is due and was not done waits for a change
    return [...times, ...timers.filter((timerMs) => timerMs >= nowMs).map((timerMs) => timerMs + 1)];
  }

  // --- what to do

  /** What is to be done now. Harmless when called too often. */
  next(state: PlanState, nowMs: number, nowSec: number): PlanStep[] {
    const connections = [...state.connections];
    const steps: PlanStep[] = [];
    if (!this.#hasStarted) this.#start(state, nowMs, steps);
    steps.push(...this.#supply.askSeeds(state.addresses, connections, state.isNetworkActive, nowMs));
    this.#isPaused = !state.isNetworkActive;
    if (this.#isPaused) return steps;
    this.#dialManual(connections, nowMs, steps);
    if (!this.#options.isAutomatic) return steps;
    const view: View = { state, connections, nowMs, nowSec, steps };
    if (this.#delayed !== null && nowMs >= this.#delayed.atMs) this.#dialDelayed(this.#delayed, view);
    else if (nowMs >= this.#nextMs || this.#hasNewAddresses(state)) this.#dialAutomatic(view);
    else this.#isIdle = false; // something may have changed: look again when it is time
    return steps;
  }

  #start(state: PlanState, nowMs: number, steps: PlanStep[]): void {
    this.#hasStarted = true;
    this.#feelerMs = nowMs + this.#exponentialMs(FEELER_MEAN_MS);
    this.#extraBlockRelayMs = nowMs + this.#exponentialMs(EXTRA_BLOCK_RELAY_MEAN_MS);
    this.#extraNetworkMs = nowMs + this.#exponentialMs(EXTRA_NETWORK_MEAN_MS);
    if (this.#options.isAutomatic) {
      steps.push(info(`${this.#anchors.length} block-relay-only anchors will be tried for connections.`));
    }
    steps.push(...this.#supply.start(state.addresses, nowMs));
    if (this.#options.isAutomatic && !this.#options.useFixedSeeds) steps.push(info('Fixed seeds are disabled'));
  }

  /** A random time with the given mean, as between events that know nothing of each other. */
  #exponentialMs(meanMs: number): number {
    const uniform = this.#rng.below(2 ** 48) / 2 ** 48;
    return Math.round(-Math.log1p(-uniform) * meanMs);
  }

  // --- what the operator asked for

  #dialManual(connections: readonly PlannedConnection[], nowMs: number, steps: PlanStep[]): void {
    const named = this.#connect.next(connections, nowMs);
    if (named !== null) this.#dialName('manual', named, true, steps);
    const manual = connections.filter((one) => one.kind === 'manual');
    const added = this.#added.next(connections, manual, nowMs);
    if (added !== null) this.#dialName('manual', added, this.#added.wantsEncryption(added), steps);
  }

  #dialName(kind: Dial['kind'], name: string, wantsEncryption: boolean, steps: PlanStep[]): void {
    const parsed = parseNetAddress(name, this.#options.defaultPort);
    const address = parsed === null ? null : asUsed(parsed, this.#options.reachable);
    this.#pushDial({ type: 'dial', kind, address, name, isFailureCounted: false, wantsEncryption }, 0, steps);
  }

  #pushDial(dial: Dial, ageSec: number, steps: PlanStep[]): void {
    steps.push(debug(describeAttempt(dial, ageSec, this.#options.encrypts)), dial);
  }

  // --- what we choose ourselves

  #dialAutomatic(view: View): void {
    const { state, connections, nowMs, nowSec, steps } = view;
    this.#nextMs = nowMs + STEP_MS;
    this.#isIdle = true;
    if (connections.filter((one) => isAutomaticOutbound(one.kind)).length >= this.#options.limits.outbound) return;
    if (this.#delayed !== null) return;
    const fullRelay = connections.filter((one) => one.kind === 'outbound-full-relay').length;
    const hasAddedNodes = this.#added.names.length > 0;
    steps.push(...this.#supply.supply(state.addresses, fullRelay, hasAddedNodes, nowMs, nowSec));
    const host = this.#supply.takeFetch();
    if (host !== null) {
      this.#isIdle = false;
      if (!connections.some((one) => one.name === host)) this.#dialName('addr-fetch', host, true, steps);
      return;
    }
    const wish = this.#decide(state, connections, fullRelay, nowMs);
    if (wish === null) return;
    this.#isIdle = false;
    state.addresses.resolveCollisions(nowSec);
    this.#dialWish(wish, view);
  }

  /** What kind of connection is wanted most. */
  #decide(state: PlanState, connections: readonly PlannedConnection[], fullRelay: number, nowMs: number): Wish | null {
    const { limits } = this.#options;
    const blockRelay = connections.filter((one) => one.kind === 'block-relay-only').length;
    const wish = (kind: Wish['kind'], network: Network | null = null): Wish => ({ kind, network, isAnchor: false });
    const hasBlockRelayPlace = blockRelay < limits.blockRelay;
    if (this.#anchors.length > 0 && hasBlockRelayPlace) return { ...wish('block-relay-only'), isAnchor: true };
    if (fullRelay < limits.fullRelay) return wish('outbound-full-relay');
    if (hasBlockRelayPlace) return wish('block-relay-only');
    if (this.#isTryingAnother) return wish('outbound-full-relay');
    if (this.#makesExtraBlockRelay && nowMs > this.#extraBlockRelayMs) {
      this.#extraBlockRelayMs = nowMs + this.#exponentialMs(EXTRA_BLOCK_RELAY_MEAN_MS);
      return wish('block-relay-only');
    }
    if (nowMs > this.#feelerMs) {
      this.#feelerMs = nowMs + this.#exponentialMs(FEELER_MEAN_MS);
      return wish('feeler');
    }
    // with few connections by the operator's choice, one more would push out another that is meant to stay
    if (fullRelay === limits.fullRelay && limits.fullRelay === FULL_RELAY_MAX && nowMs > this.#extraNetworkMs) {
      const network = this.#findMissingNetwork(state, connections);
      if (network !== null) {
        this.#extraNetworkMs = nowMs + this.#exponentialMs(EXTRA_NETWORK_MEAN_MS);
        return wish('outbound-full-relay', network);
      }
    }
    return null;
  }

  /** A network of which we know addresses and have no connection. */
  #findMissingNetwork(state: PlanState, connections: readonly PlannedConnection[]): Network | null {
    const present = new Set<string>();
    for (const { kind, address } of connections) {
      if (address !== null && (kind === 'manual' || kind === 'outbound-full-relay'))
        present.add(routableNetwork(address));
    }
    const missing = shuffled([...this.#options.reachable], this.#rng).find(
      (network) => !present.has(network) && state.addresses.size(network) > 0,
    );
    return missing ?? null;
  }

  #dialWish(wish: Wish, view: View): void {
    const { state, connections, nowMs, nowSec, steps } = view;
    const groups = new OutboundGroups(connections, this.#options.netGroups);
    const rules: ChoiceRules = {
      addresses: state.addresses,
      connections,
      groups,
      reachable: this.#options.reachable,
      blocksBehind: state.blocksBehind,
      isOwn: (address) => state.isOwn(address),
      isAdded: (address) => this.#added.contains(address),
    };
    const anchor = wish.isAnchor ? takeAnchor(this.#anchors, rules) : null;
    if (anchor !== null)
      steps.push(debug(`Trying to make an anchor connection to ${formatNetAddress(anchor.address)}`));
    const { entry, lines } = anchor === null ? chooseAddress(wish, rules, nowSec) : { entry: anchor, lines: [] };
    steps.push(...lines.map(debug));
    if (entry === null) {
      this.#backOff(state, nowMs);
      return;
    }
    this.#backOffMs = STEP_MS;
    this.#sizeWithoutChoice = null;
    // offline, every address fails: that says nothing about them
    const isFailureCounted = groups.count >= Math.min(this.#options.limits.outbound - 1, 2);
    if (wish.kind === 'feeler') {
      this.#delayed = { atMs: nowMs + this.#rng.below(FEELER_DELAY_MAX_MS), entry, isFailureCounted };
      return;
    }
    if (wish.network !== null) {
      const where = `${formatNetAddress(entry.address)} on ${wish.network}`;
      steps.push(debug(`Making network specific connection to ${where}.`));
    }
    this.#dialEntry(wish.kind, entry, isFailureCounted, view);
  }

  /** Nothing to connect to: look less often, until there are other addresses. */
  #backOff(state: PlanState, nowMs: number): void {
    this.#nextMs = nowMs + this.#backOffMs;
    this.#backOffMs = Math.min(2 * this.#backOffMs, BACK_OFF_MAX_MS);
    this.#sizeWithoutChoice = state.addresses.size();
  }

  #hasNewAddresses(state: PlanState): boolean {
    return this.#sizeWithoutChoice !== null && state.addresses.size() !== this.#sizeWithoutChoice;
  }

  #dialDelayed({ entry, isFailureCounted }: DelayedFeeler, view: View): void {
    this.#delayed = null;
    this.#nextMs = view.nowMs + STEP_MS;
    view.steps.push(debug(`Making feeler connection to ${formatNetAddress(entry.address)}`));
    this.#dialEntry('feeler', entry, isFailureCounted, view);
  }

  /** Dials an address unless it became unwelcome or somebody has it (Core OpenNetworkConnection). */
  #dialEntry(kind: Dial['kind'], entry: AddressEntry, isFailureCounted: boolean, view: View): void {
    const { state, connections, nowSec, steps } = view;
    const { address } = entry;
    if (state.isOwn(address) || state.isUnwanted(address)) return;
    if (connections.some((one) => one.address !== null && equalHosts(one.address, address))) return;
    const ageSec = Math.max(0, nowSec - entry.timeSec);
    // Who does not say that he encrypts is not troubled with it.
    const wantsEncryption = (entry.services & NODE_P2P_V2) !== 0n;
    this.#pushDial({ type: 'dial', kind, address, name: null, isFailureCounted, wantsEncryption }, ageSec, steps);
  }
}

/** Whether a connection takes one of the places that the plan shares out; those for private broadcasts have places of their own. */
function isAutomaticOutbound(kind: ConnectionKind): boolean {
  return kind !== 'inbound' && kind !== 'manual' && kind !== 'private-broadcast';
}

function info(text: string): PlanStep {
  return { type: 'log', level: 'info', text };
}

function debug(text: string): PlanStep {
  return { type: 'log', level: 'debug', text };
}

/** The line of the debug log about an attempt to connect; `encrypts`: we can. */
export function describeAttempt(dial: Dial, ageSec: number, encrypts: boolean): string {
  const where = dial.name ?? (dial.address === null ? '' : formatNetAddress(dial.address));
  const form = dial.wantsEncryption && encrypts ? 'v2' : 'v1';
  return `trying ${form} connection (${dial.kind}) to ${where}, lastseen=${(ageSec / 3600).toFixed(1)}hrs`;
}
