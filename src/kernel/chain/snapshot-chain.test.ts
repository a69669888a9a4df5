import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld, describeBlock, describeTip } from '../../../test/model/chain-world.ts';
import { createSnapshotLedger, openSnapshot, type SnapshotLedger } from '../../../test/model/snapshot-world.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { formatHash } from '../primitives/hashes.ts';
import { createRng } from '../util/prng.ts';
import { SnapshotRefutedError } from './background-chain.ts';
import type { Chainstate } from './chainstate.ts';
import { MemorySnapshot } from './memory-snapshot.ts';
import { judgeStoredSnapshot } from './snapshot-finish.ts';
import type { SnapshotSource } from './snapshot-keeper.ts';

const clock = (): number => NOW_SEC;

/** A chain that knows all headers of a ledger and its first `height` blocks. */
async function openBehind(
  ledger: SnapshotLedger,
  height: number,
): Promise<{ world: ChainWorld; snapshots: MemorySnapshot; chain: Chainstate }> {
  const snapshots = new MemorySnapshot({ keepsJournal: true });
  const world = new ChainWorld({ params: ledger.params }, { snapshots });
  const chain = await world.open();
  chain.acceptHeaders(
    ledger.branch.blocks.map(({ header }) => header),
    NOW_SEC,
  );
  await submit(chain, ledger, 1, height);
  return { world, snapshots, chain };
}

async function submit(chain: Chainstate, { branch }: SnapshotLedger, first: number, last: number): Promise<void> {
  for (let height = first; height <= last; height++) await chain.submitBlock(branch.at(height), NOW_SEC);
}

async function load(chain: Chainstate, ledger: SnapshotLedger, changes: Partial<SnapshotSource> = {}): Promise<string> {
  const source = { ...(await openSnapshot(ledger.bytes, ledger.params)), ...changes };
  const loaded = await chain.loadSnapshot(source, clock);
  return loaded.ok ? 'loaded' : loaded.error;
}

describe('a chain that begins with a snapshot', () => {
  it('stands on its block at once, follows the tip, and verifies what lies below in the background', async () => {
    const ledger = await createSnapshotLedger();
    const { chain } = await openBehind(ledger, 50);
    const tips: string[] = [];
    chain.signals.tipChanged.subscribe(({ height, fork }) => tips.push(`${chain.index.height(fork)}-${height}`));
    const moves: number[] = [];
    chain.signals.backgroundMoved.subscribe(({ height }) => moves.push(height));
    const connected: number[] = [];
    chain.signals.blockConnected.subscribe(({ height }) => connected.push(height));
    assert.equal(await load(chain, ledger), 'loaded');
    assert.equal(describeTip(chain), describeBlock(ledger.branch.at(110), 110));
    assert.equal(chain.background?.state.active.height, 50);
    assert.equal(chain.index.chainTxCount(chain.active.tip), ledger.params.assumeUtxo[0]!.chainTxCount);
    await submit(chain, ledger, 111, 114);
    await submit(chain, ledger, 51, 109);
    assert.deepEqual(
      [chain.height, chain.background?.state.active.height, chain.verified.active.height],
      [114, 109, 109],
    );
    await submit(chain, ledger, 110, 110);
    assert.equal(chain.background, null);
    assert.equal(chain.verified.active, chain.active);
    await submit(chain, ledger, 115, 118);
    await assertCoinsEqualReplay(chain);
    assert.deepEqual(tips, [
      '50-110',
      '110-111',
      '111-112',
      '112-113',
      '113-114',
      '114-115',
      '115-116',
      '116-117',
      '117-118',
    ]);
    assert.deepEqual([moves[0], moves.at(-1), moves.length], [51, 110, 60]);
    assert.deepEqual(connected, [111, 112, 113, 114, 115, 116, 117, 118]);
  });

  it('connects blocks that came before it and could not be linked', async () => {
    const ledger = await createSnapshotLedger();
    const { chain } = await openBehind(ledger, 20);
    await submit(chain, ledger, 111, 115);
    await submit(chain, ledger, 60, 65);
    assert.equal(chain.height, 20);
    assert.equal(await load(chain, ledger), 'loaded');
    assert.equal(chain.height, 115);
    await submit(chain, ledger, 21, 59);
    assert.equal(chain.background?.state.active.height, 65);
  });

  it('goes on after every restart, and its store takes the place of the other when all is verified', async () => {
    const ledger = await createSnapshotLedger();
    let { world, snapshots, chain } = await openBehind(ledger, 30);
    await load(chain, ledger);
    await submit(chain, ledger, 31, 40);
    await chain.close(NOW_SEC);
    chain = await world.open();
    assert.deepEqual([chain.height, chain.background?.state.active.height], [110, 40]);
    await submit(chain, ledger, 41, 70);
    await submit(chain, ledger, 111, 113);
    await chain.close(NOW_SEC);
    chain = await world.open();
    assert.deepEqual([chain.height, chain.background?.state.active.height], [113, 70]);
    assert.equal((await chain.verify(NOW_SEC, { blockCount: 0, level: 4 })).outcome, 'missing-blocks');
    assert.equal(await load(chain, ledger), "Can't activate a snapshot-based chainstate more than once");
    await submit(chain, ledger, 71, 110);
    assert.equal(chain.background, null);
    await chain.close(NOW_SEC);
    assert.equal(await judgeStoredSnapshot(ledger.params, world.coinsStore, snapshots, nobleSecp256k1), 'verified');
    const promoted = new ChainWorld(
      { params: ledger.params },
      { coinsStore: snapshots.store!, indexStore: world.indexStore },
    );
    promoted.disk = world.disk;
    chain = await promoted.open();
    assert.deepEqual([chain.height, chain.background, chain.snapshot], [113, null, null]);
    await submit(chain, ledger, 114, 118);
    await assertCoinsEqualReplay(chain);
    assert.equal((await chain.verify(NOW_SEC, { blockCount: 0, level: 4 })).outcome, 'verified');
  });

  it('never moves below it while it is not verified, and may do so afterwards', async () => {
    const ledger = await createSnapshotLedger();
    const { chain } = await openBehind(ledger, 90);
    await load(chain, ledger);
    const rival = ledger.branch.fork(105);
    rival.mineMany(20);
    await submit(chain, ledger, 111, 112);
    for (const block of rival.blocks.slice(105)) await chain.submitBlock(block, NOW_SEC);
    await submit(chain, ledger, 91, 109);
    assert.equal(describeTip(chain), describeBlock(ledger.branch.at(112), 112));
    for (const height of [110, 100]) {
      const { blockHash } = ledger.branch.at(height).header;
      assert.equal(await chain.invalidateBlock(blockHash, NOW_SEC), 'below-snapshot');
    }
    await submit(chain, ledger, 110, 110);
    assert.equal(describeTip(chain), describeBlock(rival.tip, 125));
    await assertCoinsEqualReplay(chain);
  });

  it('begins beside a branch that the chain was on', async () => {
    const ledger = await createSnapshotLedger();
    const { chain } = await openBehind(ledger, 80);
    const other = ledger.branch.fork(80);
    for (const block of other.mineMany(29)) await chain.submitBlock(block, NOW_SEC);
    assert.equal(chain.height, 109);
    assert.equal(await load(chain, ledger), 'loaded');
    await submit(chain, ledger, 81, 118);
    assert.equal(chain.background, null);
    assert.equal(chain.height, 118);
    await assertCoinsEqualReplay(chain);
  });

  it('keeps its blocks in files of their own', async () => {
    const ledger = await createSnapshotLedger();
    const { world, chain } = await openBehind(ledger, 60);
    await load(chain, ledger);
    await submit(chain, ledger, 111, 118);
    await submit(chain, ledger, 61, 100);
    const ranges = chain.state.store.fileInfos.map(
      ({ heightFirst, heightLast }) => heightFirst >= 110 || heightLast < 110,
    );
    assert.ok(ranges.length > 3 && ranges.every((isOfOne) => isOfOne));
    await chain.close(NOW_SEC);
    const again = await world.open();
    await submit(again, ledger, 101, 109);
    assert.ok(again.state.store.fileInfos.every((info) => info.heightFirst >= 110 || info.heightLast < 110));
  });

  it('is pruned above its block alone, and below as far as those blocks are verified', async () => {
    const ledger = await createSnapshotLedger({ aboveCount: 320 });
    const { chain } = await openBehind(ledger, 60);
    await load(chain, ledger);
    await submit(chain, ledger, 111, 430);
    const countStored = (first: number, last: number): number => {
      let count = 0;
      for (let height = first; height <= last; height++) if (chain.index.hasData(chain.active.at(height))) count++;
      return count;
    };
    await chain.pruneUpTo(430, NOW_SEC);
    assert.equal(countStored(1, 60), 60);
    assert.ok(countStored(111, 142) < 10 && countStored(143, 430) === 288);
    await submit(chain, ledger, 61, 110);
    assert.equal(chain.background, null);
    await chain.pruneUpTo(430, NOW_SEC);
    assert.ok(countStored(1, 110) < 10);
    assert.equal(chain.height, 430);
  });

  it('gives nearly all memory for coins to the chain that is further behind', async () => {
    const ledger = await createSnapshotLedger();
    const world = new ChainWorld({ params: ledger.params, coinsCacheBytes: 1000 }, { snapshots: new MemorySnapshot() });
    const chain = await world.open();
    chain.acceptHeaders(
      ledger.branch.blocks.map(({ header }) => header),
      NOW_SEC,
    );
    await load(chain, ledger);
    const limits = (): readonly (number | undefined)[] => [
      chain.state.coins.limitBytes,
      chain.background?.state.coins.limitBytes,
    ];
    assert.deepEqual([chain.isInitialDownload, ...limits()], [true, 950, 50]);
    // A clock that takes the blocks of the tests for today's.
    await chain.submitBlock(ledger.branch.at(111), ledger.branch.at(111).header.timeSec + 60);
    assert.deepEqual([chain.isInitialDownload, ...limits()], [false, 50, 950]);
    await submit(chain, ledger, 1, 110);
    assert.deepEqual(limits(), [1000, undefined]);
  });
});

describe('a snapshot that cannot be loaded', () => {
  it('C41: is refused with a sentence, and the chain is as it was', async () => {
    const ledger = await createSnapshotLedger();
    const { chain, snapshots } = await openBehind(ledger, 40);
    const base = formatHash(ledger.branch.at(110).header.blockHash);
    const unknown = { ...ledger, params: { ...ledger.params } };
    const refusals: readonly (readonly [refusal: string, action: () => Promise<string>])[] = [
      [
        "Can't activate a snapshot when mempool not empty",
        () => load(chain, ledger, { refuse: () => "Can't activate a snapshot when mempool not empty" }),
      ],
      [
        `assumeutxo block hash in snapshot metadata not recognized (hash: ${'00'.repeat(32)}). The following snapshot heights are available: 110`,
        () => {
          const bytes = ledger.bytes.slice();
          bytes.fill(0, 11, 43);
          return load(chain, { ...unknown, bytes });
        },
      ],
      [
        'Population failed: Aborting after an interrupt was requested',
        () => load(chain, ledger, { isStopping: () => true }),
      ],
      [
        'Population failed: Bad snapshot - coins left over after deserializing 1 coins',
        async () => {
          const source = await openSnapshot(ledger.bytes, ledger.params);
          const loaded = await chain.loadSnapshot({ ...source, metadata: { ...source.metadata, coinCount: 1 } }, clock);
          return loaded.ok ? 'loaded' : loaded.error;
        },
      ],
    ];
    for (const [refusal, action] of refusals) {
      assert.equal(await action(), refusal);
      assert.deepEqual([chain.height, chain.background, snapshots.store], [40, null, null]);
    }
    await chain.invalidateBlock(ledger.branch.at(105).header.blockHash, NOW_SEC);
    assert.equal(await load(chain, ledger), `The base block header (${base}) is part of an invalid chain`);
    await chain.reconsiderBlock(ledger.branch.at(105).header.blockHash, NOW_SEC);
    const rival = ledger.branch.fork(109);
    rival.mineMany(12);
    chain.acceptHeaders(
      rival.blocks.map(({ header }) => header),
      NOW_SEC,
    );
    assert.match(await load(chain, ledger), /^A forked headers-chain with more work/);
    await submit(chain, ledger, 41, 60);
    await assertCoinsEqualReplay(chain);
  });

  it('is refused at the last moment, too, and its coins are taken away', async () => {
    const ledger = await createSnapshotLedger();
    const { chain, snapshots } = await openBehind(ledger, 40);
    for (const answers of [
      [null, 'late'],
      [null, null, 'later'],
    ]) {
      const left = [...answers];
      const refuse = (): string | null => left.shift() ?? null;
      assert.equal(await load(chain, ledger, { refuse }), answers.at(-1));
      assert.deepEqual([chain.height, snapshots.store, await snapshots.readBase()], [40, null, null]);
    }
    const both = await Promise.all([load(chain, ledger), load(chain, ledger)]);
    assert.deepEqual(both, ['loaded', 'A snapshot is being loaded already']);
  });

  it('is refused where the chain is as far as it, or has not seen its header', async () => {
    const ledger = await createSnapshotLedger();
    const { chain } = await openBehind(ledger, 110);
    assert.equal(await load(chain, ledger), 'Population failed: Work does not exceed active chainstate');
    const empty = await new ChainWorld({ params: ledger.params }, { snapshots: new MemorySnapshot() }).open();
    assert.match(
      await load(empty, ledger),
      /^The base block header \([0-9a-f]{64}\) must appear in the headers chain\./,
    );
  });

  it('C41: any bit of its file changed, it is refused or is what it was', async () => {
    const ledger = await createSnapshotLedger();
    const { chain } = await openBehind(ledger, 0);
    const rng = createRng(3);
    for (let round = 0; round < 40; round++) {
      const bytes = ledger.bytes.slice();
      bytes[43 + rng.below(bytes.length - 43)]! ^= 1 << rng.below(8);
      assert.match(await load(chain, { ...ledger, bytes }), /^Population failed: /);
      assert.equal(chain.height, 0);
    }
  });
});

describe('a snapshot that the blocks refute', () => {
  /** The coins of a ledger that has one payment more than the blocks. */
  const lie = (branch: BranchBuilder) => {
    const other = branch.fork(109);
    other.mine({ transactions: [branch.spendCoinbase(10, 7)] });
    return other.blocks;
  };

  it('C41: its coins are put aside, the chain stops, and the next start goes on without them', async () => {
    const ledger = await createSnapshotLedger({}, lie);
    const { chain, world, snapshots } = await openBehind(ledger, 100);
    assert.equal(await load(chain, ledger), 'loaded');
    await submit(chain, ledger, 111, 113);
    await submit(chain, ledger, 101, 109);
    assert.ok(chain.index.hasUndo(chain.active.at(111)));
    await assert.rejects(submit(chain, ledger, 110, 110), (error) => {
      assert.ok(error instanceof SnapshotRefutedError);
      assert.match(
        error.message,
        /failed to validate the -assumeutxo snapshot state.* resetting the chain height from 113 to 110/,
      );
      return true;
    });
    assert.equal(snapshots.aside.length, 1);
    await chain.close(NOW_SEC);
    const again = await world.open();
    assert.deepEqual([again.height, again.background], [110, null]);
    const above = again.index.find(ledger.branch.at(111).header.blockHash);
    assert.deepEqual([again.index.hasData(above), again.index.hasUndo(above)], [true, false]);
    await submit(again, ledger, 111, 118);
    await assertCoinsEqualReplay(again);
  });

  it('C41: a block below it that is invalid refutes it, too', async () => {
    const honest = new BranchBuilder();
    honest.mineMany(104);
    const bad = honest.fork();
    bad.mineOverpaid();
    bad.mineMany(5);
    const ledger = await createSnapshotLedger();
    const base = bad.tip.header.blockHash;
    const params = { ...ledger.params, assumeUtxo: [{ ...ledger.params.assumeUtxo[0]!, blockHash: base }] };
    const bytes = ledger.bytes.slice();
    bytes.set(base, 11);
    const forged = { branch: bad, baseHeight: 110, params, bytes };
    const { chain, snapshots, world } = await openBehind(forged, 100);
    assert.equal(await load(chain, forged), 'loaded');
    await submit(chain, forged, 101, 104);
    await assert.rejects(submit(chain, forged, 105, 105), SnapshotRefutedError);
    assert.equal(snapshots.aside.length, 1);
    await chain.close(NOW_SEC);
    const again = await world.open();
    await again.activate(NOW_SEC);
    assert.equal(again.height, 104);
    assert.ok(again.index.isFailed(again.index.find(base)));
  });
});
