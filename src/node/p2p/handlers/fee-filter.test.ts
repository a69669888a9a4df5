import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deeds, lines, type ManagerPeerOptions, ManagerWorld, sentOf } from '../../../../test/model/manager-world.ts';
import { openRelayGround } from '../../../../test/model/relay-pool-world.ts';

/** A node whose mempool asks for 250 satoshis per 1,000 virtual bytes in any case. */
async function openRelaying(isBlocksOnly = false, tipAgeSec = 100): Promise<ManagerWorld> {
  const { node, pool } = await openRelayGround({ tipAgeSec, local: { isBlocksOnly } });
  pool.options = { minRelayFeerate: 250 };
  return node;
}

function firstFilters(world: ManagerWorld, options: ManagerPeerOptions): number[] {
  const peer = world.join(options);
  return sentOf(world.tick(peer), 'feefilter').map(({ feeRateSat }) => feeRateSat);
}

test('W16: a fee filter that is no amount of money changes nothing', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  world.say(peer, { type: 'feefilter', feeRateSat: 1000 });
  for (const feeRateSat of [-1, 21e14 + 1, 2 ** 62, -(2 ** 62)]) {
    assert.deepEqual(deeds(world.say(peer, { type: 'feefilter', feeRateSat })), []);
    assert.equal(peer.feeFilterSat, 1000);
  }
  assert.deepEqual(lines(world.say(peer, { type: 'feefilter', feeRateSat: 21e14 })), [
    `received: feefilter of 21000000.00000000 BTC/kvB from peer=${peer.id}`,
  ]);
  assert.equal(peer.feeFilterSat, 21e14);
});

test('a peer is told at its first tick what the mempool asks for in any case', async () => {
  const world = await openRelaying();
  for (const kind of ['inbound', 'outbound-full-relay', 'manual'] as const) {
    assert.deepEqual(firstFilters(world, { kind }), [250], kind);
  }
});

test('no filter is told to those who send us no transactions, or are to send all of them', async () => {
  const world = await openRelaying();
  assert.deepEqual(firstFilters(world, { kind: 'block-relay-only' }), []);
  assert.deepEqual(firstFilters(world, { permissions: ['forcerelay'] }), []);
  assert.deepEqual(firstFilters(world, { permissions: ['relay'] }), [250]);
  assert.deepEqual(firstFilters(world, { version: { version: 70012 } }), [], 'it does not know the message');
  assert.deepEqual(firstFilters(world, { version: { version: 70013 } }), [250]);
  assert.deepEqual(firstFilters(await openRelaying(true), {}), [], '-blocksonly');
  assert.deepEqual(firstFilters(await ManagerWorld.open(), {}), [], 'no mempool');
});

test('as long as the chain is far behind peers are to tell us nothing', async () => {
  const world = await openRelaying(false, 30 * 86_400);
  const peer = world.join();
  assert.equal(world.chain.isInitialDownload, true);
  // the highest rate that is ever told
  assert.deepEqual(sentOf(world.tick(peer), 'feefilter')[0]?.feeRateSat, 9_936_506);
  world.wait(100);
  assert.deepEqual(sentOf(world.tick(peer), 'feefilter'), []);
});
