// A world in one thread: virtual time, a queue of events, chance from one seed, and a trace of all that happened. Time passes only
// from event to event, so that a day takes as long as what happens in it. After each event everything that it has set free (the
// microtasks) comes to rest before the next one: promises may be used anywhere, and their order is that of the language.
//
// Knows nothing of nodes or ledgers. Machines of a world (sim-clock, sim-timers, sim-net, sim-disk) ask it for the time, for
// chance, and to be called later, and for nothing else.

import { AssertionError } from '../kernel/util/assert.ts';
import { createRng, type Rng } from '../kernel/util/prng.ts';
import { EventQueue } from './event-queue.ts';
import { Trace } from './trace.ts';

/** Owner of events that belong to no machine. */
export const WORLD = -1;

/** Events of one instant: more mean that something goes round in a circle and time will never go on. */
const INSTANT_EVENTS_MAX = 50_000;

/** Takes an event back; does nothing once it has happened. */
export type Cancel = () => void;

/** What the host of a world gives. */
export interface WorldHost {
  /**
   * Resolves when every microtask has run: a hop to the next turn of the host's event loop, such as setImmediate. The only thing
   * in a simulation that a platform has to give.
   */
  readonly drain: () => Promise<void>;
}

/** Something that must never be was seen: the end of a run. */
export class SimFailure extends Error {
  override readonly name = 'SimFailure';
  /** Which checker has seen it. */
  readonly check: string;

  constructor(check: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.check = check;
  }
}

/** Virtual time, events and chance. */
export class World {
  readonly trace: Trace = new Trace();
  readonly #rng: Rng;
  readonly #ties: Rng;
  readonly #host: WorldHost;
  readonly #events: EventQueue = new EventQueue();
  #nowMs = 0;
  #sequence = 0;
  #instantCount = 0;
  #failure: SimFailure | null = null;

  constructor(seed: number, host: WorldHost) {
    this.#rng = createRng(seed);
    this.#ties = this.#rng.fork('ties');
    this.#host = host;
  }

  /** Virtual milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The first thing that went wrong. */
  get failure(): SimFailure | null {
    return this.#failure;
  }

  /** Chance for one purpose: what others draw changes nothing in it. */
  fork(purpose: string): Rng {
    return this.#rng.fork(purpose);
  }

  /** Calls `run` after so many virtual milliseconds. `label` and `owner` name the event in the trace. */
  after(delayMs: number, label: string, owner: number, run: () => void): Cancel {
    if (!(delayMs >= 0)) throw new AssertionError(`world: a delay of ${delayMs} ms`);
    const event = {
      atMs: this.#nowMs + delayMs,
      tieBreak: this.#ties.nextU32(),
      sequence: this.#sequence++,
      label,
      owner,
      run: run as (() => void) | null,
    };
    this.#events.push(event);
    return () => {
      event.run = null;
    };
  }

  /** Resolves after so many virtual milliseconds. */
  delay(delayMs: number, label: string, owner: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, label, owner, resolve);
    });
  }

  /** Notes something for the trace and for the reader of a failure. */
  note(text: string): void {
    this.trace.line(this.#nowMs, text);
  }

  /** Ends the run after the current event. The first failure counts. */
  fail(check: string, message: string, cause?: unknown): void {
    this.#failure ??= new SimFailure(check, message, cause === undefined ? {} : { cause });
  }

  /**
   * Lets everything happen that is due until `untilMs`, then sets the time to it. `isDone` is asked after every event and ends the
   * run early. Throws the first failure.
   */
  async run(untilMs: number, isDone?: () => boolean): Promise<void> {
    await this.#settle();
    for (let next = this.#events.peek(); next !== undefined && next.atMs <= untilMs; next = this.#events.peek()) {
      const event = this.#events.pop();
      if (event.run === null) continue;
      this.#instantCount = event.atMs > this.#nowMs ? 0 : this.#instantCount + 1;
      if (this.#instantCount > INSTANT_EVENTS_MAX) {
        throw new SimFailure('livelock', `time stands still in events such as "${event.label}" of ${event.owner}`);
      }
      this.#nowMs = event.atMs;
      this.trace.event(event.atMs, event.label, event.owner);
      event.run();
      await this.#settle();
      if (isDone?.() === true) return;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Lets the world come to rest; for what is done to it from outside, between two runs. */
  async #settle(): Promise<void> {
    await this.#host.drain();
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Lets events happen until `promise` is settled, and gives what it resolves to: for what is awaited from outside the world. Fails
   * when nothing is left that could settle it.
   */
  async until<T>(promise: Promise<T>, what: string): Promise<T> {
    let isSettled = false;
    const end = (): void => {
      isSettled = true;
    };
    promise.then(end, end);
    await this.#settle();
    while (!isSettled) {
      const next = this.#events.peek();
      if (next === undefined) throw new SimFailure('liveness', `${what}: nothing is left that could end it`);
      await this.run(next.atMs, () => isSettled);
    }
    return promise;
  }
}
