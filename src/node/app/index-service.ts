// The indexes of a node: opened beside its chain, kept in step with it, asked by RPC, REST and peers. One that is synced is waited for
// whenever the tip moves, so that nobody hears of a block that it does not know; one that was switched on late catches up in the
// background and holds nobody up. An index that is found damaged is taken away and built anew while the node goes on (S16).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { ChainStoppedError } from '../../kernel/chain/chainstate.ts';
import { type Folder, type KvStore, StorageError } from '../../kernel/chain/ports.ts';
import type { FollowerPosition } from '../../kernel/chain/prune-holds.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import { AddressIndex } from '../index/address-index.ts';
import type { ChainIndex } from '../index/chain-index.ts';
import { ChainReader } from '../index/chain-reader.ts';
import { CoinStatsIndex } from '../index/coin-stats-index.ts';
import { FilterIndex } from '../index/filter-index.ts';
import { Indexer, type IndexSummary } from '../index/indexer.ts';
import { Pacer } from '../index/pacer.ts';
import { SpenderIndex } from '../index/spender-index.ts';
import { TxIndex } from '../index/tx-index.ts';
import type { Clock, Logger, Timers } from '../ports.ts';

/** A kind of index. */
export type IndexKind = 'transactions' | 'coin-stats' | 'spenders' | 'filters' | 'addresses';

/** All of them, in the order in which getindexinfo lists them. */
export const INDEX_KINDS: readonly IndexKind[] = Object.freeze([
  'transactions',
  'coin-stats',
  'spenders',
  'filters',
  'addresses',
]);

/** Where an index is stored. */
export interface IndexStore {
  readonly store: KvStore;
  /** For files beside it; filters alone have some. */
  readonly folder: Folder;
}

/** Opens and takes away what indexes are stored in. */
export interface IndexStorage {
  /** Rejects with a StorageError, whose code is `corrupt` when what is there is of no use. */
  open(kind: IndexKind): Promise<IndexStore>;
  /** Takes everything away; nothing of it is open. */
  remove(kind: IndexKind): Promise<void>;
}

/** Which indexes a node keeps. */
export interface IndexServiceOptions {
  readonly kinds: ReadonlySet<IndexKind>;
  /** Whatever is stored is taken away first (option -reindex). */
  readonly isRebuilt: boolean;
}

/** What the service stands on. */
export interface IndexServicePorts {
  /** Open, and caught up with what is stored. */
  readonly chain: Chainstate;
  readonly storage: IndexStorage;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  /** The program is to end: a disk is full, a block cannot be read. */
  readonly onFatal: (error: unknown) => void;
}

/** Blocks that an index needs were pruned; the words are Core's. */
export class IndexDataMissingError extends Error {
  override readonly name = 'IndexDataMissingError';
}

/** Indexes by their kinds. */
interface IndexTypes {
  readonly transactions: TxIndex;
  readonly 'coin-stats': CoinStatsIndex;
  readonly spenders: SpenderIndex;
  readonly filters: FilterIndex;
  readonly addresses: AddressIndex;
}

/** One index at work. */
interface Slot {
  readonly index: ChainIndex;
  readonly indexer: Indexer;
  readonly stored: IndexStore;
}

/** Indexes at work. */
export class IndexService {
  readonly #ports: IndexServicePorts;
  readonly #reader: ChainReader;
  readonly #slots: Map<IndexKind, Slot> = new Map();
  readonly #subscriptions: Unsubscribe[] = [];
  /** Indexes that are being built anew. */
  readonly #rebuilds: Set<Promise<void>> = new Set();
  readonly #rebuilt: Set<IndexKind> = new Set();
  #isClosing = false;

  private constructor(ports: IndexServicePorts) {
    this.#ports = ports;
    this.#reader = new ChainReader(ports.chain);
  }

  /** Opens the indexes and begins to follow the chain. Rejects with a StorageError or an {@link IndexDataMissingError}. */
  static async start(options: IndexServiceOptions, ports: IndexServicePorts): Promise<IndexService> {
    const service = new IndexService(ports);
    try {
      for (const kind of INDEX_KINDS) {
        if (!options.kinds.has(kind)) continue;
        if (options.isRebuilt) await ports.storage.remove(kind);
        service.#slots.set(kind, await service.#openSound(kind));
      }
      service.#checkBlocksAreThere();
    } catch (error) {
      await service.close();
      throw error;
    }
    service.#follow();
    return service;
  }

  // --- asking ---------------------------------------------------------------------------------------------------------

  /** Where transactions lie; null: not indexed. */
  get transactions(): TxIndex | null {
    return this.#get('transactions');
  }

  /** Figures of the coins at every height; null: not indexed. */
  get coinStats(): CoinStatsIndex | null {
    return this.#get('coin-stats');
  }

  /** Who spends an output; null: not indexed. */
  get spenders(): SpenderIndex | null {
    return this.#get('spenders');
  }

  /** Filters of blocks; null: not indexed. */
  get filters(): FilterIndex | null {
    return this.#get('filters');
  }

  /** What scripts have and had, and summaries of blocks; null: not indexed. */
  get addresses(): AddressIndex | null {
    return this.#get('addresses');
  }

  #get<Kind extends IndexKind>(kind: Kind): IndexTypes[Kind] | null {
    return (this.#slots.get(kind)?.index ?? null) as IndexTypes[Kind] | null;
  }

  /** How far each of them is. */
  summaries(): readonly IndexSummary[] {
    return [...this.#slots.values()].map(({ indexer }) => indexer.summary);
  }

  /** How far one of them is; null: not indexed. */
  summary(kind: IndexKind): IndexSummary | null {
    return this.#slots.get(kind)?.indexer.summary ?? null;
  }

  /**
   * Waits until an index knows what the chain has now: true. One that has not caught up yet is not waited for: false; as long as a
   * snapshot is not verified, none has.
   */
  async catchUp(kind: IndexKind): Promise<boolean> {
    const isSynced = (await this.#slots.get(kind)?.indexer.catchUp()) ?? false;
    return isSynced && this.#ports.chain.background === null;
  }

  // --- following ------------------------------------------------------------------------------------------------------

  #follow(): void {
    const { chain } = this.#ports;
    const { signals } = chain;
    this.#subscriptions.push(
      signals.blockConnected.subscribe(({ entry, block, undo }) => this.#reader.remember(entry, block, undo)),
      // A checkpoint may have become possible.
      signals.flushed.subscribe(() => this.#wakeAll()),
      signals.tipChanged.subscribe(() => this.#wakeAll()),
      signals.backgroundMoved.subscribe(() => this.#wakeAll()),
      signals.blockDisconnected.subscribe(({ height }) => this.#tellMovedBack(height)),
      chain.pruneHolds.add(() => this.#positions()),
      chain.followTip({ follow: () => this.#followTip(), chainStopped: () => undefined }),
    );
    this.#wakeAll();
  }

  /**
   * How far each index is on the chain: what it has of blocks that have left the chain, it will give back and take in others. One that is
   * being built anew needs all blocks.
   */
  #positions(): readonly FollowerPosition[] {
    const names = [...this.#rebuilt].filter((kind) => !this.#slots.has(kind));
    const positions = [...this.#slots.values()].map(({ indexer }) => this.#position(indexer));
    return [...positions, ...names.map((name) => ({ name, height: 0 }))];
  }

  /** A block has left the chain: an index that had it holds blocks from the one before on (Core DisconnectTip, in its words). */
  #tellMovedBack(height: number): void {
    const { log } = this.#ports;
    for (const { indexer } of this.#slots.values()) {
      const held = this.#position(indexer);
      if (indexer.summary.height < height || held.height !== height - 1) continue;
      log.debug('prune', () => `${held.name} prune lock moved back to ${held.height}`);
    }
  }

  #position({ summary, fork }: Indexer): FollowerPosition {
    return { name: summary.name, height: fork === NO_ENTRY ? 0 : this.#reader.index.height(fork) };
  }

  async #followTip(): Promise<void> {
    await Promise.all([...this.#slots.values()].map(({ indexer }) => indexer.catchUp()));
    this.#reader.forgetRecent();
  }

  #wakeAll(): void {
    for (const { indexer } of this.#slots.values()) indexer.wake();
  }

  /** Stops in order; what was taken in is saved, so the chain is asked to save itself before. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await Promise.all(this.#rebuilds);
    await this.#flushChain();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    for (const slot of this.#slots.values()) {
      await slot.indexer.stop();
      await closeSlot(slot);
    }
    this.#slots.clear();
  }

  async #flushChain(): Promise<void> {
    if (this.#slots.size === 0) return;
    const { chain, clock } = this.#ports;
    try {
      await chain.flush(Math.floor(clock.wallMs() / 1000));
    } catch (error) {
      if (!(error instanceof ChainStoppedError)) throw error;
    }
  }

  // --- opening --------------------------------------------------------------------------------------------------------

  /** Opens an index; one that is damaged is taken away first. */
  async #openSound(kind: IndexKind): Promise<Slot> {
    const { storage, log } = this.#ports;
    try {
      return await this.#open(kind);
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'corrupt') throw error;
      log.warn(`${error.message}. The index is built anew.`);
      await storage.remove(kind);
      return this.#open(kind);
    }
  }

  async #open(kind: IndexKind): Promise<Slot> {
    const { storage, timers, log, onFatal } = this.#ports;
    const stored = await storage.open(kind);
    const index = this.#create(kind, stored);
    try {
      const indexer = await Indexer.open({
        index,
        store: stored.store,
        reader: this.#reader,
        pacer: new Pacer(() => timers.yieldToHost()),
        log,
        onBroken: (error) => this.#rebuildLater(kind, error),
        onFatal,
      });
      return { index, indexer, stored };
    } catch (error) {
      await closeStored(index, stored);
      throw error;
    }
  }

  #create(kind: IndexKind, { store, folder }: IndexStore): ChainIndex {
    const reader = this.#reader;
    switch (kind) {
      case 'transactions':
        return new TxIndex(store, reader);
      case 'spenders':
        return new SpenderIndex(store, reader, this.#ports.rng.fork('spenders'));
      case 'filters':
        return new FilterIndex(store, folder, reader);
      case 'addresses':
        return new AddressIndex(store, reader);
      case 'coin-stats':
        return new CoinStatsIndex(store, reader, this.#ports.chain.state.consensus);
    }
  }

  /** Builds an index anew that has proved to be damaged: once in a run, since a second time the disk is to blame. */
  #rebuildLater(kind: IndexKind, error: StorageError): void {
    const { log, onFatal } = this.#ports;
    if (this.#isClosing) return;
    if (this.#rebuilt.has(kind)) {
      onFatal(error);
      return;
    }
    this.#rebuilt.add(kind);
    log.warn(`${error.message}. The index is built anew.`);
    const rebuild = this.#rebuild(kind)
      .catch(onFatal)
      .finally(() => this.#rebuilds.delete(rebuild));
    this.#rebuilds.add(rebuild);
  }

  async #rebuild(kind: IndexKind): Promise<void> {
    const damaged = this.#slots.get(kind);
    assert(damaged !== undefined, 'an index that was open');
    // Whoever asks meanwhile is told that there is none yet.
    this.#slots.delete(kind);
    await damaged.indexer.stop();
    await closeSlot(damaged);
    await this.#ports.storage.remove(kind);
    const slot = await this.#open(kind);
    this.#slots.set(kind, slot);
    slot.indexer.wake();
  }

  // --- pruned chains --------------------------------------------------------------------------------------------------

  /** Throws when blocks that an index has to take in were pruned (Core StartIndexBackgroundSync). */
  #checkBlocksAreThere(): void {
    // Where several are concerned, Core names the filters before the coin statistics.
    for (const { index, indexer } of [...this.#slots.values()].reverse()) {
      if (this.#hasBlocksAbove(indexer.fork, index.needsUndo)) continue;
      const what = index.needsUndo ? 'pruned data (including undo data)' : 'pruned data';
      throw new IndexDataMissingError(
        `${index.name} best block of the index goes beyond ${what}. Please disable the index or reindex (which will download the whole blockchain again)`,
      );
    }
  }

  #hasBlocksAbove(fork: BlockEntry, needsUndo: boolean): boolean {
    const { index, verified } = this.#ports.chain;
    const { active } = verified;
    const forkHeight = fork === NO_ENTRY ? 0 : index.height(fork);
    for (let height = active.height; height > forkHeight; height--) {
      const entry = active.at(height);
      if (!index.hasData(entry) || (needsUndo && !index.hasUndo(entry))) return false;
    }
    return true;
  }
}

async function closeSlot({ index, stored }: Slot): Promise<void> {
  await closeStored(index, stored);
}

async function closeStored(index: ChainIndex, { store }: IndexStore): Promise<void> {
  if (index instanceof FilterIndex) await index.close();
  await store.close();
}
