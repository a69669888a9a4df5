import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../../test/model/block-builder.ts';
import {
  deeds,
  fate,
  lines,
  type ManagerPeerOptions,
  type ManagerWorldOptions,
} from '../../../../test/model/manager-world.ts';
import { openRelayGround, RelayPoolWorld } from '../../../../test/model/relay-pool-world.ts';
import type { Transaction } from '../../../kernel/primitives/transaction.ts';
import { toHex } from '../../../kernel/util/bytes.ts';
import type { FilterLoadMessage, Message } from '../../wire/messages.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import type { Peer } from '../peer.ts';

const NETWORK = 1n;
const WITNESS = 8n;
const BLOOM = 4n;
const OFFERED: ManagerPeerOptions = { localServices: NETWORK | WITNESS | BLOOM };
const FILTERED_BLOCK = 3;

function filterLoad(rest: Partial<FilterLoadMessage> = {}): FilterLoadMessage {
  return { type: 'filterload', filter: new Uint8Array(50), hashFunctionCount: 20, tweak: 0, flags: 0, ...rest };
}

/** A payment to a script that pushes one byte. */
function payTo(byte: number, n: number): Transaction {
  return makeTx([spend({ txid: fakeTxid(n), index: 0 })], [pay(1, Uint8Array.of(1, byte))]);
}

/** A node with a mempool that offers bloom filters. */
class World extends RelayPoolWorld {
  static async open(options: ManagerWorldOptions = {}): Promise<World> {
    return new World(await openRelayGround(options));
  }

  join(options: ManagerPeerOptions = {}): Peer {
    const peer = this.node.join({ ...OFFERED, ...options });
    this.node.tick(peer);
    return peer;
  }

  /** Txids that a peer is told of in a minute. */
  heard(peer: Peer): string[] {
    return this.waitForInv(peer, 60).map(toHex);
  }
}

function txidOf({ txid }: Transaction): string {
  return toHex(txid);
}

test('a peer hears of what its filter matches alone, and of everything again without it', async () => {
  const world = await World.open();
  const peer = world.join();
  assert.deepEqual(deeds(world.node.say(peer, filterLoad(), { type: 'filteradd', element: Uint8Array.of(7) })), []);
  const [wanted, other] = [payTo(7, 1), payTo(8, 2)];
  world.accept({ transaction: wanted });
  world.accept({ transaction: other });
  assert.deepEqual(world.heard(peer), [txidOf(wanted)]);
  world.node.say(peer, { type: 'filterclear' });
  assert.equal(peer.bloomFilter, null);
  const later = payTo(8, 3);
  world.accept({ transaction: later });
  assert.deepEqual(world.heard(peer), [txidOf(later)], 'what was passed over is not told later');
});

test('who wanted no transactions hears of them from the moment on when it says what it wants', async () => {
  for (const message of [filterLoad({ filter: new Uint8Array(0) }), { type: 'filterclear' }] as const) {
    const world = await World.open();
    const peer = world.join({ version: { relay: false } });
    const [before, after] = [payTo(1, 1), payTo(1, 2)];
    world.accept({ transaction: before });
    assert.deepEqual([peer.wantsTransactions, world.heard(peer)], [false, []]);
    world.node.say(peer, message);
    world.accept({ transaction: after });
    assert.deepEqual([peer.wantsTransactions, world.heard(peer)], [true, [txidOf(after)]], message.type);
  }
});

test('W14: a filter beyond the limits, an element too long and one without a filter break a rule', async () => {
  const world = await World.open();
  const cases: readonly (readonly [string, ...Message[]])[] = [
    ['too-large bloom filter', filterLoad({ filter: new Uint8Array(36_001) })],
    ['too-large bloom filter', filterLoad({ hashFunctionCount: 51 })],
    ['bad filteradd message', { type: 'filteradd', element: new Uint8Array(1) }],
    ['bad filteradd message', filterLoad(), { type: 'filteradd', element: new Uint8Array(521) }],
    ['bad filteradd message', filterLoad(), { type: 'filterclear' }, { type: 'filteradd', element: new Uint8Array(1) }],
  ];
  for (const [words, ...messages] of cases) {
    const peer = world.join();
    const effects = world.node.say(peer, ...messages);
    assert.equal(fate(effects, peer), 'discouraged', words);
    assert.equal(lines(effects)[0], `Misbehaving: peer=${peer.id}: ${words}`);
  }
  const peer = world.join();
  const largest = filterLoad({ filter: new Uint8Array(36_000), hashFunctionCount: 50 });
  assert.equal(fate(world.node.say(peer, largest, { type: 'filteradd', element: new Uint8Array(520) }), peer), 'kept');
});

test('a peer that gets no transactions in any case sets no filter, and breaks no rule with it', async () => {
  const world = await World.open();
  const peer = world.join({ kind: 'block-relay-only' });
  const effects = world.node.say(
    peer,
    filterLoad(),
    { type: 'filteradd', element: new Uint8Array(1) },
    { type: 'filterclear' },
  );
  assert.deepEqual([fate(effects, peer), peer.bloomFilter, peer.wantsTransactions], ['kept', null, false]);
});

test('the list of the mempool goes through the filter, too', async () => {
  const world = await World.open();
  const [wanted, other] = [payTo(7, 1), payTo(8, 2)];
  for (const transaction of [wanted, other]) world.pool.add({ transaction });
  const peer = world.join();
  world.node.say(peer, filterLoad(), { type: 'filteradd', element: Uint8Array.of(7) }, { type: 'mempool' });
  assert.deepEqual(world.heard(peer), [txidOf(wanted)]);
});

test('D17: the list of the mempool is refused when the day’s amount is used up, except to who may have it', async () => {
  const world = await World.open({ uploadLimitBytes: 1_000 });
  const [stranger, trusted, asked] = [{}, { permissions: ['noban'] }, { permissions: ['mempool'] }] as const;
  assert.equal(fate(world.node.say(world.join(stranger), { type: 'mempool' }), { id: 1 as never }), 'kept');
  world.node.manager.uploadTarget.noteSent(1_001, world.node.nowMs);
  const peer = world.join(stranger);
  const effects = world.node.say(peer, { type: 'mempool' });
  assert.equal(fate(effects, peer), 'disconnected');
  assert.deepEqual(lines(effects), [`mempool request with bandwidth limit reached, disconnecting peer=${peer.id}`]);
  for (const options of [trusted, asked]) {
    const spared = world.join(options);
    assert.equal(fate(world.node.say(spared, { type: 'mempool' }), spared), 'kept');
  }
});

test('a block is shown through the filter that the peer has set, and not at all without one', async () => {
  const world = await World.open();
  const peer = world.join();
  const { blockHash } = world.node.branch.tip.header;
  const items = InventoryList.of([{ type: FILTERED_BLOCK, hash: blockHash }]);
  assert.deepEqual(deeds(world.node.say(peer, { type: 'getdata', items })), []);
  const [served] = deeds(world.node.say(peer, filterLoad(), { type: 'getdata', items }));
  assert.ok(served?.type === 'serve-block');
  assert.deepEqual(served.form, { filter: peer.bloomFilter });
});

test('D12: however dear a filter makes it, an announcement matches so many transactions and no more', async () => {
  const world = await World.open();
  const peer = world.join();
  // every bit is set but one in a hundred: most of fifty hashes are computed for each of many pushes
  const filter = new Uint8Array(12_500).fill(0xff).map((byte, i) => (i % 12 === 0 ? 0xfe : byte));
  world.node.say(peer, filterLoad({ filter, hashFunctionCount: 50 }));
  const pushes = (n: number): Uint8Array => Uint8Array.from({ length: 300 }, (_, i) => [2, n, i][i % 3]!);
  for (let n = 0; n < 200; n++) {
    const outputs = Array.from({ length: 40 }, () => pay(1, pushes(n)));
    world.accept({ transaction: makeTx([spend({ txid: fakeTxid(n), index: 0 })], outputs) });
  }
  const bloom = peer.bloomFilter!;
  const most = { work: 0 };
  for (let i = 0; i < 60; i++) {
    const before = bloom.work;
    world.node.wait(10_000);
    world.node.tick(peer);
    most.work = Math.max(most.work, bloom.work - before);
  }
  assert.ok(bloom.work > 200_000, `${bloom.work}: it took several announcements`);
  assert.ok(most.work < 350_000, `${most.work}`);
});
