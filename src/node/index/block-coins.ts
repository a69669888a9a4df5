// What a block does to the set of all coins: the coins that it makes and those that it takes away, one after another, as they enter
// hashes of the set (Core kernel/coinstats.cpp TxOutSer). Outputs that nobody can spend make no coin.

import { CoinRef, encodeCoinCode } from '../../kernel/consensus/coin.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { isUnspendable } from '../../kernel/script/script.ts';
import { copyRange } from '../../kernel/util/bytes.ts';
import type { IndexedBlock } from './chain-index.ts';

/** What a coin is called in a walk. */
export type CoinChange =
  /** The block makes it. */
  | 'made'
  /** The block spends it. */
  | 'spent'
  /** An output of the block that is none. */
  | 'unspendable';

/** Bytes of a coin before its output: outpoint and code. */
const HEAD_BYTES: number = OUTPOINT_BYTES + 4;

/** One coin of a walk; the same object every time. */
export class WalkedCoin {
  change: CoinChange = 'made';
  valueSat = 0;
  scriptBytes = 0;
  /** A coinbase makes it. Of spent coins, nothing is said. */
  isCoinbase = false;
  /** The serialized coin, up to {@link length}. */
  bytes: Uint8Array = new Uint8Array(1024);
  length = 0;

  /** Room for an output of so many bytes. */
  reserve(outputBytes: number): void {
    this.length = HEAD_BYTES + outputBytes;
    if (this.length > this.bytes.length) this.bytes = new Uint8Array(2 * this.length);
  }
}

/** Visits every output and every spent coin of a block. The coinbase is left out where `skipsCoinbase`. */
export function* walkCoins(
  { block, undo, height }: IndexedBlock,
  skipsCoinbase: boolean,
): Generator<WalkedCoin, void, void> {
  const coin = new WalkedCoin();
  const ref = new CoinRef();
  for (let i = skipsCoinbase ? 1 : 0; i < block.txCount; i++) {
    const transaction = block.transaction(i);
    coin.isCoinbase = i === 0;
    for (let j = 0; j < transaction.outputCount; j++)
      yield putOutput(coin, transaction, j, encodeCoinCode(height, i === 0));
    if (i === 0 || undo === null) continue;
    for (let k = 0; k < transaction.inputCount; k++) {
      yield putSpent(coin, transaction, k, undo.coins.read(undo.firstCoins[i - 1]! + k, ref));
    }
  }
}

function putOutput(coin: WalkedCoin, transaction: Transaction, j: number, code: number): WalkedCoin {
  const start = transaction.outputStart(j);
  const end = transaction.outputEnd(j);
  const scriptStart = transaction.scriptPubKeyStart(j);
  coin.change = isUnspendable(transaction.bytes, scriptStart, end) ? 'unspendable' : 'made';
  coin.valueSat = transaction.valueSat(j);
  coin.scriptBytes = end - scriptStart;
  coin.reserve(end - start);
  coin.bytes.set(transaction.txid, 0);
  writeU32(coin.bytes, HASH_BYTES, j);
  writeU32(coin.bytes, OUTPOINT_BYTES, code);
  copyRange(transaction.bytes, start, coin.bytes, HEAD_BYTES, end - start);
  return coin;
}

function putSpent(coin: WalkedCoin, transaction: Transaction, k: number, spent: CoinRef): WalkedCoin {
  coin.change = 'spent';
  coin.valueSat = spent.valueSat;
  coin.scriptBytes = spent.end - spent.scriptStart;
  coin.reserve(spent.end - spent.start);
  copyRange(transaction.bytes, transaction.prevoutStart(k), coin.bytes, 0, OUTPOINT_BYTES);
  writeU32(coin.bytes, OUTPOINT_BYTES, spent.code);
  copyRange(spent.bytes, spent.start, coin.bytes, HEAD_BYTES, spent.end - spent.start);
  return coin;
}
