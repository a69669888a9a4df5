// Figures of the set of all coins at every block (Core index/coinstatsindex.cpp, option -coinstatsindex): counts, amounts, what was
// lost and why, and the MuHash of the set, which grows and shrinks with it. A row per block answers for its height at once, where
// counting would take minutes.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { KvStore } from '../../kernel/chain/ports.ts';
import { BOGO_BYTES } from '../../kernel/chain/utxo-hash.ts';
import { isListed, OVERWRITTEN_BLOCKS } from '../../kernel/consensus/bip30.ts';
import type { ConsensusParams } from '../../kernel/consensus/params.ts';
import { getBlockSubsidy } from '../../kernel/consensus/subsidy.ts';
import { MuHash3072 } from '../../kernel/crypto/muhash.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { type WalkedCoin, walkCoins } from './block-coins.ts';
import { corruptIndex, keepRowOfRemoved, putBlockRow, readBlockRow } from './block-rows.ts';
import type { BlockPlace, ChainIndex, IndexedBlock } from './chain-index.ts';
import type { ChainReader } from './chain-reader.ts';
import {
  type CoinStats,
  type CoinTotals,
  decodeCoinStats,
  encodeCoinStats,
  NO_TOTALS,
  withUnclaimed,
} from './coin-totals.ts';
import type { IndexBatch } from './index-batch.ts';
import { MUHASH_KEY } from './index-layout.ts';
import type { Pacer } from './pacer.ts';

/** What a coin costs, in microseconds: a product of numbers of 3072 bits. */
const COIN_US = 25;

/** The index of figures. */
export class CoinStatsIndex implements ChainIndex {
  readonly name = 'coinstatsindex';
  readonly needsUndo = true;
  readonly #store: KvStore;
  readonly #reader: ChainReader;
  readonly #consensus: ConsensusParams;
  #muhash: MuHash3072 = new MuHash3072();
  #totals: CoinTotals = NO_TOTALS;

  constructor(store: KvStore, reader: ChainReader, consensus: ConsensusParams) {
    this.#store = store;
    this.#reader = reader;
    this.#consensus = consensus;
  }

  /** The figures of the set as it is after a block; null when they are not known yet. Throws StorageError. */
  async read(entry: BlockEntry): Promise<CoinStats | null> {
    const row = await readBlockRow(this.#store, this.#reader.place(entry));
    return row === null ? null : decodeCoinStats(row);
  }

  async load(best: BlockPlace | null): Promise<void> {
    this.#muhash = new MuHash3072();
    this.#totals = NO_TOTALS;
    if (best === null) return;
    const saved = await this.#store.get(MUHASH_KEY);
    const muhash = saved === undefined ? null : MuHash3072.decode(saved);
    const stats = await this.read(best.entry);
    if (muhash === null || stats === null || !equalBytes(muhash.digest(), stats.muhash)) {
      throw corruptIndex(this.name, `the figures at height ${best.height} are not those of its coins`);
    }
    this.#muhash = muhash;
    this.#totals = stats;
  }

  async append(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    const subsidySat = getBlockSubsidy(block.height, this.#consensus);
    const sums = new BlockSums(this.#totals, subsidySat);
    if (block.height === 0) sums.genesisSat += subsidySat;
    else {
      const isOverwritten = this.#isOverwritten(block);
      if (isOverwritten) sums.bip30Sat += subsidySat;
      for (const coin of walkCoins(block, isOverwritten)) {
        sums.count(coin);
        if (coin.change === 'made') this.#muhash.insert(coin.bytes, 0, coin.length);
        else if (coin.change === 'spent') this.#muhash.remove(coin.bytes, 0, coin.length);
        if (pacer.spend(COIN_US)) await pacer.pause();
      }
    }
    this.#totals = withUnclaimed(sums.totals());
    putBlockRow(batch, block, encodeCoinStats({ ...this.#totals, muhash: this.#muhash.digest() }));
  }

  async remove(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    await keepRowOfRemoved(this.#store, batch, block, this.name);
    const before = await this.read(block.parent);
    if (before === null) throw corruptIndex(this.name, `no figures at height ${block.height - 1}`);
    for (const coin of walkCoins(block, this.#isOverwritten(block))) {
      if (coin.change === 'made') this.#muhash.remove(coin.bytes, 0, coin.length);
      else if (coin.change === 'spent') this.#muhash.insert(coin.bytes, 0, coin.length);
      if (pacer.spend(COIN_US)) await pacer.pause();
    }
    this.#totals = before;
  }

  async saveState(batch: IndexBatch): Promise<void> {
    batch.put(MUHASH_KEY, this.#muhash.encode());
  }

  #isOverwritten({ height, blockHash }: IndexedBlock): boolean {
    return isListed(OVERWRITTEN_BLOCKS, height, blockHash);
  }
}

/** Totals while a block is added to them. */
class BlockSums {
  readonly #before: CoinTotals;
  readonly #subsidySat: number;
  genesisSat: number;
  bip30Sat: number;
  #scriptsSat: number;
  #coinCount: number;
  #bogoSize: number;
  #totalSat: number;
  #spentSat: bigint;
  #createdSat: bigint;
  #coinbaseSat: bigint;

  constructor(before: CoinTotals, subsidySat: number) {
    this.#before = before;
    this.#subsidySat = subsidySat;
    this.genesisSat = before.lost.genesisSat;
    this.bip30Sat = before.lost.bip30Sat;
    this.#scriptsSat = before.lost.scriptsSat;
    this.#coinCount = before.coinCount;
    this.#bogoSize = before.bogoSize;
    this.#totalSat = before.totalSat;
    this.#spentSat = before.spentSat;
    this.#createdSat = before.createdSat;
    this.#coinbaseSat = before.coinbaseSat;
  }

  count({ change, valueSat, scriptBytes, isCoinbase }: WalkedCoin): void {
    if (change === 'unspendable') {
      this.#scriptsSat += valueSat;
      return;
    }
    const sign = change === 'made' ? 1 : -1;
    this.#coinCount += sign;
    this.#totalSat += sign * valueSat;
    this.#bogoSize += sign * (BOGO_BYTES + scriptBytes);
    if (change === 'spent') this.#spentSat += BigInt(valueSat);
    else if (isCoinbase) this.#coinbaseSat += BigInt(valueSat);
    else this.#createdSat += BigInt(valueSat);
  }

  totals(): CoinTotals {
    return {
      coinCount: this.#coinCount,
      bogoSize: this.#bogoSize,
      totalSat: this.#totalSat,
      subsidySat: this.#before.subsidySat + this.#subsidySat,
      spentSat: this.#spentSat,
      createdSat: this.#createdSat,
      coinbaseSat: this.#coinbaseSat,
      lost: {
        genesisSat: this.genesisSat,
        bip30Sat: this.bip30Sat,
        scriptsSat: this.#scriptsSat,
        unclaimedSat: this.#before.lost.unclaimedSat,
      },
    };
  }
}
