import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeEntry, type FakeEntryOptions, FakeRelayPool, relayPeer } from '../../../test/model/relay-pool.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { parseNetAddress } from '../wire/net-address.ts';
import type { InventoryList } from '../wire/packed-lists.ts';
import type { PeerId } from './peer-id.ts';
import { type RelayPeerFacts, TxRelay } from './tx-relay.ts';

const TX = 1;
const WTX = 5;

const at = (text: string) => parseNetAddress(text, 8333)!;

/** A relay with peers, and time that stands until a test moves it. */
class World {
  readonly pool = new FakeRelayPool();
  readonly relay: TxRelay;
  nowMs = 1_000_000;
  readonly #facts: Map<PeerId, { feeFilterSat: number }> = new Map();

  constructor(seed = 1) {
    this.relay = new TxRelay(this.pool, createRng(seed));
  }

  /** A peer that has said hello and had its first tick, unless it is to be fresh. */
  join(facts: Partial<RelayPeerFacts> = {}, isFresh = false): PeerId {
    const peer = { ...relayPeer(this.#facts.size + 1, facts) };
    const { id } = peer;
    this.#facts.set(id, peer);
    this.relay.peerJoined(peer);
    if (!isFresh) assert.equal(this.relay.tick(id, this.nowMs), null);
    return id;
  }

  /** A peer wants no transactions below a rate. */
  filter(id: PeerId, feeFilterSat: number): void {
    this.#facts.get(id)!.feeFilterSat = feeFilterSat;
  }

  /** A transaction has come, and everybody is to be told. */
  accept(options: FakeEntryOptions = {}): FakeEntry {
    const entry = this.pool.add(options);
    this.relay.relay(entry.transaction.wtxid);
    return entry;
  }

  /** Ticks until the peer is told something, for ten minutes at most; time stays there. */
  next(id: PeerId): InventoryList | null {
    for (const endMs = this.nowMs + 600_000; this.nowMs < endMs; this.nowMs += 100) {
      const items = this.relay.tick(id, this.nowMs);
      if (items !== null) return items;
    }
    return null;
  }

  /** What the peer is told next, as entries. */
  nextEntries(id: PeerId): (FakeEntry | null)[] {
    const items = this.next(id);
    if (items === null) return [];
    return Array.from({ length: items.count }, (_, i) =>
      items.type(i) === WTX ? this.pool.getByWtxid(items.hash(i)) : this.pool.get(items.hash(i)),
    );
  }
}

const noban = { permissions: { noban: true } };

test('a peer is told by wtxid if it negotiated that, by txid otherwise, once', () => {
  const world = new World();
  const modern = world.join();
  const old = world.join({ announcesByWtxid: false });
  const { transaction } = world.accept();
  const [byWtxid, byTxid] = [world.next(modern)!, world.next(old)!];
  assert.deepEqual([byWtxid.count, byWtxid.type(0), byWtxid.hash(0)], [1, WTX, transaction.wtxid]);
  assert.deepEqual([byTxid.count, byTxid.type(0), byTxid.hash(0)], [1, TX, transaction.txid]);
  world.relay.relay(transaction.wtxid);
  assert.deepEqual([world.next(modern), world.next(old)], [null, null]);
});

test('what a peer announced or sent it is not told of', () => {
  const world = new World();
  const [one, other] = [world.join(), world.join({ announcesByWtxid: false })];
  const entry = world.pool.add();
  world.relay.noteKnown(one, entry.transaction.wtxid);
  world.relay.noteKnown(other, entry.transaction.txid);
  world.relay.relay(entry.transaction.wtxid);
  assert.equal(world.relay.state(one)!.waitingCount, 0);
  const later = world.accept();
  world.relay.noteKnown(one, later.transaction.wtxid);
  assert.deepEqual(world.next(one), null, 'not even when it was queued before');
  assert.deepEqual(world.nextEntries(other), [later]);
});

test('M13: nothing that came before the handshake was over is told, nor to those who want nothing', () => {
  const world = new World();
  const fresh = world.join({}, true);
  const silent = world.join({ wantsTransactions: false, mayWantTransactions: false });
  world.accept();
  assert.equal(world.relay.state(fresh)!.waitingCount, 0);
  assert.equal(world.relay.state(silent), null);
  assert.equal(world.next(fresh), null);
  const second = world.accept();
  assert.deepEqual(world.nextEntries(fresh), [second]);
  assert.equal(world.next(silent), null);
});

test('M13: all who connected the same way are told at the same moment', () => {
  const world = new World(3);
  const spies = Array.from({ length: 20 }, () => world.join());
  for (let round = 0; round < 30; round++) {
    world.accept();
    const told: number[] = spies.map(() => 0);
    for (const endMs = world.nowMs + 300_000; world.nowMs < endMs && told.includes(0); world.nowMs += 100) {
      spies.forEach((spy, i) => {
        if (world.relay.tick(spy, world.nowMs) !== null) told[i] = world.nowMs;
      });
    }
    assert.deepEqual(told, Array(20).fill(told[0]));
    assert.ok(told[0]! > 0);
  }
});

test('M13: another network, and another address where they come in, have a clock of their own', () => {
  const world = new World(4);
  const first = world.join();
  const peers = [
    world.join({ localAddress: at('55.5.5.5:9999') }),
    world.join({ localAddress: at('55.5.5.6') }),
    world.join({ address: at('[2a00::1]') }),
    world.join({ isInboundOnion: true }),
  ];
  world.accept();
  const start = world.nowMs;
  const momentOf = (id: PeerId): number => {
    world.nowMs = start;
    assert.ok(world.next(id) !== null);
    return world.nowMs;
  };
  const moments = [first, ...peers].map(momentOf);
  assert.equal(new Set(moments).size, 5, `${moments}`);
});

/** Times between announcements to one peer while transactions come all the time. */
function intervalsOf(kind: RelayPeerFacts['kind'], count: number): number[] {
  const world = new World(9);
  const id = world.join({ kind });
  const intervals: number[] = [];
  let last = world.nowMs;
  while (intervals.length < count) {
    const entry = world.accept();
    assert.ok(world.next(id) !== null);
    world.pool.remove(entry);
    intervals.push(world.nowMs - last);
    last = world.nowMs;
  }
  return intervals;
}

test('M13: announcements are at random moments, 5 seconds apart for those who connected to us, 2 for those we chose', () => {
  for (const [kind, meanMs] of [
    ['inbound', 5_000],
    ['outbound-full-relay', 2_000],
    ['manual', 2_000],
  ] as const) {
    const intervals = intervalsOf(kind, 4_000);
    const mean = intervals.reduce((sum, one) => sum + one, 0) / intervals.length;
    // ticks are 100 ms apart, which adds 50 ms; the mean of 4,000 has a deviation of 1.6 %
    assert.ok(Math.abs(mean - 50 - meanMs) < 0.06 * meanMs, `${kind}: ${mean}`);
    for (const [share, factor] of [
      [0.5, Math.LN2],
      [0.1, Math.LN10],
      [0.9, 0.105361],
    ] as const) {
      // that many are longer than factor × mean
      const longer = intervals.filter((one) => one - 50 > factor * meanMs).length / intervals.length;
      assert.ok(Math.abs(longer - share) < 0.035, `${kind}: ${longer} of ${share}`);
    }
  }
});

test('whom the operator trusts is told at once', () => {
  const world = new World();
  const friend = world.join(noban);
  for (let i = 0; i < 5; i++) {
    world.accept();
    assert.equal(world.relay.tick(friend, world.nowMs)!.count, 1);
  }
});

test('D12: 70 are announced at a time, five more for every thousand that wait, and a thousand at most', () => {
  for (const [waiting, announced] of [
    [69, 69],
    [100, 70],
    [999, 70],
    [1_000, 75],
    [3_500, 85],
    [20_000, 170],
  ] as const) {
    const world = new World();
    const peer = world.join();
    for (const { transaction } of world.pool.addMany(waiting)) world.relay.relay(transaction.wtxid);
    assert.equal(world.relay.state(peer)!.waitingCount, waiting);
    assert.equal(world.next(peer)!.count, announced, `of ${waiting}`);
    assert.equal(world.relay.state(peer)!.waitingCount, waiting - announced);
  }
});

test('D12: with 300,000 transactions for each of 100 peers a tick compares and looks up a bounded number of them', () => {
  const world = new World();
  const peers = Array.from({ length: 100 }, (_, i) => world.join(i < 10 ? { kind: 'outbound-full-relay' } : {}));
  for (const { transaction } of world.pool.addMany(300_000)) world.relay.relay(transaction.wtxid);
  let announced = 0;
  for (const endMs = world.nowMs + 6_000; world.nowMs < endMs; world.nowMs += 100) {
    for (const peer of peers) {
      world.pool.compareCount = 0;
      world.pool.lookUpCount = 0;
      const count = world.relay.tick(peer, world.nowMs)?.count ?? 0;
      announced += count;
      // 1,000 × log2(1,000) is 9,966
      assert.ok(count <= 1_000 && world.pool.compareCount <= 10_000 && world.pool.lookUpCount === 0);
    }
  }
  assert.ok(announced > 100_000, `${announced}`);
});

test('D12: what a peer does not want is passed over ten thousand at a time', () => {
  const world = new World();
  const peer = world.join({ feeFilterSat: 50_000, kind: 'manual' });
  for (const { transaction } of world.pool.addMany(25_000)) world.relay.relay(transaction.wtxid);
  const counts = new Set<number>();
  for (let i = 0; i < 1_000; i++, world.nowMs += 100) {
    assert.equal(world.relay.tick(peer, world.nowMs), null);
    counts.add(world.relay.state(peer)!.waitingCount);
  }
  assert.deepEqual([...counts], [25_000, 15_000, 5_000, 0]);
});

test('the best go first when there are many, and each announcement is in mining order', () => {
  const world = new World();
  const peer = world.join();
  const cheap = Array.from({ length: 200 }, (_, i) => world.accept({ feeSat: 100 + i }));
  const dear = Array.from({ length: 60 }, (_, i) => world.accept({ feeSat: 9_000 + ((i * 7) % 60) }));
  const told = world.nextEntries(peer);
  assert.equal(told.length, 70);
  const byFee = [...dear].sort((a, b) => b.feeSat - a.feeSat);
  assert.deepEqual(told.slice(0, 60), byFee);
  assert.ok(told.slice(60).every((entry) => cheap.includes(entry!)));
});

test('parents come before the child that pays for them, also when a flood waits', () => {
  const world = new World();
  const peer = world.join();
  const parent = world.accept({ feeSat: 0 });
  const flood = Array.from({ length: 300 }, () => world.accept({ feeSat: 500 }));
  const middle = world.accept({ feeSat: 0, parents: [parent] });
  parent.chunkFeeSat = 20_000;
  middle.chunkFeeSat = 20_000;
  const child = world.accept({ feeSat: 60_000, chunkFeeSat: 20_000, parents: [middle] });
  const told = world.nextEntries(peer);
  assert.deepEqual(told.slice(0, 3), [parent, middle, child]);
  assert.ok(told.slice(3).every((entry) => flood.includes(entry!)));
});

test('what has left the mempool is not announced, and its place is free for another', () => {
  const world = new World();
  const peer = world.join();
  const [gone, stays] = [world.accept(), world.accept()];
  world.pool.remove(gone);
  assert.equal(world.relay.state(peer)!.waitingCount, 1);
  const next = world.accept();
  assert.equal(next.ref, gone.ref);
  const told = world.nextEntries(peer);
  assert.deepEqual([told.length, told.includes(stays), told.includes(next)], [2, true, true]);
  world.relay.relay(gone.transaction.wtxid);
  assert.equal(world.next(peer), null, 'unknown to the mempool');
});

test('W16: a fee filter keeps out what pays less than its rate for the size, rounded up', () => {
  for (const [feeFilterSat, feeSat, vsize, isTold] of [
    [0, 0, 200, true],
    [150, 30, 200, true],
    [150, 29, 200, false],
    [151, 30, 200, false], // 30.2 is asked for
    [151, 31, 200, true],
    [1, 1, 141, true], // a satoshi at least
    [1, 0, 141, false],
    [21e14, 21e14, 1_000, true],
    [21e14, 21e14, 1_001, false],
    [21e14, 1_000_000, 100_000, false],
    [20_999_999_999_999_99, 5, 99_999, false],
  ] as const) {
    const world = new World();
    const peer = world.join({ feeFilterSat });
    world.accept({ feeSat, vsize });
    assert.equal(world.next(peer) !== null, isTold, `${feeSat} for ${vsize} at ${feeFilterSat}`);
  }
});

test('a fee filter counts when it is time to announce, not when the transaction came', () => {
  const world = new World();
  const peer = world.join({ feeFilterSat: 1_000_000 });
  world.accept();
  world.filter(peer, 0);
  assert.equal(world.next(peer)?.count, 1);
  world.accept();
  world.filter(peer, 1_000_000);
  assert.equal(world.next(peer), null);
});

test('the sequence at the last announcement is that of the mempool, though nothing was to be told', () => {
  const world = new World();
  const peer = world.join();
  assert.deepEqual(world.relay.state(peer), { lastSequence: 1, waitingCount: 0 });
  world.pool.add();
  world.accept();
  assert.deepEqual(world.relay.state(peer), { lastSequence: 1, waitingCount: 1 });
  world.next(peer);
  assert.deepEqual(world.relay.state(peer), { lastSequence: 3, waitingCount: 0 });
});

test('whoever asks for the mempool is told of all of it in parts of a thousand, also of what it knows', () => {
  const world = new World();
  const peer = world.join({ feeFilterSat: 5_000 });
  const known = world.accept();
  assert.deepEqual(world.nextEntries(peer), [known]);
  const others = world.pool.addMany(2_099);
  const cheap = world.pool.add({ feeSat: 10 });
  const queued = world.accept();
  world.relay.requestMempool(peer);
  const told: (FakeEntry | null)[] = [];
  const counts: number[] = [];
  const moments = new Set<number>();
  for (let i = 0; i < 3; i++) {
    const part = world.nextEntries(peer);
    told.push(...part);
    counts.push(part.length);
    moments.add(world.nowMs);
  }
  // of 2,102 one is passed over, which is among those looked at first; the queued one is told once
  assert.deepEqual(counts, [999, 1_000, 102]);
  assert.equal(moments.size, 1, 'once begun it goes on with every tick');
  assert.deepEqual(new Set(told), new Set([known, ...others, queued]));
  assert.equal(told.includes(cheap), false);
  assert.equal(world.next(peer), null);
  world.relay.requestMempool(peer);
  assert.equal(world.nextEntries(peer).length, 999, 'it may ask again');
});

test('what leaves the mempool while it is told is not in the rest', () => {
  const world = new World();
  const peer = world.join(noban);
  const entries = world.pool.addMany(1_500);
  world.relay.requestMempool(peer);
  const first = world.nextEntries(peer);
  for (const entry of entries) if (!first.includes(entry)) world.pool.remove(entry);
  assert.equal(first.length, 1_000);
  assert.equal(world.next(peer), null);
});

test('our own transactions are announced again to those who were not told, until somebody fetches them', () => {
  const world = new World();
  const { transaction } = world.accept();
  world.pool.addUnbroadcast(transaction.txid);
  const early = world.join();
  assert.equal(world.next(early), null);
  world.relay.reattemptBroadcast();
  assert.equal(world.next(early)?.count, 1);
  world.relay.reattemptBroadcast();
  assert.equal(world.next(early), null, 'told already');
  const late = world.join();
  world.pool.removeUnbroadcast(transaction.txid);
  world.relay.reattemptBroadcast();
  assert.equal(world.next(late), null, 'fetched already');
});

test('our own transactions are announced again after ten to fifteen minutes', () => {
  const world = new World();
  const delays = Array.from({ length: 2_000 }, () => world.relay.drawReattemptDelayMs());
  const [least, most] = [Math.min(...delays), Math.max(...delays)];
  assert.ok(least >= 600_000 && least < 601_000 && most < 900_000 && most > 899_000, `${least} ${most}`);
});

test('nothing is remembered of a peer that has gone', () => {
  const world = new World();
  const peer = world.join();
  world.accept();
  world.relay.peerLeft(peer);
  world.relay.peerLeft(peer);
  assert.deepEqual([world.relay.state(peer), world.next(peer)], [null, null]);
  world.relay.noteKnown(peer, new Uint8Array(32));
  world.relay.requestMempool(peer);
  world.accept();
});
