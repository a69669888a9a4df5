// The coins that a loose transaction may spend: those that other transactions of its package make, those that the mempool makes, and
// those of the chain, in this order (Core CCoinsViewMemPool over CoinsTip). Spent ones are not told apart: who else spends a coin is
// found by conflict, in the mempool and within a package. What a transaction spends is copied into a SpentCoins, so that the checks
// after it ask nobody again.

import { CoinRef, encodeCoinCode } from '../../kernel/consensus/coin.ts';
import type { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import { readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { asTxid, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { copyRange, EMPTY_BYTES, equalRange } from '../../kernel/util/bytes.ts';
import type { AcceptChain } from './accept-chain.ts';
import type { Mempool } from './mempool.ts';

/** Coins of the mempool over those of the chain. */
export class MempoolCoins {
  readonly #mempool: Mempool;
  readonly #chain: AcceptChain;
  /** Transactions of the package that were looked at before. */
  #earlier: Transaction[] = [];
  readonly #coin: CoinRef = new CoinRef();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);

  constructor(mempool: Mempool, chain: AcceptChain) {
    this.#mempool = mempool;
    this.#chain = chain;
  }

  /** Lets later transactions of a package spend the outputs of this one (Core PackageAddTransaction). */
  addPackageTransaction(tx: Transaction): void {
    this.#earlier.push(tx);
  }

  /** Forgets the package. */
  clearPackage(): void {
    if (this.#earlier.length > 0) this.#earlier = [];
  }

  /**
   * Appends a copy of every coin that the transaction spends, as made by the next block where it is not in the chain yet. Stops at
   * the first input without one and returns its index; -1: all are there. A coin that is not known counts as missing; see
   * {@link unknownOutpoints}.
   */
  gather(tx: Transaction, into: SpentCoins): number {
    const { bytes, inputCount } = tx;
    for (let i = 0; i < inputCount; i++) {
      const at = tx.prevoutStart(i);
      const parent = this.#looseParent(bytes, at);
      const isThere = parent === null ? this.#readChainCoin(bytes, at) : this.#readOutput(parent, bytes, at);
      if (!isThere) return i;
      into.append(this.#coin);
    }
    return -1;
  }

  #readChainCoin(outpoints: Uint8Array, at: number): boolean {
    const { coins } = this.#chain;
    return coins.isKnown(outpoints, at) && coins.readCoin(outpoints, at, this.#coin);
  }

  #readOutput(parent: Transaction, outpoints: Uint8Array, at: number): boolean {
    const index = readU32(outpoints, at + HASH_BYTES);
    if (index >= parent.outputCount) return false;
    const code = encodeCoinCode(this.#chain.height + 1, false);
    this.#coin.point(parent.bytes, parent.outputStart(index), parent.outputEnd(index), code);
    return true;
  }

  /** The unconfirmed transaction that an outpoint names, or null. */
  #looseParent(outpoints: Uint8Array, at: number): Transaction | null {
    for (const tx of this.#earlier) {
      if (equalRange(tx.txid, 0, outpoints, at, HASH_BYTES)) return tx;
    }
    return this.#mempool.get(outpoints, at)?.transaction ?? null;
  }

  /** True when an output of the transaction is known to be a coin of the chain. Outputs that are not known are not asked for. */
  isInChain(tx: Transaction): boolean {
    const { coins } = this.#chain;
    const outpoint = this.#outpoint;
    copyRange(tx.txid, 0, outpoint, 0, HASH_BYTES);
    for (let j = 0; j < tx.outputCount; j++) {
      writeU32(outpoint, HASH_BYTES, j);
      if (coins.isKnown(outpoint, 0) && coins.hasCoin(outpoint, 0)) return true;
    }
    return false;
  }

  /**
   * Txids, without repetition, of the inputs from `first` on that neither the mempool nor the known coins have: what is asked of a
   * peer when a transaction came before its parents.
   */
  missingParents(tx: Transaction, first: number): Txid[] {
    const missing: Txid[] = [];
    const seen: Set<string> = new Set();
    for (let i = first; i < tx.inputCount; i++) {
      const at = tx.prevoutStart(i);
      if (!this.#isMissing(tx.bytes, at)) continue;
      const txid = new Uint8Array(HASH_BYTES);
      copyRange(tx.bytes, at, txid, 0, HASH_BYTES);
      const key = String.fromCharCode(...new Uint16Array(txid.buffer));
      if (!seen.has(key)) missing.push(asTxid(txid));
      seen.add(key);
    }
    return missing;
  }

  #isMissing(outpoints: Uint8Array, at: number): boolean {
    if (this.#looseParent(outpoints, at) !== null) return false;
    const { coins } = this.#chain;
    return !coins.isKnown(outpoints, at) || !coins.hasCoin(outpoints, at);
  }

  /**
   * Outpoints, 36 bytes each, whose coins must be fetched before {@link gather} can answer: at most `countMax` of them, or as many as
   * inputs have a coin already, so that many take few rounds. None when an input is known to have no coin, so that nobody makes this
   * node read a thousand coins for one that is missing (M10), unless `mayCome` says that the coin may yet be made by another
   * transaction.
   */
  unknownOutpoints(tx: Transaction, countMax: number, mayCome: MayCome = NOTHING_COMES): Uint8Array {
    const { coins } = this.#chain;
    const offsets: number[] = [];
    let foundCount = 0;
    for (let i = 0; i < tx.inputCount; i++) {
      const at = tx.prevoutStart(i);
      if (this.#looseParent(tx.bytes, at) !== null) continue;
      if (!coins.isKnown(tx.bytes, at)) offsets.push(at);
      else if (coins.hasCoin(tx.bytes, at)) foundCount++;
      else if (!mayCome(tx.bytes, at)) return EMPTY_BYTES;
    }
    if (offsets.length === 0) return EMPTY_BYTES;
    return packOutpoints(tx.bytes, offsets.slice(0, Math.max(countMax, foundCount)));
  }
}

/** Says of an outpoint without a coin whether its coin may yet be made by another transaction that is judged before. */
export type MayCome = (outpoints: Uint8Array, at: number) => boolean;

const NOTHING_COMES: MayCome = () => false;

function packOutpoints(bytes: Uint8Array, offsets: readonly number[]): Uint8Array {
  const packed = new Uint8Array(offsets.length * OUTPOINT_BYTES);
  offsets.forEach((at, i) => {
    copyRange(bytes, at, packed, i * OUTPOINT_BYTES, OUTPOINT_BYTES);
  });
  return packed;
}
