// Every key of the chain's two databases in one table, and the functions that make them. Keys and values are Bitcoin Core's
// (txdb.cpp, node/blockstorage.cpp), so that either program's tools can read either's databases; `V` alone is ours. Integers in
// keys are as Core writes them there: VARINT in coins, little-endian uint32 in files.
//
//   database      key                                value                                                  owner
//   chainstate    'C' txid(32) VARINT(index)         coin: code, amount and script, compressed              coin-codec.ts
//   chainstate    'B'                                hash of the block whose coins these are                coins-store.ts
//   chainstate    'H'                                during a flush: CompactSize 2, new hash, old hash      coins-store.ts
//   chainstate    'V'                                VARINT format of this database, see below              coins-store.ts
//   both          14 NUL `obfuscate_key`             Core's mask over all values: with it, we refuse             coins-store.ts
//   block index   'b' blockHash(32)                  entry of the block index                               index-codec.ts
//   block index   'f' uint32 file number             what blkNNNNN.dat and revNNNNN.dat hold                index-codec.ts
//   block index   'l'                                uint32 number of the last block file                   index-codec.ts
//   block index   'R'                                '1' while a reindex is under way                       index-codec.ts
//   block index   'F' CompactSize-string name        '1' or '0': a flag, e.g. `prunedblockfiles`            index-codec.ts

import { writeCompactSizeAt } from '../encoding/compact-size.ts';
import { decodeResult } from '../encoding/decode-error.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { ByteReader } from '../encoding/reader.ts';
import { readVarint, varintLength, writeVarintAt } from '../encoding/varint.ts';
import { type BlockHash, HASH_BYTES } from '../primitives/hashes.ts';
import { copyRange } from '../util/bytes.ts';

/** Folder of the coins below the data folder, and their name in messages. */
export const COINS_STORE_NAME = 'chainstate';

/** Folder of the coins of a snapshot beside those, and their name in messages (Core SNAPSHOT_CHAINSTATE_SUFFIX). */
export const SNAPSHOT_STORE_NAME = 'chainstate_snapshot';

/** Folder of the block index below the data folder, and its name in messages. */
export const INDEX_STORE_NAME = 'blocks/index';

/** Format of the coins that this program writes and reads. A reader refuses a later one. */
export const COINS_FORMAT = 1;

function letterKey(letter: string): Uint8Array {
  return Uint8Array.of(letter.charCodeAt(0));
}

const COIN_LETTER = 0x43;

/** What the keys of all coins begin with. */
export const COIN_PREFIX: Uint8Array = letterKey('C');

/** The block whose coins the database holds; absent while it holds none, or a mixture. */
export const BEST_BLOCK_KEY: Uint8Array = letterKey('B');

/** The blocks between which an interrupted flush left the coins. */
export const HEAD_BLOCKS_KEY: Uint8Array = letterKey('H');

/** The {@link COINS_FORMAT} of the database. */
export const COINS_FORMAT_KEY: Uint8Array = letterKey('V');

/** Where Core keeps the mask over all values of its databases; ours have none. A string: length, NUL, name. */
export const OBFUSCATION_KEY: Uint8Array = Uint8Array.of(
  14,
  0,
  ...Array.from('obfuscate_key', (character) => character.charCodeAt(0)),
);

/** What the keys of all entries of the block index begin with. */
export const BLOCK_INDEX_PREFIX: Uint8Array = letterKey('b');

/** What the keys of all records about block files begin with. */
export const FILE_INFO_PREFIX: Uint8Array = letterKey('f');

/** Number of the last block file. */
export const LAST_FILE_KEY: Uint8Array = letterKey('l');

/** Present while a reindex is under way. */
export const REINDEXING_KEY: Uint8Array = letterKey('R');

/** Longest key of a coin: the index is a uint32 as VARINT. */
export const COIN_KEY_BYTES_MAX: number = 1 + HASH_BYTES + 5;

/** Writes the key of the coin whose outpoint (36 bytes) is at `at`; returns the position after it. */
export function writeCoinKeyAt(target: Uint8Array, targetAt: number, outpoints: Uint8Array, at: number): number {
  target[targetAt] = COIN_LETTER;
  copyRange(outpoints, at, target, targetAt + 1, HASH_BYTES);
  return writeVarintAt(target, targetAt + 1 + HASH_BYTES, readU32(outpoints, at + HASH_BYTES));
}

/** Key of the coin whose outpoint (36 bytes) is at `at`. */
export function coinKey(outpoints: Uint8Array, at: number): Uint8Array {
  const key = new Uint8Array(1 + HASH_BYTES + varintLength(readU32(outpoints, at + HASH_BYTES)));
  writeCoinKeyAt(key, 0, outpoints, at);
  return key;
}

/** Writes the 36 bytes of the outpoint that a coin's key names; false when the key is none of a coin. */
export function readCoinKey(key: Uint8Array, outpoint: Uint8Array): boolean {
  if (key[0] !== COIN_LETTER) return false;
  const reader = new ByteReader(key, 1);
  const index = decodeResult(() => {
    copyRange(key, reader.skip(HASH_BYTES, 'txid'), outpoint, 0, HASH_BYTES);
    const value = readVarint(reader, 'index');
    reader.finish('key');
    return value;
  });
  if (!index.ok || index.value > 0xffffffff) return false;
  writeU32(outpoint, HASH_BYTES, index.value);
  return true;
}

/** Key of a block's entry in the block index. */
export function blockIndexKey(blockHash: BlockHash): Uint8Array {
  const key = new Uint8Array(1 + HASH_BYTES);
  key.set(BLOCK_INDEX_PREFIX);
  key.set(blockHash, 1);
  return key;
}

/** Key of the record about the block file of this number. */
export function fileInfoKey(fileNumber: number): Uint8Array {
  const key = new Uint8Array(5);
  key.set(FILE_INFO_PREFIX);
  writeU32(key, 1, fileNumber);
  return key;
}

/** Key of a flag of the block index; names are ASCII. */
export function flagKey(name: string): Uint8Array {
  const key = new Uint8Array(2 + name.length);
  key.set(letterKey('F'));
  writeCompactSizeAt(key, 1, name.length);
  for (let i = 0; i < name.length; i++) key[2 + i] = name.charCodeAt(i);
  return key;
}
