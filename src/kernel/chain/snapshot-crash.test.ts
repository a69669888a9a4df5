// A chain that begins with a snapshot and verifies it, stopped at every boundary of a write: both sets of coins, the mark of the base,
// the index and the files lie on one simulated disk.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, describeChainCoins } from '../../../test/model/chain-world.ts';
import { CoinsModel, describeModel } from '../../../test/model/coins-model.ts';
import { createSnapshotLedger, openSnapshot, type SnapshotLedger } from '../../../test/model/snapshot-world.ts';
import { SimKv } from '../../sim/sim-kv.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { asBlockHash, type BlockHash } from '../primitives/hashes.ts';
import { InputVerifier } from '../script/verify.ts';
import { createRng } from '../util/prng.ts';
import { SnapshotRefutedError } from './background-chain.ts';
import { Chainstate } from './chainstate.ts';
import { stopAtChange } from './disk-faults.ts';
import { InlineVerifier } from './inline-verifier.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryFolder } from './memory-folder.ts';
import { type Folder, type KvStore, type SnapshotStorage, StorageError } from './ports.ts';
import { readWholeFile, writeFileAtomic } from './write-file-atomic.ts';

/** Images of the disk after a power cut at each boundary; a nightly run may ask for more. */
const IMAGES = Number(process.env['TALLY_IMAGES'] ?? 1);

/** Coins of a snapshot on a simulated disk. */
class DiskSnapshot implements SnapshotStorage {
  readonly #coins: Folder;
  readonly #marks: Folder;

  constructor(disk: MemoryDisk) {
    this.#coins = new MemoryFolder('snapshot', disk);
    this.#marks = new MemoryFolder('marks', disk);
  }

  async readBase(): Promise<BlockHash | null> {
    if (!(await this.#marks.exists('base'))) return null;
    return asBlockHash((await readWholeFile(this.#marks, 'base')).slice());
  }

  async open(): Promise<KvStore> {
    return SimKv.open(this.#coins);
  }

  writeBase(base: BlockHash): Promise<void> {
    return writeFileAtomic(this.#marks, 'base', base);
  }

  async remove(): Promise<void> {
    for (const folder of [this.#marks, this.#coins]) {
      for (const name of await folder.list()) await folder.remove(name);
      await folder.sync();
    }
  }

  async setAside(): Promise<string> {
    await this.remove();
    return 'nowhere';
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function openOn(disk: MemoryDisk, { params }: SnapshotLedger): Promise<Chainstate> {
  const ports = {
    indexStore: await SimKv.open(new MemoryFolder('index', disk)),
    coinsStore: await SimKv.open(new MemoryFolder('coins', disk)),
    snapshots: new DiskSnapshot(disk),
    blockFolder: new MemoryFolder('blocks', disk),
    verifier: new InlineVerifier(new InputVerifier(nobleSecp256k1)),
    secp: nobleSecp256k1,
    rng: createRng(7),
  };
  const flushPolicy = { intervalMinSec: 1000, intervalMaxSec: 1000, blocksMax: 4 };
  return Chainstate.open({ params, flushPolicy, coinsBatchBytes: 1500, fileBytesMax: 4096 }, ports);
}

/** Loads the snapshot if that was not done, and takes the blocks above and below it in turn, as they come from many peers. */
async function live(disk: MemoryDisk, ledger: SnapshotLedger): Promise<void> {
  const chain = await openOn(disk, ledger);
  await goOn(chain, ledger);
  await chain.close(NOW_SEC);
}

async function goOn(chain: Chainstate, ledger: SnapshotLedger): Promise<void> {
  const { branch, baseHeight, params } = ledger;
  await chain.activate(NOW_SEC);
  chain.acceptHeaders(
    branch.blocks.map(({ header }) => header),
    NOW_SEC,
  );
  if (chain.height < baseHeight) {
    const loaded = await chain.loadSnapshot(await openSnapshot(ledger.bytes, params), () => NOW_SEC);
    assert.deepEqual(loaded.ok ? null : loaded.error, null);
  }
  for (let i = 1; i <= branch.height - baseHeight; i++) {
    await chain.submitBlock(branch.at(baseHeight + i), NOW_SEC);
    await chain.submitBlock(branch.at(BEGIN + i), NOW_SEC);
  }
  for (let height = BEGIN; height <= baseHeight; height++) await chain.submitBlock(branch.at(height), NOW_SEC);
}

/** Height of the chain before the story begins. */
const BEGIN = 100;

/** The coins of a branch at a height. */
function expectedCoins({ branch }: SnapshotLedger, height: number): readonly string[] {
  const model = new CoinsModel();
  for (let h = 1; h <= height; h++) model.apply(branch.at(h), h);
  return describeModel(model);
}

async function checkRestart(disk: MemoryDisk, ledger: SnapshotLedger, label: string): Promise<void> {
  const chain = await openOn(disk, ledger);
  for (let entry = 0; entry < chain.index.count; entry++) assert.ok(!chain.index.isFailed(entry), label);
  const { background } = chain;
  if (background === null) assert.ok(chain.height >= BEGIN, label);
  else assert.ok(chain.height >= ledger.baseHeight && background.state.active.height >= BEGIN, label);
  assert.deepEqual(await describeChainCoins(chain), expectedCoins(ledger, chain.height), label);
  await goOn(chain, ledger);
  assert.equal(chain.background, null, label);
  assert.equal(chain.height, ledger.branch.height, label);
  await assertCoinsEqualReplay(chain);
}

describe('a chain on a snapshot, stopped at every write boundary', () => {
  it('S01, S17: starts again by itself with both sets of coins, and gets to the end', async (context) => {
    const ledger = await createSnapshotLedger({ baseHeight: 106, aboveCount: 4 });
    const start = new MemoryDisk();
    const first = await openOn(start, ledger);
    for (let height = 1; height <= BEGIN; height++) await first.submitBlock(ledger.branch.at(height), NOW_SEC);
    await first.close(NOW_SEC);
    const whole = start.kill();
    await live(whole, ledger);
    const total = whole.changeCount;
    for (let change = 1; change <= total; change++) {
      const disk = start.kill();
      disk.inject = stopAtChange(change, change % 2 === 0 ? createRng(change) : null);
      await live(disk, ledger).then(
        () => assert.fail(`change ${change} was never reached`),
        (error: unknown) => assert.ok(error instanceof StorageError, String(error)),
      );
      await checkRestart(disk.kill(), ledger, `killed at change ${change}`);
      for (let image = 0; image < IMAGES; image++) {
        const rest = disk.crash(createRng(1000 * change + image));
        await checkRestart(rest, ledger, `power cut at change ${change}, image ${image}`);
      }
    }
    (context as TestContext).diagnostic(`${total} boundaries, ${1 + IMAGES} restarts at each`);
  });

  it('C41, S01: goes on without a snapshot that rests on an invalid block, wherever it was stopped', async (context) => {
    const branch = new BranchBuilder();
    branch.mineMany(BEGIN + 2);
    branch.mineOverpaid();
    branch.mineMany(3);
    const honest = await createSnapshotLedger({ baseHeight: BEGIN + 1, aboveCount: 0 });
    const blockHash = branch.at(BEGIN + 5).header.blockHash;
    const known = { ...honest.params.assumeUtxo[0]!, blockHash, height: BEGIN + 5 };
    const bytes = honest.bytes.slice();
    bytes.set(blockHash, 11);
    const ledger = { branch, baseHeight: BEGIN + 5, params: { ...honest.params, assumeUtxo: [known] }, bytes };
    const start = new MemoryDisk();
    const first = await openOn(start, ledger);
    for (let height = 1; height <= BEGIN; height++) await first.submitBlock(branch.at(height), NOW_SEC);
    await first.close(NOW_SEC);
    const whole = start.kill();
    await assert.rejects(meetInvalid(whole, ledger), SnapshotRefutedError);
    const total = whole.changeCount;
    for (let change = 1; change <= total; change++) {
      const disk = start.kill();
      disk.inject = stopAtChange(change, change % 2 === 0 ? createRng(change) : null);
      await assert.rejects(meetInvalid(disk, ledger), StorageError);
      await checkGoneOn(disk.kill(), ledger, `killed at change ${change}`);
      await checkGoneOn(disk.crash(createRng(change)), ledger, `power cut at change ${change}`);
    }
    (context as TestContext).diagnostic(`${total} boundaries, 2 restarts at each`);
  });
});

/** Loads a snapshot, if nothing is known against it, and comes to the block below it that is invalid. */
async function meetInvalid(disk: MemoryDisk, ledger: SnapshotLedger): Promise<void> {
  const { branch, params, bytes } = ledger;
  const chain = await openOn(disk, ledger);
  await chain.activate(NOW_SEC);
  chain.acceptHeaders(
    branch.blocks.map(({ header }) => header),
    NOW_SEC,
  );
  if (chain.snapshot === null) await chain.loadSnapshot(await openSnapshot(bytes, params), () => NOW_SEC);
  for (const block of branch.blocks.slice(BEGIN)) await chain.submitBlock(block, NOW_SEC);
  await chain.close(NOW_SEC);
}

/** However often it has to be started, it comes to the last valid block, without the snapshot. */
async function checkGoneOn(disk: MemoryDisk, ledger: SnapshotLedger, label: string): Promise<void> {
  for (let starts = 1; starts <= 2; starts++) {
    const isOver = await meetInvalid(disk, ledger).then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof SnapshotRefutedError, `${label}: ${String(error)}`);
        return false;
      },
    );
    if (isOver) break;
  }
  const chain = await openOn(disk, ledger);
  await chain.activate(NOW_SEC);
  assert.deepEqual([chain.height, chain.snapshot], [BEGIN + 2, null], label);
  assert.deepEqual(await describeChainCoins(chain), expectedCoins(ledger, chain.height), label);
}
