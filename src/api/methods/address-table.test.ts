import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('addresses are counted by network and table, and listed with their places', async (t) => {
  const world = await RpcWorld.open(t);
  assert.deepEqual(await world.call('getrawaddrman'), { new: {}, tried: {} });
  assert.deepEqual(await world.call('addpeeraddress', '1.2.3.4', 8333, true), { success: true });
  assert.deepEqual(await world.call('addpeeraddress', '2a00::1', 18333), { success: true });
  const counts = await world.call('getaddrmaninfo');
  assert.deepEqual(counts.ipv4, { new: 0, tried: 1, total: 1 });
  assert.deepEqual(counts.ipv6, { new: 1, tried: 0, total: 1 });
  assert.deepEqual(counts.onion, { new: 0, tried: 0, total: 0 });
  assert.deepEqual(counts.all_networks, { new: 1, tried: 1, total: 2 });

  const table = await world.call('getrawaddrman');
  assert.deepEqual(Object.keys(table), ['new', 'tried']);
  const [[place, known]] = Object.entries<Record<string, unknown>>(table.tried) as [[string, Record<string, unknown>]];
  assert.match(place, /^\d+\/\d+$/);
  assert.equal(typeof known.time, 'number');
  assert.deepEqual(
    { ...known, time: 0 },
    {
      address: '1.2.3.4',
      port: 8333,
      services: 9,
      time: 0,
      network: 'ipv4',
      source: '1.2.3.4',
      source_network: 'ipv4',
    },
  );
});
