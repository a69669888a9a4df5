import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../../test/model/branch-builder.ts';
import { deeds, fate, lines, ManagerWorld, sentOf, sentTo } from '../../../../test/model/manager-world.ts';
import { createRegtestParams } from '../../../kernel/consensus/networks/regtest.ts';
import { asBlockHash, type BlockHash } from '../../../kernel/primitives/hashes.ts';
import { createRng } from '../../../kernel/util/prng.ts';
import type { InventoryMessage, LocatorMessage } from '../../wire/messages.ts';
import { HashList, InventoryList } from '../../wire/packed-lists.ts';
import type { Effect } from '../effects.ts';
import type { Peer } from '../peer.ts';

const NO_STOP = asBlockHash(new Uint8Array(32));
const TX = 1;
const BLOCK = 2;
const WITNESS_BLOCK = 0x4000_0002;
/** NODE_NETWORK_LIMITED and NODE_WITNESS. */
const LIMITED = 1032n;

/** One chain for all tests that do not change it. */
const LONG: BranchBuilder = new BranchBuilder();
LONG.mineMany(2005);

function hashAt(branch: BranchBuilder, height: number): BlockHash {
  return asBlockHash(branch.at(height).header.blockHash);
}

function locatorMessage(
  type: 'getheaders' | 'getblocks',
  locator: readonly BlockHash[],
  stopHash: BlockHash = NO_STOP,
): LocatorMessage {
  return { type, locator: HashList.of(locator), stopHash };
}

function getData(...items: readonly { readonly type: number; readonly hash: Uint8Array }[]): InventoryMessage {
  return { type: 'getdata', items: InventoryList.of(items) };
}

/** Answers everything that waits, as the shell would; returns everything that came of it. */
function serveAll(world: ManagerWorld, peer: Peer): Effect[] {
  const effects: Effect[] = [];
  while (world.manager.hasRequests(peer.id)) effects.push(...world.manager.serveNext(peer.id, world.now));
  return effects;
}

// --- getheaders -----------------------------------------------------------------------------------------------------------

test('W08: headers come from behind what the peer has, 2,000 at most, up to the one that it names', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const peer = world.join();
  const ask = (message: LocatorMessage): readonly Uint8Array[] => {
    const [answer] = sentOf(world.say(peer, message), 'headers');
    assert.ok(answer !== undefined);
    return answer.headers.map(({ blockHash }) => blockHash);
  };
  const first = ask(locatorMessage('getheaders', [hashAt(LONG, 0)]));
  assert.deepEqual([first.length, first[0], first.at(-1)], [2000, hashAt(LONG, 1), hashAt(LONG, 2000)]);
  assert.equal(ask(locatorMessage('getheaders', [hashAt(LONG, 2000)])).length, 5);
  assert.deepEqual(ask(locatorMessage('getheaders', [hashAt(LONG, 2005)])), [], 'an empty answer is an answer');
  assert.equal(ask(locatorMessage('getheaders', [hashAt(LONG, 10)], hashAt(LONG, 12))).length, 2);
  const unknown = asBlockHash(createRng(1).bytes(32));
  assert.equal(ask(locatorMessage('getheaders', [unknown, hashAt(LONG, 2004), hashAt(LONG, 3)])).length, 1);
  assert.deepEqual(
    ask(locatorMessage('getheaders', [unknown]))[0],
    hashAt(LONG, 1),
    'we have the first block in common',
  );
});

test('W08, D19: a locator of 101 unknown hashes costs a look-up each, one of 102 the connection', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const rng = createRng(4);
  const locator = Array.from({ length: 102 }, () => asBlockHash(rng.bytes(32)));
  for (const type of ['getheaders', 'getblocks'] as const) {
    const peer = world.join();
    assert.equal(fate(world.say(peer, locatorMessage(type, locator.slice(1))), peer), 'kept');
    const effects = world.say(peer, locatorMessage(type, locator));
    assert.equal(fate(effects, peer), 'disconnected');
    assert.deepEqual(lines(effects), [`${type} locator size 102 > 101, disconnecting peer=${peer.id}`]);
  }
});

test('without a locator a single header is asked for', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const peer = world.join();
  const [one] = sentOf(world.say(peer, locatorMessage('getheaders', [], hashAt(LONG, 7))), 'headers');
  assert.deepEqual(
    one?.headers.map(({ blockHash }) => blockHash),
    [hashAt(LONG, 7)],
  );
  const unknown = world.say(peer, locatorMessage('getheaders', [], asBlockHash(createRng(1).bytes(32))));
  assert.deepEqual(deeds(unknown), []);
});

test('a chain of too little work is not shown, except to those who may have it', async () => {
  const world = await ManagerWorld.open({ minimumChainWork: 1000n });
  const peer = world.join();
  const effects = world.say(peer, locatorMessage('getheaders', [hashAt(world.branch, 0)]));
  assert.deepEqual(sentOf(effects, 'headers')[0]?.headers, []);
  assert.match(
    lines(effects)[0]!,
    /^Ignoring getheaders from peer=\d+ because active chain has too little work; sending empty/,
  );
  const trusted = world.join({ permissions: ['download'] });
  const [answer] = sentOf(world.say(trusted, locatorMessage('getheaders', [hashAt(world.branch, 0)])), 'headers');
  assert.equal(answer?.headers.length, 3);
});

// --- old and stale blocks -------------------------------------------------------------------------------------------------

/** A node whose chain left one block of the branch that it had before, which is `ageSec` older than the best header. */
async function withStaleBlock(ageSec: number): Promise<{ world: ManagerWorld; stale: BlockHash }> {
  const branch = new BranchBuilder();
  branch.mineMany(2);
  const stale = branch.fork(1);
  const staleBlock = stale.mine();
  const genesisSec = branch.at(0).header.timeSec;
  branch.mine({ timeSec: staleBlock.header.timeSec + ageSec });
  assert.ok(branch.tip.header.timeSec > genesisSec);
  const old = new BranchBuilder(createRegtestParams(), stale.blocks);
  const world = await ManagerWorld.open({ branch: old, tipAgeSec: ageSec + 100 });
  for (const block of branch.blocks) await world.chain.submitBlock(block, world.nowSec);
  assert.equal(world.chain.height, 3);
  return { world, stale: asBlockHash(staleBlock.header.blockHash) };
}

test('E12: a block that was once ours is served for a month, and its header, and then neither', async () => {
  const monthSec = 30 * 24 * 60 * 60;
  for (const [ageSec, isServed] of [
    [monthSec - 1, true],
    [monthSec, false],
  ] as const) {
    const { world, stale } = await withStaleBlock(ageSec);
    const peer = world.join();
    const header = world.say(peer, locatorMessage('getheaders', [], stale));
    assert.equal(sentOf(header, 'headers').length, isServed ? 1 : 0);
    if (!isServed)
      assert.match(
        lines(header)[0]!,
        /ignoring request from peer=\d+ for old block header that isn't in the main chain/,
      );
    const block = world.say(peer, getData({ type: WITNESS_BLOCK, hash: stale }));
    assert.equal(
      deeds(block).some(({ type }) => type === 'serve-block'),
      isServed,
    );
    assert.equal(fate(block, peer), 'kept');
  }
});

test('E12: a block that was never validated is not served, whoever asks', async () => {
  const world = await ManagerWorld.open();
  const branch = world.branch.fork(1);
  const block = branch.mine();
  await world.chain.submitBlock(block, world.nowSec);
  assert.notEqual(world.chain.index.find(block.header.blockHash), -1);
  const peer = world.join();
  const effects = world.say(peer, getData({ type: WITNESS_BLOCK, hash: block.header.blockHash }));
  assert.deepEqual(deeds(effects), []);
});

// --- getdata --------------------------------------------------------------------------------------------------------------

test('D05: of many blocks one is served at a time, in order, in the form that was asked for', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const peer = world.join();
  const items = [
    { type: WITNESS_BLOCK, hash: hashAt(LONG, 1) },
    { type: BLOCK, hash: hashAt(LONG, 2) },
    { type: 4, hash: hashAt(LONG, 2005) },
    { type: 4, hash: hashAt(LONG, 1999) },
    { type: 3, hash: hashAt(LONG, 3) },
  ];
  const first = deeds(world.say(peer, getData(...items)));
  assert.equal(first.length, 1);
  const all = [...first, ...deeds(serveAll(world, peer))];
  const forms = all.map(
    (effect) => effect.type === 'serve-block' && [world.chain.index.height(effect.entry), effect.form],
  );
  assert.deepEqual(forms, [
    [1, 'block'],
    [2, 'stripped-block'],
    [2005, 'compact-block'],
    [1999, 'block'],
  ]);
  assert.equal(world.manager.hasRequests(peer.id), false);
});

test('a compact block is sent only while the tip is of today', async () => {
  const spacingSec = 600;
  for (const [tipAgeSec, form] of [
    [20 * spacingSec - 1, 'compact-block'],
    [20 * spacingSec, 'block'],
  ] as const) {
    const world = await ManagerWorld.open({ tipAgeSec });
    const [served] = deeds(world.say(world.join(), getData({ type: 4, hash: world.branch.tip.header.blockHash })));
    assert.equal(served?.type === 'serve-block' && served.form, form);
  }
});

test('D04: fifty thousand items of unknown types and missing transactions come to an end', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const rng = createRng(3);
  const items = Array.from({ length: 50_000 }, (_, i) => ({ type: i < 49_000 ? 99 : TX, hash: rng.bytes(32) }));
  const effects = [...world.say(peer, getData(...items)), ...serveAll(world, peer)];
  assert.equal(world.manager.hasRequests(peer.id), false, 'nothing is looked at again');
  const missing = sentOf(effects, 'notfound');
  assert.deepEqual([missing.length, missing[0]?.items.count], [1, 1000]);
  assert.deepEqual(missing[0]?.items.hash(0), items[49_000]!.hash);
});

test('W08: a request for 50,001 items is an offence', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const items = InventoryList.of(Array.from({ length: 50_001 }, () => ({ type: BLOCK, hash: NO_STOP })));
  const effects = world.say(peer, { type: 'getdata', items });
  assert.equal(fate(effects, peer), 'discouraged');
  assert.equal(world.manager.hasRequests(peer.id), false);
});

test('whoever said that it wants no transactions is not told which of them we have not', async () => {
  const world = await ManagerWorld.open();
  const wanting = world.join();
  const peer = world.join({ version: { relay: false } });
  const request = getData({ type: TX, hash: NO_STOP });
  assert.equal(sentOf(world.say(wanting, request), 'notfound').length, 1);
  assert.deepEqual(deeds(world.say(peer, request)), []);
  assert.equal(world.manager.hasRequests(peer.id), false);
});

test('what a peer asked for is forgotten when it goes', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const peer = world.join();
  const blocks = Array.from({ length: 50 }, (_, i) => ({ type: BLOCK, hash: hashAt(LONG, i + 1) }));
  world.say(peer, getData(...blocks));
  assert.ok(world.manager.hasRequests(peer.id));
  world.leave(peer);
  assert.equal(world.manager.hasRequests(peer.id), false);
  assert.deepEqual(world.manager.serveNext(peer.id, world.now), []);
});

test('a node that says it keeps the latest blocks serves 290 below the tip, and lets nobody guess what else it has', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const ask = (height: number, permissions: readonly 'noban'[] = []): readonly [string, number] => {
    const peer = world.join({ localServices: LIMITED, permissions });
    const effects = world.say(peer, getData({ type: WITNESS_BLOCK, hash: hashAt(LONG, height) }));
    return [fate(effects, peer), deeds(effects).filter(({ type }) => type === 'serve-block').length];
  };
  assert.deepEqual(ask(2005 - 290), ['kept', 1]);
  assert.deepEqual(ask(2005 - 291), ['disconnected', 0]);
  assert.deepEqual(ask(2005 - 291, ['noban']), ['kept', 1]);
});

// --- getblocks ------------------------------------------------------------------------------------------------------------

test('getblocks is answered with 500 names, and when the last is fetched with the tip, after that block', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const peer = world.join();
  world.tick(peer);
  assert.deepEqual(sentTo(world.say(peer, locatorMessage('getblocks', [hashAt(LONG, 10)]))), []);
  const [inv] = sentOf(world.tick(peer), 'inv');
  assert.deepEqual(
    [inv?.items.count, inv?.items.hash(0), inv?.items.hash(499)],
    [500, hashAt(LONG, 11), hashAt(LONG, 510)],
  );
  const before = deeds(world.say(peer, getData({ type: BLOCK, hash: hashAt(LONG, 509) })));
  assert.deepEqual([before.length, world.manager.hasRequests(peer.id)], [1, false]);
  const request = getData({ type: BLOCK, hash: hashAt(LONG, 510) }, { type: BLOCK, hash: hashAt(LONG, 4) });
  const served = deeds(world.say(peer, request));
  assert.deepEqual(
    served.map(({ type }) => type),
    ['serve-block'],
    'the name of the tip waits until the block is sent',
  );
  assert.ok(world.manager.hasRequests(peer.id));
  const next = sentTo(world.manager.serveNext(peer.id, world.now));
  assert.deepEqual(next, [{ type: 'inv', items: InventoryList.of([{ type: BLOCK, hash: hashAt(LONG, 2005) }]) }]);
  assert.deepEqual(
    deeds(serveAll(world, peer)).map(({ type }) => type),
    ['serve-block'],
  );
  const again = [...world.say(peer, getData({ type: BLOCK, hash: hashAt(LONG, 510) })), ...serveAll(world, peer)];
  assert.deepEqual(sentOf(again, 'inv'), [], 'once');
});

test('getblocks ends before the block that is named, and two questions between two ticks are both answered', async () => {
  const world = await ManagerWorld.open({ branch: LONG });
  const peer = world.join();
  world.tick(peer);
  world.say(peer, locatorMessage('getblocks', [hashAt(LONG, 10)], hashAt(LONG, 13)));
  world.say(peer, locatorMessage('getblocks', [hashAt(LONG, 20)], hashAt(LONG, 22)));
  const [inv] = sentOf(world.tick(peer), 'inv');
  assert.deepEqual(inv?.items.count, 3);
  assert.deepEqual(
    [0, 1, 2].map((i) => inv!.items.hash(i)),
    [11, 12, 21].map((height) => hashAt(LONG, height)),
  );
  for (let i = 0; i < 50; i++) world.say(peer, locatorMessage('getblocks', [hashAt(LONG, 10)]));
  const total = sentOf(world.tick(peer), 'inv').reduce((sum, { items }) => sum + items.count, 0);
  assert.equal(total, 2000, 'D19: what waits is bounded');
});

test('a pruned node names no blocks that may be gone within an hour', async () => {
  const world = await ManagerWorld.open({ branch: LONG, isPruning: true });
  const peer = world.join();
  world.tick(peer);
  const likely = 288 - 6;
  world.say(peer, locatorMessage('getblocks', [hashAt(LONG, 10)]));
  assert.deepEqual(sentOf(world.tick(peer), 'inv'), []);
  world.say(peer, locatorMessage('getblocks', [hashAt(LONG, 2005 - likely)]));
  assert.equal(sentOf(world.tick(peer), 'inv')[0]?.items.count, likely);
});
