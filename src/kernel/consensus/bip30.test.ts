import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash, type BlockHash } from '../primitives/hashes.ts';
import { mustSearchForOverwrites } from './bip30.ts';
import type { HeaderBranch } from './header-branch.ts';
import { createNetworkParams, type NetworkName } from './networks/all.ts';

const OTHER: BlockHash = asBlockHash(new Uint8Array(32).fill(7));

/** A branch of which only one hash matters. */
function branchTo(height: number, hashAt: number, blockHash: BlockHash): HeaderBranch {
  return {
    height,
    timeSec: () => 0,
    bits: () => 0,
    version: () => 0,
    blockHash: (at) => (at === hashAt ? blockHash : OTHER),
  };
}

test('C07: the search for overwritten transactions ends where the block of BIP34 is known, as in Core', () => {
  for (const [name, bip34Height] of [
    ['main', 227_931],
    ['test', 21_111],
  ] as const) {
    const { consensus } = createNetworkParams(name);
    const searches = (height: number, hash: BlockHash): boolean =>
      mustSearchForOverwrites(consensus, branchTo(height - 1, bip34Height, hash), OTHER);
    const known = consensus.bip34Hash!;
    assert.equal(searches(bip34Height, known), true, 'the branch does not have that block yet');
    assert.equal(searches(bip34Height + 1, known), false);
    assert.equal(searches(bip34Height + 1, OTHER), true);
    assert.equal(searches(1_983_701, known), false);
    assert.equal(searches(1_983_702, known), true);
  }
});

test('C07: networks without such a block search on at every height, though BIP34 holds from the first, as in Core', () => {
  // Core's hash of these networks is zero, which no block has: its comparison fails at every height.
  const names: readonly NetworkName[] = ['testnet4', 'signet', 'regtest'];
  for (const name of names) {
    const { consensus } = createNetworkParams(name);
    assert.equal(consensus.bip34Hash, null);
    assert.equal(consensus.activationHeights.bip34, 1);
    for (const height of [1, 2, 100, 227_932, 1_983_701, 1_983_702]) {
      assert.equal(
        mustSearchForOverwrites(consensus, branchTo(height - 1, 1, OTHER), OTHER),
        true,
        `${name} ${height}`,
      );
    }
  }
});
