// The line that a person sees while a node catches up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../test/model/branch-builder.ts';
import { openMemoryChain } from '../kernel/chain/memory-chain.ts';
import { nullLogger } from './log.ts';
import { ProgressDisplay } from './progress.ts';
import { describePlace, showSyncProgress } from './sync-progress.ts';

test('headers are counted first, then blocks', () => {
  const places = [describePlace(0, 812_345), describePlace(1, 812_345), describePlace(7, 6)];
  assert.deepEqual(places, ['headers 812,345', 'block 1 of 812,345', 'block 7 of 7']);
});

/** A chain that catches up with a branch whose last block is of now, and what a terminal shows meanwhile. */
async function watchSync() {
  const nowSec = 1_800_000_000;
  const branch = new BranchBuilder();
  branch.mineMany(4);
  branch.mine({ timeSec: nowSec - 600 });
  const chain = await openMemoryChain(branch.network);
  const drawn: string[] = [];
  const logged: string[] = [];
  let ms = 0;
  const terminal = { columns: () => 80, write: (text: string) => void drawn.push(text) };
  const log = { ...nullLogger, info: (line: string) => void logged.push(line) };
  const display = new ProgressDisplay(terminal, log, () => {
    ms += 1000;
    return ms;
  });
  const end = showSyncProgress(chain, branch.network, display, log, () => nowSec);
  return { nowSec, branch, chain, drawn, logged, display, end };
}

test('the line appears with the first headers, follows the blocks, and goes away when the chain is of today', async () => {
  const { nowSec, branch, chain, drawn, logged, display } = await watchSync();
  assert.deepEqual(drawn, []);
  const headers = branch.blocks.map(({ header }) => header);
  chain.acceptHeaders(headers, nowSec);
  assert.match(drawn.at(-1) ?? '', /Synchronising \[.*% {2}headers 5$/);
  for (const block of branch.blocks.slice(0, 4)) await chain.submitBlock(block, nowSec);
  assert.match(drawn.at(-1) ?? '', /Synchronising \[.*% {2}block 4 of 5/);
  assert.equal(display.isActive, true);
  await chain.submitBlock(branch.tip, nowSec);
  assert.equal(display.isActive, false);
  assert.deepEqual(logged, ['Leaving InitialBlockDownload (latching to false)']);
  const drawnCount = drawn.length;
  branch.mine({ timeSec: nowSec });
  await chain.submitBlock(branch.tip, nowSec);
  assert.equal(drawn.length, drawnCount);
  await chain.close(nowSec);
});

test('a program that stops meanwhile takes the line away', async () => {
  const { nowSec, branch, chain, drawn, display, end } = await watchSync();
  await chain.submitBlock(branch.at(1), nowSec);
  assert.equal(display.isActive, true);
  end();
  assert.equal(display.isActive, false);
  assert.equal(drawn.at(-1), '\r\u001b[K');
  await chain.submitBlock(branch.at(2), nowSec);
  assert.equal(drawn.at(-1), '\r\u001b[K');
  await chain.close(nowSec);
});
