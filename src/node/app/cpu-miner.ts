// Mining with the processor: keeps a search for the next block going, on work that follows the chain and the mempool, and hands in
// what it finds. Which transactions a block has is the assembler's matter, how nonces are tried the grinder's.
//
// Work is made anew at once when the tip moves (the old search is dead from that moment), a few seconds after transactions came or
// went, and every half minute for the sake of its time; the search goes on until the new work is there.

import type { SubmitResult } from '../../kernel/chain/chainstate.ts';
import { formatReject } from '../../kernel/consensus/reject.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { Grinder } from '../mining/grinder.ts';
import type { Clock, Logger, Timers } from '../ports.ts';

/** A block that lacks nothing but a nonce. */
export interface MinerWork {
  /** Its 80 bytes of header. */
  readonly header: Uint8Array;
  readonly height: number;
  readonly transactionCount: number;
  /** Subsidy and fees. */
  readonly rewardSat: number;
  /** The block with a nonce. */
  seal(nonce: number): Block;
}

/** What a miner is made with. */
export interface CpuMinerParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly grinder: Grinder;
  readonly rng: Rng;
  /** Makes work on the tip; `extraNonce` tells it from all before. Null: there is nothing to build on, ask later. */
  readonly createWork: (extraNonce: number) => Promise<MinerWork | null>;
  readonly submit: (block: Block) => Promise<SubmitResult>;
  /** A bug of ours, or a broken host. */
  readonly onFatal: (error: unknown) => void;
}

/** What a miner has to show. */
export interface MinerStatus {
  readonly isMining: boolean;
  readonly share: number;
  /** Hashes per second of late. */
  readonly hashRate: number;
  readonly hashCount: number;
  /** Height of the block that is searched for; null: none. */
  readonly height: number | null;
  readonly transactionCount: number;
  readonly rewardSat: number;
  /** Blocks found since the start that became part of the chain when they were handed in. */
  readonly blocksWon: number;
}

/** Least time between two pieces of work on the same tip when transactions came. */
const RENEW_MS = 5000;
/** Work that is older has a time that is of no use to the difficulty. */
const WORK_AGE_MAX_MS = 30_000;
/** How often age and hash rate are looked at. */
const LOOK_MS = 1000;
/** Hash rate is measured over so many looks. */
const RATE_WINDOW = 10;
/** The first extra nonce is below this, so that machines that mine for one address do not all search the same headers. */
const FIRST_EXTRA_NONCE_END: number = 2 ** 47;

/** Mines. */
export class CpuMiner {
  readonly #parts: CpuMinerParts;
  #share = 1;
  #isMining = false;
  #work: MinerWork | null = null;
  #extraNonce: number;
  #workMadeMs = 0;
  #isStale = false;
  #blocksWon = 0;
  /** Hashes computed until each of the last looks. */
  #samples: { readonly atMs: number; readonly hashCount: number }[] = [];
  #cancelLook: Unsubscribe | null = null;
  /** Work is being made; `true` as soon as that work will be out of date. */
  #making: { isOutdated: boolean } | null = null;
  /** Making work and handing blocks in: what stop() waits for. */
  #busy: Promise<void> = Promise.resolve();

  constructor(parts: CpuMinerParts) {
    this.#parts = parts;
    this.#extraNonce = parts.rng.below(FIRST_EXTRA_NONCE_END);
  }

  get status(): MinerStatus {
    const work = this.#isMining ? this.#work : null;
    return {
      isMining: this.#isMining,
      share: this.#share,
      hashRate: this.#isMining ? this.#computeRate() : 0,
      hashCount: this.#parts.grinder.hashCount,
      height: work?.height ?? null,
      transactionCount: work?.transactionCount ?? 0,
      rewardSat: work?.rewardSat ?? 0,
      blocksWon: this.#blocksWon,
    };
  }

  /** Begins to mine with a share of the time of the grinder's threads, above 0 and at most 1; or goes on with another share. */
  start(share: number): void {
    this.#share = share;
    this.#parts.grinder.setShare(share);
    if (this.#isMining) return;
    this.#isMining = true;
    this.#samples = [];
    this.#renew();
    this.#look();
  }

  /** Ends the search. */
  stop(): void {
    this.#isMining = false;
    this.#work = null;
    this.#parts.grinder.stop();
    this.#cancelLook?.();
    this.#cancelLook = null;
    if (this.#making !== null) this.#making.isOutdated = true;
  }

  /** Ends the search for good; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.stop();
    await this.#busy;
    await this.#parts.grinder.close();
  }

  /** The chain has another tip: what is searched for is of no use any more. */
  tipChanged(): void {
    if (!this.#isMining) return;
    this.#parts.grinder.stop();
    this.#work = null;
    this.#renew();
  }

  /** Transactions came or went. */
  transactionsChanged(): void {
    this.#isStale = true;
  }

  #renew(): void {
    if (this.#making !== null) {
      this.#making.isOutdated = true;
      return;
    }
    const making = { isOutdated: false };
    this.#making = making;
    this.#isStale = false;
    this.#keepBusy(async () => {
      const work = await this.#makeWork();
      if (!this.#isMining) return;
      this.#workMadeMs = this.#parts.clock.monotonicMs();
      if (making.isOutdated) this.#renew();
      else if (work !== null) this.#search(work);
    });
  }

  async #makeWork(): Promise<MinerWork | null> {
    try {
      // At least one turn later: whoever tells of a new tip is in the middle of telling others.
      await this.#parts.timers.yieldToHost();
      return this.#isMining ? await this.#parts.createWork(this.#extraNonce++) : null;
    } finally {
      this.#making = null;
    }
  }

  #search(work: MinerWork): void {
    this.#work = work;
    this.#parts.grinder.start(work.header, {
      onFound: (nonce) => this.#keepBusy(() => this.#handIn(work, nonce)),
      onExhausted: () => this.#renew(),
      onFailed: (error) => this.#parts.onFatal(error),
    });
  }

  async #handIn(work: MinerWork, nonce: number): Promise<void> {
    const { log, submit } = this.#parts;
    const block = work.seal(nonce);
    const hash = formatHash(block.header.blockHash);
    const result = await submit(block);
    if (result.outcome === 'connected') {
      this.#blocksWon++;
      log.info(`Mined block ${hash} at height ${work.height} with ${work.transactionCount} transactions`);
    } else if (result.outcome === 'rejected') {
      log.error(`A block mined here was refused: ${formatReject(result.reject)}`);
    } else {
      log.info(`Mined block ${hash} at height ${work.height}, too late to win`);
    }
    // A new tip has made new work; without one the regular look does.
    if (this.#work === work) this.#work = null;
  }

  #look(): void {
    const { clock, timers, grinder } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#samples.push({ atMs: nowMs, hashCount: grinder.hashCount });
    if (this.#samples.length > RATE_WINDOW) this.#samples.shift();
    const ageMs = nowMs - this.#workMadeMs;
    const isDue = this.#work === null || ageMs >= WORK_AGE_MAX_MS || (this.#isStale && ageMs >= RENEW_MS);
    if (isDue && this.#making === null) this.#renew();
    this.#cancelLook = timers.after(LOOK_MS, () => this.#look());
  }

  #computeRate(): number {
    const first = this.#samples[0];
    if (first === undefined) return 0;
    const { clock, grinder } = this.#parts;
    const elapsedMs = clock.monotonicMs() - first.atMs;
    return elapsedMs <= 0 ? 0 : ((grinder.hashCount - first.hashCount) * 1000) / elapsedMs;
  }

  #keepBusy(work: () => Promise<void>): void {
    const run = work().catch((error: unknown) => this.#parts.onFatal(error));
    this.#busy = Promise.all([this.#busy, run]).then(() => undefined);
  }
}
