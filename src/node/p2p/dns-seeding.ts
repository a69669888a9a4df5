// When which DNS seed is asked: a machine without a clock, driven by ConnectionPlan. Mirrors Core's ThreadDNSAddressSeed. A question
// to a seed tells its operator that we run a node, so it is asked only in need: while we know nobody all at once, otherwise three at
// a time and only when our own addresses have not brought two connections within 11 seconds, or five minutes when we know many.

import type { Rng } from '../../kernel/util/prng.ts';
import { shuffled } from './shuffle.ts';

/** Full-relay connections with which no seed is needed (Core SEED_OUTBOUND_CONNECTION_THRESHOLD). */
export const ENOUGH_CONNECTIONS = 2;
/** Seeds asked at once when we know some addresses (Core DNSSEEDS_TO_QUERY_AT_ONCE). */
const SEEDS_AT_ONCE = 3;
/** How long our own addresses get, few or many (Core DNSSEEDS_DELAY_FEW_PEERS, _MANY_PEERS, _PEER_THRESHOLD). */
const WAIT_FEW_MS = 11_000;
const WAIT_MANY_MS = 5 * 60_000;
const MANY_ADDRESSES = 1_000;
/** How long the nodes of -seednode get (Core SEEDNODE_TIMEOUT). */
const SEEDNODE_TIMEOUT_MS = 30_000;
/** A resolver that has not answered by then is taken as dead. Arbitrary: resolvers give up after 5 to 20 seconds. */
const ANSWER_TIMEOUT_MS = 60_000;
/** How often the number of connections is looked at while -seednode runs (Core). */
const POLL_MS = 500;

/** How things stand. */
export interface SeedingFacts {
  /** Addresses that we know. */
  readonly addressCount: number;
  /** Full-relay connections that have shaken hands. */
  readonly connectionCount: number;
  readonly isNetworkActive: boolean;
}

/** What to do. */
export type SeedingStep =
  | { readonly type: 'ask'; readonly seed: string }
  | { readonly type: 'log'; readonly level: 'info'; readonly text: string };

type Stage =
  /** The nodes of -seednode are tried first. */
  | { readonly name: 'seednodes'; readonly untilMs: number }
  /** Our own addresses get their time. */
  | { readonly name: 'waiting'; readonly untilMs: number; readonly pollMs: number }
  /** Questions are under way. */
  | { readonly name: 'asking'; readonly untilMs: number }
  | { readonly name: 'ready' }
  | { readonly name: 'done' };

const info = (text: string): SeedingStep => ({ type: 'log', level: 'info', text });

/** Asks DNS seeds, if it comes to that, once in the life of a process. */
export class DnsSeeding {
  readonly #seeds: string[];
  readonly #asked: Set<string> = new Set();
  readonly #isForced: boolean;
  readonly #hasSeedNodes: boolean;
  #stage: Stage | null = null;
  /** Seeds that may be asked before the next look at the connections. */
  #allowance = 0;
  #foundCount = 0;
  #isPauseLogged = false;

  /** `isForced`: -forcednsseed. `hasSeedNodes`: -seednode is given. */
  constructor(seeds: readonly string[], isForced: boolean, hasSeedNodes: boolean, rng: Rng) {
    this.#seeds = shuffled(seeds, rng);
    this.#isForced = isForced;
    this.#hasSeedNodes = hasSeedNodes;
  }

  /** Nothing more will be asked. */
  get isDone(): boolean {
    return this.#stage?.name === 'done';
  }

  /** When {@link next} has something to do again, at the latest; null: never. */
  wakeAtMs(nowMs: number): number | null {
    const stage = this.#stage;
    if (stage === null) return nowMs;
    if (stage.name === 'done') return null;
    if (stage.name === 'ready') return nowMs + POLL_MS; // the network is off
    if (stage.name === 'seednodes') return Math.min(nowMs + POLL_MS, stage.untilMs);
    return stage.name === 'waiting' ? Math.min(stage.pollMs, stage.untilMs) : stage.untilMs;
  }

  /** A seed has answered with so many addresses that are of use; 0 for a dead one. */
  answered(seed: string, addressCount: number): void {
    if (this.#asked.delete(seed)) this.#foundCount += addressCount;
  }

  /** What is to be done now. */
  next(facts: SeedingFacts, nowMs: number): SeedingStep[] {
    const steps: SeedingStep[] = [];
    if (this.#stage === null) this.#begin(facts, nowMs, steps);
    this.#advance(facts, nowMs, steps);
    return steps;
  }

  #begin(facts: SeedingFacts, nowMs: number, steps: SeedingStep[]): void {
    if (this.#hasSeedNodes) {
      const seconds = SEEDNODE_TIMEOUT_MS / 1000;
      steps.push(
        info(`-seednode enabled. Trying the provided seeds for ${seconds} seconds before defaulting to the dnsseeds.`),
      );
      this.#stage = { name: 'seednodes', untilMs: nowMs + SEEDNODE_TIMEOUT_MS };
    } else this.#decide(facts, steps);
  }

  /** Whether to ask at all. */
  #decide(facts: SeedingFacts, steps: SeedingStep[]): void {
    if (this.#isForced || facts.addressCount === 0) this.#allowance = this.#seeds.length;
    // without nodes of -seednode the connections do not count yet: they get their time below
    const isEnough = this.#hasSeedNodes && facts.connectionCount >= ENOUGH_CONNECTIONS;
    if (isEnough && this.#allowance === 0) {
      steps.push(info('Skipping DNS seeds. Enough peers have been found'));
      this.#stage = { name: 'done' };
    } else this.#stage = { name: 'ready' };
  }

  #advance(facts: SeedingFacts, nowMs: number, steps: SeedingStep[]): void {
    const isEnough = facts.connectionCount >= ENOUGH_CONNECTIONS;
    let stage = this.#stage!;
    if (stage.name === 'seednodes') {
      if (isEnough) steps.push(info('P2P peers available. Finished fetching data from seed nodes.'));
      else if (nowMs > stage.untilMs) {
        steps.push(info("Couldn't connect to enough peers via seed nodes. Handing fetch logic to the DNS seeds."));
      } else return;
      this.#decide(facts, steps);
      stage = this.#stage!;
    }
    if (stage.name === 'waiting') {
      if (nowMs < stage.pollMs) return;
      if (isEnough) {
        this.#finishEarly(steps);
        return;
      }
      if (nowMs < stage.untilMs) {
        this.#stage = { ...stage, pollMs: Math.min(nowMs + WAIT_FEW_MS, stage.untilMs) };
        return;
      }
      this.#stage = { name: 'ready' };
    }
    if (stage.name === 'asking') {
      if (this.#asked.size > 0 && nowMs < stage.untilMs) return;
      this.#asked.clear();
      this.#stage = { name: 'ready' };
    }
    if (this.#stage!.name === 'ready') this.#ask(facts, nowMs, steps);
  }

  #finishEarly(steps: SeedingStep[]): void {
    if (this.#foundCount > 0) {
      steps.push(
        info(`${this.#foundCount} addresses found from DNS seeds`),
        info('P2P peers available. Finished DNS seeding.'),
      );
    } else steps.push(info('P2P peers available. Skipped DNS seeding.'));
    this.#stage = { name: 'done' };
  }

  #ask(facts: SeedingFacts, nowMs: number, steps: SeedingStep[]): void {
    if (this.#seeds.length === 0) {
      steps.push(info(`${this.#foundCount} addresses found from DNS seeds`));
      this.#stage = { name: 'done' };
      return;
    }
    if (this.#allowance === 0) {
      this.#allowance = SEEDS_AT_ONCE;
      if (facts.addressCount > 0) {
        const waitMs = facts.addressCount >= MANY_ADDRESSES ? WAIT_MANY_MS : WAIT_FEW_MS;
        steps.push(info(`Waiting ${waitMs / 1000} seconds before querying DNS seeds.`));
        this.#stage = { name: 'waiting', untilMs: nowMs + waitMs, pollMs: nowMs + WAIT_FEW_MS };
        return;
      }
    }
    if (!facts.isNetworkActive) {
      if (!this.#isPauseLogged) {
        steps.push(info('Waiting for network to be reactivated before querying DNS seeds.'));
      }
      this.#isPauseLogged = true;
      return;
    }
    this.#isPauseLogged = false;
    for (const seed of this.#seeds.splice(0, this.#allowance)) {
      this.#asked.add(seed);
      steps.push(info(`Loading addresses from DNS seed ${seed}`), { type: 'ask', seed });
    }
    this.#allowance = 0;
    this.#stage = { name: 'asking', untilMs: nowMs + ANSWER_TIMEOUT_MS };
  }
}
