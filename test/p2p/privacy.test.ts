// What a node tells about itself over real sockets: old stale blocks, its addresses, and what it does not tell before it is asked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockHash } from '../../src/kernel/primitives/hashes.ts';
import { listenAt } from '../../src/node/app/node-options.ts';
import { formatHost } from '../../src/node/wire/net-address.ts';
import { MSG_TX, MSG_WITNESS_TX, MSG_WTX } from '../../src/node/wire/protocol.ts';
import type { BranchBuilder } from '../model/branch-builder.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { makeVersion, RawPeer } from './raw-peer.ts';
import { blockMessage, fakeHashes, getdataOf, inventory, locatorMessage } from './requests.ts';

/** Stale blocks are served for so long. */
const STALE_AGE_SEC: number = 30 * 24 * 3600;

/** Our end of the connection stands here in a version message: services, address, port. */
const OWN_ADDRESS_AT = 46;
const OWN_ADDRESS_BYTES = 26;

type Block = BranchBuilder['tip'];

/** Which of the ways to get a block or its header are answered. */
async function findAnswers(peer: RawPeer, block: Block): Promise<string[]> {
  const blockHash = block.header.blockHash as BlockHash;
  peer.takeAll();
  peer.send(getdataOf(block), locatorMessage('getheaders', [], blockHash));
  await peer.sync();
  return [...peer.types].filter((type) => type === 'block' || type === 'headers').sort();
}

test('E12: a block off the chain is served for a month, and then it is as if it had never been', async (t) => {
  const branch = sharedBranch(10);
  const fixture = await NodeFixture.start(t, { branch: sharedBranch(10) });
  const stale = branch.fork().mine();
  // it was the tip once: its scripts were verified
  const giver = await fixture.join();
  giver.send(blockMessage(stale));
  await fixture.tipIs(stale);
  const active = branch.mineMany(2);
  // one after the other: the second is asked for when its parent is known
  for (const block of active) {
    giver.send(blockMessage(block));
    await fixture.until(() => fixture.hasBlock(block), 'stored');
  }
  await fixture.tipIs(active[1]!);
  assert.deepEqual(await findAnswers(giver, stale), ['block', 'headers']);
  assert.deepEqual(await findAnswers(giver, active[0]!), ['block', 'headers']);

  // the chain goes on for a month
  const spacingSec = 8 * 3600;
  const count = Math.ceil(STALE_AGE_SEC / spacingSec) + 2;
  for (let i = 0; i < count; i++) {
    fixture.clock.shiftWall(spacingSec);
    await fixture.node.submitBlock(branch.mine({ timeSec: branch.tip.header.timeSec + spacingSec }));
  }
  assert.equal(fixture.chain.height, branch.height);
  assert.deepEqual(await findAnswers(giver, stale), []);
  assert.equal(fixture.countLines(/ignoring request from peer=0 for old block header that isn't in the main chain/), 1);
  // as old, and on the chain
  assert.deepEqual(await findAnswers(giver, active[0]!), ['block', 'headers']);
});

test('E12: a branch that was never verified is not served', async (t) => {
  const fixture = await NodeFixture.start(t);
  const branch = sharedBranch(9);
  const other = branch.mine();
  const peer = await fixture.join();
  peer.send(blockMessage(other));
  await fixture.until(() => fixture.hasBlock(other), 'stored');
  assert.deepEqual(await findAnswers(peer, other), []);
});

test('E12: transactions that were announced to nobody are not found, in or out of blocks', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  const coinbase = fixture.branch.tip.transaction(0);
  for (const type of [MSG_TX, MSG_WTX, MSG_WITNESS_TX]) {
    peer.send(inventory('getdata', type, [coinbase.txid, ...fakeHashes(1)]));
    const { items } = await peer.expect('notfound');
    assert.deepEqual([items.count, items.type(0)], [2, type]);
    assert.deepEqual(items.hash(0), coinbase.txid);
  }
  await peer.expectNothing(0, 'getheaders');
});

test('E12: our version names no address of ours, and of the other side only what it knows', async (t) => {
  const fixture = await NodeFixture.start(t, { node: { externalHosts: ['5.5.5.5'] } });
  for (const [from, seen] of [
    ['127.0.0.1', '::'],
    ['127.8.8.8', '8.8.8.8'],
  ] as const) {
    const peer = await fixture.connect({ from });
    peer.send(makeVersion());
    const { message, payload } = await peer.expectArrived('version');
    assert.ok(message.type === 'version');
    assert.equal(formatHost(message.receiver), seen);
    const own = payload.subarray(OWN_ADDRESS_AT, OWN_ADDRESS_AT + OWN_ADDRESS_BYTES);
    // services first, then nothing but zeros
    assert.deepEqual([...own.subarray(8)], new Array(OWN_ADDRESS_BYTES - 8).fill(0));
    assert.equal(own[0], Number(message.services & 0xffn));
  }
});

test('E12: two connections cannot tell by nonces or numbers that they lead to one node', async (t) => {
  const fixture = await NodeFixture.start(t);
  const nonces = new Set<bigint>();
  for (let i = 0; i < 5; i++) {
    const peer = await fixture.connect();
    peer.send(makeVersion());
    nonces.add((await peer.expect('version')).nonce);
  }
  assert.equal(nonces.size, 5);
});

test('E12: whoever comes in where Tor leads to is of Tor, and the others of this machine are not', async (t) => {
  const listen = [listenAt('127.0.0.1', 0), listenAt('127.0.0.1', 0, true)];
  const fixture = await NodeFixture.start(t, { node: { listen } });
  const [, onion] = fixture.node.listening;
  fixture.adopt(await RawPeer.connect(onion!.port));
  await fixture.until(() => fixture.peers().length === 1, 'one by Tor');
  await fixture.connect();
  await fixture.until(() => fixture.peers().length === 2, 'one from here');
  const networks = fixture.node.control.peers().map(({ network }) => network);
  assert.deepEqual(networks, ['onion', 'unroutable']);
});
