import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManagerWorld } from '../../../test/model/manager-world.ts';
import { proofEquivalentTime } from './proof-time.ts';

test('the time of a proof is that of its blocks at the pace of the third block, with its sign', async () => {
  const world = await ManagerWorld.open();
  const { index, active } = world.chain;
  const at = (height: number) => index.find(world.branch.at(height).header.blockHash);
  assert.equal(proofEquivalentTime(index, at(3), at(0), active.tip, 600), 1800);
  assert.equal(proofEquivalentTime(index, at(1), at(3), active.tip, 600), -1200);
  assert.equal(proofEquivalentTime(index, at(2), at(2), active.tip, 600), 0);
});
