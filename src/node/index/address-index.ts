// What every script has and had (option -addressindex): its balance, its payments in order, its unspent coins, found by SHA-256 of the
// scriptPubKey; and beside it a summary of every block, with the sums of fees and rewards up to it. Core has no such index.
//
// Balances are sums over all blocks, so a block must be taken in exactly once. Therefore the checkpoint goes with every batch
// (ChainIndex.isCumulative), and of blocks that the chain itself does not have on the disk for good the moves are kept as bytes: after
// a crash that the chain came out of with fewer blocks they are taken back from there, without the blocks.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { KvStore } from '../../kernel/chain/ports.ts';
import { DecodeError } from '../../kernel/encoding/decode-error.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { AddressDraft } from './address-draft.ts';
import { collectMoves, decodeMoves, encodeMoves, hashScript } from './address-moves.ts';
import {
  decodeAccount,
  decodePayment,
  decodeUnspent,
  EMPTY_ACCOUNT,
  type PaymentRow,
  type ScriptAccount,
  type UnspentRow,
} from './address-rows.ts';
import { corruptIndex, putBlockRow, readBlockRows } from './block-rows.ts';
import {
  addToTotals,
  decodeSummaryRow,
  encodeSummaryRow,
  type LedgerTotals,
  NO_LEDGER_TOTALS,
  type SummaryRow,
  summarizeBlock,
} from './block-summary.ts';
import type { BlockPlace, ChainIndex, IndexedBlock } from './chain-index.ts';
import type { ChainReader } from './chain-reader.ts';
import { decodeCheckpoint, encodeCheckpointAt } from './checkpoint.ts';
import { IndexBatch } from './index-batch.ts';
import {
  accountKey,
  BEST_BLOCK_KEY,
  heightKey,
  JOURNAL_PREFIX,
  journalKey,
  paymentKey,
  unspentKey,
} from './index-layout.ts';
import { Pacer } from './pacer.ts';

/** A payment with its number among those of its script. */
export interface NumberedPayment extends PaymentRow {
  readonly number: number;
}

/** The index of addresses. */
export class AddressIndex implements ChainIndex {
  readonly name = 'addressindex';
  readonly needsUndo = true;
  readonly isCumulative = true;
  readonly #store: KvStore;
  readonly #reader: ChainReader;
  #totals: LedgerTotals = NO_LEDGER_TOTALS;
  #draft: AddressDraft | null = null;
  /** Blocks whose moves are kept as bytes, by their hashes; NO_ENTRY: nobody knows the block. */
  readonly #journaled: Map<string, BlockEntry> = new Map();

  constructor(store: KvStore, reader: ChainReader) {
    this.#store = store;
    this.#reader = reader;
  }

  // --- asking ---------------------------------------------------------------------------------------------------------

  /** What is counted of a script. Rejects with a StorageError. */
  async readAccount(scriptPubKey: Uint8Array): Promise<ScriptAccount> {
    const row = await this.#store.get(accountKey(hashScript(scriptPubKey)));
    return row === undefined ? EMPTY_ACCOUNT : this.#decode(() => decodeAccount(row));
  }

  /**
   * Payments of a script, the last ones first: up to `count` of those with numbers below `before`. Only these rows are read. Those
   * that a reorganisation takes away at this moment are left out. Rejects with a StorageError.
   */
  async readPayments(scriptPubKey: Uint8Array, before: number, count: number): Promise<readonly NumberedPayment[]> {
    const scriptHash = hashScript(scriptPubKey);
    const numbers = Array.from({ length: Math.min(before, count) }, (_, i) => before - 1 - i);
    const rows = await this.#store.getMany(numbers.map((number) => paymentKey(scriptHash, number)));
    const payments: NumberedPayment[] = [];
    rows.forEach((row, i) => {
      if (row !== undefined) payments.push({ ...this.#decode(() => decodePayment(row)), number: numbers[i]! });
    });
    return payments;
  }

  /** Unspent coins of a script in the order of their outpoints, up to `limit`. Rejects with a StorageError. */
  async readUnspent(scriptPubKey: Uint8Array, limit: number): Promise<readonly UnspentRow[]> {
    const coins: UnspentRow[] = [];
    if (limit <= 0) return coins;
    for await (const rows of this.#store.entries(unspentKey(hashScript(scriptPubKey), new Uint8Array(0)))) {
      for (const [key, value] of rows) {
        coins.push(this.#decode(() => decodeUnspent(key, value)));
        if (coins.length >= limit) return coins;
      }
    }
    return coins;
  }

  /** Summaries of blocks of the chain, in one read; null for those that are not taken in yet. Rejects with a StorageError. */
  async readSummaries(entries: readonly BlockEntry[]): Promise<readonly (SummaryRow | null)[]> {
    const places = entries.map((entry) => this.#reader.place(entry));
    const rows = await readBlockRows(this.#store, places);
    return rows.map((row) => (row === null ? null : this.#decodeSummary(row)));
  }

  #decode<T>(decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      if (error instanceof DecodeError) throw corruptIndex(this.name, error.message);
      throw error;
    }
  }

  #decodeSummary(row: Uint8Array): SummaryRow {
    const decoded = decodeSummaryRow(row);
    if (!decoded.ok) throw corruptIndex(this.name, decoded.error.message);
    return decoded.value;
  }

  // --- following ------------------------------------------------------------------------------------------------------

  /** Takes blocks back that the chain came without out of a crash. */
  async recover(): Promise<void> {
    const pacer = new Pacer(async () => {});
    for (let best = await this.#findLost(); best !== null; best = await this.#findLost()) {
      const { blockHash, journal } = best;
      const moves = decodeMoves(journal.subarray(HASH_BYTES));
      if (!moves.ok) throw corruptIndex(this.name, moves.error.message);
      const batch = new IndexBatch();
      const draft = new AddressDraft(this.#store, batch);
      await this.#guard(() => draft.takeBack(moves.value, pacer));
      draft.finish();
      batch.delete(journalKey(blockHash));
      batch.put(BEST_BLOCK_KEY, encodeCheckpointAt(asBlockHash(journal.slice(0, HASH_BYTES))));
      await this.#store.write(batch, false);
    }
  }

  /** The block of the checkpoint, if the chain may have lost it and it can be taken back; null otherwise. */
  async #findLost(): Promise<{ readonly blockHash: BlockHash; readonly journal: Uint8Array } | null> {
    const bytes = await this.#store.get(BEST_BLOCK_KEY);
    const decoded = bytes === undefined ? null : decodeCheckpoint(bytes);
    const blockHash = decoded?.ok === true ? decoded.value : null;
    if (blockHash === null) return null;
    const entry = this.#reader.index.find(blockHash);
    if (entry !== NO_ENTRY && this.#reader.isDurable(entry)) return null;
    const journal = await this.#store.get(journalKey(blockHash));
    return journal === undefined || journal.length < HASH_BYTES ? null : { blockHash, journal };
  }

  async load(best: BlockPlace | null): Promise<void> {
    this.#totals = best === null ? NO_LEDGER_TOTALS : await this.#readTotals(best.entry);
    for await (const rows of this.#store.entries(JOURNAL_PREFIX)) {
      for (const [key] of rows) {
        this.#journaled.set(toHex(key.subarray(1)), this.#reader.index.find(key, 1));
      }
    }
  }

  async #readTotals(entry: BlockEntry): Promise<LedgerTotals> {
    const [row] = await this.readSummaries([entry]);
    if (row === null || row === undefined) {
      throw corruptIndex(this.name, `no summary of the block at height ${this.#reader.index.height(entry)}`);
    }
    return row.totals;
  }

  async append(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    const draft = this.#draftOf(batch);
    const moves = await collectMoves(block, pacer);
    await this.#guard(() => draft.apply(moves, block.height, pacer));
    const summary = summarizeBlock(block.block, block.undo);
    this.#totals = addToTotals(this.#totals, block.height, summary);
    putBlockRow(batch, block, encodeSummaryRow({ summary, totals: this.#totals }));
    if (block.height === 0 || this.#reader.isDurable(block.entry)) return;
    const parentHash = this.#reader.index.blockHash(block.parent);
    batch.put(journalKey(block.blockHash), concatBytes(parentHash, encodeMoves(moves)));
    this.#journaled.set(toHex(block.blockHash), block.entry);
  }

  async remove(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    const draft = this.#draftOf(batch);
    const moves = await collectMoves(block, pacer);
    await this.#guard(() => draft.takeBack(moves, pacer));
    batch.delete(heightKey(block.height));
    if (this.#journaled.delete(toHex(block.blockHash))) batch.delete(journalKey(block.blockHash));
    this.#totals = await this.#readTotals(block.parent);
  }

  async saveState(batch: IndexBatch): Promise<void> {
    this.#draftOf(batch).finish();
    this.#draft = null;
  }

  /** The rows of a batch; at its beginning moves go that the chain has no need of any more. */
  #draftOf(batch: IndexBatch): AddressDraft {
    if (this.#draft?.isOf(batch) === true) return this.#draft;
    for (const [name, entry] of this.#journaled) {
      if (entry !== NO_ENTRY && !this.#reader.isDurable(entry)) continue;
      this.#journaled.delete(name);
      batch.delete(journalKey(fromHex(name)));
    }
    this.#draft = new AddressDraft(this.#store, batch);
    return this.#draft;
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof DecodeError) throw corruptIndex(this.name, error.message);
      throw error;
    }
  }
}
