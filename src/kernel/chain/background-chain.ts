// The chain that verifies a snapshot behind the active one (Core HistoricalChainstate): it goes from the first block up to the base of
// the snapshot, over coins of its own, and no further. Its owner runs it within its own commands and saves it with its own flushes.

import type { AssumeUtxo } from '../consensus/params.ts';
import { formatHash } from '../primitives/hashes.ts';
import { equalBytes } from '../util/bytes.ts';
import { BestChain, type BestChainOptions } from './best-chain.ts';
import type { BlockEntry } from './block-index.ts';
import type { ChainState } from './chain-state.ts';
import type { FlushMode } from './coins-cache.ts';
import type { StoredCoins } from './utxo-hash.ts';
import { UtxoHasher } from './utxo-hash.ts';

/** Verifies a snapshot. */
export class BackgroundChain {
  readonly state: ChainState;
  readonly snapshot: AssumeUtxo;
  readonly bestChain: BestChain;
  #durableTip: BlockEntry;

  constructor(state: ChainState, snapshot: AssumeUtxo, durableTip: BlockEntry, options: BestChainOptions) {
    this.state = state;
    this.snapshot = snapshot;
    this.bestChain = new BestChain(state, options);
    this.#durableTip = durableTip;
  }

  /** The base block of the snapshot, the last that it goes up to. */
  get target(): BlockEntry {
    return this.state.scope.target;
  }

  /** The last block that was verified and has survived a power cut; NO_ENTRY: none. */
  get durableTip(): BlockEntry {
    return this.#durableTip;
  }

  /** All blocks are verified; the coins are to be compared. */
  get isComplete(): boolean {
    return this.state.active.tip === this.target;
  }

  /** A block below the snapshot is invalid, so that no chain can stand on it. */
  get isRefuted(): boolean {
    return this.state.index.isFailed(this.target);
  }

  /** Saves the coins; the block index was saved before. */
  async flushCoins(mode: FlushMode): Promise<void> {
    const { active, coins, index } = this.state;
    const { tip } = active;
    await coins.flush(index.blockHash(tip), mode, true);
    this.#durableTip = tip;
  }
}

/** The chain is about to end: the coins were not looked at to their end. */
class HashingStopped extends Error {}

/**
 * Whether stored coins are those that the program expects at the block of a snapshot; null when `isStopping` became true before the end
 * (Core MaybeValidateSnapshot).
 */
export async function hasSnapshotCoins(
  coins: StoredCoins,
  snapshot: AssumeUtxo,
  isStopping: () => boolean,
): Promise<boolean | null> {
  const hasher = new UtxoHasher({ serialized: true, muhash: false });
  try {
    await coins.forEachCoin((outpoint, coin) => {
      if (isStopping()) throw new HashingStopped();
      hasher.add(outpoint, coin);
    });
  } catch (error) {
    if (error instanceof HashingStopped) return null;
    throw error;
  }
  return equalBytes(hasher.finish().hashSerialized3!, snapshot.coinsHash);
}

/** Why a node does not start whose snapshot is not what its blocks make; the words are Core's. */
export const SNAPSHOT_REFUTED_SENTENCE =
  'UTXO snapshot failed to validate. Restart to resume normal initial block download, or try loading a different snapshot.';

/** The snapshot is not what its blocks make. The program is to end. */
export class SnapshotRefutedError extends Error {
  override readonly name = 'SnapshotRefutedError';
}

/** What the error says where the chain was running, on top of `height`; the words are Core's. `place`: where the coins are now. */
export function describeRefuted(background: BackgroundChain, height: number, place: string): string {
  const verified = background.state.active.height;
  return (
    'Tallystick failed to validate the -assumeutxo snapshot state. This indicates a hardware problem, or a bug in the software, or a bad ' +
    'software modification that allowed an invalid snapshot to be loaded. As a result of this, the node will shut down and stop using ' +
    `any state that was built on the snapshot, resetting the chain height from ${height} to ${verified}. On the next restart, the ` +
    `node will resume syncing from ${verified} without using any snapshot data. The snapshot began at ` +
    `${formatHash(background.snapshot.blockHash)}; its coins are left in ${place} in case they help to find out why.`
  );
}
