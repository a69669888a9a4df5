// What the log says of a chain: how it was found, what becomes of its blocks and files. The lines are Core's (init.cpp,
// validation.cpp), since people and scripts look for them.

import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../kernel/chain/block-index.ts';
import type { BackgroundEvent, BlockEvent } from '../kernel/chain/chain-signals.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { formatReject } from '../kernel/consensus/reject.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import type { Unsubscribe } from '../kernel/util/signal.ts';
import { guessProgress } from '../node/app/verification-progress.ts';
import { formatLogTime, type Logger } from './log.ts';
import type { NodeOptions } from './node-options.ts';
import { formatTipLine } from './tip-line.ts';

const MIB: number = 2 ** 20;

/** What lines are made with besides the chain. */
export interface ChainLogContext {
  readonly params: ChainParams;
  readonly log: Logger;
  readonly nowSec: () => number;
}

/** How memory is divided, and what is taken on trust. */
export function tellCaches({ caches, assumeValid, prune, scriptThreads }: NodeOptions, log: Logger): void {
  log.info('Cache configuration:');
  log.info(`* Using ${(caches.indexBytes / MIB).toFixed(1)} MiB for block index database`);
  log.info(`* Using ${(caches.coinsStoreBytes / MIB).toFixed(1)} MiB for chain state database`);
  log.info(`* Using ${(caches.coinsBytes / MIB).toFixed(1)} MiB for in-memory UTXO set`);
  log.info(`Script verification uses ${scriptThreads} threads`);
  if (assumeValid === null) log.info('Validating signatures for all blocks.');
  else log.info(`Assuming ancestors of block ${formatHash(assumeValid)} have valid signatures.`);
  if (prune.kind === 'automatic') {
    log.info(`Prune configured to target ${prune.targetBytes / MIB} MiB on disk for block and undo files.`);
  }
}

/** Blocks that are connected anew to finish what a crash interrupted. */
export interface ReplayFacts {
  readonly startMs: number;
  readonly blockCount: number;
}

/** The coins were being saved when the program was last ended: what that has cost. */
export function tellReplay(replay: ReplayFacts | null, log: Logger): void {
  if (replay === null) return;
  const durationMs = Math.round(performance.now() - replay.startMs);
  log.info(`Replayed ${replay.blockCount} blocks in ${durationMs} ms to finish saving the coins`);
}

/** The chain as it was found: everything up to its tip has survived whatever ended the program. */
export function tellChain(context: ChainLogContext, chain: Chainstate): void {
  const { log } = context;
  const { index, active } = chain;
  log.info(`block tree size = ${index.count}`);
  log.info(`nBestHeight = ${chain.height}`);
  const date = formatLogTime(index.timeSec(active.tip) * 1000);
  const progress = guessProgressAt(context, chain, active.tip).toFixed(6);
  const tip = formatHash(chain.tipHash);
  log.info(`Loaded best chain: hashBestChain=${tip} height=${chain.height} date=${date} progress=${progress}`);
}

/** Tells the log what happens to the files, until the very end. */
export function followStorage(log: Logger, { signals, index }: Chainstate): void {
  signals.flushed.subscribe(({ tip, height }) => {
    log.debug('coindb', () => `Saved everything up to height=${height} hash=${formatHash(index.blockHash(tip))}`);
  });
  signals.snapshotActivated.subscribe(({ target }) => {
    log.info(`[snapshot] successfully activated snapshot ${formatHash(index.blockHash(target))}`);
  });
  signals.snapshotValidated.subscribe(({ target }) => {
    log.info(`[snapshot] snapshot beginning at ${formatHash(index.blockHash(target))} has been fully validated`);
  });
  signals.backgroundMoved.subscribe(tellBackground(log, index));
  signals.damageFound.subscribe(({ message }) => log.error(`Verification error: ${message}`));
  signals.blocksMissing.subscribe(({ height }) => {
    const reason = 'This could be due to pruning or use of an assumeutxo snapshot.';
    log.info(`Block verification stopping at height ${height} (no data). ${reason}`);
  });
  signals.pruningLimited.subscribe(({ name, height }) => {
    log.debug('prune', () => `${name} limited pruning to height ${height}`);
  });
  signals.pruned.subscribe(({ files, heightLast }) => {
    log.info(`Prune: deleted ${files.length} pairs of block files, with blocks up to height ${heightLast}`);
    for (const file of files) log.debug('prune', () => `Prune: deleted blk/rev (${String(file).padStart(5, '0')})`);
  });
}

/** Blocks that are verified behind a snapshot between two lines of the log (Core BACKGROUND_LOG_INTERVAL). */
const BACKGROUND_LOG_BLOCKS = 2000;

function tellBackground(log: Logger, index: BlockIndex): (event: BackgroundEvent) => void {
  let toldHeight = 0;
  return ({ tip, height, target }) => {
    if (height < toldHeight + BACKGROUND_LOG_BLOCKS && tip !== target) return;
    toldHeight = height;
    const share = (index.chainTxCount(tip) / index.chainTxCount(target)).toFixed(6);
    const best = `new best=${formatHash(index.blockHash(tip))} height=${height} tx=${index.chainTxCount(tip)}`;
    log.info(`[background validation] UpdateTip: ${best} progress=${share}`);
  };
}

/** Tells the log of every block that becomes the tip, of every one that breaks a rule, and of whether scripts are run. */
export function followBlocks(context: ChainLogContext, chain: Chainstate): Unsubscribe {
  const { log } = context;
  const { index, signals } = chain;
  const subscriptions = [
    signals.blockConnected.subscribe((event) => log.routine(describeTip(context, chain, event))),
    signals.scriptChecksChanged.subscribe(({ entry, height, reason }) => {
      const place = `script verification at block #${height} (${formatHash(index.blockHash(entry))})`;
      log.info(reason === null ? `Disabling ${place}.` : `Enabling ${place}: ${reason}.`);
    }),
    signals.blockChecked.subscribe(({ block, reject }) => {
      if (reject === null) return;
      const { blockHash } = block.header;
      const words = formatReject(reject);
      const entry = index.find(blockHash);
      // It came so far that it was stored: what is wrong with it showed when it was connected.
      if (entry !== NO_ENTRY && index.hasData(entry)) log.routine(`Block validation error: ${words}`);
      log.warn(`Invalid block ${formatHash(blockHash)}: ${words}`);
    }),
  ];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  };
}

function guessProgressAt({ params, nowSec }: ChainLogContext, { index }: Chainstate, entry: BlockEntry): number {
  const headersAhead = index.height(index.bestHeader) - index.height(entry);
  const facts = {
    chainTxCount: index.chainTxCount(entry),
    timeSec: index.timeSec(entry),
    headersAhead,
    nowSec: nowSec(),
  };
  return guessProgress(facts, params.chainTxData, params.consensus);
}

function describeTip(context: ChainLogContext, chain: Chainstate, { entry, height }: BlockEvent): string {
  const { index, state } = chain;
  return formatTipLine({
    blockHash: index.blockHash(entry),
    height,
    version: index.version(entry),
    chainWork: index.chainWork(entry),
    chainTxCount: index.chainTxCount(entry),
    timeSec: index.timeSec(entry),
    progress: guessProgressAt(context, chain, entry),
    cacheBytes: state.coins.usedBytes,
    cacheCoinCount: state.coins.entryCount,
  });
}
