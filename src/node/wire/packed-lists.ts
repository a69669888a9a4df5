// Lists that stay in the bytes they came in: a message may promise hundreds of thousands of small items, and a list of them costs
// no object per item until one is asked for (W05). Each is checked once, by the codec that makes it; positions beyond `count` are
// the caller's fault. A list shares memory with its message: what is kept longer is copied.

import { readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { Transaction } from '../../kernel/primitives/transaction.ts';
import type { NetAddress } from './net-address.ts';

/** Bytes of an inventory item: its type, then a hash. */
export const INVENTORY_ITEM_BYTES: number = 4 + HASH_BYTES;

/** An item as plain data, to build a list of. */
export interface InventoryItem {
  /** uint32: one of MSG_…, or anything else. */
  readonly type: number;
  /** Txid, wtxid or block hash, as the type says. */
  readonly hash: Uint8Array;
}

/** Items of `inv`, `getdata` and `notfound` (Core std::vector<CInv>). */
export class InventoryList {
  /** {@link INVENTORY_ITEM_BYTES} of each item, one after another. */
  readonly bytes: Uint8Array;
  readonly count: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.count = bytes.length / INVENTORY_ITEM_BYTES;
  }

  /** A list of items, copied. */
  static of(items: readonly InventoryItem[]): InventoryList {
    const bytes = new Uint8Array(INVENTORY_ITEM_BYTES * items.length);
    items.forEach(({ type, hash }, i) => {
      writeU32(bytes, INVENTORY_ITEM_BYTES * i, type);
      bytes.set(hash, INVENTORY_ITEM_BYTES * i + 4);
    });
    return new InventoryList(bytes);
  }

  /** Type of item `i`, uint32. */
  type(i: number): number {
    return readU32(this.bytes, INVENTORY_ITEM_BYTES * i);
  }

  /** Hash of item `i`, as a view. */
  hash(i: number): Uint8Array {
    const at = INVENTORY_ITEM_BYTES * i + 4;
    return this.bytes.subarray(at, at + HASH_BYTES);
  }
}

/** Hashes of one kind: locators, filter hashes and filter headers. */
export class HashList<Hash extends Uint8Array = Uint8Array> {
  /** 32 bytes of each hash, one after another. */
  readonly bytes: Uint8Array;
  readonly count: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.count = bytes.length / HASH_BYTES;
  }

  /** A list of hashes, copied. */
  static of<Hash extends Uint8Array>(hashes: readonly Hash[]): HashList<Hash> {
    const bytes = new Uint8Array(HASH_BYTES * hashes.length);
    hashes.forEach((hash, i) => {
      bytes.set(hash, HASH_BYTES * i);
    });
    return new HashList(bytes);
  }

  /** Hash `i`, as a view. */
  hash(i: number): Hash {
    return this.bytes.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1)) as Hash;
  }
}

/** An address as it is passed on (Core CAddress). */
export interface AddressEntry {
  /** When it was last heard of, seconds since 1970, uint32. A claim of whoever sends it. */
  readonly timeSec: number;
  /** Service bits, all 64. A claim, too. */
  readonly services: bigint;
  readonly address: NetAddress;
}

/** Addresses of `addr` and `addrv2`: read one by one from their bytes, or held as they were given. */
export class AddressList {
  readonly count: number;
  readonly #read: (i: number) => AddressEntry;

  /** For codecs: `read` gives entry `i` of bytes that were checked before. */
  constructor(count: number, read: (i: number) => AddressEntry) {
    this.count = count;
    this.#read = read;
  }

  /** A list of these entries. */
  static of(entries: readonly AddressEntry[]): AddressList {
    return new AddressList(entries.length, (i) => entries[i]!);
  }

  /**
   * Entry `i`. One of a network that we do not know holds an address that is not valid, as in Core: it counts, and is of no use.
   * Its bytes are its own, so that it may be kept.
   */
  entry(i: number): AddressEntry {
    return this.#read(i);
  }

  *[Symbol.iterator](): IterableIterator<AddressEntry> {
    for (let i = 0; i < this.count; i++) yield this.entry(i);
  }
}

/** Transactions of a `blocktxn`: views of one buffer, or those given. */
export class TransactionList {
  readonly count: number;
  readonly #read: (i: number) => Transaction;
  readonly #known: (Transaction | undefined)[] = [];

  private constructor(count: number, read: (i: number) => Transaction) {
    this.count = count;
    this.#read = read;
  }

  /** A list of these transactions. */
  static of(transactions: readonly Transaction[]): TransactionList {
    return new TransactionList(transactions.length, (i) => transactions[i]!);
  }

  /** For scanners: `records[i]` is the record of transaction `i` in `words`, written by scanTransaction. */
  static scanned(bytes: Uint8Array, words: Uint32Array, records: Uint32Array): TransactionList {
    return new TransactionList(records.length, (i) => new Transaction(bytes, words, records[i]!));
  }

  /** Transaction `i`; the same object each time. */
  transaction(i: number): Transaction {
    const known = this.#known[i];
    if (known !== undefined) return known;
    const transaction = this.#read(i);
    this.#known[i] = transaction;
    return transaction;
  }
}
