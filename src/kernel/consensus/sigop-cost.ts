// What the signature operations of a transaction cost (Core GetLegacySigOpCount, GetTransactionSigOpCost; BIP16, BIP141):
// legacy and P2SH operations four each, witness operations one each. Counting inside scripts is script/sigops.ts.

import { type Transaction, WITNESS_SCALE_FACTOR } from '../primitives/transaction.ts';
import { SCRIPT_VERIFY } from '../script/flags.ts';
import { countP2shSigops, countSigops, countWitnessSigops } from '../script/sigops.ts';
import type { SpentCoins } from './spent-coins.ts';

/** Signature operations in the scriptSigs and scriptPubKeys of a transaction itself, an OP_CHECKMULTISIG as twenty. */
export function countLegacySigops(tx: Transaction): number {
  let count = 0;
  for (let i = 0; i < tx.inputCount; i++)
    count += countSigops(tx.bytes, tx.scriptSigStart(i), tx.scriptSigEnd(i), false);
  for (let j = 0; j < tx.outputCount; j++) {
    count += countSigops(tx.bytes, tx.scriptPubKeyStart(j), tx.scriptPubKeyEnd(j), false);
  }
  return count;
}

/**
 * Cost of all signature operations of a transaction, with those that only show when the spent coins are known (`coins` from
 * entry `firstCoin` on). A coinbase spends nothing, so only its own scripts count.
 */
export function computeSigopCost(tx: Transaction, coins: SpentCoins, firstCoin: number, scriptFlags: number): number {
  let cost = countLegacySigops(tx) * WITNESS_SCALE_FACTOR;
  if (tx.isCoinbase) return cost;
  const countsP2sh = (scriptFlags & SCRIPT_VERIFY.P2SH) !== 0;
  const countsWitness = (scriptFlags & SCRIPT_VERIFY.WITNESS) !== 0;
  const { bytes } = coins;
  for (let i = 0; i < tx.inputCount; i++) {
    const start = coins.scriptStart(firstCoin + i);
    const end = coins.scriptEnd(firstCoin + i);
    if (countsP2sh) cost += countP2shSigops(tx, i, bytes, start, end) * WITNESS_SCALE_FACTOR;
    if (countsWitness) cost += countWitnessSigops(tx, i, bytes, start, end);
  }
  return cost;
}
