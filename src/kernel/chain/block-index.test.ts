import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeWork } from '../consensus/target.ts';
import { asBlockHash, asMerkleRoot } from '../primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../primitives/header.ts';
import { createRng } from '../util/prng.ts';
import { ActiveChain, createLocator, findFork } from './active-chain.ts';
import { type BlockEntry, BlockIndex, NO_ENTRY } from './block-index.ts';
import { BLOCK_FLAG, VALIDITY } from './block-status.ts';
import { CandidateSet } from './candidate-set.ts';
import { IndexBranch } from './index-branch.ts';

const BITS = [0x207fffff, 0x1d00ffff, 0x170331db, 0x1f00ffff];

/** A random tree of headers without proof of work, and its parents. */
function randomTree(count: number, seed: number): { index: BlockIndex; headers: BlockHeader[]; parents: number[] } {
  const rng = createRng(seed);
  const index = new BlockIndex(createRng(seed + 1));
  const headers: BlockHeader[] = [];
  const parents: number[] = [];
  for (let i = 0; i < count; i++) {
    // Mostly long branches, now and then a fork from anywhere.
    const parent = i === 0 ? NO_ENTRY : rng.below(8) === 0 ? rng.below(i) : i - 1;
    const header = buildHeader({
      version: i % 7,
      previousBlockHash: parent === NO_ENTRY ? asBlockHash(new Uint8Array(32)) : headers[parent]!.blockHash,
      merkleRoot: asMerkleRoot(rng.bytes(32)),
      timeSec: 0xfffff000 + rng.below(1000),
      bits: BITS[rng.below(BITS.length)]!,
      nonce: rng.nextU32(),
    });
    assert.equal(index.add(header, parent), i);
    headers.push(header);
    parents.push(parent);
  }
  return { index, headers, parents };
}

function pathOf(parents: readonly number[], entry: number): number[] {
  const path: number[] = [];
  for (let walk = entry; walk !== NO_ENTRY; walk = parents[walk]!) path.push(walk);
  return path.reverse();
}

describe('block index', () => {
  it('gives back every field of a header', () => {
    const { index, headers, parents } = randomTree(700, 1);
    headers.forEach((header, entry) => {
      assert.equal(index.find(header.blockHash), entry);
      assert.deepEqual(index.header(entry).serialized(), header.serialized());
      assert.deepEqual(index.blockHash(entry), header.blockHash);
      assert.equal(index.parent(entry), parents[entry]);
      assert.equal(index.status(entry), VALIDITY.tree);
    });
    assert.equal(index.find(new Uint8Array(32)), NO_ENTRY);
  });

  it('agrees with a walk from parent to parent about ancestors, forks, work and times', () => {
    const { index, headers, parents } = randomTree(600, 2);
    const rng = createRng(3);
    for (let entry = 0; entry < 600; entry++) {
      const path = pathOf(parents, entry);
      assert.equal(index.height(entry), path.length - 1);
      assert.equal(
        index.chainWork(entry),
        path.reduce((sum, each) => sum + computeWork(headers[each]!.bits), 0n),
      );
      assert.equal(index.timeMaxSec(entry), Math.max(...path.map((each) => headers[each]!.timeSec)));
      const height = rng.below(path.length);
      assert.equal(index.ancestor(entry, height), path[height]);
      const other = rng.below(600);
      const shared = pathOf(parents, other).filter((each, at) => path[at] === each);
      assert.equal(index.lastCommonAncestor(entry, other), shared.at(-1));
      assert.equal(index.descendsFrom(entry, other), path.includes(other));
      const difference = index.chainWork(entry) - index.chainWork(other);
      assert.equal(Math.sign(index.compareWork(entry, other)), Number(difference > 0n) - Number(difference < 0n));
    }
  });

  it('knows children and descendants', () => {
    const { index, parents } = randomTree(300, 4);
    for (let entry = 0; entry < 300; entry += 7) {
      const expected = parents.flatMap((_, each) =>
        each !== entry && pathOf(parents, each).includes(entry) ? [each] : [],
      );
      const found: BlockEntry[] = [];
      index.forEachDescendant(entry, (descendant) => {
        found.push(descendant);
        return true;
      });
      assert.deepEqual(
        found.sort((a, b) => a - b),
        expected,
      );
    }
  });

  it('adds work beyond 2^64 exactly', () => {
    const index = new BlockIndex(createRng(1));
    let previousBlockHash = asBlockHash(new Uint8Array(32));
    const bits = [0x03000001, 0x03000001, 0x1d00ffff, 0x207fffff];
    let expected = 0n;
    bits.forEach((each, i) => {
      const header = buildHeader({
        version: 1,
        previousBlockHash,
        merkleRoot: asMerkleRoot(new Uint8Array(32)),
        timeSec: i,
        bits: each,
        nonce: i,
      });
      index.add(header, i - 1);
      previousBlockHash = header.blockHash;
      expected += computeWork(each);
      assert.equal(index.chainWork(i), expected % 2n ** 256n);
    });
    assert.equal(index.chainWork(1), 2n ** 256n % 2n ** 256n, 'two targets of 1 fill 256 bits and wrap');
  });

  it('keeps places of blocks beyond 2^32 (S15)', () => {
    const { index } = randomTree(2, 5);
    index.setData(1, { file: 123_456, offset: 2 ** 40 + 3 }, 7, true);
    index.setUndo(1, 2 ** 33 + 1);
    assert.deepEqual(index.dataPosition(1), { file: 123_456, offset: 1_099_511_627_779 });
    assert.deepEqual(index.undoPosition(1), { file: 123_456, offset: 8_589_934_593 });
    const { haveData, haveUndo, witness } = BLOCK_FLAG;
    assert.equal(index.status(1), VALIDITY.transactions | haveData | haveUndo | witness);
    index.clearData(1);
    assert.equal(index.status(1), VALIDITY.transactions | witness);
    assert.equal(index.txCount(1), 7);
  });

  it('names each changed entry once for the database', () => {
    const { index } = randomTree(5, 6);
    assert.deepEqual([...index.takeDirty()], [0, 1, 2, 3, 4]);
    index.markFailed(3);
    index.markFailed(3);
    index.raiseValidity(1, VALIDITY.transactions);
    index.raiseValidity(1, VALIDITY.tree);
    assert.deepEqual([...index.takeDirty()], [3, 1]);
    assert.deepEqual([...index.takeDirty()], []);
  });

  it('takes about 200 bytes for an entry', () => {
    const { index } = randomTree(20_000, 7);
    const perEntry = index.usedBytes / index.count;
    assert.ok(perEntry < 260, `${perEntry} bytes`);
  });
});

describe('active chain', () => {
  it('moves between branches and knows where others leave it', () => {
    const { index, parents } = randomTree(400, 8);
    const active = new ActiveChain(index);
    const branch = new IndexBranch(index, active);
    const rng = createRng(9);
    for (let round = 0; round < 100; round++) {
      const tip = rng.below(400);
      active.setTip(tip);
      const path = pathOf(parents, tip);
      assert.equal(active.height, path.length - 1);
      assert.deepEqual(
        path.map((_, height) => active.at(height)),
        path,
      );
      const other = rng.below(400);
      const otherPath = pathOf(parents, other);
      assert.equal(active.contains(other), path.includes(other));
      assert.equal(active.fork(other), otherPath.filter((each, at) => path[at] === each).at(-1));
      branch.moveTo(other);
      for (const height of [0, rng.below(otherPath.length), otherPath.length - 1]) {
        assert.equal(branch.entry(height), otherPath[height]);
      }
    }
  });

  it('makes locators dense at the tip and ending with the first block', () => {
    const index = new BlockIndex(createRng(1));
    let previousBlockHash = asBlockHash(new Uint8Array(32));
    for (let i = 0; i < 100; i++) {
      const header = buildHeader({
        version: 1,
        previousBlockHash,
        merkleRoot: asMerkleRoot(new Uint8Array(32)),
        timeSec: i,
        bits: 0x207fffff,
        nonce: 0,
      });
      index.add(header, i - 1);
      previousBlockHash = header.blockHash;
    }
    const heights = createLocator(index, 99).map((hash) => index.height(index.find(hash)));
    assert.deepEqual(heights, [99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88, 86, 82, 74, 58, 26, 0]);
    const active = new ActiveChain(index);
    active.setTip(60);
    assert.equal(findFork(index, active, createLocator(index, 99)), 60);
    assert.equal(findFork(index, active, createLocator(index, 40)), 40);
    assert.equal(findFork(index, active, []), 0);
    assert.equal(active.findEarliestAtLeast(30, 0), 30);
    assert.equal(active.findEarliestAtLeast(30, 45), 45);
    assert.equal(active.findEarliestAtLeast(61, 0), NO_ENTRY);
  });
});

describe('candidate set', () => {
  it('keeps the order of a sorted list through random changes', () => {
    const { index } = randomTree(200, 10);
    const set = new CandidateSet(index);
    const rng = createRng(11);
    for (let entry = 0; entry < 200; entry++) index.setSequence(entry, rng.below(5) - 1);
    let model: BlockEntry[] = [];
    const isWorse = (a: BlockEntry, b: BlockEntry): boolean => {
      if (index.chainWork(a) !== index.chainWork(b)) return index.chainWork(a) < index.chainWork(b);
      if (index.sequence(a) !== index.sequence(b)) return index.sequence(a) > index.sequence(b);
      return a > b;
    };
    for (let step = 0; step < 3000; step++) {
      const entry = rng.below(200);
      switch (rng.below(40)) {
        case 0:
          set.removeWorseThan(entry);
          model = model.filter((each) => !isWorse(each, entry));
          break;
        case 1:
        case 2:
        case 3:
          set.remove(entry);
          model = model.filter((each) => each !== entry);
          break;
        default:
          set.add(entry);
          if (!model.includes(entry)) model.push(entry);
      }
      const best = model.reduce((a, b) => (a === NO_ENTRY || isWorse(a, b) ? b : a), NO_ENTRY);
      assert.equal(set.best, best);
      assert.equal(set.size, model.length);
      assert.equal(set.has(entry), model.includes(entry));
    }
  });
});
