// A ledger whose coins at one block the program knows, and files of them: for tests that begin a chain with a snapshot.

import assert from 'node:assert/strict';
import { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { CoinCodec } from '../../src/kernel/chain/coin-codec.ts';
import { createMemoryPorts } from '../../src/kernel/chain/memory-chain.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import type { FileHandle } from '../../src/kernel/chain/ports.ts';
import { SNAPSHOT_HEAD_BYTES, writeSnapshot } from '../../src/kernel/chain/snapshot.ts';
import type { SnapshotSource } from '../../src/kernel/chain/snapshot-keeper.ts';
import { readSnapshotHead } from '../../src/kernel/chain/snapshot-reader.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { BranchBuilder, NOW_SEC } from './branch-builder.ts';

const PAUSES = { isDue: false, pause: () => Promise.resolve() };

/** Blocks, the network that knows the coins at one of them, and the file of those coins. */
export interface SnapshotLedger {
  readonly branch: BranchBuilder;
  readonly baseHeight: number;
  readonly params: ChainParams;
  readonly bytes: Uint8Array;
}

/** The file of the coins of some blocks. */
async function dumpCoins(
  blocks: readonly Block[],
): Promise<{ bytes: Uint8Array; coinsHash: Uint8Array; txCount: number }> {
  const params = createRegtestParams();
  const chain = await Chainstate.open({ params }, createMemoryPorts());
  for (const block of blocks) await chain.submitBlock(block, NOW_SEC);
  await chain.flush(NOW_SEC);
  assert.equal(chain.height, blocks.length);
  const file = await new MemoryFolder('dump').open('coins', 'create');
  const head = { magic: params.magic, baseHash: chain.tipHash };
  const stats = await writeSnapshot(file, head, chain.state.coins, new CoinCodec(nobleSecp256k1), PAUSES);
  const bytes = (await file.read(0, await file.size())).slice();
  return { bytes, coinsHash: stats.hashSerialized3!, txCount: chain.index.chainTxCount(chain.active.tip) };
}

/**
 * A branch with payments, `aboveCount` blocks longer than its snapshot. `lie`: blocks whose coins the program takes for those of the
 * branch at the snapshot, while the file has the coins of the lie.
 */
export async function createSnapshotLedger(
  { baseHeight = 110, aboveCount = 8 } = {},
  lie?: (branch: BranchBuilder) => readonly Block[],
): Promise<SnapshotLedger> {
  const branch = new BranchBuilder();
  branch.mineMany(100);
  while (branch.height < baseHeight + aboveCount) {
    branch.mine({ transactions: [branch.spendCoinbase(branch.height - 99, 3)] });
  }
  const base = branch.at(baseHeight);
  const dump = await dumpCoins(lie === undefined ? branch.blocks.slice(0, baseHeight) : lie(branch));
  dump.bytes.set(base.header.blockHash, 11);
  const { coinsHash } = dump;
  const chainTxCount = branch.blocks.slice(0, baseHeight).reduce((sum, { txCount }) => sum + txCount, 1);
  const known = { height: baseHeight, blockHash: base.header.blockHash, coinsHash, chainTxCount };
  return { branch, baseHeight, params: { ...createRegtestParams(), assumeUtxo: [known] }, bytes: dump.bytes };
}

/** The bytes as a file that a chain can load. */
export async function openSnapshot(bytes: Uint8Array, params: ChainParams): Promise<SnapshotSource> {
  const file: FileHandle = await new MemoryFolder('files').open('utxo.dat', 'create');
  await file.write(0, bytes);
  const head = readSnapshotHead(await file.read(0, SNAPSHOT_HEAD_BYTES), params);
  assert.ok(head.ok);
  return {
    file,
    metadata: head.value,
    secp: nobleSecp256k1,
    pauses: PAUSES,
    isStopping: () => false,
    refuse: () => null,
  };
}
