import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SipHash } from '../../kernel/crypto/siphash.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import type { Network } from '../wire/net-address.ts';
import { computeKeyedNetGroup, type EvictionCandidate, protectByRatio, selectPeerToEvict } from './eviction.ts';

type Candidate = EvictionCandidate<number>;

function candidate(id: number, more: Partial<Candidate> = {}): Candidate {
  return {
    id,
    kind: 'inbound',
    connectedAtMs: id * 1000,
    pingMinMs: 100 + id,
    lastBlockSec: 0,
    lastTransactionSec: 0,
    hasWantedServices: true,
    relaysTransactions: true,
    hasBloomFilter: false,
    keyedNetGroup: BigInt(id),
    isDiscouraged: false,
    isLocal: false,
    network: 'ipv4',
    hasNoBan: false,
    ...more,
  };
}

const NETWORKS: readonly Network[] = ['ipv4', 'ipv6', 'onion', 'i2p', 'cjdns'];

function randomCandidate(id: number, rng: Rng): Candidate {
  return candidate(id, {
    connectedAtMs: rng.below(200_000),
    pingMinMs: rng.below(10) === 0 ? null : rng.below(1000),
    lastBlockSec: rng.below(3) === 0 ? rng.below(200) : 0,
    lastTransactionSec: rng.below(3) === 0 ? rng.below(200) : 0,
    hasWantedServices: rng.below(2) === 0,
    relaysTransactions: rng.below(2) === 0,
    hasBloomFilter: rng.below(2) === 0,
    keyedNetGroup: BigInt(rng.below(100)),
    isDiscouraged: rng.below(4) === 0,
    isLocal: rng.below(4) === 0,
    network: NETWORKS[rng.below(NETWORKS.length)]!,
  });
}

function crowd(count: number, rng: Rng, more: (i: number) => Partial<Candidate> = () => ({})): Candidate[] {
  return Array.from({ length: count }, (_, i) => ({ ...randomCandidate(i, rng), ...more(i) }));
}

function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Everyone who can be evicted, when it is done again and again until nobody is left. */
function evictAll(candidates: readonly Candidate[]): Set<number> {
  const evicted = new Set<number>();
  for (;;) {
    const id = selectPeerToEvict(candidates.filter((one) => !evicted.has(one.id)));
    if (id === null) return evicted;
    evicted.add(id);
  }
}

test('E07: nobody is evicted from few, of connections that we made, or of those with noban', () => {
  assert.equal(selectPeerToEvict([]), null);
  const few = Array.from({ length: 20 }, (_, i) => candidate(i));
  assert.equal(selectPeerToEvict(few), null);
  const rng = createRng(1);
  assert.equal(selectPeerToEvict(crowd(200, rng, () => ({ hasNoBan: true }))), null);
  for (const kind of ['manual', 'outbound-full-relay', 'block-relay-only', 'feeler', 'addr-fetch'] as const) {
    assert.equal(selectPeerToEvict(crowd(200, rng, () => ({ kind }))), null);
  }
  // 4 groups, 8 pings, 4 transactions and 4 blocks of ordinary peers are always safe; so is half of what is left
  assert.notEqual(selectPeerToEvict(Array.from({ length: 21 }, (_, i) => candidate(i))), null);
});

test('E07: of a crowd without merits the youngest of the largest group goes', () => {
  const groups = [1n, 2n, 2n, 3n, 3n, 3n];
  const candidates = Array.from({ length: 120 }, (_, i) => candidate(i, { keyedNetGroup: groups[i % 6]! }));
  // group 3 is largest; the last four of it (119, 118, 117, 113) are those that the group protects, the youngest of the rest goes
  assert.equal(selectPeerToEvict(candidates), 112);
});

test('E07: 1,000 attackers of one group with the best pings, transactions and blocks push out each other, not the honest', () => {
  const rng = createRng(7);
  for (let round = 0; round < 20; round++) {
    const honest = Array.from({ length: 60 }, (_, i) =>
      candidate(i, {
        connectedAtMs: rng.below(1_000_000),
        keyedNetGroup: BigInt(1000 + i),
        pingMinMs: 50 + rng.below(300),
        lastBlockSec: rng.below(1000),
        lastTransactionSec: rng.below(1000),
      }),
    );
    const places = 114;
    let connected: Candidate[] = [...honest];
    for (let i = 0; i < 1000; i++) {
      const attacker = candidate(10_000 + i, {
        connectedAtMs: 1_000_000 + i,
        keyedNetGroup: 5n,
        pingMinMs: 1,
        lastBlockSec: 100_000,
        lastTransactionSec: 100_000,
      });
      if (connected.length >= places) {
        const evicted = selectPeerToEvict(shuffled(connected, rng));
        assert.ok(evicted !== null && evicted >= 10_000, 'the evicted peer comes from the group of the attackers');
        connected = connected.filter((one) => one.id !== evicted);
      }
      connected.push(attacker);
    }
    assert.equal(connected.filter((one) => one.id < 10_000).length, 60);
  }
});

test('E07: attackers of a thousand groups that came later cannot get at the longest connected', () => {
  const rng = createRng(11);
  const honest = Array.from({ length: 40 }, (_, i) => candidate(i, { connectedAtMs: i, keyedNetGroup: BigInt(i) }));
  let connected: Candidate[] = [...honest];
  for (let i = 0; i < 1000; i++) {
    const key = (BigInt(rng.nextU32()) << 32n) | BigInt(rng.nextU32());
    const attacker = candidate(10_000 + i, {
      connectedAtMs: 1_000_000 + i,
      keyedNetGroup: key,
      pingMinMs: 1,
      lastBlockSec: 100_000 + i,
      lastTransactionSec: 100_000 + i,
    });
    if (connected.length >= 114) {
      const evicted = selectPeerToEvict(shuffled(connected, rng))!;
      connected = connected.filter((one) => one.id !== evicted);
    }
    connected.push(attacker);
  }
  assert.equal(connected.filter((one) => one.id < 10_000).length, 40);
});

test('E07: each measure protects as many as it should, whatever the others say', () => {
  const rng = createRng(3);
  const count = 200;
  // [how many, what makes them best]
  const measures: readonly [number, (i: number) => Partial<Candidate>][] = [
    [4, (i) => ({ keyedNetGroup: BigInt(count - i) })],
    [8, (i) => ({ pingMinMs: i })],
    [4, (i) => ({ lastTransactionSec: count - i })],
    [4, (i) => ({ lastBlockSec: count - i })],
    [
      8,
      (i) =>
        i < 8
          ? { relaysTransactions: false, hasWantedServices: true, lastBlockSec: count - i }
          : { relaysTransactions: true },
    ],
  ];
  for (const [protectedCount, merits] of measures) {
    for (let round = 0; round < 10; round++) {
      const evicted = evictAll(shuffled(crowd(count, rng, merits), rng));
      assert.ok(evicted.size > 0);
      for (let id = 0; id < protectedCount; id++) assert.ok(!evicted.has(id), `${id} of ${protectedCount}`);
    }
  }
});

test('E07: a block-relay peer without the services that we want has no place of its own', () => {
  const rng = createRng(5);
  const evicted = evictAll(
    crowd(200, rng, (i) => ({
      connectedAtMs: i < 8 ? 1_000_000 + i : i,
      keyedNetGroup: i < 8 ? 0n : BigInt(i),
      pingMinMs: i < 8 ? null : 10,
      relaysTransactions: i >= 8,
      hasWantedServices: false,
      lastBlockSec: 0,
      lastTransactionSec: 0,
      isLocal: false,
      network: 'ipv4',
    })),
  );
  for (let id = 0; id < 8; id++) assert.ok(evicted.has(id));
});

test('E07: discouraged peers go first, but not when they are protected', () => {
  const candidates = Array.from({ length: 120 }, (_, i) =>
    // number 0 is the longest connected; 100 and 110 are young and alone in their groups
    candidate(i, {
      keyedNetGroup: i === 100 || i === 110 ? BigInt(i) : 1n,
      isDiscouraged: i === 0 || i === 100 || i === 110,
    }),
  );
  const rest = candidates.filter((one) => one.id !== 110);
  // by group 100 and 110 would be safe: give four others higher keys
  const others = Array.from({ length: 4 }, (_, i) => candidate(500 + i, { keyedNetGroup: BigInt(1000 + i) }));
  assert.equal(selectPeerToEvict([...candidates, ...others]), 110);
  assert.equal(selectPeerToEvict([...rest, ...others]), 100);
});

test('E07: half are protected by uptime, and the other half of places goes to disadvantaged networks in need', () => {
  const rng = createRng(9);
  /** Ids that stay, of `count` with uptime falling by id, under the given networks. */
  const kept = (count: number, more: (i: number) => Partial<Candidate>): Set<number> => {
    const all = crowd(count, rng, (i) => ({
      connectedAtMs: i * 1000,
      isLocal: false,
      network: 'ipv4' as const,
      ...more(i),
    }));
    const left = new Set(protectByRatio(shuffled(all, rng)).map((one) => one.id));
    return new Set(all.map((one) => one.id).filter((id) => !left.has(id)));
  };
  const ids = (...list: number[]) => new Set(list);
  // no disadvantaged: the six longest connected
  assert.deepEqual(
    kept(12, () => ({})),
    ids(0, 1, 2, 3, 4, 5),
  );
  // an onion peer among the youngest takes the place of the sixth
  assert.deepEqual(
    kept(12, (i) => (i === 11 ? { network: 'onion' } : {})),
    ids(0, 1, 2, 3, 4, 11),
  );
  // three of four onion peers: a quarter of twelve
  const onions = (i: number): Partial<Candidate> => (i >= 8 ? { network: 'onion' } : {});
  assert.deepEqual(kept(12, onions), ids(0, 1, 2, 8, 9, 10));
  // one local and many onion: the local one is fewer and comes first, the rest of the places go to onion
  const both = (i: number): Partial<Candidate> => (i === 11 ? { isLocal: true } : i >= 6 ? { network: 'onion' } : {});
  assert.deepEqual(kept(12, both), ids(0, 1, 2, 6, 7, 11));
  // all four networks share, each gets one of four quarter places of sixteen
  const four = (i: number): Partial<Candidate> =>
    i === 12
      ? { network: 'i2p' }
      : i === 13
        ? { network: 'cjdns' }
        : i === 14
          ? { isLocal: true }
          : i === 15
            ? { network: 'onion' }
            : {};
  assert.deepEqual(kept(16, four), ids(0, 1, 2, 3, 12, 13, 14, 15));
  // fewer places than networks: cjdns, then i2p, by Core's order
  assert.deepEqual(
    kept(8, (i) =>
      i === 4
        ? { network: 'onion' }
        : i === 5
          ? { isLocal: true }
          : i === 6
            ? { network: 'i2p' }
            : i === 7
              ? { network: 'cjdns' }
              : {},
    ),
    ids(0, 1, 6, 7),
  );
});

/** Who is best by one measure, computed the slow way, one measure at a time and without the code under test. */
function bestBy(
  candidates: readonly Candidate[],
  count: number,
  isBetter: (a: Candidate, b: Candidate) => boolean,
): Candidate[] {
  return candidates.filter((one) => candidates.filter((other) => isBetter(other, one)).length < count);
}

test('E07: for any candidates, the evicted one is never first by group, ping or uptime, and order does not matter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 150 }), fc.integer(), (count, seed) => {
      const rng = createRng(seed);
      const crowdOfAll = crowd(count, rng, (i) => ({
        keyedNetGroup: BigInt(i % 30),
        // all different, so that no tie is decided by the order of the list
        connectedAtMs: i * 10 + rng.below(10),
        pingMinMs: i * 3 + 1,
        lastBlockSec: rng.below(2) * (i + 1),
        lastTransactionSec: rng.below(2) * (i + 1),
        hasNoBan: rng.below(20) === 0,
        kind: rng.below(20) === 0 ? 'manual' : 'inbound',
      }));
      const evicted = selectPeerToEvict(crowdOfAll);
      if (evicted === null) {
        assert.ok(crowdOfAll.filter((one) => !one.hasNoBan && one.kind === 'inbound').length <= 28);
        return;
      }
      const one = crowdOfAll.find((other) => other.id === evicted)!;
      assert.ok(!one.hasNoBan && one.kind === 'inbound');
      const inbound = crowdOfAll.filter((other) => !other.hasNoBan && other.kind === 'inbound');
      assert.ok(!bestBy(inbound, 8, (a, b) => a.pingMinMs! < b.pingMinMs!).includes(one));
      assert.ok(
        !bestBy(inbound, 4, (a, b) => a.lastBlockSec > b.lastBlockSec).some(
          (best) => best === one && best.lastBlockSec > 0,
        ),
      );
      assert.ok(!bestBy(inbound, 1, (a, b) => a.connectedAtMs < b.connectedAtMs).includes(one));
    }),
    { numRuns: 300 },
  );
});

test('E07: the key of a group depends on the secret of the node', () => {
  const group = Uint8Array.of(1, 10, 20);
  const one = computeKeyedNetGroup(new SipHash(new Uint8Array(16).fill(1)), group);
  const two = computeKeyedNetGroup(new SipHash(new Uint8Array(16).fill(2)), group);
  assert.notEqual(one, two);
  assert.equal(computeKeyedNetGroup(new SipHash(new Uint8Array(16).fill(1)), group), one);
});
