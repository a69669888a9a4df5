import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { ChainWorld } from '../../../test/model/chain-world.ts';
import { createRng } from '../util/prng.ts';
import { NO_ENTRY } from './block-index.ts';
import { FLUSH_POLICY, FlushClock } from './chain-flush.ts';

describe('the time to flush', () => {
  it('comes between 50 and 70 minutes after the last time', () => {
    for (let seed = 0; seed < 20; seed++) {
      const clock = new FlushClock(FLUSH_POLICY, createRng(seed));
      assert.equal(clock.isDue(NOW_SEC), false);
      assert.equal(clock.isDue(NOW_SEC + 2999), false);
      assert.equal(clock.isDue(NOW_SEC + 4200), true);
      clock.restart(NOW_SEC + 4200);
      assert.equal(clock.isDue(NOW_SEC + 7000), false);
    }
  });

  it('comes when the clock was set back, once (T02)', () => {
    const clock = new FlushClock(FLUSH_POLICY, createRng(1));
    assert.equal(clock.isDue(NOW_SEC), false);
    assert.equal(clock.isDue(0), true);
    clock.restart(0);
    assert.equal(clock.isDue(60), false);
    assert.equal(clock.isDue(NOW_SEC), true);
  });

  it('comes after a count of blocks', () => {
    const clock = new FlushClock({ intervalMinSec: 10, intervalMaxSec: 10, blocksMax: 5 }, createRng(1));
    clock.isDue(0);
    clock.countBlocks(4);
    assert.equal(clock.isDue(1), false);
    clock.countBlocks(1);
    assert.equal(clock.isDue(1), true);
  });
});

describe('flushing', () => {
  it('reports a tip as durable when the coins of that tip are', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(6);
    const world = new ChainWorld();
    const chain = await world.open();
    assert.equal(chain.durableTip, NO_ENTRY);
    const flushed: number[] = [];
    chain.signals.flushed.subscribe(({ height }) => flushed.push(height));
    for (const block of builder.blocks.slice(0, 4)) await chain.submitBlock(block, NOW_SEC);
    assert.equal(chain.durableTip, NO_ENTRY);
    await chain.flush(NOW_SEC);
    assert.equal(chain.durableTip, chain.active.tip);
    await chain.submitBlock(builder.at(5), NOW_SEC);
    assert.equal(chain.index.height(chain.durableTip), 4);
    await chain.submitBlock(builder.at(6), NOW_SEC + 5000);
    assert.equal(chain.index.height(chain.durableTip), 6);
    await chain.close(NOW_SEC);
    assert.deepEqual(flushed, [4, 6, 6]);
    world.cutPower(createRng(3));
    const again = await world.open();
    assert.equal(again.height, 6);
    assert.equal(again.durableTip, again.active.tip);
  });
});
