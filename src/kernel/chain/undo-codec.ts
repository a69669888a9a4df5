// Undo data of a block as Core's rev files hold them (undo.h CBlockUndo): for every transaction but the coinbase the coins that
// its inputs spent. A coin is written as in the coin database, with a zero byte behind a code of height above 0, where older
// versions kept the version of the transaction. The checksum beside the data is block-store.ts's.

import { CoinRef } from '../consensus/coin.ts';
import { SpentCoins } from '../consensus/spent-coins.ts';
import { type BlockUndo, undoTxCount } from '../consensus/undo.ts';
import { writeCompactSizeAt } from '../encoding/compact-size.ts';
import { type DecodeError, decodeResult } from '../encoding/decode-error.ts';
import { ByteReader } from '../encoding/reader.ts';
import { readVarint, writeVarintAt } from '../encoding/varint.ts';
import type { Result } from '../util/result.ts';
import { type CoinCodec, readCoinCode } from './coin-codec.ts';

/** Fewest bytes of a coin: code, amount and script length, a byte each. */
const COIN_BYTES_MIN = 3;

/** Fewest bytes of a transaction: the count of its coins. */
const TX_BYTES_MIN = 1;

/** Most bytes of a count: of transactions, or of the coins of one. */
const COUNT_BYTES_MAX = 5;

/** The bytes of a block's undo data. */
export function encodeBlockUndo(undo: BlockUndo, codec: CoinCodec): Uint8Array {
  const { coins, firstCoins } = undo;
  const txCount = undoTxCount(undo);
  const coin = new CoinRef();
  const bytes = new Uint8Array(undoBytesMax(undo, codec));
  let at = writeCompactSizeAt(bytes, 0, txCount);
  for (let i = 0; i < txCount; i++) {
    const end = firstCoins[i + 1]!;
    at = writeCompactSizeAt(bytes, at, end - firstCoins[i]!);
    for (let k = firstCoins[i]!; k < end; k++) {
      coins.read(k, coin);
      at = writeVarintAt(bytes, at, coin.code);
      if (coin.height > 0) bytes[at++] = 0;
      at = codec.writeOutputAt(bytes, at, coin);
    }
  }
  return bytes.slice(0, at);
}

function undoBytesMax(undo: BlockUndo, codec: CoinCodec): number {
  const coin = new CoinRef();
  let length = COUNT_BYTES_MAX * undo.firstCoins.length;
  for (let k = 0; k < undo.coins.count; k++) length += codec.coinBytesMax(undo.coins.read(k, coin)) + 1;
  return length;
}

/** Undo data of their bytes. Whether they fit a block is for disconnectBlock to see. */
export function decodeBlockUndo(bytes: Uint8Array, codec: CoinCodec): Result<BlockUndo, DecodeError> {
  return decodeResult(() => readBlockUndo(new ByteReader(bytes), codec));
}

function readBlockUndo(reader: ByteReader, codec: CoinCodec): BlockUndo {
  const txCount = reader.count(TX_BYTES_MIN, 'undo transactions');
  const firstCoins = new Uint32Array(txCount + 1);
  const coins = new SpentCoins();
  const coin = new CoinRef();
  for (let i = 0; i < txCount; i++) {
    for (let left = reader.count(COIN_BYTES_MIN, 'undo coins'); left > 0; left--) {
      const code = readCoinCode(reader);
      if (code >= 2) readVarint(reader, 'old transaction version');
      coins.append(codec.readOutput(reader, code, coin));
    }
    firstCoins[i + 1] = coins.count;
  }
  reader.finish('undo');
  return { coins, firstCoins };
}
