// The entries of the pool with everything that follows from which they are: where they are found, their ages, totals, memory, and what
// listeners are to be told. Entries come and go here one by one; which ones, and what the graph makes of it, is for the pool.

import type { Rng } from '../../kernel/util/prng.ts';
import { detachInOnePiece, type MempoolEntry, type PoolEntry } from './entry.ts';
import { EntryAges } from './mempool-ages.ts';
import {
  type AdditionCircumstances,
  MempoolEmitters,
  type RemovalReason,
  type RemovedEvent,
} from './mempool-events.ts';
import { MempoolIndex } from './mempool-index.ts';
import { computeEntryBytes } from './mempool-memory.ts';
import { UnbroadcastSet } from './unbroadcast.ts';

/** Entries and what they add up to. */
export class MempoolStore {
  readonly index: MempoolIndex;
  readonly unbroadcast: UnbroadcastSet;
  readonly emitters: MempoolEmitters = new MempoolEmitters();
  readonly #ages: EntryAges = new EntryAges();
  /** Removals that listeners are not told of yet. */
  #untold: RemovedEvent[] = [];
  #totalVsize = 0;
  #totalFeeSat = 0;
  #entryBytes = 0;
  #sequence = 1;
  #updates = 0;

  /** `rng` salts the tables. */
  constructor(rng: Rng) {
    this.index = new MempoolIndex(rng);
    this.unbroadcast = new UnbroadcastSet(rng);
  }

  get totalVsize(): number {
    return this.#totalVsize;
  }

  get totalFeeSat(): number {
    return this.#totalFeeSat;
  }

  /** Bytes of the entries alone. */
  get entryBytes(): number {
    return this.#entryBytes;
  }

  /** Bytes of entries and tables. */
  get usedBytes(): number {
    return this.#entryBytes + this.index.usedBytes + this.#ages.usedBytes + this.unbroadcast.usedBytes;
  }

  /** The number of the next addition or removal. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Counts whatever makes a block template stale. */
  get updates(): number {
    return this.#updates;
  }

  countUpdates(count: number): void {
    this.#updates += count;
  }

  /** Takes an entry in; its transaction becomes a copy. */
  add(entry: PoolEntry): void {
    entry.transaction = detachInOnePiece(entry.transaction);
    this.index.add(entry);
    this.#ages.add(entry, this.index);
    this.#totalVsize += entry.vsize;
    this.#totalFeeSat += entry.feeSat;
    this.#entryBytes += computeEntryBytes(entry);
    this.#updates++;
  }

  /** Lets an entry go; {@link tellRemoved} tells. */
  remove(entry: PoolEntry, reason: RemovalReason): void {
    this.index.remove(entry);
    const wasUnbroadcast = this.unbroadcast.delete(entry.transaction.txid);
    this.#totalVsize -= entry.vsize;
    this.#totalFeeSat -= entry.feeSat;
    this.#entryBytes -= computeEntryBytes(entry);
    this.#updates++;
    this.#untold.push({ entry, reason, sequence: this.#sequence++, wasUnbroadcast });
  }

  /** Entries that came before `timeSec`, the oldest first. They are given once: who gets them removes them. */
  takeOlderThan(timeSec: number): PoolEntry[] {
    return this.#ages.takeOlderThan(timeSec, this.index);
  }

  tellAdded(entry: MempoolEntry, circumstances: AdditionCircumstances): void {
    this.emitters.added.emit({ entry, sequence: this.#sequence++, ...circumstances });
  }

  /** Tells of all removals since the last time. */
  tellRemoved(): void {
    const untold = this.#untold;
    if (untold.length === 0) return;
    this.#untold = [];
    for (const event of untold) this.emitters.removed.emit(event);
  }
}
