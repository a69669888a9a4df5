import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { type HealthChain, type HealthOutcome, type HealthPeer, OutboundHealth } from './outbound-health.ts';
import { asPeerId } from './peer-id.ts';

const MINUTE_MS = 60_000;
const NOW_SEC = 1_700_000_000;

/** A chain of which entry n has n units of work. */
function chainAt(tip: BlockEntry, more: Partial<HealthChain> = {}): HealthChain {
  return {
    tip,
    isInitialDownload: false,
    compareWork: (a, b) => a - b,
    hasMinimumWork: (entry) => entry >= 50,
    ...more,
  };
}

function peer(id: number, kind: ConnectionKind = 'outbound-full-relay', more: Partial<HealthPeer> = {}): HealthPeer {
  return {
    id: asPeerId(id),
    kind,
    address: { network: 'ipv4', bytes: Uint8Array.of(8, id, 8, 8), port: 8333 },
    stage: 'established',
    isDisconnecting: false,
    connectedAtMs: 0,
    lastBlockSec: 0,
    ...more,
  };
}

function machine(...peers: readonly HealthPeer[]): OutboundHealth {
  const health = new OutboundHealth({ fullRelayMax: 8, blockRelayMax: 2, blockSpacingSec: 600 });
  for (const one of peers) health.addPeer(one.id);
  return health;
}

function check(
  health: OutboundHealth,
  peers: readonly HealthPeer[],
  nowMs: number,
  more: { readonly inFlight?: (id: number) => number; readonly canDial?: boolean; readonly isTipRecent?: boolean } = {},
): HealthOutcome[] {
  const facts = {
    peers,
    blocksInFlight: more.inFlight ?? (() => 0),
    canDial: more.canDial ?? true,
    isTipRecent: more.isTipRecent ?? false,
  };
  return health.check(facts, nowMs, NOW_SEC + Math.floor(nowMs / 1000));
}

function disconnected(outcomes: readonly HealthOutcome[]): number[] {
  return outcomes.flatMap((outcome) => (outcome.type === 'disconnect' ? [outcome.peer] : []));
}

function ofType<T extends HealthOutcome['type']>(outcomes: readonly HealthOutcome[], type: T): HealthOutcome[] {
  return outcomes.filter((outcome) => outcome.type === type);
}

const HEADERS = { isNew: true, mayHaveMore: false };

test('a peer behind our tip is asked after 20 minutes and disconnected two minutes later', () => {
  for (const kind of ['outbound-full-relay', 'block-relay-only'] as const) {
    const one = peer(1, kind);
    const health = machine(one);
    const chain = chainAt(100);
    assert.equal(health.considerPeer(one, 99, chain, 0), null);
    assert.equal(health.considerPeer(one, 99, chain, 20 * MINUTE_MS), null);
    assert.deepEqual(health.considerPeer(one, 99, chain, 20 * MINUTE_MS + 1), { type: 'ask-headers', from: 100 });
    assert.equal(health.considerPeer(one, 99, chain, 22 * MINUTE_MS + 1), null);
    assert.deepEqual(health.considerPeer(one, 99, chain, 22 * MINUTE_MS + 2), {
      type: 'disconnect',
      offence: 'old-chain',
    });
  }
});

test('a peer that never told us of a block is treated as one that is behind', () => {
  const one = peer(1);
  const health = machine(one);
  assert.equal(health.considerPeer(one, NO_ENTRY, chainAt(100), 0), null);
  assert.equal(health.considerPeer(one, NO_ENTRY, chainAt(100), 20 * MINUTE_MS + 1)?.type, 'ask-headers');
  assert.equal(health.considerPeer(one, NO_ENTRY, chainAt(100), 30 * MINUTE_MS)?.type, 'disconnect');
});

test('a peer that answers with our tip is left alone', () => {
  const one = peer(1);
  const health = machine(one);
  health.considerPeer(one, 99, chainAt(100), 0);
  assert.equal(health.considerPeer(one, 99, chainAt(100), 21 * MINUTE_MS)?.type, 'ask-headers');
  assert.equal(health.considerPeer(one, 100, chainAt(100), 22 * MINUTE_MS), null);
  // behind again: the time begins anew, with a question before the end
  assert.equal(health.considerPeer(one, 100, chainAt(101), 40 * MINUTE_MS), null);
  assert.equal(health.considerPeer(one, 100, chainAt(101), 61 * MINUTE_MS)?.type, 'ask-headers');
});

test('a peer that reaches the block at which its time began gets new time, though we went on', () => {
  const one = peer(1);
  const health = machine(one);
  health.considerPeer(one, 99, chainAt(100), 0);
  assert.equal(health.considerPeer(one, 100, chainAt(105), 19 * MINUTE_MS), null);
  assert.equal(health.considerPeer(one, 100, chainAt(106), 21 * MINUTE_MS), null);
  assert.deepEqual(health.considerPeer(one, 100, chainAt(107), 39 * MINUTE_MS + 1), { type: 'ask-headers', from: 105 });
});

test('inbound, manual and short-lived connections are never judged by their chain', () => {
  for (const kind of ['inbound', 'manual', 'feeler', 'addr-fetch'] as const) {
    const one = peer(1, kind);
    const health = machine(one);
    for (let minute = 0; minute < 100; minute++) {
      assert.equal(health.considerPeer(one, 1, chainAt(100), minute * MINUTE_MS), null);
    }
  }
});

test('four full-relay peers that had as much work as we are spared, and block-relay peers never', () => {
  const peers = Array.from({ length: 6 }, (_, i) => peer(i));
  const relay = peer(9, 'block-relay-only');
  const health = machine(...peers, relay);
  const chain = chainAt(100);
  health.headersAccepted(relay, { ...HEADERS, bestKnown: 100, last: 100 }, chain, 0);
  for (const one of peers) health.headersAccepted(one, { ...HEADERS, bestKnown: 100, last: 100 }, chain, 0);
  assert.deepEqual(
    peers.map((one) => health.isProtected(one.id)),
    [true, true, true, true, false, false],
  );
  assert.equal(health.isProtected(relay.id), false);
  const later = chainAt(200);
  for (const one of [...peers, relay]) health.considerPeer(one, 100, later, MINUTE_MS);
  const verdicts = [...peers, relay].map((one) => health.considerPeer(one, 100, later, 30 * MINUTE_MS)?.type);
  assert.deepEqual(verdicts, [undefined, undefined, undefined, undefined, 'ask-headers', 'ask-headers', 'ask-headers']);
  // a protected one leaves: the next that is as good as we are takes its place
  health.removePeer(peers[0]!.id);
  health.headersAccepted(peers[5]!, { ...HEADERS, bestKnown: 200, last: 200 }, later, 31 * MINUTE_MS);
  assert.equal(health.isProtected(peers[5]!.id), true);
});

test('E10: during initial download an outbound peer whose whole chain has too little work is thrown out', () => {
  const health = machine(peer(1), peer(2, 'block-relay-only'), peer(3, 'inbound'), peer(4, 'manual'));
  const chain = chainAt(0, { isInitialDownload: true });
  const low = { ...HEADERS, bestKnown: 49, last: 49 };
  assert.equal(health.headersAccepted(peer(1), low, chain, 0), 'insufficient-work');
  assert.equal(health.headersAccepted(peer(2, 'block-relay-only'), low, chain, 0), 'insufficient-work');
  assert.equal(health.headersAccepted(peer(3, 'inbound'), low, chain, 0), null);
  assert.equal(health.headersAccepted(peer(4, 'manual'), low, chain, 0), null);
  assert.equal(health.headersAccepted(peer(1), { ...low, mayHaveMore: true }, chain, 0), null);
  assert.equal(health.headersAccepted(peer(1), { ...HEADERS, bestKnown: 50, last: 50 }, chain, 0), null);
  assert.equal(health.headersAccepted(peer(1), low, chainAt(0), 0), null);
});

test('E10: an attacker who holds all outbound connections with a low chain loses them one by one', () => {
  const peers = Array.from({ length: 10 }, (_, i) => peer(i, i < 8 ? 'outbound-full-relay' : 'block-relay-only'));
  const health = machine(...peers);
  const chain = chainAt(0, { isInitialDownload: true });
  const thrown = peers.filter(
    (one) => health.headersAccepted(one, { ...HEADERS, bestKnown: 30, last: 30 }, chain, 0) !== null,
  );
  assert.equal(thrown.length, 10);
  assert.ok(peers.every((one) => !health.isProtected(one.id)));
});

test('a stale tip asks for another connection, and a new tip takes the wish back at the next look', () => {
  const health = machine();
  assert.deepEqual(check(health, [], 0), []);
  // three intervals of ten minutes since the first look, which counts as a tip
  assert.deepEqual(check(health, [], 10 * MINUTE_MS + 1), []);
  assert.deepEqual(check(health, [], 20 * MINUTE_MS + 2), []);
  const stale = check(health, [], 30 * MINUTE_MS + 3);
  assert.deepEqual(ofType(stale, 'try-another-outbound'), [{ type: 'try-another-outbound', isWanted: true }]);
  assert.deepEqual(stale[0], {
    type: 'log',
    level: 'info',
    text: 'Potential stale tip detected, will try using extra outbound peer (last tip update: 1800 seconds ago)',
  });
  // not looked at again for ten minutes
  assert.deepEqual(check(health, [], 35 * MINUTE_MS), []);
  health.tipChanged(36 * MINUTE_MS);
  assert.deepEqual(ofType(check(health, [], 41 * MINUTE_MS), 'try-another-outbound'), [
    { type: 'try-another-outbound', isWanted: false },
  ]);
  assert.deepEqual(check(health, [], 52 * MINUTE_MS), []);
});

test('a tip is not stale while blocks are on their way, or while we may not dial', () => {
  const one = peer(1, 'inbound');
  const health = machine(one);
  health.tipChanged(0);
  assert.deepEqual(check(health, [one], 60 * MINUTE_MS, { inFlight: () => 1 }), []);
  assert.deepEqual(check(health, [one], 80 * MINUTE_MS, { canDial: false }), []);
  assert.equal(ofType(check(health, [one], 100 * MINUTE_MS), 'try-another-outbound').length, 1);
});

test('of nine full-relay peers the one goes that announced a block longest ago, of equals the youngest', () => {
  const peers = Array.from({ length: 9 }, (_, i) => peer(i));
  const health = machine(...peers);
  for (const one of peers) {
    // 0, 1, 2 announce at minutes 3, 2, 1; all others never do
    if (one.id <= 2) health.blockAnnounced(one.id, 101, true, chainAt(100), (3 - one.id) * MINUTE_MS);
  }
  const first = check(health, peers, 5 * MINUTE_MS);
  assert.deepEqual(disconnected(first), [8]);
  assert.deepEqual(ofType(first, 'disconnect'), [
    {
      type: 'disconnect',
      peer: 8,
      text: 'disconnecting extra outbound peer=8 (last block announcement received at time 0)',
    },
  ]);
  // the extra connection is done
  assert.deepEqual(ofType(first, 'try-another-outbound'), [{ type: 'try-another-outbound', isWanted: false }]);
  const rest = [...peers.slice(0, 3), ...Array.from({ length: 6 }, (_, i) => peer(20 + i))];
  for (const one of rest.slice(3)) {
    health.addPeer(one.id);
    health.blockAnnounced(one.id, 101, true, chainAt(100), 4 * MINUTE_MS);
  }
  assert.deepEqual(disconnected(check(health, rest, 6 * MINUTE_MS)), [2]);
  // eight are not too many
  assert.deepEqual(check(health, rest.slice(1), 7 * MINUTE_MS), []);
});

test('an announcement counts only when the block is news and has more work than our tip', () => {
  const peers = Array.from({ length: 9 }, (_, i) => peer(i));
  const health = machine(...peers);
  for (const one of peers.slice(0, 8)) health.blockAnnounced(one.id, 101, true, chainAt(100), MINUTE_MS);
  health.blockAnnounced(peers[8]!.id, 100, true, chainAt(100), 2 * MINUTE_MS);
  health.blockAnnounced(peers[8]!.id, 101, false, chainAt(100), 2 * MINUTE_MS);
  assert.deepEqual(disconnected(check(health, peers, 5 * MINUTE_MS)), [8]);
});

test('an extra full-relay peer stays while it is young, gives us a block, is protected, or is our only way to a network', () => {
  const onion = { network: 'onion', bytes: new Uint8Array(32), port: 8333 } as const;
  const peers = Array.from({ length: 9 }, (_, i) => peer(i, 'outbound-full-relay', i === 8 ? { address: onion } : {}));
  assert.deepEqual(disconnected(check(machine(...peers), peers, MINUTE_MS)), [7]);
  const twoOnions = [...peers, peer(9, 'manual', { address: onion })];
  assert.deepEqual(disconnected(check(machine(...twoOnions), twoOnions, MINUTE_MS)), [8]);

  const ordinary = Array.from({ length: 9 }, (_, i) => peer(i));
  const protectedOne = machine(...ordinary);
  protectedOne.headersAccepted(ordinary[8]!, { ...HEADERS, isNew: false, bestKnown: 100, last: 100 }, chainAt(100), 0);
  assert.deepEqual(disconnected(check(protectedOne, ordinary, MINUTE_MS)), [7]);

  const busy = check(machine(...ordinary), ordinary, MINUTE_MS, { inFlight: (id) => (id === 8 ? 1 : 0) });
  assert.deepEqual(disconnected(busy), []);
  assert.deepEqual(disconnected(check(machine(...ordinary), ordinary, 30_000)), []);
  assert.deepEqual(disconnected(check(machine(...ordinary), ordinary, 30_001)), [8]);
});

test('peers that have not shaken hands or are on their way out do not count as too many', () => {
  const peers = Array.from({ length: 9 }, (_, i) =>
    peer(i, 'outbound-full-relay', i === 8 ? { stage: 'awaiting-verack' } : {}),
  );
  assert.deepEqual(check(machine(...peers), peers, MINUTE_MS), []);
  const leaving = Array.from({ length: 9 }, (_, i) => peer(i, 'outbound-full-relay', { isDisconnecting: i === 0 }));
  assert.deepEqual(check(machine(...leaving), leaving, MINUTE_MS), []);
});

test('of three block-relay peers the youngest goes, unless it brought a block later than the second youngest', () => {
  const peers = (youngestSec: number, nextSec: number) => [
    peer(1, 'block-relay-only', { lastBlockSec: 5 }),
    peer(2, 'block-relay-only', { lastBlockSec: nextSec }),
    peer(3, 'block-relay-only', { lastBlockSec: youngestSec }),
  ];
  const run = (list: HealthPeer[], more = {}) => disconnected(check(machine(...list), list, MINUTE_MS, more));
  assert.deepEqual(run(peers(0, 0)), [3]);
  assert.deepEqual(run(peers(0, 9)), [3]);
  assert.deepEqual(run(peers(9, 9)), [3]);
  assert.deepEqual(run(peers(10, 9)), [2]);
  assert.deepEqual(run(peers(10, 9), { inFlight: (id: number) => (id === 2 ? 1 : 0) }), []);
  assert.deepEqual(run(peers(0, 0).map((one) => ({ ...one, connectedAtMs: 30_001 }))), []);
  assert.deepEqual(run(peers(0, 0).slice(1)), []);
});

test('extra block-relay connections begin once, when the tip is recent', () => {
  const health = machine();
  assert.deepEqual(ofType(check(health, [], 0), 'start-extra-block-relay'), []);
  assert.equal(ofType(check(health, [], MINUTE_MS, { isTipRecent: true }), 'start-extra-block-relay').length, 1);
  assert.deepEqual(ofType(check(health, [], 2 * MINUTE_MS, { isTipRecent: true }), 'start-extra-block-relay'), []);
});
