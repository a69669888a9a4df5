// What the benchmarks of the chain share: a folder of their own, a network without the burden of its youth, stores on a real disk,
// and the proof at the end that the coins are right.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { computeUtxoStats, type StoredCoins } from '../../src/kernel/chain/utxo-hash.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { decodeHeader, HEADER_BYTES } from '../../src/kernel/primitives/header.ts';
import { reversedBytes, toHex } from '../../src/kernel/util/bytes.ts';
import { LevelKv } from '../../src/platform/node/kv-level.ts';
import { readBlockRecords } from '../model/ledger-replay.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import type { ChainSummary } from './chain-summary.ts';

/** Prints a row: a wide first column, and the others to the right. */
export function printRow(...cells: readonly (string | number)[]): void {
  console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(36) : String(cell).padStart(13))).join(''));
}

/**
 * Regtest as if it had a history: the search for repeated transactions (BIP30) is over, as it has been on the main network since
 * 2013, because the chain of this file is known by its block 1.
 */
export function createBenchParams(path: string): ChainParams {
  const params = createRegtestParams();
  const blocks = readBlockRecords(path);
  blocks.next();
  const first = blocks.next();
  blocks.return(undefined);
  if (first.done === true) throw new Error(`${path} has no block 1`);
  const header = decodeHeader(first.value.subarray(0, HEADER_BYTES));
  if (!header.ok) throw header.error;
  return { ...params, consensus: { ...params.consensus, bip34Hash: header.value.blockHash } };
}

/** Runs `work` with a new folder on the disk of the project, which is removed afterwards. */
export async function withBenchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(findProjectRoot(), 'build', 'bench');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'import-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A LevelDB with the shares of -dbcache that Core gives to the coin database. */
export function openLevel(path: string): Promise<LevelKv> {
  return LevelKv.open(path, { cacheBytes: 8 * 2 ** 20, writeBufferBytes: 8 * 2 ** 20 });
}

/** Fails unless the coins are those that the independent replay of the chain came to. */
export async function checkCoins({ replay }: ChainSummary, coins: StoredCoins): Promise<void> {
  if (replay === undefined) throw new Error('there is no replay to compare with');
  const stats = await computeUtxoStats(coins, { serialized: true, muhash: false });
  const hashSerialized = toHex(reversedBytes(stats.hashSerialized3!));
  if (stats.coinCount !== replay.coinCount || hashSerialized !== replay.hashSerialized) {
    throw new Error(`${stats.coinCount} coins with hash ${hashSerialized}, not those of the replay`);
  }
  console.log(`the ${stats.coinCount} coins are those of the independent replay: ${hashSerialized}`);
}
