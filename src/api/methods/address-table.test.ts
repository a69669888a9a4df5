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

test('addresses of fc00::/8 are of CJDNS where that is reached, are counted there, and banned one by one', async (t) => {
  const plain = await RpcWorld.open(t);
  const refused = { success: false, error: 'failed-adding-to-new' };
  assert.deepEqual(await plain.call('addpeeraddress', 'fc00:1:2:3:4:5:6:7', 8333), refused);
  await plain.call('setban', 'fc00::/16', 'add');
  assert.equal((await plain.call('listbanned'))[0].address, 'fc00::/16');

  const world = await RpcWorld.open(t, { network: { usesCjdns: true, hasOpenAddressKey: true } });
  assert.deepEqual(await world.call('addpeeraddress', 'fc00:1:2:3:4:5:6:7', 8333), { success: true });
  assert.deepEqual((await world.call('getaddrmaninfo')).cjdns, { new: 1, tried: 0, total: 1 });
  // as in Core's rpc_net.py
  assert.deepEqual(Object.keys((await world.call('getrawaddrman')).new), ['336/24']);
  const invalid = '-30 Error: Invalid IP/Subnet';
  assert.equal(await world.refusal('setban', 'fc00::/16', 'add'), invalid);
  await world.call('setban', 'fc00::1', 'add');
  assert.equal((await world.call('listbanned'))[0].address, 'fc00::1');
  assert.equal(await world.refusal('setban', 'fc00::1', 'add'), '-23 Error: IP/Subnet already banned');
  await world.call('setban', 'fc00::1', 'remove');
  assert.deepEqual(await world.call('listbanned'), []);
});
