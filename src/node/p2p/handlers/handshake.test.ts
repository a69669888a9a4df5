import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE_ASMAP } from '../../../../test/model/example-asmap.ts';
import { versionMessage } from '../../../../test/model/fake-network.ts';
import { addressOf, deeds, fate, lines, ManagerWorld, sentOf, sentTo } from '../../../../test/model/manager-world.ts';
import { formatNetAddress } from '../../wire/net-address.ts';
import { NetGroups } from '../../wire/net-groups.ts';
import type { ConnectionKind } from '../connection-kind.ts';

const PROTOCOL = 70_017;
/** NODE_NETWORK and NODE_WITNESS. */
const FULL = 9n;
/** NODE_NETWORK_LIMITED and NODE_WITNESS. */
const LIMITED = 1032n;

function types(effects: Parameters<typeof sentTo>[0]): string[] {
  return sentTo(effects).map(({ type }) => type);
}

test('whoever dials speaks first: an inbound peer hears our version only after its own', async () => {
  const world = await ManagerWorld.open();
  const { peer, effects } = world.connect();
  assert.deepEqual(deeds(effects), []);
  const answer = world.say(peer, versionMessage());
  assert.deepEqual(types(answer), ['version', 'wtxidrelay', 'sendaddrv2', 'verack']);
  assert.deepEqual(types(world.say(peer, { type: 'verack' })), ['sendcmpct']);
  assert.equal(peer.stage, 'established');
});

test('an outbound peer hears our version at once, and is asked for addresses when it has introduced itself', async () => {
  const world = await ManagerWorld.open();
  const { peer, effects } = world.connect({ kind: 'outbound-full-relay' });
  assert.deepEqual(types(effects), ['version']);
  const answer = world.say(peer, versionMessage());
  assert.deepEqual(types(answer), ['wtxidrelay', 'sendaddrv2', 'verack', 'getaddr']);
});

test('the log names the autonomous system of a peer that a map of them knows', async () => {
  const world = await ManagerWorld.open({ netGroups: new NetGroups(EXAMPLE_ASMAP) });
  for (const [address, ending] of [
    ['101.3.4.5:8333', ', mapped_as=3'],
    ['9.9.9.9:8333', ''],
  ] as const) {
    const { peer } = world.connect({ kind: 'outbound-full-relay', address });
    const told = [...lines(world.say(peer, versionMessage())), ...lines(world.say(peer, { type: 'verack' }))];
    const named = told.filter((line) => /^receive version|^New outbound/.test(line));
    assert.equal(named.length, 2);
    for (const line of named) assert.ok(line.endsWith(`peer=${peer.id}${ending}`), line);
  }
});

test('E12: our version tells what we are and nothing of where we are', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect({ address: '8.8.4.4:1234', localServices: 1033n });
  const [version] = sentOf(world.say(peer, versionMessage()), 'version');
  assert.ok(version !== undefined);
  assert.equal(version.version, PROTOCOL);
  assert.equal(version.services, 1033n);
  assert.equal(version.receiverServices, 0n);
  assert.equal(formatNetAddress(version.receiver), '8.8.4.4:1234');
  assert.equal(version.nonce, peer.localNonce);
  assert.equal(version.startHeight, 3);
  assert.equal(version.userAgent, '/test/');
  assert.equal(version.timeSec, world.nowSec);
  assert.equal(version.relay, false, 'we take no transactions');
});

test('E12: an address that is of no use to others is not named in a version message', async () => {
  const world = await ManagerWorld.open();
  const onion = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333';
  for (const address of ['192.168.1.7:8333', '127.0.0.1:8333', onion]) {
    const { peer } = world.connect({ address });
    const [version] = sentOf(world.say(peer, versionMessage()), 'version');
    assert.ok(version !== undefined);
    assert.deepEqual(version.receiver.bytes, new Uint8Array(16), address);
    assert.equal(version.receiver.port, 0);
  }
});

test('W06: what comes before version is not listened to, and a second version or verack is not either', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect();
  for (const message of [{ type: 'verack' }, { type: 'getaddr' }, { type: 'ping', nonce: 1n }] as const) {
    const effects = world.say(peer, message);
    assert.deepEqual(deeds(effects), []);
    const line = `non-version message before version handshake. Message "${message.type}" from peer=${peer.id}`;
    assert.deepEqual(lines(effects), [line]);
  }
  assert.equal(peer.stage, 'awaiting-version');
  world.say(peer, versionMessage({ startHeight: 5 }));
  const again = world.say(peer, versionMessage({ startHeight: 6 }));
  assert.deepEqual([deeds(again), lines(again)], [[], [`redundant version message from peer=${peer.id}`]]);
  assert.equal(peer.startHeight, 5);
  const early = world.say(peer, { type: 'getaddr' });
  assert.deepEqual(
    [deeds(early), lines(early)],
    [[], [`Unsupported message "getaddr" prior to verack from peer=${peer.id}`]],
  );
  world.say(peer, { type: 'verack' });
  const twice = world.say(peer, { type: 'verack' });
  assert.deepEqual([deeds(twice), lines(twice)], [[], [`ignoring redundant verack message from peer=${peer.id}`]]);
});

test('W06: odd numbers in a version are taken as they are', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect();
  const all = 2n ** 64n - 1n;
  world.say(peer, versionMessage({ startHeight: -1, services: all, version: 2 ** 31 - 1, timeSec: 2 ** 33 }));
  assert.equal(peer.stage, 'awaiting-verack');
  assert.deepEqual([peer.startHeight, peer.services, peer.version], [-1, all, PROTOCOL]);
});

test('W06: a protocol from before headers is too old by one', async () => {
  const world = await ManagerWorld.open();
  const { peer: old } = world.connect();
  const effects = world.say(old, versionMessage({ version: 31_799 }));
  assert.equal(fate(effects, old), 'disconnected');
  assert.deepEqual(lines(effects), [`peer using obsolete version 31799, disconnecting peer=${old.id}`]);
  const { peer } = world.connect();
  const answer = world.say(peer, versionMessage({ version: 31_800 }));
  assert.equal(fate(answer, peer), 'kept');
  assert.deepEqual(types(answer), ['version', 'verack'], 'and hears of nothing that is newer than itself');
  assert.deepEqual(types(world.say(peer, { type: 'verack' })), [], 'compact blocks neither');
});

test('D16: what a user agent holds beyond plain text is dropped', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect();
  const effects = world.say(peer, versionMessage({ userAgent: '/a\n\u001b[31mb:1(c_d)/' }));
  assert.equal(peer.userAgent, '/a31mb:1(c_d)/');
  assert.ok(lines(effects).every((line) => [...line].every((letter) => letter >= ' ')));
});

test('peers that we chose must offer what we look for, others need not', async () => {
  const world = await ManagerWorld.open();
  const cases: readonly (readonly [ConnectionKind, bigint, boolean])[] = [
    ['outbound-full-relay', 0n, false],
    ['outbound-full-relay', 1n, false],
    ['outbound-full-relay', FULL, true],
    ['outbound-full-relay', LIMITED, true],
    ['block-relay-only', 8n, false],
    ['addr-fetch', 0n, false],
    ['feeler', 0n, false],
    ['manual', 0n, true],
    ['inbound', 0n, true],
  ];
  for (const [kind, services, isKept] of cases) {
    const { peer } = world.connect({ kind });
    world.say(peer, versionMessage({ services }));
    // Nothing is expected of a feeler, which ends by itself.
    if (kind !== 'feeler') assert.equal(!peer.isDisconnecting, isKept, `${kind} ${services}`);
    assert.equal(peer.hasWantedServices, services === FULL || services === LIMITED, `${kind} ${services}`);
  }
});

test('far from the tip, peers that have only the latest blocks are not enough', async () => {
  const spacingSec = 600;
  for (const [blocksBehind, isKept] of [
    [143, true],
    [144, false],
  ] as const) {
    const world = await ManagerWorld.open({ tipAgeSec: blocksBehind * spacingSec });
    const { peer } = world.connect({ kind: 'outbound-full-relay' });
    const effects = world.say(peer, versionMessage({ services: LIMITED }));
    assert.equal(!peer.isDisconnecting, isKept, `${blocksBehind} behind`);
    const line = 'peer does not offer the expected services (00000408 offered, 00000009 expected)';
    assert.equal(
      lines(effects).some((text) => text.startsWith(line)),
      !isKept,
    );
  }
});

test('we know ourselves by our nonce, until the connection that said it is in use', async () => {
  const world = await ManagerWorld.open();
  const { peer: outward } = world.connect({ kind: 'manual', address: '7.7.7.7:8333' });
  const { peer: inward } = world.connect({ address: '7.7.7.7:40000' });
  const effects = world.say(inward, versionMessage({ nonce: outward.localNonce }));
  assert.equal(fate(effects, inward), 'disconnected');
  assert.equal(lines(effects)[0], 'connected to self at 7.7.7.7:40000, disconnecting');
  assert.deepEqual(sentTo(effects), []);
  // Version has come, verack has not: it is not in use yet.
  world.say(outward, versionMessage());
  const { peer: second } = world.connect();
  assert.equal(fate(world.say(second, versionMessage({ nonce: outward.localNonce })), second), 'disconnected');
  world.say(outward, { type: 'verack' });
  const { peer: third } = world.connect();
  assert.equal(fate(world.say(third, versionMessage({ nonce: outward.localNonce })), third), 'kept');
  // An inbound connection never says a nonce first.
  const { peer: fourth } = world.connect();
  assert.equal(fate(world.say(fourth, versionMessage({ nonce: fourth.localNonce })), fourth), 'kept');
});

test('a peer that goes in the middle of the handshake leaves nothing behind', async () => {
  const world = await ManagerWorld.open();
  const { peer: early } = world.connect({ kind: 'outbound-full-relay' });
  assert.deepEqual(deeds(world.leave(early)), []);
  const { peer } = world.connect({ kind: 'outbound-full-relay' });
  world.say(peer, versionMessage());
  assert.deepEqual(deeds(world.leave(peer)), []);
  assert.equal(world.manager.peers.size, 0);
  assert.deepEqual(world.say(peer, { type: 'verack' }), []);
  assert.deepEqual(world.leave(peer), []);
});

test('a feeler has done its work when a version has come', async () => {
  const world = await ManagerWorld.open();
  const address = addressOf('9.9.9.9:8333');
  world.addressManager.add(
    [{ timeSec: world.nowSec, services: FULL, address }],
    addressOf('8.8.8.8:8333'),
    0,
    world.nowSec,
  );
  const { peer } = world.connect({ kind: 'feeler', address: '9.9.9.9:8333' });
  const effects = world.say(peer, versionMessage());
  assert.ok(lines(effects).includes(`feeler connection completed, disconnecting peer=${peer.id}`));
  assert.ok(!types(effects).includes('getaddr'));
});

test('W07: what belongs to the negotiation ends the connection after verack', async () => {
  const world = await ManagerWorld.open();
  for (const message of [
    { type: 'wtxidrelay' },
    { type: 'sendaddrv2' },
    { type: 'feature', featureId: 'abcd', data: new Uint8Array(0) },
  ] as const) {
    const peer = world.join();
    const effects = world.say(peer, message);
    assert.equal(fate(effects, peer), 'disconnected', message.type);
    assert.deepEqual(lines(effects), [`${message.type} received after verack, disconnecting peer=${peer.id}`]);
  }
  const peer = world.join();
  const effects = world.say(peer, { type: 'sendtxrcncl', version: 1, salt: 1n });
  assert.equal(fate(effects, peer), 'kept', 'reconciliation is not ours');
  assert.match(
    lines(effects)[0]!,
    /^sendtxrcncl from peer=\d+ ignored, as our node does not have txreconciliation enabled$/,
  );
});

test('W07: before verack the negotiation is heard', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect();
  world.say(peer, versionMessage(), { type: 'wtxidrelay' }, { type: 'sendaddrv2' }, { type: 'sendheaders' });
  assert.deepEqual([peer.announcesByWtxid, peer.wantsAddrV2, peer.wantsHeaders], [true, true, true]);
  const twice = world.say(peer, { type: 'wtxidrelay' });
  assert.deepEqual([deeds(twice), lines(twice)], [[], [`ignoring duplicate wtxidrelay from peer=${peer.id}`]]);
  const { peer: old } = world.connect();
  const late = world.say(old, versionMessage({ version: 70_015 }), { type: 'wtxidrelay' });
  assert.equal(old.announcesByWtxid, false);
  assert.ok(lines(late).includes(`ignoring wtxidrelay due to old common version=70015 from peer=${old.id}`));
});

test('W07: a feature is ignored when we do not know it, and an offence when it is malformed or too early for its sender', async () => {
  const world = await ManagerWorld.open();
  const data = new Uint8Array(0);
  const { peer } = world.connect();
  world.say(peer, versionMessage());
  const known = world.say(peer, { type: 'feature', featureId: 'some', data });
  assert.deepEqual([deeds(known), lines(known)], [[], ['unknown feature advertised: some']]);
  const malformed = world.manager.messageUndecodable(peer.id, 'feature', world.now);
  assert.equal(fate(malformed, peer), 'disconnected');
  assert.deepEqual(lines(malformed), [`invalid feature payload, disconnecting peer=${peer.id}`]);
  const { peer: short } = world.connect();
  world.say(short, versionMessage());
  assert.equal(fate(world.say(short, { type: 'feature', featureId: 'abc', data }), short), 'disconnected');
  const { peer: old } = world.connect();
  world.say(old, versionMessage({ version: 70_016 }));
  const incompatible = world.say(old, { type: 'feature', featureId: 'abcd', data });
  assert.deepEqual(lines(incompatible), [
    `feature received with incompatible version 70016, disconnecting peer=${old.id}`,
  ]);
});

test('W07: sendcmpct with a mode that is neither 0 nor 1 is an offence, a version that nobody knows is none', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  assert.deepEqual(deeds(world.say(peer, { type: 'sendcmpct', announce: 1, version: 99n })), []);
  const effects = world.say(peer, { type: 'sendcmpct', announce: 2, version: 2n });
  assert.equal(fate(effects, peer), 'discouraged');
  assert.equal(lines(effects)[0], `Misbehaving: peer=${peer.id}: invalid sendcmpct announce field`);
});

test('T01: clocks of outbound peers that are far from ours are worth a warning, once; nobody else is asked', async () => {
  const world = await ManagerWorld.open();
  const warn = (kind: ConnectionKind, offsetSec: number): string[] => {
    const { peer } = world.connect({ kind });
    const effects = world.say(peer, versionMessage({ timeSec: world.nowSec + offsetSec }));
    assert.equal(peer.timeOffsetSec, offsetSec);
    return effects.flatMap((effect) => (effect.type === 'log' && effect.level === 'warn' ? [effect.text] : []));
  };
  for (let i = 0; i < 20; i++) assert.deepEqual(warn('inbound', 4000), []);
  const warnings = Array.from({ length: 8 }, () => warn('outbound-full-relay', -4200)).flat();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /clock/);
});
