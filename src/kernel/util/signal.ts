// Typed notifications, synchronous and in order: what a machine tells whoever listens, without knowing them. No names as strings,
// no wildcard, no queue: emit() returns when every listener has run, in the order in which they subscribed.

/** Ends a subscription; calling it again does nothing. */
export type Unsubscribe = () => void;

/** The side of a signal that listeners see. */
export interface SignalSource<Event> {
  /**
   * Calls `listener` for every event from now on. A listener must not throw: whoever emits is in the middle of something. It may
   * subscribe and unsubscribe others, which counts from the next event on.
   */
  subscribe(listener: (event: Event) => void): Unsubscribe;
}

/** One kind of event. Its owner emits, others see a {@link SignalSource}. */
export class Signal<Event> implements SignalSource<Event> {
  #listeners: readonly ((event: Event) => void)[] = [];

  /** True while anyone listens: what an event costs to make need not be spent otherwise. */
  get hasListeners(): boolean {
    return this.#listeners.length > 0;
  }

  subscribe(listener: (event: Event) => void): Unsubscribe {
    // A wrapper of its own, so that the same function subscribed twice ends twice.
    const own = (event: Event): void => listener(event);
    this.#listeners = [...this.#listeners, own];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== own);
    };
  }

  /** Tells every listener, first come, first served. */
  emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
