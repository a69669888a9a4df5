// The event log of a node: what happens to the ledger, the waiting transactions, the peers, the miner and the wallets, as a stream
// that anyone may follow from where they were (event-cursor.ts). It is fed by signals, keeps the last events for all together
// (event-ring.ts), and tells each follower in their own time (event-reader.ts). What carries the texts is not its matter.
//
// While nobody follows, and for a minute nobody has, it sleeps: it only keeps in mind which page was told of last, so that a node
// that catches up with a million pages spends nothing on events that nobody hears.

import { type BlockEntry, NO_ENTRY } from '../kernel/chain/block-index.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { assert } from '../kernel/util/assert.ts';
import type { Unsubscribe } from '../kernel/util/signal.ts';
import type { MinerStatus } from '../node/app/cpu-miner.ts';
import type { Mempool } from '../node/mempool/mempool.ts';
import type { Timers } from '../node/ports.ts';
import type { EventTeller, ProgressNews, WalletEvents } from './app-ports.ts';
import { describeAdded, describeConnected, describeDisconnected, describeMiner, describePool } from './event-bodies.ts';
import { type EventCursor, parseCursor } from './event-cursor.ts';
import { type EndReason, EventFollower, type EventSink } from './event-follower.ts';
import { EventReader, type ReadableLog, sealEvent } from './event-reader.ts';
import { EventRing } from './event-ring.ts';
import type { JsonRecord } from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';

/** What a log tells of. */
export interface EventSources {
  /** Name of the ledger. */
  readonly network: string;
  readonly chain: Chainstate;
  readonly pool: Mempool | null;
  /** The `peers` event as of now (event-bodies.ts). */
  readonly peers: () => JsonRecord;
  readonly miner: () => MinerStatus;
  readonly timers: Timers;
  /** Names this run of the program: RUN_BYTES of chance in hexadecimal. */
  readonly run: string;
  /** A follower cannot be told of a page, because of a failure that is not theirs. */
  readonly onFailure: (error: unknown) => void;
}

/** Followers at one time, over all doors. */
export const EVENT_FOLLOWERS_MAX = 64;

/** How often peers and miner are looked at. */
const LOOK_MS = 1000;

/** What comes in quick succession is told of once in this time. */
const GATHER_MS = 250;

/** Different things that are gathered at a time; one more ends the gathering. */
const GATHERED_MAX = 256;

/** How long the log stays awake for a follower who was cut off. */
const LINGER_MS = 60_000;

/** The log. */
export class EventLog implements EventTeller {
  readonly #sources: EventSources;
  readonly #ring: EventRing = new EventRing();
  readonly #followers: Set<EventFollower> = new Set();
  readonly #subscriptions: Unsubscribe[] = [];
  readonly #gathered: Map<string, JsonRecord> = new Map();
  #position: BlockEntry;
  #cancelGathering: Unsubscribe | null = null;
  #cancelLook: Unsubscribe | null = null;
  #cancelSleep: Unsubscribe | null = null;
  #isAwake = false;
  #isClosed = false;
  #lastPeers = '';
  #wasMining = false;

  /** Follows the sources at once. */
  constructor(sources: EventSources) {
    assert(sources.chain.active.tip !== NO_ENTRY, 'a ledger with its first page');
    this.#sources = sources;
    this.#position = sources.chain.active.tip;
    this.#followChain(sources.chain);
    if (sources.pool !== null) this.#followPool(sources.pool);
  }

  /** Followers now. */
  get followerCount(): number {
    return this.#followers.size;
  }

  /** Has somebody follow; null when there are too many. `after` is a cursor, or null for what happens from now on. */
  follow(after: string | null, sink: EventSink): EventFollower | null {
    if (this.#isClosed || this.#followers.size >= EVENT_FOLLOWERS_MAX) return null;
    this.#wake();
    const cursor = after === null ? null : (parseCursor(after) ?? 'unknown');
    const follower = new EventFollower(new EventReader(this.#view(), cursor), sink, {
      onOver: () => this.#forget(follower),
      onFailure: this.#sources.onFailure,
    });
    this.#followers.add(follower);
    follower.start();
    return follower;
  }

  /** Tells of wallets from now on. */
  followWallets(wallets: WalletEvents): void {
    this.#subscriptions.push(
      wallets.follow(({ name, what }) => this.#gather(`wallet ${what} ${name}`, { type: 'wallet', name, what })),
    );
  }

  progress(news: ProgressNews): void {
    this.#gather(`progress ${news.task} ${news.id}`, { type: 'progress', ...news });
  }

  nodesChanged(): void {
    this.#gather('nodes', { type: 'nodes' });
  }

  /** Ends all following. */
  close(reason: EndReason = 'stopped'): void {
    this.#isClosed = true;
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    for (const follower of [...this.#followers]) follower.end(reason);
    this.#cancelSleep?.();
    this.#sleep();
  }

  // --- what is followed -----------------------------------------------------------------------------------------------

  /** What the chain was about to tell when this log was made is in its position already, and is passed over. */
  #followChain({ index, signals }: Chainstate): void {
    this.#subscriptions.push(
      signals.blockConnected.subscribe(({ entry, height, block, undo }) => {
        if (index.parent(entry) !== this.#position) return;
        this.#position = entry;
        if (this.#isAwake) this.#tell(describeConnected(height, block, undo));
      }),
      signals.blockDisconnected.subscribe(({ entry, height }) => {
        if (entry !== this.#position) return;
        this.#position = index.parent(entry);
        if (this.#isAwake) this.#tell(describeDisconnected(height, index.blockHash(entry)));
      }),
      signals.tipChanged.subscribe(() => {
        if (this.#isAwake) this.#tell(this.#describeTip());
      }),
    );
  }

  #followPool({ signals }: Mempool): void {
    this.#subscriptions.push(
      signals.added.subscribe(({ entry }) => {
        if (this.#isAwake) this.#tell(describeAdded(entry));
      }),
      signals.removed.subscribe(({ entry, reason }) => {
        const txid = formatHash(entry.transaction.txid);
        if (this.#isAwake) this.#tell({ type: 'transaction-removed', txid, reason });
      }),
    );
  }

  /** Peers when they are others than before, the miner while it is on. */
  #look(): void {
    const { peers, miner, timers } = this.#sources;
    const body = peers();
    const text = formatJson(body);
    if (text !== this.#lastPeers) this.#tell(body);
    this.#lastPeers = text;
    const status = miner();
    if (status.isMining || this.#wasMining) this.#tell(describeMiner(status));
    this.#wasMining = status.isMining;
    this.#cancelLook = timers.after(LOOK_MS, () => this.#look());
  }

  // --- telling --------------------------------------------------------------------------------------------------------

  #tell(body: JsonRecord): void {
    const { next } = this.#ring;
    this.#ring.add(sealEvent(body, { ...this.#cursorAt(this.#position), sequence: next }));
    for (const follower of this.#followers) follower.wake();
  }

  /** Tells soon, once, the last of what is the same thing. */
  #gather(key: string, body: JsonRecord): void {
    if (!this.#isAwake) return;
    this.#gathered.delete(key);
    this.#gathered.set(key, body);
    if (this.#gathered.size > GATHERED_MAX) this.#tellGathered();
    else this.#cancelGathering ??= this.#sources.timers.after(GATHER_MS, () => this.#tellGathered());
  }

  #tellGathered(): void {
    this.#cancelGathering?.();
    this.#cancelGathering = null;
    const bodies = [...this.#gathered.values()];
    this.#gathered.clear();
    for (const body of bodies) this.#tell(body);
  }

  // --- what readers see -----------------------------------------------------------------------------------------------

  #view(): ReadableLog {
    const log = this;
    return {
      chain: this.#sources.chain,
      ring: this.#ring,
      run: this.#sources.run,
      get position() {
        return log.#position;
      },
      get liveCursor() {
        return { ...log.#cursorAt(log.#position), sequence: log.#ring.next - 1 };
      },
      cursorAt: (position) => this.#cursorAt(position),
      describeHello: (resumed) => this.#describePlace('hello', { resumed }),
      describeTip: () => this.#describeTip(),
      describePool: () => describePool(this.#sources.pool),
    };
  }

  #describePlace(type: string, more: JsonRecord): JsonRecord {
    const { network, chain } = this.#sources;
    const { index } = chain;
    const at = this.#position;
    const height = index.height(at);
    return { type, network, height, hash: formatHash(index.blockHash(at)), time: index.timeSec(at), ...more };
  }

  #describeTip(): JsonRecord {
    return this.#describePlace('tip', { isInitialDownload: this.#sources.chain.isInitialDownload });
  }

  #cursorAt(position: BlockEntry): EventCursor {
    const { chain, run } = this.#sources;
    const { index, durableTip } = chain;
    const toPosition = (entry: BlockEntry) =>
      entry === NO_ENTRY ? null : { height: index.height(entry), blockHash: index.blockHash(entry) };
    const hasSafe = position !== NO_ENTRY && durableTip !== NO_ENTRY;
    const safe = hasSafe ? index.lastCommonAncestor(position, durableTip) : NO_ENTRY;
    return { position: toPosition(position), safe: toPosition(safe), run, sequence: null };
  }

  // --- sleep ----------------------------------------------------------------------------------------------------------

  #wake(): void {
    this.#cancelSleep?.();
    this.#cancelSleep = null;
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#lastPeers = '';
    this.#look();
  }

  #forget(follower: EventFollower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0 || this.#isClosed) return;
    this.#cancelSleep?.();
    this.#cancelSleep = this.#sources.timers.after(LINGER_MS, () => this.#sleep());
  }

  #sleep(): void {
    this.#isAwake = false;
    this.#cancelSleep = null;
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#cancelGathering?.();
    this.#cancelGathering = null;
    this.#gathered.clear();
    this.#ring.clear();
  }
}
