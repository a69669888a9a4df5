// An audit of the ledger in the folders of a node that does not run.

import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { Chainstate } from '../kernel/chain/chainstate.ts';
import { AuditService, type AuditStatus } from '../node/app/audit-service.ts';
import { hostClock, hostTimers } from '../platform/node/host-time.ts';
import { lockFolder } from '../platform/node/lock-file.ts';
import { openScratchStore } from '../platform/node/scratch-store.ts';
import { openScriptVerifier } from '../platform/node/script-workers.ts';
import { loadSecp256k1 } from '../platform/node/secp256k1.ts';
import { openChainStorage } from './chain-storage.ts';
import type { Configuration } from './configuration.ts';
import { PROGRAM_NAME, StartupError } from './error-text.ts';
import { nullLogger } from './log.ts';
import { readNodeOptions } from './node-options.ts';

/** Runs an audit to its end. Throws StartupError when there is no ledger, StorageError when a node has it or it cannot be opened. */
export async function auditFolder(
  { settings, params, folders }: Configuration,
  onProgress: (status: AuditStatus) => void,
): Promise<AuditStatus> {
  if (!existsSync(folders.chainstate) || !existsSync(folders.blockIndex)) {
    throw new StartupError(
      `There is no ledger of network ${params.name} in ${folders.network}.\nName its data folder with -datadir, or start tallyd first.`,
    );
  }
  const options = readNodeOptions(settings, params, { memoryBytes: totalmem(), coreCount: availableParallelism() });
  const secp = loadSecp256k1().backend;
  const lock = await lockFolder(folders.network, PROGRAM_NAME);
  const verifier = await openScriptVerifier(options.scriptThreads, secp);
  try {
    const storage = await openChainStorage({ params, folders }, options, { secp, verifier, log: nullLogger });
    try {
      const chain = await Chainstate.open({ params }, storage.ports);
      const audits = new AuditService({
        chain,
        clock: hostClock,
        timers: hostTimers,
        openStore: () => openScratchStore(folders.network, 'audit-'),
        coinsCacheBytes: options.caches.coinsBytes,
      });
      audits.start(onProgress);
      await audits.whenOver();
      await chain.close(Math.floor(hostClock.wallMs() / 1000));
      return audits.status!;
    } finally {
      await storage.close();
    }
  } finally {
    await verifier.close();
    await lock.release();
  }
}
