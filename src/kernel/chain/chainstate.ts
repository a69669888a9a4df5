// The chain: the index of headers, the block files and the coins, and the commands that change them (Core Chainstate and
// ChainstateManager). This file owns the order of things and nothing else; what a command does is in the files it calls.
//
// One writer: commands wait in a queue and run one after another, so that no two half-done changes ever meet, however many callers
// there are. Readers may look at any time and see the state after the last block that was committed. Headers alone are taken in at
// once: that waits for nothing, so that it is never half done, and what a running command holds of the index stays true.
//
// Two kinds of bad news. A verdict on a block is a value, and life goes on. An error that is thrown (a full disk, a dead thread, a
// broken invariant) says nothing about any block: no block is marked for it, the caller of the command gets it, and the chain
// takes no more commands. What had been flushed is on the disk, and opening again goes on from there (C36).

import type { AssumeUtxo } from '../consensus/params.ts';
import { type BlockReject, rejectBlock } from '../consensus/reject.ts';
import type { DecodeError } from '../encoding/decode-error.ts';
import { type Block, decodeBlock } from '../primitives/block.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import type { BlockHeader } from '../primitives/header.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { assert } from '../util/assert.ts';
import type { Result } from '../util/result.ts';
import type { Unsubscribe } from '../util/signal.ts';
import type { ActiveChain } from './active-chain.ts';
import type { BackgroundChain } from './background-chain.ts';
import { BestChain } from './best-chain.ts';
import { acceptBlock, type BlockAcceptance, type BlockArrival } from './block-acceptance.ts';
import type { ImportTarget } from './block-import.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';
import { addAllCandidates } from './candidates.ts';
import { FLUSH_POLICY, FlushClock, type FlushPolicy, flushChain } from './chain-flush.ts';
import { type ChainPorts, type OpenedChain, type OpenOptions, openChainState, storeGenesis } from './chain-open.ts';
import type { ChainSignals } from './chain-signals.ts';
import type { ChainState } from './chain-state.ts';
import type { CoinsCache, FlushMode } from './coins-cache.ts';
import { acceptHeader, type HeaderContext } from './header-acceptance.ts';
import { IndexBranch } from './index-branch.ts';
import { writeReindexing } from './index-codec.ts';
import { invalidate, PreciousSequence, reconsider } from './invalidation.ts';
import type { SnapshotStorage } from './ports.ts';
import { findFilesBelow } from './prune.ts';
import { PruneHolds } from './prune-holds.ts';
import { findFilesIfGrown, removeBlockFiles } from './pruning.ts';
import { SnapshotKeeper, type SnapshotSource } from './snapshot-keeper.ts';
import { type VerifyOptions, type VerifyResult, verifyChain } from './verify-db.ts';

/** How to open a chain. */
export interface ChainstateOptions extends OpenOptions {
  readonly flushPolicy?: FlushPolicy;
  /** No block above this height is connected (option -stopatheight). */
  readonly heightMax?: number;
  /** A tip that is older does not end the first download (option -maxtipage). */
  readonly tipAgeMaxSec?: number;
  /** The oldest block files go as soon as all together take more; absent: all stay (option -prune). */
  readonly pruneTargetBytes?: number;
  /** True once the program is to end: long commands come to an early, orderly end. */
  readonly isStopping?: () => boolean;
}

/** What became of a block that was handed in. */
export type SubmitResult =
  /** It is part of the active chain now. */
  | { readonly outcome: 'connected'; readonly entry: BlockEntry }
  /** It is stored, and another chain is better, or blocks before it are missing. */
  | { readonly outcome: 'stored'; readonly entry: BlockEntry }
  /** It was stored before. */
  | { readonly outcome: 'duplicate'; readonly entry: BlockEntry }
  /** Nobody asked for it, and it would not become part of the chain soon. */
  | { readonly outcome: 'unwanted'; readonly entry: BlockEntry }
  | { readonly outcome: 'rejected'; readonly reject: BlockReject }
  /** The bytes are no block. */
  | { readonly outcome: 'undecodable'; readonly error: DecodeError };

/** What became of headers that were handed in. */
export interface HeadersResult {
  /** Headers that are in the index now, those known before included. */
  readonly acceptedCount: number;
  /** The last of them, or NO_ENTRY. */
  readonly last: BlockEntry;
  /** Why the one after it was refused; those behind it were not looked at. */
  readonly reject: BlockReject | null;
}

/** Blocks that arrive one after another. */
export interface BlockStream {
  /** The next block that is there now, or null. */
  next(): { readonly block: Block; readonly arrival: BlockArrival } | null;
  /** Told when a block was stored or refused; whether it is valid is told by the signals, later. */
  onAccepted(block: Block, acceptance: BlockAcceptance): void;
}

/** Brings something in step with the chain after its tip has moved, before anyone is told of the new tip. */
export interface TipFollower {
  /** The tip has moved since the last call; it may be back where it was. Waited for; may itself wait, but for no command. */
  follow(): Promise<void>;
  /** A command has failed, maybe halfway, with what was thrown: {@link follow} is not called any more. */
  chainStopped(cause: unknown): void;
}

/** What became of a wish about a block. */
export type BlockCommandResult =
  | 'done'
  | 'unknown-block'
  | 'first-block'
  /** The chain began with a snapshot at the block or above it, and cannot be moved below. */
  | 'below-snapshot';

/** A command came after the chain had stopped; `cause` is why. */
export class ChainStoppedError extends Error {
  override readonly name = 'ChainStoppedError';
}

/** A tip older than this is no tip of today (Core DEFAULT_MAX_TIP_AGE: 24 hours). */
const TIP_AGE_MAX_SEC = 24 * 60 * 60;

/** A ledger and everything that follows from it. */
export class Chainstate {
  /** Who needs blocks that pruning would take. */
  readonly pruneHolds: PruneHolds = new PruneHolds();
  readonly #state: ChainState;
  readonly #bestChain: BestChain;
  readonly #precious: PreciousSequence = new PreciousSequence();
  readonly #flushClock: FlushClock;
  readonly #headers: HeaderContext;
  readonly #pruneTargetBytes: number | null;
  readonly #isStopping: () => boolean;
  readonly #keeper: SnapshotKeeper;
  #queue: Promise<unknown> = Promise.resolve();
  /** Commands that wait for the running one to end. */
  #waitingCount = 0;
  #isRunning = false;
  #stop: { readonly cause: unknown } | null = null;
  #durableTip: BlockEntry;
  #reportedTip: BlockEntry;
  #reportedHeader: BlockEntry;
  readonly #tipAgeMaxSec: number;
  #isInitialDownload = true;
  #nowSec = 0;
  readonly #followers: Set<TipFollower> = new Set();
  /** The tip has moved and the followers have not. */
  #hasMoved = false;

  private constructor(opened: OpenedChain, options: ChainstateOptions, snapshots: SnapshotStorage | null) {
    const { state, durableTip, snapshot, background } = opened;
    this.#state = state;
    this.#isStopping = options.isStopping ?? ((): boolean => false);
    this.#durableTip = durableTip;
    this.#reportedTip = state.active.tip;
    this.#reportedHeader = state.index.bestHeader;
    this.#flushClock = new FlushClock(options.flushPolicy ?? FLUSH_POLICY, state.rng);
    this.#pruneTargetBytes = options.pruneTargetBytes ?? null;
    this.#tipAgeMaxSec = options.tipAgeMaxSec ?? TIP_AGE_MAX_SEC;
    const { index, consensus } = state;
    this.#headers = { index, consensus, branch: new IndexBranch(index) };
    this.#bestChain = new BestChain(state, {
      onProgress: (blockCount) => this.#onProgress(blockCount),
      isStopping: this.#isStopping,
      heightMax: options.heightMax ?? Number.POSITIVE_INFINITY,
    });
    this.#keeper = new SnapshotKeeper(
      {
        state,
        storage: snapshots,
        isStopping: this.#isStopping,
        flush: () => this.#flush('keep'),
        onProgress: (blockCount, coins) => this.#onBlocks(blockCount, coins),
      },
      snapshot,
      background,
    );
  }

  /** Opens the chain of the ports, which may be empty. The tip is that of the last flush; {@link activate} moves on. */
  static async open(options: ChainstateOptions, ports: ChainPorts): Promise<Chainstate> {
    return new Chainstate(await openChainState(options, ports), options, ports.snapshots ?? null);
  }

  // --- reading --------------------------------------------------------------------------------------------------------

  get index(): BlockIndex {
    return this.#state.index;
  }

  get active(): ActiveChain {
    return this.#state.active;
  }

  get signals(): ChainSignals {
    return this.#state.signals;
  }

  /** Height of the tip. */
  get height(): number {
    return this.#state.active.height;
  }

  get tipHash(): BlockHash {
    return this.#state.index.blockHash(this.#state.active.tip);
  }

  /** The last tip that has survived a power cut; NO_ENTRY before the first flush. */
  get durableTip(): BlockEntry {
    return this.#durableTip;
  }

  /** What the chain began with, if that was a snapshot; forgotten at the next start once it is verified. */
  get snapshot(): AssumeUtxo | null {
    return this.#keeper.snapshot;
  }

  /** The chain that verifies the snapshot; null when there is nothing to verify. */
  get background(): BackgroundChain | null {
    return this.#keeper.background;
  }

  /** The chain of which every block was verified: the active one, unless that began with a snapshot. */
  get verified(): { readonly active: ActiveChain; readonly durableTip: BlockEntry } {
    const { background } = this;
    return background === null ? this : { active: background.state.active, durableTip: background.durableTip };
  }

  /** Whether a block is part of the chain, and was verified here: not just vouched for by a snapshot above it. */
  isConnected(entry: BlockEntry): boolean {
    const { index, active } = this.#state;
    const { background } = this;
    if (background === null || !index.descendsFrom(background.target, entry)) return active.contains(entry);
    return background.state.active.contains(entry);
  }

  /** True until the tip was once of enough work and not older than a day (Core IsInitialBlockDownload). */
  get isInitialDownload(): boolean {
    return this.#isInitialDownload;
  }

  /** Work below which no chain is believed to be the real one. */
  get minimumChainWork(): bigint {
    return this.#state.minimumChainWork;
  }

  /** Everything that the chain is made of, for those who build on it: indexes, snapshots, tests. They change nothing. */
  get state(): ChainState {
    return this.#state;
  }

  /** A stored block. */
  readBlock(entry: BlockEntry): Promise<Block> {
    return this.#state.blocks.read(entry);
  }

  /**
   * Has `follower` called, and waited for, within every command that moved the tip, before tipChanged: for what must follow the
   * chain and has to wait for coins on the way, as the mempool does after a reorganisation.
   */
  followTip(follower: TipFollower): Unsubscribe {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /**
   * The cache need not keep these coins (outpoints of 36 bytes each) for the mempool any more. While a command runs, which may have
   * fetched them for itself, nothing happens: the next flush will do.
   */
  forgetCoins(outpoints: Uint8Array): void {
    if (this.#isRunning) return;
    for (let at = 0; at < outpoints.length; at += OUTPOINT_BYTES) this.#state.coins.forget(outpoints, at);
  }

  // --- commands -------------------------------------------------------------------------------------------------------

  /** Takes a block in and moves to the best chain. `nowSec` is the node's own clock, in every command. */
  submitBlock(block: Uint8Array | Block, nowSec: number, arrival: BlockArrival = {}): Promise<SubmitResult> {
    return this.#run(nowSec, async () => {
      const decoded = block instanceof Uint8Array ? decodeBlock(block, { allowTrailing: true }) : null;
      if (decoded !== null && !decoded.ok) return { outcome: 'undecodable', error: decoded.error };
      const view = decoded === null ? (block as Block) : decoded.value;
      const accepted = await acceptBlock(this.#state, view, nowSec, arrival, this.background?.state);
      this.#reportHeader();
      if (accepted.outcome === 'rejected') {
        this.#state.signals.blockChecked.emit({ block: view, reject: accepted.reject });
        return accepted;
      }
      await this.#activate();
      return accepted.outcome === 'stored' ? this.#resultOf(accepted.entry) : accepted;
    });
  }

  #resultOf(entry: BlockEntry): SubmitResult {
    const { index } = this.#state;
    if (this.isConnected(entry)) return { outcome: 'connected', entry };
    const reject = this.#bestChain.refusalOf(entry);
    if (reject !== null) return { outcome: 'rejected', reject };
    if (!index.isFailed(entry)) return { outcome: 'stored', entry };
    // A block before it was found invalid just now.
    return { outcome: 'rejected', reject: rejectBlock('invalid-prev', 'bad-prevblk', 'valid-parent') };
  }

  /**
   * Takes headers in, up to the first that is refused, at once. Without `hasEnoughWork` nothing new is stored, see
   * {@link acceptHeader}.
   */
  acceptHeaders(headers: readonly BlockHeader[], nowSec: number, hasEnoughWork = true): HeadersResult {
    this.#assertRuns();
    let last: BlockEntry = NO_ENTRY;
    let acceptedCount = 0;
    let reject: BlockReject | null = null;
    for (const header of headers) {
      const accepted = acceptHeader(this.#headers, header, nowSec, hasEnoughWork);
      if (accepted.outcome === 'rejected') {
        reject = accepted.reject;
        break;
      }
      last = accepted.entry;
      acceptedCount++;
    }
    this.#reportHeader();
    return { acceptedCount, last, reject };
  }

  /**
   * Takes in the blocks of a stream until it has none at the moment, connecting them as they come with the scripts of earlier ones
   * still running: for blocks that arrive faster than they can be verified. It also ends early, between two blocks, when another
   * command waits, which a stream that never dries up would keep waiting for ever: call it again.
   */
  submitStream(clock: () => number, stream: BlockStream): Promise<void> {
    return this.#run(clock(), async () => {
      for (let arrived = stream.next(); arrived !== null; arrived = this.#waitingCount > 0 ? null : stream.next()) {
        const { block, arrival } = arrived;
        stream.onAccepted(block, await this.#takeBlock(block, arrival, clock()));
      }
      await this.#activate();
    });
  }

  /** Moves to the best chain among the blocks that are stored: after opening, and when nothing else did. */
  activate(nowSec: number): Promise<void> {
    return this.#run(nowSec, () => this.#activate());
  }

  /**
   * Takes in many blocks, from files: `body` hands them in through the target it gets. Blocks are connected as they come, with
   * scripts of earlier ones still running. `clock` is asked for every block, since an import may take days.
   *
   * @example
   * await chain.import(clock, (target) => importFile(folder, 'bootstrap.dat', key, { params, target, rng }));
   */
  import<T>(clock: () => number, body: (target: ImportTarget) => Promise<T>): Promise<T> {
    return this.#run(clock(), async () => {
      const result = await body({
        hasHeader: (blockHash) => this.#hasHeader(blockHash),
        hasBlock: (blockHash) => this.#hasBlock(blockHash),
        submit: async (block, position) => {
          await this.#takeBlock(block, position === null ? {} : { position }, clock());
        },
      });
      await this.#activate();
      return result;
    });
  }

  #hasHeader(blockHash: BlockHash): boolean {
    const entry = this.#state.index.find(blockHash);
    return entry !== NO_ENTRY && !this.#state.index.isFailed(entry);
  }

  #hasBlock(blockHash: BlockHash): boolean {
    const entry = this.#state.index.find(blockHash);
    return entry !== NO_ENTRY && this.#state.index.hasData(entry);
  }

  /** Takes a block in and goes on before its scripts are verified. */
  async #takeBlock(block: Block, arrival: BlockArrival, nowSec: number): Promise<BlockAcceptance> {
    this.#nowSec = nowSec;
    const accepted = await acceptBlock(this.#state, block, nowSec, arrival, this.background?.state);
    if (accepted.outcome === 'rejected') this.#state.signals.blockChecked.emit({ block, reject: accepted.reject });
    if (accepted.outcome === 'stored') await this.#activate(true);
    this.#reportHeader();
    // In the middle of a reorganisation, whose last blocks wait for their scripts, the tip has less work than before: nobody hears
    // of it before the new branch has won (Core holds cs_main until then).
    const { active, index } = this.#state;
    if (index.compareWork(active.tip, this.#reportedTip) >= 0) await this.#reportTip();
    return accepted;
  }

  /** Notes that a reindex is over: the first block of the ledger is stored if no file had it. */
  finishReindex(nowSec: number): Promise<void> {
    return this.#run(nowSec, async () => {
      await storeGenesis(this.#state);
      await this.#activate();
      await this.#flush('keep');
      await writeReindexing(this.#state.indexStore, false);
    });
  }

  /** Declares a block and all on top of it invalid, and moves to the best chain without them (RPC invalidateblock). */
  invalidateBlock(blockHash: BlockHash, nowSec: number): Promise<BlockCommandResult> {
    return this.#runOnBlock(blockHash, nowSec, async (entry) => {
      if (this.#state.index.height(entry) === 0) return 'first-block';
      const { background } = this;
      if (background !== null && this.#state.index.descendsFrom(background.target, entry)) return 'below-snapshot';
      await invalidate(this.#state, this.#bestChain, entry);
      await this.#activate();
      return 'done';
    });
  }

  /** Takes back what is held against a block, those before it and those on top of it (RPC reconsiderblock). */
  reconsiderBlock(blockHash: BlockHash, nowSec: number): Promise<BlockCommandResult> {
    return this.#runOnBlock(blockHash, nowSec, async (entry) => {
      reconsider(this.#state, entry);
      if (this.background !== null) addAllCandidates(this.background.state);
      await this.#activate();
      return 'done';
    });
  }

  /** Treats a block as if it had been seen before others of equal work (RPC preciousblock). */
  preciousBlock(blockHash: BlockHash, nowSec: number): Promise<BlockCommandResult> {
    return this.#runOnBlock(blockHash, nowSec, async (entry) => {
      this.#precious.prefer(this.#state, entry);
      await this.#activate();
      return 'done';
    });
  }

  /** Checks whether the last blocks and the coins fit together, see {@link verifyChain}. */
  verify(nowSec: number, options: Omit<VerifyOptions, 'nowSec'> = {}): Promise<VerifyResult> {
    return this.#run(nowSec, async () => {
      const { background } = this;
      const behind = background === null ? null : await verifyChain(background.state, { ...options, nowSec });
      const result = behind?.outcome === 'damaged' ? behind : await verifyChain(this.#state, { ...options, nowSec });
      const { signals } = this.#state;
      if (result.outcome === 'damaged') signals.damageFound.emit(result.error);
      if (result.outcome === 'missing-blocks') signals.blocksMissing.emit(result);
      return result;
    });
  }

  /** Everything so far survives a power cut when the promise resolves. */
  flush(nowSec: number, mode: FlushMode = 'keep'): Promise<void> {
    return this.#run(nowSec, () => this.#flush(mode));
  }

  /** Removes pairs of block files, which prune.ts has chosen. */
  prune(files: readonly number[], nowSec: number): Promise<void> {
    return this.#run(nowSec, () => this.#prune(files));
  }

  /** Removes the pairs of block files that hold only blocks up to a height, and none that the tip or somebody else needs. */
  pruneUpTo(height: number, nowSec: number): Promise<void> {
    return this.#run(nowSec, async () => {
      const { store, active } = this.#state;
      const heightMin = this.#lowestOwnHeight();
      const state = { tipHeight: active.height, heightMax: this.#pruneHeightMax(), heightMin };
      const files = findFilesBelow(store.fileInfos, height, state);
      if (files.length > 0) await this.#prune(files);
    });
  }

  /** Flushes and closes the files. No command is taken any more, also when this fails. The ports stay open. */
  async close(nowSec: number): Promise<void> {
    try {
      if (this.#stop === null) await this.flush(nowSec, 'empty');
    } finally {
      this.#stop ??= { cause: null };
      await this.#queue;
      await this.#state.store.close();
    }
  }

  /**
   * Goes on with the coins of a file, if they are those that the program expects at their block; else says why not, and the chain is as
   * it was. Loading may take long, and holds nobody up. `clock` is asked at the end.
   */
  loadSnapshot(source: SnapshotSource, clock: () => number): Promise<Result<AssumeUtxo, string>> {
    this.#assertRuns();
    return this.#keeper.load(source, (command) =>
      this.#run(clock(), async () => {
        // Whatever was flushed is what the background goes on from; the index knows the base from now on, whatever happens.
        await this.#flush('keep');
        const loaded = await command(this.#durableTip);
        if (!loaded.ok) return loaded;
        this.#durableTip = this.#state.active.tip;
        this.#hasMoved = true;
        await this.#activate();
        return loaded;
      }),
    );
  }

  // --- the queue ------------------------------------------------------------------------------------------------------

  #run<T>(nowSec: number, command: () => Promise<T>): Promise<T> {
    this.#waitingCount++;
    const result = this.#queue.then(async () => {
      this.#waitingCount--;
      this.#assertRuns();
      this.#isRunning = true;
      this.#nowSec = nowSec;
      this.#bestChain.forgetRefusals();
      try {
        const value = await command();
        // Branches that do not have the block of the snapshot are open again once it is verified.
        if (await this.#keeper.settle()) await this.#activate();
        this.#reportHeader();
        await this.#reportTip();
        await this.#flushIfDue();
        await this.#pruneIfDue();
        return value;
      } catch (cause) {
        this.#stop = { cause };
        for (const follower of this.#followers) follower.chainStopped(cause);
        throw cause;
      } finally {
        this.#isRunning = false;
      }
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #assertRuns(): void {
    if (this.#stop !== null) throw new ChainStoppedError('the chain has stopped', { cause: this.#stop.cause });
  }

  #runOnBlock(
    blockHash: BlockHash,
    nowSec: number,
    command: (entry: BlockEntry) => Promise<BlockCommandResult>,
  ): Promise<BlockCommandResult> {
    return this.#run(nowSec, async () => {
      const entry = this.#state.index.find(blockHash);
      return entry === NO_ENTRY ? 'unknown-block' : command(entry);
    });
  }

  /** The tip has moved by so many blocks. */
  #onProgress(blockCount: number): Promise<void> {
    this.#hasMoved = true;
    return this.#onBlocks(blockCount, this.#state.coins);
  }

  async #onBlocks(blockCount: number, coins: CoinsCache): Promise<void> {
    this.#flushClock.countBlocks(blockCount);
    if (coins.isOverLimit) await this.#flush('shrink');
    else await this.#flushIfDue();
    await this.#pruneIfDue();
  }

  async #activate(keepsPending = false): Promise<void> {
    await this.#bestChain.activate(keepsPending);
    await this.background?.bestChain.activate(keepsPending);
    // What is known against a block below a snapshot must not be saved beside its coins.
    if (this.background?.isRefuted === true) await this.#keeper.settle();
  }

  async #flushIfDue(): Promise<void> {
    if (this.#flushClock.isDue(this.#nowSec)) await this.#flush('keep');
  }

  async #flush(mode: FlushMode): Promise<void> {
    const tip = this.#state.active.tip;
    await flushChain(this.#state, mode);
    await this.background?.flushCoins(mode);
    assert(tip === this.#state.active.tip, `flush: the tip ${formatHash(this.tipHash)} has moved meanwhile`);
    this.#durableTip = tip;
    this.#flushClock.restart(this.#nowSec);
  }

  async #pruneIfDue(): Promise<void> {
    if (this.#pruneTargetBytes === null) return;
    const downloadHeight = this.#isInitialDownload ? this.index.height(this.index.bestHeader) : null;
    const ranges = [{ tipHeight: this.height, heightMin: this.#lowestOwnHeight() }];
    if (this.background !== null) ranges.push({ tipHeight: this.background.state.active.height, heightMin: 0 });
    const files = await findFilesIfGrown(this.#state, {
      targetBytes: this.#pruneTargetBytes,
      downloadHeight,
      heightMax: () => this.#pruneHeightMax(),
      ranges,
    });
    if (files.length > 0) await this.#prune(files);
  }

  /** The lowest block that is not the background's to prune. */
  #lowestOwnHeight(): number {
    return this.background === null ? 0 : this.background.snapshot.height + 1;
  }

  #pruneHeightMax(): number {
    const limit = this.pruneHolds.limit();
    if (limit === null) return Number.POSITIVE_INFINITY;
    this.#state.signals.pruningLimited.emit(limit);
    return limit.height;
  }

  /** The coins are flushed first: nothing that is removed is needed after a crash. */
  async #prune(files: readonly number[]): Promise<void> {
    await this.#flush('keep');
    await removeBlockFiles(this.#state, files);
  }

  // --- news -----------------------------------------------------------------------------------------------------------

  #reportHeader(): void {
    const { index, signals } = this.#state;
    const entry = index.bestHeader;
    if (entry === this.#reportedHeader) return;
    this.#reportedHeader = entry;
    signals.headerTipChanged.emit({ entry, height: index.height(entry) });
  }

  async #reportTip(): Promise<void> {
    const { active, index, signals } = this.#state;
    const { tip, height } = active;
    this.#updateInitialDownload();
    // Also when it came back to where it was: a branch was tried and had a bad block.
    if (this.#hasMoved) await this.#moveFollowers();
    if (tip === this.#reportedTip) return;
    const fork = index.lastCommonAncestor(this.#reportedTip, tip);
    this.#reportedTip = tip;
    signals.tipChanged.emit({ tip, height, fork, isInitialDownload: this.#isInitialDownload });
  }

  async #moveFollowers(): Promise<void> {
    this.#hasMoved = false;
    for (const follower of this.#followers) await follower.follow();
  }

  #updateInitialDownload(): void {
    if (!this.#isInitialDownload) return;
    const { active, index, minimumChainWork } = this.#state;
    const isRecent = index.timeSec(active.tip) >= this.#nowSec - this.#tipAgeMaxSec;
    if (!isRecent || index.chainWork(active.tip) < minimumChainWork) return;
    this.#isInitialDownload = false;
    this.#keeper.divideMemory(false);
  }
}
