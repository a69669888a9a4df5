import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBlock } from '../../../test/model/block-builder.ts';
import { MemoryHeaderBranch } from '../consensus/header-branch.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import { writeU32 } from '../encoding/numbers.ts';
import type { Block } from '../primitives/block.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { concatBytes } from '../util/bytes.ts';
import { createRng, type Rng } from '../util/prng.ts';
import { type ImportProgress, type ImportTarget, importFile, importOwnFiles } from './block-import.ts';
import { scanBlocks } from './block-scan.ts';
import { type BlockPosition, BlockStore } from './block-store.ts';
import { failOnce } from './disk-faults.ts';
import { MemoryFolder } from './memory-folder.ts';
import { Obfuscation } from './obfuscation.ts';
import { writeFileAtomic } from './write-file-atomic.ts';
import { readObfuscation } from './xor-key.ts';

const params = createRegtestParams();
const PLAIN = new Obfuscation(new Uint8Array(8));
const BLOCKS = makeBlocks(60);

function makeBlocks(count: number): Block[] {
  const branch = new MemoryHeaderBranch([params.genesis.header]);
  return Array.from({ length: count }, () => {
    const block = makeBlock(branch, params.consensus);
    branch.append(block.header);
    return block;
  });
}

function record(block: Block, size: number = block.totalSize): Uint8Array {
  const head = new Uint8Array(8);
  head.set(params.magic);
  writeU32(head, 4, size);
  return concatBytes(head, block.serialized());
}

/** A chain that takes every block whose parent it has, and refuses those it is told to. */
class FakeChain implements ImportTarget {
  readonly taken: string[] = [];
  readonly positions: (BlockPosition | null)[] = [];
  readonly refused: Set<string> = new Set();
  readonly #known: Set<string> = new Set([formatHash(params.consensus.genesisHash)]);

  hasHeader(blockHash: BlockHash): boolean {
    return this.#known.has(formatHash(blockHash));
  }

  hasBlock(blockHash: BlockHash): boolean {
    return this.#known.has(formatHash(blockHash));
  }

  async submit(block: Block, position: BlockPosition | null): Promise<void> {
    assert.ok(this.hasHeader(block.header.previousBlockHash), 'a parent that is known');
    const name = formatHash(block.header.blockHash);
    if (this.refused.has(name)) return;
    this.#known.add(name);
    this.taken.push(name);
    this.positions.push(position);
  }
}

function namesOf(blocks: readonly Block[]): string[] {
  return blocks.map((block) => formatHash(block.header.blockHash));
}

async function importBytes(bytes: Uint8Array, chain: FakeChain = new FakeChain(), obfuscation = PLAIN) {
  const folder = new MemoryFolder();
  await writeFileAtomic(folder, 'bootstrap.dat', bytes);
  const result = await importFile(folder, 'bootstrap.dat', obfuscation, { params, target: chain, rng: createRng(1) });
  return { chain, result };
}

function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

test('blocks of a file come in their order, without a position of ours', async () => {
  const { chain, result } = await importBytes(concatBytes(...BLOCKS.map((block) => record(block))));
  assert.deepEqual(chain.taken, namesOf(BLOCKS));
  assert.ok(chain.positions.every((position) => position === null));
  assert.deepEqual(result, { foundCount: 60, submittedCount: 60, orphanCount: 0, isComplete: true });
});

test('garbage between blocks hides none of them (S12)', async () => {
  const rng = createRng(2);
  const { magic } = params;
  const junk: (() => Uint8Array)[] = [
    () => new Uint8Array(0),
    () => new Uint8Array(rng.below(3000)),
    () => rng.bytes(rng.below(3000)),
    () => magic,
    () => magic.subarray(0, 1 + rng.below(3)),
    () => concatBytes(magic, magic, magic),
    // a size that reaches beyond the next blocks, and one beyond the file
    () => concatBytes(magic, Uint8Array.of(0x00, 0x08, 0x00, 0x00), rng.bytes(50)),
    () => concatBytes(magic, Uint8Array.of(0x00, 0x09, 0x3d, 0x00)),
    () => concatBytes(magic, Uint8Array.of(0xff, 0xff, 0xff, 0xff)),
    // the first half of a block, and one with a wrong byte in its middle
    () => record(BLOCKS[rng.below(60)]!).subarray(0, 90 + rng.below(50)),
    () => damaged(record(BLOCKS[rng.below(60)]!)),
  ];
  for (let round = 0; round < 200; round++) {
    const parts = BLOCKS.slice(0, 12).flatMap((block) => [junk[rng.below(junk.length)]!(), record(block)]);
    const { chain } = await importBytes(concatBytes(...parts, junk[rng.below(junk.length)]!()));
    const expected = namesOf(BLOCKS.slice(0, 12));
    assert.deepEqual(
      chain.taken.filter((name) => expected.includes(name)),
      expected,
    );
  }
});

/** The record with a count of transactions that cannot be. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[8 + 80] = 0xfc;
  return copy;
}

test('blocks in any order are taken in an order that has parents first (S12)', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const order = shuffled(BLOCKS, createRng(seed));
    const { chain, result } = await importBytes(concatBytes(...order.map((block) => record(block))));
    assert.deepEqual(chain.taken, namesOf(BLOCKS));
    assert.equal(result.orphanCount, 0);
  }
});

test('every child of a parent is taken, and a block that comes twice only once (S12)', async () => {
  const branch = new MemoryHeaderBranch([params.genesis.header]);
  const siblings = [1, 2, 3].map((n) => makeBlock(branch, params.consensus, { timeSec: 1_400_000_000 + n }));
  branch.append(siblings[1]!.header);
  const child = makeBlock(branch, params.consensus);
  const order = [child, ...siblings, ...siblings, child];
  const { chain, result } = await importBytes(concatBytes(...order.map((block) => record(block))));
  assert.deepEqual(new Set(chain.taken), new Set(namesOf([...siblings, child])));
  assert.equal(chain.taken.length, 4);
  assert.equal(result.submittedCount, 4);
  assert.equal(result.foundCount, 8);
});

test('a truncated tail costs the last block and no other (S12)', async () => {
  const bytes = concatBytes(...BLOCKS.slice(0, 5).map((block) => record(block)));
  const lastStart = bytes.length - record(BLOCKS[4]!).length;
  for (let length = lastStart; length < bytes.length; length++) {
    const { chain } = await importBytes(bytes.subarray(0, length));
    assert.deepEqual(chain.taken, namesOf(BLOCKS.slice(0, 4)));
  }
  const { chain } = await importBytes(new Uint8Array(0));
  assert.deepEqual(chain.taken, []);
});

test('bytes after a block within its size are passed over, as Core does', async () => {
  const parts = BLOCKS.slice(0, 5).map((block) =>
    concatBytes(record(block, block.totalSize + 9), createRng(1).bytes(9)),
  );
  assert.deepEqual((await importBytes(concatBytes(...parts))).chain.taken, namesOf(BLOCKS.slice(0, 5)));
});

test('descendants of a refused block are left out, and counted', async () => {
  const chain = new FakeChain();
  chain.refused.add(namesOf(BLOCKS)[10]!);
  const { result } = await importBytes(concatBytes(...BLOCKS.map((block) => record(block))), chain);
  assert.deepEqual(chain.taken, namesOf(BLOCKS.slice(0, 10)));
  assert.equal(result.orphanCount, 49);
});

test('blocks that wait take bounded memory; further ones are left for another pass (S12)', async () => {
  const folder = new MemoryFolder();
  const order = [...BLOCKS].reverse();
  await writeFileAtomic(folder, 'bootstrap.dat', concatBytes(...order.map((block) => record(block))));
  const chain = new FakeChain();
  const options = { params, target: chain, rng: createRng(1), waitingCountMax: 25 };
  const first = await importFile(folder, 'bootstrap.dat', PLAIN, options);
  assert.deepEqual(first, { foundCount: 60, submittedCount: 1, orphanCount: 59, isComplete: true });
  for (let pass = 0; pass < 60 && chain.taken.length < 60; pass++) {
    await importFile(folder, 'bootstrap.dat', PLAIN, options);
  }
  assert.deepEqual(chain.taken, namesOf(BLOCKS));
});

test('own files are read with their key, from the first on, and blocks keep their places (S12)', async () => {
  const folder = new MemoryFolder('blocks');
  const store = await BlockStore.open(folder, { magic: params.magic, rng: createRng(1), fileBytesMax: 1500 });
  const positions = new Map<string, BlockPosition>();
  for (const block of shuffled(BLOCKS, createRng(3))) {
    positions.set(formatHash(block.header.blockHash), await store.writeBlock(block.serialized(), 1, 1));
  }
  for (const name of await folder.list()) folder.disk.setReadOnly(`blocks/${name}`, true);
  folder.disk.setReadOnly('blocks', true);
  const chain = new FakeChain();
  const progress: ImportProgress[] = [];
  const result = await importOwnFiles(folder, await readObfuscation(folder), {
    params,
    target: chain,
    rng: createRng(1),
    onProgress: (step) => progress.push(step),
  });
  assert.deepEqual(chain.taken, namesOf(BLOCKS));
  assert.deepEqual(
    chain.positions,
    chain.taken.map((name) => positions.get(name)),
  );
  assert.equal(result.orphanCount, 0);
  assert.equal(progress.length, store.fileInfos.length);
  assert.deepEqual(progress.at(-1), {
    name: `blk0000${store.fileInfos.length - 1}.dat`,
    fileIndex: store.fileInfos.length - 1,
    fileCount: store.fileInfos.length,
    bytesDone: store.fileInfos.at(-1)!.blockBytes,
    bytesTotal: store.fileInfos.at(-1)!.blockBytes,
    foundCount: 60,
    submittedCount: 60,
    waitingCount: 0,
  });
});

test('own files end before the first gap in their numbers', async () => {
  const folder = new MemoryFolder('blocks');
  const store = await BlockStore.open(folder, { magic: params.magic, rng: createRng(1), fileBytesMax: 1500 });
  const files: number[] = [];
  for (const block of BLOCKS) files.push((await store.writeBlock(block.serialized(), 1, 1)).file);
  await folder.remove('blk00002.dat');
  const chain = new FakeChain();
  await importOwnFiles(folder, await readObfuscation(folder), { params, target: chain, rng: createRng(1) });
  assert.deepEqual(chain.taken, namesOf(BLOCKS.filter((_, i) => files[i]! < 2)));
});

test('an import that is stopped at any block goes on in another run (S12)', async () => {
  const folder = new MemoryFolder();
  const order = shuffled(BLOCKS, createRng(4));
  await writeFileAtomic(folder, 'bootstrap.dat', concatBytes(...order.map((block) => record(block))));
  for (let stop = 0; stop < 60; stop += 7) {
    const chain = new FakeChain();
    let asked = 0;
    const options = { params, target: chain, rng: createRng(1) };
    const stopped = await importFile(folder, 'bootstrap.dat', PLAIN, { ...options, isStopped: () => asked++ >= stop });
    assert.equal(stopped.isComplete, false);
    assert.equal(stopped.foundCount, stop);
    const { isComplete } = await importFile(folder, 'bootstrap.dat', PLAIN, options);
    assert.equal(isComplete, true);
    assert.deepEqual(chain.taken, namesOf(BLOCKS));
  }
});

test('a failing disk and a failing chain end the import with their error (S06)', async () => {
  const folder = new MemoryFolder();
  await writeFileAtomic(folder, 'bootstrap.dat', concatBytes(...BLOCKS.map((block) => record(block))));
  const target = new FakeChain();
  folder.disk.inject = failOnce('read', 1);
  await assert.rejects(importFile(folder, 'bootstrap.dat', PLAIN, { params, target, rng: createRng(1) }), {
    name: 'StorageError',
    code: 'failed',
    path: 'memory/bootstrap.dat',
  });
  target.submit = () => Promise.reject(new Error('the verifier died'));
  await assert.rejects(
    importFile(folder, 'bootstrap.dat', PLAIN, { params, target, rng: createRng(1) }),
    /the verifier died/,
  );
});

test('blocks across the edges of the pieces that are read are found whole', async () => {
  const folder = new MemoryFolder();
  const pieceBytes = 4_000_008;
  // blocks before, on and behind each edge; with shifts of about 250 the edge is within the magic of the first
  for (let shift = 0; shift < 300; shift += shift > 235 && shift < 255 ? 1 : 17) {
    const file = await folder.open(`file${shift}`, 'create');
    const offsets: number[] = [];
    for (const [i, block] of BLOCKS.slice(0, 3).entries()) {
      const start = (i + 1) * pieceBytes - 250 + shift;
      await file.write(start, record(block));
      offsets.push(start + 8);
    }
    const found: number[] = [];
    for await (const { blocks } of scanBlocks(file, { params, obfuscation: PLAIN, pieceBytes })) {
      for (const { offset } of blocks) found.push(offset);
    }
    assert.deepEqual(found, offsets);
  }
});
