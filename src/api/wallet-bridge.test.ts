import assert from 'node:assert/strict';
import test from 'node:test';
import { RpcWorld } from '../../test/model/rpc-world.ts';
import type { PruneLimit } from '../kernel/chain/prune-holds.ts';

test('blocks that a wallet has not seen yet are not pruned, and a wallet at the tip holds nothing', async (t) => {
  const world = await RpcWorld.open(t, { hasWallets: true });
  const { pruneHolds, signals } = world.chain;
  await world.call('createwallet', 'one');
  const address = await world.call('getnewaddress');
  await world.call('generatetoaddress', 40, address);
  await world.call('getbalances');
  assert.equal(pruneHolds.limit(), null);
  const limits: (PruneLimit | null)[] = [];
  signals.blockConnected.subscribe(() => limits.push(pruneHolds.limit()));
  await world.call('generatetoaddress', 1, address);
  // Its last block, less a buffer of 10 and one.
  assert.deepEqual(limits, [{ name: 'wallet', height: 29 }]);
  await world.call('getbalances');
  assert.equal(pruneHolds.limit(), null);
  await world.call('unloadwallet', 'one');
  await world.call('generatetoaddress', 1, address);
  assert.equal(limits.at(-1), null, 'a wallet that is closed needs nothing');
});
