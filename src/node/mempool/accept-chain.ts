// The chain as acceptance sees it: the tip that was committed last, its coins, and the branch below it (Core Chainstate, as far as
// MemPoolAccept looks at it). Everything answers at once: coins that may lie on a disk were fetched before.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import type { CoinsView } from '../../kernel/consensus/coins-view.ts';
import { computeMedianTimePast, type HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';

/** Coins of the tip. Only those that are known may be asked for. */
export interface KnownCoins extends CoinsView {
  /** True when it is known whether there is a coin at the outpoint at `at`. */
  isKnown(outpoints: Uint8Array, at: number): boolean;
}

/** What acceptance asks of a chain. */
export interface AcceptChain {
  readonly tip: BlockEntry;
  /** Height of the tip. */
  readonly height: number;
  /** Median time past of the tip: the time that locktimes of the next block are held against (BIP113). */
  readonly medianTimePast: number;
  readonly coins: KnownCoins;
  /** The branch that ends with the tip. */
  readonly branch: HeaderBranch;
  readonly consensus: ConsensusParams;
  /** The block of the active chain at a height up to the tip's. */
  blockAt(height: number): BlockEntry;
  /** True when the block is part of the active chain. */
  contains(entry: BlockEntry): boolean;
  /** True when the chain is up to date, so that what happens in the mempool says something about fees. */
  isCurrent(nowSec: number): boolean;
}

/** A tip older than this says nothing about the fees of today (Core MAX_FEE_ESTIMATION_TIP_AGE: three hours). */
const FEE_TIP_AGE_MAX_SEC = 3 * 3_600;

/** The active chain of a chainstate. */
export class ActiveChainView implements AcceptChain {
  readonly coins: KnownCoins;
  readonly #chain: Chainstate;
  readonly #branch: IndexBranch;
  #branchTip: BlockEntry;
  #medianTimePast = 0;
  #medianTimeTip: BlockEntry | null = null;

  /** `coins`: where coins were fetched to; absent: into the cache of the chain itself. */
  constructor(chain: Chainstate, coins: KnownCoins = chain.state.coins) {
    this.#chain = chain;
    this.coins = coins;
    this.#branch = new IndexBranch(chain.index, chain.active).moveTo(chain.active.tip);
    this.#branchTip = chain.active.tip;
  }

  get tip(): BlockEntry {
    return this.#chain.active.tip;
  }

  get height(): number {
    return this.#chain.active.height;
  }

  get medianTimePast(): number {
    const tip = this.tip;
    if (this.#medianTimeTip !== tip) {
      this.#medianTimePast = computeMedianTimePast(this.branch);
      this.#medianTimeTip = tip;
    }
    return this.#medianTimePast;
  }

  get branch(): HeaderBranch {
    const tip = this.tip;
    if (this.#branchTip !== tip) {
      this.#branch.moveTo(tip);
      this.#branchTip = tip;
    }
    return this.#branch;
  }

  get consensus(): ConsensusParams {
    return this.#chain.state.consensus;
  }

  blockAt(height: number): BlockEntry {
    return this.#chain.active.at(height);
  }

  contains(entry: BlockEntry): boolean {
    return this.#chain.active.contains(entry);
  }

  isCurrent(nowSec: number): boolean {
    const { index, height, isInitialDownload } = this.#chain;
    if (isInitialDownload || index.timeSec(this.tip) < nowSec - FEE_TIP_AGE_MAX_SEC) return false;
    return height >= index.height(index.bestHeader) - 1;
  }
}
