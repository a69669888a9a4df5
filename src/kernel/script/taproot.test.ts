// Taproot trees and commitments. The wallet vectors of BIP341 are judged by test/vectors/judges/sighash.ts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nobleSecp256k1 as secp } from '../crypto/secp256k1-noble.ts';
import { sha256, taggedHash } from '../crypto/sha256.ts';
import { compareBytes, concatBytes, fromHex, toHex } from '../util/bytes.ts';
import {
  checkTaprootCommitment,
  computeAnnexHash,
  computeTapleafHash,
  computeTaprootMerkleRoot,
  isControlBlockLength,
  TAPROOT_DEPTH_MAX,
} from './taproot.ts';
import { createTaprootOutput, isTapTree, type TapLeaf, type TapSubtree } from './taproot-builder.ts';

/** The x coordinate of the generator: a point as good as any. */
const INTERNAL_KEY = fromHex('79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

/** A tree as nested pairs; a number names a leaf. */
type Tree = number | readonly [Tree, Tree];

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.nat(255), fc.tuple(tie('tree'), tie('tree'))),
})).tree;

function leavesOf(node: Tree, depth = 0): TapLeaf[] {
  if (typeof node === 'number')
    return [{ depth, script: new Uint8Array(node).fill(node), leafVersion: 2 * (node >> 1) }];
  return [...leavesOf(node[0], depth + 1), ...leavesOf(node[1], depth + 1)];
}

/** Root of a tree by the words of BIP341. */
function modelRoot(node: Tree): Uint8Array {
  if (typeof node === 'number') {
    const length = node < 253 ? [node] : [253, node, 0];
    return taggedHash('TapLeaf', Uint8Array.of(2 * (node >> 1), ...length), new Uint8Array(node).fill(node));
  }
  const children = [modelRoot(node[0]), modelRoot(node[1])].sort(compareBytes);
  return taggedHash('TapBranch', ...children);
}

function proves(control: Uint8Array, outputKey: Uint8Array, leaf: TapLeaf): boolean {
  const leafHash = new Uint8Array(32);
  computeTapleafHash(leaf.leafVersion, leaf.script, 0, leaf.script.length, leafHash);
  const bytes = concatBytes(Uint8Array.of(1, 2, 3), control, Uint8Array.of(4));
  const keyBytes = concatBytes(Uint8Array.of(0x51, 0x20), outputKey);
  return checkTaprootCommitment(secp, bytes, 3, bytes.length - 1, keyBytes, 2, leafHash);
}

describe('taproot outputs', () => {
  test('every leaf of a random tree is proved by its control block, and the root is that of the model', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const leaves = leavesOf(node);
        const output = createTaprootOutput(secp, INTERNAL_KEY, leaves);
        assert.ok(output !== null && output.merkleRoot !== null);
        assert.equal(toHex(output.merkleRoot), toHex(modelRoot(node)));
        assert.equal(output.leaves.length, leaves.length);
        for (const [i, leaf] of output.leaves.entries()) {
          assert.equal(leaf.controlBlock.length, 33 + 32 * leaves[i]!.depth);
          const root = new Uint8Array(32);
          computeTaprootMerkleRoot(leaf.controlBlock, 0, leaf.controlBlock.length, leaf.tapleafHash, root);
          assert.equal(toHex(root), toHex(output.merkleRoot));
        }
        const last = leaves.length - 1;
        assert.ok(proves(output.leaves[last]!.controlBlock, output.outputKey, leaves[last]!));
      }),
      { numRuns: 40 },
    );
  });

  test('an output without leaves commits to its key alone', () => {
    const output = createTaprootOutput(secp, INTERNAL_KEY)!;
    assert.equal(output.merkleRoot, null);
    assert.equal(toHex(output.tweak), toHex(taggedHash('TapTweak', INTERNAL_KEY)));
    assert.equal(toHex(output.scriptPubKey), `5120${toHex(output.outputKey)}`);
    assert.deepEqual(output.leaves, []);
  });

  test('a subtree known by its hash takes the place of its leaves', () => {
    const leaves = leavesOf([1, [2, 3]]);
    const whole = createTaprootOutput(secp, INTERNAL_KEY, leaves)!;
    const subtree: TapSubtree = { depth: 1, tapHash: modelRoot([2, 3]) };
    const part = createTaprootOutput(secp, INTERNAL_KEY, [leaves[0]!, subtree])!;
    assert.equal(toHex(part.outputKey), toHex(whole.outputKey));
    assert.equal(part.leaves.length, 1);
    assert.equal(toHex(part.leaves[0]!.controlBlock), toHex(whole.leaves[0]!.controlBlock));
  });

  test('odd leaf versions, wrong depths and keys off the curve make no output', () => {
    const leaf: TapLeaf = { depth: 0, script: fromHex('51'), leafVersion: 0xc0 };
    assert.notEqual(createTaprootOutput(secp, INTERNAL_KEY, [leaf]), null);
    assert.equal(createTaprootOutput(secp, INTERNAL_KEY, [{ ...leaf, leafVersion: 0xc1 }]), null);
    assert.equal(createTaprootOutput(secp, INTERNAL_KEY, [{ ...leaf, leafVersion: 0x1c0 }]), null);
    assert.equal(createTaprootOutput(secp, INTERNAL_KEY, [{ ...leaf, depth: 1 }]), null);
    assert.equal(createTaprootOutput(secp, new Uint8Array(32).fill(0xff), [leaf]), null);
    assert.equal(createTaprootOutput(secp, INTERNAL_KEY.subarray(1), [leaf]), null);
  });
});

describe('depths in depth-first order', () => {
  const cases: readonly (readonly [readonly number[], boolean])[] = [
    [[], true],
    [[0], true],
    [[1], false],
    [[0, 0], false],
    [[0, 1, 1], false],
    [[1, 1], true],
    [[1, 2, 2], true],
    [[2, 2, 1], true],
    [[2, 1, 2], false],
    [[1, 1, 1], false],
    [[2, 2, 2, 2], true],
    [[2, 2, 3, 3, 2], true],
    [[3, 3, 2, 2, 2], true],
    [[3, 3, 2, 2], false],
    [[2, 2, 2], false],
    [[-1], false],
    [[0.5], false],
  ];
  for (const [depths, expected] of cases) {
    test(`[${depths.join(', ')}] is ${expected ? 'a' : 'no'} tree`, () => assert.equal(isTapTree(depths), expected));
  }

  test('a tree may be 128 deep and no deeper', () => {
    const comb = (depth: number): number[] => [...Array.from({ length: depth }, (_, i) => i + 1), depth];
    assert.ok(isTapTree(comb(TAPROOT_DEPTH_MAX)));
    assert.ok(!isTapTree(comb(TAPROOT_DEPTH_MAX + 1)));
  });
});

describe('commitments', () => {
  const leaves = leavesOf([7, [8, 9]]);
  const output = createTaprootOutput(secp, INTERNAL_KEY, leaves)!;
  const control = output.leaves[1]!.controlBlock;

  test('C26: a leaf of an unknown version must be committed to like any other', () => {
    const unknown: TapLeaf = { depth: 0, script: fromHex('51'), leafVersion: 0xc2 };
    const committed = createTaprootOutput(secp, INTERNAL_KEY, [unknown])!;
    assert.ok(proves(committed.leaves[0]!.controlBlock, committed.outputKey, unknown));
    assert.ok(!proves(committed.leaves[0]!.controlBlock, output.outputKey, unknown));
    assert.ok(!proves(committed.leaves[0]!.controlBlock, committed.outputKey, { ...unknown, leafVersion: 0xc4 }));
  });

  test('any changed byte of script, control block or output key breaks the proof', () => {
    assert.ok(proves(control, output.outputKey, leaves[1]!));
    for (const at of [0, 1, 32, 33, 64, control.length - 1]) {
      const changed = control.slice();
      changed[at] = changed[at]! ^ 1;
      assert.ok(!proves(changed, output.outputKey, leaves[1]!), `byte ${at}`);
    }
    assert.ok(!proves(control, output.outputKey, leaves[0]!));
    assert.ok(!proves(control.subarray(0, -32), output.outputKey, leaves[1]!));
    const otherKey = output.outputKey.slice();
    otherKey[31] = otherKey[31]! ^ 1;
    assert.ok(!proves(control, otherKey, leaves[1]!));
  });

  test('control blocks have 33 + 32k bytes, k up to 128', () => {
    for (const length of [33, 65, 33 + 32 * 128]) assert.ok(isControlBlockLength(length), String(length));
    for (const length of [0, 1, 32, 34, 64, 66, 33 + 32 * 129])
      assert.ok(!isControlBlockLength(length), String(length));
  });

  test('the hash of an annex covers its length', () => {
    const hash = new Uint8Array(32);
    computeAnnexHash(fromHex('aa50bbccdd'), 1, 4, hash);
    assert.equal(toHex(hash), toHex(sha256(fromHex('0350bbcc'))));
    computeAnnexHash(new Uint8Array(300).fill(0x50), 0, 300, hash);
    assert.equal(toHex(hash), toHex(sha256(concatBytes(fromHex('fd2c01'), new Uint8Array(300).fill(0x50)))));
  });
});
