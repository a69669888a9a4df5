import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectedBlock } from './ledger-event.ts';
import { addBlock, type BlockSummary } from './recent-blocks.ts';

function makeBlock(height: number): ConnectedBlock {
  return {
    hash: `h${height}`,
    previousHash: `h${height - 1}`,
    height,
    timeSec: 1000 + height,
    transactionCount: 1,
    size: 200,
    weight: 800,
    feesSat: 0,
    rewardSat: 50_00000000,
  };
}

const SHOWN: readonly BlockSummary[] = [9, 8, 7].map((height) => ({ ...makeBlock(height), minerText: 'x' }));

test('a block that follows the newest one is put on top, and the oldest leaves', () => {
  assert.deepEqual(
    addBlock(SHOWN, makeBlock(10), 3).map(({ hash }) => hash),
    ['h10', 'h9', 'h8'],
  );
});

test('a block that does not follow the newest one changes nothing', () => {
  assert.equal(addBlock(SHOWN, makeBlock(9), 3), SHOWN);
  assert.equal(addBlock(SHOWN, makeBlock(12), 3), SHOWN);
  assert.equal(addBlock(SHOWN, { ...makeBlock(10), previousHash: 'other' }, 3), SHOWN);
  assert.deepEqual(addBlock([], makeBlock(1), 3), []);
});
