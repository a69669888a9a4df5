import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionMessage } from '../../../../test/model/fake-network.ts';
import {
  fate,
  lines,
  type ManagerPeerOptions,
  type ManagerWorld,
  type ManagerWorldOptions,
  sentTo,
} from '../../../../test/model/manager-world.ts';
import { openRelayGround } from '../../../../test/model/relay-pool-world.ts';
import type { Message, VersionMessage } from '../../wire/messages.ts';

async function openWorld(options: ManagerWorldOptions = {}): Promise<ManagerWorld> {
  const { node } = await openRelayGround({ ...options, local: { offersReconciliation: true, ...options.local } });
  return node;
}

function sendTxRcncl(version = 1): Message {
  return { type: 'sendtxrcncl', version, salt: 2n };
}

/** What a peer is told when it has introduced itself. */
function greet(world: ManagerWorld, options: ManagerPeerOptions, version: Partial<VersionMessage> = {}) {
  const { peer, effects } = world.connect(options);
  const answer = world.say(peer, versionMessage(version));
  return { peer, types: sentTo([...effects, ...answer], peer).map(({ type }) => type) };
}

test('whoever can hear of transactions by wtxid is told before our verack', async () => {
  const world = await openWorld();
  const expected = ['version', 'wtxidrelay', 'sendaddrv2', 'sendtxrcncl', 'verack'];
  assert.deepEqual(greet(world, {}).types, expected);
  assert.deepEqual(greet(world, { kind: 'outbound-full-relay' }).types, [...expected, 'getaddr']);
});

test('nobody is told who is old or wants no transactions, nor when we want none', async () => {
  const world = await openWorld();
  const cases: readonly (readonly [ManagerPeerOptions, Partial<VersionMessage>])[] = [
    [{}, { version: 70_015 }],
    [{}, { relay: false }],
    [{ localServices: 13n }, { relay: false }],
    [{ kind: 'block-relay-only' }, {}],
    [{ kind: 'feeler' }, {}],
    [{ kind: 'addr-fetch' }, {}],
  ];
  for (const [options, version] of cases) {
    assert.equal(greet(world, options, version).types.includes('sendtxrcncl'), false, JSON.stringify(options.kind));
  }
  const silent = await openWorld({ local: { isBlocksOnly: true } });
  assert.equal(greet(silent, {}).types.includes('sendtxrcncl'), false);
  const off = await openWorld({ local: { offersReconciliation: false } });
  assert.equal(greet(off, {}).types.includes('sendtxrcncl'), false);
});

test('two sides that have told each other are registered, whatever later version the other speaks', async () => {
  for (const version of [1, 2, 0xffff_ffff]) {
    const world = await openWorld();
    const { peer } = greet(world, {});
    const effects = world.say(peer, { type: 'wtxidrelay' }, sendTxRcncl(version), { type: 'verack' });
    assert.equal(fate(effects, peer), 'kept');
    assert.ok(lines(effects).includes(`Register peer=${peer.id} (inbound=1)`));
    assert.equal(world.manager.txReconciliation?.isRegistered(peer.id), true);
    assert.ok(lines(world.leave(peer)).includes(`Forget txreconciliation state of peer=${peer.id}`));
    assert.equal(world.manager.txReconciliation?.isRegistered(peer.id), false);
  }
});

test('what was not agreed on by the verack is forgotten', async () => {
  const world = await openWorld();
  for (const messages of [[sendTxRcncl()], [{ type: 'wtxidrelay' } as const]]) {
    const { peer } = greet(world, {});
    const effects = world.say(peer, ...messages, { type: 'verack' });
    assert.ok(lines(effects).includes(`Forget txreconciliation state of peer=${peer.id}`));
    assert.equal(world.manager.txReconciliation?.isRegistered(peer.id), false);
  }
});

test('W07: a second word, version 0, and a word after verack end the connection', async () => {
  const cases: readonly (readonly [readonly Message[], string])[] = [
    [
      [sendTxRcncl(), sendTxRcncl()],
      'txreconciliation protocol violation (sendtxrcncl received from already registered peer)',
    ],
    [[sendTxRcncl(0)], 'txreconciliation protocol violation'],
    [[{ type: 'verack' }, sendTxRcncl()], 'sendtxrcncl received after verack'],
  ];
  const world = await openWorld();
  for (const [messages, words] of cases) {
    const { peer } = greet(world, {});
    const effects = world.say(peer, ...messages);
    assert.equal(fate(effects, peer), 'disconnected', words);
    assert.equal(lines(effects).at(-1), `${words}, disconnecting peer=${peer.id}`);
  }
});

test('W07: who contradicts its own version message or ours is disconnected', async () => {
  const world = await openWorld();
  const cases: readonly (readonly [ManagerPeerOptions, Partial<VersionMessage>, string])[] = [
    [{ kind: 'block-relay-only' }, {}, 'sendtxrcncl received to which we indicated no tx relay'],
    [{}, { relay: false }, 'sendtxrcncl received which indicated no tx relay to us'],
  ];
  for (const [options, version, words] of cases) {
    const { peer } = greet(world, options, version);
    const effects = world.say(peer, sendTxRcncl());
    assert.equal(fate(effects, peer), 'disconnected');
    assert.equal(lines(effects).at(-1), `${words}, disconnecting peer=${peer.id}`);
  }
});

test('a word that we did not ask for is ignored', async () => {
  const world = await openWorld();
  const { peer } = greet(world, {}, { version: 70_015 });
  const effects = world.say(peer, sendTxRcncl());
  assert.equal(fate(effects, peer), 'kept');
  assert.deepEqual(lines(effects), [`Ignore unexpected txreconciliation signal from peer=${peer.id}`]);
});
