import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { NaiveOrphanage } from '../../../test/model/naive-orphanage.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { ORPHANAGE_LIMITS, Orphanage } from './orphanage.ts';

const ALICE = 1;
const BOB = 2;
const MALLORY = 3;

let nextTxid = 0;

/** A transaction that spends so many outputs that nobody knows. */
function orphan(inputCount = 1, scriptBytes = 0, witnessByte?: number): Transaction {
  const witness = witnessByte === undefined ? [] : [Uint8Array.of(witnessByte)];
  const inputs = Array.from({ length: inputCount }, () => spend({ txid: fakeTxid(++nextTxid), index: 0 }, { witness }));
  return makeTx(inputs, [pay(1, new Uint8Array(scriptBytes).fill(0x6a))]);
}

/** An orphan of a weight: 4 for a byte of an output. */
function heavy(weightWu: number): Transaction {
  const plain = orphan(1, 1_000);
  const transaction = orphan(1, 1_000 + Math.floor((weightWu - plain.weightWu) / 4));
  assert.ok(Math.abs(transaction.weightWu - weightWu) < 16, `${transaction.weightWu}`);
  return transaction;
}

function childOf(parent: Transaction, index = 0): Transaction {
  return makeTx([spend(outputOf(parent, index))], [pay(++nextTxid)]);
}

function contents(orphanage: Orphanage): string[] {
  const texts: string[] = [];
  for (const { transaction, announcements, ready } of orphanage.orphans()) {
    for (const one of announcements)
      texts.push(`${one.peer.id} ${toHex(transaction.wtxid)}${one === ready ? '*' : ''}`);
  }
  return texts.sort();
}

test('an orphan is found by its wtxid as long as anybody who announced it is there', () => {
  const orphanage = new Orphanage(createRng(1));
  const transaction = orphan();
  assert.equal(orphanage.add(transaction, ALICE), true);
  assert.equal(orphanage.add(transaction, ALICE), false);
  assert.equal(orphanage.add(transaction, BOB), false, 'not new, but announced');
  assert.equal(orphanage.addAnnouncer(transaction.wtxid, BOB), false);
  assert.equal(orphanage.addAnnouncer(transaction.wtxid, MALLORY), true);
  assert.equal(orphanage.addAnnouncer(orphan().wtxid, MALLORY), false, 'an orphan that is not here');
  assert.deepEqual([orphanage.size, orphanage.announcementCount, orphanage.weightWu], [1, 3, transaction.weightWu]);
  assert.deepEqual(orphanage.get(transaction.wtxid)?.serialized(), transaction.serialized());
  orphanage.peerLeft(ALICE);
  orphanage.peerLeft(MALLORY);
  assert.equal(orphanage.hasFrom(transaction.wtxid, ALICE), false);
  assert.equal(orphanage.hasFrom(transaction.wtxid, BOB), true);
  assert.equal(orphanage.has(transaction.wtxid), true);
  assert.equal(orphanage.peerLeft(BOB), 1);
  assert.equal(orphanage.get(transaction.wtxid), null);
  assert.deepEqual(
    [orphanage.size, orphanage.announcementCount, orphanage.weightWu, orphanage.latencyScore],
    [0, 0, 0, 0],
  );
  orphanage.sanityCheck();
});

test('an orphan does not keep the message alive that it came in', () => {
  const orphanage = new Orphanage(createRng(1));
  const transaction = orphan();
  orphanage.add(transaction, ALICE);
  assert.notEqual(orphanage.get(transaction.wtxid)!.bytes, transaction.bytes);
});

test('one txid with two witnesses makes two orphans', () => {
  const orphanage = new Orphanage(createRng(1));
  const parent = fakeTxid(++nextTxid);
  const [good, bad] = [1, 2].map((byte) =>
    makeTx([spend({ txid: parent, index: 0 }, { witness: [Uint8Array.of(byte)] })], [pay(1)]),
  );
  orphanage.add(bad!, MALLORY);
  assert.equal(orphanage.has(good!.wtxid), false);
  assert.equal(orphanage.add(good!, ALICE), true);
  assert.deepEqual(good!.txid, bad!.txid);
  assert.equal(orphanage.size, 2);
});

test('what is too heavy to be relayed is no orphan', () => {
  const orphanage = new Orphanage(createRng(1));
  const within = heavy(400_000 - 8);
  assert.ok(within.weightWu <= 400_000);
  assert.equal(orphanage.add(within, ALICE), true);
  assert.equal(orphanage.add(heavy(400_016), ALICE), false);
  assert.equal(orphanage.size, 1);
});

test('D08: a peer may have 404,000 weight units; what it sends beyond puts out its own oldest, and nobody else loses anything', () => {
  const orphanage = new Orphanage(createRng(1));
  const honest = heavy(300_000);
  orphanage.add(honest, ALICE);
  const sent = Array.from({ length: 100 }, () => heavy(399_900));
  for (const transaction of sent) {
    orphanage.add(transaction, MALLORY);
    assert.ok(orphanage.weightWu <= 808_000 && orphanage.usage(MALLORY).weightWu <= 508_000);
  }
  assert.equal(orphanage.has(honest.wtxid), true);
  assert.deepEqual(orphanage.usage(MALLORY), { count: 1, weightWu: sent[99]!.weightWu, latencyScore: 1 });
  assert.equal(orphanage.has(sent[99]!.wtxid), true, 'the latest stays');
  orphanage.sanityCheck();
});

test('D08: a score of 3,000 is the most that there is, in equal parts, and who exceeds its part pays', () => {
  const orphanage = new Orphanage(createRng(1), { ...ORPHANAGE_LIMITS, reservedWeightWu: 10_000_000 });
  for (let i = 0; i < 3_010; i++) orphanage.add(orphan(), ALICE);
  assert.deepEqual([orphanage.size, orphanage.latencyScore], [3_000, 3_000]);
  // Bob's part is half of it now, and Alice exceeds hers
  const late = orphan();
  orphanage.add(late, BOB);
  assert.deepEqual([orphanage.usage(ALICE).count, orphanage.usage(BOB).count], [2_999, 1]);
  for (let i = 0; i < 2_000; i++) orphanage.add(orphan(), BOB);
  assert.deepEqual([orphanage.usage(ALICE).count, orphanage.usage(BOB).count], [1_500, 1_500]);
  assert.equal(orphanage.has(late.wtxid), false, 'of Bob, too, the oldest go first');
  orphanage.sanityCheck();
});

test("D08: Core's bounds are 404,000 weight units for each peer and a score of 3,000", () => {
  assert.deepEqual(ORPHANAGE_LIMITS, { reservedWeightWu: 404_000, latencyScoreMax: 3_000 });
});

test('D08: every ten inputs count as much as an announcement', () => {
  const orphanage = new Orphanage(createRng(1));
  for (const [inputs, score] of [
    [1, 1],
    [9, 1],
    [10, 2],
    [19, 2],
    [20, 3],
    [2_000, 201],
  ]) {
    const transaction = orphan(inputs!);
    orphanage.add(transaction, ALICE);
    assert.equal(orphanage.latencyScore, score);
    orphanage.erase(transaction.wtxid);
  }
  assert.equal(orphanage.latencyScore, 0);
});

test('D08: a hundred orphans of 400,000 weight units with thousands of inputs are worth one, and are gone in no time', () => {
  const orphanage = new Orphanage(createRng(1));
  for (let i = 0; i < 20; i++) {
    const transaction = orphan(2_400);
    assert.ok(transaction.weightWu > 390_000 && transaction.weightWu <= 400_000, `${transaction.weightWu}`);
    orphanage.add(transaction, MALLORY);
    assert.deepEqual([orphanage.size, orphanage.latencyScore], [1, 241]);
  }
  orphanage.sanityCheck();
});

test('an orphan that several peers announced goes when the last of them loses it', () => {
  const orphanage = new Orphanage(createRng(1), { reservedWeightWu: 10_000, latencyScoreMax: 10 });
  const shared = orphan();
  orphanage.add(shared, MALLORY);
  orphanage.addAnnouncer(shared.wtxid, ALICE);
  for (let i = 0; i < 20; i++) orphanage.add(orphan(), MALLORY);
  assert.equal(orphanage.hasFrom(shared.wtxid, MALLORY), false);
  assert.equal(orphanage.hasFrom(shared.wtxid, ALICE), true);
  orphanage.sanityCheck();
});

test('with a peer its part goes, and others lose what they had beyond theirs', () => {
  const orphanage = new Orphanage(createRng(1));
  const [first, second] = [heavy(300_000), heavy(300_000)];
  orphanage.add(orphan(), ALICE);
  orphanage.add(first, BOB);
  orphanage.add(second, BOB);
  assert.equal(orphanage.weightMaxWu, 808_000);
  orphanage.peerLeft(ALICE);
  assert.equal(orphanage.weightMaxWu, 404_000);
  assert.equal(orphanage.has(first.wtxid), false);
  assert.equal(orphanage.has(second.wtxid), true);
});

test('when a parent is accepted, each child is tried again once, at the expense of one of those who announced it', () => {
  const orphanage = new Orphanage(createRng(1));
  const parent = makeTx([spend({ txid: fakeTxid(++nextTxid), index: 0 })], [pay(1), pay(2), pay(3)]);
  const children = [childOf(parent, 0), childOf(parent, 2), childOf(parent, 2)];
  const stranger = orphan();
  for (const transaction of [...children, stranger]) {
    orphanage.add(transaction, ALICE);
    orphanage.addAnnouncer(transaction.wtxid, BOB);
  }
  orphanage.parentAccepted(parent);
  orphanage.parentAccepted(parent);
  const tried: string[] = [];
  for (const peer of [ALICE, BOB]) {
    while (orphanage.hasReady(peer)) {
      tried.push(toHex(orphanage.takeReady(peer)!.wtxid));
      orphanage.sanityCheck();
    }
    assert.equal(orphanage.takeReady(peer), null);
  }
  assert.deepEqual(tried.sort(), children.map(({ wtxid }) => toHex(wtxid)).sort());
  assert.equal(orphanage.size, 4, 'they stay until something becomes of them');
});

test('the lot among announcers is fair', () => {
  let times = 0;
  for (let seed = 0; seed < 400; seed++) {
    const orphanage = new Orphanage(createRng(seed));
    const parent = orphan();
    const child = childOf(parent);
    for (const peer of [ALICE, BOB]) orphanage.add(child, peer);
    orphanage.parentAccepted(parent);
    if (orphanage.hasReady(ALICE)) times++;
  }
  assert.ok(times > 150 && times < 250, `${times}`);
});

test('what may become valid goes last when a peer has too much', () => {
  const orphanage = new Orphanage(createRng(1), { reservedWeightWu: 1_000_000, latencyScoreMax: 5 });
  const parent = orphan();
  const child = childOf(parent);
  orphanage.add(child, ALICE);
  orphanage.parentAccepted(parent);
  for (let i = 0; i < 20; i++) orphanage.add(orphan(), ALICE);
  assert.equal(orphanage.has(child.wtxid), true);
  assert.deepEqual(orphanage.takeReady(ALICE)?.wtxid, child.wtxid);
  orphanage.add(orphan(), ALICE);
  assert.equal(orphanage.has(child.wtxid), false, 'once it was tried it is the oldest');
});

test('children for a package are those of one peer: to be tried again first, then the latest first', () => {
  const orphanage = new Orphanage(createRng(1));
  const parent = makeTx([spend({ txid: fakeTxid(++nextTxid), index: 0 })], [pay(1), pay(2), pay(3)]);
  const [a, b, c, others] = [childOf(parent, 0), childOf(parent, 1), childOf(parent, 2), childOf(parent, 1)];
  const beyond = childOf(parent, 77);
  for (const child of [a, b, c, beyond]) orphanage.add(child!, ALICE);
  orphanage.add(others!, BOB);
  orphanage.add(orphan(), ALICE);
  const names = (): string[] => orphanage.childrenFrom(ALICE, parent).map(({ wtxid }) => toHex(wtxid));
  assert.deepEqual(
    names(),
    [beyond, c, b, a].map((one) => toHex(one!.wtxid)),
  );
  orphanage.parentAccepted(makeTx([spend(outputOf(b!))], [pay(1)])); // has no child here
  const grandparent = orphan();
  const child = makeTx([spend(outputOf(grandparent)), spend(outputOf(parent, 0))], [pay(5)]);
  orphanage.add(child, ALICE);
  orphanage.add(childOf(parent, 0), ALICE);
  orphanage.parentAccepted(grandparent);
  assert.equal(names()[0], toHex(child.wtxid));
  assert.equal(names().length, 6);
  assert.deepEqual(orphanage.childrenFrom(99, parent), []);
});

test('a block takes with it what it holds and what spends the same', () => {
  const branch = new BranchBuilder();
  const orphanage = new Orphanage(createRng(1));
  const included = orphan();
  const conflicting = makeTx([spend(included.prevout(0)), spend({ txid: fakeTxid(++nextTxid), index: 0 })], [pay(9)]);
  const untouched = orphan();
  for (const transaction of [included, conflicting, untouched]) orphanage.add(transaction, ALICE);
  const block = branch.mine({ transactions: [included] });
  assert.equal(orphanage.blockConnected(block), 2);
  assert.equal(orphanage.size, 1);
  assert.equal(orphanage.has(untouched.wtxid), true);
  assert.equal(orphanage.blockConnected(block), 0);
  orphanage.sanityCheck();
});

// --- against the naive twin

const PEERS = 5;

/** Transactions that spend from each other, and some that conflict; one txid with two witnesses. */
function family(rng: Rng): Transaction[] {
  const all: Transaction[] = [];
  for (let i = 0; i < 25; i++) {
    const witness = rng.below(2) === 0 ? [] : [rng.bytes(1 + rng.below(300))];
    const inputs = Array.from({ length: 1 + rng.below(rng.below(4) === 0 ? 40 : 4) }, (_, j) => {
      const parent = all.length > 0 && rng.below(2) === 0 ? all[rng.below(all.length)]! : null;
      const prevout = parent === null ? { txid: fakeTxid(rng.below(30)), index: j } : outputOf(parent, rng.below(4));
      return spend(prevout, { witness });
    });
    all.push(makeTx(inputs, [pay(i), pay(i), pay(i)]));
  }
  return all;
}

function follow(rng: Rng, transactions: readonly Transaction[], orphanage: Orphanage, naive: NaiveOrphanage): void {
  const transaction = transactions[rng.below(transactions.length)]!;
  const peer = rng.below(PEERS);
  switch (rng.below(10)) {
    case 0:
      orphanage.erase(transaction.wtxid);
      naive.erase(transaction);
      return;
    case 1:
      if (rng.below(3) > 0) return;
      orphanage.peerLeft(peer);
      naive.peerLeft(peer);
      return;
    case 2: {
      const waiting = naive.awaitingLot(transaction);
      orphanage.parentAccepted(transaction);
      for (const orphan of orphanage.orphans()) {
        const wtxid = toHex(orphan.transaction.wtxid);
        if (waiting.includes(wtxid)) naive.setReady(wtxid, orphan.ready!.peer.id);
      }
      return;
    }
    case 3: {
      const taken = orphanage.takeReady(peer);
      assert.equal(taken === null ? null : toHex(taken.wtxid), naive.takeReady(peer));
      return;
    }
    case 4:
      orphanage.addAnnouncer(transaction.wtxid, peer);
      naive.addAnnouncer(transaction, peer);
      return;
    case 5: {
      const found = orphanage.childrenFrom(peer, transaction).map(({ wtxid }) => toHex(wtxid));
      assert.deepEqual(found, naive.childrenFrom(peer, transaction));
      return;
    }
    default:
      orphanage.add(transaction, peer);
      naive.add(transaction, peer);
  }
}

test('after any operations it holds what a plain list that follows the rules holds', () => {
  for (let seed = 0; seed < 40; seed++) {
    const rng = createRng(seed);
    const limits = { reservedWeightWu: 1_000 + rng.below(6_000), latencyScoreMax: PEERS + rng.below(40) };
    const orphanage = new Orphanage(rng.fork('orphanage'), limits);
    const naive = new NaiveOrphanage(limits);
    const transactions = family(rng);
    for (let i = 0; i < 250; i++) {
      follow(rng, transactions, orphanage, naive);
      orphanage.sanityCheck();
      assert.deepEqual(contents(orphanage), naive.contents);
      assert.deepEqual([orphanage.weightWu, orphanage.latencyScore], [naive.weightWu, naive.latencyScore]);
    }
  }
});

test('blocks take from it what they take from a plain list', () => {
  const branch = new BranchBuilder();
  for (let seed = 0; seed < 10; seed++) {
    const rng = createRng(seed);
    const limits = { reservedWeightWu: 5_000, latencyScoreMax: 30 };
    const orphanage = new Orphanage(rng.fork('orphanage'), limits);
    const naive = new NaiveOrphanage(limits);
    const transactions = family(rng);
    for (let i = 0; i < 60; i++) follow(rng, transactions, orphanage, naive);
    const spent = transactions.filter(() => rng.below(6) === 0);
    orphanage.blockConnected(branch.mine({ transactions: spent }));
    naive.blockConnected(spent);
    assert.deepEqual(contents(orphanage), naive.contents);
    orphanage.sanityCheck();
  }
});
