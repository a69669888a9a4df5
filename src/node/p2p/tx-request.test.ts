import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NaiveTxRequest, nameOf } from '../../../test/model/naive-tx-request.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { asPeerId, type PeerId } from './peer-id.ts';
import type { GenTxid } from './tx-announcement.ts';
import { type TimedOutRequest, TxRequestTracker } from './tx-request.ts';

const ALICE = asPeerId(1);
const BOB = asPeerId(2);
const CAROL = asPeerId(3);

/** A hash of its own for each number. */
function hashOf(n: number): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, n, true);
  return hash;
}

function wtx(n: number): GenTxid {
  return { hash: hashOf(n), isWtxid: true };
}

function tx(n: number): GenTxid {
  return { hash: hashOf(n), isWtxid: false };
}

/** A tracker whose clock a test moves. */
class World {
  readonly tracker: TxRequestTracker;
  nowMs = 0;

  constructor(seed = 1) {
    this.tracker = new TxRequestTracker(createRng(seed));
  }

  announce(peer: PeerId, id: GenTxid, delayMs = 0, isPreferred = false): void {
    this.tracker.announced(peer, id, { isPreferred, atMs: this.nowMs + delayMs });
  }

  /** What a peer would be asked for. */
  ask(peer: PeerId): string[] {
    return this.tracker.requestable(peer, this.nowMs, []).map(nameOf);
  }

  /** Asks a peer for all that it would be asked for, with a minute to answer. */
  request(peer: PeerId): string[] {
    const ids = this.tracker.requestable(peer, this.nowMs, []);
    for (const { hash } of ids) this.tracker.requested(peer, hash, this.nowMs + 60_000);
    return ids.map(nameOf);
  }
}

test('a peer is asked when its time has come, and not before', () => {
  const world = new World();
  world.announce(ALICE, wtx(1), 2_000);
  world.nowMs = 1_999;
  assert.deepEqual(world.ask(ALICE), []);
  world.nowMs = 2_000;
  assert.deepEqual(world.ask(ALICE), [nameOf(wtx(1))]);
  assert.deepEqual(world.ask(BOB), []);
});

test('what a peer is asked for comes in the order of its announcements, however late each was ready', () => {
  const world = new World();
  world.announce(ALICE, wtx(7), 3);
  world.announce(ALICE, tx(5), 1);
  world.announce(ALICE, wtx(9), 2);
  world.nowMs = 2;
  assert.deepEqual(world.ask(ALICE), [nameOf(tx(5)), nameOf(wtx(9))]);
  world.nowMs = 3;
  assert.deepEqual(world.ask(ALICE), [nameOf(wtx(7)), nameOf(tx(5)), nameOf(wtx(9))]);
});

test('one peer at a time is asked; the next when the first fails to answer in time', () => {
  const world = new World();
  for (const peer of [ALICE, BOB, CAROL]) world.announce(peer, wtx(1));
  const first = [ALICE, BOB, CAROL].find((peer) => world.request(peer).length > 0)!;
  assert.deepEqual(
    [ALICE, BOB, CAROL].flatMap((peer) => world.request(peer)),
    [],
  );
  world.nowMs = 59_999;
  assert.deepEqual(
    [ALICE, BOB, CAROL].flatMap((peer) => world.request(peer)),
    [],
  );
  world.nowMs = 60_000;
  const timedOut: TimedOutRequest[] = [];
  world.tracker.requestable(first, world.nowMs, timedOut);
  assert.deepEqual(timedOut, [{ peer: first, id: wtx(1) }]);
  const second = [ALICE, BOB, CAROL].find((peer) => world.request(peer).length > 0)!;
  assert.notEqual(second, first);
  assert.equal(world.tracker.inFlightCount(first), 0);
  assert.equal(world.tracker.inFlightCount(second), 1);
});

test('who answers without the transaction makes room for the next at once', () => {
  const world = new World();
  for (const peer of [ALICE, BOB]) world.announce(peer, wtx(1));
  const [first, second] = world.request(ALICE).length > 0 ? [ALICE, BOB] : [BOB, ALICE];
  if (first === BOB) world.request(BOB);
  world.tracker.answered(first, hashOf(1));
  assert.deepEqual(world.ask(first), []);
  assert.deepEqual(world.ask(second), [nameOf(wtx(1))]);
});

test('who goes makes room for the next at once', () => {
  const world = new World();
  for (const peer of [ALICE, BOB]) world.announce(peer, wtx(1));
  const [first, second] = world.request(ALICE).length > 0 ? [ALICE, BOB] : [BOB, ALICE];
  if (first === BOB) world.request(BOB);
  world.tracker.peerLeft(first);
  assert.deepEqual(world.ask(second), [nameOf(wtx(1))]);
});

test('a peer that failed is not asked again by naming the transaction again, until all have failed', () => {
  const world = new World();
  world.announce(ALICE, wtx(1));
  world.announce(BOB, wtx(1), 1_000_000);
  assert.deepEqual(world.request(ALICE), [nameOf(wtx(1))]);
  world.tracker.answered(ALICE, hashOf(1));
  world.announce(ALICE, wtx(1));
  world.announce(ALICE, tx(1));
  assert.deepEqual(world.ask(ALICE), []);
  assert.equal(world.tracker.count(ALICE), 1);
  world.nowMs = 1_000_000;
  world.request(BOB);
  world.tracker.answered(BOB, hashOf(1));
  assert.equal(world.tracker.size, 0);
  world.announce(ALICE, wtx(1));
  assert.deepEqual(world.ask(ALICE), [nameOf(wtx(1))]);
});

test('a preferred peer goes before all others, even when it comes later', () => {
  for (let seed = 0; seed < 50; seed++) {
    const world = new World(seed);
    for (let id = 10; id < 20; id++) world.announce(asPeerId(id), wtx(1));
    assert.equal(Array.from({ length: 10 }, (_, i) => world.ask(asPeerId(10 + i))).flat().length, 1);
    world.announce(ALICE, wtx(1), 0, true);
    assert.deepEqual(world.ask(asPeerId(10)), []);
    assert.deepEqual(world.ask(ALICE), [nameOf(wtx(1))]);
  }
});

test('among equals each is as likely to be asked, whatever the order', () => {
  const counts = new Map<PeerId, number>();
  for (let seed = 0; seed < 3_000; seed++) {
    const world = new World(seed);
    for (const peer of [ALICE, BOB, CAROL]) world.announce(peer, wtx(1));
    const chosen = [ALICE, BOB, CAROL].find((peer) => world.ask(peer).length > 0)!;
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
  }
  for (const peer of [ALICE, BOB, CAROL]) assert.ok(counts.get(peer)! > 900, `${peer}: ${counts.get(peer)}`);
});

test('the choice for a transaction is the same when it is announced again, so that announcing often gains nothing', () => {
  const { tracker } = new World();
  const first = tracker.computePriority(ALICE, hashOf(1), false);
  assert.equal(tracker.computePriority(ALICE, hashOf(1), false), first);
  assert.notEqual(tracker.computePriority(BOB, hashOf(1), false), first);
  assert.notEqual(tracker.computePriority(ALICE, hashOf(2), false), first);
  assert.ok(tracker.computePriority(BOB, hashOf(1), true) > first);
  assert.ok(Number.isSafeInteger(tracker.computePriority(asPeerId(2 ** 53 - 1), hashOf(1), true)));
});

test('D10: peers whose numbers differ beyond 32 bits are told apart', () => {
  const { tracker } = new World();
  const low = tracker.computePriority(asPeerId(1), hashOf(1), false);
  assert.notEqual(tracker.computePriority(asPeerId(2 ** 32 + 1), hashOf(1), false), low);
});

test('a transaction that nobody needs is forgotten for all peers, whatever state they are in', () => {
  const world = new World();
  for (const peer of [ALICE, BOB]) world.announce(peer, wtx(1));
  world.announce(CAROL, tx(1), 5_000);
  world.announce(CAROL, wtx(2));
  world.request(ALICE);
  world.request(BOB);
  world.tracker.forget(hashOf(1));
  assert.equal(world.tracker.size, 1);
  assert.equal(world.tracker.inFlightCount(ALICE) + world.tracker.inFlightCount(BOB), 0);
  world.tracker.forget(hashOf(1));
  assert.deepEqual(world.ask(CAROL), [nameOf(wtx(2))]);
  world.tracker.sanityCheck();
});

test('a request that nobody advised replaces the one under way', () => {
  const world = new World();
  world.announce(ALICE, wtx(1), 0, true);
  world.announce(BOB, wtx(1), 1_000_000);
  world.request(ALICE);
  world.tracker.requested(BOB, hashOf(1), 60_000);
  assert.equal(world.tracker.inFlightCount(ALICE), 0);
  assert.equal(world.tracker.inFlightCount(BOB), 1);
  assert.deepEqual(world.tracker.candidatePeers(hashOf(1)), [BOB]);
  world.tracker.sanityCheck();
});

test('a clock that goes back makes waiting longer and breaks nothing', () => {
  const world = new World();
  world.nowMs = 1_000_000;
  world.announce(ALICE, wtx(1), 2_000);
  world.announce(BOB, wtx(2));
  world.request(BOB);
  world.nowMs = 5;
  assert.deepEqual(world.ask(ALICE), []);
  world.announce(CAROL, wtx(3), 2_000);
  world.nowMs = 2_005;
  assert.deepEqual(world.ask(CAROL), [nameOf(wtx(3))]);
  world.nowMs = 1_060_000;
  const timedOut: TimedOutRequest[] = [];
  world.tracker.requestable(ALICE, world.nowMs, timedOut);
  assert.deepEqual(timedOut, [{ peer: BOB, id: wtx(2) }]);
  world.tracker.sanityCheck();
});

const PEERS = 8;
const HASHES = 12;

/** Does one random thing to both. */
function step(rng: Rng, tracker: TxRequestTracker, naive: NaiveTxRequest, nowMs: number): void {
  const peer = asPeerId(rng.below(PEERS));
  const hash = hashOf(rng.below(HASHES));
  switch (rng.below(12)) {
    case 0:
      if (rng.below(4) > 0) return;
      tracker.peerLeft(peer);
      naive.peerLeft(peer);
      return;
    case 1:
      tracker.forget(hash);
      naive.forget(hash);
      return;
    case 2:
    case 3:
      tracker.answered(peer, hash);
      naive.answered(peer, hash);
      return;
    case 4: {
      const untilMs = nowMs - 20 + rng.below(200);
      tracker.requested(peer, hash, untilMs);
      naive.requested(peer, hash, untilMs);
      return;
    }
    case 5:
    case 6: {
      const timedOut: TimedOutRequest[] = [];
      const ids = tracker.requestable(peer, nowMs, timedOut);
      const told = timedOut.map((one) => `${one.peer} ${nameOf(one.id)}`).sort();
      assert.deepEqual({ names: ids.map(nameOf), timedOut: told }, naive.requestable(peer, nowMs));
      for (const id of ids) {
        tracker.requested(peer, id.hash, nowMs + 100);
        naive.requested(peer, id.hash, nowMs + 100);
      }
      return;
    }
    default: {
      const id = { hash, isWtxid: rng.below(2) === 0 };
      const terms = { isPreferred: rng.below(3) === 0, atMs: nowMs - 20 + rng.below(80) };
      tracker.announced(peer, id, terms);
      naive.announced(peer, id, terms, tracker.computePriority(peer, hash, terms.isPreferred));
    }
  }
}

function compare(tracker: TxRequestTracker, naive: NaiveTxRequest): void {
  tracker.sanityCheck();
  assert.equal(tracker.size, naive.size);
  for (let id = 0; id < PEERS; id++) {
    const peer = asPeerId(id);
    assert.equal(tracker.count(peer), naive.count(peer, null));
    assert.equal(tracker.inFlightCount(peer), naive.count(peer, 'requested'));
    assert.equal(tracker.candidateCount(peer), naive.count(peer, 'candidate'));
  }
  for (let n = 0; n < HASHES; n++) {
    const order = (a: number, b: number): number => a - b;
    assert.deepEqual(tracker.candidatePeers(hashOf(n)).sort(order), naive.candidatePeers(hashOf(n)).sort(order));
  }
}

test('after any operations it is as a plain list that follows the rules word by word', () => {
  for (let seed = 0; seed < 40; seed++) {
    const rng = createRng(seed);
    const tracker = new TxRequestTracker(rng.fork('tracker'));
    const naive = new NaiveTxRequest();
    let nowMs = 1_000;
    for (let i = 0; i < 500; i++) {
      step(rng, tracker, naive, nowMs);
      // mostly forwards, at times back
      nowMs += rng.below(20) === 0 ? -rng.below(50) : rng.below(6);
      compare(tracker, naive);
    }
  }
});

test('everything that was announced can be forgotten, many times over, in any order', () => {
  const rng = createRng(9);
  const tracker = new TxRequestTracker(rng.fork('tracker'));
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 3_000; i++) {
      tracker.announced(asPeerId(rng.below(5)), wtx(rng.below(800)), { isPreferred: false, atMs: rng.below(100) });
    }
    for (let peer = 0; peer < 5; peer++) {
      for (const { hash } of tracker.requestable(asPeerId(peer), 50, [])) tracker.requested(asPeerId(peer), hash, 60);
    }
    tracker.sanityCheck();
    if (round % 2 === 0) for (let peer = 0; peer < 5; peer++) tracker.peerLeft(asPeerId(peer));
    else for (let n = 0; n < 800; n++) tracker.forget(hashOf(n));
    assert.equal(tracker.size, 0);
    tracker.sanityCheck();
  }
});
