import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allPrefilled,
  CompactWorld,
  colliding,
  missingOf,
  numbered,
  TestPool,
  transactionsOf,
} from '../../../../test/model/compact-world.ts';
import { buildHeader } from '../../../kernel/primitives/header.ts';
import { toHex } from '../../../kernel/util/bytes.ts';
import type { MessageOf } from '../../wire/messages.ts';

// --- sendcmpct ------------------------------------------------------------------------------------------------------------

test('W07: an announce byte beyond 1 is an offence, and other versions of compact blocks are ignored', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'silent');
  const facts = (): boolean[] => [world.compact.providesCompact(peer.id), world.compact.wantsAnnouncements(peer.id)];
  world.sendMode(peer, 2);
  assert.deepEqual(world.offences, ['0 invalid-sendcmpct']);
  for (const version of [0n, 1n, 3n, 99n, 2n ** 64n - 1n]) world.sendMode(peer, 1, version);
  world.sendMode(peer, 2, 99n);
  assert.deepEqual(facts(), [false, false]);
  assert.deepEqual(world.offences, ['0 invalid-sendcmpct', '0 invalid-sendcmpct']);
  world.sendMode(peer, 1);
  assert.deepEqual(facts(), [true, true]);
  world.sendMode(peer, 0);
  assert.deepEqual(facts(), [true, false]);
});

// --- cmpctblock: who is listened to ---------------------------------------------------------------------------------------

test('compact blocks are ignored that nobody asked for, from peers that never offered them, and without a pool', async () => {
  const world = await CompactWorld.open();
  const block = world.branch.mine({ transactions: numbered(1) });
  world.sendCompact(world.join('inbound', 'silent'), block);
  assert.match(world.lines.pop()!, /peer=0 sent us a compact block despite never having sent us a SENDCMPCT!/);
  assert.equal(world.entryOf(block), -1);
  world.sendCompact(world.join('inbound', 'low'), block);
  assert.match(world.lines.pop()!, /peer=1, not marked as high-bandwidth, sent us an unsolicited compact block!/);
  assert.deepEqual(world.take(), []);
  const blocksOnly = await CompactWorld.open({ isBlocksOnly: true });
  const peer = blocksOnly.join();
  const other = blocksOnly.branch.mine();
  blocksOnly.request(peer, other);
  blocksOnly.sendCompact(peer, other);
  assert.match(blocksOnly.lines.pop()!, /peer=0 sent us a compact block even though we are blocksonly!/);
  assert.deepEqual([...blocksOnly.take(), ...world.offences, ...blocksOnly.offences], []);
  assert.equal(world.submitted.length + blocksOnly.submitted.length, 0);
});

test('W09: a compact block that does not connect leads to one getheaders and no punishment', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'announces');
  world.branch.mine();
  const unconnected = world.branch.mine();
  world.sendCompact(peer, unconnected);
  world.sendCompact(peer, unconnected);
  const [request, ...others] = world.sent as { message: MessageOf<'getheaders'> }[];
  assert.deepEqual(others, []);
  assert.equal(request?.message.type, 'getheaders');
  assert.equal(toHex(request.message.locator.hash(0)), toHex(world.chain.tipHash));
  assert.deepEqual(world.offences, []);
});

test('W09: while far behind a compact block that does not connect leads to nothing', async () => {
  const world = await CompactWorld.open({ tipAgeSec: 3 * 24 * 60 * 60 });
  assert.equal(world.chain.isInitialDownload, true);
  const peer = world.join('inbound', 'announces');
  world.branch.mine();
  world.sendCompact(peer, world.branch.mine());
  assert.deepEqual(world.take(), []);
  assert.deepEqual(world.offences, []);
});

test('W09: a compact block of a chain with too little work is ignored', async () => {
  const world = await CompactWorld.open({ blockCount: 150 });
  const peer = world.join('inbound', 'announces');
  const low = world.branch.fork(2).mine({ transactions: numbered(1) });
  world.sendCompact(peer, low);
  assert.deepEqual(world.lines, ['[net] Ignoring low-work compact block from peer 0']);
  assert.equal(world.entryOf(low), -1);
  const enough = world.branch.fork(10).mine();
  world.sendCompact(peer, enough);
  assert.notEqual(world.entryOf(enough), -1);
  assert.deepEqual(world.take(), []);
});

test('W09: a bad header in a compact block is punished, one from the future or of a block known as invalid is not', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('outbound-full-relay', 'announces');
  const good = world.branch.fork().mine();
  const { version, previousBlockHash, merkleRoot, timeSec, bits } = good.header;
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce });
    if (header.blockHash[31]! < 0x80) continue;
    world.sendCompact(peer, good, { header });
    break;
  }
  assert.deepEqual(world.offences.splice(0), ['0 invalid-compact-header']);
  const future = world.branch.fork().mine({ timeSec: world.nowSec + 3 * 60 * 60 });
  world.sendCompact(peer, future);
  assert.match(
    world.lines[0]!,
    /^\[validation\] AcceptBlockHeader: .*: [0-9a-f]{64}, high-hash, proof of work failed$/,
  );
  assert.match(world.lines[1]!, /^\[validation\] AcceptBlockHeader: .*: [0-9a-f]{64}, time-too-new, /);
  assert.deepEqual(world.lines.slice(2), ['[net] peer=0: invalid header via cmpctblock']);
  const fork = world.branch.fork();
  const invalid = fork.mineOverpaid();
  await world.chain.submitBlock(invalid, world.nowSec);
  assert.equal(world.chain.index.isFailed(world.entryOf(invalid)), true);
  world.sendCompact(peer, invalid);
  assert.deepEqual(world.offences, []);
  world.sendCompact(peer, fork.mine());
  assert.deepEqual(world.offences, ['0 invalid-compact-header']);
});

// --- cmpctblock: what comes of it -----------------------------------------------------------------------------------------

test('an announced compact block is completed by one round trip and becomes the tip', async () => {
  const world = await CompactWorld.open({ blockCount: 101 });
  const peer = world.join('inbound', 'announces');
  const block = world.branch.mine({ transactions: [world.branch.spendCoinbase(1)] });
  world.sendCompact(peer, block);
  assert.deepEqual(world.take(), ['0 getblocktxn 1']);
  assert.match(world.lines[0]!, /^Saw new cmpctblock header hash=[0-9a-f]{64} height=102 peer=0$/);
  assert.equal(world.download.bestKnown(peer.id), world.entryOf(block));
  world.sendTransactions(peer, block.header.blockHash, missingOf(block));
  assert.match(
    world.lines.at(-1)!,
    /^\[cmpctblock\] Successfully reconstructed block [0-9a-f]{64} with 1 txn prefilled, /,
  );
  assert.equal(world.download.isArriving(world.entryOf(block)), true);
  // Another peer that has it, too, is not asked while it is on its way into the chain.
  world.sendCompact(world.join('inbound', 'announces'), block);
  assert.deepEqual(world.take(), []);
  assert.deepEqual(await world.connectSubmitted(), ['connected']);
  assert.deepEqual(world.download.takeGiver(block.header.blockHash), { peer: 0, isCompact: true });
  assert.equal(toHex(world.chain.tipHash), toHex(block.header.blockHash));
  world.sendCompact(peer, block);
  assert.deepEqual(world.take(), []);
  assert.deepEqual(world.offences, []);
});

test('a compact block with everything in it, or in the pools, needs no round trip', async () => {
  const [pool, extra] = [new TestPool(), new TestPool()];
  const world = await CompactWorld.open({ pools: { pool, extra } });
  const peer = world.join('inbound', 'announces');
  const along = world.branch.fork().mine({ transactions: numbered(3) });
  world.sendCompact(peer, along, allPrefilled(along));
  const pooled = world.branch.fork().mine({ transactions: numbered(3, 10) });
  pool.add(...missingOf(pooled).slice(1));
  extra.add(...missingOf(pooled).slice(0, 1));
  world.sendCompact(peer, pooled);
  assert.deepEqual(world.take(), []);
  assert.deepEqual(
    world.submitted.map(({ block }) => toHex(block.serialized())),
    [toHex(along.serialized()), toHex(pooled.serialized())],
  );
  assert.equal(world.download.inFlightCount, 0);
});

test('a block that was asked for as compact is taken from a peer that may not announce', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'low');
  const block = world.branch.mine({ transactions: numbered(2) });
  world.request(peer, block);
  world.sendCompact(peer, block);
  assert.deepEqual(world.take(), ['0 getblocktxn 1,2']);
  world.sendCompact(peer, block);
  assert.equal(world.lines.at(-1), '[net] Peer sent us compact block we were already syncing!');
  assert.deepEqual(world.take(), []);
  world.sendTransactions(peer, block.header.blockHash, missingOf(block));
  assert.equal(world.submitted.length, 1);
});

test('a compact block that is no better than the tip is fetched whole if it was asked for, else ignored', async () => {
  const world = await CompactWorld.open();
  const asked = world.join('inbound', 'low');
  const other = world.join('inbound', 'announces');
  const block = world.branch.fork(2).mine({ transactions: numbered(2) });
  world.request(asked, block);
  world.sendCompact(other, block);
  assert.deepEqual(world.take(), []);
  world.sendCompact(asked, block);
  assert.deepEqual(world.take(), ['0 getdata block × 1']);
  assert.equal(world.download.isInFlightFrom(asked.id, world.entryOf(block)), true);
});

test('a compact block far above the tip is fetched whole if it was asked for, else taken as a header', async () => {
  const world = await CompactWorld.open();
  const asked = world.join('inbound', 'low');
  const other = world.join('inbound', 'announces');
  const blocks = [1, 2, 3].map((n) => world.branch.mine({ transactions: numbered(1, n) }));
  world.chain.acceptHeaders(
    blocks.slice(0, 2).map(({ header }) => header),
    world.nowSec,
  );
  world.sendCompact(other, blocks[2]!);
  const [fetched] = world.sent.splice(0) as { peer: number; message: MessageOf<'getdata'> }[];
  assert.deepEqual([fetched!.peer, fetched!.message.type, fetched!.message.items.count], [1, 'getdata', 3]);
  for (const block of blocks) world.download.cancel(other.id, world.entryOf(block), 0);
  world.request(asked, blocks[2]!);
  world.sendCompact(asked, blocks[2]!);
  assert.deepEqual(world.take(), ['0 getdata block × 1']);
  // Two above the tip is near enough.
  world.sendCompact(other, blocks[1]!);
  assert.deepEqual(world.take(), ['1 getblocktxn 1']);
});

test('with an old tip a compact block that nobody asked for only brings its header', async () => {
  const world = await CompactWorld.open({ tipAgeSec: 20 * 600 });
  assert.equal(world.chain.isInitialDownload, false);
  const block = world.branch.mine({ transactions: numbered(1) });
  world.sendCompact(world.join('inbound', 'announces'), block);
  assert.deepEqual(world.take(), []);
  assert.notEqual(world.entryOf(block), -1);
  const asked = world.join('inbound', 'low');
  world.request(asked, block);
  world.sendCompact(asked, block);
  assert.deepEqual(world.take(), ['1 getblocktxn 1']);
});

test('W11: a malformed compact block is an offence and its peer owes nothing any more', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'announces');
  const block = world.branch.mine();
  const prefilled = [{ index: 1, transaction: block.transaction(0) }];
  world.sendCompact(peer, block, { prefilled });
  assert.deepEqual(world.offences, ['0 invalid-compact-block']);
  assert.deepEqual(world.take(), []);
  assert.equal(world.download.inFlightCount, 0);
  world.check();
});

test('short ids that collide lead to the whole block from the first peer, and to nothing from the next', async () => {
  const world = await CompactWorld.open();
  const [first, second] = [world.join('inbound', 'announces'), world.join('inbound', 'announces')];
  const block = world.branch.mine({ transactions: numbered(2) });
  world.sendCompact(first, block, colliding());
  assert.deepEqual(world.take(), ['0 getdata block × 1']);
  world.sendCompact(first, block);
  assert.equal(world.lines.at(-1), '[net] Peer sent us compact block we were already syncing!');
  world.sendCompact(second, block, colliding());
  assert.deepEqual(world.take(), []);
  assert.deepEqual(world.download.inFlightPeers(world.entryOf(block)), [first.id]);
  world.check();
});

// --- several peers for one block ------------------------------------------------------------------------------------------

test('a peer that lets us wait is raced by two others, the last place being for an outbound one', async () => {
  const world = await CompactWorld.open({ blockCount: 101 });
  const staller = world.join('inbound', 'low');
  const second = world.join('inbound', 'announces');
  const third = world.join('inbound', 'announces');
  const outbound = world.join('outbound-full-relay', 'announces');
  const block = world.branch.mine({ transactions: [world.branch.spendCoinbase(1)] });
  const entry = world.request(staller, block);
  world.sendCompact(staller, block);
  world.sendCompact(second, block);
  assert.deepEqual(world.take(), ['0 getblocktxn 1', '1 getblocktxn 1']);
  world.sendCompact(third, block);
  assert.deepEqual(world.take(), []);
  world.sendCompact(outbound, block);
  assert.deepEqual(world.take(), ['3 getblocktxn 1']);
  assert.deepEqual(world.download.inFlightPeers(entry), [0, 1, 3]);
  world.sendTransactions(second, block.header.blockHash, missingOf(block));
  assert.deepEqual(world.download.inFlightPeers(entry), [0, 3]);
  // A copy is not handed to the chain again while the block is on its way there.
  world.sendTransactions(outbound, block.header.blockHash, missingOf(block));
  assert.deepEqual(world.download.inFlightPeers(entry), [0]);
  assert.equal(world.submitted.length, 1);
  assert.deepEqual(await world.connectSubmitted(), ['connected']);
  assert.deepEqual(world.download.inFlightPeers(entry), []);
  // What comes late is nobody's fault.
  world.sendTransactions(staller, block.header.blockHash, missingOf(block));
  assert.match(world.lines.at(-1)!, /Peer 0 sent us block transactions for block we weren't expecting/);
  assert.deepEqual(world.offences, []);
});

test('once an outbound peer was asked, inbound ones may have the last place', async () => {
  const world = await CompactWorld.open();
  const outbound = world.join('outbound-full-relay', 'announces');
  const block = world.branch.mine({ transactions: numbered(1) });
  world.sendCompact(outbound, block);
  for (const mode of ['announces', 'announces'] as const) world.sendCompact(world.join('inbound', mode), block);
  assert.deepEqual(world.take(), ['0 getblocktxn 1', '1 getblocktxn 1', '2 getblocktxn 1']);
});

test('W10: a fourth peer completes a block only with all it takes, and takes nothing from others', async () => {
  const world = await CompactWorld.open();
  const outbound = world.join('outbound-full-relay', 'announces');
  const block = world.branch.mine({ transactions: numbered(2) });
  world.sendCompact(outbound, block);
  const entry = world.entryOf(block);
  const others = [world.join('inbound', 'announces'), world.join('inbound', 'announces')];
  for (const other of others) world.sendCompact(other, block);
  const fourth = world.join('inbound', 'announces');
  world.take();
  const askedPeers = [...world.download.inFlightPeers(entry)];
  assert.equal(askedPeers.length, 3);
  world.sendCompact(fourth, block);
  world.sendCompact(fourth, block, colliding());
  world.sendCompact(fourth, block, { prefilled: [] });
  const wrong = transactionsOf(block).map((transaction, index) => ({ index, transaction }));
  [wrong[1], wrong[2]] = [
    { ...wrong[2]!, index: 1 },
    { ...wrong[1]!, index: 2 },
  ];
  world.sendCompact(fourth, block, { prefilled: wrong, shortIds: new Uint8Array(0) });
  assert.equal(world.submitted.length, 0);
  assert.deepEqual([...world.download.inFlightPeers(entry)], askedPeers);
  world.sendCompact(fourth, block, allPrefilled(block));
  assert.equal(world.submitted.length, 1);
  assert.deepEqual([...world.download.inFlightPeers(entry)], askedPeers);
  assert.deepEqual(world.take(), []);
  assert.deepEqual(world.offences, []);
});

test('a peer from which 16 blocks are in flight is asked for no transactions, unless for a block that it owes', async () => {
  const world = await CompactWorld.open();
  const peer = world.join('inbound', 'announces');
  const owed = Array.from({ length: 16 }, () => world.branch.fork().mine({ transactions: numbered(1) }));
  for (const block of owed) world.request(peer, block);
  const block = world.branch.mine({ transactions: numbered(1) });
  world.sendCompact(peer, block);
  assert.deepEqual(world.take(), []);
  assert.equal(world.download.isInFlight(world.entryOf(block)), false);
  world.sendCompact(peer, block, allPrefilled(block));
  assert.equal(world.submitted.length, 1);
  world.sendCompact(peer, owed[0]!);
  assert.deepEqual(world.take(), ['0 getblocktxn 1']);
});
