import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { decodeBlock } from './block.ts';
import { computeBranchRoot, computeMerkleBranch, computeMerkleRoot } from './merkle.ts';

const vectors = process.env['TALLY_VECTORS'] ?? '../shared/vectors';

function sha256d(data: Uint8Array): Uint8Array {
  const once = createHash('sha256').update(data).digest();
  return new Uint8Array(createHash('sha256').update(once).digest());
}

/** A hash that is no other: its number spelled into 32 bytes. */
function leaf(number: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(0xa5);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function leaves(...numbers: readonly number[]): Uint8Array {
  return concatBytes(...numbers.map(leaf));
}

/** The root by the definition, on separate arrays. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return new Uint8Array(32);
  if (hashes.length === 1) return hashes[0]!;
  const parents: Uint8Array[] = [];
  for (let i = 0; i < hashes.length; i += 2) {
    parents.push(sha256d(concatBytes(hashes[i]!, hashes[i + 1] ?? hashes[i]!)));
  }
  return naiveRoot(parents);
}

test('the root, every branch and the flag of lists of every length up to 70, and of a thousand', () => {
  for (const count of [...Array.from({ length: 71 }, (_, i) => i), 1000]) {
    const list = Array.from({ length: count }, (_, i) => leaf(i));
    const packed = concatBytes(...list);
    const before = packed.slice();
    const { root, mutated } = computeMerkleRoot(packed);
    assert.deepEqual(new Uint8Array(root), naiveRoot(list));
    assert.equal(mutated, false);
    for (let position = 0; position < count; position += count > 100 ? 111 : 1) {
      const branch = computeMerkleBranch(packed, position);
      assert.equal(branch.length, 32 * Math.ceil(Math.log2(count)));
      assert.deepEqual(computeBranchRoot(list[position]!, branch, position), root);
      if (count > 1) assert.notDeepEqual(computeBranchRoot(leaf(9999), branch, position), root);
    }
    assert.deepEqual(packed, before);
  }
});

test('C05: a list whose tail is repeated has the same root and is flagged', () => {
  const cases: readonly (readonly [honest: readonly number[], repeated: readonly number[]])[] = [
    [[1], [1, 1]],
    [
      [1, 2, 3],
      [1, 2, 3, 3],
    ],
    [
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6, 5, 6],
    ],
    [
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 9, 10, 11, 12],
    ],
  ];
  for (const [honest, repeated] of cases) {
    const genuine = computeMerkleRoot(leaves(...honest));
    const forged = computeMerkleRoot(leaves(...repeated));
    if (honest.length > 1) assert.deepEqual(forged.root, genuine.root);
    assert.equal(genuine.mutated, false);
    assert.equal(forged.mutated, true);
  }
  // equal hashes that are no siblings are nobody's trick
  assert.equal(computeMerkleRoot(leaves(1, 2, 2, 3)).mutated, false);
  // equal siblings before the tail are flagged as well, as in Core
  assert.equal(computeMerkleRoot(leaves(2, 2, 3, 4)).mutated, true);
});

test('C05: whatever is repeated, two lists of different length never share an unflagged root', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 16 }), fc.nat(16), (numbers, tail) => {
      const longer = [...numbers, ...numbers.slice(numbers.length - Math.min(tail, numbers.length))];
      if (longer.length === numbers.length) return;
      const [a, b] = [computeMerkleRoot(leaves(...numbers)), computeMerkleRoot(leaves(...longer))];
      if (toHex(a.root) === toHex(b.root)) assert(a.mutated || b.mutated);
    }),
    { numRuns: 1000 },
  );
});

test('the root of a real block is in its header', { skip: !existsSync(`${vectors}/p2p`) && 'vectors absent' }, () => {
  const bytes = fromHex(readFileSync(`${vectors}/p2p/rust-bitcoin/block_13b8a.hex`, 'utf8').trim());
  const block = decodeBlock(bytes);
  assert(block.ok);
  assert.equal(block.value.txCount, 9);
  assert.deepEqual(computeMerkleRoot(block.value.txids()), {
    root: block.value.header.merkleRoot.slice(),
    mutated: false,
  });
});
