import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { NOW_SEC } from '../../test/model/branch-builder.ts';
import { createSnapshotLedger, openSnapshot, type SnapshotLedger } from '../../test/model/snapshot-world.ts';
import { Chainstate } from '../kernel/chain/chainstate.ts';
import { InlineVerifier } from '../kernel/chain/inline-verifier.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { nobleSecp256k1 } from '../kernel/crypto/secp256k1-noble.ts';
import { InputVerifier } from '../kernel/script/verify.ts';
import { createRng } from '../kernel/util/prng.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { LevelKv } from '../platform/node/kv-level.ts';
import { SnapshotFolder } from '../platform/node/snapshot-store.ts';
import { StartupError } from './error-text.ts';
import type { Logger } from './log.ts';
import { isVerified, prepareSnapshot, takeOver } from './snapshot-start.ts';

const CACHES = { cacheBytes: 2 ** 20, writeBufferBytes: 2 ** 18 };
const openLevel = (path: string): Promise<LevelKv> => LevelKv.open(path, CACHES);

/** The folders of a node, and what was logged about them. */
class Places {
  readonly folder: string;
  readonly lines: string[] = [];
  readonly ledger: SnapshotLedger;
  /** What the program knows; a test may have it know something else. */
  params: ChainParams;

  constructor(folder: string, ledger: SnapshotLedger) {
    this.folder = folder;
    this.ledger = ledger;
    this.params = ledger.params;
    mkdirSync(join(folder, 'blocks'));
  }

  get chainstate(): string {
    return join(this.folder, 'chainstate');
  }

  get log(): Logger {
    const add = (line: string): number => this.lines.push(line);
    return { info: add, warn: add, error: add, debug: () => undefined, routine: add };
  }

  snapshot(): SnapshotFolder {
    return new SnapshotFolder(join(this.folder, 'chainstate_snapshot'), openLevel);
  }

  /** What a start does before the chain is opened. */
  async prepare(isRebuilt = false): Promise<SnapshotFolder> {
    const snapshot = this.snapshot();
    const { params } = this;
    await prepareSnapshot(snapshot, this.chainstate, { isRebuilt, params, log: this.log });
    const coins = await openLevel(this.chainstate);
    try {
      if (!(await isVerified(snapshot, coins, { params, secp: nobleSecp256k1, log: this.log }))) return snapshot;
    } finally {
      await coins.close();
    }
    await takeOver(snapshot, this.chainstate, this.log);
    return snapshot;
  }

  /** Opens the chain for a while. */
  async live(snapshots: SnapshotFolder, body: (chain: Chainstate) => Promise<void>): Promise<void> {
    const [indexStore, coinsStore] = [await openLevel(join(this.folder, 'index')), await openLevel(this.chainstate)];
    const chain = await Chainstate.open(
      { params: this.ledger.params },
      {
        indexStore,
        coinsStore,
        snapshots,
        blockFolder: new NodeFolder(join(this.folder, 'blocks')),
        verifier: new InlineVerifier(new InputVerifier(nobleSecp256k1)),
        secp: nobleSecp256k1,
        rng: createRng(1),
      },
    );
    try {
      await body(chain);
    } finally {
      await chain.close(NOW_SEC);
      await snapshots.close();
      await coinsStore.close();
      await indexStore.close();
    }
  }

  /** Takes the first blocks in, loads the snapshot, and takes further blocks up to a height. */
  async load(lastHeight: number): Promise<void> {
    const { branch, bytes, params } = this.ledger;
    await this.live(await this.prepare(), async (chain) => {
      chain.acceptHeaders(
        branch.blocks.map(({ header }) => header),
        NOW_SEC,
      );
      const loaded = await chain.loadSnapshot(await openSnapshot(bytes, params), () => NOW_SEC);
      assert.equal(loaded.ok, true);
      for (let height = 1; height <= lastHeight; height++) await chain.submitBlock(branch.at(height), NOW_SEC);
    });
  }

  folders(): readonly string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith('chainstate'));
  }
}

async function withPlaces(body: (places: Places) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tally-snapshot-'));
  try {
    await body(new Places(folder, await createSnapshotLedger({ baseHeight: 104, aboveCount: 2 })));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a snapshot that is being verified is opened again, and takes the place of the other coins once it is', async () => {
  await withPlaces(async (places) => {
    await places.load(60);
    assert.deepEqual(places.folders(), ['chainstate', 'chainstate_snapshot']);
    await places.live(await places.prepare(), async (chain) => {
      assert.deepEqual([chain.height, chain.background?.state.active.height], [104, 60]);
      for (const block of places.ledger.branch.blocks.slice(60)) await chain.submitBlock(block, NOW_SEC);
      assert.deepEqual([chain.height, chain.background], [106, null]);
    });
    assert.deepEqual(places.folders(), ['chainstate', 'chainstate_snapshot']);
    const snapshot = await places.prepare();
    assert.deepEqual(places.folders(), ['chainstate']);
    assert.equal(existsSync(join(places.chainstate, 'base_blockhash')), false);
    assert.equal(
      places.lines.includes('[snapshot] cleaning up unneeded background chainstate, then reinitializing'),
      true,
    );
    await places.live(snapshot, async (chain) => {
      assert.deepEqual([chain.height, chain.background, chain.snapshot], [106, null, null]);
      assert.equal((await chain.verify(NOW_SEC, { blockCount: 0, level: 4 })).outcome, 'verified');
    });
  });
});

test('S01: a program that ends between the two steps of taking over does the second at its next start', async () => {
  await withPlaces(async (places) => {
    await places.load(104);
    renameSync(places.chainstate, `${places.chainstate}.removed`);
    const snapshot = await places.prepare();
    assert.equal(places.folders().includes('chainstate_snapshot'), false);
    await places.live(snapshot, async (chain) => {
      assert.deepEqual([chain.height, chain.background], [104, null]);
    });
  });
});

test('S17: coins that were never loaded to the end, or that a rebuild has no use for, are taken away', async () => {
  await withPlaces(async (places) => {
    const unfinished = places.snapshot();
    await unfinished.open();
    await unfinished.close();
    await places.prepare();
    assert.deepEqual(places.folders(), ['chainstate']);
    assert.match(places.lines.join('\n'), /never loaded to the end: taking them away/);
    await places.load(30);
    await places.prepare(true);
    assert.deepEqual(places.folders(), ['chainstate']);
    assert.equal(places.lines.includes('[snapshot] deleting snapshot chainstate due to reindexing'), true);
  });
});

test('C41: a snapshot of a block that the program does not know is refused, and left as it is', async () => {
  await withPlaces(async (places) => {
    const { path } = places.snapshot();
    mkdirSync(path);
    writeFileSync(join(path, 'base_blockhash'), 'z'.repeat(32));
    await assert.rejects(places.prepare(), (error) => {
      assert.ok(error instanceof StartupError);
      assert.match(error.message, /: Assumeutxo data not found for the given blockhash '(7a){32}'\.$/);
      return true;
    });
    assert.deepEqual(readdirSync(path), ['base_blockhash']);
  });
});

test('C41: coins that differ from those that were verified are put aside at the start, and the next one goes on without', async () => {
  await withPlaces(async (places) => {
    await places.load(104);
    const known = places.ledger.params.assumeUtxo[0]!;
    places.params = { ...places.params, assumeUtxo: [{ ...known, coinsHash: new Uint8Array(32).fill(7) }] };
    await assert.rejects(
      places.prepare(),
      /^StartupError: UTXO snapshot failed to validate\. Restart to resume normal/,
    );
    assert.deepEqual(places.folders(), ['chainstate', 'chainstate_snapshot_INVALID']);
    await places.live(await places.prepare(), async (chain) => {
      assert.deepEqual([chain.height, chain.background], [104, null]);
    });
  });
});
