// A key-value store in memory: for tests, simulations and ledgers that live as long as their process. It can also act out a
// power cut: made with `keepsJournal`, it remembers how to take back every batch that was not written durably, and crash()
// takes back a suffix of them, as KvStore.write allows a power cut to do. Batches are never torn: stores make them atomic.

import { assert } from '../util/assert.ts';
import type { KvBatch, KvStore } from './ports.ts';

/** Entries of one chunk of a walk. */
const CHUNK_ENTRIES = 1024;

/** How to make a {@link MemoryKv}. */
export interface MemoryKvOptions {
  /** Makes crash() possible; the journal grows until a durable write. */
  readonly keepsJournal?: boolean;
}

/** The values that a batch replaced, by name; undefined where there was none. */
type Replaced = ReadonlyMap<string, Uint8Array | undefined>;

/** A key-value store in memory. */
export class MemoryKv implements KvStore {
  /** Values by the names of their keys, see {@link nameOf}. */
  readonly #values: Map<string, Uint8Array> = new Map();
  /** How to take back the batches since the last durable one; null when nobody will ask. */
  #journal: Replaced[] | null;

  constructor(options: MemoryKvOptions = {}) {
    this.#journal = options.keepsJournal === true ? [] : null;
  }

  /** Number of entries. */
  get size(): number {
    return this.#values.size;
  }

  /** Batches that a crash may take back. */
  get undurableCount(): number {
    return this.#journal === null ? 0 : this.#journal.length;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#values.get(nameOf(key)));
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.#values.get(nameOf(key))));
  }

  write(batch: KvBatch, durable: boolean): Promise<void> {
    assert(batch.puts.length % 2 === 0, 'kv batch: a value for every key');
    const replaced: Map<string, Uint8Array | undefined> | null = this.#journal === null ? null : new Map();
    for (const key of batch.deletes) this.#set(nameOf(key), undefined, replaced);
    for (let i = 0; i < batch.puts.length; i += 2) {
      // a copy: values are often views of one large buffer, which they would keep alive
      this.#set(nameOf(batch.puts[i]!), batch.puts[i + 1]!.slice(), replaced);
    }
    if (durable && this.#journal !== null) this.#journal = [];
    else if (replaced !== null) this.#journal!.push(replaced);
    return Promise.resolve();
  }

  #set(name: string, value: Uint8Array | undefined, replaced: Map<string, Uint8Array | undefined> | null): void {
    if (replaced !== null && !replaced.has(name)) replaced.set(name, this.#values.get(name));
    if (value === undefined) this.#values.delete(name);
    else this.#values.set(name, value);
  }

  /**
   * A power cut: of the batches since the last durable one the first `keep` survive, the others never happened. The store goes
   * on as if it had been opened again.
   */
  crash(options: { readonly keep: number }): void {
    const journal = this.#journal;
    assert(journal !== null, 'memory kv: crash() needs keepsJournal');
    while (journal.length > options.keep) {
      for (const [name, value] of journal.pop()!) this.#set(name, value, null);
    }
    this.#journal = [];
  }

  async *entries(prefix: Uint8Array): AsyncIterable<readonly (readonly [key: Uint8Array, value: Uint8Array])[]> {
    const start = nameOf(prefix);
    const found = [...this.#values].filter(([name]) => name.startsWith(start));
    found.sort(([a], [b]) => (a < b ? -1 : 1));
    for (let i = 0; i < found.length; i += CHUNK_ENTRIES) {
      yield found.slice(i, i + CHUNK_ENTRIES).map(([name, value]) => [keyOf(name), value] as const);
    }
  }

  /** Memory does not rot. */
  async verify(): Promise<void> {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A key as a string of as many characters, by which a Map can find it; strings are ordered as their keys are. */
function nameOf(key: Uint8Array): string {
  let name = '';
  for (let i = 0; i < key.length; i++) name += String.fromCharCode(key[i]!);
  return name;
}

function keyOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}
