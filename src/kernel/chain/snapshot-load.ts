// Loading the coins of a snapshot from a file (Core ActivateSnapshot, PopulateAndValidateSnapshot): whether its block is one that the
// program knows the coins of, then all coins into a store of their own, then their hash, computed from what that store holds. The chain
// goes on meanwhile and is as it was when anything is wrong; going on with the coins is chainstate.ts's own step. Sentences are Core's.

import type { CoinRef } from '../consensus/coin.ts';
import type { AssumeUtxo } from '../consensus/params.ts';
import type { Secp256k1 } from '../crypto/secp256k1.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { equalBytes, reversedBytes, toHex } from '../util/bytes.ts';
import { err, ok, type Result } from '../util/result.ts';
import { NO_ENTRY } from './block-index.ts';
import type { ChainState } from './chain-state.ts';
import { CoinCodec } from './coin-codec.ts';
import type { CoinsStore, CoinsUpdate, Pauses } from './coins-store.ts';
import type { FileHandle } from './ports.ts';
import { findAssumeUtxo } from './snapshot-finish.ts';
import { type SnapshotMetadata, type SnapshotSink, walkSnapshotCoins } from './snapshot-reader.ts';
import { UtxoHasher } from './utxo-hash.ts';

/** A file whose coins are wanted. */
export interface SnapshotFile {
  readonly file: FileHandle;
  readonly metadata: SnapshotMetadata;
  readonly secp: Secp256k1;
  readonly pauses: Pauses;
  readonly isStopping: () => boolean;
}

/** What the program knows of a snapshot, if a chain can begin with it now; else why not. */
export function findLoadable(state: ChainState, baseHash: BlockHash): Result<AssumeUtxo, string> {
  const { params, index } = state;
  const known = findAssumeUtxo(params, baseHash);
  const name = formatHash(baseHash);
  if (known === null) {
    const heights = params.assumeUtxo.map(({ height }) => height).join(', ');
    const what = `assumeutxo block hash in snapshot metadata not recognized (hash: ${name})`;
    return err(`${what}. The following snapshot heights are available: ${heights}`);
  }
  const base = index.find(baseHash);
  if (base === NO_ENTRY) {
    const what = `The base block header (${name}) must appear in the headers chain`;
    return err(`${what}. Make sure all headers are syncing, and call loadtxoutset again`);
  }
  if (index.isFailed(base)) return err(`The base block header (${name}) is part of an invalid chain`);
  if (!index.descendsFrom(index.bestHeader, base)) {
    return err(
      'A forked headers-chain with more work than the chain with the snapshot base block header exists. Please proceed to sync without AssumeUtxo.',
    );
  }
  return ok(known);
}

/** Whether a chain that begins with the snapshot would be better than the present one. */
export function hasMoreWork({ index, active }: ChainState, snapshot: AssumeUtxo): boolean {
  return index.compareWork(index.find(snapshot.blockHash), active.tip) > 0;
}

/** Fills an empty store with the coins of a file and looks at what it holds then; the result is what is wrong, or null. */
export async function populateSnapshot(
  store: CoinsStore,
  snapshot: AssumeUtxo,
  { file, metadata, secp, pauses, isStopping }: SnapshotFile,
): Promise<string | null> {
  const update = store.beginUpdate(snapshot.blockHash, true);
  const sink = new StoreSink(update, pauses, isStopping);
  const parts = { codec: new CoinCodec(secp), baseHeight: snapshot.height, sink, wantsOrder: false };
  try {
    const fault = await walkSnapshotCoins(file, metadata, parts);
    if (fault !== null) return fault;
    await update.finish();
  } finally {
    await update.abandon();
  }
  const hasher = new UtxoHasher({ serialized: true, muhash: false });
  await store.forEachCoin((outpoint, coin) => hasher.add(outpoint, coin), pauses);
  const found = hasher.finish().hashSerialized3!;
  if (equalBytes(found, snapshot.coinsHash)) return null;
  const [expected, got] = [snapshot.coinsHash, found].map((hash) => toHex(reversedBytes(hash)));
  return `Bad snapshot content hash: expected ${expected}, got ${got}`;
}

const INTERRUPTED = 'Aborting after an interrupt was requested';

/** Puts coins into a store as they come. */
class StoreSink implements SnapshotSink {
  readonly #update: CoinsUpdate;
  readonly #pauses: Pauses;
  readonly #isStopping: () => boolean;

  constructor(update: CoinsUpdate, pauses: Pauses, isStopping: () => boolean) {
    this.#update = update;
    this.#pauses = pauses;
    this.#isStopping = isStopping;
  }

  add(outpoint: Uint8Array, coin: CoinRef): void {
    this.#update.putCoin(outpoint, 0, coin);
  }

  async rest(): Promise<string | null> {
    if (this.#update.isFull) await this.#update.writePart();
    if (this.#pauses.isDue) await this.#pauses.pause();
    return this.#isStopping() ? INTERRUPTED : null;
  }
}
