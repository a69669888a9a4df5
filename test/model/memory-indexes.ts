// What indexes are stored in, in memory: it outlives the services that are opened on it, and can act out a power cut.

import { MemoryDisk } from '../../src/kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { MemoryKv } from '../../src/kernel/chain/memory-kv.ts';
import type { Rng } from '../../src/kernel/util/prng.ts';
import type { IndexKind, IndexStorage, IndexStore } from '../../src/node/app/index-service.ts';

/** Stores by the kinds of their indexes. */
export class MemoryIndexStorage implements IndexStorage {
  readonly stores: Map<IndexKind, MemoryKv> = new Map();
  disk: MemoryDisk = new MemoryDisk();
  /** Kinds that were taken away, in order. */
  readonly removed: IndexKind[] = [];

  store(kind: IndexKind): MemoryKv {
    const store = this.stores.get(kind) ?? new MemoryKv({ keepsJournal: true });
    this.stores.set(kind, store);
    return store;
  }

  async open(kind: IndexKind): Promise<IndexStore> {
    return { store: this.store(kind), folder: new MemoryFolder(kind, this.disk) };
  }

  async remove(kind: IndexKind): Promise<void> {
    this.removed.push(kind);
    this.stores.delete(kind);
    const folder = new MemoryFolder(kind, this.disk);
    for (const name of await folder.list()) await folder.remove(name);
  }

  /** The process ends: what it wrote is there. */
  kill(): void {
    this.disk = this.disk.kill();
  }

  /** The power fails: what was not durable is there or not. */
  cutPower(rng: Rng): void {
    this.disk = this.disk.crash(rng);
    for (const store of this.stores.values()) store.crash({ keep: rng.below(store.undurableCount + 1) });
  }
}
