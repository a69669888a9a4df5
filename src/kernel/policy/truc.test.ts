import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { p2wpkh, payment } from '../../../test/model/loose-transaction.ts';
import { formatHash } from '../primitives/hashes.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { checkPackageTruc, checkTruc, type TrucFamily } from './truc.ts';

/** A mempool as a list of entries with their direct parents; relatives are found by walking, the plain way. */
interface Entry {
  readonly transaction: Transaction;
  readonly parents: readonly Entry[];
}

let made = 0;

/** A transaction of this version that spends one output of every parent, and is like no other. */
function create(version: number, ...parents: readonly Transaction[]): Transaction {
  const index = made++ % 3;
  const inputs = parents.map((parent) => spend(outputOf(parent, index)));
  const output = pay(10_000 + made, p2wpkh());
  return payment({
    version,
    inputs: inputs.length > 0 ? inputs : [spend({ txid: fakeTxid(made), index: 0 })],
    outputs: [output, output, output],
  });
}

class Pool implements TrucFamily<Entry> {
  readonly entries: Entry[] = [];

  add(version: number, ...parents: readonly Entry[]): Entry {
    const entry = { transaction: create(version, ...parents.map(({ transaction }) => transaction)), parents };
    this.entries.push(entry);
    return entry;
  }

  ancestorsOf(entry: Entry): Set<Entry> {
    return new Set([entry, ...entry.parents.flatMap((parent) => [...this.ancestorsOf(parent)])]);
  }

  ancestorCount(entry: Entry): number {
    return this.ancestorsOf(entry).size;
  }

  descendants(entry: Entry): Entry[] {
    return this.entries.filter((other) => other !== entry && this.ancestorsOf(other).has(entry));
  }

  descendantCount(entry: Entry): number {
    return 1 + this.descendants(entry).length;
  }
}

interface Verdict {
  readonly rule: string;
  readonly debug: string;
  readonly sibling: Entry | null;
}

function check(
  pool: Pool,
  tx: Transaction,
  parents: readonly Entry[],
  vsize = 200,
  replaced: Entry[] = [],
): Verdict | null {
  const found = checkTruc({ transaction: tx, vsize, parents }, pool, (entry) => replaced.includes(entry));
  if (found === null) return null;
  assert.deepEqual([found.reject.kind, found.reject.reason], ['mempool-policy', 'TRUC-violation']);
  return { rule: found.reject.rule, debug: found.reject.debug!, sibling: found.sibling };
}

function named(tx: Transaction): string {
  return `${formatHash(tx.txid)} (wtxid=${formatHash(tx.wtxid)})`;
}

test('M04: a version 3 transaction has 10,000 vbytes at most', () => {
  const pool = new Pool();
  const tx = create(3);
  assert.equal(check(pool, tx, [], 10_000), null);
  assert.deepEqual(check(pool, tx, [], 10_001), {
    rule: 'truc-size',
    debug: `version=3 tx ${named(tx)} is too big: 10001 > 10000 virtual bytes`,
    sibling: null,
  });
  assert.equal(check(pool, create(2), [], 100_000), null, 'other versions may be larger');
});

test('M04: a version 3 child has 1,000 vbytes at most', () => {
  const pool = new Pool();
  const parent = pool.add(3);
  const child = create(3, parent.transaction);
  assert.equal(check(pool, child, [parent], 1_000), null);
  assert.deepEqual(check(pool, child, [parent], 1_001), {
    rule: 'truc-child-size',
    debug: `version=3 child tx ${named(child)} is too big: 1001 > 1000 virtual bytes`,
    sibling: null,
  });
});

test('M04: versions do not mix in a family', () => {
  const pool = new Pool();
  const [v2, v3] = [pool.add(2), pool.add(3)];
  const child2 = create(2, v3.transaction);
  const child3 = create(3, v2.transaction);
  assert.deepEqual(check(pool, child2, [v3]), {
    rule: 'truc-child-version',
    debug: `non-version=3 tx ${named(child2)} cannot spend from version=3 tx ${named(v3.transaction)}`,
    sibling: null,
  });
  assert.deepEqual(check(pool, child3, [v2]), {
    rule: 'truc-parent-version',
    debug: `version=3 tx ${named(child3)} cannot spend from non-version=3 tx ${named(v2.transaction)}`,
    sibling: null,
  });
  // told before anything else is looked at
  assert.equal(check(pool, child3, [v3, v2], 20_000)?.rule, 'truc-parent-version');
  assert.equal(check(pool, create(2, v2.transaction), [v2]), null);
  assert.equal(check(pool, create(1, v2.transaction), [v2]), null);
});

test('M04: a version 3 transaction has one unconfirmed ancestor at most', () => {
  const pool = new Pool();
  const [a, b] = [pool.add(3), pool.add(3)];
  const ofTwo = create(3, a.transaction, b.transaction);
  const tooMany = { rule: 'truc-ancestors', debug: `tx ${named(ofTwo)} would have too many ancestors`, sibling: null };
  assert.deepEqual(check(pool, ofTwo, [a, b]), tooMany);
  const child = pool.add(3, a);
  assert.equal(check(pool, create(3, child.transaction), [child])?.rule, 'truc-ancestors');
});

test('M04: a second child may take the place of the first, if nothing depends on that', () => {
  const pool = new Pool();
  const parent = pool.add(3);
  const sibling = pool.add(3, parent);
  const child = create(3, parent.transaction);
  const debug = `tx ${named(parent.transaction)} would exceed descendant count limit`;
  assert.deepEqual(check(pool, child, [parent]), { rule: 'truc-descendants', debug, sibling });
  assert.equal(check(pool, child, [parent], 200, [sibling]), null, 'it replaces its sibling by spending the same coin');
});

test('M04: a family that a reorganisation left too large gives up no sibling', () => {
  const pool = new Pool();
  const parent = pool.add(3);
  const first = pool.add(3, parent);
  pool.add(3, parent);
  const child = create(3, parent.transaction);
  assert.equal(check(pool, child, [parent])?.sibling, null, 'two children');
  assert.equal(check(pool, child, [parent], 200, [first]), null, 'a replaced one makes room all the same');

  const deep = new Pool();
  const root = deep.add(3);
  deep.add(3, deep.add(3, root));
  assert.equal(check(deep, create(3, root.transaction), [root])?.sibling, null, 'a grandchild');

  const wide = new Pool();
  const [left, right] = [wide.add(3), wide.add(3)];
  wide.add(3, left, right);
  assert.equal(check(wide, create(3, left.transaction), [left])?.sibling, null, 'the sibling has two parents');
});

/** Checks every transaction of a package; parents in the pool by place. */
function checkAll(
  pool: Pool,
  transactions: readonly Transaction[],
  parents: Readonly<Record<number, readonly Entry[]>> = {},
  vsizes: Readonly<Record<number, number>> = {},
): ({ rule: string; debug: string } | null)[] {
  return transactions.map((transaction, i) => {
    const candidate = { transaction, vsize: vsizes[i] ?? 200, parents: parents[i] ?? [] };
    const reject = checkPackageTruc(transactions, i, candidate, pool);
    if (reject === null) return null;
    assert.deepEqual([reject.kind, reject.reason, reject.txIndex], ['package-policy', 'TRUC-violation', i]);
    return { rule: reject.rule, debug: reject.debug! };
  });
}

test('M04: a parent and a child of version 3 are a good package, whatever their order of size', () => {
  const parent = create(3);
  const child = create(3, parent);
  assert.deepEqual(checkAll(new Pool(), [parent, child], {}, { 0: 10_000, 1: 1_000 }), [null, null]);
  assert.deepEqual(checkAll(new Pool(), [parent, child], {}, { 1: 1_001 }), [
    null,
    { rule: 'truc-child-size', debug: `version=3 child tx ${named(child)} is too big: 1001 > 1000 virtual bytes` },
  ]);
  assert.equal(checkAll(new Pool(), [parent, child], {}, { 0: 10_001 })[0]?.rule, 'truc-size');
});

test('M04: versions do not mix in a package', () => {
  const [p2, p3] = [create(2), create(3)];
  const [c3, c2] = [create(3, p2), create(2, p3)];
  assert.equal(
    checkAll(new Pool(), [p2, c3])[1]?.debug,
    `version=3 tx ${named(c3)} cannot spend from non-version=3 tx ${named(p2)}`,
  );
  assert.equal(
    checkAll(new Pool(), [p3, c2])[1]?.debug,
    `non-version=3 tx ${named(c2)} cannot spend from version=3 tx ${named(p3)}`,
  );
  const pool = new Pool();
  const inPool = pool.add(3);
  assert.equal(checkAll(pool, [create(2, inPool.transaction)], { 0: [inPool] })[0]?.rule, 'truc-child-version');
});

test('M04: two parents are too many, in the package, in the mempool, or one in each', () => {
  const pool = new Pool();
  const [a, b] = [pool.add(3), pool.add(3)];
  const [p, q] = [create(3), create(3)];
  const rules = (all: readonly Transaction[], parents: Record<number, readonly Entry[]>): (string | undefined)[] =>
    checkAll(pool, all, parents).map((reject) => reject?.rule);
  assert.deepEqual(rules([p, q, create(3, p, q)], {}), [undefined, undefined, 'truc-ancestors']);
  assert.deepEqual(rules([create(3, a.transaction, b.transaction)], { 0: [a, b] }), ['truc-ancestors']);
  assert.deepEqual(rules([p, create(3, a.transaction, p)], { 1: [a] }), [undefined, 'truc-ancestors']);
});

test('M04: three generations are too many, wherever the first of them waits', () => {
  const grandparent = create(3);
  const parent = create(3, grandparent);
  const child = create(3, parent);
  const verdicts = checkAll(new Pool(), [grandparent, parent, child]);
  assert.deepEqual(verdicts[1], { rule: 'truc-ancestors', debug: `tx ${named(child)} would have too many ancestors` });
  const pool = new Pool();
  const inPool = pool.add(3);
  const next = create(3, inPool.transaction);
  assert.equal(checkAll(pool, [next, create(3, next)], { 0: [inPool] })[0]?.rule, 'truc-ancestors');
  const second = pool.add(3, inPool);
  assert.equal(checkAll(pool, [create(3, second.transaction)], { 0: [second] })[0]?.rule, 'truc-ancestors');
});

test('M04: siblings in a package exceed what their parent may have, and so does one in the mempool', () => {
  const parent = create(3);
  const children = [create(3, parent), create(3, parent)];
  const breach = { rule: 'truc-descendants', debug: `tx ${named(parent)} would exceed descendant count limit` };
  assert.deepEqual(checkAll(new Pool(), [parent, ...children]), [null, breach, breach]);
  const pool = new Pool();
  const inPool = pool.add(3);
  const child = create(3, inPool.transaction);
  assert.deepEqual(checkAll(pool, [child], { 0: [inPool] }), [null]);
  pool.add(3, inPool);
  assert.equal(checkAll(pool, [child], { 0: [inPool] })[0]?.rule, 'truc-descendants', 'no eviction in a package');
});
