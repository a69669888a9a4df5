// The coins on disk: a key-value store with every coin of the ledger, and which block they belong to (Core CCoinsViewDB). Coins
// change in updates of one or many batches. An update that did not fit one batch and was cut short leaves the store *between*
// two blocks: `H` names them, new and old, and every coin is as after one of the two. Replaying the blocks between mends it.
//
// In a durable update every batch is durable, not the last alone. LevelDB syncs only the journal file at hand when asked to: a
// power cut could take the end of the one before and leave the batch that says all is well. Measured, this costs nothing.

import { CoinRef } from '../consensus/coin.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { DecodeError } from '../encoding/decode-error.ts';
import { ByteReader } from '../encoding/reader.ts';
import { readVarint, varintLength, writeVarintAt } from '../encoding/varint.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { assert } from '../util/assert.ts';
import { concatBytes, EMPTY_BYTES, equalBytes } from '../util/bytes.ts';
import { CoinCodec, type KeyCurve } from './coin-codec.ts';
import {
  BEST_BLOCK_KEY,
  COIN_KEY_BYTES_MAX,
  COIN_PREFIX,
  COINS_FORMAT,
  COINS_FORMAT_KEY,
  COINS_STORE_NAME,
  HEAD_BLOCKS_KEY,
  OBFUSCATION_KEY,
  readCoinKey,
  writeCoinKeyAt,
} from './layout.ts';
import { type KvStore, StorageError } from './ports.ts';

/** The blocks between which an update was cut short: the new one, and the old one or {@link NO_BLOCK}. */
export type HeadBlocks = readonly [to: BlockHash, from: BlockHash];

/** In place of the old block of a store that held no coins yet. */
export const NO_BLOCK: BlockHash = asBlockHash(new Uint8Array(HASH_BYTES));

/** A coin as it is stored. */
export type CoinEntryBytes = readonly [key: Uint8Array, value: Uint8Array];

/** How to open a {@link CoinsStore}. */
export interface CoinsStoreOptions {
  /** Restores uncompressed keys; any backend gives the same coins. JavaScript's if none is given. */
  readonly curve?: KeyCurve;
  /** Bytes of keys and values that an update writes at a time (Core -dbbatchsize). */
  readonly batchBytes?: number;
}

/** The coins of a ledger in a key-value store. */
export class CoinsStore {
  readonly #kv: KvStore;
  readonly #codec: CoinCodec;
  readonly #batchBytes: number;
  #bestBlock: BlockHash | null;
  #headBlocks: HeadBlocks | null;

  private constructor(kv: KvStore, options: CoinsStoreOptions, marks: Marks) {
    this.#kv = kv;
    this.#codec = new CoinCodec(options.curve ?? nobleSecp256k1);
    this.#batchBytes = options.batchBytes ?? BATCH_BYTES;
    this.#bestBlock = marks.bestBlock;
    this.#headBlocks = marks.headBlocks;
  }

  /** Opens the store, empty or not. Throws StorageError when it holds something else than coins of ours. */
  static async open(kv: KvStore, options: CoinsStoreOptions = {}): Promise<CoinsStore> {
    return new CoinsStore(kv, options, await readMarks(kv));
  }

  /** The block whose coins the store holds; null when it holds none, or a mixture. */
  get bestBlock(): BlockHash | null {
    return this.#bestBlock;
  }

  /** The blocks between which an update was cut short, or null. */
  get headBlocks(): HeadBlocks | null {
    return this.#headBlocks;
  }

  /** Values of the coins with these keys, for {@link decodeCoin}, in one wait. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#kv.getMany(keys);
  }

  /** Points `coin` at the coin of a value, until the next call. */
  decodeCoin(value: Uint8Array, coin: CoinRef): CoinRef {
    try {
      const reader = new ByteReader(value);
      this.#codec.readCoin(reader, coin);
      reader.finish('coin');
      return coin;
    } catch (error) {
      throw corruptCoins(error, 'a coin cannot be read');
    }
  }

  /** Throws unless what is stored is what was written, see {@link KvStore.verify}. */
  verify(): Promise<void> {
    return this.#kv.verify();
  }

  /**
   * Calls `visit` for every coin in the order of the keys: by txid, and within a transaction by the VARINT of the index. The
   * arguments are good during the call.
   */
  async forEachCoin(visit: (outpoint: Uint8Array, coin: CoinRef) => void, pauses: Pauses = NO_PAUSES): Promise<void> {
    const outpoint = new Uint8Array(OUTPOINT_BYTES);
    const coin = new CoinRef();
    let count = 0;
    for await (const entries of this.#kv.entries(COIN_PREFIX)) {
      for (const [key, value] of entries) {
        if (++count % COINS_PER_LOOK === 0 && pauses.isDue) await pauses.pause();
        if (!readCoinKey(key, outpoint)) throw corruptCoins(null, 'the key of a coin cannot be read');
        visit(outpoint, this.decodeCoin(value, coin));
      }
    }
  }

  /** Keys and values of all coins as they are stored, in order: as of the moment when the walk begins. */
  entries(): AsyncIterable<readonly CoinEntryBytes[]> {
    return this.#kv.entries(COIN_PREFIX);
  }

  /** Begins an update to the coins of `bestBlock`; one at a time. */
  beginUpdate(bestBlock: BlockHash, durable: boolean): CoinsUpdate {
    const head = this.#headBlocks;
    assert(head === null || equalBytes(head[0], bestBlock), 'coins: an interrupted update can only be finished');
    const from = head === null ? (this.#bestBlock ?? NO_BLOCK) : head[1];
    const step = { to: bestBlock, from, durable, batchBytes: this.#batchBytes };
    return new CoinsUpdate(this.#kv, this.#codec, step, (marks) => {
      this.#bestBlock = marks.bestBlock;
      this.#headBlocks = marks.headBlocks;
    });
  }
}

/** When a long walk lets others have their turn. */
export interface Pauses {
  /** True when it is time for a pause. */
  readonly isDue: boolean;
  pause(): Promise<void>;
}

const NO_PAUSES: Pauses = Object.freeze({ isDue: false, pause: () => Promise.resolve() });

/** Coins between two looks at whether a pause is due: the dearest visit, MuHash, takes some 30 µs. */
const COINS_PER_LOOK = 64;

/** What an update leads to and from. */
interface UpdateStep {
  readonly to: BlockHash;
  readonly from: BlockHash;
  readonly durable: boolean;
  readonly batchBytes: number;
}

/**
 * Bytes of keys and values in one batch. Measured with LevelDB: from half a MiB to sixteen a coin costs the same, while a larger
 * batch holds the thread for longer and keeps more garbage (each key and value is an object of some hundred bytes).
 */
const BATCH_BYTES = 524_288;

/** Room beyond a batch for the entry that makes it full. */
const ENTRY_BYTES = 1024;

/** Changes on their way into the store: add some, write a part whenever it is full, and finish. After a failure, nothing more. */
export class CoinsUpdate {
  readonly #kv: KvStore;
  readonly #codec: CoinCodec;
  readonly #step: UpdateStep;
  readonly #report: (marks: Marks) => void;
  #puts: Uint8Array[] = [];
  #deletes: Uint8Array[] = [];
  #batchBytes = 0;
  /** Where keys and values lie; never written again once the store has seen it. */
  #bytes: Uint8Array = EMPTY_BYTES;
  #used = 0;
  #isMarked = false;
  /** The batch on its way into the store. */
  #writing: Promise<void> = Promise.resolve();

  constructor(kv: KvStore, codec: CoinCodec, step: UpdateStep, report: (marks: Marks) => void) {
    this.#kv = kv;
    this.#codec = codec;
    this.#step = step;
    this.#report = report;
  }

  /** True when a part should be written before more is added. */
  get isFull(): boolean {
    return this.#batchBytes >= this.#step.batchBytes;
  }

  putCoin(outpoints: Uint8Array, at: number, coin: CoinRef): void {
    this.#reserve(COIN_KEY_BYTES_MAX + this.#codec.coinBytesMax(coin));
    const bytes = this.#bytes;
    const start = this.#used;
    const valueStart = writeCoinKeyAt(bytes, start, outpoints, at);
    const end = this.#codec.writeCoinAt(bytes, valueStart, coin);
    this.#puts.push(bytes.subarray(start, valueStart), bytes.subarray(valueStart, end));
    this.#take(end);
  }

  deleteCoin(outpoints: Uint8Array, at: number): void {
    this.#reserve(COIN_KEY_BYTES_MAX);
    const end = writeCoinKeyAt(this.#bytes, this.#used, outpoints, at);
    this.#deletes.push(this.#bytes.subarray(this.#used, end));
    this.#take(end);
  }

  /**
   * Hands on what was added so far; the store is between two blocks from then on. Resolves when the part before is written, so
   * that the next part is made while this one is: the store works on threads of its own.
   */
  async writePart(): Promise<void> {
    const { to, from } = this.#step;
    if (!this.#isMarked) {
      this.#deletes.push(BEST_BLOCK_KEY);
      this.#puts.push(HEAD_BLOCKS_KEY, encodeHeadBlocks(to, from), COINS_FORMAT_KEY, encodeFormat());
      this.#isMarked = true;
    }
    await this.#writeBehind({ bestBlock: null, headBlocks: [to, from] });
  }

  /** Writes the rest; the store is at the new block from then on. */
  async finish(): Promise<void> {
    const bestBlock = asBlockHash(this.#step.to.slice());
    this.#deletes.push(HEAD_BLOCKS_KEY);
    this.#puts.push(BEST_BLOCK_KEY, bestBlock, COINS_FORMAT_KEY, encodeFormat());
    await this.#writeBehind({ bestBlock, headBlocks: null });
    await this.#writing;
  }

  /** Gives the update up: resolves when nothing of it is on its way any more. The store may be between two blocks. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  /** Begins to write the batch when the one before is written. A failure of either shows here or at the next call. */
  async #writeBehind(marks: Marks): Promise<void> {
    const batch = { puts: this.#puts, deletes: this.#deletes };
    this.#puts = [];
    this.#deletes = [];
    this.#batchBytes = 0;
    this.#bytes = EMPTY_BYTES;
    this.#used = 0;
    await this.#writing;
    this.#writing = this.#kv.write(batch, this.#step.durable).then(() => {
      this.#report(marks);
    });
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(Math.max(this.#step.batchBytes + ENTRY_BYTES, length));
    this.#used = 0;
  }

  #take(end: number): void {
    this.#batchBytes += end - this.#used;
    this.#used = end;
  }
}

/** Which blocks the coins of a store belong to. */
interface Marks {
  readonly bestBlock: BlockHash | null;
  readonly headBlocks: HeadBlocks | null;
}

async function readMarks(kv: KvStore): Promise<Marks> {
  const [best, head, format, mask] = await kv.getMany([
    BEST_BLOCK_KEY,
    HEAD_BLOCKS_KEY,
    COINS_FORMAT_KEY,
    OBFUSCATION_KEY,
  ]);
  if (mask !== undefined) refuseFormat('written by other software, which masks its values');
  checkFormat(format, best !== undefined || head !== undefined);
  if (best !== undefined && head !== undefined) throw corruptCoins(null, 'marks of two states');
  if (best !== undefined && best.length !== HASH_BYTES)
    throw corruptCoins(null, 'the hash of the best block has a bad length');
  return {
    bestBlock: best === undefined ? null : asBlockHash(best),
    headBlocks: head === undefined ? null : decodeHeadBlocks(head),
  };
}

function checkFormat(bytes: Uint8Array | undefined, hasCoins: boolean): void {
  if (bytes === undefined) {
    if (hasCoins) refuseFormat('written by other software');
    return;
  }
  let format: number;
  try {
    format = readVarint(new ByteReader(bytes), 'format');
  } catch (error) {
    throw corruptCoins(error, 'the format cannot be read');
  }
  if (format !== COINS_FORMAT) refuseFormat(`format ${format}, and this program knows format ${COINS_FORMAT}`);
}

function refuseFormat(why: string): never {
  throw new StorageError('incompatible', COINS_STORE_NAME, `coins database: ${why}`);
}

function encodeFormat(): Uint8Array {
  const bytes = new Uint8Array(varintLength(COINS_FORMAT));
  writeVarintAt(bytes, 0, COINS_FORMAT);
  return bytes;
}

/** A vector of two hashes. */
const HEAD_BLOCKS_BYTES = 1 + 2 * HASH_BYTES;

function encodeHeadBlocks(to: BlockHash, from: BlockHash): Uint8Array {
  return concatBytes(Uint8Array.of(2), to, from);
}

function decodeHeadBlocks(bytes: Uint8Array): HeadBlocks {
  if (bytes.length !== HEAD_BLOCKS_BYTES || bytes[0] !== 2)
    throw corruptCoins(null, 'the marks of an update cannot be read');
  return [asBlockHash(bytes.slice(1, 1 + HASH_BYTES)), asBlockHash(bytes.slice(1 + HASH_BYTES))];
}

/** What is thrown for bytes in the store that no program of ours wrote there; other errors pass. */
function corruptCoins(error: unknown, what: string): unknown {
  if (error !== null && !(error instanceof DecodeError)) return error;
  const cause = error === null ? undefined : { cause: error };
  return new StorageError('corrupt', COINS_STORE_NAME, `coins database: ${what}`, cause);
}
