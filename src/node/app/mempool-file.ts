// mempool.dat on its way to and from the disk (Core node/mempool_persist.cpp). Nothing is lost by a bad file: what can be read is
// offered to the mempool like any other transaction, and the rest comes again over the network. Both ways work in pieces, so that a
// mempool of hundreds of megabytes keeps nobody waiting.

import type { Folder } from '../../kernel/chain/ports.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Mempool } from '../mempool/mempool.ts';
import { encodeMempoolFile, takeSnapshot } from '../mempool/persist.ts';
import { MempoolFileReader, type PersistedItem } from '../mempool/persist-decode.ts';
import type { Clock, Logger, Timers } from '../ports.ts';
import type { TransactionIntake } from './transaction-intake.ts';

/** Name of the file (Core). */
export const MEMPOOL_FILE_NAME = 'mempool.dat';

/** What the new file is called until it is complete (Core). */
const TEMPORARY_NAME = `${MEMPOOL_FILE_NAME}.new`;

/** What is read at a time. */
const CHUNK_BYTES = 1 << 20;

/** Bytes of the key that new files lie under. */
const KEY_BYTES = 8;

/** What reading and writing work with. */
export interface MempoolFileParts {
  readonly folder: Folder;
  readonly mempool: Mempool;
  readonly intake: TransactionIntake;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  readonly isStopping: () => boolean;
}

/** How a file is read (Core ImportMempoolOptions). */
export interface LoadOptions {
  /** Transactions count as having come now, not when the file says. */
  readonly usesCurrentTime?: boolean;
  /** What an operator had added to fees is added again. */
  readonly appliesDeltas?: boolean;
  /** Transactions that nobody had fetched are announced again. */
  readonly appliesUnbroadcast?: boolean;
}

/** What became of the transactions of a file. */
export interface LoadCounts {
  accepted: number;
  failed: number;
  expired: number;
  alreadyThere: number;
  unbroadcast: number;
}

/** How reading a file ended. */
export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly counts: LoadCounts }
  | { readonly outcome: 'stopped' }
  /** The file cannot be opened, or ends or breaks somewhere; what came before is in the mempool. */
  | { readonly outcome: 'failed'; readonly why: string };

/** Reads and writes the file of a mempool. */
export class MempoolFile {
  readonly #parts: MempoolFileParts;
  /** The last save that was asked for, whatever came of it. */
  #lastSave: Promise<unknown> = Promise.resolve();

  constructor(parts: MempoolFileParts) {
    this.#parts = parts;
  }

  /** Offers everything in the file to the mempool. Rejects only with what is a bug of ours or a broken chain. */
  async load(
    name: string = MEMPOOL_FILE_NAME,
    options: LoadOptions = {},
    folder: Folder = this.#parts.folder,
  ): Promise<LoadOutcome> {
    try {
      return await this.#load(folder, name, options);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#parts.log.info('Failed to open mempool file. Continuing anyway.');
      return { outcome: 'failed', why: error.message };
    }
  }

  async #load(folder: Folder, name: string, options: LoadOptions): Promise<LoadOutcome> {
    const { log, isStopping } = this.#parts;
    const counts: LoadCounts = { accepted: 0, failed: 0, expired: 0, alreadyThere: 0, unbroadcast: 0 };
    const reader = new MempoolFileReader();
    const file = await folder.open(name, 'read');
    try {
      const size = await file.size();
      for (let position = 0; reader.verdict === null && !isStopping(); position += CHUNK_BYTES) {
        if (position < size) reader.feed(await file.read(position, Math.min(CHUNK_BYTES, size - position)));
        else reader.end();
        const wasKnown = reader.entryCount > 0;
        await this.#offerAll(reader, counts, options);
        if (!wasKnown && reader.entryCount > 0)
          log.info(`Loading ${reader.entryCount} mempool transactions from file...`);
      }
    } finally {
      await file.close();
    }
    const { verdict } = reader;
    if (verdict === null) return { outcome: 'stopped' };
    if (verdict.kind !== 'complete') {
      log.info(`Failed to deserialize mempool data on file: ${verdict.kind}. Continuing anyway.`);
      return { outcome: 'failed', why: verdict.kind };
    }
    const { accepted, failed, expired, alreadyThere, unbroadcast } = counts;
    log.info(
      `Imported mempool transactions from file: ${accepted} succeeded, ${failed} failed, ${expired} expired, ` +
        `${alreadyThere} already there, ${unbroadcast} waiting for initial broadcast`,
    );
    return { outcome: 'loaded', counts };
  }

  async #offerAll(reader: MempoolFileReader, counts: LoadCounts, options: LoadOptions): Promise<void> {
    for (let item = reader.next(); item !== null && !this.#parts.isStopping(); item = reader.next()) {
      await this.#offer(item, counts, options);
    }
  }

  async #offer(item: PersistedItem, counts: LoadCounts, options: LoadOptions): Promise<void> {
    const { mempool } = this.#parts;
    switch (item.type) {
      case 'entry':
        if (item.deltaSat !== 0 && options.appliesDeltas !== false)
          mempool.prioritise(item.transaction.txid, item.deltaSat);
        await this.#offerTransaction(item, counts, options);
        return;
      case 'delta':
        if (options.appliesDeltas !== false) mempool.prioritise(item.txid, item.deltaSat);
        return;
      case 'unbroadcast':
        if (options.appliesUnbroadcast === false || !mempool.has(item.txid)) return;
        mempool.addUnbroadcast(item.txid);
        counts.unbroadcast++;
    }
  }

  async #offerTransaction(
    { transaction, timeSec }: PersistedItem & { readonly type: 'entry' },
    counts: LoadCounts,
    options: LoadOptions,
  ): Promise<void> {
    const { mempool, intake, clock } = this.#parts;
    const nowSec = Math.floor(clock.wallMs() / 1000);
    const arrivedSec = options.usesCurrentTime === true ? nowSec : timeSec;
    if (arrivedSec <= nowSec - mempool.options.expirySec) {
      counts.expired++;
      return;
    }
    const result = await intake.submit(transaction, { arrivedSec });
    if (result.outcome === 'accepted') counts.accepted++;
    // It may have come over the network meanwhile.
    else if (mempool.has(transaction.txid)) counts.alreadyThere++;
    else counts.failed++;
  }

  /**
   * Writes the mempool as it is now, beside the old file, which it then replaces. Who asks while a file is being written waits for
   * the next. Rejects with a StorageError.
   */
  save(): Promise<void> {
    const saved = this.#lastSave.then(() => this.#save());
    this.#lastSave = saved.catch(() => undefined);
    return saved;
  }

  async #save(): Promise<void> {
    const { folder, mempool, clock, timers, log, rng } = this.#parts;
    const startMs = clock.monotonicMs();
    const snapshot = takeSnapshot(mempool);
    const copiedMs = clock.monotonicMs();
    log.info(`Writing ${snapshot.entries.length} mempool transactions to file...`);
    const file = await folder.open(TEMPORARY_NAME, 'create');
    let size = 0;
    try {
      await file.truncate(0);
      for (const piece of encodeMempoolFile(snapshot, rng.bytes(KEY_BYTES))) {
        await file.write(size, piece);
        size += piece.length;
        await timers.yieldToHost();
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await folder.rename(TEMPORARY_NAME, MEMPOOL_FILE_NAME);
    await folder.sync();
    const seconds = (ms: number): string => (ms / 1000).toFixed(3);
    const tookMs = clock.monotonicMs() - copiedMs;
    log.info(
      `Dumped mempool: ${seconds(copiedMs - startMs)}s to copy, ${seconds(tookMs)}s to dump, ${size} bytes dumped to file`,
    );
  }
}
