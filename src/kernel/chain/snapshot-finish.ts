// What the start of a program finds of a snapshot: whether the chain behind it had come to its block when the program ended. Then the
// coins are compared once more, and the caller lets the snapshot's store take the place of the other (Core ValidatedSnapshotCleanup),
// which is no work for a running chain.

import type { AssumeUtxo, ChainParams } from '../consensus/params.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { equalBytes } from '../util/bytes.ts';
import { hasSnapshotCoins } from './background-chain.ts';
import type { KeyCurve } from './coin-codec.ts';
import { CoinsStore } from './coins-store.ts';
import type { KvStore, SnapshotStorage } from './ports.ts';

/** What the program knows of the coins at a block, or null. */
export function findAssumeUtxo({ assumeUtxo }: Pick<ChainParams, 'assumeUtxo'>, base: BlockHash): AssumeUtxo | null {
  return assumeUtxo.find(({ blockHash }) => equalBytes(blockHash, base)) ?? null;
}

/** Why a stored snapshot is of no use; the words are Core's. */
export function describeUnknownSnapshot(base: BlockHash): string {
  return `Assumeutxo data not found for the given blockhash '${formatHash(base)}'.`;
}

/** What there is to be done before a chain is opened. */
export type StoredSnapshot =
  /** Nothing: there is none, or it is to be verified further. */
  | 'open'
  /** The coins are the same: those of the snapshot are the ones to go on with. */
  | 'verified'
  /** They are not. */
  | 'refuted';

/** Looks at the coins that were verified without the snapshot, if they are of its block; that may take minutes, and is told before. */
export async function judgeStoredSnapshot(
  params: Pick<ChainParams, 'assumeUtxo'>,
  coinsStore: KvStore,
  snapshots: SnapshotStorage,
  curve: KeyCurve,
  onHashing: () => void = (): void => undefined,
): Promise<StoredSnapshot> {
  const base = await snapshots.readBase();
  const snapshot = base === null ? null : findAssumeUtxo(params, base);
  if (snapshot === null) return 'open';
  const coins = await CoinsStore.open(coinsStore, { curve });
  if (coins.bestBlock === null || !equalBytes(coins.bestBlock, snapshot.blockHash)) return 'open';
  onHashing();
  return (await hasSnapshotCoins(coins, snapshot, () => false)) === true ? 'verified' : 'refuted';
}
