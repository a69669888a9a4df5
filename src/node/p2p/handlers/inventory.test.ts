import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../../test/model/branch-builder.ts';
import { addressOf, deeds, fate, lines, ManagerWorld, sentOf } from '../../../../test/model/manager-world.ts';
import { formatHash } from '../../../kernel/primitives/hashes.ts';
import { createRng } from '../../../kernel/util/prng.ts';
import type { InventoryMessage } from '../../wire/messages.ts';
import { InventoryList } from '../../wire/packed-lists.ts';

const TX = 1;
const BLOCK = 2;
const WTX = 5;
const HASH = new Uint8Array(32).fill(7);

function inv(...items: readonly { readonly type: number; readonly hash: Uint8Array }[]): InventoryMessage {
  return { type: 'inv', items: InventoryList.of(items) };
}

/** So many blocks that nobody knows. */
function unknownBlocks(count: number): InventoryMessage {
  const rng = createRng(9);
  return inv(...Array.from({ length: count }, () => ({ type: BLOCK, hash: rng.bytes(32) })));
}

test('D03: fifty thousand unknown blocks lead to one question, and another fifty thousand to none', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const questions = sentOf(world.say(peer, unknownBlocks(50_000)), 'getheaders');
  assert.equal(questions.length, 1);
  assert.deepEqual(questions[0]!.locator.hash(0), world.branch.tip.header.blockHash);
  assert.deepEqual(sentOf(world.say(peer, unknownBlocks(50_000)), 'getheaders'), [], 'the answer is still due');
});

test('W08: 50,000 items are allowed, one more is not', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  assert.equal(fate(world.say(peer, unknownBlocks(50_000)), peer), 'kept');
  const effects = world.say(peer, unknownBlocks(50_001));
  assert.equal(fate(effects, peer), 'discouraged');
  assert.equal(lines(effects)[0], `Misbehaving: peer=${peer.id}: inv message size = 50001`);
  assert.deepEqual(sentOf(effects, 'getheaders'), []);
});

test('blocks that we have lead to no question, and the last one that we have not is what is asked for', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const known = world.branch.at(2).header.blockHash;
  const effects = world.say(peer, inv({ type: BLOCK, hash: known }));
  assert.deepEqual(deeds(effects), []);
  assert.deepEqual(lines(effects), [`got inv: block ${formatHash(known)} have peer=${peer.id}`]);
  assert.equal(world.manager.download.bestKnown(peer.id), world.chain.index.find(known), 'but we remember who has it');
  const ahead = new BranchBuilder(world.branch.network, world.branch.blocks);
  ahead.mineMany(2);
  const asked = world.say(
    peer,
    inv(...ahead.blocks.slice(-2).map(({ header }) => ({ type: BLOCK, hash: header.blockHash }))),
  );
  assert.equal(sentOf(asked, 'getheaders').length, 1);
  const asking = lines(asked).find((line) => line.startsWith('getheaders'));
  assert.equal(asking, `getheaders (3) ${formatHash(ahead.tip.header.blockHash)} to peer=${peer.id}`);
});

test('whoever announces a transaction has not read that we want none', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const effects = world.say(peer, inv({ type: TX, hash: HASH }));
  assert.equal(fate(effects, peer), 'disconnected');
  const sentence = `transaction (${'07'.repeat(32)}) inv sent in violation of protocol`;
  assert.deepEqual(lines(effects), [`${sentence}, disconnecting peer=${peer.id}`]);
});

test('a transaction may also be announced as one with its witness, which changes nothing; over connections for blocks it may not', async () => {
  const world = await ManagerWorld.open({ local: { takesTransactions: true } });
  const peer = world.join();
  const effects = world.say(peer, inv({ type: 0x40000001, hash: HASH }));
  assert.deepEqual(lines(effects), [`got inv: tx ${'07'.repeat(32)} new peer=${peer.id}`]);
  assert.deepEqual(world.manager.txDownload.load(peer.id), { announced: 1, inFlight: 0 });
  const blocks = world.join({ kind: 'block-relay-only' });
  assert.equal(fate(world.say(blocks, inv({ type: TX, hash: HASH })), blocks), 'disconnected');
});

test('blocks and transactions in one inv are both taken note of', async () => {
  const world = await ManagerWorld.open({ local: { takesTransactions: true } });
  const peer = world.join({ kind: 'outbound-full-relay' });
  const other = new Uint8Array(32).fill(8);
  const effects = world.say(
    peer,
    inv({ type: TX, hash: HASH }, { type: BLOCK, hash: HASH }, { type: TX, hash: other }),
  );
  assert.equal(sentOf(effects, 'getheaders').length, 1);
  assert.equal(sentOf(world.tick(peer), 'getdata')[0]?.items.count, 2);
});

test('W08: 50,000 transactions are allowed, and as many are remembered as one peer may announce', async () => {
  const world = await ManagerWorld.open({ local: { takesTransactions: true } });
  const rng = createRng(9);
  const many = inv(...Array.from({ length: 50_000 }, () => ({ type: TX, hash: rng.bytes(32) })));
  const stranger = world.join();
  assert.equal(fate(world.say(stranger, many), stranger), 'kept');
  assert.equal(world.manager.txDownload.load(stranger.id).announced, 5_000);
  const trusted = world.join({ permissions: ['relay'] });
  world.say(trusted, many);
  assert.equal(world.manager.txDownload.load(trusted.id).announced, 50_000);
});

test('announcements by the name that was not negotiated are passed over', async () => {
  const world = await ManagerWorld.open();
  const plain = world.join();
  assert.deepEqual(deeds(world.say(plain, inv({ type: WTX, hash: HASH }))), []);
  const { peer } = world.connect({ address: '12.0.0.1:8333' });
  assert.deepEqual(peer.address, addressOf('12.0.0.1:8333'));
  peer.announcesByWtxid = true;
  peer.stage = 'established';
  assert.deepEqual(deeds(world.say(peer, inv({ type: TX, hash: HASH }))), []);
  assert.equal(fate(world.say(peer, inv({ type: WTX, hash: HASH })), peer), 'disconnected');
});

test('W16: inventory of unknown types is passed over', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const effects = world.say(
    peer,
    inv({ type: 0, hash: HASH }, { type: 99, hash: HASH }, { type: 2 ** 32 - 1, hash: HASH }),
  );
  assert.deepEqual(deeds(effects), []);
  assert.equal(lines(effects)[1], `Unknown inv type 99 received from peer=${peer.id}`);
});

test('W08: a notfound of any length is of no consequence', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  assert.deepEqual(deeds(world.say(peer, { ...unknownBlocks(60_000), type: 'notfound' })), []);
});
