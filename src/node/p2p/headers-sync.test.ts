import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { SyncWorld } from '../../../test/model/sync-world.ts';
import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../kernel/consensus/params.ts';
import { checkProofOfWork } from '../../kernel/consensus/pow.ts';
import { type BlockHeader, buildHeader } from '../../kernel/primitives/header.ts';
import type { HeadersOutcome } from './headers-sync.ts';
import type { Peer } from './peer.ts';

const GENESIS_SEC = createRegtestParams().genesis.header.timeSec;

/** An hour after the first block: the best header is of today from the start. */
const TODAY_SEC: number = GENESIS_SEC + 3600;

const MINUTE_MS = 60_000;

/** Regtest with little memory for the two phases. */
const SMALL: ChainParams = { ...createRegtestParams(), headersSync: { commitmentPeriod: 5, redownloadBufferSize: 30 } };

/** Headers of new blocks, from height 1 up. */
function mineHeaders(count: number): BlockHeader[] {
  return new BranchBuilder().mineMany(count).map(({ header }) => header);
}

function receive(world: SyncWorld, peer: Peer, headers: readonly BlockHeader[]): HeadersOutcome {
  return world.headersSync.receive(peer.id, headers, world);
}

function hasText(outcome: HeadersOutcome, pattern: RegExp): boolean {
  return outcome.lines.some(({ text }) => pattern.test(text));
}

// --- who is asked ---------------------------------------------------------------------------------------------------------

test('while the best header is old, one peer is asked, from the block before the best one on', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const [first, second] = [world.join(), world.join()];
  const request = world.headersSync.start(first.id, world);
  assert.equal(request?.text, `initial getheaders (0) to peer=${first.id}`);
  assert.equal(request.locator.length, 1);
  assert.equal(world.headersSync.start(first.id, world), null, 'once');
  assert.equal(world.headersSync.start(second.id, world), null);
  assert.ok(world.headersSync.isStarted(first.id) && !world.headersSync.isStarted(second.id));
  world.leave(first);
  assert.notEqual(world.headersSync.start(second.id, world), null, 'its place is free');
});

test('an inbound peer is asked when we have chosen none, or when nothing is in flight from anybody', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const outbound = world.join();
  receive(world, outbound, mineHeaders(3));
  assert.equal(world.download.nextRequests(outbound.id, world.nowMs).entries.length, 3);
  const inbound = world.join({ kind: 'inbound' });
  assert.equal(world.headersSync.start(inbound.id, world), null);
  world.leave(outbound);
  assert.notEqual(world.headersSync.start(inbound.id, world), null);
});

test('a peer that serves no blocks, or only gives addresses, is not asked', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const bare = world.join({ services: 0n });
  const giver = world.join({ kind: 'addr-fetch' });
  assert.equal(world.headersSync.start(bare.id, world), null);
  assert.equal(world.headersSync.start(giver.id, world), null);
});

test('once the best header is of today every peer is asked, from the block before the best one', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const peers = [world.join(), world.join(), world.join({ kind: 'inbound' })];
  receive(world, peers[0]!, mineHeaders(3));
  for (const peer of peers) {
    const request = world.headersSync.start(peer.id, world);
    assert.equal(request?.text, `initial getheaders (2) to peer=${peer.id}`);
    assert.equal(request.locator.length, 3);
  }
});

test('D19: a peer that owes headers is not asked again for two minutes, unless it answers', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const peer = world.join();
  const ask = (): boolean => world.headersSync.ask(peer.id, world.chain.index.bestHeader, world.nowMs) !== null;
  assert.ok(ask());
  world.wait(2 * MINUTE_MS);
  assert.ok(!ask());
  world.wait(1);
  assert.ok(ask());
  assert.ok(!ask());
  receive(world, peer, []);
  assert.ok(ask(), 'an empty message answers');
  receive(world, peer, mineHeaders(1));
  assert.ok(ask(), 'so do headers that connect');
  receive(world, peer, mineHeaders(3).slice(2));
  assert.ok(!ask(), 'headers that do not connect are no answer');
});

test('the one peer is dropped after 15 minutes and a millisecond for each missing block, if there is another', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const slow = world.join();
  world.headersSync.start(slow.id, world);
  const missing = (NOW_SEC - GENESIS_SEC) / 600;
  world.nowMs += 15 * MINUTE_MS + Math.ceil(missing) + 1;
  assert.equal(world.headersSync.hasTimedOut(slow.id, world), false, 'nobody else is there');
  const other = world.join();
  assert.equal(world.headersSync.hasTimedOut(other.id, world), false);
  world.nowMs -= 2;
  assert.equal(world.headersSync.hasTimedOut(slow.id, world), false, 'not yet');
  world.nowMs += 2;
  assert.equal(world.headersSync.hasTimedOut(slow.id, world), true);
});

test('a peer with noban keeps its connection and loses its turn', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const slow = world.join({ hasNoBan: true });
  world.headersSync.start(slow.id, world);
  const other = world.join();
  world.nowMs += 60 * 24 * 60 * MINUTE_MS;
  assert.equal(world.headersSync.hasTimedOut(slow.id, world), true);
  assert.equal(world.headersSync.isStarted(slow.id), false);
  assert.equal(world.headersSync.hasTimedOut(slow.id, world), false);
  assert.notEqual(world.headersSync.start(other.id, world), null);
});

test('a peer is not dropped for its headers once they have been of today', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const peer = world.join();
  world.join();
  world.headersSync.start(peer.id, world);
  assert.equal(world.headersSync.hasTimedOut(peer.id, world), false);
  world.nowSec = NOW_SEC;
  world.nowMs += 60 * 24 * 60 * MINUTE_MS;
  assert.equal(world.headersSync.hasTimedOut(peer.id, world), false);
});

test('an unknown block in an inv makes one peer for each block be asked before its turn', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const [first, second, third] = [world.join(), world.join(), world.join()];
  const [one, two] = mineHeaders(2).map(({ blockHash }) => blockHash);
  world.headersSync.start(first.id, world);
  receive(world, first, []);
  const text = world.headersSync.blockAnnounced(first.id, one!, world)?.text;
  assert.match(text ?? '', /^getheaders \(0\) [\da-f]{64} to peer=1$/, 'who is being asked is always asked');
  assert.notEqual(world.headersSync.blockAnnounced(second.id, one!, world), null);
  assert.equal(world.headersSync.blockAnnounced(third.id, one!, world), null, 'one for each block');
  assert.equal(world.headersSync.blockAnnounced(second.id, two!, world), null, 'once for each peer');
  assert.notEqual(world.headersSync.blockAnnounced(third.id, two!, world), null);
});

// --- what comes -----------------------------------------------------------------------------------------------------------

test('headers are taken in, and a full message leads to the next question', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, headersMax: 10 });
  const peer = world.join();
  const headers = mineHeaders(15);
  const full = receive(world, peer, headers.slice(0, 10));
  assert.deepEqual(full.accepted, { last: 10, isNew: true, mayHaveMore: true });
  assert.equal(full.request?.text, `more getheaders (10) to end to peer=${peer.id}`);
  assert.ok(hasText(full, /^Synchronizing blockheaders, height: 10 \(~0\.00%\)$/));
  const rest = receive(world, peer, headers.slice(10));
  assert.deepEqual(rest.accepted, { last: 15, isNew: true, mayHaveMore: false });
  assert.equal(rest.request, null);
  assert.equal(world.download.bestKnown(peer.id), 15);
  const again = receive(world, peer, headers.slice(5));
  assert.deepEqual(again.accepted, { last: 15, isNew: false, mayHaveMore: true });
});

test('W09: headers that do not connect lead to one question, and the peer counts when they do', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const [peer, other] = [world.join(), world.join()];
  const headers = mineHeaders(5);
  const first = receive(world, peer, headers.slice(4));
  assert.equal(first.fault, null);
  assert.match(
    first.request?.text ?? '',
    /^received header [\da-f]{64}: missing prev block [\da-f]{64}, sending getheaders \(0\) to end/,
  );
  assert.equal(receive(world, peer, headers.slice(3)).request, null, 'one question');
  assert.equal(world.download.bestKnown(peer.id), NO_ENTRY);
  receive(world, other, headers);
  assert.equal(world.download.bestKnown(peer.id), 5, 'what it named is known now');
});

test('a chain of too little work that is all the peer has is ignored', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 100n });
  const peer = world.join();
  const outcome = receive(world, peer, mineHeaders(14));
  assert.ok(hasText(outcome, /^Ignoring low-work chain \(height=14\) from peer=1$/));
  assert.equal(outcome.accepted, null);
  assert.equal(world.chain.index.count, 1);
});

test('headers of our own chain, and those of a peer with noban, need not show work', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 100n });
  const trusted = world.join({ hasNoBan: true });
  const peer = world.join();
  const headers = mineHeaders(14);
  assert.equal(receive(world, trusted, headers).accepted?.last, 14);
  assert.equal(receive(world, peer, headers.slice(0, 7)).accepted?.last, 7);
  assert.equal(
    receive(
      world,
      peer,
      new BranchBuilder().mineMany(7).map(({ header }) => header),
    ).accepted,
    null,
  );
});

test('D06: a chain that must show its work is fetched twice, and then stored', async () => {
  // 200 headers of work 2 and the first block: enough with the last one.
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 402n, params: SMALL, headersMax: 40 });
  const peer = world.join();
  const headers = mineHeaders(200);
  const send = (from: number, count = 40): HeadersOutcome => receive(world, peer, headers.slice(from, from + count));
  const first = send(0);
  assert.ok(
    hasText(first, /^Initial headers sync started with peer=1: height=0, max_commitments=\d+, min_work=0{61}192$/),
  );
  assert.ok(hasText(first, /^Pre-synchronizing blockheaders, height: 40/));
  assert.equal(first.request?.locator.length, 2, 'on from the last one');
  assert.equal(world.headersSync.presyncHeight(peer.id), 40);
  for (let from = 40; from < 160; from += 40) assert.notEqual(send(from).request, null);
  const turn = send(160);
  assert.ok(hasText(turn, /reached sufficient work at height=200, redownloading from height=0$/));
  assert.deepEqual(Buffer.from(turn.request!.locator[0]!), Buffer.from(world.chain.index.blockHash(0)));
  assert.equal(world.chain.index.count, 1, 'nothing is stored yet');
  assert.equal(world.headersSync.presyncHeight(peer.id), -1);

  assert.equal(send(0).accepted?.last, 10);
  assert.equal(send(40).accepted?.mayHaveMore, true);
  for (let from = 80; from < 160; from += 40) send(from);
  const last = send(160);
  assert.equal(last.accepted?.last, 200);
  assert.equal(world.headersSync.presyncBytes(peer.id), 0);
  assert.match(last.request?.text ?? '', /^more getheaders \(200\) to end/, 'as after any full message');
});

/** How long the chains of the next test are; `TALLY_LOW_WORK_HEADERS=5000000` is the whole attack and takes half a minute. */
const LOW_WORK_HEADERS: number = Number(process.env['TALLY_LOW_WORK_HEADERS'] ?? 40_000);

test('D06: ten peers with endless chains of the lowest difficulty leave nothing behind, and take little while they send', async () => {
  const params = createRegtestParams();
  const { pow } = params.consensus;
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 1n << 60n });
  const peers = Array.from({ length: 10 }, () => world.join({ kind: 'inbound' }));
  let last = params.genesis.header;
  const mineNext = (): BlockHeader => {
    const { merkleRoot, bits, timeSec } = last;
    for (let nonce = 0; ; nonce++) {
      const data = { version: 4, previousBlockHash: last.blockHash, merkleRoot, timeSec, bits, nonce };
      const header = buildHeader(data);
      if (checkProofOfWork(header.blockHash, 0, bits, pow)) return header;
    }
  };
  for (let sent = 0; sent < LOW_WORK_HEADERS; sent += 2000) {
    const message: BlockHeader[] = [];
    for (let i = 0; i < 2000; i++) {
      last = mineNext();
      message.push(last);
    }
    for (const peer of peers) {
      const outcome = receive(world, peer, message);
      assert.equal(outcome.request?.locator.length, 2);
      assert.ok(world.headersSync.presyncBytes(peer.id) <= 1_400_000);
    }
  }
  assert.equal(world.chain.index.count, 1, 'nothing is stored');
  assert.ok(world.headersSync.presyncBytes(peers[9]!.id) <= 4096 + LOW_WORK_HEADERS / 275 / 8);
  // Whoever begins anew gives up what it had.
  const other = mineHeaders(1);
  for (const peer of peers) {
    const outcome = receive(world, peer, other);
    assert.ok(hasText(outcome, /non-continuous headers at height=/));
    assert.ok(hasText(outcome, /^Ignoring low-work chain \(height=1\)/));
    assert.equal(world.headersSync.presyncBytes(peer.id), 0);
  }
  assert.equal(world.chain.index.count, 1);
});

test('D06: a peer that has nothing more ends its sync', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 100n, params: SMALL, headersMax: 20 });
  const peer = world.join();
  receive(world, peer, mineHeaders(20));
  assert.equal(world.headersSync.presyncHeight(peer.id), 20);
  receive(world, peer, []);
  assert.equal(world.headersSync.presyncHeight(peer.id), -1);
});

test('D06: a sync that breaks does not keep its peer from telling of other headers in the same message', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 60n, params: SMALL, headersMax: 20 });
  const peer = world.join();
  receive(world, peer, mineHeaders(20));
  assert.equal(world.headersSync.presyncHeight(peer.id), 20);
  // A chain of enough work from the first block, in one message that is no continuation: stored at once.
  const bigger = mineHeaders(40);
  const outcome = receive(world, peer, bigger);
  assert.equal(outcome.accepted?.last, 40);
  assert.equal(world.headersSync.presyncHeight(peer.id), -1);
});

test('the threshold of work is that of the chain 144 blocks below the tip, and never below the minimum', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 20n });
  assert.equal(world.headersSync.workThreshold, 20n);
  const branch = new BranchBuilder();
  for (const block of branch.mineMany(160)) await world.chain.submitBlock(block, NOW_SEC);
  // 161 blocks of work 2, less 144 of them.
  assert.equal(world.headersSync.workThreshold, 34n);
  assert.equal(world.headersSync.workWith(world.chain.active.tip, branch.mine().header), 324n);
});
