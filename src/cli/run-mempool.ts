// The mempool and the miner of a program, made from its settings.

import { randomBytes } from 'node:crypto';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { SIGNATURE_CACHE_SALT_BYTES, SignatureCache } from '../kernel/script/sig-cache.ts';
import { InputVerifier } from '../kernel/script/verify.ts';
import { MempoolService, type MempoolServiceOptions } from '../node/app/mempool-service.ts';
import { MiningService } from '../node/app/mining-service.ts';
import type { Node } from '../node/app/node.ts';
import type { Clock, Timers } from '../node/ports.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { GrindThreads } from '../platform/node/grind-threads.ts';
import { createHostRng } from '../platform/node/host-rng.ts';
import type { Logger } from './log.ts';
import type { MiningSettings } from './mining-options.ts';

/** Signatures that are remembered: as many as take 16 MiB (Core DEFAULT_SIGNATURE_CACHE_BYTES). */
const SIGNATURES_MAX: number = 2 ** 19;

/** What both are made with. */
export interface MempoolRun {
  readonly mempool: MempoolServiceOptions;
  readonly mining: MiningSettings;
  /** Folder of mempool.dat. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly secp: Secp256k1;
}

/** The mempool over a chain; the node starts it. */
export function createMempool(run: MempoolRun, chain: Chainstate): MempoolService {
  const { folder, log, clock, timers, secp } = run;
  const salt = randomBytes(SIGNATURE_CACHE_SALT_BYTES);
  const signatureCache = new SignatureCache({ entryCountMax: SIGNATURES_MAX, salt });
  return new MempoolService(run.mempool, {
    chain,
    verifier: new InputVerifier(secp, { signatureCache }),
    folder: new NodeFolder(folder),
    clock,
    timers,
    log,
    rng: createHostRng(),
  });
}

/** The maker of blocks of a running node; mines at once when the settings say so. */
export function createMining(
  run: MempoolRun,
  node: Node,
  mempool: MempoolService,
  onFatal: (error: unknown) => void,
): MiningService {
  const { mining, log, clock, timers } = run;
  const { start } = mining;
  const service = new MiningService({
    chain: node.chain,
    node,
    mempool,
    options: mining.options,
    version: mining.version,
    logsFeerates: mining.logsFeerates,
    clock,
    timers,
    log,
    rng: createHostRng(),
    createGrinder: (threadCount) => new GrindThreads(threadCount),
    threadCount: mining.threadCount,
    onFatal,
  });
  if (start !== null) {
    const percent = Math.round(start.share * 100);
    log.info(`Mining with ${mining.threadCount} threads at ${percent}% for ${start.address}`);
    service.startMiner(start.scriptPubKey, start.share);
  }
  return service;
}
