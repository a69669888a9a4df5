// Connecting blocks faster than one after another. Blocks of a path are connected to the coins in turn, by one thread; their
// scripts are verified meanwhile by others, which nobody waits for until a *window* of blocks is full. While the scripts of one
// window are still running, the next is connected on top of its changes:
//
//        coins cache  ◀── changes of window 1 ◀── changes of window 2
//                         scripts running         being connected
//
// A window whose verdicts are all in is committed as a whole: its changes go down into the cache, its blocks are on the active
// chain. Nothing of it is visible before. When a block turns out invalid, it and all behind it are dropped, the changes of the
// blocks before it in its window are made anew, and those are committed.
//
// A window is closed by count of inputs, blocks or bytes, so that what is held back stays small: a verifier of n threads needs
// some thousand inputs at a time to keep all of them busy, and two windows of 64 blocks are no news to anyone who waits for one.
//
// What throws (a disk, a thread) passes through: blocks that are not committed are then as if they had never been touched.

import { mustSearchForOverwrites } from '../consensus/bip30.ts';
import { CoinsOverlay } from '../consensus/coins-overlay.ts';
import { type ConnectedBlock, connectBlock } from '../consensus/connect-block.ts';
import type { ConsensusParams } from '../consensus/params.ts';
import type { BlockReject } from '../consensus/reject.ts';
import { rejectBlockForScript, type ScriptFailure } from '../consensus/script-job.ts';
import type { Block } from '../primitives/block.ts';
import type { VerifiedScripts } from '../script/verified-scripts.ts';
import { assert } from '../util/assert.ts';
import type { Rng } from '../util/prng.ts';
import type { Result } from '../util/result.ts';
import type { ActiveChain } from './active-chain.ts';
import { type AssumeValidContext, getScriptCheckReason, type ScriptCheckReason } from './assume-valid.ts';
import type { BlockEntry, BlockIndex } from './block-index.ts';
import type { BlockSource } from './block-source.ts';
import type { ChainEmitters } from './chain-signals.ts';
import type { CoinsCache } from './coins-cache.ts';
import { CoinsPrefetch } from './coins-prefetch.ts';
import { IndexBranch } from './index-branch.ts';
import type { ScriptBatch, ScriptVerifier } from './ports.ts';

/** How much a window holds back at most, beyond its last block. */
export interface WindowLimits {
  readonly inputs: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** About a second of work for two threads with a native backend. */
export const WINDOW_LIMITS: WindowLimits = { inputs: 20_000, blocks: 64, bytes: 8 * 1024 * 1024 };

/** Windows that are open at once: one whose scripts run, one that is being filled. */
const OPEN_WINDOWS_MAX = 2;

/** A block that is connected above the committed tip. */
export interface PendingBlock {
  readonly entry: BlockEntry;
  readonly block: Block;
  readonly connected: ConnectedBlock;
  readonly verdict: Promise<ScriptFailure | null>;
}

/** A block that broke a rule when its turn came. */
export interface InvalidBlock {
  readonly entry: BlockEntry;
  readonly block: Block;
  readonly reject: BlockReject;
}

/** What connecting needs to see. */
export interface ConnectContext extends AssumeValidContext {
  readonly index: BlockIndex;
  readonly active: ActiveChain;
  readonly consensus: ConsensusParams;
  readonly coins: CoinsCache;
  readonly blocks: BlockSource;
  readonly verifier: ScriptVerifier;
  readonly rng: Rng;
  readonly windowLimits: WindowLimits;
  readonly signals: Pick<ChainEmitters, 'scriptChecksChanged'>;
  /** Transactions whose scripts the mempool has verified; null: there is no mempool. */
  readonly verifiedScripts: VerifiedScripts | null;
}

/** Makes blocks part of the active chain whose scripts have succeeded; `changes` holds what they do to the coins. */
export type CommitBlocks = (blocks: readonly PendingBlock[], changes: CoinsOverlay) => Promise<void>;

/** Blocks that will be committed together. */
class ConnectWindow {
  readonly changes: CoinsOverlay;
  readonly blocks: PendingBlock[] = [];
  inputs = 0;
  bytes = 0;

  constructor(changes: CoinsOverlay) {
    this.changes = changes;
  }

  add(pending: PendingBlock): void {
    this.blocks.push(pending);
    this.inputs += pending.connected.undo.coins.count;
    this.bytes += pending.block.totalSize;
  }

  isFull(limits: WindowLimits): boolean {
    return this.inputs >= limits.inputs || this.blocks.length >= limits.blocks || this.bytes >= limits.bytes;
  }
}

/** The blocks between the committed tip and the last one connected. */
export class ConnectPipeline {
  readonly #context: ConnectContext;
  readonly #commit: CommitBlocks;
  readonly #branch: IndexBranch;
  readonly #prefetch: CoinsPrefetch;
  /** Oldest first; each one's changes lie on those of the one before. */
  #windows: ConnectWindow[] = [];
  readonly #spareOverlays: CoinsOverlay[] = [];
  /** What was told last of why scripts are run; undefined: nothing yet. */
  #toldReason: ScriptCheckReason | null | undefined;

  constructor(context: ConnectContext, commit: CommitBlocks) {
    this.#context = context;
    this.#commit = commit;
    this.#branch = new IndexBranch(context.index, context.active);
    this.#prefetch = new CoinsPrefetch(context.coins, context.rng);
  }

  get isEmpty(): boolean {
    return this.#windows.length === 0;
  }

  /** The last block connected, committed or not. */
  get tip(): BlockEntry {
    return this.#windows.at(-1)?.blocks.at(-1)?.entry ?? this.#context.active.tip;
  }

  /**
   * Connects the block of an entry on top of {@link tip}. Null: so far nothing is wrong. Otherwise the first block that is, which
   * may be an earlier one; every block before it is committed, and none behind it is left.
   */
  async connect(entry: BlockEntry): Promise<InvalidBlock | null> {
    assert(this.#context.index.parent(entry) === this.tip, 'connect: the next block of the chain');
    const block = await this.#context.blocks.read(entry);
    if (this.#windows.at(-1)?.isFull(this.#context.windowLimits) === true) {
      while (this.#windows.length >= OPEN_WINDOWS_MAX) {
        const invalid = await this.#settleOldest();
        if (invalid !== null) return invalid;
      }
      this.#openWindow();
    } else if (this.isEmpty) {
      this.#openWindow();
    }
    const connected = await this.#connectTo(this.#windows.length - 1, entry, block);
    if (!connected.ok) return this.#refuse({ entry, block, reject: connected.error });
    const verdict = this.#startScripts(entry, block, connected.value);
    this.#windows.at(-1)!.add({ entry, block, connected: connected.value, verdict });
    return null;
  }

  /** Waits for all verdicts and commits; null, or the first block that is invalid. Nothing is open afterwards. */
  async drain(): Promise<InvalidBlock | null> {
    while (!this.isEmpty) {
      const invalid = await this.#settleOldest();
      if (invalid !== null) return invalid;
    }
    return null;
  }

  #openWindow(): void {
    const { coins, rng } = this.#context;
    const base = this.#windows.at(-1)?.changes ?? coins;
    const changes = this.#spareOverlays.pop() ?? new CoinsOverlay(base, rng);
    changes.reset(base);
    this.#windows.push(new ConnectWindow(changes));
  }

  /** Connects a block to the changes of window `i`, which has all blocks before it. */
  async #connectTo(i: number, entry: BlockEntry, block: Block): Promise<Result<ConnectedBlock, BlockReject>> {
    const { index, consensus } = this.#context;
    const parent = index.parent(entry);
    const layers = this.#windows.slice(0, i + 1).map(({ changes }) => changes);
    const withOutputs = mustSearchForOverwrites(consensus, this.#branch.moveTo(parent), block.header.blockHash);
    await this.#prefetch.fetchForConnect(block, layers.reverse(), withOutputs);
    return connectBlock(block, this.#windows[i]!.changes, this.#branch.moveTo(parent), consensus);
  }

  #startScripts(entry: BlockEntry, block: Block, connected: ConnectedBlock): Promise<ScriptFailure | null> {
    if (!this.#mustRunScripts(entry) || connected.scriptJobs.length === 0) return NO_FAILURE;
    const batch = this.#withoutKnown({ block, connected });
    if (batch === null) return NO_FAILURE;
    const verdict = this.#context.verifier.verify(batch);
    verdict.catch(() => undefined); // thrown to whoever waits for the window; nobody waits for one that is dropped
    return verdict;
  }

  /** Whether the scripts of a block are run; tells when that, or the reason, is other than for the block before. */
  #mustRunScripts(entry: BlockEntry): boolean {
    const { index, signals } = this.#context;
    const reason = getScriptCheckReason(this.#context, entry);
    if (reason !== this.#toldReason) {
      this.#toldReason = reason;
      signals.scriptChecksChanged.emit({ entry, height: index.height(entry), reason });
    }
    return reason !== null;
  }

  /** The batch with what need not be verified again; null: nothing is left to verify. */
  #withoutKnown(batch: ScriptBatch): ScriptBatch | null {
    const { verifiedScripts } = this.#context;
    if (verifiedScripts === null || verifiedScripts.isEmpty) return batch;
    const { scriptJobs, scriptFlags } = batch.connected;
    const knownGood = new Uint8Array(batch.block.txCount);
    let knownCount = 0;
    for (const { txIndex, transaction } of scriptJobs) {
      if (!verifiedScripts.has(transaction.wtxid, scriptFlags)) continue;
      knownGood[txIndex] = 1;
      knownCount++;
    }
    return knownCount === scriptJobs.length ? null : { ...batch, knownGood };
  }

  /** A block could not be connected: brings the blocks before it to an end. */
  async #refuse(refused: InvalidBlock): Promise<InvalidBlock> {
    const last = this.#windows.length - 1;
    // The refused block left half of its changes behind.
    await this.#rebuild(last);
    return (await this.drain()) ?? this.#condemn(refused);
  }

  /** Waits for the verdicts of the oldest window and commits what may be committed. */
  async #settleOldest(): Promise<InvalidBlock | null> {
    const window = this.#windows[0]!;
    for (const [i, { entry, block, verdict }] of window.blocks.entries()) {
      const failure = await verdict;
      if (failure === null) continue;
      const reject = rejectBlockForScript(block.transaction(failure.txIndex), failure);
      await this.#cutOldest(i);
      return this.#condemn({ entry, block, reject });
    }
    await this.#commitOldest();
    return null;
  }

  /** Keeps the first `count` blocks of the oldest window and commits them; everything behind them is dropped. */
  async #cutOldest(count: number): Promise<void> {
    const window = this.#windows[0]!;
    for (const dropped of this.#windows.splice(1)) this.#spareOverlays.push(dropped.changes);
    window.blocks.length = count;
    await this.#rebuild(0);
    await this.#commitOldest();
  }

  async #commitOldest(): Promise<void> {
    const window = this.#windows[0]!;
    if (window.blocks.length > 0) await this.#commit(window.blocks, window.changes);
    this.#windows.shift();
    this.#windows[0]?.changes.rebase(this.#context.coins);
    window.changes.reset(this.#context.coins);
    this.#spareOverlays.push(window.changes);
  }

  /** Makes the changes of window `i` anew from its blocks; their scripts are judged already, or under way. */
  async #rebuild(i: number): Promise<void> {
    const window = this.#windows[i]!;
    window.changes.reset();
    for (const { entry, block } of window.blocks) {
      const again = await this.#connectTo(i, entry, block);
      assert(again.ok, 'a block that was connected before connects again');
    }
  }

  /** The last look at a block before it is called invalid: if its file was damaged, it is not the block that is to blame. */
  #condemn(invalid: InvalidBlock): InvalidBlock {
    this.#context.blocks.assertUnharmed(invalid.entry, invalid.block);
    return invalid;
  }
}

const NO_FAILURE: Promise<ScriptFailure | null> = Promise.resolve(null);
