import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { type SyncPeerOptions, SyncWorld } from '../../../test/model/sync-world.ts';
import { ActiveChain } from '../../kernel/chain/active-chain.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { asMerkleRoot } from '../../kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../kernel/primitives/header.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { NODE_NETWORK, NODE_NETWORK_LIMITED, NODE_WITNESS } from '../wire/protocol.ts';
import { BlockDownload, type RequestEnded } from './block-download.ts';
import type { ChainView, HistoricalBlocks } from './chain-view.ts';
import { asPeerId, type PeerId } from './peer-id.ts';

const PARAMS = createRegtestParams();
const FULL: bigint = NODE_NETWORK | NODE_WITNESS;
const LIMITED: bigint = NODE_NETWORK_LIMITED | NODE_WITNESS;

/** A chain of headers without proof of work, of which any block may be declared stored: quicker than a real one. */
class PaperChain implements ChainView {
  readonly index: BlockIndex;
  readonly active: ActiveChain;
  isInitialDownload = true;
  minimumChainWork = 0n;
  readonly isPruning = false;
  historical: HistoricalBlocks | null = null;

  constructor(rng: Rng = createRng(1)) {
    this.index = new BlockIndex(rng);
    this.active = new ActiveChain(this.index);
    const genesis = this.index.add(PARAMS.genesis.header, NO_ENTRY);
    this.store(genesis);
    this.active.setTip(genesis);
  }

  acceptHeaders(): never {
    throw new Error('headers are added by grow()');
  }

  /** Adds headers on top of an entry; entries are given out in order. The last one. */
  grow(parent: BlockEntry, count: number, salt = 0): BlockEntry {
    let last = parent;
    for (let i = 0; i < count; i++) last = this.index.add(this.#header(last, salt), last);
    return last;
  }

  #header(parent: BlockEntry, salt: number): BlockHeader {
    const merkleRoot = asMerkleRoot(new Uint8Array(32).fill(salt));
    const { index } = this;
    const { bits } = PARAMS.genesis.header;
    const timeSec = index.timeSec(parent) + 600;
    return buildHeader({ version: 4, previousBlockHash: index.blockHash(parent), merkleRoot, timeSec, bits, nonce: 0 });
  }

  /** The block is here. */
  store(entry: BlockEntry): void {
    const { index } = this;
    index.setData(entry, { file: 0, offset: 8 }, 1, true);
    const parent = index.parent(entry);
    if (parent !== NO_ENTRY && !index.isLinked(parent)) return;
    index.link(entry);
    index.forEachDescendant(entry, (child) => {
      if (!index.hasData(child)) return false;
      index.link(child);
      return true;
    });
  }

  /** Connects everything that is here, on the branch of `best`. */
  connect(best: BlockEntry): number {
    const from = this.active.height;
    let height = from;
    while (height < this.index.height(best) && this.index.hasData(this.index.ancestor(best, height + 1))) height++;
    this.active.setTip(this.index.ancestor(best, height));
    return height - from;
  }
}

function openPaper(length: number): { readonly chain: PaperChain; readonly download: BlockDownload } {
  const chain = new PaperChain();
  chain.grow(0, length);
  return { chain, download: new BlockDownload(chain, { params: PARAMS }) };
}

let lastPeer = 0;

/** A peer that has the chain up to `best`. */
function join(chain: PaperChain, download: BlockDownload, best: BlockEntry, options: SyncPeerOptions = {}): PeerId {
  lastPeer++;
  const id = asPeerId(lastPeer);
  const { kind = 'outbound-full-relay', services = FULL, hasNoBan = false } = options;
  download.peerJoined(id, { kind, services, hasNoBan });
  if (best !== NO_ENTRY) download.peerHasBlock(id, chain.index.blockHash(best));
  return id;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function ask(download: BlockDownload, id: PeerId, nowMs = 0): readonly BlockEntry[] {
  return download.nextRequests(id, nowMs).entries;
}

// --- which blocks -----------------------------------------------------------------------------------------------------------

test('each peer is asked for sixteen blocks, none for one that another was asked for', () => {
  const { chain, download } = openPaper(100);
  const [a, b] = [join(chain, download, 100), join(chain, download, 100)];
  assert.deepEqual(ask(download, a), range(1, 16));
  assert.deepEqual(ask(download, a), []);
  assert.deepEqual(ask(download, b), range(17, 32));
  assert.equal(download.inFlightCount, 32);
  assert.equal(download.downloadingPeerCount, 2);
  download.cancel(a, 5, 0);
  download.cancel(b, 20, 0);
  assert.deepEqual(ask(download, a), [5]);
  assert.deepEqual(ask(download, b), [20]);
  download.peerLeft(a);
  assert.equal(download.inFlightCount, 16);
  download.peerLeft(b);
  assert.equal(download.downloadingPeerCount, 0);
  download.sanityCheck();
});

test('a block that was handed to the chain is not asked for again before the chain has answered', () => {
  const { chain, download } = openPaper(3);
  const peer = join(chain, download, 3);
  assert.deepEqual(ask(download, peer), [1, 2, 3]);
  const hash = chain.index.blockHash(2);
  download.cancel(peer, 2, 0);
  download.handedOver(hash, { peer, isCompact: false });
  assert.ok(download.isArriving(2));
  assert.deepEqual(ask(download, peer), []);
  download.answered(hash, peer, false, 0);
  assert.deepEqual(ask(download, peer), [2], 'it was refused: the next try');
});

test('nothing is asked of a peer whose chain is worse than ours, or has less than the minimum work', () => {
  const { chain, download } = openPaper(10);
  for (const entry of range(1, 5)) chain.store(entry);
  chain.connect(10);
  assert.deepEqual(ask(download, join(chain, download, NO_ENTRY)), []);
  assert.deepEqual(ask(download, join(chain, download, 4)), []);
  assert.deepEqual(ask(download, join(chain, download, 5)), []);
  chain.minimumChainWork = 22n;
  assert.deepEqual(ask(download, join(chain, download, 9)), []);
  assert.deepEqual(ask(download, join(chain, download, 10)), range(6, 10));
});

test('a block that a peer named before its header was known counts from then on', () => {
  const { chain, download } = openPaper(3);
  const other = new PaperChain();
  const last = other.grow(other.grow(0, 3), 2);
  const peer = join(chain, download, NO_ENTRY);
  download.peerHasBlock(peer, other.index.blockHash(last));
  assert.equal(download.bestKnown(peer), NO_ENTRY);
  chain.grow(3, 2);
  assert.equal(download.bestKnown(peer), 5);
  assert.deepEqual(ask(download, peer), range(1, 5));
});

test('during initial download blocks come from peers that we chose, and from others only when nothing else is going on', () => {
  const { chain, download } = openPaper(100);
  const inbound = join(chain, download, 100, { kind: 'inbound' });
  const outbound = join(chain, download, 100);
  assert.ok(download.isSyncSource(inbound), 'nothing is in flight');
  assert.equal(ask(download, outbound).length, 16);
  assert.deepEqual(ask(download, inbound), []);
  chain.isInitialDownload = false;
  assert.equal(ask(download, inbound).length, 16);
  chain.isInitialDownload = true;
  download.peerLeft(outbound);
  assert.equal(download.preferredCount, 0);
  download.cancel(inbound, 17, 0);
  assert.deepEqual(ask(download, inbound), [1], 'there is nobody else');
});

test('a peer that keeps the last 288 blocks is asked for the last 286, and for none during initial download', () => {
  const { chain, download } = openPaper(600);
  const limited = join(chain, download, 600, { services: LIMITED });
  assert.deepEqual(ask(download, limited), []);
  chain.isInitialDownload = false;
  assert.deepEqual(ask(download, limited), range(315, 330));
});

test('a peer without witnesses is not asked for blocks that may have some', () => {
  const { chain, download } = openPaper(10);
  assert.deepEqual(ask(download, join(chain, download, 10, { services: NODE_NETWORK })), []);
  assert.deepEqual(
    ask(download, join(chain, download, 10, { services: NODE_WITNESS })),
    [],
    'it serves no blocks at all',
  );
});

test('nothing behind an invalid block is asked for', () => {
  const { chain, download } = openPaper(30);
  chain.index.markFailed(5);
  const peer = join(chain, download, 30);
  assert.deepEqual(ask(download, peer), [1, 2, 3, 4], 'what is before it may be of use');
});

test('the window begins at the last block that both have, and follows the peer to another branch', () => {
  const { chain, download } = openPaper(20);
  for (const entry of range(1, 10)) chain.store(entry);
  chain.connect(20);
  const peer = join(chain, download, 20);
  assert.deepEqual(ask(download, peer), range(11, 20));
  assert.equal(download.lastCommon(peer), 10);
  const fork = chain.grow(4, 30, 1);
  download.peerHasBlock(peer, chain.index.blockHash(fork));
  // Heights 5 to 34 of the other branch are the entries from 21 on.
  assert.deepEqual(ask(download, peer), range(21, 26));
  assert.equal(download.lastCommon(peer), 4);
});

test('blocks that are stored ahead move the window only when none is missing before them', () => {
  const { chain, download } = openPaper(1100);
  const peer = join(chain, download, 1100);
  for (const entry of range(2, 1025)) chain.store(entry);
  assert.deepEqual(ask(download, peer), [1], 'height 1,025 is beyond the window');
  assert.equal(download.lastCommon(peer), 0);
  download.cancel(peer, 1, 0);
  chain.store(1);
  assert.deepEqual(ask(download, peer), [], 'one look moves the window');
  assert.equal(download.lastCommon(peer), 1025);
  assert.deepEqual(ask(download, peer), range(1026, 1041));
});

// --- who asked, who answered ------------------------------------------------------------------------------------------------

test('a block may be in flight from three peers, who stand in line', () => {
  const { chain, download } = openPaper(5);
  const inbound = join(chain, download, 5, { kind: 'inbound' });
  const [b, c, d] = [join(chain, download, 5), join(chain, download, 5), join(chain, download, 5)];
  const ended: RequestEnded[] = [];
  download.requestEnded.subscribe((event) => ended.push(event));
  assert.ok(download.request(inbound, 5, 0));
  assert.ok(!download.request(inbound, 5, 0), 'twice');
  assert.ok(!download.isInFlightFromOutbound(5));
  assert.ok(download.request(b, 5, 0));
  assert.ok(download.isInFlightFromOutbound(5));
  assert.ok(download.request(c, 5, 0));
  assert.ok(!download.request(d, 5, 0), 'a fourth');
  assert.deepEqual(download.inFlightPeers(5), [inbound, b, c]);
  assert.ok(download.wasFirstInFlight(inbound, 5) && !download.wasFirstInFlight(b, 5));
  assert.ok(download.cancel(inbound, 5, 0));
  assert.ok(!download.cancel(inbound, 5, 0));
  assert.ok(download.wasFirstInFlight(b, 5));
  download.blockArrived(5, 0);
  assert.ok(!download.isInFlight(5));
  assert.deepEqual(ended, [
    { peer: inbound, entry: 5 },
    { peer: b, entry: 5 },
    { peer: c, entry: 5 },
  ]);
  download.sanityCheck();
});

test('who gave a block first is remembered until it is asked for, or the block turns out to be nothing new', () => {
  const { chain, download } = openPaper(5);
  const [a, b] = [join(chain, download, 5), join(chain, download, 5)];
  const hash = chain.index.blockHash(3);
  download.handedOver(hash, { peer: a, isCompact: true });
  download.handedOver(hash, { peer: b, isCompact: false });
  download.answered(hash, b, false, 0);
  assert.deepEqual(download.takeGiver(hash), { peer: a, isCompact: true });
  assert.equal(download.takeGiver(hash), null);
  download.handedOver(hash, { peer: b, isCompact: false });
  download.answered(hash, b, false, 0);
  assert.equal(download.takeGiver(hash), null);
});

test('D10: givers of blocks are forgotten, the oldest first, when there are too many', () => {
  const { chain, download } = openPaper(3000);
  const peer = join(chain, download, NO_ENTRY);
  for (const entry of range(1, 3000)) download.handedOver(chain.index.blockHash(entry), { peer, isCompact: false });
  download.sanityCheck();
  assert.equal(download.takeGiver(chain.index.blockHash(952)), null);
  assert.notEqual(download.takeGiver(chain.index.blockHash(953)), null);
});

// --- announced blocks -------------------------------------------------------------------------------------------------------

test('announced blocks are fetched at once when the tip is of today, as a compact block when only one is missing', () => {
  const { chain, download } = openPaper(3);
  for (const entry of [1, 2]) chain.store(entry);
  chain.connect(2);
  chain.index.raiseValidity(2, 4);
  const nowSec = chain.index.timeSec(2) + 1;
  const now = { nowMs: 0, nowSec };
  const peer = join(chain, download, 3);
  assert.equal(download.fetchDirectly(peer, 3, { nowMs: 0, nowSec: nowSec + 20 * 600 }), null, 'the tip is old');
  assert.equal(download.fetchDirectly(peer, 1, now), null, 'less work than the tip');
  assert.deepEqual(download.fetchDirectly(peer, 3, now), { outcome: 'fetch', entries: [3], suitsCompact: true });
  assert.equal(download.fetchDirectly(peer, 3, now), null, 'it is in flight');
  const fork = chain.grow(0, 5, 1);
  const forked = download.fetchDirectly(peer, fork, now);
  assert.deepEqual(forked, { outcome: 'fetch', entries: range(4, 8), suitsCompact: false });
  const long = chain.grow(0, 18, 2);
  assert.deepEqual(download.fetchDirectly(peer, long, now), { outcome: 'large-reorg' });
});

// --- below a snapshot -------------------------------------------------------------------------------------------------------

/** A chain of 3,000 headers that began with a snapshot at 2,000, with the blocks up to 10 verified and those up to 2,001 at the tip. */
function openOnSnapshot(): { readonly chain: PaperChain; readonly download: BlockDownload } {
  const opened = openPaper(3000);
  const { chain } = opened;
  for (const entry of range(1, 10)) chain.store(entry);
  chain.index.linkAs(2000, 2001);
  chain.store(2001);
  chain.active.setTip(2001);
  chain.historical = { tip: 10, target: 2000 };
  return opened;
}

test('blocks towards the tip come before those below a snapshot, and the two share what a peer is asked for', () => {
  const { chain, download } = openOnSnapshot();
  chain.isInitialDownload = false;
  const near = join(chain, download, 2005);
  assert.deepEqual(ask(download, near), [...range(2002, 2005), ...range(11, 22)]);
  const [far, limited] = [join(chain, download, 3000), join(chain, download, 2003, { services: LIMITED })];
  assert.deepEqual(ask(download, far), range(2006, 2021));
  assert.deepEqual(ask(download, limited), [], 'who keeps the last blocks alone is not asked for old ones');
  for (const entry of range(11, 22)) {
    chain.store(entry);
    download.blockArrived(entry, 0);
  }
  chain.historical = { tip: 22, target: 2000 };
  assert.deepEqual(ask(download, near), range(23, 34));
});

test('the window below a snapshot ends at its block, and 1,024 blocks above what is verified', () => {
  const { chain, download } = openOnSnapshot();
  const peer = join(chain, download, 2001);
  for (const entry of range(11, 10 + 1024)) chain.store(entry);
  assert.deepEqual(ask(download, peer), []);
  chain.historical = { tip: 1998, target: 2000 };
  assert.deepEqual(ask(download, peer), [1999, 2000]);
});

test('nothing is fetched from a branch without the block of a snapshot that is not verified yet', () => {
  const { chain, download } = openOnSnapshot();
  const rival = chain.grow(1999, 2000, 1);
  const peer = join(chain, download, rival);
  assert.deepEqual(ask(download, peer), []);
  chain.historical = null;
  assert.equal(ask(download, peer).length, 16);
});

// --- peers that do not deliver ----------------------------------------------------------------------------------------------

/** Peers in the state in which one of them holds up the window: everything in it is here but the first block. */
function stall(chain: PaperChain, download: BlockDownload, peers: readonly PeerId[], nowMs: number): void {
  for (let i = 0; i < 10_000; i++) {
    const [peer, entry] =
      peers.flatMap((id) =>
        download
          .inFlightOf(id)
          .filter((e) => e > 1)
          .map((e) => [id, e]),
      )[0] ?? [];
    if (peer === undefined) {
      if (peers.every((id) => download.nextRequests(id, nowMs).entries.length === 0)) return;
      continue;
    }
    chain.store(entry as BlockEntry);
    download.blockArrived(entry as BlockEntry, nowMs);
  }
}

test('D14: a peer that holds up a full window has two seconds, the next ones four, eight and so on to 64', () => {
  const { chain, download } = openPaper(2000);
  const peers = Array.from({ length: 8 }, () => join(chain, download, 2000));
  let nowMs = 1000;
  const timeouts: number[] = [];
  while (peers.length > 1) {
    const holder = peers[0]!;
    assert.equal(download.request(holder, 1, nowMs), true);
    stall(chain, download, peers, nowMs);
    const limitMs = 1000 * download.stallTimeoutSec;
    assert.equal(download.findFault(holder, nowMs + limitMs), null);
    nowMs += limitMs + 1;
    for (const other of peers.slice(1)) assert.equal(download.findFault(other, nowMs), null);
    const fault = download.findFault(holder, nowMs);
    assert.equal(fault?.offence, 'stalled-block-download');
    timeouts.push(limitMs / 1000);
    download.peerLeft(peers.shift()!);
  }
  assert.deepEqual(timeouts, [2, 4, 8, 16, 32, 64, 64]);
  const decay = range(1, 20).map(() => download.blockConnected());
  assert.deepEqual(decay.slice(0, 17), [54, 45, 38, 32, 27, 22, 18, 15, 12, 10, 8, 6, 5, 4, 3, 2, null]);
});

test('D14: nobody is a staller while the window is not full, and its holder is told of once', () => {
  const { chain, download } = openPaper(1024);
  const [a, b] = [join(chain, download, 1024), join(chain, download, 1024)];
  download.request(a, 1, 0);
  stall(chain, download, [a, b], 0);
  assert.equal(download.inFlightCount, 1);
  assert.equal(download.findFault(a, 3000), null, 'all of the window is here, and no block lies beyond it');
  const last = chain.grow(1024, 1);
  for (const id of [a, b]) download.peerHasBlock(id, chain.index.blockHash(last));
  assert.deepEqual(download.nextRequests(b, 3000), { entries: [], newStaller: a });
  assert.deepEqual(download.nextRequests(b, 3000), { entries: [], newStaller: null });
  assert.equal(download.findFault(a, 5000), null);
  assert.notEqual(download.findFault(a, 5001), null);
  chain.store(1);
  download.blockArrived(1, 5001);
  assert.equal(download.findFault(a, 9000), null, 'it has delivered');
});

test('D14: a block that we ourselves are still taking in makes nobody a staller', () => {
  const { chain, download } = openPaper(1100);
  const [a, b] = [join(chain, download, 1100), join(chain, download, 1100)];
  download.request(a, 1, 0);
  download.request(a, 2, 0);
  for (const entry of range(3, 1024)) chain.store(entry);
  download.cancel(a, 1, 0);
  download.handedOver(chain.index.blockHash(1), { peer: a, isCompact: false });
  assert.deepEqual(download.nextRequests(b, 0), { entries: [], newStaller: null });
  download.answered(chain.index.blockHash(1), a, false, 0);
  assert.deepEqual(ask(download, b), [1]);
});

test('D14: while blocks that have just come are being connected, nobody holds up a window that has moved on', () => {
  const { chain, download } = openPaper(1100);
  const [a, b] = [join(chain, download, 1100), join(chain, download, 1100)];
  download.request(a, 1, 0);
  download.request(a, 500, 0);
  for (const entry of range(2, 1024)) if (entry !== 500) chain.store(entry);
  // stored, and the tip is still where it was
  chain.store(1);
  download.blockArrived(1, 0);
  assert.deepEqual(download.nextRequests(b, 0), { entries: [], newStaller: null });
  assert.equal(download.lastCommon(b), 499);
  assert.deepEqual(ask(download, b).slice(0, 2), [1025, 1026]);
});

test('a block may take one interval, and half of one more for each other peer that we download from', () => {
  const { chain, download } = openPaper(100);
  const [a, b, c] = [join(chain, download, 100), join(chain, download, 100), join(chain, download, 100)];
  ask(download, a, 1000);
  assert.equal(download.findFault(a, 601_000), null);
  assert.deepEqual(download.findFault(a, 601_001), { offence: 'block-download-timeout', entry: 1 });
  ask(download, b, 1000);
  ask(download, c, 1000);
  assert.equal(download.findFault(a, 1_201_000), null);
  assert.notEqual(download.findFault(a, 1_201_001), null);
  // Blocks in the middle change nothing, the first one begins a new time.
  download.blockArrived(3, 1_201_001);
  assert.notEqual(download.findFault(a, 1_201_001), null);
  download.blockArrived(1, 1_201_001);
  assert.equal(download.findFault(a, 1_201_001), null);
});

// --- against a simple twin --------------------------------------------------------------------------------------------------

/** The same books, kept naively: a list of requests. */
class NaiveRequests {
  readonly requests: { readonly peer: PeerId; readonly entry: BlockEntry }[] = [];

  request(peer: PeerId, entry: BlockEntry): boolean {
    const same = this.requests.filter((request) => request.entry === entry);
    if (same.length >= 3 || same.some((request) => request.peer === peer)) return false;
    this.requests.push({ peer, entry });
    return true;
  }

  remove(matches: (peer: PeerId, entry: BlockEntry) => boolean): void {
    for (let i = this.requests.length - 1; i >= 0; i--) {
      const { peer, entry } = this.requests[i]!;
      if (matches(peer, entry)) this.requests.splice(i, 1);
    }
  }
}

function compare(download: BlockDownload, naive: NaiveRequests, peers: readonly PeerId[], length: number): void {
  download.sanityCheck();
  assert.equal(download.inFlightCount, naive.requests.length);
  for (const peer of peers) {
    const entries = naive.requests.filter((request) => request.peer === peer).map(({ entry }) => entry);
    assert.deepEqual(download.inFlightOf(peer), entries);
  }
  for (let entry = 0; entry <= length; entry++) {
    const asked = naive.requests.filter((request) => request.entry === entry).map(({ peer }) => peer);
    assert.deepEqual(download.inFlightPeers(entry), asked);
  }
}

test('random requests, answers and departures leave the same books as a plain list', () => {
  const rng = createRng(14);
  for (let run = 0; run < 20; run++) {
    const { chain, download } = openPaper(60);
    const naive = new NaiveRequests();
    let peers: PeerId[] = [];
    for (let step = 0; step < 150; step++) {
      const peer = peers.length === 0 ? null : peers[rng.below(peers.length)]!;
      const entry = 1 + rng.below(60);
      const what = rng.below(10);
      if (peer === null || what === 0) peers.push(join(chain, download, 60));
      else if (what <= 2) assert.equal(download.request(peer, entry, step), naive.request(peer, entry));
      else if (what <= 5) {
        const room = 16 - download.inFlightOf(peer).length;
        const entries = ask(download, peer, step);
        // Those that nobody has or was asked for, from below up.
        const isFree = (e: number): boolean => !chain.index.hasData(e) && naive.requests.every((r) => r.entry !== e);
        assert.deepEqual(entries, range(1, 60).filter(isFree).slice(0, Math.max(0, room)));
        for (const one of entries) naive.request(peer, one);
      } else if (what === 6) {
        download.cancel(peer, entry, step);
        naive.remove((id, e) => id === peer && e === entry);
      } else if (what <= 8) {
        if (!chain.index.hasData(entry)) chain.store(entry);
        download.blockArrived(entry, step);
        naive.remove((_, e) => e === entry);
      } else {
        download.peerLeft(peer);
        naive.remove((id) => id === peer);
        peers = peers.filter((id) => id !== peer);
      }
      compare(download, naive, peers, 60);
    }
  }
});

// --- a whole sync -----------------------------------------------------------------------------------------------------------

/** Blocks a second that our own line takes, which is what limits a sync from ten peers. */
const LINE_BLOCKS_PER_SEC = 100;
const LATENCY_MS = 80;
const TICK_MS = 100;

/** Virtual seconds until a chain of `length` blocks is here, from ten peers of which the first ones never send a block. */
function syncSeconds(length: number, stallerCount: number): number {
  const { chain, download } = openPaper(length);
  const best = length;
  let peers = Array.from({ length: 10 }, () => join(chain, download, best));
  const stallers = new Set(peers.slice(0, stallerCount));
  const onTheWay: { readonly atMs: number; readonly entry: BlockEntry; readonly peer: PeerId }[] = [];
  let lineFreeMs = 0;
  let nowMs = 0;
  while (chain.active.height < length) {
    assert.ok(nowMs < 3_600_000, 'the sync goes on');
    for (let next = onTheWay[0]; next !== undefined && next.atMs <= nowMs; next = onTheWay[0]) {
      onTheWay.shift();
      chain.store(next.entry);
      download.blockArrived(next.entry, nowMs);
    }
    for (let i = chain.connect(best); i > 0; i--) download.blockConnected();
    const gone = peers.filter((peer) => download.findFault(peer, nowMs) !== null);
    for (const peer of gone) {
      assert.ok(stallers.has(peer), 'an honest peer is never dropped');
      download.peerLeft(peer);
    }
    peers = peers.filter((peer) => !gone.includes(peer));
    for (const peer of peers) {
      for (const entry of ask(download, peer, nowMs)) {
        if (stallers.has(peer)) continue;
        lineFreeMs = Math.max(lineFreeMs, nowMs + LATENCY_MS) + 1000 / LINE_BLOCKS_PER_SEC;
        onTheWay.push({ atMs: lineFreeMs, entry, peer });
      }
    }
    nowMs += TICK_MS;
  }
  download.sanityCheck();
  return nowMs / 1000;
}

test('D14: a sync takes at most twice as long when 1, 4 or 8 of 10 peers never send what they were asked for', () => {
  const honest = syncSeconds(6000, 0);
  assert.ok(honest >= 60 && honest < 70, `${honest} s`);
  for (const count of [1, 4, 8]) {
    const seconds = syncSeconds(6000, count);
    assert.ok(seconds <= 2 * honest, `${count} stallers: ${seconds} s instead of ${honest} s`);
  }
});

test('a real chain is fetched from a peer and connected', async () => {
  const world = await SyncWorld.open({ nowSec: NOW_SEC });
  const branch = new BranchBuilder();
  const blocks: Block[] = branch.mineMany(40);
  world.chain.acceptHeaders(
    blocks.map(({ header }) => header),
    NOW_SEC,
  );
  const peer = world.join();
  world.download.peerHasBlock(peer.id, branch.tip.header.blockHash);
  for (let round = 0; round < 3; round++) {
    world.tick();
    for (const entry of world.takeRequests(peer)) {
      await world.chain.submitBlock(branch.at(world.chain.index.height(entry)), NOW_SEC);
      world.download.blockArrived(entry, world.nowMs);
    }
  }
  assert.equal(world.chain.height, 40);
  assert.equal(world.download.inFlightCount, 0);
});
