import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { type PeerBacklog, RelayBacklog, rankOf } from './tx-relay-backlog.ts';
import type { RelayEntry } from './tx-relay-pool.ts';

const entryOf = (ref: number): RelayEntry => ({
  transaction: {} as Transaction,
  ref,
  feeSat: 0,
  vsize: 1,
  sequence: 0,
});

/** Handles of what waits for a peer, in order. */
function waiting(backlog: RelayBacklog, peer: PeerBacklog): number[] {
  const refs: number[] = [];
  backlog.visit(peer, ({ ref }) => refs.push(ref) > 0);
  return refs;
}

test('a rank is an eighth of an octave of fee rates', () => {
  // 8 × log2(1 + rate), rate per thousand: 8 × log2(1001) = 79.7, of 2,001 87.7, of 101 53.2
  assert.equal(rankOf({ feeSat: 1_000, size: 1_000 }), 79);
  assert.equal(rankOf({ feeSat: 2_000, size: 1_000 }), 87);
  assert.equal(rankOf({ feeSat: 2_000_000, size: 1_000_000 }), 87);
  assert.equal(rankOf({ feeSat: 100, size: 1_000 }), 53);
  assert.equal(rankOf({ feeSat: 0, size: 1_000 }), 0);
  assert.equal(rankOf({ feeSat: -5, size: 1_000 }), 0);
  assert.equal(rankOf({ feeSat: 0, size: 0 }), 0);
  assert.equal(rankOf({ feeSat: 21e14, size: 60 }), 255);
});

test('the highest rank comes first, within a rank the oldest, and to queue something again changes nothing', () => {
  const backlog = new RelayBacklog();
  const peer = backlog.addPeer();
  const forty = entryOf(40);
  backlog.add(peer, forty, 1);
  backlog.add(peer, entryOf(3), 9);
  backlog.add(peer, entryOf(31), 1);
  backlog.add(peer, entryOf(32), 9);
  backlog.add(peer, forty, 200);
  assert.deepEqual(waiting(backlog, peer), [3, 32, 40, 31]);
  backlog.raise(forty, 9);
  assert.deepEqual(waiting(backlog, peer), [3, 32, 40, 31]);
  backlog.raise(forty, 10);
  assert.deepEqual(waiting(backlog, peer), [40, 3, 32, 31]);
  backlog.raise(forty, 2);
  assert.deepEqual(waiting(backlog, peer), [40, 3, 32, 31], 'a rank does not sink');
  backlog.sanityCheck();
});

test('a handle that was given to another transaction stands for that one, even if nobody said that the first is gone', () => {
  const backlog = new RelayBacklog();
  const [one, other] = [backlog.addPeer(), backlog.addPeer()];
  const [first, second] = [entryOf(7), entryOf(7)];
  backlog.add(one, first, 5);
  backlog.add(other, first, 5);
  backlog.add(one, second, 3);
  assert.deepEqual([one.count, other.count, backlog.size], [1, 0, 1]);
  backlog.drop(first);
  backlog.raise(first, 100);
  backlog.delete(one, first);
  assert.deepEqual(waiting(backlog, one), [7], 'what is said of the first does not concern the second');
  backlog.drop(second);
  assert.deepEqual([one.count, backlog.size], [0, 0]);
  backlog.sanityCheck();
});

test('300,000 transactions take 64 kB of a peer, and are forgotten when it is gone', () => {
  const backlog = new RelayBacklog();
  const peers = [backlog.addPeer(), backlog.addPeer()];
  for (let ref = 0; ref < 300_000; ref++) backlog.add(peers[ref % 2]!, entryOf(ref), 1);
  assert.equal(backlog.size, 300_000);
  assert.equal(peers[0]!.sizeBytes, 65_536);
  backlog.removePeer(peers[0]!);
  assert.equal(backlog.size, 150_000);
  backlog.clear(peers[1]!);
  assert.equal(backlog.size, 0);
  backlog.sanityCheck();
});

/** The same, as plain lists. */
class NaiveBacklog {
  readonly #order: { entry: RelayEntry; rank: number; arrival: number }[] = [];
  readonly #waiting: Map<PeerBacklog, Set<RelayEntry>> = new Map();
  #arrivals = 0;

  addPeer(peer: PeerBacklog): void {
    this.#waiting.set(peer, new Set());
  }

  removePeer(peer: PeerBacklog): void {
    this.#waiting.delete(peer);
    this.#sweep();
  }

  add(peer: PeerBacklog, entry: RelayEntry, rank: number): void {
    this.#waiting.get(peer)!.add(entry);
    if (this.#order.some((one) => one.entry === entry)) return;
    this.#order.push({ entry, rank, arrival: this.#arrivals++ });
  }

  raise(entry: RelayEntry, rank: number): void {
    const found = this.#order.find((one) => one.entry === entry);
    if (found === undefined || found.rank >= rank) return;
    found.rank = rank;
    found.arrival = this.#arrivals++;
  }

  delete(peer: PeerBacklog, entry: RelayEntry): void {
    this.#waiting.get(peer)!.delete(entry);
    this.#sweep();
  }

  drop(entry: RelayEntry): void {
    for (const waiting of this.#waiting.values()) waiting.delete(entry);
    this.#sweep();
  }

  list(peer: PeerBacklog): number[] {
    const sorted = [...this.#order].sort((a, b) => b.rank - a.rank || a.arrival - b.arrival);
    return sorted.filter(({ entry }) => this.#waiting.get(peer)!.has(entry)).map(({ entry }) => entry.ref);
  }

  /** What nobody waits for has no place in the order. */
  #sweep(): void {
    for (let i = this.#order.length - 1; i >= 0; i--) {
      const { entry } = this.#order[i]!;
      if (![...this.#waiting.values()].some((waiting) => waiting.has(entry))) this.#order.splice(i, 1);
    }
  }
}

test('the backlog does what plain lists do, whatever happens in whatever order', () => {
  const rng = createRng(12);
  for (let round = 0; round < 30; round++) {
    const backlog = new RelayBacklog();
    const naive = new NaiveBacklog();
    const entries = Array.from({ length: 70 }, (_, ref) => entryOf(ref));
    const peers: PeerBacklog[] = [];
    const join = (): void => {
      const peer = backlog.addPeer();
      peers.push(peer);
      naive.addPeer(peer);
    };
    join();
    for (let step = 0; step < 300; step++) {
      const entry = entries[rng.below(entries.length)]!;
      const peer = peers[rng.below(peers.length)]!;
      const rank = rng.below(6);
      const dice = rng.below(20);
      if (dice === 0) join();
      else if (dice === 1 && peers.length > 1) {
        backlog.removePeer(peer);
        naive.removePeer(peer);
        peers.splice(peers.indexOf(peer), 1);
      } else if (dice < 4) {
        backlog.drop(entry);
        naive.drop(entry);
      } else if (dice < 7) {
        backlog.delete(peer, entry);
        naive.delete(peer, entry);
      } else if (dice < 9) {
        backlog.raise(entry, rank);
        naive.raise(entry, rank);
      } else {
        backlog.add(peer, entry, rank);
        naive.add(peer, entry, rank);
      }
      backlog.sanityCheck();
      for (const one of peers) assert.deepEqual(waiting(backlog, one), naive.list(one));
    }
  }
});
