// What the servers for programs and for browsers are run with, and what the methods behind them work on.

import type { LogSwitches } from '../api/context.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import type { MockableClock, MockableTimers } from '../node/app/mock-time.ts';
import type { Warnings } from '../node/app/warnings.ts';
import type { AppRun } from './app-run.ts';
import type { Logger } from './log.ts';
import type { RunningNode } from './run-network.ts';
import type { Settings } from './settings.ts';
import type { StopRequest } from './stop-request.ts';

/** What a server is run with. */
export interface RpcRun {
  readonly settings: Settings;
  readonly params: ChainParams;
  /** The data folder. */
  readonly baseFolder: string;
  /** Its part for the network: folder of the cookie and of the log. */
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
  /** Null: a plain daemon. */
  readonly app: AppRun | null;
}

/** What methods work on, once it is there. */
export interface RpcSubject extends RunningNode {
  readonly secp: Secp256k1;
}
