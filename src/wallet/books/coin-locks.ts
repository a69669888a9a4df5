// Coins that are not to be chosen until somebody unlocks them (Core m_locked_coins): some until the wallet is closed, some beyond that.

import type { ChangeList } from './change-list.ts';
import type { LockedCoinRecord } from './records.ts';

/** Locked coins by their names, `txid:index`. */
export class CoinLocks {
  /** Whether the lock is stored. */
  readonly #locks: Map<string, boolean> = new Map();

  isLocked(name: string): boolean {
    return this.#locks.has(name);
  }

  /** All locked coins. */
  names(): Iterable<string> {
    return this.#locks.keys();
  }

  /** Locks a coin; a lock that is stored stays so. */
  lock(name: string, isStored: boolean, changes: ChangeList): void {
    this.#locks.set(name, isStored || this.#locks.get(name) === true);
    if (isStored) changes.put({ kind: 'locked-coin', id: name });
  }

  unlock(name: string, changes: ChangeList): void {
    if (this.#locks.get(name) === true) changes.delete({ kind: 'locked-coin', id: name });
    this.#locks.delete(name);
  }

  restore(records: Iterable<LockedCoinRecord>): void {
    for (const { id } of records) this.#locks.set(id, true);
  }
}
