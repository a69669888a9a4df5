// A ledger for wallets to follow, as lists: blocks, a mempool, money out of nowhere for others. It knows just enough of the rules to be
// a ledger (inputs exist and are spent once, rewards ripen) and tells of everything in the order in which a node does: mempool first.

import { asBlockHash, type BlockHash, formatHash } from '../../src/kernel/primitives/hashes.ts';
import { formatOutpoint, isNull, type Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../src/kernel/primitives/transaction.ts';
import type { Rng } from '../../src/kernel/util/prng.ts';
import type { RemovalReason } from '../../src/wallet/chain-source.ts';
import { makeTx, spend } from './block-builder.ts';

/** A transaction with the names of what it spends. */
export interface LedgerTx {
  readonly id: string;
  readonly tx: Transaction;
  readonly spends: readonly string[];
  readonly isCoinbase: boolean;
}

/** A block. */
export interface LedgerBlock {
  readonly blockHash: BlockHash;
  readonly height: number;
  readonly timeSec: number;
  readonly maxTimeSec: number;
  readonly txs: readonly LedgerTx[];
}

/** What is told. */
export interface LedgerListener {
  added(tx: LedgerTx): void;
  removed(tx: LedgerTx, reason: RemovalReason): void;
  /** Blocks above `to` are gone. */
  rewound(to: LedgerBlock): void;
  connected(block: LedgerBlock): void;
  /** The tip is reached. */
  settled(): void;
}

/** Confirmations of a reward before it can be spent, with the block that spends it. */
const MATURITY = 100;
const START_SEC = 1_700_000_000;

/** Names a transaction. */
export function toLedgerTx(tx: Transaction): LedgerTx {
  const spends: string[] = [];
  for (let i = 0; i < tx.inputCount; i++) spends.push(formatOutpoint(tx.prevout(i)));
  return { id: formatHash(tx.txid), tx, spends, isCoinbase: isNull(tx.prevout(0)) };
}

/** Chain and mempool. */
export class WalletLedger {
  readonly blocks: LedgerBlock[] = [];
  readonly mempool: Map<string, LedgerTx> = new Map();
  readonly #rng: Rng;
  readonly #listener: LedgerListener;
  readonly #heights: Map<string, number> = new Map();
  readonly #coinbases: Set<string> = new Set();
  readonly #spentInChain: Map<string, string> = new Map();
  #counter = 0;

  constructor(rng: Rng, listener: LedgerListener) {
    this.#rng = rng;
    this.#listener = listener;
    this.blocks.push(this.#block(0, []));
  }

  get tip(): LedgerBlock {
    return this.blocks.at(-1)!;
  }

  /** Money that somebody else has, never seen before. */
  freshOutpoint(): Outpoint {
    const txid = this.#rng.bytes(32) as Outpoint['txid'];
    return { txid, index: 7 };
  }

  /** Whether it could be put into the mempool as it is. */
  canEnter(tx: LedgerTx): boolean {
    if (this.mempool.has(tx.id) || this.#heights.has(tx.id) || tx.isCoinbase) return false;
    return tx.spends.every(
      (name) => !this.#spentInChain.has(name) && this.#spenderInMempool(name) === null && this.#exists(name),
    );
  }

  /** Puts a transaction into the mempool; what it excludes gives way. False: it cannot be there. */
  enter(tx: LedgerTx): boolean {
    if (this.mempool.has(tx.id)) return false;
    for (const name of tx.spends) {
      const other = this.#spenderInMempool(name);
      if (other !== null) this.evict(other, 'replaced');
    }
    if (!this.canEnter(tx)) return false;
    this.mempool.set(tx.id, tx);
    this.#listener.added(tx);
    return true;
  }

  /** Takes a transaction and what follows from it out of the mempool. */
  evict(tx: LedgerTx, reason: RemovalReason): void {
    if (!this.mempool.delete(tx.id)) return;
    this.#listener.removed(tx, reason);
    for (const child of [...this.mempool.values()]) {
      if (child.spends.some((name) => name.startsWith(tx.id))) this.evict(child, reason);
    }
  }

  /** A block of some of the mempool, some transactions that nobody saw before, and a reward. */
  mine(reward: TransactionOutput, unseen: readonly LedgerTx[] = []): void {
    this.#mineQuietly(reward, unseen, (block) => this.#listener.connected(block));
    this.#listener.settled();
  }

  #mineQuietly(reward: TransactionOutput, unseen: readonly LedgerTx[], tell: (block: LedgerBlock) => void): void {
    const chosen = [this.#coinbase(reward), ...this.#choose(unseen)];
    const block = this.#block(this.tip.height + 1, chosen);
    this.blocks.push(block);
    for (const tx of chosen) this.#confirm(tx, block.height);
    tell(block);
  }

  /** Takes `depth` blocks back and mines one more; most of what was in them goes back to the mempool. The wallet hears of it at the end. */
  reorganise(depth: number, rewardOf: () => TransactionOutput, unseen: readonly LedgerTx[]): void {
    const returned: LedgerTx[] = [];
    for (let i = 0; i < depth; i++) {
      const block = this.blocks.pop()!;
      for (const tx of block.txs) this.#unconfirm(tx);
      returned.unshift(...block.txs.filter((tx) => !tx.isCoinbase));
    }
    for (const tx of [...this.mempool.values()])
      if (!tx.spends.every((name) => this.#exists(name))) this.evict(tx, 'reorg');
    for (const tx of returned) {
      if (this.#rng.below(10) > 0 && this.canEnter(tx)) {
        this.mempool.set(tx.id, tx);
        this.#listener.added(tx);
      }
    }
    const fork = this.tip;
    const told: LedgerBlock[] = [];
    for (let i = 0; i <= depth; i++) this.#mineQuietly(rewardOf(), i === 0 ? unseen : [], (block) => told.push(block));
    this.#listener.rewound(fork);
    for (const block of told) this.#listener.connected(block);
    this.#listener.settled();
  }

  #choose(unseen: readonly LedgerTx[]): readonly LedgerTx[] {
    const chosen: LedgerTx[] = [];
    const names: Set<string> = new Set();
    const taken: Set<string> = new Set();
    const fits = (tx: LedgerTx): boolean =>
      tx.spends.every((name) => !taken.has(name) && !this.#spentInChain.has(name) && this.#existsWith(name, names));
    for (const tx of [...unseen, ...this.mempool.values()]) {
      if (this.#heights.has(tx.id) || this.#rng.below(4) === 0 || !fits(tx)) continue;
      chosen.push(tx);
      names.add(tx.id);
      for (const name of tx.spends) taken.add(name);
    }
    return chosen;
  }

  #confirm(tx: LedgerTx, height: number): void {
    this.#heights.set(tx.id, height);
    if (tx.isCoinbase) this.#coinbases.add(tx.id);
    else for (const name of tx.spends) this.#spentInChain.set(name, tx.id);
    if (this.mempool.delete(tx.id)) this.#listener.removed(tx, 'block');
    for (const name of tx.spends) {
      const other = this.#spenderInMempool(name);
      if (other !== null) this.evict(other, 'conflict');
    }
  }

  #unconfirm(tx: LedgerTx): void {
    this.#heights.delete(tx.id);
    for (const name of tx.spends) this.#spentInChain.delete(name);
  }

  #spenderInMempool(name: string): LedgerTx | null {
    for (const tx of this.mempool.values()) if (tx.spends.includes(name)) return tx;
    return null;
  }

  #exists(name: string): boolean {
    return this.#existsWith(name, this.mempool);
  }

  #existsWith(name: string, unconfirmed: { has(id: string): boolean }): boolean {
    const id = name.slice(0, 64);
    const height = this.#heights.get(id);
    if (height === undefined) return unconfirmed.has(id) || name.endsWith(':7');
    return !this.#coinbases.has(id) || this.tip.height + 1 - height >= MATURITY;
  }

  #coinbase(reward: TransactionOutput): LedgerTx {
    const none = { txid: new Uint8Array(32) as Outpoint['txid'], index: 0xffffffff };
    const scriptSig = Uint8Array.of(4, this.#counter & 255, (this.#counter >> 8) & 255, this.#counter >> 16, 0);
    this.#counter++;
    return toLedgerTx(makeTx([spend(none, { scriptSig })], [reward]));
  }

  #block(height: number, txs: readonly LedgerTx[]): LedgerBlock {
    const timeSec = START_SEC + 600 * height + this.#rng.below(300);
    const maxTimeSec = Math.max(timeSec, this.blocks.at(-1)?.maxTimeSec ?? 0);
    return { blockHash: asBlockHash(this.#rng.bytes(32)), height, timeSec, maxTimeSec, txs };
  }
}
