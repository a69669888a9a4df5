// What the app around the methods offers them, as narrow doors: news for those who follow events, nodes on this machine, links to the
// page. Methods see these through RpcContext; what is behind them is in cli, since it needs processes, sockets and folders.

import type { Unsubscribe } from '../kernel/util/signal.ts';

/** How far long work has come. */
export interface ProgressNews {
  /** What is done, as one word: `rescan`, `audit`. */
  readonly task: string;
  /** Tells two pieces of work of the same kind apart. */
  readonly id: string;
  readonly done: number;
  readonly total: number;
  /** What is counted: `blocks`. */
  readonly unit: string;
  /** Nothing more will be told of it. */
  readonly isOver: boolean;
}

/** Something about a wallet is other than before. */
export interface WalletNews {
  readonly name: string;
  readonly what: 'loaded' | 'unloaded' | 'changed' | 'locked' | 'unlocked';
}

/** The wallets of a program, for those who follow them. */
export interface WalletEvents {
  follow(listener: (news: WalletNews) => void): Unsubscribe;
}

/** Tells those who follow events of what no signal tells of. Called as often as the work likes: what is too often is left out. */
export interface EventTeller {
  progress(news: ProgressNews): void;
  /** Nodes on this machine came or went. */
  nodesChanged(): void;
}

/** One more node on this machine. */
export interface LedgerNodeInfo {
  /** From 1; its folder is `nodes/<id>` in the data folder. */
  readonly id: number;
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';
  /** Number of the process; null when there is none. */
  readonly pid: number | null;
  readonly folder: string;
  /** Where other nodes reach it, from this machine. */
  readonly port: number | null;
  readonly rpcPort: number | null;
  /** Where its own page is. */
  readonly webPort: number | null;
  /** Number of its last page; null while nobody knows. */
  readonly height: number | null;
  /** Why it is not there, where that is known. */
  readonly fault: string | null;
}

/** Why a wish about nodes cannot be met, in a sentence. */
export class AppRefusal extends Error {
  override readonly name = 'AppRefusal';
}

/** Nodes on this machine besides this one. They end when this one does. */
export interface LedgerNodes {
  list(): Promise<readonly LedgerNodeInfo[]>;
  /** Starts a new one, or one that was stopped. Rejects with an {@link AppRefusal}. */
  start(id: number | null): Promise<LedgerNodeInfo>;
  /** Stops one in order. Rejects with an {@link AppRefusal}. */
  stop(id: number): Promise<LedgerNodeInfo>;
  /** A fresh link to its page. Rejects with an {@link AppRefusal}. */
  createLink(id: number): Promise<string>;
}

/** How another machine can join. */
export interface JoinAdvice {
  /** Whether this node listens for other machines now. */
  readonly isOpen: boolean;
  /** Numeric addresses of this machine with the port, or with the port that it would have. */
  readonly places: readonly string[];
  /** What to type on the other machine; null while there is no address. */
  readonly command: string | null;
  /** File with the rules of the ledger that the other machine needs first; null: it knows the ledger by name. */
  readonly paramsFile: string | null;
}

/** The door for other machines. */
export interface LedgerDoor {
  adviseJoining(): JoinAdvice;
  /** Listens at a numeric address. Rejects with an {@link AppRefusal}. */
  open(host: string): Promise<JoinAdvice>;
  /** Listens no more at what {@link open} has opened. */
  close(): Promise<JoinAdvice>;
}

/** The app of a node that has one (option -web). */
export interface AppPorts {
  readonly nodes: LedgerNodes;
  readonly door: LedgerDoor;
  /** A fresh link that lets one browser in; `host` is the name or address by which it reaches this machine, null: from here. */
  readonly createLink: (host: string | null) => string;
}
