// What becomes of the coins of a snapshot when a node starts (Core LoadChainstate, ValidatedSnapshotCleanup): one that was never finished,
// or is not wanted because everything is rebuilt, is taken away; one that was verified takes the place of the coins that verified it.
// Lines of the log are Core's.

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SNAPSHOT_REFUTED_SENTENCE } from '../kernel/chain/background-chain.ts';
import type { KvStore } from '../kernel/chain/ports.ts';
import { describeUnknownSnapshot, findAssumeUtxo, judgeStoredSnapshot } from '../kernel/chain/snapshot-finish.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import type { SnapshotFolder } from '../platform/node/snapshot-store.ts';
import { describeFatalError, StartupError } from './error-text.ts';
import type { Logger } from './log.ts';

/** What a database that is being deleted is called. */
export const REMOVED_SUFFIX = '.removed';

/** Takes away what is not to be opened; `chainstate` is the folder of the chain's own coins. Before anything is open. */
export async function prepareSnapshot(
  snapshot: SnapshotFolder,
  chainstate: string,
  { isRebuilt, params, log }: { readonly isRebuilt: boolean } & Pick<SnapshotJudges, 'params' | 'log'>,
): Promise<void> {
  if (!snapshot.exists) return;
  const base = await snapshot.readBase();
  if (base !== null && findAssumeUtxo(params, base) === null) {
    const what = describeUnknownSnapshot(base);
    log.error(what);
    throw new StartupError(describeFatalError(what, 'debug.log'));
  }
  if (isRebuilt) {
    log.info('[snapshot] deleting snapshot chainstate due to reindexing');
    await snapshot.remove();
  } else if (base === null) {
    log.warn(`[snapshot] ${snapshot.path} holds coins that were never loaded to the end: taking them away`);
    await snapshot.remove();
  } else if (!existsSync(chainstate) && existsSync(chainstate + REMOVED_SUFFIX)) {
    // The program ended between the two steps of takeOver.
    await snapshot.promote(chainstate);
  } else {
    log.info(`[snapshot] detected active snapshot chainstate (${snapshot.path}) - loading`);
  }
}

/** What is needed to judge coins. */
export interface SnapshotJudges {
  readonly params: ChainParams;
  readonly secp: Secp256k1;
  readonly log: Logger;
}

/**
 * True when the coins of the snapshot were verified by those in `coinsStore`, so that these are to be closed and {@link takeOver} is to
 * be called. Throws StartupError when they were refuted; then they are put aside, and the next start knows nothing of them.
 */
export async function isVerified(
  snapshot: SnapshotFolder,
  coinsStore: KvStore,
  { params, secp, log }: SnapshotJudges,
): Promise<boolean> {
  const judgement = await judgeStoredSnapshot(params, coinsStore, snapshot, secp, () => {
    log.info(
      '[snapshot] computing UTXO stats for background chainstate to validate snapshot - this could take a few minutes',
    );
  });
  if (judgement === 'open') return false;
  if (judgement === 'verified') return true;
  const place = await snapshot.setAside();
  log.error(`[snapshot] renaming snapshot datadir ${snapshot.path} to ${place}`);
  throw new StartupError(SNAPSHOT_REFUTED_SENTENCE);
}

/** Lets the coins of the snapshot take the place of those in the folder `chainstate`. Nothing is open. */
export async function takeOver(snapshot: SnapshotFolder, chainstate: string, log: Logger): Promise<void> {
  log.info('[snapshot] cleaning up unneeded background chainstate, then reinitializing');
  log.info(`[snapshot] deleting background chainstate directory (now unnecessary) (${chainstate})`);
  const removed = chainstate + REMOVED_SUFFIX;
  await rename(chainstate, removed);
  await new NodeFolder(dirname(chainstate)).sync();
  log.info(`[snapshot] moving snapshot chainstate (${snapshot.path}) to default chainstate directory (${chainstate})`);
  await snapshot.promote(chainstate);
  await rm(removed, { recursive: true, force: true });
  log.info(`[snapshot] deleted background chainstate directory (${chainstate})`);
}
