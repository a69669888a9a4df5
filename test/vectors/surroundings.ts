// What a block with its prevouts is judged against: the coins it spends, and as much of the branch below it as the source knows. No
// Node in here, so that a browser can do the same.

import { CoinRef } from '../../src/kernel/consensus/coin.ts';
import { createNetworkParams } from '../../src/kernel/consensus/networks/all.ts';
import type { ConsensusParams } from '../../src/kernel/consensus/params.ts';
import type { JobVerifier } from '../../src/kernel/consensus/script-job.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { FingerprintedCoins } from './fingerprinted-coins.ts';
import { KnownBranch } from './known-branch.ts';
import type { SourceCoin, SpendingBlock } from './spending-block.ts';

/** Everything that a block with prevouts is judged against. */
export interface Surroundings {
  readonly params: ConsensusParams;
  readonly branch: KnownBranch;
  /** The coins that the block spends and does not make itself. */
  readonly coins: FingerprintedCoins;
  readonly verifier: JobVerifier;
}

/** A coin whose age the source does not know is as old as can be: no rule on ages can fail for it. */
const OLDEST_HEIGHT = 1;

/** Lays out what the source knows. */
export function prepareSurroundings(source: SpendingBlock, verifier: JobVerifier): Surroundings {
  const { block, height, coins: known } = source;
  const params = createNetworkParams(source.network).consensus;
  const medians = new Map<number, number>([[height - 1, source.parentMedianSec ?? block.header.timeSec - 1]]);
  const coins = new FingerprintedCoins();
  const made = new Set<string>([toHex(block.transaction(0).txid)]);
  let next = 0;
  for (let i = 1; i < block.txCount; i++) {
    const tx = block.transaction(i);
    for (let k = 0; k < tx.inputCount; k++) {
      const coin = known[next++];
      if (coin === undefined) throw new TypeError(`no coin for input ${k} of transaction ${i}`);
      noteMedian(coin, height, medians);
      const at = tx.prevoutStart(k);
      if (!made.has(toHex(tx.bytes.subarray(at, at + 32)))) coins.putCoin(tx.bytes, at, referTo(coin), true);
    }
    made.add(toHex(tx.txid));
  }
  if (next !== known.length) throw new TypeError(`${known.length} coins for ${next} inputs`);
  return { params, branch: new KnownBranch(block.header, height, params, medians), coins, verifier };
}

function noteMedian(coin: SourceCoin, blockHeight: number, medians: Map<number, number>): void {
  if (coin.medianTimeSec === null || coin.height === null || coin.height >= blockHeight) return;
  medians.set(Math.max(coin.height - 1, 0), coin.medianTimeSec);
}

function referTo({ valueSat, scriptPubKey, height, isCoinbase }: SourceCoin): CoinRef {
  return new CoinRef().pointAtCopy({
    valueSat,
    scriptPubKey,
    height: height ?? OLDEST_HEIGHT,
    isCoinbase: height === null ? false : (isCoinbase ?? false),
  });
}
