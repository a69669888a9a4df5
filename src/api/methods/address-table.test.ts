import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE_ASMAP } from '../../../test/model/example-asmap.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { NetGroups } from '../../node/wire/net-groups.ts';

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

test('with a map of autonomous systems every address is told with its own and that of whoever told of it', async (t) => {
  const network = { netGroups: new NetGroups(EXAMPLE_ASMAP), hasOpenAddressKey: true };
  const world = await RpcWorld.open(t, { network });
  await world.call('addpeeraddress', '101.2.3.4', 8333, true);
  await world.call('addpeeraddress', '9.9.9.9', 8333);
  const table = await world.call('getrawaddrman');
  const [mapped] = Object.values<Record<string, unknown>>(table.tried);
  assert.deepEqual([mapped?.mapped_as, mapped?.source_mapped_as], [2, 2]);
  const [unknown] = Object.values<Record<string, unknown>>(table.new);
  assert.ok(unknown !== undefined && !('mapped_as' in unknown) && !('source_mapped_as' in unknown));
  assert.equal(await world.refusal('exportasmap', 'asmap.dat'), '-1 No embedded ASMap data available');
});

test('with the key that everybody knows places are those of every other node', async (t) => {
  const world = await RpcWorld.open(t, { network: { hasOpenAddressKey: true } });
  await world.call('addpeeraddress', '1.2.3.4', 8333, true);
  await world.call('addpeeraddress', '2.0.0.0', 8333);
  const { new: heardOf, tried } = await world.call('getrawaddrman');
  // as in Core's rpc_net.py
  assert.deepEqual([Object.keys(heardOf), Object.keys(tried)], [['82/8'], ['6/33']]);
});
