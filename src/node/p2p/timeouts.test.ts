import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManagerWorld } from '../../../test/model/manager-world.ts';
import { createPeer, type HandshakeStage, type Peer } from './peer.ts';
import { findTimeout } from './timeouts.ts';

const HANDSHAKE_MS = 60_000;
const MINUTE_MS = 60_000;
/** When the connection began. */
const START_MS = 5_000;

async function peerAt(stage: HandshakeStage): Promise<Peer> {
  const world = await ManagerWorld.open();
  const peer = createPeer(world.connect().peer, START_MS, 1_700_000_000);
  peer.stage = stage;
  return peer;
}

test('W06: a handshake has its time, to the millisecond', async () => {
  const peer = await peerAt('awaiting-verack');
  const facts = { lastReceivedMs: START_MS + 10, lastSentMs: START_MS + 10 };
  assert.equal(findTimeout(peer, facts, HANDSHAKE_MS, START_MS + HANDSHAKE_MS), null);
  const found = findTimeout(peer, facts, HANDSHAKE_MS, START_MS + HANDSHAKE_MS + 1);
  assert.deepEqual(found, { offence: 'handshake-timeout', detail: '' });
  // The stream itself may not have got so far (BIP324).
  peer.transport = 'detecting';
  const earlier = findTimeout(peer, facts, HANDSHAKE_MS, START_MS + HANDSHAKE_MS + 1);
  assert.deepEqual(earlier, { offence: 'v2-handshake-timeout', detail: '' });
  peer.stage = 'established';
  assert.equal(findTimeout(peer, facts, HANDSHAKE_MS, START_MS + HANDSHAKE_MS + 1), null);
});

test('a connection over which nothing went in one direction or both ends with words for it', async () => {
  const peer = await peerAt('awaiting-version');
  const nowMs = START_MS + 3001;
  const detailOf = (lastReceivedMs: number | null, lastSentMs: number | null): string => {
    const found = findTimeout(peer, { lastReceivedMs, lastSentMs }, 3000, nowMs);
    assert.equal(found?.offence, 'silent-peer');
    return found.detail;
  };
  assert.equal(detailOf(null, null), '3 seconds, never received from peer, never sent to peer');
  assert.equal(detailOf(nowMs, null), '3 seconds, never sent to peer');
  assert.equal(detailOf(null, nowMs), '3 seconds, never received from peer');
});

test('D01, D05: twenty minutes of silence in either direction are enough', async () => {
  const peer = await peerAt('established');
  const nowMs = START_MS + 60 * MINUTE_MS;
  const limitMs = nowMs - 20 * MINUTE_MS;
  assert.equal(findTimeout(peer, { lastReceivedMs: limitMs, lastSentMs: limitMs }, HANDSHAKE_MS, nowMs), null);
  assert.deepEqual(findTimeout(peer, { lastReceivedMs: nowMs, lastSentMs: limitMs - 1 }, HANDSHAKE_MS, nowMs), {
    offence: 'send-timeout',
    detail: '1200',
  });
  assert.deepEqual(findTimeout(peer, { lastReceivedMs: limitMs - 1000, lastSentMs: nowMs }, HANDSHAKE_MS, nowMs), {
    offence: 'receive-timeout',
    detail: '1201',
  });
});

test('T02: only monotonic time counts: what the wall clock said when a peer connected is no matter', async () => {
  const peer = await peerAt('established');
  const facts = { lastReceivedMs: START_MS + MINUTE_MS, lastSentMs: START_MS + MINUTE_MS };
  for (const connectedAtSec of [0, 1_700_000_000 - 10_800, 2 ** 31]) {
    assert.equal(findTimeout({ ...peer, connectedAtSec }, facts, HANDSHAKE_MS, START_MS + 2 * MINUTE_MS), null);
  }
});
