// Transactions on their way into the mempool: those of peers, of people, of files. They are judged one after another; the coins that
// one spends are fetched before, which is the only thing waited for, and large ones are judged in pieces, so that nobody else waits
// long for them (D09).

import type { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { AcceptOptions, PackageOptions, TransactionAcceptance } from '../mempool/accept.ts';
import type { PackageResult, SingleResult } from '../mempool/accept-result.ts';
import type { Clock, Timers } from '../ports.ts';
import type { MempoolKeeper } from './mempool-keeper.ts';

/** Work at a stretch before the host has its turn. */
const SLICE_MS = 4;

/** Inputs that are judged at a stretch: about two milliseconds of a native backend. */
const INPUTS_PER_STEP = 64;

/** Every input of the old kinds hashes the whole transaction: of a large one fewer are judged at a stretch, for a few milliseconds. */
const HASHED_BYTES_PER_STEP = 1_000_000;

/** What an intake works on. */
export interface TransactionIntakeParts {
  readonly acceptance: TransactionAcceptance;
  /** The coins that `acceptance` judges by. */
  readonly coins: CoinsLookup;
  readonly keeper: MempoolKeeper;
  readonly clock: Clock;
  readonly timers: Timers;
  /** A job is over; nobody reads coins that were fetched for it any more. */
  readonly onJudged: () => void;
}

/** The intake takes no more: the node stops. */
export class IntakeClosedError extends Error {
  override readonly name = 'IntakeClosedError';
}

/** How a transaction is to be judged, without the moment, which is when its turn comes. */
export type SubmitOptions = Omit<AcceptOptions, 'nowSec'>;

/** Hands transactions to acceptance. */
export class TransactionIntake {
  readonly #parts: TransactionIntakeParts;
  #last: Promise<unknown> = Promise.resolve();
  #sliceStartMs = 0;
  #isClosed = false;

  constructor(parts: TransactionIntakeParts) {
    this.#parts = parts;
  }

  /** Judges a transaction, and adds it if it is good and not only tried. */
  submit(transaction: Transaction, options: SubmitOptions = {}): Promise<SingleResult> {
    return this.#run(() => this.#judge(transaction, options));
  }

  /** Judges a child with its parents, and adds what is good (RPC submitpackage, packages of peers). */
  submitPackage(
    transactions: readonly Transaction[],
    options: Omit<PackageOptions, 'nowSec'> = {},
  ): Promise<PackageResult> {
    const { acceptance } = this.#parts;
    return this.#run(async () => {
      await this.#fetch(() => acceptance.unknownForPackage(transactions));
      const result = acceptance.acceptPackage(transactions, { ...options, nowSec: this.#nowSec() });
      const isAnyIn = result.results.some((one) => one?.outcome === 'accepted');
      if (isAnyIn) for (const transaction of transactions) this.#keepCoins(transaction);
      return result;
    });
  }

  /** Judges several transactions together and adds none (RPC testmempoolaccept). */
  testPackage(transactions: readonly Transaction[]): Promise<PackageResult> {
    const { acceptance } = this.#parts;
    return this.#run(async () => {
      await this.#fetch(() => acceptance.unknownForPackage(transactions));
      return acceptance.testPackage(transactions, { nowSec: this.#nowSec() });
    });
  }

  /** Does something with the mempool when it fits the tip and no transaction is being judged. `body` may not wait. */
  between<T>(body: () => T): Promise<T> {
    return this.#run(async () => {
      await this.#fetch(askNothing);
      return body();
    });
  }

  /** Takes no more; resolves when what was taken is judged. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  async #judge(transaction: Transaction, options: SubmitOptions): Promise<SingleResult> {
    const { acceptance } = this.#parts;
    const unknown = (): Uint8Array => acceptance.unknownOutpoints(transaction);
    await this.#fetch(unknown);
    const accept = { ...options, nowSec: this.#nowSec() };
    const inputsPerStep = countInputsPerStep(transaction);
    let result: SingleResult | null = null;
    if (transaction.inputCount <= inputsPerStep) {
      result = acceptance.accept(transaction, accept);
    } else {
      const attempt = acceptance.begin(transaction, accept);
      while (result === null) {
        const step = attempt.step(inputsPerStep);
        if (step !== 'more' && step !== 'fetch') {
          result = step;
        } else {
          await this.#pause();
          await this.#fetch(step === 'fetch' ? unknown : askNothing);
        }
      }
    }
    if (result.outcome === 'accepted' && result.entry !== null) this.#keepCoins(transaction);
    return result;
  }

  /** Has all coins fetched that are asked for, in step with the chain. Nothing may be waited for between this and the judgement. */
  async #fetch(unknownOutpoints: () => Uint8Array): Promise<void> {
    const { coins, keeper } = this.#parts;
    for (;;) {
      if (!keeper.isInStep) await keeper.whenInStep();
      if (!keeper.isInStep) continue;
      const unknown = unknownOutpoints();
      if (unknown.length === 0) return;
      await coins.fetch(unknown, unknown.length / OUTPOINT_BYTES);
    }
  }

  /** The block that confirms the transaction will look for its coins in the cache. */
  #keepCoins(transaction: Transaction): void {
    for (let i = 0; i < transaction.inputCount; i++) {
      this.#parts.coins.keep(transaction.bytes, transaction.prevoutStart(i));
    }
  }

  #run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new IntakeClosedError('no transaction is taken any more'));
    const result = this.#last.then(async () => {
      const { clock } = this.#parts;
      if (clock.monotonicMs() - this.#sliceStartMs >= SLICE_MS) await this.#pause();
      try {
        return await job();
      } finally {
        this.#parts.coins.clear();
        this.#parts.onJudged();
      }
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #pause(): Promise<void> {
    await this.#parts.timers.yieldToHost();
    this.#sliceStartMs = this.#parts.clock.monotonicMs();
  }

  #nowSec(): number {
    return Math.floor(this.#parts.clock.wallMs() / 1000);
  }
}

function countInputsPerStep({ totalSize }: Transaction): number {
  return Math.max(1, Math.min(INPUTS_PER_STEP, Math.floor(HASHED_BYTES_PER_STEP / totalSize)));
}

const NO_OUTPOINTS = new Uint8Array(0);

function askNothing(): Uint8Array {
  return NO_OUTPOINTS;
}
