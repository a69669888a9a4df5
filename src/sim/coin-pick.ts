// Coins of the reference ledger to pay with, and transactions that spend them: what makers of blocks and payers share. Scripts are
// trivial, so that whoever knows of a coin can spend it.

import { asTxid } from '../kernel/primitives/hashes.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
} from '../kernel/primitives/transaction.ts';
import { fromHex } from '../kernel/util/bytes.ts';
import type { Rng } from '../kernel/util/prng.ts';
import { drawChance, drawOne } from './chance.ts';
import type { LedgerBlock, LedgerCoin, ReferenceLedger } from './checker/reference-ledger.ts';

/** Script of outputs that everybody can spend. */
export const OP_TRUE: Uint8Array = Uint8Array.of(0x51);

/** Blocks that a coinbase takes to mature. */
export const MATURITY = 100;

const FINAL = 0xffff_ffff;

/** Attempts to find a coin. */
const COIN_TRIES = 6;

/** A coin and its name. */
export interface FoundCoin {
  readonly outpoint: string;
  readonly coin: LedgerCoin;
}

/** The block of a branch at a height, or null below the first one. */
export function ancestorAt(block: LedgerBlock, height: number): LedgerBlock | null {
  if (height < 0) return null;
  let walk = block;
  while (walk.height > height && walk.parent !== null) walk = walk.parent;
  return walk.height === height ? walk : null;
}

/** Up to `count` coins that may be spent after `parent` and are not among those taken; they are taken then. */
export function pickCoins(
  ledger: ReferenceLedger,
  rng: Rng,
  parent: LedgerBlock,
  taken: Set<string>,
  count: number,
): FoundCoin[] {
  const found: FoundCoin[] = [];
  for (let tries = 0; tries < COIN_TRIES && found.length < count; tries++) {
    const pick = pickCoin(ledger, rng, parent);
    if (pick === null || taken.has(pick.outpoint)) continue;
    taken.add(pick.outpoint);
    found.push(pick);
  }
  return found;
}

/** A coin of a recent payment, or of an old coinbase. */
function pickCoin(ledger: ReferenceLedger, rng: Rng, parent: LedgerBlock): FoundCoin | null {
  const depth = drawChance(rng, 500) ? rng.below(12) : MATURITY - 1 + rng.below(30);
  const block = ancestorAt(parent, parent.height - depth);
  if (block === null || block.creates.size === 0) return null;
  const [outpoint, coin] = drawOne(rng, [...block.creates]);
  const isMature = !coin.isCoinbase || parent.height + 1 - coin.height >= MATURITY;
  if (!isMature || coin.script !== '51' || ledger.coin(outpoint, parent) === undefined) return null;
  return { outpoint, coin };
}

/** What coins are worth together. */
export function sumOfCoins(coins: readonly FoundCoin[]): number {
  return coins.reduce((sum, { coin }) => sum + Number(coin.valueSat), 0);
}

/** A transaction that spends coins; with a locktime, its inputs make it count. */
export function spendCoins(
  coins: readonly FoundCoin[],
  outputs: readonly TransactionOutput[],
  locktime: number,
): Transaction {
  const inputs = coins.map(({ outpoint }): TransactionInput => {
    const [txid, index] = outpoint.split(':') as [string, string];
    const prevout = { txid: asTxid(fromHex(txid)), index: Number(index) };
    return { prevout, scriptSig: new Uint8Array(0), sequence: locktime === 0 ? FINAL : FINAL - 1 };
  });
  return buildTransaction({ version: 2, inputs, outputs, locktime });
}
