// A place for the coins of a snapshot, in memory. It outlives chains, so that tests can open one after another on it and cut its power.

import type { BlockHash } from '../primitives/hashes.ts';
import { MemoryKv, type MemoryKvOptions } from './memory-kv.ts';
import type { KvStore, SnapshotStorage } from './ports.ts';

/** Coins of a snapshot in memory. */
export class MemorySnapshot implements SnapshotStorage {
  readonly #options: MemoryKvOptions;
  #store: MemoryKv | null = null;
  #base: BlockHash | null = null;
  /** Stores that were put aside. */
  readonly aside: MemoryKv[] = [];

  constructor(options: MemoryKvOptions = {}) {
    this.#options = options;
  }

  /** The coins, for those who look at them from outside; null: there are none. */
  get store(): MemoryKv | null {
    return this.#store;
  }

  readBase(): Promise<BlockHash | null> {
    return Promise.resolve(this.#base);
  }

  open(): Promise<KvStore> {
    this.#store ??= new MemoryKv(this.#options);
    return Promise.resolve(this.#store);
  }

  writeBase(base: BlockHash): Promise<void> {
    this.#base = base;
    return Promise.resolve();
  }

  remove(): Promise<void> {
    this.#store = null;
    this.#base = null;
    return Promise.resolve();
  }

  setAside(): Promise<string> {
    if (this.#store !== null) this.aside.push(this.#store);
    this.#store = null;
    this.#base = null;
    return Promise.resolve('memory');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
