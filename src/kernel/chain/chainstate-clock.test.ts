// The chain under clocks that go wrong (T04): fast, slow, coarse, standing still; and blocks whose times are equal.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld, describeBlock, describeTip } from '../../../test/model/chain-world.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import type { Chainstate } from './chainstate.ts';

const FLUSH_EVERY_SEC = 3600;
const FLUSHING = {
  intervalMinSec: FLUSH_EVERY_SEC,
  intervalMaxSec: FLUSH_EVERY_SEC,
  blocksMax: Number.POSITIVE_INFINITY,
};

const builder = new BranchBuilder();
builder.mineMany(120);

/** Opens a chain and counts its flushes. */
async function openCounting(): Promise<{ chain: Chainstate; flushHeights: number[] }> {
  const chain = await new ChainWorld({ flushPolicy: FLUSHING }).open();
  const flushHeights: number[] = [];
  chain.signals.flushed.subscribe(({ height }) => flushHeights.push(height));
  return { chain, flushHeights };
}

describe('a clock that goes wrong', () => {
  it('T04: runs twice as fast or half as fast, and saving follows it', async () => {
    for (const [speed, flushCount] of [
      [1, 20],
      [2, 40],
      [0.5, 10],
    ] as const) {
      const { chain, flushHeights } = await openCounting();
      // a block every ten minutes of real time, for twenty hours
      for (const [i, block] of builder.blocks.entries()) {
        await chain.submitBlock(block, Math.floor(NOW_SEC + 600 * speed * (i + 1)));
      }
      assert.equal(chain.height, 120);
      assert.ok(Math.abs(flushHeights.length - flushCount) <= 1, `speed ${speed}: ${flushHeights.length} flushes`);
    }
  });

  it('T04: tells the same second for long, or stands still, and nothing waits for it', async () => {
    const { chain, flushHeights } = await openCounting();
    for (const block of builder.blocks) await chain.submitBlock(block, NOW_SEC);
    assert.equal(describeTip(chain), describeBlock(builder.tip, 120));
    assert.deepEqual(flushHeights, []);
    // a clock of one second that was just set back by one counts as set back once, not for ever
    await chain.activate(NOW_SEC - 1);
    await chain.activate(NOW_SEC - 1);
    assert.deepEqual(flushHeights, [120]);
    await chain.close(NOW_SEC - 1);
  });

  it('T04: counts seconds since 1970 whatever their number, and zero is one of them', async () => {
    const { chain } = await openCounting();
    // blocks of 2011 are from the future in 1970, and of the past when counters of 32 bits are full
    const early = await chain.submitBlock(builder.at(1), 0);
    assert.equal(early.outcome === 'rejected' && early.reject.reason, 'time-too-new');
    for (const nowSec of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40]) await chain.activate(nowSec);
    await chain.submitBlock(builder.at(1), 2 ** 40);
    assert.equal(chain.height, 1);
  });
});

describe('times of blocks', () => {
  it('T04: may be equal as long as the median allows, and neither the chain nor its saving stumbles', async () => {
    const equal = new BranchBuilder(createRegtestParams());
    equal.mineMany(11);
    const startSec = equal.tip.header.timeSec + 1;
    // Five equal times pass: the median of eleven is an earlier one. Then they move on by one second.
    for (let i = 0; i < 60; i++) equal.mine({ timeSec: startSec + Math.floor(i / 5) });
    const world = new ChainWorld();
    const chain = await world.open();
    for (const block of equal.blocks) {
      const { outcome } = await chain.submitBlock(block, NOW_SEC);
      assert.equal(outcome, 'connected');
    }
    const stuck = equal.fork();
    const late = stuck.mine({ timeSec: startSec + 9 });
    const refused = await chain.submitBlock(late, NOW_SEC);
    assert.equal(refused.outcome === 'rejected' && refused.reject.reason, 'time-too-old');
    await assertCoinsEqualReplay(chain);
    await chain.close(NOW_SEC);
    assert.equal((await world.open()).height, 71);
  });
});
