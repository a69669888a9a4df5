// The life of a chain in a program: open its storage, check it, import what is to be imported, wait for the wish to stop, flush.
// Whoever calls has locked the folders. Lines of the log are Core's (init.cpp, validation.cpp).

import type { FlushPolicy } from '../kernel/chain/chain-flush.ts';
import { hasUncheckedWitnesses } from '../kernel/chain/chain-open.ts';
import { Chainstate } from '../kernel/chain/chainstate.ts';
import { checkDiskSpace } from '../kernel/chain/disk-space.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { selfTestHashes } from '../kernel/crypto/hash-self-test.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { formatSkippedBackend } from '../kernel/crypto/secp256k1-select.ts';
import { type BlockHash, formatHash } from '../kernel/primitives/hashes.ts';
import type { MempoolServiceOptions } from '../node/app/mempool-service.ts';
import { MockableClock, MockableTimers } from '../node/app/mock-time.ts';
import type { NodeOptions as NetworkOptions } from '../node/app/node-options.ts';
import { Warnings } from '../node/app/warnings.ts';
import type { ZmqNotification } from '../node/app/zmq-publisher.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { hostClock, hostTimers } from '../platform/node/host-time.ts';
import { openScriptVerifier } from '../platform/node/script-workers.ts';
import { loadSecp256k1 } from '../platform/node/secp256k1.ts';
import type { AppRun } from './app-run.ts';
import { followBlocks, followStorage, type ReplayFacts, tellCaches, tellChain, tellReplay } from './chain-log.ts';
import { type ChainStorage, openChainStorage } from './chain-storage.ts';
import { ChainWarnings } from './chain-warnings.ts';
import type { NodeFolders } from './data-folder.ts';
import { RebuildNeededError, StartupError } from './error-text.ts';
import { checkImportFiles, type ImportContext, importForeignFiles, reindexOwnFiles } from './import-files.ts';
import type { IndexSettings } from './index-options.ts';
import type { Log, Logger } from './log.ts';
import { locateLogFile } from './log-file.ts';
import type { MiningSettings } from './mining-options.ts';
import type { NodeOptions } from './node-options.ts';
import { fillWithHash, fillWithText, runNotification } from './notify.ts';
import { formatCount, type ProgressDisplay } from './progress.ts';
import { adviseRebuild, isRebuildWanted } from './rebuild-advice.ts';
import { type RunningNode, withNetwork } from './run-network.ts';
import { type RpcDoor, withRpc } from './run-rpc.ts';
import type { Settings } from './settings.ts';
import type { SettingsFile } from './settings-file.ts';
import type { StopRequest } from './stop-request.ts';

/** What a chain is run with. */
export interface ChainRun {
  readonly settings: Settings;
  /** What the program remembers between runs; null with -nosettings. */
  readonly settingsFile: SettingsFile | null;
  readonly params: ChainParams;
  readonly folders: NodeFolders;
  readonly options: NodeOptions;
  /** With whom it connects. */
  readonly network: NetworkOptions;
  readonly indexes: IndexSettings;
  readonly mempool: MempoolServiceOptions;
  readonly mining: MiningSettings;
  readonly zmq: readonly ZmqNotification[];
  readonly stop: StopRequest;
  readonly log: Log;
  readonly progress: ProgressDisplay;
  /** Tells the person at the terminal what looks like a mistake. */
  readonly warn: (text: string) => void;
  /** Null: a plain daemon. */
  readonly app: AppRun | null;
}

/** Why a chain could not go on. */
export interface ChainFailure {
  readonly error: unknown;
  /** It never came so far that blocks could be taken. */
  readonly isStarting: boolean;
}

/** How often free space is looked at (Core: every 5 minutes). */
const DISK_CHECK_MS = 5 * 60 * 1000;

function nowSec(): number {
  return clock.nowSec();
}

/** Most blocks that -blocknotify is run for at once, the last ones: as many as a window of the chain holds. */
const NOTIFIED_BLOCKS_MAX = 64;

/** A ledger of one's own is small, and nobody else may have its last pages: what a power cut would take is kept short. */
const APP_FLUSH_POLICY: FlushPolicy = Object.freeze({
  intervalMinSec: 30,
  intervalMaxSec: 60,
  blocksMax: Number.POSITIVE_INFINITY,
});

/** Runs the chain until it is to stop; null when everything went well. */
export async function runChain(run: ChainRun): Promise<ChainFailure | null> {
  let isStarting = true;
  try {
    clock.setMockTime(run.settings.getInteger('mocktime') ?? 0);
    checkImportFiles(run.options.loadBlocks);
    const warnings = new Warnings((text) => runNotification(fillWithText(run.options.alertNotify, text), run.log));
    await withRpc(describeRpc(run, warnings), async (door) => {
      await runStorage({ ...run, warnings }, door, () => {
        isStarting = false;
      });
    });
    run.log.info('Shutdown done');
    return null;
  } catch (error) {
    return { error, isStarting };
  } finally {
    run.progress.end();
  }
}

/** The time that the node and its callers go by; tests may set it. */
const clock = new MockableClock(hostClock);
const timers = new MockableTimers(hostTimers, hostClock);

function describeRpc({ settings, params, folders, log, stop, options, app }: ChainRun, warnings: Warnings) {
  const { prune, caches } = options;
  const isPruned = prune.kind !== 'off';
  const pruneTargetBytes = prune.kind === 'automatic' ? prune.targetBytes : null;
  const { network } = folders;
  const logPath = locateLogFile(settings, network) ?? '';
  return {
    settings,
    params,
    baseFolder: folders.base,
    folder: network,
    logPath,
    log,
    logSwitches: log,
    stop,
    clock,
    timers,
    isPruned,
    pruneTargetBytes,
    coinsStoreCacheBytes: caches.coinsStoreBytes,
    warnings,
    app,
  };
}

/** With what begins with the run. */
interface WarnedRun extends ChainRun {
  readonly warnings: Warnings;
}

/** Runs the chain; once more, with everything rebuilt, where a test wants that. */
async function runStorage(run: WarnedRun, door: RpcDoor, onStarted: () => void): Promise<void> {
  try {
    await runStorageOnce(run, door, onStarted);
  } catch (error) {
    if (run.options.reindex === 'all' || !isRebuildWanted(error, run.settings)) throw adviseRebuild(error);
    await runStorageOnce({ ...run, options: { ...run.options, reindex: 'all' } }, door, onStarted);
  }
}

async function runStorageOnce(run: WarnedRun, door: RpcDoor, onStarted: () => void): Promise<void> {
  checkHashes();
  const secp = chooseSecp256k1(run.log);
  const verifier = await openScriptVerifier(run.options.scriptThreads, secp);
  try {
    tellCaches(run.options, run.log);
    run.log.info('init message: Loading block index…');
    door.setStatus('Loading block index…');
    const storage = await openChainStorage(run, run.options, { secp, verifier, log: run.log });
    try {
      await runOpened({ ...run, secp }, storage, onStarted, (running) => door.open({ ...running, secp }));
    } finally {
      await storage.close();
    }
  } finally {
    await verifier.close();
  }
}

/** Nothing is judged by arithmetic that is wrong (P05). */
function checkHashes(): void {
  const failed = selfTestHashes();
  if (failed !== null)
    throw new StartupError(`${failed} is computed wrongly on this machine: install the program anew`);
}

function chooseSecp256k1(log: Logger) {
  const { backend, skipped } = loadSecp256k1();
  for (const one of skipped) log.info(formatSkippedBackend(one));
  log.info(`Using ${backend.name} for signatures`);
  return backend;
}

async function runOpened(
  run: WarnedRun & { readonly secp: Secp256k1 },
  storage: ChainStorage,
  onStarted: () => void,
  onNode: (running: RunningNode) => void,
): Promise<void> {
  const { log } = run;
  const chain = await openChain(run, storage);
  try {
    tellChain({ ...run, nowSec }, chain);
    followStorage(log, chain);
    await verify(run, chain);
    const unsubscribe = followChain(run, chain);
    const chainWarnings = new ChainWarnings(run.params, chain, run.warnings, log);
    onStarted();
    try {
      await catchUp(run, chain, storage);
      const { network, folders } = run;
      await withNetwork({ ...run, options: network, folder: folders.network, clock, timers }, chain, (running) => {
        onNode(running);
        runNotification(run.settings.getText('startupnotify') ?? '', log);
        return idle(run);
      });
    } finally {
      chainWarnings.close();
      unsubscribe();
    }
    for (const command of run.settings.getAll('shutdownnotify')) runNotification(command, log);
    log.info('Shutdown in progress...');
  } finally {
    await chain.close(nowSec());
  }
}

async function openChain(run: ChainRun, storage: ChainStorage): Promise<Chainstate> {
  const { params, options, log, progress, stop } = run;
  const { prune, blockFileBytesMax } = options;
  let replay: ReplayFacts | null = null;
  log.info('Checking all blk files are present...');
  const chain = await Chainstate.open(
    {
      params,
      coinsCacheBytes: options.caches.coinsBytes,
      assumeValid: options.assumeValid,
      minimumChainWork: options.minimumChainWork,
      isObfuscated: options.isObfuscated,
      heightMax: options.stopAtHeight > 0 ? options.stopAtHeight : Number.POSITIVE_INFINITY,
      tipAgeMaxSec: options.tipAgeMaxSec,
      ...(run.app === null ? {} : { flushPolicy: APP_FLUSH_POLICY }),
      ...(prune.kind === 'automatic' ? { pruneTargetBytes: prune.targetBytes } : {}),
      ...(blockFileBytesMax === null ? {} : { fileBytesMax: blockFileBytesMax }),
      isStopping: () => stop.isMade,
      onReplay: (done, total) => {
        if (replay === null) {
          replay = { startMs: performance.now(), blockCount: total };
          log.info('Replaying blocks');
          progress.begin('Replaying blocks', total, 'blocks');
        }
        progress.report(done, '');
      },
    },
    storage.ports,
  );
  progress.end();
  tellReplay(replay, log);
  await refuseUncheckedWitnesses(chain);
  return chain;
}

async function refuseUncheckedWitnesses(chain: Chainstate): Promise<void> {
  if (!hasUncheckedWitnesses(chain.state)) return;
  await chain.close(nowSec());
  const { segwit } = chain.state.consensus.activationHeights;
  throw new RebuildNeededError(
    `Witness data for blocks after height ${segwit} requires validation. Please restart with -reindex.`,
  );
}

/** Checks the last blocks before anything builds on them. */
async function verify({ options, log, progress, stop }: ChainRun, chain: Chainstate): Promise<void> {
  if (chain.height <= 0) return;
  log.info('init message: Verifying blocks…');
  const blockCount = Math.min(options.checkBlocks <= 0 ? chain.height : options.checkBlocks, chain.height);
  log.info(`Verifying last ${blockCount} blocks at level ${options.checkLevel}`);
  progress.begin('Verifying blocks', blockCount * (options.checkLevel >= 4 ? 2 : 1), 'share');
  const result = await chain.verify(nowSec(), {
    blockCount: options.checkBlocks,
    level: options.checkLevel,
    onProgress: (done) => progress.report(done, ''),
    isStopping: () => stop.isMade,
  });
  progress.end();
  if (result.outcome === 'damaged') throw result.error;
  if (result.outcome === 'stopped') return;
  if (result.outcome === 'small-cache') log.warn('Verification: the cache is too small to check all of these blocks');
  log.info(`Verification: checked last ${result.blockCount} blocks at level ${options.checkLevel}`);
  log.info(`Verification: no coin database inconsistencies (${result.txCount} transactions)`);
}

/** Tells the log, and the operator's command, what the chain does, and stops it at the height that was asked for. */
function followChain(run: ChainRun, chain: Chainstate): () => void {
  const { settings, options, log, stop } = run;
  const blockNotify = settings.getText('blocknotify') ?? '';
  let connected: BlockHash[] = [];
  const subscriptions = [
    followBlocks({ ...run, nowSec }, chain),
    chain.signals.blockConnected.subscribe(({ height, block }) => {
      connected.push(block.header.blockHash);
      if (options.stopAtHeight > 0 && height >= options.stopAtHeight) stop.make('height');
    }),
    chain.signals.tipChanged.subscribe(({ isInitialDownload }) => {
      const news = isInitialDownload ? [] : connected.slice(-NOTIFIED_BLOCKS_MAX);
      connected = [];
      for (const blockHash of news) runNotification(fillWithHash(blockNotify, blockHash), log);
    }),
  ];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  };
}

/** Takes in all blocks that are there: in the node's own files, and in those of -loadblock. */
async function catchUp(run: ChainRun, chain: Chainstate, storage: ChainStorage): Promise<void> {
  const { params, options, folders, log, progress, stop } = run;
  const context: ImportContext = { chain, params, log, progress, stop, nowSec };
  // No thread of its own, but the moment that scripts wait for.
  log.info('initload thread start');
  if (storage.isReindexing) await reindexOwnFiles(context, folders.blocks);
  else await connectStored(run, chain);
  await importForeignFiles(context, options.loadBlocks);
  log.info(`Best chain: height=${chain.height} hashBestChain=${formatHash(chain.tipHash)}`);
  if (options.stopsAfterImport && !stop.isMade) {
    log.info('Stopping after block import');
    stop.make('import-done');
  }
}

/** Connects blocks that are stored: after a crash, and after -reindex-chainstate all of them. */
async function connectStored({ progress }: ChainRun, chain: Chainstate): Promise<void> {
  const { index, signals } = chain;
  const start = chain.height;
  progress.begin('Connecting blocks', index.height(index.bestHeader) - start, 'blocks');
  const unsubscribe = signals.blockConnected.subscribe(({ height }) => {
    progress.report(height - start, `block ${formatCount(height)}`);
  });
  try {
    await chain.activate(nowSec());
  } finally {
    unsubscribe();
    progress.end();
  }
}

/** Waits for the wish to stop, with an eye on the disk. */
async function idle({ folders, log, stop }: ChainRun): Promise<void> {
  if (stop.isMade) return;
  log.info('init message: Done loading');
  const folder = new NodeFolder(folders.blocks);
  let failure: unknown = null;
  const timer = setInterval(() => {
    checkDiskSpace(folder, 0).catch((error: unknown) => {
      failure = error;
      stop.make('failure');
    });
  }, DISK_CHECK_MS);
  try {
    await stop.wait();
  } finally {
    clearInterval(timer);
  }
  if (failure !== null) throw failure;
}
