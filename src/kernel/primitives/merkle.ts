// Merkle trees over 32-byte hashes: root, branch, and the root that a branch proves. A level of odd length repeats its last hash,
// so different lists can have one root (CVE-2012-2459): the root comes with a flag that says whether this could be such a list.
// Mirrors Core's consensus/merkle. Hashes lie one after another in one array; a level is hashed as one batch.

import { sha256dPairsInto } from '../crypto/sha256.ts';
import { assert } from '../util/assert.ts';
import { copyRange, equalRange } from '../util/bytes.ts';
import { asMerkleRoot, HASH_BYTES, type MerkleRoot } from './hashes.ts';

/** A root, and whether two equal hashes were siblings anywhere below it. */
export interface MerkleRootResult {
  readonly root: MerkleRoot;
  /** True for a list with a repeated tail, whose root an honest list may share: then the root proves nothing (C05). */
  readonly mutated: boolean;
}

function hasEqualSiblings(level: Uint8Array, count: number): boolean {
  for (let i = 0; i + 1 < count; i += 2) {
    if (equalRange(level, HASH_BYTES * i, level, HASH_BYTES * (i + 1), HASH_BYTES)) return true;
  }
  return false;
}

/** Replaces the first `count` hashes, at least two, by their parents and returns how many those are. */
function ascend(level: Uint8Array, count: number): number {
  const pairs = count >>> 1;
  sha256dPairsInto(level, pairs);
  if (count % 2 === 0) return pairs;
  const alone = new Uint8Array(2 * HASH_BYTES);
  for (const at of [0, HASH_BYTES]) copyRange(level, HASH_BYTES * (count - 1), alone, at, HASH_BYTES);
  sha256dPairsInto(alone, 1);
  copyRange(alone, 0, level, HASH_BYTES * pairs, HASH_BYTES);
  return pairs + 1;
}

/** The root over packed hashes, 32 bytes each, which are left as they are; no hashes have the root zero. */
export function computeMerkleRoot(hashes: Uint8Array): MerkleRootResult {
  assert(hashes.length % HASH_BYTES === 0, 'packed hashes of 32 bytes');
  const count = hashes.length / HASH_BYTES;
  if (count === 0) return { root: asMerkleRoot(new Uint8Array(HASH_BYTES)), mutated: false };
  const level = hashes.slice();
  let mutated = false;
  for (let left = count; left > 1; left = ascend(level, left)) {
    mutated ||= hasEqualSiblings(level, left);
  }
  return { root: asMerkleRoot(level.slice(0, HASH_BYTES)), mutated };
}

/**
 * The siblings on the way from the hash at `position` to the root, deepest first, packed: what {@link computeBranchRoot} needs
 * beside the hash itself. Where a hash has no sibling it is its own.
 */
export function computeMerkleBranch(hashes: Uint8Array, position: number): Uint8Array {
  let count = hashes.length / HASH_BYTES;
  assert(hashes.length % HASH_BYTES === 0 && position >= 0 && position < count, 'the position of a packed hash');
  const level = hashes.slice();
  const branch: number[] = [];
  for (let at = position; count > 1; at >>>= 1) {
    const sibling = Math.min(at ^ 1, count - 1);
    for (let i = 0; i < HASH_BYTES; i++) branch.push(level[HASH_BYTES * sibling + i]!);
    count = ascend(level, count);
  }
  return Uint8Array.from(branch);
}

/** The root that `branch` (packed siblings, deepest first) gives to the hash at `position` of a list. */
export function computeBranchRoot(hash: Uint8Array, branch: Uint8Array, position: number): MerkleRoot {
  assert(branch.length % HASH_BYTES === 0, 'packed hashes of 32 bytes');
  const current = hash.slice();
  const pair = new Uint8Array(2 * HASH_BYTES);
  let index = position;
  for (let at = 0; at < branch.length; at += HASH_BYTES) {
    const isRight = index % 2 === 1;
    copyRange(current, 0, pair, isRight ? HASH_BYTES : 0, HASH_BYTES);
    copyRange(branch, at, pair, isRight ? 0 : HASH_BYTES, HASH_BYTES);
    sha256dPairsInto(pair, 1);
    copyRange(pair, 0, current, 0, HASH_BYTES);
    index = Math.floor(index / 2);
  }
  return asMerkleRoot(current);
}
