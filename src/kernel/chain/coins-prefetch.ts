// Which coins a block will ask for, gathered before it is connected or disconnected, so that they come from the store in one wait
// and consensus itself never waits. What the cache or an overlay knows already is left out; and so is what an earlier transaction
// of the same block makes, unless it cannot be found there: then the store is asked, and says that there is nothing.

import { readU32, writeU32 } from '../encoding/numbers.ts';
import type { Block } from '../primitives/block.ts';
import { HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { isUnspendable } from '../script/script.ts';
import { copyRange } from '../util/bytes.ts';
import { HashMap, HashSet } from '../util/hash-map.ts';
import type { Rng } from '../util/prng.ts';

/** The part of a coins cache that fetching needs. */
export interface CoinsFetcher {
  isKnown(outpoints: Uint8Array, at: number): boolean;
  fetch(outpoints: Uint8Array, count: number): Promise<void>;
}

/** The part of an overlay that fetching needs. */
export interface CoinChanges {
  hasChange(outpoints: Uint8Array, at: number): boolean;
}

/** Gathers outpoints and fetches them. One owner, one block at a time; its memory is used again and again. */
export class CoinsPrefetch {
  readonly #coins: CoinsFetcher;
  #outpoints: Uint8Array = new Uint8Array(256 * OUTPOINT_BYTES);
  #count = 0;
  readonly #scratch: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  /** Position of each transaction of the block, filled in when the first coin is missing. */
  readonly #positions: HashMap;
  /** Outputs of the block that one of its transactions has spent. */
  readonly #spentInside: HashSet;

  /** `rng` salts tables of txids, which attackers can grind. */
  constructor(coins: CoinsFetcher, rng: Rng) {
    this.#coins = coins;
    this.#positions = new HashMap({ keyBytes: HASH_BYTES, values: 'int32' }, rng);
    this.#spentInside = new HashSet({ keyBytes: OUTPOINT_BYTES }, rng);
  }

  /**
   * Fetches what connecting a block over `changes` (overlays, the topmost first) will ask the cache for. `withOutputs`: also
   * whether coins are in the way of its outputs (BIP30).
   */
  async fetchForConnect(block: Block, changes: readonly CoinChanges[], withOutputs: boolean): Promise<void> {
    this.#count = 0;
    this.#gatherSpends(block, changes);
    if (withOutputs) this.#gatherOutputs(block, changes);
    if (this.#count > 0) await this.#coins.fetch(this.#outpoints, this.#count);
  }

  /** Fetches what taking a block off, or applying it without checks, will ask the cache for. */
  async fetchForReplay(block: Block, changes: readonly CoinChanges[]): Promise<void> {
    this.#count = 0;
    for (let i = 1; i < block.txCount; i++) {
      const tx = block.transaction(i);
      for (let k = 0; k < tx.inputCount; k++) this.#addUnknown(tx.bytes, tx.prevoutStart(k), changes);
    }
    this.#gatherOutputs(block, changes);
    if (this.#count > 0) await this.#coins.fetch(this.#outpoints, this.#count);
  }

  #gatherSpends(block: Block, changes: readonly CoinChanges[]): void {
    let hasPositions = false;
    for (let i = 1; i < block.txCount; i++) {
      const tx = block.transaction(i);
      for (let k = 0; k < tx.inputCount; k++) {
        const at = tx.prevoutStart(k);
        if (this.#isKnown(tx.bytes, at, changes)) continue;
        if (!hasPositions) {
          this.#fillPositions(block);
          hasPositions = true;
        }
        if (!this.#isMadeInside(block, i, tx.bytes, at)) this.#add(tx.bytes, at);
      }
    }
  }

  #fillPositions(block: Block): void {
    this.#positions.clear();
    this.#spentInside.clear();
    const txids = block.txids();
    for (let i = 0; i < block.txCount; i++) this.#positions.set(txids, i * HASH_BYTES, i);
  }

  /** True when an earlier transaction of the block surely leaves this coin in the overlay, for the first one who asks. */
  #isMadeInside(block: Block, txIndex: number, outpoints: Uint8Array, at: number): boolean {
    const position = this.#positions.get(outpoints, at);
    if (position === undefined || position >= txIndex) return false;
    const maker = block.transaction(position);
    const output = readU32(outpoints, at + HASH_BYTES);
    if (output >= maker.outputCount || isUnspendableOutput(maker, output)) return false;
    return this.#spentInside.add(outpoints, at);
  }

  #gatherOutputs(block: Block, changes: readonly CoinChanges[]): void {
    const outpoint = this.#scratch;
    const txids = block.txids();
    for (let i = 0; i < block.txCount; i++) {
      const tx = block.transaction(i);
      copyRange(txids, i * HASH_BYTES, outpoint, 0, HASH_BYTES);
      for (let j = 0; j < tx.outputCount; j++) {
        writeU32(outpoint, HASH_BYTES, j);
        this.#addUnknown(outpoint, 0, changes);
      }
    }
  }

  #isKnown(outpoints: Uint8Array, at: number, changes: readonly CoinChanges[]): boolean {
    if (this.#coins.isKnown(outpoints, at)) return true;
    for (const layer of changes) {
      if (layer.hasChange(outpoints, at)) return true;
    }
    return false;
  }

  #addUnknown(outpoints: Uint8Array, at: number, changes: readonly CoinChanges[]): void {
    if (!this.#isKnown(outpoints, at, changes)) this.#add(outpoints, at);
  }

  #add(outpoints: Uint8Array, at: number): void {
    const end = (this.#count + 1) * OUTPOINT_BYTES;
    if (end > this.#outpoints.length) {
      const grown = new Uint8Array(2 * this.#outpoints.length);
      grown.set(this.#outpoints);
      this.#outpoints = grown;
    }
    copyRange(outpoints, at, this.#outpoints, end - OUTPOINT_BYTES, OUTPOINT_BYTES);
    this.#count++;
  }
}

function isUnspendableOutput(tx: Transaction, output: number): boolean {
  return isUnspendable(tx.bytes, tx.scriptPubKeyStart(output), tx.scriptPubKeyEnd(output));
}
