// Keeps answers young: asks again for what an event made old, blocks at once and payments once a second, so that a flood of payments
// is no flood of requests. Without events it asks for everything that moves every few seconds.

import type { QueryClient } from '@tanstack/react-query';
import { ConnectionError } from '../../api/client.ts';
import type { SocketState } from '../../platform/browser/event-socket.ts';
import type { LedgerEvent } from './ledger-event.ts';
import { ALL_KEYS, type Key, listStaleKeys } from './query-keys.ts';
import { refresh } from './refresh.ts';

/** Least time between two looks at what payments and the miner change. */
const CALM_MS = 1000;

/** Without events. Calm enough for a phone, soon enough for a person who waits. */
const POLL_MS = 5000;

const MOVING: readonly Key[] = Object.freeze([
  ['chain'],
  ['mempool'],
  ['peers'],
  ['miner'],
  ['nodes'],
  ['wallet'],
  ['wallets'],
]);

/** Follows events for one QueryClient. */
export class LiveQueries {
  readonly #queries: QueryClient;
  #waiting: Key[] = [];
  #calmTimer: ReturnType<typeof setTimeout> | null = null;
  #pollTimer: ReturnType<typeof setInterval> | null = null;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  /** Something happened. */
  eventCame(event: LedgerEvent): void {
    const keys = listStaleKeys(event);
    if (keys === ALL_KEYS) void this.#queries.invalidateQueries();
    else if (event.type.startsWith('block-') || event.type === 'tip') this.#ask(keys);
    else this.#askSoon(keys);
  }

  /** The stream of events is up, or is not. */
  stateChanged(state: SocketState): void {
    const isPolling = state === 'waiting' || state === 'connecting';
    if (isPolling) this.#pollTimer ??= setInterval(() => this.#poll(), POLL_MS);
    else if (this.#pollTimer !== null) {
      clearInterval(this.#pollTimer);
      this.#pollTimer = null;
    }
    if (state === 'open') this.askLost();
  }

  /** Asks again for what was lost on the way: a view that could show nothing but that goes on by itself. */
  askLost(): void {
    void this.#queries.invalidateQueries({
      predicate: ({ state: { error, fetchStatus } }) => error instanceof ConnectionError && fetchStatus === 'idle',
    });
  }

  /** Stops asking. */
  close(): void {
    if (this.#calmTimer !== null) clearTimeout(this.#calmTimer);
    this.#calmTimer = null;
    this.stateChanged('closed');
  }

  #poll(): void {
    this.#ask(MOVING);
    this.askLost();
  }

  #ask(keys: readonly Key[]): void {
    for (const key of keys) refresh(this.#queries, key);
  }

  #askSoon(keys: readonly Key[]): void {
    for (const key of keys) {
      if (!this.#waiting.some((other) => other.length === key.length && other.every((part, i) => part === key[i]))) {
        this.#waiting.push(key);
      }
    }
    this.#calmTimer ??= setTimeout(() => {
      this.#calmTimer = null;
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#ask(waiting);
    }, CALM_MS);
  }
}
