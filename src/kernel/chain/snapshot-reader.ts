// Reading a file of all unspent coins (snapshot.ts) from who knows where: everything is looked at, nothing is believed. Core's sentences
// for what is wrong (node/utxo_snapshot.h, PopulateAndValidateSnapshot). It reads in pieces and keeps none.

import { CoinRef } from '../consensus/coin.ts';
import { createNetworkParams, NETWORK_NAMES } from '../consensus/networks/all.ts';
import type { ChainParams } from '../consensus/params.ts';
import { decodeResult } from '../encoding/decode-error.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { ByteReader } from '../encoding/reader.ts';
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

/** Reads the head, for the network that is named; the error is a sentence. */
export function readSnapshotHead(
  bytes: Uint8Array,
  { magic, name }: Pick<ChainParams, 'magic' | 'name'>,
): Result<SnapshotMetadata, string> {
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
  const foundMagic = bytes.subarray(7, 11);
  if (!equalBytes(foundMagic, magic)) return err(describeForeignMagic(foundMagic, name));
  const coinCount = readU32(bytes, 43) + readU32(bytes, 47) * 2 ** 32;
  return ok({ baseHash: asBlockHash(bytes.slice(11, 11 + HASH_BYTES)), coinCount });
}

function describeForeignMagic(magic: Uint8Array, ownName: string): string {
  const name = NETWORK_NAMES.find((candidate) => equalBytes(createNetworkParams(candidate).magic, magic));
  return name === undefined
    ? 'This snapshot has been created for an unrecognized network. This could be a custom signet, a new testnet or possibly caused by data corruption.'
    : `The network of the snapshot (${name}) does not match the network of this node (${ownName}).`;
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

/** Who takes the coins of a file as they come. */
export interface SnapshotSink {
  /** The arguments are good during the call. */
  add(outpoint: Uint8Array, coin: CoinRef): void;
  /** Called every some hundred coins: the place to wait, and to end early with a sentence. */
  rest(): Promise<string | null>;
}

/**
 * Reads all coins and tells their figures; the error is a sentence. `baseHeight` is the height of the block of the file. Core writes
 * transactions in order, and a hash of the coins in another order would be another one: others are refused.
 */
export async function readSnapshotCoins(
  file: FileHandle,
  metadata: SnapshotMetadata,
  baseHeight: number,
  codec: CoinCodec,
  pauses: Pauses,
): Promise<Result<UtxoStats, string>> {
  const hasher = new UtxoHasher({ serialized: true, muhash: true });
  const rest = async (): Promise<null> => {
    if (pauses.isDue) await pauses.pause();
    return null;
  };
  const sink = { add: (outpoint: Uint8Array, coin: CoinRef) => hasher.add(outpoint, coin), rest };
  const fault = await walkSnapshotCoins(file, metadata, { codec, baseHeight, sink, wantsOrder: true });
  return fault === null ? ok(hasher.finish()) : err(fault);
}

/** Hands all coins to a sink, in whatever order they are; the result is what is wrong, as a sentence, or null. */
export async function walkSnapshotCoins(
  file: FileHandle,
  { coinCount }: SnapshotMetadata,
  parts: SnapshotWalkParts,
): Promise<string | null> {
  const window = new FileWindow(file, await file.size(), SNAPSHOT_HEAD_BYTES);
  const walk = new SnapshotWalk(parts, coinCount);
  while (walk.left > 0) {
    await window.fill();
    const fault = walk.readTransactionPart(window.reader) ?? (await parts.sink.rest());
    if (fault !== null) return fault;
  }
  return window.isAtEnd ? null : `Bad snapshot - coins left over after deserializing ${coinCount} coins`;
}

/** How a file is walked through. */
export interface SnapshotWalkParts {
  readonly codec: CoinCodec;
  /** No coin is of a block above it. */
  readonly baseHeight: number;
  readonly sink: SnapshotSink;
  /** Refuses transactions that are not in the order of their hashes. */
  readonly wantsOrder: boolean;
}

/** Coins that are read before there is a pause; a transaction may have hundred thousands. */
const COINS_PER_PART = 512;

/** The coins one after another. */
class SnapshotWalk {
  readonly #parts: SnapshotWalkParts;
  readonly #coinCount: number;
  readonly #coin: CoinRef = new CoinRef();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  /** Coins of the present transaction that are still to come. */
  #ofTransaction = 0;
  #isFirst = true;
  left: number;

  constructor(parts: SnapshotWalkParts, coinCount: number) {
    this.#parts = parts;
    this.#coinCount = coinCount;
    this.left = coinCount;
  }

  /** Reads a transaction, or a part of a long one; the fault as a sentence, or null. */
  readTransactionPart(reader: ByteReader): string | null {
    const read = decodeResult(() => this.#readPart(reader));
    if (read.ok) return read.value;
    const { reason, what } = read.error;
    if (reason === 'bad value' && what === 'amount') {
      return `Bad snapshot data after deserializing ${this.#doneCount} coins - bad tx out value`;
    }
    return `Bad snapshot format or truncated snapshot after deserializing ${this.#doneCount} coins`;
  }

  get #doneCount(): number {
    return this.#coinCount - this.left;
  }

  #readPart(reader: ByteReader): string | null {
    if (this.#ofTransaction === 0) {
      const txid = reader.copy(HASH_BYTES, 'txid');
      if (this.#parts.wantsOrder && !this.#isFirst && compareBytes(txid, this.#outpoint.subarray(0, HASH_BYTES)) <= 0) {
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
    this.#parts.codec.readCoin(reader, this.#coin);
    if (this.#coin.height > this.#parts.baseHeight) {
      return `Bad snapshot data after deserializing ${this.#doneCount} coins`;
    }
    writeU32(this.#outpoint, HASH_BYTES, index);
    this.#parts.sink.add(this.#outpoint, this.#coin);
    return null;
  }
}
