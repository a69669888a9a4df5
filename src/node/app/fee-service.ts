// The fee estimator of a node with its file, fee_estimates.dat: read at the start when it is not too old, written every hour and at
// the end (Core CBlockPolicyEstimator, FlushFeeEstimates). A file that cannot be used is no failure: estimates begin anew.

import { type Folder, StorageError } from '../../kernel/chain/ports.ts';
import { readWholeFile, writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import { FeeEstimator } from '../mempool/fee-estimator.ts';
import { feedFeeEstimator } from '../mempool/fee-estimator-feed.ts';
import {
  decodeFeeHistory,
  encodeFeeHistory,
  FEE_FILE_AGE_SEC_MAX,
  FEE_FILE_WRITE_INTERVAL_SEC,
} from '../mempool/fee-estimator-file.ts';
import type { MempoolSignals } from '../mempool/mempool-events.ts';
import type { Clock, Logger, Timers } from '../ports.ts';

/** Name of the file (Core). */
export const FEE_FILE_NAME = 'fee_estimates.dat';

/** What the service works with. */
export interface FeeServiceParts {
  readonly folder: Folder;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  /** A file of any age is used (-acceptstalefeeestimates, for tests). */
  readonly acceptsStale: boolean;
}

/** An estimator at work. */
export class FeeService {
  readonly estimator: FeeEstimator;
  readonly #parts: FeeServiceParts;
  #unfeed: Unsubscribe | null = null;
  #cancelWrite: Unsubscribe | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: FeeServiceParts) {
    this.#parts = parts;
    this.estimator = new FeeEstimator(parts.rng);
  }

  /** Takes up what the last run had learnt, unless it is too old to say anything of today. */
  async load(): Promise<void> {
    const { folder, log, clock } = this.#parts;
    try {
      if (!(await folder.exists(FEE_FILE_NAME))) {
        log.info(`${FEE_FILE_NAME} is not found. Continue anyway.`);
        return;
      }
      const modifiedSec = await folder.modifiedSec(FEE_FILE_NAME);
      const ageSec = modifiedSec === null ? 0 : Math.floor(clock.wallMs() / 1000) - modifiedSec;
      if (ageSec > FEE_FILE_AGE_SEC_MAX && !this.#parts.acceptsStale) {
        const hours = (sec: number): number => Math.floor(sec / 3600);
        log.warn(
          `Fee estimation file ${folder.path}/${FEE_FILE_NAME} too old (age=${hours(ageSec)} > ` +
            `${hours(FEE_FILE_AGE_SEC_MAX)} hours) and will not be used to avoid serving stale estimates.`,
        );
        return;
      }
      const history = decodeFeeHistory(await readWholeFile(folder, FEE_FILE_NAME));
      if (history.ok) this.estimator.restore(history.value);
      else log.warn(`Failed to read fee estimates from ${FEE_FILE_NAME}. Continue anyway.`);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      log.warn(`Failed to read fee estimates from ${FEE_FILE_NAME}. Continue anyway.`);
    }
  }

  /** Learns from a mempool from now on. `onFailed` hears of a disk that does not take what was learnt. */
  start(signals: MempoolSignals, onFailed: (error: unknown) => void): void {
    this.#unfeed = feedFeeEstimator(this.estimator, signals);
    this.#writeLater(onFailed);
  }

  /** Learns no more, and writes what was learnt. */
  async stop(): Promise<void> {
    this.#unfeed?.();
    this.#cancelWrite?.();
    await this.#writing;
    this.estimator.flushUnconfirmed();
    await this.#write();
  }

  #writeLater(onFailed: (error: unknown) => void): void {
    this.#cancelWrite = this.#parts.timers.after(FEE_FILE_WRITE_INTERVAL_SEC * 1000, () => {
      this.#writing = this.#write().catch(onFailed);
      this.#writeLater(onFailed);
    });
  }

  async #write(): Promise<void> {
    const { folder, log } = this.#parts;
    await writeFileAtomic(folder, FEE_FILE_NAME, encodeFeeHistory(this.estimator.history()));
    log.debug('estimatefee', () => `Flushed fee estimates to ${folder.path}/${FEE_FILE_NAME}.`);
  }
}
