// What becomes of the wallets of a program, for those who follow events: which were loaded and unloaded, and in which something has
// changed. It stands between the wallets, which come first, and the log of events, which comes when everything is there.

import type { WalletEvents, WalletNews } from '../api/app-ports.ts';
import { Signal, type Unsubscribe } from '../kernel/util/signal.ts';

/** Passes news of wallets on. */
export class WalletNewsDesk implements WalletEvents {
  readonly #news: Signal<WalletNews> = new Signal();
  #names: ReadonlySet<string> = new Set();

  follow(listener: (news: WalletNews) => void): Unsubscribe {
    return this.#news.subscribe(listener);
  }

  /** Transactions of a wallet are new or stand elsewhere. */
  transactionsChanged(name: string): void {
    this.#news.emit({ name, what: 'changed' });
  }

  /** The keys of a wallet can be used from now on, or no longer. One that is being unloaded is not told of. */
  lockChanged(name: string, isLocked: boolean): void {
    if (this.#names.has(name)) this.#news.emit({ name, what: isLocked ? 'locked' : 'unlocked' });
  }

  /** These wallets are loaded now. */
  listChanged(names: readonly string[]): void {
    const before = this.#names;
    this.#names = new Set(names);
    for (const name of before) if (!this.#names.has(name)) this.#news.emit({ name, what: 'unloaded' });
    for (const name of names) if (!before.has(name)) this.#news.emit({ name, what: 'loaded' });
  }
}
