// What RPC methods see of the program: the chain, the node in its network, the time, and the server that they were called through.

import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { Folder, KvStore } from '../kernel/chain/ports.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import type { AuditService } from '../node/app/audit-service.ts';
import type { IndexService } from '../node/app/index-service.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import type { MiningService } from '../node/app/mining-service.ts';
import type { MockableClock, MockableTimers } from '../node/app/mock-time.ts';
import type { Node } from '../node/app/node.ts';
import type { Warnings } from '../node/app/warnings.ts';
import type { ZmqNotification } from '../node/app/zmq-publisher.ts';
import type { WalletManager } from '../wallet/wallet/wallet-manager.ts';
import type { AppPorts, EventTeller } from './app-ports.ts';
import type { ExternalSigners } from './external-signer.ts';
import type { SignatureTable } from './signature.ts';

/** A call that is being answered. */
export interface ActiveCall {
  readonly method: string;
  /** Of the host's clock, in milliseconds. */
  readonly startedMs: number;
}

/** Categories of the log that can be switched while the program runs. */
export interface LogSwitches {
  /** Names of all categories, in order, and whether their lines are written. */
  list(): ReadonlyMap<string, boolean>;
  /** Switches one on or off. */
  set(category: string, isOn: boolean): void;
}

/** Where bytes go one after another, and nothing is read back. */
export interface PipeEnd {
  /** Resolves when there is room for more. Rejects with a StorageError when nobody reads any more. */
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** The program around the methods. */
export interface RpcHost {
  /** Version of the package. */
  readonly version: string;
  /** Full path of the log file; empty without one. */
  readonly logPath: string;
  readonly log: LogSwitches;
  /** Milliseconds of the host's clock, which no mock time moves. */
  readonly hostMs: () => number;
  /** Seconds since the program was started. */
  readonly uptimeSec: () => number;
  readonly isPruned: boolean;
  /** MiB that -prune allows; null where pruning is by hand. */
  readonly pruneTargetBytes: number | null;
  /** Memory for the database of the coins. */
  readonly coinsStoreCacheBytes: number;
  /** Warnings that stand now. */
  readonly warnings: Warnings;
  /** Methods whose old behaviour was asked for (option -deprecatedrpc). */
  readonly deprecated: ReadonlySet<string>;
  /** Full path of a file: a relative one begins in the data folder of the network. */
  readonly pathOf: (name: string) => string;
  /** The folder and the name of a file anywhere, from a path that a caller has written. */
  readonly locate: (path: string) => { readonly folder: Folder; readonly name: string };
  /**
   * The writing end of a named pipe, when somebody has begun to read it; null when no pipe has this path. Rejects with a StorageError when
   * the program is to end before.
   */
  readonly openPipe: (path: string) => Promise<PipeEnd | null>;
  /** An empty store for work that is thrown away when it is done. */
  readonly openScratch: () => Promise<{ readonly store: KvStore; remove(): Promise<void> }>;
  /** True once the program is to end. */
  readonly isStopping: () => boolean;
  /** Resolves when the program is to end. */
  readonly whenStopping: () => Promise<void>;
  /** Asks the program to end in order. */
  readonly stop: () => void;
}

/** Does one thing after another, whoever asks (one-by-one.ts). */
export interface ReadQueue {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** What a method is given. */
export interface RpcContext {
  readonly params: ChainParams;
  readonly chain: Chainstate;
  readonly node: Node;
  /** The transactions that wait for a block; null in a program without a pool. */
  readonly pool: MempoolService | null;
  /** What makes blocks; null in a program that makes none. */
  readonly mining: MiningService | null;
  /** Blocks are read for methods through this. */
  readonly blockReads: ReadQueue;
  /** The indexes that are kept, maybe none. */
  readonly indexes: IndexService;
  /** The wallets that are loaded; null in a program that keeps none. */
  readonly wallets: WalletManager | null;
  /** The wallet that the call is meant for, as its path has it; null: none was named. */
  readonly walletName: string | null;
  readonly secp: Secp256k1;
  readonly clock: MockableClock;
  readonly timers: MockableTimers;
  readonly host: RpcHost;
  readonly methods: SignatureTable;
  /** Checks the whole ledger again; absent where nobody can. */
  readonly audits?: AuditService;
  /** Tells those who follow events; absent where nobody can. */
  readonly events?: EventTeller;
  /** What the app around the program offers; absent without one. */
  readonly app?: AppPorts;
  /** The program that speaks to devices which sign; absent without one. */
  readonly signers?: ExternalSigners;
  /** What is published over ZeroMQ; absent where nothing is. */
  readonly zmq?: readonly ZmqNotification[];
  /** Calls that are being answered, the present one included. */
  readonly activeCalls: () => readonly ActiveCall[];
}
