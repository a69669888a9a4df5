// The snapshot that a chain began with, from its loading to its verification (Core ActivateSnapshot, MaybeValidateSnapshot): it loads
// coins beside the running chain, has the chain go on with them, keeps the chain behind it, and judges when that one has arrived. What
// it does to the chain it does within the chain's own commands.

import type { AssumeUtxo } from '../consensus/params.ts';
import { assert } from '../util/assert.ts';
import { err, ok, type Result } from '../util/result.ts';
import { BackgroundChain, describeRefuted, hasSnapshotCoins, SnapshotRefutedError } from './background-chain.ts';
import { type BlockEntry, NO_ENTRY } from './block-index.ts';
import { addAllCandidates } from './candidates.ts';
import { flushIndex } from './chain-flush.ts';
import type { OpenedChain } from './chain-open.ts';
import type { BackgroundEvent } from './chain-signals.ts';
import type { ChainState } from './chain-state.ts';
import type { CoinsCache } from './coins-cache.ts';
import { CoinsStore } from './coins-store.ts';
import type { SnapshotStorage } from './ports.ts';
import { findLoadable, hasMoreWork, populateSnapshot, type SnapshotFile } from './snapshot-load.ts';
import { switchToSnapshot } from './snapshot-switch.ts';

/** A file whose coins a chain is to begin with. */
export interface SnapshotSource extends SnapshotFile {
  /** Asked before anything is done and at the last moment: why the chain cannot be changed now, or null. */
  readonly refuse: () => string | null;
}

/** What a keeper needs of the chain. */
export interface KeeperPorts {
  readonly state: ChainState;
  /** Null: there is no place for a second set of coins. */
  readonly storage: SnapshotStorage | null;
  readonly isStopping: () => boolean;
  /** Saves everything. */
  readonly flush: () => Promise<void>;
  /** So many blocks were connected to these coins: the place to flush. */
  readonly onProgress: (blockCount: number, coins: CoinsCache) => Promise<void>;
}

/** What loading came to: what is known of the snapshot, or why not. */
export type LoadResult = Result<AssumeUtxo, string>;

/** The step of loading that changes the chain; everything is flushed up to `durableTip` when it begins. */
export type SwitchCommand = (durableTip: BlockEntry) => Promise<LoadResult>;

/** Of the memory for coins, what the chain gets that has more to do, where there are two; as Core. */
const BUSY_SHARE = 0.95;

/** Keeps what a chain began with. */
export class SnapshotKeeper {
  readonly #ports: KeeperPorts;
  readonly #coinsCacheBytes: number;
  #snapshot: AssumeUtxo | null;
  #background: BackgroundChain | null = null;
  #isLoading = false;
  #hasMoved = false;
  #isInitialDownload = true;

  constructor(ports: KeeperPorts, snapshot: AssumeUtxo | null, background: OpenedChain['background']) {
    this.#ports = ports;
    this.#coinsCacheBytes = ports.state.coins.limitBytes;
    this.#snapshot = snapshot;
    if (snapshot !== null && background !== null) this.#watch(background.state, snapshot, background.durableTip);
  }

  /** What the chain began with; until the next start, when all its blocks may have been verified. */
  get snapshot(): AssumeUtxo | null {
    return this.#snapshot;
  }

  /** The chain that verifies it; null when there is nothing to verify. */
  get background(): BackgroundChain | null {
    return this.#background;
  }

  // --- loading --------------------------------------------------------------------------------------------------------

  /** Loads the coins of a file, and has the chain go on with them: `run` makes that one of its commands. */
  async load(source: SnapshotSource, run: (command: SwitchCommand) => Promise<LoadResult>): Promise<LoadResult> {
    const loadable = this.#findLoadable(source);
    if (!loadable.ok) return loadable;
    const { storage } = this.#ports;
    if (storage === null) return err('This chain has no place for a second set of coins');
    if (this.#isLoading) return err('A snapshot is being loaded already');
    this.#isLoading = true;
    try {
      return await this.#loadInto(storage, loadable.value, source, run);
    } finally {
      this.#isLoading = false;
      if (this.#snapshot === null) await storage.remove();
    }
  }

  #findLoadable({ metadata, refuse }: SnapshotSource): LoadResult {
    if (this.#snapshot !== null) return err("Can't activate a snapshot-based chainstate more than once");
    const loadable = findLoadable(this.#ports.state, metadata.baseHash);
    const refusal = loadable.ok ? refuse() : null;
    return refusal === null ? loadable : err(refusal);
  }

  async #loadInto(
    storage: SnapshotStorage,
    snapshot: AssumeUtxo,
    source: SnapshotSource,
    run: (command: SwitchCommand) => Promise<LoadResult>,
  ): Promise<LoadResult> {
    const { state } = this.#ports;
    if (!hasMoreWork(state, snapshot)) return err('Population failed: Work does not exceed active chainstate');
    await storage.remove();
    const store = await CoinsStore.open(await storage.open(), { curve: source.secp });
    const fault = await populateSnapshot(store, snapshot, source);
    if (fault !== null) return err(`Population failed: ${fault}`);
    return run(async (durableTip) => {
      const again = this.#findLoadable(source);
      if (!again.ok) return again;
      if (!hasMoreWork(state, snapshot)) return err('work does not exceed active chainstate');
      await storage.writeBase(snapshot.blockHash);
      const refusal = source.refuse();
      if (refusal !== null) return err(refusal);
      const background = this.#watch(switchToSnapshot(state, store, snapshot), snapshot, durableTip);
      this.#snapshot = snapshot;
      state.signals.snapshotActivated.emit(describe(background));
      return ok(snapshot);
    });
  }

  /** Keeps a chain behind the snapshot from now on. */
  #watch(state: ChainState, snapshot: AssumeUtxo, durableTip: BlockEntry): BackgroundChain {
    const { blockChecked, scriptChecksChanged } = this.#ports.state.signals;
    state.signals.blockChecked.subscribe((event) => blockChecked.emit(event));
    state.signals.scriptChecksChanged.subscribe((event) => scriptChecksChanged.emit(event));
    this.#background = new BackgroundChain(state, snapshot, durableTip, {
      onProgress: (blockCount) => {
        this.#hasMoved = true;
        return this.#ports.onProgress(blockCount, state.coins);
      },
      isStopping: this.#ports.isStopping,
      heightMax: Number.POSITIVE_INFINITY,
    });
    this.divideMemory();
    return this.#background;
  }

  /** The chain that is further behind gets nearly all memory (Core MaybeRebalanceCaches). */
  divideMemory(isInitialDownload: boolean = this.#isInitialDownload): void {
    this.#isInitialDownload = isInitialDownload;
    const background = this.#background;
    const share = background === null ? 1 : isInitialDownload ? BUSY_SHARE : 1 - BUSY_SHARE;
    this.#ports.state.coins.resize(Math.floor(this.#coinsCacheBytes * share));
    background?.state.coins.resize(Math.floor(this.#coinsCacheBytes * (1 - share)));
  }

  // --- judging --------------------------------------------------------------------------------------------------------

  /**
   * At the end of a command: tells how far the background is. When it has come to the snapshot, that is verified, and the result is true:
   * the chain may move where it likes. Throws SnapshotRefutedError when it is refuted.
   */
  async settle(): Promise<boolean> {
    const background = this.#background;
    if (background === null) return false;
    if (background.isRefuted) await this.#refute(background);
    const isVerified = background.isComplete && (await this.#judge(background));
    if (this.#hasMoved || isVerified) {
      this.#hasMoved = false;
      this.#ports.state.signals.backgroundMoved.emit(describe(background));
    }
    return isVerified;
  }

  /** False when the program is to end before the coins were compared: then the next start does it. */
  async #judge(background: BackgroundChain): Promise<boolean> {
    const { state, flush, isStopping } = this.#ports;
    await flush();
    const isRight = await hasSnapshotCoins(background.state.coins, background.snapshot, isStopping);
    if (isRight === null) return false;
    if (!isRight) await this.#refute(background);
    const { index, active, scope, signals } = state;
    assert(index.descendsFrom(active.tip, background.target), 'snapshot: the chain stands on it');
    this.#background = null;
    scope.base = NO_ENTRY;
    addAllCandidates(state);
    this.divideMemory();
    signals.snapshotValidated.emit(describe(background));
    return true;
  }

  /**
   * The coins of the snapshot are wrong, or what they rest on: nothing that was built on them may be used. An index that says so must not
   * be saved beside them; where the coins alone are wrong, the next start finds that out by itself.
   */
  async #refute(background: BackgroundChain): Promise<never> {
    const { state, storage } = this.#ports;
    const { index } = state;
    const place = (await storage?.setAside()) ?? '';
    // What undoes these blocks was made with those coins.
    index.forEachDescendant(background.target, (entry) => {
      if (index.hasUndo(entry)) index.clearUndo(entry);
      return true;
    });
    await flushIndex(state);
    throw new SnapshotRefutedError(describeRefuted(background, state.active.height, place));
  }
}

function describe({ state, target }: BackgroundChain): BackgroundEvent {
  const { tip, height } = state.active;
  return { tip, height, target };
}
