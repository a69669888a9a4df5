// What the stages of acceptance hand on to each other (Core MemPoolAccept::ATMPArgs, Workspace, SubPackageState): how a transaction is
// to be judged, what is known of it so far, and what is known of the transactions that are judged together.

import type { JobVerifier } from '../../kernel/consensus/script-job.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import type { PolicyOptions } from '../../kernel/policy/options.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { AcceptChain } from './accept-chain.ts';
import type { ChangeSet } from './change-set.ts';
import type { LockPoints, MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';
import type { MempoolCoins } from './mempool-coins.ts';

/** Everything that acceptance stands on. */
export interface AcceptContext {
  /** The options of the mempool. */
  readonly policy: PolicyOptions;
  readonly mempool: Mempool;
  readonly chain: AcceptChain;
  readonly coins: MempoolCoins;
  readonly verifier: JobVerifier;
  /** Told of a transaction whose scripts are valid under these flags of a block. */
  readonly onVerified: ((transaction: Transaction, scriptFlags: number) => void) | null;
  /** Told of outpoints, 36 bytes each, that a cache of coins need not keep for the mempool any more. */
  readonly onFreed: ((outpoints: Uint8Array) => void) | null;
}

/** How transactions are to be judged (Core ATMPArgs). */
export interface AcceptArgs {
  /** The node's clock: the mempool's minimum falls with it, and old entries go by it. */
  readonly nowSec: number;
  /** When the transaction counts as having come. */
  readonly arrivedSec: number;
  /** No limits of fees, size and shape: for transactions that were in a block. */
  readonly bypassesLimits: boolean;
  /** Nothing is added. */
  readonly isTest: boolean;
  /** False: whatever spends a coin that another one in the mempool spends is refused. */
  readonly allowsReplacement: boolean;
  /** A TRUC child may push its only sibling out. */
  readonly allowsSiblingEviction: boolean;
  /** More transactions follow, and the mempool is limited after the last. */
  readonly isPackageSubmission: boolean;
  /** Fees are compared for all transactions together. */
  readonly usesPackageFeerate: boolean;
  /** Highest rate that the sender meant, in sat/kvB; null: any. */
  readonly clientFeerateMax: number | null;
}

/** How a transaction that comes alone is judged (Core SingleAccept); packages change some of it. */
export function singleArgs(options: {
  readonly nowSec: number;
  readonly arrivedSec?: number;
  readonly bypassesLimits?: boolean;
  readonly isTest?: boolean;
}): AcceptArgs {
  return {
    nowSec: options.nowSec,
    arrivedSec: options.arrivedSec ?? options.nowSec,
    bypassesLimits: options.bypassesLimits ?? false,
    isTest: options.isTest ?? false,
    allowsReplacement: true,
    allowsSiblingEviction: true,
    isPackageSubmission: false,
    usesPackageFeerate: false,
    clientFeerateMax: null,
  };
}

/** What is known of one transaction (Core Workspace). */
export class Workspace {
  readonly transaction: Transaction;
  /** What it spends, in the order of its inputs. */
  coins: SpentCoins;
  /** Entries that spend one of its coins, and the sibling that it pushes out. */
  readonly conflicts: Set<MempoolEntry> = new Set();
  isSiblingEviction = false;
  /** Entries whose outputs it spends, by txid. */
  parents: readonly MempoolEntry[] = [];
  feeSat = 0;
  modifiedFeeSat = 0;
  vsize = 0;
  sigopsCost = 0;
  lockPoints: LockPoints | null = null;
  /** Its entry, from when it was staged. */
  entry: MempoolEntry | null = null;

  constructor(transaction: Transaction) {
    this.transaction = transaction;
    this.coins = new SpentCoins(transaction.inputCount);
  }
}

/** What is known of transactions that are judged together, one or several (Core SubPackageState). */
export class Subpackage {
  /** Some transaction conflicts with the mempool, so that the rules of replacement apply. */
  isReplacement = false;
  readonly #mempool: Mempool;
  #changeSet: ChangeSet | null = null;

  constructor(mempool: Mempool) {
    this.#mempool = mempool;
  }

  /** The change that is prepared; begun when it is first asked for. */
  get changeSet(): ChangeSet {
    this.#changeSet ??= this.#mempool.begin();
    return this.#changeSet;
  }

  /** Gives up the change if it was not made. To be called at the end, whatever came before. */
  end(): void {
    this.#changeSet?.abort();
  }
}

/** Fees, as far as they count, and sizes of transactions together. */
export function sumFeerates(parts: readonly { readonly modifiedFeeSat: number; readonly vsize: number }[]): FeeFrac {
  let feeSat = 0;
  let size = 0;
  for (const part of parts) {
    feeSat += part.modifiedFeeSat;
    size += part.vsize;
  }
  return { feeSat, size };
}
