import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryClient } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import type { ConnectedBlock } from './ledger-event.ts';
import { addBlock, type BlockSummary, forgetToldBlocks, putNewBlock, recentBlocksQuery } from './recent-blocks.ts';

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

/** A node that has block 9 and answers when the test says so. */
class SlowNode implements RpcClient {
  #answer: (() => void)[] = [];

  call<Result>(): Promise<Result> {
    const { height, timeSec, ...block } = makeBlock(9);
    const answer = [{ ...block, height, time: timeSec }] as Result;
    return new Promise((resolve) => this.#answer.push(() => resolve(answer)));
  }

  answer(): void {
    for (const resolve of this.#answer.splice(0)) resolve();
  }
}

test('an answer that is older than the blocks told of meanwhile does not take them off the screen', async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { gcTime: 0 } } });
  const node = new SlowNode();
  const query = recentBlocksQuery(node, 12);
  const asked = queries.fetchQuery(query);
  for (const height of [10, 11]) putNewBlock(queries, makeBlock(height));
  node.answer();
  assert.deepEqual(
    (await asked).map(({ hash }) => hash),
    ['h11', 'h10', 'h9'],
  );
  const again = queries.fetchQuery(query);
  putNewBlock(queries, makeBlock(10));
  forgetToldBlocks(queries);
  node.answer();
  assert.deepEqual(
    (await again).map(({ hash }) => hash),
    ['h9'],
  );
});
