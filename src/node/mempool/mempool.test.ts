import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputOf, TEST_RNG } from '../../../test/model/block-builder.ts';
import { addTo, blockOf, coin, createPool, factsOf, payment, START_SEC } from '../../../test/model/pool-fixture.ts';
import { CoinRef, encodeCoinCode } from '../../kernel/consensus/coin.ts';
import { MemoryCoins } from '../../kernel/consensus/memory-coins.ts';
import { encodeOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { AssertionError } from '../../kernel/util/assert.ts';
import type { ChangeDiagrams } from './change-set.ts';
import type { MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';

/** Notes everything that a pool tells, as text; entries by their locktime. */
function listenTo(pool: Mempool): string[] {
  const told: string[] = [];
  pool.signals.added.subscribe(({ entry, sequence }) =>
    told.push(`added ${nameOf(entry)} ${sequence} of ${pool.size}`),
  );
  pool.signals.removed.subscribe(({ entry, reason, sequence }) =>
    told.push(`removed ${nameOf(entry)} ${sequence} ${reason} of ${pool.size}`),
  );
  pool.signals.removedForBlock.subscribe(({ entries, height }) => told.push(`block ${height} ${entries.map(nameOf)}`));
  return told;
}

function nameOf(entry: MempoolEntry): number {
  return entry.transaction.locktime;
}

const QUIET = { bypassedLimits: false, isInPackage: false, isChainCurrent: true, hasMempoolParents: false };

test('an entry is found by handle, txid, wtxid and by what it spends', () => {
  const pool = createPool();
  const transaction = payment([coin(1), coin(2)], { hasWitness: true });
  const entry = addTo(pool, transaction);
  assert.equal(pool.get(transaction.txid), entry);
  assert.equal(pool.getByWtxid(transaction.wtxid), entry);
  assert.equal(pool.get(transaction.wtxid), null);
  assert.equal(pool.entry(entry.ref), entry);
  assert.equal(pool.spender(encodeOutpoint(coin(2))), entry);
  assert.equal(pool.spender(encodeOutpoint(coin(3))), null);
  assert.ok(pool.has(transaction.txid) && pool.hasWtxid(transaction.wtxid) && pool.contains(entry));
  assert.deepEqual([...pool.entries()], [entry]);
  assert.deepEqual(entry.transaction.serialized(), transaction.serialized());
  assert.notEqual(entry.transaction.bytes.buffer, transaction.bytes.buffer, 'a copy');
  pool.sanityCheck();
});

test('sizes and fees are those of the signature operations and of the operator', () => {
  const pool = createPool();
  const transaction = payment([coin(1)]);
  // 4 + 1 + 41 + 1 + 31 + 4 = 82 bytes, weight 328
  pool.prioritise(transaction.txid, 250);
  const entry = addTo(pool, transaction, { feeSat: 500, sigopsCost: 21 });
  assert.equal(entry.weightWu, 420, '21 operations of 20 bytes');
  assert.equal(entry.vsize, 105);
  assert.equal(entry.feeSat, 500);
  assert.equal(entry.modifiedFeeSat, 750);
  assert.equal(pool.totalVsize, 105);
  assert.equal(pool.totalFeeSat, 500);
  assert.equal(addTo(pool, payment([coin(2)])).vsize, 82);
  assert.equal(pool.totalVsize, 187);
  pool.sanityCheck();
});

test('parents and children are found through outpoints', () => {
  const pool = createPool();
  const parent = addTo(pool, payment([coin(1)], { outputs: 3 }));
  const other = addTo(pool, payment([coin(2)]));
  const left = addTo(pool, payment([outputOf(parent.transaction, 0)]));
  const right = addTo(pool, payment([outputOf(parent.transaction, 2), outputOf(other.transaction)]));
  const last = addTo(pool, payment([outputOf(left.transaction), outputOf(right.transaction)]));
  assert.deepEqual(new Set(pool.parents(right)), new Set([parent, other]));
  assert.deepEqual(new Set(pool.children(parent)), new Set([left, right]));
  assert.deepEqual(pool.children(last), []);
  assert.deepEqual(new Set(pool.ancestors(last)), new Set([parent, other, left, right, last]));
  assert.deepEqual(new Set(pool.descendants(parent)), new Set([parent, left, right, last]));
  assert.equal(pool.cluster(other).length, 5);
  const order = pool.sorted();
  assert.ok(order.indexOf(parent) < order.indexOf(left) && order.indexOf(right) < order.indexOf(last));
  pool.sanityCheck();
});

test('a change set can be looked at and given up, and nothing has happened', () => {
  const pool = createPool();
  const told = listenTo(pool);
  const old = addTo(pool, payment([coin(1)]), { feeSat: 1_000 });
  const before = [pool.usedBytes, pool.sequence, pool.transactionsUpdated, pool.size];
  const change = pool.begin();
  const parent = change.stageAddition(factsOf(payment([coin(1)], { locktime: 1 }), { feeSat: 3_000 }));
  const child = change.stageAddition(factsOf(payment([outputOf(parent.transaction)])));
  change.stageRemoval(old);
  change.stageRemoval(old);
  assert.ok(change.fitsLimits());
  const { before: chunksBefore, after: chunksAfter } = change.diagrams()!;
  assert.deepEqual(chunksBefore, [{ feeSat: 1_000, size: 328 }]);
  assert.deepEqual(chunksAfter, [
    { feeSat: 3_000, size: 328 },
    { feeSat: 1_000, size: 328 },
  ]);
  assert.deepEqual(change.removals, [old]);
  assert.deepEqual(change.additions, [parent, child]);
  assert.deepEqual(change.ancestors(child), [], 'staged parents are not in the pool');
  assert.equal(pool.get(parent.transaction.txid), null);
  change.abort();
  change.abort();
  assert.ok(!change.isOpen);
  assert.deepEqual([pool.usedBytes, pool.sequence, pool.transactionsUpdated, pool.size], before);
  assert.deepEqual(told, []);
  pool.sanityCheck();
});

test('a replacement is told of after it has happened, and an addition when acceptance says so', () => {
  const pool = createPool();
  const told = listenTo(pool);
  const first = addTo(pool, payment([coin(1)], { locktime: 1 }));
  addTo(pool, payment([outputOf(first.transaction)], { locktime: 2 }));
  const change = pool.begin();
  for (const entry of pool.descendants(first)) change.stageRemoval(entry);
  const better = change.stageAddition(factsOf(payment([coin(1)], { locktime: 3 })));
  change.apply();
  pool.tellAdded(better, QUIET);
  assert.deepEqual(told, ['removed 1 1 replaced of 1', 'removed 2 2 replaced of 1', 'added 3 3 of 1']);
  assert.equal(pool.sequence, 4);
  assert.ok(!pool.contains(first));
  assert.deepEqual(pool.parents(first), [], 'an entry that left may still be asked about');
  pool.sanityCheck();
});

test('while a change set is open nothing else changes the pool', () => {
  const pool = createPool();
  const entry = addTo(pool, payment([coin(1)]));
  const change = pool.begin();
  const deeds = [
    () => pool.begin(),
    () => pool.removeRecursive(entry, 'reorg'),
    () => pool.removeForBlock(blockOf([]), 1, START_SEC),
    () => pool.trimToSize(),
    () => pool.expire(START_SEC),
    () => pool.prioritise(entry.transaction.txid, 1),
    () => pool.linkChildren([entry]),
  ];
  for (const deed of deeds) assert.throws(deed, AssertionError);
  change.abort();
  assert.throws(() => change.stageRemoval(entry), AssertionError);
  assert.throws(() => change.apply(), AssertionError);
  pool.sanityCheck();
});

test('a cluster beyond the limits does not fit', () => {
  const pool = createPool({ clusterCountMax: 2 });
  const parent = addTo(pool, payment([coin(1)], { outputs: 2 }));
  const diagramsWith = (transaction: Transaction): ChangeDiagrams | null => {
    const change = pool.begin();
    change.stageAddition(factsOf(transaction));
    const diagrams = change.diagrams();
    assert.equal(change.fitsLimits(), diagrams !== null);
    change.abort();
    return diagrams;
  };
  const child = payment([outputOf(parent.transaction, 0)]);
  assert.equal(diagramsWith(child)?.after.length, 1);
  addTo(pool, child);
  assert.equal(diagramsWith(payment([outputOf(parent.transaction, 1)])), null);
  assert.deepEqual(diagramsWith(payment([coin(2)])), { before: [], after: [{ feeSat: 1_000, size: 328 }] });
  pool.sanityCheck();
});

test('a block takes out what it contains and what it contradicts, with what was added to their fees', () => {
  const pool = createPool();
  const told = listenTo(pool);
  const inBlock = payment([coin(1)], { locktime: 1 });
  const child = payment([outputOf(inBlock)], { locktime: 2 });
  const doubleSpent = payment([coin(2), coin(3)], { locktime: 3 });
  const childOfDoubleSpent = payment([outputOf(doubleSpent)], { locktime: 4 });
  const other = payment([coin(4)], { locktime: 5 });
  for (const transaction of [inBlock, child, doubleSpent, childOfDoubleSpent, other]) {
    addTo(pool, transaction);
    pool.prioritise(transaction.txid, 10);
  }
  const stranger = payment([coin(3)], { locktime: 6 });
  pool.prioritise(stranger.txid, 10);
  const { entries, conflicts } = pool.removeForBlock(blockOf([inBlock, stranger]), 7, START_SEC);
  assert.deepEqual(entries.map(nameOf), [1]);
  assert.deepEqual(conflicts.map(nameOf), [3, 4]);
  assert.deepEqual(told, [
    'removed 1 1 block of 2',
    'removed 3 2 conflict of 2',
    'removed 4 3 conflict of 2',
    'block 7 1',
  ]);
  const prioritised = pool.prioritised().map(({ txid, deltaSat, entry }) => {
    const transaction = [child, childOfDoubleSpent, other].find((tx) => tx.txid.every((byte, i) => byte === txid[i]));
    return [transaction?.locktime, deltaSat, entry !== null];
  });
  assert.deepEqual(
    prioritised.sort((a, b) => Number(a[0]) - Number(b[0])),
    [
      [2, 10, true],
      [4, 10, false],
      [5, 10, true],
    ],
    'a descendant of a contradicted one keeps its delta, as in Core',
  );
  pool.sanityCheck();
});

test('removing a transaction that is not in the pool removes what descends from it', () => {
  const pool = createPool();
  const absent = payment([coin(1)], { outputs: 2 });
  const child = addTo(pool, payment([outputOf(absent, 1)]));
  const grandchild = addTo(pool, payment([outputOf(child.transaction)]));
  const other = addTo(pool, payment([coin(2)]));
  assert.deepEqual(pool.removeTransaction(absent, 'reorg'), [child, grandchild]);
  assert.deepEqual(pool.removeTransaction(absent, 'reorg'), []);
  assert.deepEqual(pool.removeTransaction(other.transaction, 'conflict'), [other]);
  assert.equal(pool.size, 0);
  pool.sanityCheck();
});

test('after a reorganisation what is no longer valid leaves with its descendants', () => {
  const pool = createPool();
  const bad = addTo(pool, payment([coin(1)]), { spendsCoinbase: true });
  const child = addTo(pool, payment([outputOf(bad.transaction)]));
  const good = addTo(pool, payment([coin(2)]));
  const told = listenTo(pool);
  assert.deepEqual(
    pool.removeForReorg((entry) => entry.spendsCoinbase),
    [bad, child],
  );
  assert.deepEqual(
    told.map((line) => line.split(' ')[3]),
    ['reorg', 'reorg'],
  );
  const lockPoints = { height: 5, timeSec: 6, maxInputBlock: 7 };
  pool.setLockPoints(good, lockPoints);
  assert.equal(good.lockPoints, lockPoints);
  pool.sanityCheck();
});

test('children of a transaction that comes back are linked, and what makes the cluster too large leaves', () => {
  const pool = createPool({ clusterCountMax: 3 });
  const back = payment([coin(1)], { outputs: 3 });
  const children = [0, 1, 2].map((j) => addTo(pool, payment([outputOf(back, j)]), { feeSat: 1_000 * (3 - j) }));
  const parent = addTo(pool, back);
  assert.deepEqual(pool.linkChildren([parent]), [children[2]], 'the one that pays least');
  assert.equal(pool.size, 3);
  assert.equal(pool.cluster(parent).length, 3);
  assert.deepEqual(pool.linkChildren([parent]), []);
  pool.sanityCheck();
});

test('what waits too long leaves with its descendants, to the second', () => {
  const pool = createPool({ expirySec: 3_600 });
  const old = addTo(pool, payment([coin(1)]), { timeSec: START_SEC + 50 });
  const older = addTo(pool, payment([coin(2)]), { timeSec: START_SEC });
  const child = addTo(pool, payment([outputOf(older.transaction)]), { timeSec: START_SEC + 3_000 });
  pool.prioritise(older.transaction.txid, 5);
  assert.deepEqual(pool.expire(START_SEC + 3_600), []);
  assert.deepEqual(pool.expire(START_SEC + 3_601), [older, child]);
  assert.deepEqual(pool.expire(START_SEC + 3_650), []);
  assert.equal(pool.prioritised().length, 1, 'what was added to the fee stays');
  assert.deepEqual(pool.expire(START_SEC + 3_651), [old]);
  pool.sanityCheck();
});

test('only transactions of the pool wait to be asked for, and while they are in it', () => {
  const pool = createPool();
  const entry = addTo(pool, payment([coin(1)]));
  const { txid } = entry.transaction;
  pool.addUnbroadcast(payment([coin(2)]).txid);
  pool.addUnbroadcast(txid);
  assert.deepEqual(pool.unbroadcast(), [txid]);
  assert.ok(pool.isUnbroadcast(txid));
  pool.removeRecursive(entry, 'expiry');
  assert.deepEqual(pool.unbroadcast(), []);
  assert.equal(pool.removeUnbroadcast(txid), false);
});

test('an entry that left is not taken for the one that has its handle now', () => {
  const pool = createPool();
  const gone = addTo(pool, payment([coin(1)]));
  pool.removeRecursive(gone, 'expiry');
  const next = addTo(pool, payment([coin(2)]));
  assert.equal(next.ref, gone.ref, 'handles are used again');
  assert.ok(!pool.contains(gone));
  for (const ask of [
    () => pool.removeRecursive(gone, 'reorg'),
    () => pool.descendants(gone),
    () => pool.cluster(gone),
  ]) {
    assert.throws(ask, AssertionError);
  }
  assert.ok(pool.contains(next));
  assert.deepEqual(gone.transaction.serialized(), payment([coin(1)]).serialized(), 'what it was, it stays');
});

test('templates go stale with every addition, removal, changed fee, and when the chain says so', () => {
  const pool = createPool();
  const entry = addTo(pool, payment([coin(1)]));
  assert.equal(pool.transactionsUpdated, 1);
  pool.prioritise(entry.transaction.txid, 1);
  assert.equal(pool.transactionsUpdated, 2);
  pool.prioritise(payment([coin(2)]).txid, 1);
  assert.equal(pool.transactionsUpdated, 2);
  pool.addTransactionsUpdated(1);
  pool.removeRecursive(entry, 'reorg');
  assert.equal(pool.transactionsUpdated, 4);
});

test('the check against the next block finds a missing coin, an immature one, and a fee that is none', () => {
  const coins = new MemoryCoins(TEST_RNG);
  const worth = (n: number, valueSat: number, code: number): void => {
    const ref = new CoinRef().pointAtCopy({ valueSat, scriptPubKey: new Uint8Array(0), height: 0, isCoinbase: false });
    ref.code = code;
    coins.putCoin(encodeOutpoint(coin(n)), 0, ref);
  };
  const pool = createPool();
  const parent = addTo(pool, payment([coin(1)], { outputs: 1 }), { feeSat: 500 });
  addTo(pool, payment([outputOf(parent.transaction), coin(2)]), { feeSat: 2_000 });
  assert.throws(() => pool.sanityCheck(coins, 200), /every coin exists/);
  worth(1, 1_500, encodeCoinCode(100, true));
  worth(2, 2_000, encodeCoinCode(100, false));
  pool.sanityCheck(coins, 200);
  assert.throws(() => pool.sanityCheck(coins, 199), /mature/);
  worth(2, 2_001, encodeCoinCode(100, false));
  assert.throws(() => pool.sanityCheck(coins, 200), /fee/);
});
