import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { versionMessage } from '../../../test/model/fake-network.ts';
import { deeds, fate, lines, ManagerWorld, sentOf, sentTo } from '../../../test/model/manager-world.ts';
import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { AssertionError } from '../../kernel/util/assert.ts';
import type { Message } from '../wire/messages.ts';
import type { Effect } from './effects.ts';
import type { Peer } from './peer.ts';
import { asPeerId } from './peer-id.ts';

/** A node that knows blocks up to `height` of a branch, and the branch. */
async function openBehind(height: number, more: number): Promise<{ world: ManagerWorld; ahead: BranchBuilder }> {
  const branch = new BranchBuilder();
  branch.mineMany(height);
  const ahead = new BranchBuilder(branch.network, branch.blocks);
  ahead.mineMany(more);
  return { world: await ManagerWorld.open({ branch, tipAgeSec: 10_000 }), ahead };
}

/** Hears the chain as the shell does; what comes of it is kept. */
function listen(world: ManagerWorld): { readonly effects: Effect[]; readonly told: string[] } {
  const heard = { effects: [] as Effect[], told: [] as string[] };
  const { signals } = world.chain;
  const hear = (name: string, effects: readonly Effect[]): void => {
    heard.told.push(name);
    heard.effects.push(...effects);
  };
  signals.blockChecked.subscribe(({ block, reject }) => {
    hear('checked', world.manager.blockChecked(block, reject, world.now));
  });
  signals.tipChanged.subscribe(({ tip, fork }) => hear('tip', world.manager.tipChanged(tip, fork, world.now)));
  return heard;
}

/** Carries submit-block effects out. */
async function submitAll(world: ManagerWorld, effects: readonly Effect[]): Promise<Effect[]> {
  const arrived = effects.filter((effect) => effect.type === 'submit-block');
  const results: Effect[] = [];
  let current = arrived[0];
  await world.chain.submitStream(() => world.nowSec, {
    next: () => {
      current = arrived.shift();
      return current === undefined ? null : { block: current.block, arrival: current };
    },
    onAccepted: (block, acceptance) => {
      results.push(...world.manager.blockAccepted(current!.peer, block, acceptance, world.now));
    },
  });
  return results;
}

function headersOf(branch: BranchBuilder, from: number): Message {
  return { type: 'headers', headers: branch.blocks.slice(from - 1).map(({ header }) => header) };
}

test('a whole sync goes through events and effects, and the chain never speaks while an event is handled', async () => {
  const { world, ahead } = await openBehind(2, 6);
  const heard = listen(world);
  const within: string[] = [];
  let isInEvent = false;
  for (const [name, signal] of Object.entries(world.chain.signals)) {
    signal.subscribe(() => {
      if (isInEvent) within.push(name);
    });
  }
  const inEvent = (action: () => readonly Effect[]): readonly Effect[] => {
    isInEvent = true;
    const effects = action();
    isInEvent = false;
    return effects;
  };
  const peer = world.join({ kind: 'outbound-full-relay' });
  inEvent(() => world.tick(peer));
  const [asked] = sentOf(
    inEvent(() => world.say(peer, headersOf(ahead, 3))),
    'getdata',
  );
  assert.equal(asked?.items.count, 6);
  assert.deepEqual(within, ['headerTipChanged'], 'headers are taken in at once, and nothing else happens at once');
  const submitted = inEvent(() =>
    world.say(peer, ...ahead.blocks.slice(2).map((block): Message => ({ type: 'block', block }))),
  );
  await submitAll(world, submitted);
  assert.equal(world.chain.height, 8);
  assert.deepEqual(within, ['headerTipChanged']);
  assert.deepEqual(heard.told.filter((name) => name === 'checked').length, 6);
  assert.equal(world.manager.download.inFlightCount, 0);
});

test('the index changes while a command of the chain runs, and the command goes on', async () => {
  const { world, ahead } = await openBehind(2, 6);
  listen(world);
  const peer = world.join({ kind: 'outbound-full-relay' });
  world.tick(peer);
  const branch = ahead.fork(6);
  branch.mineMany(4);
  let wasAsked = false;
  const running = world.chain.submitStream(() => world.nowSec, {
    next: () => {
      if (wasAsked) return null;
      wasAsked = true;
      // A turn of a peer comes in the middle of the command.
      world.say(peer, headersOf(branch, 3));
      return { block: ahead.at(3), arrival: {} };
    },
    onAccepted: (_block, acceptance) => assert.equal(acceptance.outcome, 'stored'),
  });
  await running;
  assert.equal(world.chain.height, 3);
  assert.equal(world.chain.index.height(world.chain.index.bestHeader), 10);
});

test('an event within an event is a bug that is found, and the next event finds everything in order', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const unsubscribe = world.chain.signals.headerTipChanged.subscribe(() => {
    world.manager.tick(peer.id, world.now);
  });
  const ahead = new BranchBuilder(world.branch.network, world.branch.blocks);
  ahead.mine();
  assert.throws(() => world.say(peer, headersOf(ahead, 4)), AssertionError);
  unsubscribe();
  const effects = world.say(peer, { type: 'ping', nonce: 3n });
  assert.deepEqual(deeds(effects), [{ type: 'send', peer: peer.id, message: { type: 'pong', nonce: 3n } }]);
});

test('J01: what a handler throws takes no effects along into the next event', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const broken = { type: 'headers', headers: null } as unknown as Message;
  assert.throws(() => world.say(peer, broken), TypeError);
  assert.deepEqual(deeds(world.say(peer, { type: 'ping', nonce: 3n })).length, 1);
});

test('an effect without an event is a bug that is found', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  assert.throws(() => world.manager.send(peer, { type: 'verack' }), AssertionError);
});

test('effects come in the order in which they were wanted', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect();
  const effects = deeds(world.say(peer, versionMessage()));
  assert.deepEqual(
    sentTo(effects).map(({ type }) => type),
    ['version', 'wtxidrelay', 'sendaddrv2', 'verack'],
  );
  const stranger = world.join();
  const offence = world.say(stranger, { type: 'sendcmpct', announce: 9, version: 2n });
  assert.deepEqual(
    offence.map(({ type }) => type),
    ['debug', 'debug', 'discourage', 'disconnect'],
  );
});

test('nothing is sent to a peer that is being disconnected, and nothing of it is listened to', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const dropped = world.manager.drop(peer.id, 'disconnect by id', world.now);
  assert.deepEqual(lines(dropped), [`disconnect by id, disconnecting peer=${peer.id}`]);
  assert.deepEqual(world.say(peer, { type: 'ping', nonce: 1n }), []);
  assert.deepEqual(world.tick(peer), []);
  assert.deepEqual(world.manager.drop(peer.id, 'again', world.now), []);
  assert.deepEqual(world.manager.offended(peer.id, 'broken-stream', world.now), []);
  const { block, entry } = await world.grow();
  assert.deepEqual(deeds(world.manager.ownBlockStored(block, entry, world.now)), []);
  assert.deepEqual(deeds(world.manager.tipChanged(entry, world.chain.index.parent(entry), world.now)), []);
});

test('events for a peer that has gone, or never was, come to nothing', async () => {
  const { world, ahead } = await openBehind(2, 3);
  listen(world);
  const peer = world.join({ kind: 'outbound-full-relay' });
  world.tick(peer);
  world.say(peer, headersOf(ahead, 3));
  const submitted = world.say(peer, { type: 'block', block: ahead.at(3) });
  world.leave(peer);
  assert.deepEqual(deeds(await submitAll(world, submitted)), [], 'its block is taken all the same');
  assert.equal(world.chain.height, 3);
  const nobody = asPeerId(999);
  const message: Message = { type: 'ping', nonce: 1n };
  assert.deepEqual(world.manager.messageReceived(nobody, message, world.now), []);
  assert.deepEqual(world.manager.messageUnknown(nobody, 'x', world.now), []);
  assert.deepEqual(world.manager.serveNext(peer.id, world.now), []);
  assert.deepEqual(world.manager.peerDisconnected(nobody, world.now), []);
  assert.equal(world.manager.drop(nobody, 'x', world.now).length, 0);
});

test('a peer whose invalid block was taken and judged after it had gone is not looked for', async () => {
  const { world } = await openBehind(2, 0);
  listen(world);
  const bad = world.branch.fork();
  const block = bad.mineOverpaid();
  const peer = world.join();
  world.tick(peer);
  world.say(peer, { type: 'headers', headers: [block.header] });
  const submitted = world.say(peer, { type: 'block', block });
  world.leave(peer);
  assert.deepEqual(deeds(await submitAll(world, submitted)), []);
  assert.equal(world.chain.height, 2);
});

test('W19: whoever gave an invalid block is discouraged when the verdict comes', async () => {
  const { world } = await openBehind(2, 0);
  const heard = listen(world);
  const bad = world.branch.fork();
  const block = bad.mineOverpaid();
  const peer = world.join();
  world.tick(peer);
  world.say(peer, { type: 'headers', headers: [block.header] });
  await submitAll(world, world.say(peer, { type: 'block', block }));
  assert.equal(fate(heard.effects, peer), 'discouraged');
});

test('punishments spare those whom the operator chose, and do not discourage an address of this machine', async () => {
  const world = await ManagerWorld.open();
  const offend = (peer: Peer): string => fate(world.say(peer, { type: 'sendcmpct', announce: 9, version: 2n }), peer);
  assert.equal(offend(world.join()), 'discouraged');
  assert.equal(offend(world.join({ address: '127.0.0.1:4444' })), 'disconnected');
  assert.equal(offend(world.join({ permissions: ['noban'] })), 'kept');
  assert.equal(offend(world.join({ kind: 'manual' })), 'kept');
});

test('a tip is told to nobody during initial download, and to everybody after it', async () => {
  const world = await ManagerWorld.open({ tipAgeSec: 2 * 24 * 60 * 60 });
  const peer = world.join();
  assert.ok(world.chain.isInitialDownload);
  const first = await world.grow();
  const parentOf = (entry: BlockEntry): BlockEntry => world.chain.index.parent(entry);
  assert.deepEqual(deeds(world.manager.tipChanged(first.entry, parentOf(first.entry), world.now)), []);
  world.nowSec = world.branch.tip.header.timeSec + 100;
  const second = await world.grow();
  assert.equal(world.chain.isInitialDownload, false);
  const effects = world.manager.tipChanged(second.entry, parentOf(second.entry), world.now);
  assert.equal(sentOf(effects, 'inv').length, 1);
  assert.notEqual(parentOf(second.entry), NO_ENTRY);
  assert.equal(fate(effects, peer), 'kept');
});

test('E12, D10: a number of a peer is never given twice, so that what comes late hits nobody else', async () => {
  const world = await ManagerWorld.open();
  const first = world.join();
  world.leave(first);
  const second = world.join();
  assert.deepEqual(deeds(world.manager.offended(first.id, 'block-unreadable', world.now)), []);
  assert.equal(second.isDisconnecting, false);
});
