import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, ManagerWorld } from '../../../test/model/manager-world.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { networkOfPeer } from '../p2p/addr-local.ts';
import { BanList } from '../p2p/ban-list.ts';
import { parseWhitebind, parseWhitelist, WHITELIST_DEFAULTS, type WhitebindEntry } from '../p2p/net-permissions.ts';
import type { Peer } from '../p2p/peer.ts';
import { parseSubnet } from '../p2p/subnet.ts';
import { PREFIX_GROUPS } from '../wire/net-groups.ts';
import { type Admission, Doorkeeper } from './doorkeeper.ts';

const NOW = 1_700_000_000;

interface Setup {
  readonly world: ManagerWorld;
  readonly banList: BanList;
  decide(address: string, bind?: string): Admission;
  readonly doorkeeper: Doorkeeper;
}

async function setUp(
  inboundMax: number,
  whitelist: readonly string[] = [],
  whitelistDefaults = WHITELIST_DEFAULTS,
): Promise<Setup> {
  const world = await ManagerWorld.open();
  const banList = new BanList(createRng(1));
  const doorkeeper = new Doorkeeper({
    netGroups: PREFIX_GROUPS,
    banList,
    whitelist: whitelist.map((text) => {
      const parsed = parseWhitelist(text);
      assert.ok(parsed.ok);
      return parsed.value;
    }),
    whitelistDefaults,
    inboundMax,
    peers: () => world.manager.peers.values(),
    rng: createRng(2),
  });
  const decide = (address: string, bind?: string): Admission => {
    const parsed = bind === undefined ? null : parseWhitebind(bind);
    const decideAt = (whitebind: WhitebindEntry | null): Admission =>
      doorkeeper.decide(addressOf(address), { whitebind, isOnion: false }, NOW);
    if (parsed === null) return decideAt(null);
    assert.ok(parsed.ok);
    return decideAt(parsed.value);
  };
  return { world, banList, doorkeeper, decide };
}

function ban(list: BanList, text: string): void {
  const subnet = parseSubnet(text);
  assert.ok(subnet.ok);
  list.ban(subnet.value, NOW + 1000, NOW);
}

/** So many inbound peers in as many groups. */
function fill(world: ManagerWorld, count: number): Peer[] {
  return Array.from({ length: count }, (_, i) => {
    world.wait(10);
    return world.join({ address: `${30 + i}.1.1.1:5000` });
  });
}

test('nobody who is banned comes in, unless the operator said otherwise', async () => {
  const { banList, decide } = await setUp(10, ['noban@5.5.0.0/16']);
  ban(banList, '4.4.4.0/24');
  ban(banList, '5.5.5.0/24');
  const refused = decide('4.4.4.9:1');
  assert.deepEqual(refused, { type: 'refuse', text: 'connection from 4.4.4.9:1 dropped (banned)' });
  assert.equal(decide('4.4.5.9:1').type, 'admit');
  const trusted = decide('5.5.5.5:1');
  assert.ok(trusted.type === 'admit' && trusted.permissions.noban);
});

test('options say what those are granted for whom no permission is named', async () => {
  const grantedTo = async (relay: boolean, forceRelay: boolean): Promise<readonly [boolean, boolean, boolean]> => {
    const { decide } = await setUp(10, ['5.5.0.0/16'], { relay, forceRelay });
    const admission = decide('5.5.5.5:1');
    assert.ok(admission.type === 'admit');
    const { permissions } = admission;
    return [permissions.noban, permissions.relay, permissions.forcerelay];
  };
  assert.deepEqual(await grantedTo(true, false), [true, true, false]);
  assert.deepEqual(await grantedTo(false, false), [true, false, false]);
  assert.deepEqual(await grantedTo(true, true), [true, true, true]);
});

test('whoever is discouraged comes in while there is room, and not to the last place', async () => {
  const { world, banList, decide } = await setUp(3);
  banList.discourage(addressOf('6.6.6.6:1'));
  fill(world, 1);
  assert.equal(decide('6.6.6.6:1').type, 'admit');
  fill(world, 1);
  assert.deepEqual(decide('6.6.6.6:1'), { type: 'refuse', text: 'connection from 6.6.6.6:1 dropped (discouraged)' });
  assert.equal(decide('6.6.6.7:1').type, 'admit');
});

test('connections that we made take no place of those who come', async () => {
  const { world, decide } = await setUp(1);
  for (const kind of ['outbound-full-relay', 'manual', 'feeler'] as const) world.join({ kind });
  const admission = decide('1.1.1.1:1');
  assert.ok(admission.type === 'admit' && admission.evicted === null);
});

test('E07, D18: when all places are taken, someone has to go or nobody comes', async () => {
  const { world, decide } = await setUp(4);
  fill(world, 4);
  assert.deepEqual(decide('1.1.1.1:1'), {
    type: 'refuse',
    text: 'failed to find an eviction candidate - connection dropped (full)',
  });
  const { world: crowded, decide: decideThere } = await setUp(60);
  const peers = fill(crowded, 60);
  const admission = decideThere('1.1.1.1:1');
  assert.ok(admission.type === 'admit' && admission.evicted !== null);
  assert.ok(peers.some(({ id }) => id === admission.evicted));
});

test('E07: peers that the operator trusts, and those on their way out, are not chosen', async () => {
  const { world, decide } = await setUp(60);
  for (let i = 0; i < 60; i++) world.join({ address: `${30 + i}.1.1.1:5000`, permissions: ['noban'] });
  assert.equal(decide('1.1.1.1:1').type, 'refuse');
});

test('permissions come from where a peer comes from and where it came in; dialled ones have their own', async () => {
  const { doorkeeper, decide } = await setUp(10, ['in,download@7.7.7.7', 'out,relay@8.8.8.8']);
  const inbound = decide('7.7.7.7:1', 'mempool@127.0.0.1:8333');
  assert.ok(inbound.type === 'admit');
  assert.deepEqual([inbound.permissions.download, inbound.permissions.mempool], [true, true]);
  const other = decide('8.8.8.8:1');
  assert.ok(other.type === 'admit' && !other.permissions.relay);
  assert.ok(doorkeeper.manualPermissions(addressOf('8.8.8.8:1')).relay);
  assert.equal(doorkeeper.manualPermissions(addressOf('7.7.7.7:1')).download, false);
});

test('E07: whoever comes by Tor is granted nothing for the address of Tor, and is chosen among its own', async () => {
  const { decide, doorkeeper, world } = await setUp(2, ['noban@127.0.0.1', 'noban@0.0.0.0/0']);
  const straight = decide('127.0.0.1:1');
  assert.ok(straight.type === 'admit' && straight.permissions.noban);
  const byTor = doorkeeper.decide(addressOf('127.0.0.1:1'), { whitebind: null, isOnion: true }, NOW);
  assert.ok(byTor.type === 'admit' && !byTor.permissions.noban);
  const { peer } = world.connect({ address: '127.0.0.1:2', isInboundOnion: true });
  assert.equal(networkOfPeer(peer), 'onion');
});
