// The command `tally utxohash`: figures and hashes of the coins of a node that is not running, to compare two nodes, or a node
// with an independent replay. Makes nothing and changes nothing in the folder beyond its lock, and what a crash has torn.

import { existsSync } from 'node:fs';
import { CoinsStore } from '../kernel/chain/coins-store.ts';
import { readIndexRecord } from '../kernel/chain/index-codec.ts';
import { blockIndexKey } from '../kernel/chain/layout.ts';
import { StorageError } from '../kernel/chain/ports.ts';
import { computeUtxoStats, type StoredCoins, type UtxoStats } from '../kernel/chain/utxo-hash.ts';
import type { CoinRef } from '../kernel/consensus/coin.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { decodeResult } from '../kernel/encoding/decode-error.ts';
import { formatAmount } from '../kernel/primitives/amount.ts';
import { type BlockHash, formatHash } from '../kernel/primitives/hashes.ts';
import { reversedBytes, toHex } from '../kernel/util/bytes.ts';
import { LevelKv, type LevelKvOptions } from '../platform/node/kv-level.ts';
import { lockFolder } from '../platform/node/lock-file.ts';
import { loadSecp256k1 } from '../platform/node/secp256k1.ts';
import { SnapshotFolder } from '../platform/node/snapshot-store.ts';
import type { NodeFolders } from './data-folder.ts';
import { formatWarning, PROGRAM_NAME, StartupError } from './error-text.ts';
import { nullLogger } from './log.ts';
import type { Output } from './output.ts';
import { formatCount, ProgressDisplay } from './progress.ts';

/** What the command tells. */
export interface UtxoHash {
  readonly chainName: string;
  readonly height: number;
  readonly tip: BlockHash;
  readonly stats: UtxoStats;
}

/** LevelDB's memory while all coins are read once: nothing is read twice. Every table is held against its checksums first. */
const READ_ONCE: LevelKvOptions = {
  cacheBytes: 8 * 2 ** 20,
  writeBufferBytes: 4 * 2 ** 20,
  checkedBytes: Number.POSITIVE_INFINITY,
};

/** Reads the coins in the folders of a network. Throws StartupError when there are none, StorageError when a node has them. */
export async function readUtxoHash(params: ChainParams, folders: NodeFolders, output: Output): Promise<UtxoHash> {
  if (!existsSync(folders.chainstate) || !existsSync(folders.blockIndex)) {
    throw new StartupError(
      `There is no ledger of network ${params.name} in ${folders.network}.\nName its data folder with -datadir, or start tallyd first.`,
    );
  }
  const lock = await lockFolder(folders.network, PROGRAM_NAME);
  try {
    const snapshot = new SnapshotFolder(folders.snapshot, (path) => LevelKv.open(path, READ_ONCE));
    const path = (await snapshot.readBase()) === null ? folders.chainstate : folders.snapshot;
    const coinsKv = await LevelKv.open(path, READ_ONCE);
    try {
      for (const repair of coinsKv.check.repairs) output.complain(formatWarning(repair));
      const store = await CoinsStore.open(coinsKv, { curve: loadSecp256k1().backend });
      const tip = requireTip(store, folders);
      const height = await readHeight(tip, folders);
      const stats = await computeUtxoStats(watch(store, output), { serialized: true, muhash: true });
      return { chainName: params.name, height, tip, stats };
    } finally {
      await coinsKv.close();
    }
  } finally {
    await lock.release();
  }
}

function requireTip(store: CoinsStore, folders: NodeFolders): BlockHash {
  if (store.bestBlock !== null) return store.bestBlock;
  throw new StartupError(
    store.headBlocks === null
      ? `The ledger in ${folders.network} is empty.`
      : `The node in ${folders.network} was interrupted while it saved coins.\nStart tallyd once: it finishes that by itself.`,
  );
}

async function readHeight(tip: BlockHash, folders: NodeFolders): Promise<number> {
  const indexKv = await LevelKv.open(folders.blockIndex, READ_ONCE);
  try {
    const value = await indexKv.get(blockIndexKey(tip));
    const record = value && decodeResult(() => readIndexRecord(value));
    if (record?.ok) return record.value.height;
    throw new StorageError('corrupt', folders.blockIndex, `block ${formatHash(tip)} is not in the block index`);
  } finally {
    await indexKv.close();
  }
}

/** Coins between two looks at the clock. */
const REPORT_COINS = 1000;

/** The same coins, with a progress bar: txids are spread evenly, so the first of their bytes tell how far the walk is. */
function watch(store: CoinsStore, output: Output): StoredCoins {
  const display = new ProgressDisplay(output.terminal, nullLogger, () => performance.now());
  return {
    async forEachCoin(visit: (outpoint: Uint8Array, coin: CoinRef) => void): Promise<void> {
      let count = 0;
      display.begin('Hashing coins', 2 ** 16, 'share');
      try {
        await store.forEachCoin((outpoint, coin) => {
          visit(outpoint, coin);
          if (++count % REPORT_COINS === 0) {
            display.report(outpoint[0]! * 256 + outpoint[1]!, `${formatCount(count)} coins`);
          }
        });
      } finally {
        display.end();
      }
    },
  };
}

/** The answer, one fact a line. */
export function formatUtxoHash({ chainName, height, tip, stats }: UtxoHash): string {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['chain', chainName],
    ['height', String(height)],
    ['bestblock', formatHash(tip)],
    ['transactions', String(stats.txCount)],
    ['txouts', String(stats.coinCount)],
    ['total_amount', formatAmount(stats.totalSat)],
    ['hash_serialized_3', formatDigest(stats.hashSerialized3)],
    ['muhash', formatDigest(stats.muhash)],
  ];
  return facts.map(([name, value]) => `${name.padEnd(19)}${value}\n`).join('');
}

function formatDigest(digest: Uint8Array | null): string {
  return digest === null ? '' : toHex(reversedBytes(digest));
}
