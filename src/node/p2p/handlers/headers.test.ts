import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remine } from '../../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../../test/model/branch-builder.ts';
import { SyncWorld } from '../../../../test/model/sync-world.ts';
import { createRegtestParams } from '../../../kernel/consensus/networks/regtest.ts';
import { checkProofOfWork } from '../../../kernel/consensus/pow.ts';
import { type BlockHeader, buildHeader } from '../../../kernel/primitives/header.ts';
import { NODE_NETWORK } from '../../wire/protocol.ts';
import type { Peer } from '../peer.ts';
import { askForHeadersTo, onHeaders, processHeaders } from './headers.ts';

const PARAMS = createRegtestParams();
const GENESIS_SEC = PARAMS.genesis.header.timeSec;
const TODAY_SEC: number = GENESIS_SEC + 3600;

function mineHeaders(count: number): BlockHeader[] {
  return new BranchBuilder().mineMany(count).map(({ header }) => header);
}

/** The header with the first nonce that is no proof of work. */
function spoil({ version, previousBlockHash, merkleRoot, timeSec, bits }: BlockHeader): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce });
    if (!checkProofOfWork(header.blockHash, 0, bits, PARAMS.consensus.pow)) return header;
  }
}

function send(world: SyncWorld, peer: Peer, headers: readonly BlockHeader[]): void {
  onHeaders(world.context, peer, { type: 'headers', headers });
}

test('W09: a header without proof of work is punished, whether it is the first of its message or the last', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const headers = mineHeaders(2000);
  for (const at of [0, 1999]) {
    const peer = world.join();
    send(
      world,
      peer,
      headers.map((header, i) => (i === at ? spoil(header) : header)),
    );
    assert.deepEqual(world.takeOffences(), [{ peer: peer.id, offence: 'bad-header-proof-of-work', detail: '' }]);
    assert.equal(world.chain.index.count, 1, 'nothing of it is stored');
  }
});

test('W09: headers that do not follow one another are punished', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const peer = world.join();
  send(
    world,
    peer,
    mineHeaders(10).filter((_, i) => i !== 5),
  );
  assert.deepEqual(world.takeOffences(), [{ peer: peer.id, offence: 'non-continuous-headers', detail: '' }]);
  assert.equal(world.chain.index.count, 1);
});

test('W09: headers that follow nothing we know lead to one getheaders and no punishment', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const peer = world.join();
  const headers = mineHeaders(12);
  for (let i = 5; i < 12; i++) send(world, peer, headers.slice(i, i + 1));
  assert.deepEqual(world.takeOffences(), []);
  const sent = world.take(peer);
  assert.equal(sent.length, 1);
  assert.equal(sent[0]?.type, 'getheaders');
  assert.ok(world.hasLogged(/missing prev block .* sending getheaders \(0\) to end \(peer=1\)/));
});

test('W09: headers on an invalid block are punished, that block itself only from peers that we chose', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  const [bad, next] = [branch.mineOverpaid(), branch.mine()];
  await world.chain.submitBlock(bad, NOW_SEC);
  const [inbound, outbound, builder] = [world.join({ kind: 'inbound' }), world.join(), world.join({ kind: 'inbound' })];
  send(world, inbound, [bad.header]);
  assert.deepEqual(world.takeOffences(), []);
  assert.ok(world.hasLogged(/^peer=1: invalid header received$/));
  send(world, outbound, [bad.header]);
  assert.deepEqual(world.takeOffences(), [{ peer: outbound.id, offence: 'invalid-header', detail: '' }]);
  assert.ok(
    world.hasLogged(
      /was previously marked invalid \(received from peer=2\)\. If this happens with all peers, consider/,
    ),
  );
  send(world, builder, [next.header]);
  assert.deepEqual(world.takeOffences(), [{ peer: builder.id, offence: 'invalid-header', detail: '' }]);
});

test('W09: the header of a compact block may be of a block that is known to be invalid, but must have proof of work', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  const bad = branch.mineOverpaid();
  await world.chain.submitBlock(bad, NOW_SEC);
  const peer = world.join();
  processHeaders(world.context, peer, [bad.header], 'compact-block-as-headers');
  assert.deepEqual(world.takeOffences(), []);
  processHeaders(world.context, peer, [spoil(branch.fork(0).mine().header)], 'compact-block-as-headers');
  assert.deepEqual(world.takeOffences(), [{ peer: peer.id, offence: 'bad-header-proof-of-work', detail: '' }]);
});

test('W09: a header that is ahead of our clock is refused without punishment', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const peer = world.join();
  send(world, peer, [new BranchBuilder().mine({ timeSec: TODAY_SEC + 7201 }).header]);
  assert.deepEqual(world.takeOffences(), []);
  assert.ok(world.hasLogged(/^peer=1: invalid header received$/));
  assert.equal(world.chain.index.count, 1);
});

test('W09: more than 2,000 headers are punished before one of them is looked at', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const peer = world.join();
  send(
    world,
    peer,
    Array.from({ length: 2001 }, () => PARAMS.genesis.header),
  );
  assert.deepEqual(world.takeOffences(), [{ peer: peer.id, offence: 'oversize-headers', detail: '2001' }]);
});

test('E10: during initial download an outbound peer whose whole chain has too little work is dropped', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC, minimumChainWork: 32n });
  const [outbound, inbound, trusted] = [world.join(), world.join({ kind: 'inbound' }), world.join({ hasNoBan: true })];
  const headers = mineHeaders(20);
  // Headers of a chain without enough work are not even taken: nothing tells its peer from one that is still silent.
  send(world, outbound, headers.slice(0, 14));
  assert.ok(world.hasLogged(/^Ignoring low-work chain \(height=14\) from peer=1$/));
  assert.ok(world.chain.isInitialDownload);
  // Headers that we know by another way are.
  send(world, trusted, headers.slice(0, 14));
  world.takeOffences();
  send(world, inbound, headers.slice(0, 14));
  assert.deepEqual(world.takeOffences(), []);
  send(world, outbound, headers.slice(0, 14));
  assert.deepEqual(world.takeOffences(), [{ peer: outbound.id, offence: 'insufficient-work', detail: '' }]);
  world.tick(inbound);
  assert.deepEqual(world.takeRequests(inbound), [], 'no block of such a chain is fetched');
  assert.ok(world.chain.isInitialDownload, 'and the node never says that it is done');
});

test('announced blocks are fetched at once, from below up, when the tip is of today', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const peer = world.join();
  send(world, peer, mineHeaders(3));
  assert.deepEqual(world.takeRequests(peer), [1, 2, 3]);
  assert.ok(world.hasLogged(/^Downloading blocks toward [\da-f]{64} \(3\) via headers direct fetch$/));
  send(world, world.join(), mineHeaders(30));
  assert.ok(world.hasLogged(/^Large reorg, won't direct fetch to [\da-f]{64} \(30\)$/));
});

test('one announced block is fetched as a compact block from a peer that has them', async () => {
  const branch = new BranchBuilder();
  const [first, second] = branch.mineMany(2);
  const sentTypes = async (isBlocksOnly: boolean, hasCompact: boolean, services?: bigint): Promise<number[]> => {
    const world = await SyncWorld.open({ nowSec: TODAY_SEC, isBlocksOnly });
    await world.chain.submitBlock(first!, world.nowSec);
    const peer = world.join(services === undefined ? {} : { services });
    if (hasCompact) world.compact.receiveMode(peer.id, false);
    send(world, peer, [second!.header]);
    return world.takeOf(peer, 'getdata' as 'inv').map(({ items }) => items.type(0));
  };
  assert.deepEqual(await sentTypes(false, true), [4]);
  assert.deepEqual(await sentTypes(false, false), [0x40000002]);
  assert.deepEqual(await sentTypes(true, true), [0x40000002]);
  assert.deepEqual(await sentTypes(false, true, NODE_NETWORK), [], 'it would send the block without its witnesses');
});

test('an unknown block in an inv leads to getheaders from the best header on', async () => {
  const world = await SyncWorld.open({ nowSec: TODAY_SEC });
  const peer = world.join();
  const { blockHash } = remine(new BranchBuilder().mine(), PARAMS.consensus).header;
  askForHeadersTo(world.context, peer, blockHash);
  askForHeadersTo(world.context, peer, blockHash);
  const [question, ...others] = world.take(peer);
  assert.equal(question?.type, 'getheaders');
  assert.deepEqual(others, []);
});
