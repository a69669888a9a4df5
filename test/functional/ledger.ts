// A ledger for tests of payments, made with the kernel: its first pages, whose rewards belong to a payer and are ripe, and any further
// page that a test wants, good or bad, each with its proof of work.

import { MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { COINBASE_MATURITY } from '../../src/kernel/consensus/limits.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { getBlockSubsidy } from '../../src/kernel/consensus/subsidy.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { assert } from '../../src/kernel/util/assert.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { CoinKind } from '../bench/chain-profile.ts';
import type { Address } from '../bench/chain-wallet.ts';
import { makeBlock, pay } from '../model/block-builder.ts';
import { writeBlockFile } from './node.ts';
import type { OwnCoin, Payer } from './payer.ts';

/** Pages before a test begins; rewards are ripe after a hundred. */
const GROUND_PAGES = 130;

/** The last of them is so old. */
const GROUND_AGE_SEC = 600;

/** Position of the reward among the outputs of a coinbase of makeBlock. */
const REWARD_INDEX = 1;

/** The pages of a ledger, made by a test. All of them have the easiest target: they lie too far apart for another one. */
export class Ledger {
  readonly params: ChainParams;
  readonly payer: Payer;
  /** From page 1 on. */
  readonly blocks: Block[] = [];
  /** The reward of each, by height less one. */
  readonly rewards: OwnCoin[] = [];
  readonly #branch: MemoryHeaderBranch;
  readonly #taken: Set<OwnCoin> = new Set();
  #rewardAddress: Address | null = null;

  constructor(params: ChainParams, payer: Payer) {
    this.params = params;
    this.payer = payer;
    this.#branch = new MemoryHeaderBranch([params.genesis.header]);
  }

  /** A ledger whose first pages are spread evenly over all the time from its first one to about now. */
  static ground(params: ChainParams, payer: Payer, nowSec: number): Ledger {
    const ledger = new Ledger(params, payer);
    const { timeSec: startSec } = params.genesis.header;
    const stepSec = Math.floor((nowSec - GROUND_AGE_SEC - startSec) / GROUND_PAGES);
    for (let height = 1; height <= GROUND_PAGES; height++) {
      ledger.append(ledger.make([], startSec + height * stepSec));
    }
    return ledger;
  }

  get height(): number {
    return this.#branch.height;
  }

  get tip(): Block {
    return this.blocks.at(-1) ?? this.params.genesis;
  }

  /** A reward that can be spent on the next page, of this kind if one is wanted, and that was not handed out before. */
  takeRipe(kind?: CoinKind): OwnCoin {
    const count = this.height + 1 - COINBASE_MATURITY;
    const coin = this.rewards
      .slice(0, Math.max(0, count))
      .find((one) => !this.#taken.has(one) && (kind === undefined || one.address.kind === kind));
    assert(coin !== undefined, 'a reward that is ripe');
    this.#taken.add(coin);
    return coin;
  }

  /** The next page with these transactions, whose fees are left to nobody; the reward is the payer's. */
  make(transactions: readonly Transaction[] = [], timeSec: number = this.#branch.timeSec(this.height) + 1): Block {
    const { consensus } = this.params;
    this.#rewardAddress = this.payer.nextAddress();
    const { scriptPubKey } = this.#rewardAddress;
    const reward = pay(getBlockSubsidy(this.height + 1, consensus), scriptPubKey);
    return makeBlock(this.#branch, consensus, { transactions, timeSec, rewardSat: 0, coinbaseOutputs: [reward] });
  }

  /** Makes the page that was made last part of the ledger. */
  append(block: Block): Block {
    const address = this.#rewardAddress;
    assert(address !== null, 'a page that was made here');
    this.#branch.append(block.header);
    this.blocks.push(block);
    this.rewards.push({ transaction: block.transaction(0), index: REWARD_INDEX, address });
    return block;
  }

  /** Writes all pages into a file that `-loadblock` reads. */
  write(path: string): void {
    const blocks = [this.params.genesis, ...this.blocks].map((block) => block.serialized());
    writeBlockFile(path, toHex(this.params.magic), blocks);
  }
}
