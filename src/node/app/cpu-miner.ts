// Mining with the processor: keeps a search for the next block going, on work that follows the chain and the mempool, and hands in
// what it finds. Which transactions a block has is the assembler's matter, how nonces are tried the grinder's.
//
// Work is made anew at once when the tip moves (the old search is dead from that moment), a few seconds after transactions came or
// went, and every half minute for the sake of its time; the search goes on until the new work is there.

import type { SubmitResult } from '../../kernel/chain/chainstate.ts';
import { formatReject } from '../../kernel/consensus/reject.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type BlockHash, formatHash } from '../../kernel/primitives/hashes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import { compareHashes } from '../mining/grind.ts';
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

/** A block that was mined here and became part of the chain. */
export interface MinedBlock {
  readonly height: number;
  readonly blockHash: BlockHash;
  readonly timeSec: number;
  readonly rewardSat: number;
}

/** What a miner has to show. */
export interface MinerStatus {
  readonly isMining: boolean;
  readonly share: number;
  /** Hashes per second of late. */
  readonly hashRate: number;
  readonly hashCount: number;
  /** Those of the present height. */
  readonly hashCountAtHeight: number;
  /** The lowest hash of the present height, 32 bytes with the least significant first; null: none is known. */
  readonly lowestHash: Uint8Array | null;
  /** Bits of the block that is searched for; null: none. */
  readonly bits: number | null;
  /** Height of the block that is searched for; null: none. */
  readonly height: number | null;
  readonly transactionCount: number;
  readonly rewardSat: number;
  /** Blocks found since the start that became part of the chain when they were handed in. */
  readonly blocksWon: number;
  /** The last of them, newest first. */
  readonly lastBlocks: readonly MinedBlock[];
}

/** Blocks that are remembered. */
export const LAST_BLOCKS_MAX = 100;

/** Where the bits lie in a header. */
const BITS_AT = 72;

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
  #grinder: Grinder;
  /** Hashes of grinders that are no more in use. */
  #earlierHashes = 0;
  #share = 1;
  #isMining = false;
  #work: MinerWork | null = null;
  #extraNonce: number;
  #workMadeMs = 0;
  #isStale = false;
  #blocksWon = 0;
  #lastBlocks: readonly MinedBlock[] = [];
  /** The height that is searched for, what was computed before it, and how near its searches have come. */
  #round: { readonly height: number; readonly hashesBefore: number; lowestHash: Uint8Array | null } | null = null;
  /** Hashes computed until each of the last looks. */
  #samples: { readonly atMs: number; readonly hashCount: number }[] = [];
  #cancelLook: Unsubscribe | null = null;
  /** Work is being made; `true` as soon as that work will be out of date. */
  #making: { isOutdated: boolean } | null = null;
  /** Making work and handing blocks in: what stop() waits for. */
  #busy: Promise<void> = Promise.resolve();

  constructor(parts: CpuMinerParts) {
    this.#parts = parts;
    this.#grinder = parts.grinder;
    this.#extraNonce = parts.rng.below(FIRST_EXTRA_NONCE_END);
  }

  get status(): MinerStatus {
    const work = this.#isMining ? this.#work : null;
    const hashCount = this.#hashCount;
    return {
      isMining: this.#isMining,
      share: this.#share,
      hashRate: this.#isMining ? this.#computeRate() : 0,
      hashCount,
      hashCountAtHeight: this.#round === null ? 0 : hashCount - this.#round.hashesBefore,
      lowestHash: this.#round?.lowestHash ?? null,
      bits: work === null ? null : readU32(work.header, BITS_AT),
      height: work?.height ?? null,
      transactionCount: work?.transactionCount ?? 0,
      rewardSat: work?.rewardSat ?? 0,
      blocksWon: this.#blocksWon,
      lastBlocks: this.#lastBlocks,
    };
  }

  /** Begins to mine with a share of the time of the grinder's threads, above 0 and at most 1; or goes on with another share. */
  start(share: number): void {
    this.#share = share;
    this.#grinder.setShare(share);
    if (this.#isMining) return;
    this.#isMining = true;
    this.#samples = [];
    this.#renew();
    this.#look();
  }

  /** Searches with another grinder from now on. The one of before is closed, and its hashes still count. */
  useGrinder(grinder: Grinder): void {
    const before = this.#grinder;
    this.#earlierHashes += before.hashCount;
    this.#grinder = grinder;
    this.#keepBusy(() => before.close());
    if (!this.#isMining) return;
    grinder.setShare(this.#share);
    this.#work = null;
    this.#renew();
  }

  get #hashCount(): number {
    return this.#earlierHashes + this.#grinder.hashCount;
  }

  /** Ends the search. */
  stop(): void {
    this.#isMining = false;
    this.#work = null;
    this.#grinder.stop();
    this.#cancelLook?.();
    this.#cancelLook = null;
    if (this.#making !== null) this.#making.isOutdated = true;
  }

  /** Ends the search for good; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.stop();
    await this.#busy;
    await this.#grinder.close();
  }

  /** The chain has another tip: what is searched for is of no use any more. */
  tipChanged(): void {
    if (!this.#isMining) return;
    this.#grinder.stop();
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
    if (this.#round?.height !== work.height) {
      this.#round = { height: work.height, hashesBefore: this.#hashCount, lowestHash: null };
    }
    const round = this.#round;
    this.#grinder.start(work.header, {
      onRecord: (hash) => {
        if (round.lowestHash === null || compareHashes(hash, round.lowestHash) < 0) round.lowestHash = hash;
      },
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
      this.#noteBlock(work, block);
      log.info(`Mined block ${hash} at height ${work.height} with ${work.transactionCount} transactions`);
    } else if (result.outcome === 'rejected') {
      log.error(`A block mined here was refused: ${formatReject(result.reject)}`);
    } else {
      log.info(`Mined block ${hash} at height ${work.height}, too late to win`);
    }
    // A new tip has made new work; without one the regular look does.
    if (this.#work === work) this.#work = null;
  }

  #noteBlock({ height, rewardSat }: MinerWork, { header }: Block): void {
    const { blockHash, timeSec } = header;
    this.#blocksWon++;
    this.#lastBlocks = [{ height, blockHash, timeSec, rewardSat }, ...this.#lastBlocks].slice(0, LAST_BLOCKS_MAX);
  }

  #look(): void {
    const { clock, timers } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#samples.push({ atMs: nowMs, hashCount: this.#hashCount });
    if (this.#samples.length > RATE_WINDOW) this.#samples.shift();
    const ageMs = nowMs - this.#workMadeMs;
    const isDue = this.#work === null || ageMs >= WORK_AGE_MAX_MS || (this.#isStale && ageMs >= RENEW_MS);
    if (isDue && this.#making === null) this.#renew();
    this.#cancelLook = timers.after(LOOK_MS, () => this.#look());
  }

  #computeRate(): number {
    const first = this.#samples[0];
    if (first === undefined) return 0;
    const { clock } = this.#parts;
    const elapsedMs = clock.monotonicMs() - first.atMs;
    return elapsedMs <= 0 ? 0 : ((this.#hashCount - first.hashCount) * 1000) / elapsedMs;
  }

  #keepBusy(work: () => Promise<void>): void {
    const run = work().catch((error: unknown) => this.#parts.onFatal(error));
    this.#busy = Promise.all([this.#busy, run]).then(() => undefined);
  }
}
