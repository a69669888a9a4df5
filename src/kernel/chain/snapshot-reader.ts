// Reading a file of all unspent coins (snapshot.ts) from who knows where: everything is looked at, nothing is believed. Core's sentences
// for what is wrong (node/utxo_snapshot.h, PopulateAndValidateSnapshot). It reads in pieces and keeps none.

import { CoinRef } from '../consensus/coin.ts';
import { decodeResult } from '../encoding/decode-error.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { ByteReader } from '../encoding/reader.ts';
import { isMoneyRange } from '../primitives/amount.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { compareBytes, equalBytes } from '../util/bytes.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { CoinCodec } from './coin-codec.ts';
import type { Pauses } from './coins-store.ts';
import type { FileHandle } from './ports.ts';
import { SNAPSHOT_HEAD_BYTES, SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from './snapshot.ts';
import { UtxoHasher, type UtxoStats } from './utxo-hash.ts';

/** Bytes that are read at a time; more than the largest coin of a transaction needs. */
const PIECE_BYTES: number = 4 * 2 ** 20;

/** When less than this is left in memory, more is read: a coin has a script of at most 10,000 bytes that could ever be spent. */
const LOW_BYTES: number = 2 ** 20;

/** What the head of a file says. */
export interface SnapshotMetadata {
  readonly baseHash: BlockHash;
  readonly coinCount: number;
}

/** Reads the head. `magic` is that of the network here; the error is a sentence. */
export function readSnapshotHead(bytes: Uint8Array, magic: Uint8Array): Result<SnapshotMetadata, string> {
  if (bytes.length < SNAPSHOT_HEAD_BYTES) return err('The file is too short for a snapshot.');
  if (!equalBytes(bytes.subarray(0, SNAPSHOT_MAGIC.length), SNAPSHOT_MAGIC)) {
    return err(
      'Invalid UTXO set snapshot magic bytes. Please check if this is indeed a snapshot file or if you are using an outdated snapshot format.',
    );
  }
  const version = bytes[5]! + bytes[6]! * 256;
  if (version !== SNAPSHOT_VERSION) {
    return err(`Version of snapshot ${version} does not match any of the supported versions.`);
  }
  if (!equalBytes(bytes.subarray(7, 11), magic)) {
    return err('The network of the snapshot does not match the network of this node.');
  }
  const coinCount = readU32(bytes, 43) + readU32(bytes, 47) * 2 ** 32;
  return ok({ baseHash: asBlockHash(bytes.slice(11, 11 + HASH_BYTES)), coinCount });
}

/** A file that is read from front to back. */
class FileWindow {
  readonly #file: FileHandle;
  readonly #size: number;
  #position: number;
  #bytes: Uint8Array = new Uint8Array(0);
  reader: ByteReader = new ByteReader(this.#bytes);

  constructor(file: FileHandle, size: number, start: number) {
    this.#file = file;
    this.#size = size;
    this.#position = start;
  }

  /** True when nothing is left, read or unread. */
  get isAtEnd(): boolean {
    return this.#position === this.#size && this.reader.remaining === 0;
  }

  /** Reads on when little is left. */
  async fill(): Promise<void> {
    const left = this.reader.remaining;
    if (left >= LOW_BYTES || this.#position === this.#size) return;
    const length = Math.min(PIECE_BYTES, this.#size - this.#position);
    const more = await this.#file.read(this.#position, length);
    const joined = new Uint8Array(left + length);
    joined.set(this.#bytes.subarray(this.#bytes.length - left));
    joined.set(more, left);
    this.#position += length;
    this.#bytes = joined;
    this.reader = new ByteReader(joined);
  }
}

/** Reads all coins and tells their figures; the error is a sentence. `baseHeight` is the height of the block of the file. */
export async function readSnapshotCoins(
  file: FileHandle,
  { coinCount }: SnapshotMetadata,
  baseHeight: number,
  codec: CoinCodec,
  pauses: Pauses,
): Promise<Result<UtxoStats, string>> {
  const window = new FileWindow(file, await file.size(), SNAPSHOT_HEAD_BYTES);
  const walk = new SnapshotWalk(codec, baseHeight, coinCount);
  while (walk.left > 0) {
    await window.fill();
    const fault = walk.readTransactionPart(window.reader);
    if (fault !== null) return err(fault);
    if (pauses.isDue) await pauses.pause();
  }
  if (!window.isAtEnd) return err(`Bad snapshot - coins left over after deserializing ${coinCount} coins`);
  return ok(walk.finish());
}

/** Coins that are read before there is a pause; a transaction may have hundred thousands. */
const COINS_PER_PART = 512;

/** The coins one after another. */
class SnapshotWalk {
  readonly #codec: CoinCodec;
  readonly #baseHeight: number;
  readonly #coinCount: number;
  readonly #hasher = new UtxoHasher({ serialized: true, muhash: true });
  readonly #coin: CoinRef = new CoinRef();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  /** Coins of the present transaction that are still to come. */
  #ofTransaction = 0;
  #isFirst = true;
  left: number;

  constructor(codec: CoinCodec, baseHeight: number, coinCount: number) {
    this.#codec = codec;
    this.#baseHeight = baseHeight;
    this.#coinCount = coinCount;
    this.left = coinCount;
  }

  /** Reads a transaction, or a part of a long one; the fault as a sentence, or null. */
  readTransactionPart(reader: ByteReader): string | null {
    const read = decodeResult(() => this.#readPart(reader));
    if (read.ok) return read.value;
    return `Bad snapshot format or truncated snapshot after deserializing ${this.#doneCount} coins`;
  }

  get #doneCount(): number {
    return this.#coinCount - this.left;
  }

  #readPart(reader: ByteReader): string | null {
    if (this.#ofTransaction === 0) {
      const txid = reader.copy(HASH_BYTES, 'txid');
      // Core writes them in order, and a hash of the coins in another order would be another one.
      if (!this.#isFirst && compareBytes(txid, this.#outpoint.subarray(0, HASH_BYTES)) <= 0) {
        return `Bad snapshot data after deserializing ${this.#doneCount} coins - transactions are not in order`;
      }
      this.#isFirst = false;
      this.#outpoint.set(txid);
      this.#ofTransaction = reader.compactSize('coins of a transaction');
      if (this.#ofTransaction > this.left) {
        return 'Mismatch in coins count in snapshot metadata and actual snapshot data';
      }
    }
    for (let i = 0; i < COINS_PER_PART && this.#ofTransaction > 0; i++) {
      const fault = this.#readCoin(reader);
      if (fault !== null) return fault;
      this.#ofTransaction--;
      this.left--;
    }
    return null;
  }

  #readCoin(reader: ByteReader): string | null {
    const index = reader.compactSize('output');
    this.#codec.readCoin(reader, this.#coin);
    if (this.#coin.height > this.#baseHeight) {
      return `Bad snapshot data after deserializing ${this.#doneCount} coins`;
    }
    if (!isMoneyRange(this.#coin.valueSat)) {
      return `Bad snapshot data after deserializing ${this.#doneCount} coins - bad tx out value`;
    }
    writeU32(this.#outpoint, HASH_BYTES, index);
    this.#hasher.add(this.#outpoint, this.#coin);
    return null;
  }

  finish(): UtxoStats {
    return this.#hasher.finish();
  }
}
