// A whole ledger in the page, for lessons: the node's own chain over memory, with people who pay each other. Pages are made, mined and
// handed in as anyone's would be; what the chain says of them is what a node says. Balances are traced from the first page on.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../kernel/chain/memory-chain.ts';
import { MemoryHeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { computeWork } from '../../kernel/consensus/target.ts';
import { findNonce, NONCE_END } from '../../kernel/crypto/nonce-search.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type BlockHash, formatHash } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { assembleBlock, MINING_DEFAULTS } from '../../node/mining/assembler.ts';
import { BlockCandidate, replaceTransactions } from '../../node/mining/block-template.ts';
import { readHeaderTarget } from '../../node/mining/grind.ts';
import { createLessonParams, LESSON_SPACING_SEC } from './lesson-params.ts';
import { type OwnedCoin, PEOPLE, type PersonName, scriptOf, signPayment } from './lesson-people.ts';
import { readRefusal } from './lesson-refusal.ts';
import type { RefusalText } from './refusal-text.ts';

/** A coin that somebody has, or had. */
export interface LessonCoin extends OwnedCoin {
  /** Transaction and output: txid:0. */
  readonly id: string;
  /** Of the page that made it. */
  readonly height: number;
  /** Whether a miner got it for a page. */
  readonly isReward: boolean;
}

/** A payment, signed. */
export interface LessonPayment {
  readonly from: PersonName;
  readonly to: PersonName;
  readonly valueSat: number;
  readonly spent: readonly LessonCoin[];
  readonly transaction: Transaction;
}

/** A page of the ledger, on whichever branch. */
export interface LedgerPage {
  readonly hash: string;
  readonly previousHash: string;
  readonly height: number;
  /** Hashes that have to be tried for it, in the mean. */
  readonly work: number;
  /** Whether it belongs to the branch that counts now. */
  readonly isActive: boolean;
  readonly payments: readonly LessonPayment[];
}

/** How much work a page is to have. */
export type PageKind = 'hard' | 'easy';

/** What is written, and where. */
export interface PagePlan {
  readonly payments: readonly LessonPayment[];
  /** The page before it; left out: the last one that counts. */
  readonly previousHash?: string;
  readonly kind?: PageKind;
}

/** What became of a page: its name, or why it was refused. */
export type PageVerdict =
  | { readonly hash: string; readonly refusal: null }
  | { readonly hash: null; readonly refusal: RefusalText };

/** Pages whose reward is the reader's. */
const OWN_PAGES = 3;
/** Pages behind a reward before it may be spent (COINBASE_MATURITY). */
const MATURITY = 100;

/** Pages between two pauses while a ledger is prepared: about a picture of the screen. */
const PAGES_PER_PAUSE = 4;

interface StoredPage {
  readonly block: Block;
  readonly height: number;
  readonly payments: readonly LessonPayment[];
}

/** The ledger. */
export class LessonLedger {
  readonly #chain: Chainstate;
  readonly #params = createLessonParams();
  readonly #pages: Map<string, StoredPage> = new Map();
  #madeCount = 0;
  #firstOwnHeight = 0;

  private constructor(chain: Chainstate) {
    this.#chain = chain;
    this.#keep({ block: this.#params.genesis, height: 0, payments: [] });
  }

  /** A ledger on which the reader has won three pages, long enough ago to spend the rewards. */
  static async open(): Promise<LessonLedger> {
    const ledger = new LessonLedger(await openMemoryChain(createLessonParams()));
    for (let height = 1; height <= OWN_PAGES + MATURITY; height++) {
      await ledger.#write({ payments: [] }, height <= OWN_PAGES ? 'you' : 'miners');
      // The browser may draw and listen in between.
      if (height % PAGES_PER_PAUSE === 0) await new Promise((wake) => setTimeout(wake, 0));
    }
    ledger.#firstOwnHeight = ledger.#chain.height;
    return ledger;
  }

  /** Height of the last page that was there when the play began. */
  get beginning(): number {
    return this.#firstOwnHeight;
  }

  /** The last page that counts. */
  get tipHash(): string {
    return formatHash(this.#chain.tipHash);
  }

  /** Every page that was written since the play began, parents before children, refused ones left out. */
  get pages(): readonly LedgerPage[] {
    const active = new Set(this.#listActive().map(({ block }) => formatHash(block.header.blockHash)));
    return [...this.#pages.values()]
      .filter(({ height }) => height >= this.#firstOwnHeight)
      .map(({ block: { header }, height, payments }) => ({
        hash: formatHash(header.blockHash),
        previousHash: formatHash(header.previousBlockHash),
        height,
        work: Number(computeWork(header.bits)),
        isActive: active.has(formatHash(header.blockHash)),
        payments,
      }));
  }

  /** Every coin that can be spent now, or will be: found by following the pages that count from the first to the last. */
  get coins(): readonly LessonCoin[] {
    const coins = new Map<string, LessonCoin>();
    for (const { block, height } of this.#listActive()) {
      for (let i = 0; i < block.txCount; i++) applyTransaction(coins, block.transaction(i), height);
    }
    return [...coins.values()].filter(
      ({ isReward, height }) => !isReward || this.#chain.height + 1 - height >= MATURITY,
    );
  }

  /** What somebody has: the sum of his coins. */
  balanceOf(name: PersonName): number {
    return this.coins.filter(({ owner }) => owner === name).reduce((sum, { valueSat }) => sum + valueSat, 0);
  }

  /**
   * A payment out of the coins of `from`, with the change back to him. It may be one that the kernel refuses: more than the coins are
   * worth, or signed by another than their owner.
   */
  pay(from: PersonName, to: PersonName, valueSat: number, signer: PersonName = from): LessonPayment {
    const spent = pickCoins(
      this.coins.filter(({ owner }) => owner === from),
      valueSat,
    );
    const changeSat = spent.reduce((sum, coin) => sum + coin.valueSat, 0) - valueSat;
    const outputs = [{ valueSat, scriptPubKey: scriptOf(to) }];
    if (changeSat > 0) outputs.push({ valueSat: changeSat, scriptPubKey: scriptOf(from) });
    return { from, to, valueSat, spent, transaction: signPayment(spent, outputs, signer) };
  }

  /** Mines a page with payments and hands it to the chain. */
  write(plan: PagePlan): Promise<PageVerdict> {
    return this.#write(plan, 'miners');
  }

  async #write(
    { payments, previousHash = this.tipHash, kind = 'hard' }: PagePlan,
    miner: PersonName,
  ): Promise<PageVerdict> {
    const parent = this.#pages.get(previousHash);
    assert(parent !== undefined, 'a page that was written before');
    const block = this.#mine(parent, payments, kind, miner);
    const result = await this.#chain.submitBlock(block, block.header.timeSec);
    if (result.outcome === 'rejected') return { hash: null, refusal: readRefusal(result.reject) };
    assert(result.outcome !== 'undecodable', 'a page that was made here can be read');
    this.#keep({ block, height: parent.height + 1, payments });
    return { hash: formatHash(block.header.blockHash), refusal: null };
  }

  #mine(parent: StoredPage, payments: readonly LessonPayment[], kind: PageKind, miner: PersonName): Block {
    const branch = new MemoryHeaderBranch(this.#listBranch(parent).map(({ block }) => block.header));
    const gapSec = kind === 'hard' ? LESSON_SPACING_SEC : 2 * LESSON_SPACING_SEC + 1;
    const chain = { branch, consensus: this.#params.consensus, nowSec: parent.block.header.timeSec + gapSec };
    const empty = assembleBlock(null, chain, MINING_DEFAULTS);
    const template = replaceTransactions(
      empty,
      payments.map(({ transaction }) => transaction),
    );
    const candidate = new BlockCandidate(template, { scriptPubKey: scriptOf(miner), extraNonce: this.#madeCount++ });
    const nonce = findNonce(candidate.header, readHeaderTarget(candidate.header), 0, NONCE_END);
    assert(nonce !== null, 'one of eight nonces is enough');
    return candidate.seal(nonce);
  }

  #keep(page: StoredPage): void {
    this.#pages.set(formatHash(page.block.header.blockHash), page);
  }

  #listActive(): readonly StoredPage[] {
    return this.#listBranch(this.#pages.get(this.tipHash)!);
  }

  /** The pages up to this one, from the first. */
  #listBranch(last: StoredPage): readonly StoredPage[] {
    const pages: StoredPage[] = [];
    for (let page: StoredPage | undefined = last; page !== undefined; ) {
      pages.push(page);
      page = this.#pages.get(formatHash(page.block.header.previousBlockHash as BlockHash));
    }
    return pages.reverse();
  }
}

/** The first coins that are enough; all of them where none are. */
function pickCoins(coins: readonly LessonCoin[], valueSat: number): readonly LessonCoin[] {
  const picked: LessonCoin[] = [];
  let sumSat = 0;
  for (const coin of coins) {
    if (sumSat >= valueSat && picked.length > 0) break;
    picked.push(coin);
    sumSat += coin.valueSat;
  }
  return picked;
}

function applyTransaction(coins: Map<string, LessonCoin>, transaction: Transaction, height: number): void {
  const isReward = transaction.isCoinbase;
  for (let i = 0; i < transaction.inputCount && !isReward; i++) coins.delete(formatOutpoint(transaction.prevout(i)));
  for (let index = 0; index < transaction.outputCount; index++) {
    const owner = ownerOf(transaction.scriptPubKey(index));
    if (owner === null) continue;
    const outpoint = { txid: transaction.txid, index };
    const id = formatOutpoint(outpoint);
    coins.set(id, { id, outpoint, owner, height, isReward, valueSat: transaction.valueSat(index) });
  }
}

function ownerOf(script: Uint8Array): PersonName | null {
  const hex = toHex(script);
  return PEOPLE.find((name) => toHex(scriptOf(name)) === hex) ?? null;
}
