import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeBlock } from '../../../test/model/block-builder.ts';
import { MemoryHeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { Signal } from '../../kernel/util/signal.ts';
import type { RequestEnded } from './block-download.ts';
import { CompactRelay } from './compact-relay.ts';
import { asPeerId } from './peer-id.ts';

function createRelay({ isBlocksOnly = false, ended = new Signal<RequestEnded>() } = {}): CompactRelay {
  return new CompactRelay({ requestEnded: ended }, { rng: createRng(1), isBlocksOnly });
}

/** Peers 1, 2, 3 … of these kinds, each of which sends compact blocks. */
function relayWith(kinds: string, isBlocksOnly = false): CompactRelay {
  const relay = createRelay({ isBlocksOnly });
  [...kinds].forEach((kind, i) => {
    relay.peerJoined(asPeerId(i + 1), { isInbound: kind === 'i' });
    relay.receiveMode(asPeerId(i + 1), false);
  });
  return relay;
}

/** What a preference leads to, as text: `+4 -1`. */
function prefer(relay: CompactRelay, peer: number): string {
  const changes = relay.preferPeer(asPeerId(peer));
  return changes.map((change) => `${change.announces ? '+' : '-'}${change.peer}`).join(' ');
}

const announcers = (relay: CompactRelay, count = 8): number[] =>
  Array.from({ length: count }, (_, i) => i + 1).filter((id) => relay.isAnnouncer(asPeerId(id)));

test('the last three peers that gave a block announce the next, the longest ago gives way', () => {
  const relay = relayWith('ooooo');
  assert.equal(prefer(relay, 1), '+1');
  assert.equal(prefer(relay, 2), '+2');
  assert.equal(prefer(relay, 3), '+3');
  assert.equal(prefer(relay, 4), '+4 -1');
  assert.deepEqual(announcers(relay), [2, 3, 4]);
  assert.equal(prefer(relay, 2), '');
  assert.equal(prefer(relay, 5), '+5 -3');
  assert.deepEqual(announcers(relay), [2, 4, 5]);
});

test('an inbound peer does not drive out the last outbound one, an outbound one does', () => {
  const relay = relayWith('oiiiio');
  for (const id of [1, 2, 3]) prefer(relay, id);
  assert.equal(prefer(relay, 4), '+4 -2');
  assert.equal(prefer(relay, 5), '+5 -3');
  assert.deepEqual(announcers(relay), [1, 4, 5]);
  // The outbound one has moved to the middle, and is the oldest again after one more.
  assert.equal(prefer(relay, 6), '+6 -1');
  assert.deepEqual(announcers(relay), [4, 5, 6]);
});

test('of two outbound announcers one may be driven out', () => {
  const relay = relayWith('ooii');
  for (const id of [1, 2, 3]) prefer(relay, id);
  assert.equal(prefer(relay, 4), '+4 -1');
});

test('whoever leaves makes room at once', () => {
  const relay = relayWith('iiii');
  for (const id of [1, 2, 3]) prefer(relay, id);
  relay.peerLeft(asPeerId(2));
  assert.equal(prefer(relay, 4), '+4');
  assert.deepEqual(announcers(relay), [1, 3, 4]);
});

test('nobody is asked who cannot send compact blocks, who has left, or by a node that takes no transactions', () => {
  const relay = relayWith('o');
  relay.peerJoined(asPeerId(2), { isInbound: false });
  assert.equal(prefer(relay, 2), '');
  assert.equal(prefer(relay, 3), '');
  assert.equal(prefer(relayWith('o', true), 1), '');
});

test('an outbound announcer stays as long as there is one, whatever inbound peers do', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 60 }), (preferred) => {
      const relay = relayWith('ooiiiiii');
      let hasOutbound = false;
      for (const id of preferred) {
        const wasOutbound = hasOutbound;
        prefer(relay, id);
        const now = announcers(relay);
        assert.ok(now.length <= 3 && now.includes(id));
        hasOutbound = now.some((announcer) => announcer <= 2);
        if (wasOutbound) assert.ok(hasOutbound);
      }
    }),
  );
});

test('a peer says what it can do and what it wants, and may change its mind', () => {
  const relay = createRelay();
  const id = asPeerId(7);
  const facts = (): boolean[] => [relay.providesCompact(id), relay.wantsAnnouncements(id), relay.isAnnouncer(id)];
  relay.receiveMode(id, true);
  assert.deepEqual(facts(), [false, false, false]);
  relay.peerJoined(id, { isInbound: true });
  assert.deepEqual(facts(), [false, false, false]);
  relay.receiveMode(id, true);
  assert.deepEqual(facts(), [true, true, false]);
  relay.receiveMode(id, false);
  assert.deepEqual(facts(), [true, false, false]);
});

test('a partial block belongs to the request of a peer for a block, and goes with it', () => {
  const ended = new Signal<RequestEnded>();
  const relay = createRelay({ ended });
  const [one, two] = [asPeerId(1), asPeerId(2)];
  for (const id of [one, two]) relay.peerJoined(id, { isInbound: true });
  const first = relay.startPartial(one, 5);
  relay.startPartial(one, 6);
  relay.startPartial(two, 5);
  assert.equal(relay.partial(one, 5), first);
  assert.notEqual(relay.partial(two, 5), first);
  ended.emit({ peer: one, entry: 5 });
  assert.equal(relay.partial(one, 5), null);
  assert.notEqual(relay.partial(one, 6), null);
  assert.notEqual(relay.partial(two, 5), null);
  relay.peerLeft(one);
  ended.emit({ peer: one, entry: 6 });
  assert.equal(relay.partial(one, 6), null);
  assert.equal(relay.startPartial(one, 6).isOpen, false);
  assert.equal(relay.partial(one, 6), null);
});

test('the compact form of the newest block is made once and does not keep the block', () => {
  const params = createRegtestParams();
  const block = makeBlock(new MemoryHeaderBranch([params.genesis.header]), params.consensus, {});
  const relay = createRelay();
  assert.equal(relay.recall(4), null);
  const message = relay.remember(4, 1, block);
  assert.ok(message !== null);
  assert.equal(relay.recall(4), message);
  assert.equal(relay.recall(5), null);
  assert.equal(toHex(message.header.blockHash), toHex(block.header.blockHash));
  const { transaction } = message.prefilled[0]!;
  assert.equal(toHex(transaction.wtxid), toHex(block.transaction(0).wtxid));
  assert.notEqual(message.header.bytes.buffer, block.bytes.buffer);
  assert.notEqual(transaction.bytes.buffer, block.bytes.buffer);
});

test('of blocks at one height the first is announced, and a higher one again', () => {
  const params = createRegtestParams();
  const block = makeBlock(new MemoryHeaderBranch([params.genesis.header]), params.consensus, {});
  const relay = createRelay();
  assert.notEqual(relay.remember(4, 7, block), null);
  assert.equal(relay.remember(5, 7, block), null);
  assert.equal(relay.remember(6, 6, block), null);
  assert.notEqual(relay.recall(4), null);
  assert.notEqual(relay.remember(7, 8, block), null);
  assert.equal(relay.recall(4), null);
});
