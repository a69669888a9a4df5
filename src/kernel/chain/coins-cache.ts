// The coins of the active chain: a key-value store below, a write-back cache above (Core CCoinsViewCache over CCoinsViewDB).
// Reading and changing never wait: fetch() brings the coins in question into the cache first, in one wait, and flush() carries
// all changes into the store. The cache is packed (coin-slab.ts, coin-table.ts) and its accounted memory is its real one.
//
// What the cache knows of an outpoint, and what becomes of it. FRESH is Core's FRESH and DIRTY, CHANGED and SPENT are DIRTY:
//
//   state     coin?  store has          put, fresh  put       remove    flush, kept   in the store then
//   --------  -----  -----------------  ----------  --------  --------  ------------  -----------------
//   unknown   ?      anything           FRESH       CHANGED   SPENT     unknown       as before
//   ABSENT    no     nothing            FRESH       FRESH     ABSENT    unknown       nothing, as before
//   CLEAN     yes    this coin          (broken)    CHANGED   SPENT     CLEAN         this coin, as before
//   FRESH     yes    nothing            (broken)    FRESH     unknown   CLEAN         put
//   CHANGED   yes    anything           (broken)    CHANGED   SPENT     CLEAN         put
//   SPENT     no     anything           CHANGED     CHANGED   SPENT     unknown       deleted
//
// `put, fresh` promises that the set has no coin there; where the cache sees one, the promise is broken and the program stops. A
// coin made and spent between two flushes never reaches the store: that is what FRESH is for. A coin put over a SPENT one is not
// FRESH, or spending it again would forget to delete what the store may have. Removing or putting does not need to know what the
// store has, so that blocks can be replayed over a store that an interrupted flush left between two blocks.
//
// A flush may take many batches. The first marks the store as being between two blocks (`H`: new, old) and the last as being at
// the new one (`B`), as Core does; a store found marked is finished by replaying the blocks between. A failed flush forgets
// nothing: FRESH coins count as CHANGED from its beginning, since some may have reached the store.

import { CoinRef } from '../consensus/coin.ts';
import type { CoinsView, CoinsWriter } from '../consensus/coins-view.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { assert } from '../util/assert.ts';
import type { Rng } from '../util/prng.ts';
import { CoinSlab } from './coin-slab.ts';
import { CoinTable } from './coin-table.ts';
import {
  type CoinEntryBytes,
  CoinsStore,
  type CoinsStoreOptions,
  type HeadBlocks,
  type Pauses,
} from './coins-store.ts';
import { coinKey } from './layout.ts';
import type { KvStore } from './ports.ts';

const ABSENT = 1;
const CLEAN = 2;
const FRESH = 3;
const CHANGED = 4;
const SPENT = 5;

/** How to open a {@link CoinsCache}. */
export interface CoinsCacheOptions extends CoinsStoreOptions {
  /** Memory that the cache should stay below; its owner flushes when it does not. */
  readonly limitBytes: number;
  /** Salts the table of outpoints: attackers can grind txids. */
  readonly rng: Rng;
}

/**
 * What stays in the cache after a flush: all coins, the youngest in half of its memory, or nothing. Young coins are spent soonest,
 * and what makes room for them is the half that a full cache has to give up anyway; with an empty one every old coin would have to
 * be read again (Core empties its cache when it is full).
 */
export type FlushMode = 'keep' | 'shrink' | 'empty';

/**
 * Coins over a key-value store. One owner changes and flushes it, a step at a time; what it reads it has fetched, with no flush
 * in between. A fetch may overlap with changes, with other fetches, and with a flush that keeps.
 *
 * @example
 * await cache.fetch(prevouts, count);
 * const connected = connectBlock(block, overlayOver(cache), branch, params);
 * overlay.flushInto(cache);
 * if (cache.isOverLimit) await cache.flush(block.header.blockHash, 'empty', true);
 */
export class CoinsCache implements CoinsView, CoinsWriter {
  readonly #rng: Rng;
  #limitBytes: number;
  #store: CoinsStore;
  readonly #slab: CoinSlab = new CoinSlab();
  readonly #table: CoinTable;
  readonly #scratch: CoinRef = new CoinRef();
  /** Coins that the store does not have as they are: FRESH, CHANGED, SPENT. */
  #dirtyCount = 0;
  #isFlushing = false;
  /** Flushes that came to an end, one way or the other. */
  #flushCount = 0;

  private constructor(store: CoinsStore, options: CoinsCacheOptions) {
    this.#store = store;
    this.#limitBytes = options.limitBytes;
    this.#rng = options.rng;
    this.#table = new CoinTable(this.#slab, options.rng);
  }

  /** Opens the coins of a store, which may be empty. Throws StorageError when it holds something else. */
  static async open(kv: KvStore, options: CoinsCacheOptions): Promise<CoinsCache> {
    return new CoinsCache(await CoinsStore.open(kv, options), options);
  }

  /** The block whose coins the store holds, as of the last flush; null when it holds none, or a mixture. */
  get bestBlock(): BlockHash | null {
    return this.#store.bestBlock;
  }

  /** The blocks between which an interrupted flush left the store; the next flush must lead to the first of them. */
  get headBlocks(): HeadBlocks | null {
    return this.#store.headBlocks;
  }

  /** Outpoints that the cache knows something about. */
  get entryCount(): number {
    return this.#table.size;
  }

  /** Changes that the next flush will write. */
  get dirtyCount(): number {
    return this.#dirtyCount;
  }

  /** Memory that the entries take. */
  get usedBytes(): number {
    return this.#slab.usedBytes + this.#table.usedBytes;
  }

  /** Memory for the entries; more is taken only until the next flush. */
  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** Takes more or less memory from now on. */
  resize(limitBytes: number): void {
    this.#limitBytes = limitBytes;
  }

  /**
   * Goes on over the coins of another store, as if it had been opened over them; returns a cache over those before. Everything is
   * flushed, and nobody is in the middle of something.
   */
  moveTo(store: CoinsStore): CoinsCache {
    assert(this.#dirtyCount === 0 && !this.#isFlushing, 'coins cache: flushed before it moves');
    const before = new CoinsCache(this.#store, { limitBytes: this.#limitBytes, rng: this.#rng });
    this.#store = store;
    this.#table.clear();
    this.#slab.clear();
    // what somebody looks up at this moment is of the store before
    this.#flushCount++;
    return before;
  }

  get isOverLimit(): boolean {
    return this.usedBytes > this.#limitBytes;
  }

  /** True when the cache knows whether there is a coin at the outpoint at `at`. */
  isKnown(outpoints: Uint8Array, at: number): boolean {
    return this.#table.find(outpoints, at) !== 0;
  }

  /** Makes the first `count` outpoints (36 bytes each) known, with one wait for those that are not. */
  async fetch(outpoints: Uint8Array, count: number): Promise<void> {
    const missing = inKeyOrder(outpoints, this.#unknownOf(outpoints, count));
    if (missing.length === 0) return;
    const keys = missing.map((at) => coinKey(outpoints, at));
    for (;;) {
      const flushCount = this.#flushCount;
      const values = await this.#store.getMany(keys);
      // what was read before a flush ended may be older than what the cache has forgotten since
      if (flushCount !== this.#flushCount) continue;
      missing.forEach((at, i) => {
        this.#learn(outpoints, at, values[i]);
      });
      return;
    }
  }

  #unknownOf(outpoints: Uint8Array, count: number): number[] {
    const unknown: number[] = [];
    for (let i = 0; i < count; i++) {
      if (!this.isKnown(outpoints, i * OUTPOINT_BYTES)) unknown.push(i * OUTPOINT_BYTES);
    }
    return unknown;
  }

  /** Takes in what the store has, unless the cache came to know better meanwhile. */
  #learn(outpoints: Uint8Array, at: number, value: Uint8Array | undefined): void {
    if (this.#table.find(outpoints, at) !== 0) return;
    const coin = value === undefined ? null : this.#store.decodeCoin(value, this.#scratch);
    this.#table.put(this.#slab.add(outpoints, at, coin, coin === null ? ABSENT : CLEAN));
  }

  /**
   * Values of outpoints that the cache knows nothing about, as the store has them, without taking them in: by offset in
   * `outpoints`. They are good until {@link flushCount} changes or the cache comes to know better; see coins-lookup.ts.
   */
  async peek(outpoints: Uint8Array, count: number): Promise<ReadonlyMap<number, Uint8Array | undefined>> {
    for (;;) {
      const flushCount = this.#flushCount;
      const missing = inKeyOrder(outpoints, this.#unknownOf(outpoints, count));
      if (missing.length === 0) return NOTHING_PEEKED;
      const values = await this.#store.getMany(missing.map((at) => coinKey(outpoints, at)));
      if (flushCount === this.#flushCount) return new Map(missing.map((at, i) => [at, values[i]]));
    }
  }

  /** Points `coin` at the coin of a value of the store, until the next call. */
  decodePeeked(value: Uint8Array, coin: CoinRef): CoinRef {
    return this.#store.decodeCoin(value, coin);
  }

  /** Takes in what {@link peek} found, unless the cache came to know better meanwhile. It must still be good. */
  admit(outpoints: Uint8Array, at: number, value: Uint8Array | undefined): void {
    this.#learn(outpoints, at, value);
  }

  /** Forgets what the store has as well: nobody will ask soon. Nothing may be fetched and not yet read. */
  forget(outpoints: Uint8Array, at: number): void {
    const ref = this.#table.find(outpoints, at);
    if (ref === 0 || this.#isFlushing) return;
    const state = this.#slab.state(ref);
    if (isDirty(state)) return;
    this.#slab.remove(ref);
    this.#table.remove();
  }

  /** Flushes that came to an end: what the store said before may be out of date when it changes. */
  get flushCount(): number {
    return this.#flushCount;
  }

  readCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean {
    const ref = this.#findKnown(outpoints, at);
    if (!hasCoin(this.#slab.state(ref))) return false;
    this.#slab.read(ref, coin);
    return true;
  }

  hasCoin(outpoints: Uint8Array, at: number): boolean {
    return hasCoin(this.#slab.state(this.#findKnown(outpoints, at)));
  }

  #findKnown(outpoints: Uint8Array, at: number): number {
    const ref = this.#table.find(outpoints, at);
    assert(ref !== 0, 'coins cache: asked about an outpoint that was not fetched');
    return ref;
  }

  putCoin(outpoints: Uint8Array, at: number, coin: CoinRef, isFresh: boolean): void {
    assert(!this.#isFlushing, 'coins cache: changed during a flush');
    const ref = this.#table.find(outpoints, at);
    let state = isFresh ? FRESH : CHANGED;
    if (ref !== 0) {
      const before = this.#slab.state(ref);
      assert(!isFresh || !hasCoin(before), 'coins cache: a fresh coin was put over an unspent one');
      state = before === ABSENT || before === FRESH ? FRESH : CHANGED;
      this.#forgetEntry(ref, before);
    }
    this.#table.put(this.#slab.add(outpoints, at, coin, state));
    this.#dirtyCount++;
  }

  removeCoin(outpoints: Uint8Array, at: number): void {
    assert(!this.#isFlushing, 'coins cache: changed during a flush');
    const ref = this.#table.find(outpoints, at);
    const before = ref === 0 ? CHANGED : this.#slab.state(ref);
    if (!hasCoin(before)) return;
    if (ref !== 0) this.#forgetEntry(ref, before);
    if (before === FRESH) {
      this.#table.remove();
    } else {
      this.#table.put(this.#slab.add(outpoints, at, null, SPENT));
      this.#dirtyCount++;
    }
  }

  /** Gives up the place of an entry whose slot is about to change. */
  #forgetEntry(ref: number, state: number): void {
    this.#slab.remove(ref);
    if (isDirty(state)) this.#dirtyCount--;
  }

  /**
   * Writes all changes; the store then holds the coins of `bestBlock`. With `durable` it will after a power cut, too. Then the
   * cache forgets what is absent or spent, and of the coins what `mode` says. When a write fails, that is thrown, and the cache
   * is as it was.
   */
  async flush(bestBlock: BlockHash, mode: FlushMode, durable: boolean): Promise<void> {
    assert(!this.#isFlushing, 'coins cache: two flushes at a time');
    this.#isFlushing = true;
    try {
      await this.#writeChanges(bestBlock, durable);
      this.#settle(mode);
    } finally {
      this.#isFlushing = false;
      this.#flushCount++;
    }
  }

  async #writeChanges(bestBlock: BlockHash, durable: boolean): Promise<void> {
    const order = this.#collectDirty();
    const update = this.#store.beginUpdate(bestBlock, durable);
    const slab = this.#slab;
    for (let i = 0; i < order.length; i++) {
      const ref = order[i]!;
      const bytes = slab.bytesOf(ref);
      if (slab.state(ref) === SPENT) update.deleteCoin(bytes, slab.startOf(ref));
      else update.putCoin(bytes, slab.startOf(ref), slab.read(ref, this.#scratch));
      if (update.isFull) await update.writePart();
    }
    await update.finish();
  }

  /**
   * All dirty entries, roughly in the order of their keys: by the first bits of the txid. A store that gets its changes in order
   * has less to sort and merges narrow ranges; measured with LevelDB, that takes a third off the work of a flush.
   */
  #collectDirty(): Int32Array {
    const slab = this.#slab;
    const nexts = new Int32Array(RANGES + 1);
    slab.forEach((ref, state) => {
      if (!isDirty(state)) return;
      if (state === FRESH) slab.setState(ref, CHANGED);
      nexts[rangeOf(slab.bytesOf(ref), slab.startOf(ref)) + 1]!++;
    });
    for (let range = 1; range <= RANGES; range++) nexts[range]! += nexts[range - 1]!;
    assert(nexts[RANGES] === this.#dirtyCount, 'coins cache: every dirty entry was counted');
    const order = new Int32Array(this.#dirtyCount);
    slab.forEach((ref, state) => {
      if (isDirty(state)) order[nexts[rangeOf(slab.bytesOf(ref), slab.startOf(ref))]!++] = ref;
    });
    return order;
  }

  #settle(mode: FlushMode): void {
    this.#dirtyCount = 0;
    if (mode === 'keep') this.#forgetAllButCoins();
    else this.#forgetOldCoins(mode === 'empty' ? Number.POSITIVE_INFINITY : this.#youngestHalf());
  }

  #forgetAllButCoins(): void {
    this.#slab.forEach((ref, state) => {
      if (hasCoin(state)) {
        this.#slab.setState(ref, CLEAN);
      } else {
        this.#table.find(this.#slab.bytesOf(ref), this.#slab.startOf(ref));
        this.#table.remove();
        this.#slab.remove(ref);
      }
    });
  }

  /** Forgets everything but coins of at least this height, and closes the gaps. */
  #forgetOldCoins(heightMin: number): void {
    const slab = this.#slab;
    const table = this.#table;
    table.clear();
    if (heightMin === Number.POSITIVE_INFINITY) {
      slab.clear();
      return;
    }
    slab.compact(
      (ref, state) => {
        if (!hasCoin(state) || slab.height(ref) < heightMin) return false;
        slab.setState(ref, CLEAN);
        return true;
      },
      (ref) => {
        table.find(slab.bytesOf(ref), slab.startOf(ref));
        table.put(ref);
      },
    );
  }

  /** The height from which on all coins fit half of the memory; infinite when not even those of one height do. */
  #youngestHalf(): number {
    const slab = this.#slab;
    const bytesByHeight: Map<number, number> = new Map();
    slab.forEach((ref, state) => {
      if (!hasCoin(state)) return;
      const height = slab.height(ref);
      bytesByHeight.set(height, (bytesByHeight.get(height) ?? 0) + slab.sizeOf(ref));
    });
    let heightMin = Number.POSITIVE_INFINITY;
    let roomBytes = this.#limitBytes / 2 - this.#table.usedBytes;
    for (const [height, bytes] of [...bytesByHeight].sort(([a], [b]) => b - a)) {
      roomBytes -= bytes;
      if (roomBytes < 0) break;
      heightMin = height;
    }
    return heightMin;
  }

  /** Throws unless the stored coins are what was written, see {@link KvStore.verify}. */
  verify(): Promise<void> {
    return this.#store.verify();
  }

  /** Keys and values of the store, see {@link CoinsStore.entries}; changes since the last flush are not there. */
  entries(): AsyncIterable<readonly CoinEntryBytes[]> {
    return this.#store.entries();
  }

  /** Calls `visit` for every coin of the store, see {@link CoinsStore.forEachCoin}; changes since the last flush are not there. */
  forEachCoin(visit: (outpoint: Uint8Array, coin: CoinRef) => void, pauses?: Pauses): Promise<void> {
    return this.#store.forEachCoin(visit, pauses);
  }
}

const NOTHING_PEEKED: ReadonlyMap<number, Uint8Array | undefined> = new Map();

function hasCoin(state: number): boolean {
  return state === CLEAN || state === FRESH || state === CHANGED;
}

function isDirty(state: number): boolean {
  return state >= FRESH;
}

/** Ranges of keys that a flush keeps in order: as many as the first two bytes of a txid tell apart. */
const RANGES = 65_536;

function rangeOf(outpoints: Uint8Array, at: number): number {
  return outpoints[at]! * 256 + outpoints[at + 1]!;
}

/**
 * Offsets of outpoints roughly in the order of their keys: by the first bytes of the txid. LevelDB finds keys that come in order in
 * half the time: neighbours are in the same blocks of its tables.
 */
function inKeyOrder(outpoints: Uint8Array, offsets: readonly number[]): readonly number[] {
  assert(offsets.length <= FETCHED_MAX, 'coins cache: fewer outpoints than fit the order');
  const order = Float64Array.from(offsets, (at, i) => readPrefix(outpoints, at) * FETCHED_MAX + i).sort(
    (a, b) => a - b,
  );
  return Array.from(order, (prefixAndIndex) => offsets[prefixAndIndex % FETCHED_MAX]!);
}

/** A prefix of 32 bits and an index below this fit the 53 bits of a number exactly. */
const FETCHED_MAX: number = 2 ** 21;

/** The first four bytes as a number in the order of the bytes. */
function readPrefix(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! * 256 + bytes[at + 1]!) * 256 + bytes[at + 2]!) * 256 + bytes[at + 3]!;
}
