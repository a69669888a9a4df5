import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlockHash, type BlockHash } from '../primitives/hashes.ts';
import { toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { type WaitingBlock, WaitingBlocks } from './waiting-blocks.ts';

function hashOf(n: number): BlockHash {
  return asBlockHash(createRng(n).bytes(32));
}

test('does what a map of lists would do, over 20,000 random steps', () => {
  const rng = createRng(1);
  const waiting = new WaitingBlocks(createRng(2));
  const model = new Map<string, WaitingBlock[]>();
  let count = 0;
  for (let step = 0; step < 20_000; step++) {
    const parent = hashOf(rng.below(700));
    const known = model.get(toHex(parent)) ?? [];
    if (rng.below(3) > 0) {
      const block = { file: rng.below(2 ** 31), offset: rng.below(2 ** 40), byteLength: rng.below(4_000_000) };
      waiting.add(parent, block);
      model.set(toHex(parent), [...known, block]);
      count++;
    } else {
      assert.deepEqual(waiting.take(parent), known);
      model.delete(toHex(parent));
      count -= known.length;
    }
    assert.equal(waiting.count, count);
  }
  assert.ok(count > 100);
});

test('no more than the set number wait, and the others are counted (S12)', () => {
  const waiting = new WaitingBlocks(createRng(2), 3);
  const block = { file: 1, offset: 8, byteLength: 100 };
  for (let n = 0; n < 5; n++) waiting.add(hashOf(n), block);
  assert.deepEqual([waiting.count, waiting.refusedCount], [3, 2]);
  assert.deepEqual(waiting.take(hashOf(4)), []);
  assert.deepEqual(waiting.take(hashOf(0)), [block]);
  waiting.add(hashOf(9), block);
  assert.deepEqual(waiting.take(hashOf(9)), [block]);
});
