// All unspent coins in one file, as Bitcoin Core writes and loads them (dumptxoutset, node/utxo_snapshot.h): a head with the network, the
// block and the count, then the coins of each transaction together, each as it is stored. The count is not known before the end and is
// written last.

import { CoinRef } from '../consensus/coin.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { ByteReader } from '../encoding/reader.ts';
import { ByteWriter } from '../encoding/writer.ts';
import { type BlockHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { equalRange } from '../util/bytes.ts';
import type { CoinCodec } from './coin-codec.ts';
import type { CoinEntryBytes, Pauses } from './coins-store.ts';
import { readCoinKey } from './layout.ts';
import { type FileHandle, StorageError } from './ports.ts';
import { UtxoHasher, type UtxoStats } from './utxo-hash.ts';

/** `utxo` and 0xff (Core SNAPSHOT_MAGIC_BYTES). */
export const SNAPSHOT_MAGIC: Uint8Array = Uint8Array.of(0x75, 0x74, 0x78, 0x6f, 0xff);

/** Version of the format, a uint16 behind the magic. */
export const SNAPSHOT_VERSION = 2;

/** Where the count of coins is: behind magic, version, network and block. */
const COUNT_AT: number = SNAPSHOT_MAGIC.length + 2 + 4 + HASH_BYTES;

/** Bytes before the first coin. */
export const SNAPSHOT_HEAD_BYTES: number = COUNT_AT + 8;

/** Bytes that are written at a time. */
const PIECE_BYTES = 1_048_576;

/** What a snapshot is of. */
export interface SnapshotHead {
  /** Four bytes of the network. */
  readonly magic: Uint8Array;
  /** The block whose coins these are. */
  readonly baseHash: BlockHash;
}

/** Writes the coins to an empty file, and tells their figures with {@link UtxoStats.hashSerialized3}. Throws StorageError. */
export async function writeSnapshot(
  file: FileHandle,
  { magic, baseHash }: SnapshotHead,
  coins: { entries(): AsyncIterable<readonly CoinEntryBytes[]> },
  codec: CoinCodec,
  pauses: Pauses,
): Promise<UtxoStats> {
  const writer = new SnapshotWriter(file, codec);
  await writer.begin(magic, baseHash);
  for await (const chunk of coins.entries()) {
    for (const [key, value] of chunk) {
      await writer.add(key, value);
      if (pauses.isDue) await pauses.pause();
    }
  }
  return writer.finish();
}

/** A file on its way. */
class SnapshotWriter {
  readonly #file: FileHandle;
  readonly #codec: CoinCodec;
  readonly #hasher = new UtxoHasher({ serialized: true, muhash: false });
  readonly #coin: CoinRef = new CoinRef();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  /** The transaction whose coins are gathered; none before the first coin. */
  readonly #txid: Uint8Array = new Uint8Array(HASH_BYTES);
  #gathered: { readonly index: number; readonly value: Uint8Array }[] = [];
  #piece = new ByteWriter();
  #position = 0;

  constructor(file: FileHandle, codec: CoinCodec) {
    this.#file = file;
    this.#codec = codec;
  }

  begin(magic: Uint8Array, baseHash: BlockHash): Promise<void> {
    this.#piece.put(SNAPSHOT_MAGIC).u16(SNAPSHOT_VERSION).put(magic).put(baseHash).put(new Uint8Array(8));
    return this.#writePiece();
  }

  async add(key: Uint8Array, value: Uint8Array): Promise<void> {
    if (!readCoinKey(key, this.#outpoint))
      throw new StorageError('corrupt', 'chainstate', 'the key of a coin cannot be read');
    const reader = new ByteReader(value);
    this.#hasher.add(this.#outpoint, this.#codec.readCoin(reader, this.#coin));
    if (!equalRange(this.#outpoint, 0, this.#txid, 0, HASH_BYTES)) this.#endTransaction();
    this.#txid.set(this.#outpoint.subarray(0, HASH_BYTES));
    this.#gathered.push({ index: readU32(this.#outpoint, HASH_BYTES), value });
    if (this.#piece.length >= PIECE_BYTES) await this.#writePiece();
  }

  #endTransaction(): void {
    if (this.#gathered.length === 0) return;
    this.#piece.put(this.#txid).compactSize(this.#gathered.length);
    for (const { index, value } of this.#gathered) this.#piece.compactSize(index).put(value);
    this.#gathered = [];
  }

  async #writePiece(): Promise<void> {
    const bytes = this.#piece.finish();
    this.#piece = new ByteWriter();
    await this.#file.write(this.#position, bytes);
    this.#position += bytes.length;
  }

  async finish(): Promise<UtxoStats> {
    this.#endTransaction();
    await this.#writePiece();
    const stats = this.#hasher.finish();
    const count = new Uint8Array(8);
    writeU32(count, 0, stats.coinCount % 2 ** 32);
    writeU32(count, 4, Math.floor(stats.coinCount / 2 ** 32));
    await this.#file.write(COUNT_AT, count);
    await this.#file.sync();
    return stats;
  }
}
