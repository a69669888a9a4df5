import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { childOf, legacy, loose } from '../../../test/model/transaction-world.ts';
import type { TxRejectKind } from '../../kernel/consensus/reject.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { asPeerId, type PeerId } from './peer-id.ts';
import { byTxid, type GenTxid } from './tx-announcement.ts';
import { TxDownload } from './tx-download.ts';
import { computePackageHash } from './tx-download-package.ts';

const [ALICE, BOB, CAROL] = [1, 2, 3].map(asPeerId) as [PeerId, PeerId, PeerId];

function byWtxid(transaction: Transaction): GenTxid {
  return { hash: transaction.wtxid, isWtxid: true };
}

/** A machine whose mempool is a set of txids. */
class World {
  readonly pool: Map<string, Transaction> = new Map();
  readonly download: TxDownload;

  constructor(seed = 1) {
    this.download = new TxDownload({ hasTransaction: (id) => this.has(id) }, createRng(seed));
  }

  has({ hash, isWtxid }: GenTxid): boolean {
    const hex = toHex(hash);
    if (!isWtxid) return this.pool.has(hex);
    return [...this.pool.values()].some(({ wtxid }) => toHex(wtxid) === hex);
  }

  join(peer: PeerId, facts: Partial<Parameters<TxDownload['peerJoined']>[1]> = {}): void {
    const usual = { isPreferred: false, hasRelayPermission: false, announcesByWtxid: true };
    this.download.peerJoined(peer, { ...usual, ...facts });
  }

  ask(peer: PeerId, nowMs: number): string[] {
    return this.download.requestsToSend(peer, nowMs).requests.map(({ hash }) => toHex(hash));
  }

  reject(
    transaction: Transaction,
    kind: TxRejectKind,
    peer = ALICE,
    nowMs = 0,
  ): ReturnType<TxDownload['mempoolRejected']> {
    return this.download.mempoolRejected(transaction, kind, { peer, isFirst: true }, nowMs);
  }
}

/** The first moment, in milliseconds, at which a peer is asked for what it announces at 0. */
function delayOf(world: World, peer: PeerId, id: GenTxid): number {
  world.download.announced(peer, id, 0);
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 500) if (world.ask(peer, nowMs).length > 0) return nowMs;
  return Number.POSITIVE_INFINITY;
}

test('peers that we chose are asked at once; others, and names by txid beside wtxids, two seconds later each', () => {
  const transaction = loose();
  const delay = (id: GenTxid, isPreferred: boolean, hasWtxidPeer: boolean): number => {
    const world = new World();
    world.join(ALICE, { isPreferred, announcesByWtxid: false });
    if (hasWtxidPeer) world.join(BOB);
    return delayOf(world, ALICE, id);
  };
  assert.equal(delay(byWtxid(transaction), true, true), 0);
  assert.equal(delay(byWtxid(transaction), false, true), 2_000);
  assert.equal(delay(byTxid(transaction.txid), true, false), 0);
  assert.equal(delay(byTxid(transaction.txid), true, true), 2_000);
  assert.equal(delay(byTxid(transaction.txid), false, true), 4_000);
});

test('when the last peer that uses wtxids has gone, names by txid are not delayed any more', () => {
  const world = new World();
  world.join(ALICE, { isPreferred: true, announcesByWtxid: false });
  world.join(BOB);
  world.join(BOB);
  world.download.peerLeft(BOB);
  assert.equal(delayOf(world, ALICE, byTxid(loose().txid)), 0);
});

test('a hundred requests in flight cost a stranger two seconds, and a peer with the permission relay nothing', () => {
  for (const [hasRelayPermission, expectedMs] of [
    [false, 2_000],
    [true, 0],
  ] as const) {
    const world = new World();
    world.join(ALICE, { isPreferred: true, hasRelayPermission });
    for (let i = 0; i < 100; i++) world.download.announced(ALICE, byWtxid(loose()), 0);
    assert.equal(world.ask(ALICE, 0).length, 100);
    assert.equal(delayOf(world, ALICE, byWtxid(loose())), expectedMs);
  }
});

test('strangers are listened to only when they have joined', () => {
  const world = new World();
  const transaction = loose();
  assert.equal(world.download.announced(ALICE, byWtxid(transaction), 0), false);
  assert.deepEqual(world.ask(ALICE, 10_000), []);
});

test('an orphan with more parents than a peer may announce is not kept for it', () => {
  const world = new World();
  world.join(ALICE);
  for (let i = 0; i < 4_999; i++) {
    world.download.announced(ALICE, { hash: createRng(i).bytes(32), isWtxid: true }, 0);
  }
  const two = childOf(loose(), loose());
  assert.deepEqual(world.reject(two, 'missing-inputs').missingParents.length, 2);
  assert.equal(world.download.orphanage.size, 0);
  world.reject(childOf(loose()), 'missing-inputs');
  assert.equal(world.download.orphanage.size, 1);
  assert.equal(world.download.load(ALICE).announced, 5_000);
});

test('an orphan that everybody announced who has gone is gone, too', () => {
  const world = new World();
  world.join(ALICE);
  world.join(BOB);
  const orphan = childOf(loose());
  world.download.announced(BOB, byWtxid(orphan), 0);
  world.reject(orphan, 'missing-inputs');
  world.download.peerLeft(ALICE);
  assert.equal(world.download.orphanage.size, 1);
  assert.equal(world.ask(BOB, 4_000).length, 1);
  world.download.peerLeft(BOB);
  assert.equal(world.download.orphanage.size, 0);
  assert.deepEqual(world.download.load(BOB), { announced: 0, inFlight: 0 });
});

test('what is worth keeping for compact blocks: what is new and whole', () => {
  const world = new World();
  world.join(ALICE);
  const keeps = (kind: TxRejectKind, transaction = loose(), isFirst = true): boolean =>
    world.download.mempoolRejected(transaction, kind, { peer: ALICE, isFirst }, 0).isWorthKeeping;
  assert.equal(keeps('not-standard'), true);
  assert.equal(keeps('reconsiderable'), true);
  assert.equal(keeps('witness-stripped', legacy()), false);
  assert.equal(keeps('not-standard', loose(), false), false);
  const orphan = childOf(loose());
  assert.equal(keeps('missing-inputs', orphan), true);
  assert.equal(keeps('missing-inputs', orphan), false, 'it was kept the first time');
});

test('an orphan that lacks yet another parent stays as it is', () => {
  const world = new World();
  world.join(ALICE);
  const [first, second] = [loose(), loose()];
  const orphan = childOf(first, second);
  world.reject(orphan, 'missing-inputs');
  world.pool.set(toHex(first.txid), first);
  world.download.mempoolAccepted(first);
  assert.equal(world.download.hasOrphanToReconsider(ALICE), true);
  assert.deepEqual(world.download.nextOrphanToReconsider(ALICE)?.wtxid, orphan.wtxid);
  const todo = world.download.mempoolRejected(orphan, 'missing-inputs', { peer: ALICE, isFirst: false }, 0);
  assert.deepEqual(todo, { isWorthKeeping: false, missingParents: [], hasRejectedParents: false, package: null });
  assert.equal(world.download.hasOrphanToReconsider(ALICE), false);
  assert.equal(world.download.orphanage.size, 1);
});

test('one verdict for each peer is awaited at a time, and no orphan of the peer is tried meanwhile', () => {
  const world = new World();
  world.join(ALICE);
  const parent = loose();
  world.reject(childOf(parent), 'missing-inputs');
  world.download.mempoolAccepted(parent);
  world.download.checkStarted(ALICE, [loose()], true);
  assert.equal(world.download.isChecking(ALICE), true);
  assert.equal(world.download.hasOrphanToReconsider(ALICE), false);
  assert.throws(() => world.download.checkStarted(ALICE, [loose()], true), /one check for each peer/);
  assert.equal(world.download.checkEnded(ALICE), true);
  assert.equal(world.download.hasOrphanToReconsider(ALICE), true);
  assert.throws(() => world.download.checkEnded(ALICE), /a verdict on what was handed over/);
});

test('a package has one hash, in whatever order its transactions are, and is another with other witnesses', () => {
  const [parent, child, other] = [loose(), loose(), loose()];
  const hash = toHex(computePackageHash([parent, child]));
  assert.equal(toHex(computePackageHash([child, parent])), hash);
  assert.notEqual(toHex(computePackageHash([parent, other])), hash);
});

test('the hash of a package is that of Core: SHA-256 over the wtxids, sorted as people read them', () => {
  // by their last bytes the second comes first; the expected value was computed apart
  const fake = (last: number): Transaction => {
    const wtxid = new Uint8Array(32);
    wtxid[0] = last;
    wtxid[31] = 9 - last;
    return { wtxid } as unknown as Transaction;
  };
  const expected = 'feaafc75b062c07552c867757ffea98d21028bc97c6dc1a70a722324717ded8f';
  assert.equal(toHex(computePackageHash([fake(1), fake(2)])), expected);
  assert.equal(toHex(computePackageHash([fake(2), fake(1)])), expected);
});

// --- any order of events (as Core's fuzz test of the same machine)

const KINDS: readonly TxRejectKind[] = [
  'consensus',
  'inputs-not-standard',
  'not-standard',
  'missing-inputs',
  'premature-spend',
  'witness-mutated',
  'witness-stripped',
  'conflict',
  'mempool-policy',
  'reconsiderable',
  'unknown',
];

const PEERS = 6;
/** The only peer with the permission `relay`. */
const TRUSTED = 0;

/** Chains, siblings, one txid with two witnesses, and conflicts. */
function makeFamily(): Transaction[] {
  const all: Transaction[] = [];
  const parent = loose();
  all.push(parent, childOf(parent), childOf(parent));
  const [first, second] = [loose(), legacy()];
  all.push(first, second, childOf(first, second));
  let last = legacy();
  for (let i = 0; i < 5; i++) {
    all.push(last);
    last = makeTx([spend(outputOf(last))], [pay(i), pay(i)]);
  }
  for (const byte of [1, 2]) {
    const witness = [Uint8Array.of(byte)];
    all.push(makeTx([spend({ txid: fakeTxid(55_555), index: 0 }, { witness })], [pay(1)]));
  }
  all.push(makeTx([spend(outputOf(parent)), spend(outputOf(first))], [pay(3)]));
  return all;
}

class Storm {
  readonly #rng: Rng;
  readonly #world: World;
  readonly #branch = new BranchBuilder();
  readonly #family = makeFamily();
  #nowMs = 1_000_000;

  constructor(seed: number) {
    this.#rng = createRng(seed);
    this.#world = new World(seed);
  }

  run(steps: number): void {
    const { download } = this.#world;
    for (let i = 0; i < steps; i++) {
      const transaction = this.#family[this.#rng.below(this.#family.length)]!;
      this.#step(asPeerId(this.#rng.below(PEERS)), transaction);
      this.#nowMs += this.#rng.below(5) === 0 ? this.#rng.below(70_000) : this.#rng.below(1_000);
      download.sanityCheck();
      for (let id = 0; id < PEERS; id++) if (id !== TRUSTED) assert.ok(download.load(asPeerId(id)).announced <= 5_000);
    }
    for (let id = 0; id < PEERS; id++) download.peerLeft(asPeerId(id));
    assert.equal(download.orphanage.size, 0);
    for (let id = 0; id < PEERS; id++) assert.deepEqual(download.load(asPeerId(id)), { announced: 0, inFlight: 0 });
  }

  #step(peer: PeerId, transaction: Transaction): void {
    const { download, pool } = this.#world;
    switch (this.#rng.below(12)) {
      case 0:
        if (this.#rng.below(3) === 0) download.peerLeft(peer);
        return;
      case 1:
        this.#world.join(peer, {
          isPreferred: this.#rng.below(2) === 0,
          hasRelayPermission: peer === TRUSTED,
          announcesByWtxid: this.#rng.below(2) === 0,
        });
        return;
      case 2:
        if (this.#rng.below(4) === 0) pool.clear();
        download.tipChanged();
        return;
      case 3:
        download.blockConnected(this.#branch.fork(0).mine({ transactions: [transaction] }));
        assert.equal(download.orphanage.has(transaction.wtxid), false);
        return;
      case 4:
        download.blockDisconnected();
        return;
      case 5:
        pool.set(toHex(transaction.txid), transaction);
        download.mempoolAccepted(transaction);
        assert.equal(download.orphanage.has(transaction.wtxid), false);
        return;
      case 6:
      case 7:
        this.#reject(peer, transaction);
        return;
      case 8:
        this.#receive(peer, transaction);
        return;
      case 9: {
        const { requests } = download.requestsToSend(peer, this.#nowMs);
        for (const id of requests) assert.equal(this.#world.has(id), false, 'what is in the mempool is not asked for');
        return;
      }
      case 10:
        download.notFound(peer, transaction.wtxid);
        if (download.hasOrphanToReconsider(peer)) assert.notEqual(download.nextOrphanToReconsider(peer), null);
        else assert.equal(download.nextOrphanToReconsider(peer), null);
        return;
      default: {
        const isWtxid = this.#rng.below(2) === 0;
        const id = { hash: isWtxid ? transaction.wtxid : transaction.txid, isWtxid };
        download.announced(peer, id, this.#nowMs);
      }
    }
  }

  #reject(peer: PeerId, transaction: Transaction): void {
    const kind = KINDS[this.#rng.below(KINDS.length)]!;
    const isFirst = this.#rng.below(2) === 0;
    const todo = this.#world.download.mempoolRejected(transaction, kind, { peer, isFirst }, this.#nowMs);
    assert.ok(isFirst || !todo.isWorthKeeping);
    assert.ok(todo.missingParents.length <= transaction.inputCount);
    if (todo.package !== null) this.#checkPackage(peer, todo.package);
    if (kind !== 'missing-inputs') assert.equal(this.#world.download.orphanage.has(transaction.wtxid), false);
  }

  #receive(peer: PeerId, transaction: Transaction): void {
    const action = this.#world.download.received(peer, transaction);
    const again = this.#world.download.received(peer, transaction);
    assert.equal(again.type, action.type);
    if (action.type !== 'check-package') return;
    this.#checkPackage(peer, action.package);
    if (this.#rng.below(2) > 0) return;
    this.#world.download.packageRejected(action.package);
    const next = this.#world.download.received(peer, transaction);
    if (next.type === 'check-package') assert.notDeepEqual(next.package[1].wtxid, action.package[1].wtxid);
  }

  #checkPackage(peer: PeerId, [parent, child]: readonly [Transaction, Transaction]): void {
    const parents = Array.from({ length: child.inputCount }, (_, i) => toHex(child.prevout(i).txid));
    assert.ok(parents.includes(toHex(parent.txid)));
    assert.ok(this.#world.download.orphanage.hasFrom(child.wtxid, peer));
  }
}

test('whatever happens in whatever order, the bounds hold, nothing known is asked for, and everything goes with the peers', () => {
  for (let seed = 0; seed < 25; seed++) new Storm(seed).run(400);
});

test('a name by txid and one by wtxid of the same transaction are asked for apart, until the transaction is here', () => {
  const world = new World();
  world.join(ALICE, { isPreferred: true });
  world.join(CAROL, { isPreferred: true, announcesByWtxid: false });
  const transaction = loose();
  world.download.announced(ALICE, byWtxid(transaction), 0);
  world.download.announced(CAROL, byTxid(transaction.txid), 0);
  assert.deepEqual(world.ask(ALICE, 0), [toHex(transaction.wtxid)]);
  world.pool.set(toHex(transaction.txid), transaction);
  world.download.mempoolAccepted(transaction);
  assert.deepEqual(world.ask(CAROL, 10_000), []);
});
