// Taking a block out of the coins again (Core Chainstate::DisconnectBlock): its outputs go, the coins it spent come back. The
// result says whether the coins were what they should have been. Core repairs its database with unclean disconnects after a
// crash, so those go on to the end; to a chain that is whole they never happen.

import { writeU32 } from '../encoding/numbers.ts';
import type { Block } from '../primitives/block.ts';
import { HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { isUnspendable } from '../script/script.ts';
import { assert } from '../util/assert.ts';
import { equalRange } from '../util/bytes.ts';
import { isListed, OVERWRITTEN_BLOCKS } from './bip30.ts';
import { CoinRef, encodeCoinCode } from './coin.ts';
import type { CoinsOverlay } from './coins-overlay.ts';
import { MAX_OUTPUTS_PER_BLOCK } from './limits.ts';
import type { BlockReference } from './params.ts';
import { type BlockUndo, undoTxCount } from './undo.ts';

/**
 * `ok`: the coins are as they were before the block. `unclean`: an output of the block was missing or different, or a coin that
 * came back was there already. `failed`: the undo data do not belong to the block, and the overlay is to be thrown away.
 */
export type DisconnectResult = 'ok' | 'unclean' | 'failed';

/**
 * Undoes the block at `height`, the tip of the chain that `overlay` holds the coins of. The genesis block stays. The coinbase of
 * an `overwritten` block may be missing, because a later one took its place (C07).
 */
export function disconnectBlock(
  block: Block,
  undo: BlockUndo,
  overlay: CoinsOverlay,
  height: number,
  overwritten: readonly BlockReference[] = OVERWRITTEN_BLOCKS,
): DisconnectResult {
  assert(height > 0, 'disconnect: the genesis block cannot be disconnected');
  if (undoTxCount(undo) + 1 !== block.txCount) return 'failed';
  const isOverwritten = isListed(overwritten, height, block.header.blockHash);
  return new BlockDisconnection(block, undo, overlay, height).run(isOverwritten);
}

class BlockDisconnection {
  readonly #block: Block;
  readonly #undo: BlockUndo;
  readonly #overlay: CoinsOverlay;
  readonly #height: number;
  readonly #coin: CoinRef = new CoinRef();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  #isClean = true;

  constructor(block: Block, undo: BlockUndo, overlay: CoinsOverlay, height: number) {
    this.#block = block;
    this.#undo = undo;
    this.#overlay = overlay;
    this.#height = height;
  }

  run(isOverwritten: boolean): DisconnectResult {
    for (let i = this.#block.txCount - 1; i >= 0; i--) {
      const tx = this.#block.transaction(i);
      const isWhole = this.#removeOutputs(tx, i === 0);
      if (!isWhole && !(i === 0 && isOverwritten)) this.#isClean = false;
      if (i > 0 && !this.#restoreInputs(tx, i)) return 'failed';
    }
    return this.#isClean ? 'ok' : 'unclean';
  }

  /** Removes the coins that the transaction made; false when one was missing or not what the block says. */
  #removeOutputs(tx: Transaction, isCoinbase: boolean): boolean {
    const coin = this.#coin;
    const code = encodeCoinCode(this.#height, isCoinbase);
    this.#outpoint.set(tx.txid, 0);
    let isWhole = true;
    for (let j = 0; j < tx.outputCount; j++) {
      if (isUnspendable(tx.bytes, tx.scriptPubKeyStart(j), tx.scriptPubKeyEnd(j))) continue;
      writeU32(this.#outpoint, HASH_BYTES, j);
      const wasThere = this.#overlay.spendCoin(this.#outpoint, 0, coin);
      if (!wasThere || coin.code !== code || !isSameOutput(coin, tx, j)) isWhole = false;
    }
    return isWhole;
  }

  /** Puts back the coins that the transaction spent, last first; false when the undo data cannot be its own. */
  #restoreInputs(tx: Transaction, txIndex: number): boolean {
    const first = this.#undo.firstCoins[txIndex - 1]!;
    if (this.#undo.firstCoins[txIndex]! - first !== tx.inputCount) return false;
    for (let i = tx.inputCount - 1; i >= 0; i--) {
      const at = tx.prevoutStart(i);
      const wasThere = this.#overlay.hasCoin(tx.bytes, at);
      if (wasThere) this.#isClean = false;
      const coin = this.#undo.coins.read(first + i, this.#coin);
      if (coin.height === 0 && !this.#findCode(tx, at, coin)) return false;
      this.#overlay.addCoin(tx.bytes, at, coin, wasThere);
    }
    return true;
  }

  /**
   * Undo data written long ago by other software give height and coinbase flag only with the last coin of a transaction;
   * another coin of the same transaction must then know them (Core ApplyTxInUndo). No coin is made at height 0.
   */
  #findCode(tx: Transaction, at: number, coin: CoinRef): boolean {
    const { bytes, start, end } = coin;
    this.#outpoint.set(tx.bytes.subarray(at, at + HASH_BYTES), 0);
    for (let j = 0; j < MAX_OUTPUTS_PER_BLOCK; j++) {
      writeU32(this.#outpoint, HASH_BYTES, j);
      if (this.#overlay.readCoin(this.#outpoint, 0, coin)) {
        coin.point(bytes, start, end, coin.code);
        return true;
      }
    }
    return false;
  }
}

function isSameOutput(coin: CoinRef, tx: Transaction, j: number): boolean {
  const start = tx.outputStart(j);
  const length = tx.outputEnd(j) - start;
  return coin.end - coin.start === length && equalRange(coin.bytes, coin.start, tx.bytes, start, length);
}
