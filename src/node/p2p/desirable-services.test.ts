import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canServeBlocks,
  estimateBlocksBehind,
  getDesirableServices,
  hasDesirableServices,
  isLimitedPeer,
} from './desirable-services.ts';

/** NODE_NETWORK, NODE_WITNESS, NODE_NETWORK_LIMITED. */
const NETWORK = 1n;
const WITNESS = 8n;
const LIMITED = 1024n;

test('peers must have all blocks and their witnesses, or the latest when we need no others', () => {
  assert.equal(getDesirableServices(0n, 0), NETWORK | WITNESS);
  assert.equal(getDesirableServices(LIMITED, 143), LIMITED | WITNESS);
  assert.equal(getDesirableServices(LIMITED, 144), NETWORK | WITNESS);
  assert.equal(hasDesirableServices(NETWORK | WITNESS, 1_000_000), true);
  assert.equal(hasDesirableServices(LIMITED | WITNESS, 143), true);
  assert.equal(hasDesirableServices(LIMITED | WITNESS, 144), false);
  assert.equal(hasDesirableServices(LIMITED | NETWORK | WITNESS, 144), true);
  assert.equal(hasDesirableServices(LIMITED | NETWORK, 0), false);
  assert.equal(hasDesirableServices(2n ** 64n - 1n, 144), true);
});

test('T02: a clock behind the tip makes nobody far behind', () => {
  assert.equal(estimateBlocksBehind(1000, 1000 + 600 * 144, 600), 144);
  assert.equal(estimateBlocksBehind(1000, 1000 + 600 * 144 - 1, 600), 143);
  assert.ok(estimateBlocksBehind(1_700_000_000, 0, 600) < 0);
});

test('who serves what follows from two bits', () => {
  assert.deepEqual([0n, NETWORK, LIMITED, NETWORK | LIMITED].map(canServeBlocks), [false, true, true, true]);
  assert.deepEqual([0n, NETWORK, LIMITED, NETWORK | LIMITED].map(isLimitedPeer), [false, false, true, false]);
});
