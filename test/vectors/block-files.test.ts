// Real blocks through the block files: what is imported from a file of Core's format and stored again is that file, byte for byte.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ImportTarget, importFile, importOwnFiles } from '../../src/kernel/chain/block-import.ts';
import { type BlockPosition, BlockStore } from '../../src/kernel/chain/block-store.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { Obfuscation } from '../../src/kernel/chain/obfuscation.ts';
import { readWholeFile, writeFileAtomic } from '../../src/kernel/chain/write-file-atomic.ts';
import { readObfuscation } from '../../src/kernel/chain/xor-key.ts';
import { createMainnetParams } from '../../src/kernel/consensus/networks/mainnet.ts';
import { createSignetParams } from '../../src/kernel/consensus/networks/signet.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { writeU32 } from '../../src/kernel/encoding/numbers.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { type BlockHash, formatHash } from '../../src/kernel/primitives/hashes.ts';
import { concatBytes, fromHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { absenceNotice, areVectorsRequired, openVectorFolder, vectorsPath } from './folder.ts';

const PLAIN = new Obfuscation(new Uint8Array(8));

/** Stores every block whose parent it has, or that begins a run, and remembers where. */
class StoringTarget implements ImportTarget {
  readonly store: BlockStore;
  readonly stored: { readonly block: Block; readonly position: BlockPosition }[] = [];
  readonly #known: Set<string>;

  constructor(store: BlockStore, firstParent: BlockHash) {
    this.store = store;
    this.#known = new Set([formatHash(firstParent)]);
  }

  hasHeader(blockHash: BlockHash): boolean {
    return this.#known.has(formatHash(blockHash));
  }

  hasBlock(blockHash: BlockHash): boolean {
    return this.stored.some(({ block }) => formatHash(block.header.blockHash) === formatHash(blockHash));
  }

  async submit(block: Block, position: BlockPosition | null): Promise<void> {
    const { timeSec, blockHash } = block.header;
    this.#known.add(formatHash(blockHash));
    const bytes = block.serialized();
    const at = position ?? (await this.store.writeBlock(bytes, this.stored.length, timeSec));
    this.stored.push({ block, position: at });
  }
}

/** The runs of real blocks among the vectors: bytes as in a block file, and the block before the first. */
interface Run {
  readonly name: string;
  readonly params: ChainParams;
  readonly bytes: Uint8Array;
  readonly blockCount: number;
  readonly firstParent: string;
}

const NOTHING = '0'.repeat(64);
const MAINNET_GENESIS = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

function findRuns(): Run[] | null {
  const vectors = openVectorFolder(vectorsPath());
  if (vectors === null) return null;
  const bytesOf = (path: string): Uint8Array => {
    const file = vectors.find(path);
    assert.ok(file !== undefined, path);
    return file.bytes();
  };
  const main = createMainnetParams();
  const signet = createSignetParams();
  const recent = Array.from({ length: 8 }, (_, i) =>
    bytesOf(`blocks/mainnet/runs/831328-831335/0${831_328 + i}.bin.gz`),
  );
  return [
    {
      name: 'mainnet 1-255',
      params: main,
      bytes: bytesOf('blocks/mainnet/runs/blocks1-256'),
      blockCount: 255,
      firstParent: MAINNET_GENESIS,
    },
    {
      name: 'mainnet 0-438',
      params: main,
      bytes: bytesOf('blocks/mainnet/runs/first-100k-blocks.dat'),
      blockCount: 439,
      firstParent: NOTHING,
    },
    {
      name: 'mainnet 831328-831335',
      params: main,
      bytes: recordsOf(main, recent),
      blockCount: 8,
      firstParent: formatHash(recent[0]!.subarray(4, 36) as BlockHash),
    },
    {
      name: 'signet 0-120',
      params: signet,
      bytes: recordsOf(signet, signetBlocks(vectors.find('blocks/signet/blocks.json')!.json())),
      blockCount: 121,
      firstParent: NOTHING,
    },
  ];
}

function signetBlocks(json: unknown): Uint8Array[] {
  return (json as { readonly block: string }[]).map(({ block }) => fromHex(block));
}

function recordsOf(params: ChainParams, blocks: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...blocks.flatMap((block) => {
      const size = new Uint8Array(4);
      writeU32(size, 0, block.length);
      return [params.magic, size, block];
    }),
  );
}

/** Calls `check` for each run, or skips when there are no vectors. */
async function forRuns(context: TestContext, check: (run: Run) => Promise<void>): Promise<void> {
  const runs = findRuns();
  if (runs === null) {
    assert.ok(!areVectorsRequired(), absenceNotice(vectorsPath()));
    context.skip(absenceNotice(vectorsPath()));
    return;
  }
  for (const run of runs) await check(run);
}

function parentOf(run: Run): BlockHash {
  return fromHex(run.firstParent).reverse() as BlockHash;
}

test('runs of real blocks import from file and are stored byte for byte', async (context) => {
  await forRuns(context, async (run) => {
    const folder = new MemoryFolder();
    const store = await BlockStore.open(folder, { magic: run.params.magic, rng: createRng(1), isObfuscated: false });
    const target = new StoringTarget(store, parentOf(run));
    await writeFileAtomic(folder, 'bootstrap.dat', run.bytes);
    const options = { params: run.params, target, rng: createRng(1) };
    const result = await importFile(folder, 'bootstrap.dat', PLAIN, options);
    assert.equal(result.foundCount, run.blockCount, run.name);
    assert.equal(target.stored.length, run.blockCount, run.name);
    assert.deepEqual(await readWholeFile(folder, 'blk00000.dat'), run.bytes, run.name);
  });
});

test('runs of real blocks come back from obfuscated files on a real disk, and are found again in them (S12)', async (context) => {
  await forRuns(context, async (run) => {
    const path = await mkdtemp(join(tmpdir(), 'tally-blocks-'));
    try {
      const folder = new NodeFolder(path);
      const storeOptions = { magic: run.params.magic, rng: createRng(1), fileBytesMax: 2 ** 20 };
      const store = await BlockStore.open(folder, storeOptions);
      const target = new StoringTarget(store, parentOf(run));
      const source = new MemoryFolder();
      await writeFileAtomic(source, 'bootstrap.dat', run.bytes);
      await importFile(source, 'bootstrap.dat', PLAIN, { params: run.params, target, rng: createRng(1) });
      await store.sync();
      for (const { block, position } of target.stored) {
        const found = await store.readBlock(position, block.header.blockHash);
        store.checkWitnesses(found, position);
        assert.deepEqual(Uint8Array.from(found.serialized()), Uint8Array.from(block.serialized()), run.name);
      }
      await store.close();

      const again = new StoringTarget(store, parentOf(run));
      const key = await readObfuscation(folder);
      await importOwnFiles(folder, key, { params: run.params, target: again, rng: createRng(1) });
      assert.deepEqual(
        again.stored.map(({ position }) => position),
        target.stored.map(({ position }) => position),
        run.name,
      );
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
