// Headers and unrequested blocks over real sockets: lies about work, gaps, known bad chains, and blocks that nobody wanted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_ENTRY } from '../../src/kernel/chain/block-index.ts';
import type { BlockHeader } from '../../src/kernel/primitives/header.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { createCompactBlock } from '../../src/node/p2p/compact-block.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { mineHeader, mineHeaders } from './header-run.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { blockMessage, getdataOf, headersOf, invOf } from './requests.ts';

const BRANCH = sharedBranch(10);

/** A block in compact form. */
const compact = (block: Parameters<typeof createCompactBlock>[0]) => createCompactBlock(block, createRng(1));

/** A new peer from out on the network sends messages, and must be thrown out and remembered. */
async function expectDiscouraged(fixture: NodeFixture, line: RegExp, ...messages: readonly Message[]): Promise<void> {
  const peer = await fixture.join({ from: '127.5.6.7' });
  peer.send(...messages);
  await peer.closed();
  assert.equal(fixture.countLines(line), 1, `${line}`);
  assert.equal(fixture.node.isUnwelcome('5.6.7.7'), true);
  assert.equal(fixture.countLines(/Disconnecting and discouraging peer \d+!/), 1);
}

test('W09: a header without proof of work is an offence, be it the first of its message or the last of 2,000', async (t) => {
  const good = mineHeaders(BRANCH.tip.header, 2000);
  for (const at of [0, 1999]) {
    const fixture = await NodeFixture.start(t);
    const headers: BlockHeader[] = [...good];
    headers[at] = mineHeader(good[at - 1] ?? BRANCH.tip.header, { lacksWork: true });
    const count = fixture.chain.index.count;
    const line = /Misbehaving: peer=0: header with invalid proof of work$/;
    await expectDiscouraged(fixture, line, { type: 'headers', headers });
    assert.equal(fixture.chain.index.count, count, 'none of them was taken in');
  }
});

test('W09: headers that do not follow one another are an offence', async (t) => {
  const fixture = await NodeFixture.start(t);
  const headers = mineHeaders(BRANCH.tip.header, 6);
  headers.splice(3, 1);
  const line = /Misbehaving: peer=0: non-continuous headers sequence$/;
  await expectDiscouraged(fixture, line, { type: 'headers', headers });
});

test('W09: a header with bits that its place does not allow is an offence', async (t) => {
  const fixture = await NodeFixture.start(t);
  const header = mineHeader(BRANCH.tip.header, { bits: 0x207ffffe });
  await expectDiscouraged(fixture, /Misbehaving: peer=0: invalid header received$/, {
    type: 'headers',
    headers: [header],
  });
});

test('W09: headers of a chain that we cannot place lead to one getheaders and no punishment', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  const headers = mineHeaders(BRANCH.tip.header, 3);
  for (let i = 0; i < 30; i++) peer.send({ type: 'headers', headers: [headers[2]!] });
  await peer.sync();
  assert.equal(peer.takeOf('getheaders').length, 1);
  assert.equal(fixture.chain.index.find(headers[2]!.blockHash), NO_ENTRY);
  // and when it fills the gap, all of it is welcome
  peer.send({ type: 'headers', headers });
  await peer.sync();
  assert.notEqual(fixture.chain.index.find(headers[2]!.blockHash), NO_ENTRY);
  assert.equal(peer.isClosed, false);
});

test('W09: headers upon an invalid block are an offence, whoever sends them, also as a compact block', async (t) => {
  const fixture = await NodeFixture.start(t);
  const bad = BRANCH.fork();
  const invalid = bad.mineOverpaid();
  const giver = await fixture.join();
  giver.send(blockMessage(invalid));
  await giver.closed();
  assert.equal(fixture.verdict(invalid), 'bad-cb-amount');

  const child = bad.mine();
  const byHeaders = await fixture.join();
  byHeaders.send(headersOf(invalid, child));
  // the invalid block itself is known: whoever connects to us may be on a chain of its own
  await byHeaders.sync();
  const byChild = await fixture.join();
  byChild.send(headersOf(child));
  await byChild.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=2: invalid header received$/), 1);
  const byCompact = await fixture.join({ negotiation: [{ type: 'sendcmpct', announce: 0, version: 2n }] });
  byCompact.send(compact(child));
  await byCompact.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=3: invalid header via cmpctblock$/), 1);
  assert.equal(fixture.hasHeader(child), false);
});

test('W09: a compact block whose header has no proof of work is an offence', async (t) => {
  const fixture = await NodeFixture.start(t);
  const block = BRANCH.fork().mine();
  const header = mineHeader(BRANCH.tip.header, { lacksWork: true });
  const message: Message = { ...compact(block), header };
  const provides: Message = { type: 'sendcmpct', announce: 0, version: 2n };
  await expectDiscouraged(fixture, /Misbehaving: peer=0: invalid header via cmpctblock$/, provides, message);
});

test('W09: a header from the future is not taken in and not punished: the wrong clock may be ours', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  const header = mineHeader(BRANCH.tip.header, { timeSec: fixture.nowSec + 7300 });
  peer.send({ type: 'headers', headers: [header] });
  await peer.expectNothing();
  assert.equal(fixture.chain.index.find(header.blockHash), NO_ENTRY);
  fixture.clock.shiftWall(200);
  peer.send({ type: 'headers', headers: [header] });
  await peer.sync();
  assert.notEqual(fixture.chain.index.find(header.blockHash), NO_ENTRY);
});

// --- W20

test('W20: an unrequested block is stored when its branch has as much work as ours, or more, and not when it has less', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  const less = BRANCH.fork(8).mine();
  const same = BRANCH.fork(9).mine();
  const moreBranch = BRANCH.fork(10);
  const more = moreBranch.mine();
  peer.send(blockMessage(less), blockMessage(same));
  await fixture.until(() => fixture.hasBlock(same), 'the same work');
  assert.equal(fixture.hasHeader(less), true, 'its header is known');
  assert.equal(fixture.hasBlock(less), false);
  assert.deepEqual(fixture.chain.tipHash, BRANCH.tip.header.blockHash);
  peer.send(blockMessage(more));
  await fixture.tipIs(more);
  // asked for, the one with less work is stored
  await peer.sync();
  peer.takeAll();
  const lessBranch = BRANCH.fork(8);
  lessBranch.mineMany(4);
  peer.send(headersOf(...lessBranch.blocks.slice(8)));
  const asked = await peer.expect('getdata');
  assert.equal(asked.items.count, 4);
  peer.send(blockMessage(lessBranch.at(9)));
  await fixture.until(() => fixture.hasBlock(lessBranch.at(9)), 'asked for');
  await peer.sync();
});

test('W20: an unrequested block is not stored more than 288 blocks above the tip', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  const ahead = sharedBranch(10 + 289);
  peer.send(headersOf(...ahead.blocks.slice(10)));
  await peer.sync();
  // 16 blocks are asked for; of others no request is out
  const asked = peer.takeOf('getdata');
  assert.ok(asked.every(({ items }) => items.count <= 16));
  peer.send(blockMessage(ahead.at(10 + 289)), blockMessage(ahead.at(10 + 288)));
  await fixture.until(() => fixture.hasBlock(ahead.at(10 + 288)), '288 above');
  assert.equal(fixture.hasBlock(ahead.at(10 + 289)), false);
  await peer.sync();
});

test('W20: an unrequested block of a chain without enough work is not stored, nor is its header', async (t) => {
  const work = 2n * 40n;
  const fixture = await NodeFixture.start(t, { chain: { minimumChainWork: work } });
  const peer = await fixture.join();
  const block = BRANCH.fork().mine();
  peer.send(blockMessage(block));
  await fixture.logged(
    /AcceptBlockHeader: not adding new block header \w{64}, missing anti-dos proof-of-work validation/,
  );
  assert.deepEqual([fixture.hasHeader(block), fixture.hasBlock(block)], [false, false]);
  // nor of any number of them
  const siblings = Array.from({ length: 20 }, () => BRANCH.fork().mine());
  const { count } = fixture.chain.index;
  peer.send(...siblings.map(blockMessage));
  await fixture.until(() => fixture.countLines(/missing anti-dos proof-of-work validation/) === 21, 'refused');
  await peer.sync();
  assert.equal(fixture.chain.index.count, count);
  assert.equal(peer.isClosed, false, 'that is no offence');
});

test('W20: a block that was pruned is not stored again, and whoever asks for it must look elsewhere', async (t) => {
  const branch = sharedBranch(310);
  // small block files, so that there is something to prune
  const fixture = await NodeFixture.start(t, { branch, chain: { fileBytesMax: 4096 }, node: { isPruned: true } });
  await fixture.chain.prune([0], fixture.nowSec);
  const old = branch.at(3);
  assert.equal(fixture.hasBlock(old), false);
  const peer = await fixture.join();
  const next = branch.fork().mine();
  peer.send(blockMessage(old), blockMessage(next));
  await fixture.tipIs(next);
  assert.equal(fixture.hasBlock(old), false);
  await peer.sync();
  peer.send(getdataOf(old));
  await peer.closed();
  assert.equal(peer.count('block'), 0);
  assert.equal(
    fixture.countLines(/Ignore block request below NODE_NETWORK_LIMITED threshold, disconnecting peer=0$/),
    1,
  );
});

test('W20: a block whose parent nobody knows is not stored, and is an offence', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.joinQuiet();
  const [, orphan] = BRANCH.fork().mineMany(2);
  // to announce it is none: it leads to a question
  peer.send(invOf(orphan!));
  await peer.expect('getheaders');
  peer.send(blockMessage(orphan!));
  await peer.closed();
  assert.equal(fixture.hasHeader(orphan!), false);
  assert.equal(fixture.verdict(orphan!), 'prev-blk-not-found');
});
