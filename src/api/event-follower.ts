// Somebody who follows the event log over some connection: takes what comes next from a reader whenever the connection has room, and
// waits when there is nothing or no room. One promise per follower, no queue.

import type { EventReader } from './event-reader.ts';

/** Why following ends. */
export type EndReason =
  /** Events that were not taken in time are gone. */
  | 'too-slow'
  /** The program stops. */
  | 'stopped'
  /** Who follows is not allowed to any more. */
  | 'not-allowed'
  /** The ledger could not be read. */
  | 'failed';

/** A connection that carries events. */
export interface EventSink {
  /** Resolves to true when it takes more, to false when it is over. */
  ready(): Promise<boolean>;
  send(text: string): void;
  /** Ends it; it need not be told that it is over afterwards. */
  end(reason: EndReason): void;
}

/** Whom a follower tells. */
export interface FollowerHooks {
  /** It follows no longer. Called once. */
  readonly onOver: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** A follower. */
export class EventFollower {
  readonly #reader: EventReader;
  readonly #sink: EventSink;
  readonly #hooks: FollowerHooks;
  #isOver = false;
  #resume: (() => void) | null = null;

  constructor(reader: EventReader, sink: EventSink, hooks: FollowerHooks) {
    this.#reader = reader;
    this.#sink = sink;
    this.#hooks = hooks;
  }

  /** Begins to tell. */
  start(): void {
    void this.#run();
  }

  /** Something was added to the log. */
  wake(): void {
    // Also when the connection has no room, and nothing asks it for what it does not take.
    if (!this.#isOver && this.#reader.isLost) {
      this.end('too-slow');
      return;
    }
    this.#goOn();
  }

  #goOn(): void {
    this.#resume?.();
    this.#resume = null;
  }

  /** Ends following. */
  end(reason: EndReason): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.end(reason);
  }

  /** The connection is gone. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hooks.onOver();
    this.#goOn();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isOver) {
        if (!(await this.#sink.ready())) {
          this.stop();
          return;
        }
        if (this.#isOver) return;
        if (!this.#reader.hasMore) await new Promise<void>((resolve) => (this.#resume = resolve));
        else await this.#tellNext();
      }
    } catch (error) {
      this.#hooks.onFailure(error);
      this.end('failed');
    }
  }

  async #tellNext(): Promise<void> {
    const texts = await this.#reader.read();
    if (this.#isOver) return;
    for (const text of texts) this.#sink.send(text);
  }
}
