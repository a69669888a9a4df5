// The RPC server in the life of the program: it listens from the beginning, says what the program is doing until the node is there,
// and is the last to be told that it is over (Core AppInitServers, StopRPC).

import { basename, dirname, join, resolve } from 'node:path';
import { ALL_METHODS } from '../api/all-methods.ts';
import type { LogSwitches, RpcHost } from '../api/context.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import type { IndexService } from '../node/app/index-service.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import type { MiningService } from '../node/app/mining-service.ts';
import type { MockableClock, MockableTimers } from '../node/app/mock-time.ts';
import type { Node } from '../node/app/node.ts';
import type { Warnings } from '../node/app/warnings.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import type { Logger } from './log.ts';
import { RpcServer } from './rpc-server.ts';
import { type RpcOptions, readRpcOptions } from './rpc-settings.ts';
import type { Settings } from './settings.ts';
import type { StopRequest } from './stop-request.ts';
import { readVersion } from './version.ts';

/** What a server is run with. */
export interface RpcRun {
  readonly settings: Settings;
  readonly params: ChainParams;
  /** Folder of the cookie and of the log. */
  readonly folder: string;
  readonly logPath: string;
  readonly log: Logger;
  readonly logSwitches: LogSwitches;
  readonly stop: StopRequest;
  readonly clock: MockableClock;
  readonly timers: MockableTimers;
  readonly isPruned: boolean;
  readonly pruneTargetBytes: number | null;
  readonly coinsStoreCacheBytes: number;
  readonly warnings: Warnings;
}

/** What methods work on, once it is there. */
export interface RpcSubject {
  readonly chain: Chainstate;
  readonly node: Node;
  readonly pool: MempoolService;
  readonly mining: MiningService;
  readonly indexes: IndexService;
  readonly secp: Secp256k1;
}

/** A server as the rest of the program sees it. */
export interface RpcDoor {
  /** Says what the program is doing, to callers that come too early. */
  setStatus(status: string): void;
  /** From now on methods are called. */
  open(subject: RpcSubject): void;
}

/** A door that leads nowhere (-server=0). */
const CLOSED_DOOR: RpcDoor = Object.freeze({ setStatus() {}, open() {} });

/** Runs a server around `body`. */
export async function withRpc<T>(run: RpcRun, body: (door: RpcDoor) => Promise<T>): Promise<T> {
  const options = readRpcOptions(run.settings, run.params, run.folder);
  if (options === null) return body(CLOSED_DOOR);
  const server = await RpcServer.start(options, ALL_METHODS, run.log);
  try {
    return await body({
      setStatus: (status) => server.dispatcher.setWarmupStatus(status),
      open: (subject) => openDispatcher(run, options, server, subject),
    });
  } finally {
    await server.close();
  }
}

function openDispatcher(run: RpcRun, options: RpcOptions, { dispatcher }: RpcServer, subject: RpcSubject): void {
  dispatcher.open({
    ...subject,
    params: run.params,
    clock: run.clock,
    timers: run.timers,
    host: describeHost(run, options),
    methods: ALL_METHODS,
    activeCalls: () => dispatcher.activeCalls,
  });
}

function describeHost(run: RpcRun, options: RpcOptions): RpcHost {
  const { stop, folder, logPath, logSwitches, isPruned, pruneTargetBytes, coinsStoreCacheBytes, warnings } = run;
  return {
    version: readVersion(),
    logPath,
    log: logSwitches,
    hostMs: () => performance.now(),
    uptimeSec: () => Math.floor(process.uptime()),
    isPruned,
    pruneTargetBytes,
    coinsStoreCacheBytes,
    warnings,
    deprecated: options.deprecated,
    pathOf: (name) => join(folder, name),
    locate: (path) => ({ folder: new NodeFolder(dirname(resolve(path))), name: basename(path) }),
    isStopping: () => stop.isMade,
    whenStopping: () => stop.wait(),
    stop: () => stop.make('rpc'),
  };
}
