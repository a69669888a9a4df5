// The set of coins, spelled out: a Map from `txid:index` to a line of text. Slow, obvious, and sharing no code with the packed
// sets that it is compared with.

import type { Coin } from '../../src/kernel/consensus/coin.ts';
import type { MemoryCoins } from '../../src/kernel/consensus/memory-coins.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';

const NULL_PREVOUT = `${'00'.repeat(32)}:4294967295`;

/** The coins of a chain and, for each block, what they were before it. */
export class CoinsModel {
  coins: Map<string, string> = new Map();
  readonly #before: Map<string, string>[] = [];

  /** Applies a valid block. */
  connect(block: Block, height: number): void {
    this.#before.push(new Map(this.coins));
    this.apply(block, height);
  }

  /** Applies a valid block for good. */
  apply(block: Block, height: number): void {
    for (let i = 0; i < block.txCount; i++) {
      const tx = block.transaction(i);
      for (let k = 0; k < tx.inputCount; k++) {
        const { txid, index } = tx.prevout(k);
        const prevout = `${toHex(txid)}:${index}`;
        if (prevout !== NULL_PREVOUT && !this.coins.delete(prevout)) throw new Error(`no coin ${prevout}`);
      }
      for (let j = 0; j < tx.outputCount; j++) {
        const script = toHex(tx.scriptPubKey(j));
        if (script.startsWith('6a') || script.length > 20_000) continue;
        this.coins.set(`${toHex(tx.txid)}:${j}`, describe(tx.valueSat(j), script, height, i === 0));
      }
    }
  }

  /** Forgets the last block. */
  disconnect(): void {
    const before = this.#before.pop();
    if (before === undefined) throw new Error('no block to forget');
    this.coins = before;
  }
}

function describe(valueSat: number, script: string, height: number, isCoinbase: boolean): string {
  return `${valueSat} ${script} ${height} ${isCoinbase ? 'coinbase' : 'paid'}`;
}

/** Coins in memory in the words of the model, sorted. */
export function describeCoins(coins: MemoryCoins): string[] {
  const lines: string[] = [];
  for (const { outpoint, coin } of coins.entries()) lines.push(describeCoin(outpoint, coin));
  return lines.sort();
}

/** A coin in the words of the model. */
export function describeCoin(outpoint: Uint8Array, coin: Coin): string {
  const index = new DataView(outpoint.buffer, outpoint.byteOffset).getUint32(32, true);
  const words = describe(coin.valueSat, toHex(coin.scriptPubKey), coin.height, coin.isCoinbase);
  return `${toHex(outpoint.subarray(0, 32))}:${index} ${words}`;
}

/** The model's coins in the same words. */
export function describeModel(model: CoinsModel): string[] {
  return [...model.coins].map(([outpoint, words]) => `${outpoint} ${words}`).sort();
}
