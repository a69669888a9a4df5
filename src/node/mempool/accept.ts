// The door to the mempool (Core ChainstateManager::ProcessTransaction, ProcessNewPackage, MaybeUpdateMempoolForReorg). Everything is
// synchronous over coins that were fetched before: the shell asks which coins are unknown, fetches them, asks again until there are
// none, and then calls accept() without a pause between. The stages are in accept-stages.ts, replacement.ts and accept-scripts.ts.
//
// What is dear comes last, and nothing is done twice that a peer can ask for without paying: a transaction that fails the cheap
// checks has no coin fetched and no script run (D09, M10).

import type { JobVerifier } from '../../kernel/consensus/script-job.ts';
import { PACKAGE_COUNT_MAX } from '../../kernel/policy/limits.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { EMPTY_BYTES, equalRange, joinBytes } from '../../kernel/util/bytes.ts';
import { AcceptAttempt } from './accept-attempt.ts';
import type { AcceptChain } from './accept-chain.ts';
import { Reacceptance, type ReacceptOptions } from './accept-reorg.ts';
import type { PackageResult, SingleResult } from './accept-result.ts';
import { acceptSingle } from './accept-single.ts';
import { checkWithoutCoins } from './accept-stages.ts';
import { type AcceptContext, singleArgs } from './accept-workspace.ts';
import type { Mempool } from './mempool.ts';
import { MempoolCoins } from './mempool-coins.ts';
import { acceptPackage } from './package-accept.ts';
import { judgePackage } from './package-judge.ts';

/** Coins of one transaction that are fetched first: few, so that a missing one among them ends it early (M10). */
const FETCH_COUNT = 64;

/** What acceptance works on. */
export interface AcceptanceParts {
  readonly mempool: Mempool;
  readonly chain: AcceptChain;
  /** Best with a SignatureCache, which spares the second pass over the scripts, and blocks what was verified here. */
  readonly verifier: JobVerifier;
  /** Told of every transaction whose scripts were found valid under these flags of a block. */
  readonly onVerified?: (transaction: Transaction, scriptFlags: number) => void;
  /** Told of outpoints, 36 bytes each, that a cache of coins need not keep for the mempool any more. */
  readonly onFreed?: (outpoints: Uint8Array) => void;
}

/** How a transaction is to be judged. */
export interface AcceptOptions {
  /** The node's clock. */
  readonly nowSec: number;
  /** When the transaction came, where that was earlier: for those read from a file. */
  readonly arrivedSec?: number;
  /** True: only judged, nothing is added (RPC testmempoolaccept). */
  readonly isTest?: boolean;
  /** True: no limits of fee, size and shape, for transactions that were in a block. */
  readonly bypassesLimits?: boolean;
}

/** How a package is to be judged. */
export interface PackageOptions {
  readonly nowSec: number;
  /** Highest rate that the sender meant, in sat/kvB; absent: any. */
  readonly clientFeerateMax?: number;
}

/** Decides what enters the mempool. */
export class TransactionAcceptance {
  readonly #context: AcceptContext;

  constructor(parts: AcceptanceParts) {
    const { mempool, chain, verifier } = parts;
    this.#context = {
      policy: mempool.options,
      mempool,
      chain,
      coins: new MempoolCoins(mempool, chain),
      verifier,
      onVerified: parts.onVerified ?? null,
      onFreed: parts.onFreed ?? null,
    };
  }

  /**
   * Outpoints, 36 bytes each, whose coins must be fetched before the transaction can be judged. Ask again after every fetch, until
   * there are none. A transaction that is refused anyway needs no coins.
   *
   * @example
   * for (;;) {
   *   const outpoints = acceptance.unknownOutpoints(transaction);
   *   if (outpoints.length === 0) break;
   *   await coins.fetch(outpoints, outpoints.length / 36);
   * }
   * const result = acceptance.accept(transaction, { nowSec });
   */
  unknownOutpoints(transaction: Transaction): Uint8Array {
    const unknown = this.#context.coins.unknownOutpoints(transaction, FETCH_COUNT);
    if (unknown.length === 0 || checkWithoutCoins(this.#context, transaction) !== null) return EMPTY_BYTES;
    return unknown;
  }

  /** Judges a transaction to its end and adds it if it is good. */
  accept(transaction: Transaction, options: AcceptOptions): SingleResult {
    const result = acceptSingle(this.#context, singleArgs(options), transaction);
    assert(!isMissing(result) || this.#isFetched(transaction), 'acceptance: the coins were fetched');
    return result;
  }

  #isFetched(transaction: Transaction): boolean {
    return this.unknownOutpoints(transaction).length === 0;
  }

  /** Begins to judge a transaction in pieces: for large ones, so that the shell may pause between. */
  begin(transaction: Transaction, options: AcceptOptions): AcceptAttempt {
    return new AcceptAttempt(this.#context, singleArgs(options), transaction);
  }

  /** The same for a package: to be asked again after every fetch, until there are none. */
  unknownForPackage(transactions: readonly Transaction[]): Uint8Array {
    const { coins } = this.#context;
    if (transactions.length > PACKAGE_COUNT_MAX) return EMPTY_BYTES;
    const isMade = (outpoints: Uint8Array, at: number): boolean =>
      transactions.some((tx) => equalRange(tx.txid, 0, outpoints, at, HASH_BYTES));
    const wanted: Uint8Array[] = [];
    for (const tx of transactions) {
      const unknown = coins.unknownOutpoints(tx, FETCH_COUNT, isMade);
      if (unknown.length > 0 && this.#needsCoins(tx)) wanted.push(unknown);
    }
    return joinBytes(wanted);
  }

  #needsCoins(transaction: Transaction): boolean {
    return checkWithoutCoins(this.#context, transaction) === null;
  }

  /** Judges a child with parents, or a single transaction, and adds what is good (RPC submitpackage, packages of peers). */
  acceptPackage(transactions: readonly Transaction[], options: PackageOptions): PackageResult {
    const args = {
      ...singleArgs({ nowSec: options.nowSec }),
      allowsSiblingEviction: false,
      isPackageSubmission: true,
      usesPackageFeerate: true,
      clientFeerateMax: options.clientFeerateMax ?? null,
    };
    return acceptPackage(this.#context, args, transactions);
  }

  /** Judges several transactions together without adding any (RPC testmempoolaccept with more than one). */
  testPackage(transactions: readonly Transaction[], options: { readonly nowSec: number }): PackageResult {
    const args = {
      ...singleArgs({ nowSec: options.nowSec, isTest: true }),
      allowsReplacement: false,
      allowsSiblingEviction: false,
    };
    return judgePackage(this.#context, args, transactions);
  }

  /** Begins to bring the mempool to the tip after a reorganisation, see accept-reorg.ts. */
  beginReaccept(options: ReacceptOptions): Reacceptance {
    return new Reacceptance(this.#context, options);
  }
}

function isMissing(result: SingleResult): boolean {
  return result.outcome === 'rejected' && result.reject.kind === 'missing-inputs';
}
