// The outputs that a transaction spends, from the memory pool and the chain (Core FindCoins). Whether somebody else spends them does
// not matter here.

import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import type { RpcContext } from '../context.ts';

/** In the order of the inputs; null where there is no such output. */
export async function findSpentOutputs(
  { chain, pool }: RpcContext,
  transaction: Transaction,
): Promise<(TransactionOutput | null)[]> {
  const { inputCount } = transaction;
  const outpoints = new Uint8Array(inputCount * OUTPOINT_BYTES);
  for (let i = 0; i < inputCount; i++) {
    const at = transaction.prevoutStart(i);
    outpoints.set(transaction.bytes.subarray(at, at + OUTPOINT_BYTES), i * OUTPOINT_BYTES);
  }
  const places = Array.from({ length: inputCount }, (_, i) => i * OUTPOINT_BYTES);
  const lookup = new CoinsLookup(chain.state.coins);
  while (!places.every((at) => lookup.isKnown(outpoints, at))) await lookup.fetch(outpoints, inputCount);
  const coin = new CoinRef();
  return places.map((at) => {
    const parent = pool?.mempool.get(outpoints, at)?.transaction ?? null;
    if (parent !== null) {
      const index = readU32(outpoints, at + HASH_BYTES);
      if (index >= parent.outputCount) return null;
      return { valueSat: parent.valueSat(index), scriptPubKey: parent.scriptPubKey(index).slice() };
    }
    return lookup.readCoin(outpoints, at, coin) ? coin.toCoin() : null;
  });
}
