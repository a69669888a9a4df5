import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fakeTxid, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { filledTo, p2wpkh, payment } from '../../../test/model/loose-transaction.ts';
import type { Outpoint } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { toHex } from '../util/bytes.ts';
import {
  checkChildWithParents,
  checkPackage,
  computePackageHash,
  isChildWithParents,
  isChildWithParentsTree,
} from './packages.ts';

function spending(...prevouts: readonly Outpoint[]): Transaction {
  const output = pay(10_000, p2wpkh());
  return payment({ inputs: prevouts.map((prevout) => spend(prevout)), outputs: [output, output, output] });
}

/** A transaction that depends on nothing, different for each number. */
function independent(n: number): Transaction {
  return spending({ txid: fakeTxid(n), index: 0 });
}

function reasonOf(transactions: readonly Transaction[]): string | null {
  return checkPackage(transactions)?.reason ?? null;
}

test('M05: a package has 25 transactions at most', () => {
  const all = Array.from({ length: 26 }, (_, i) => independent(i));
  assert.equal(reasonOf(all.slice(0, 25)), null);
  assert.deepEqual(checkPackage(all), {
    kind: 'package-policy',
    reason: 'package-too-many-transactions',
    rule: 'package-count',
    actual: 26,
    expected: 25,
  });
  assert.equal(reasonOf([]), null);
});

test('M05: a package weighs 404,000 weight units at most, unless it is a lone transaction, which is told so itself', () => {
  const half = filledTo(independent(1), 202_000);
  assert.equal(reasonOf([half, filledTo(independent(2), 202_000)]), null);
  assert.deepEqual(checkPackage([half, filledTo(independent(2), 202_004)]), {
    kind: 'package-policy',
    reason: 'package-too-large',
    rule: 'package-weight',
    actual: 404_004,
    expected: 404_000,
  });
  assert.equal(reasonOf([filledTo(independent(1), 404_004)]), null);
});

test('M05: no transaction is in a package twice, not even with another witness', () => {
  const tx = independent(1);
  assert.equal(reasonOf([tx, independent(2), tx]), 'package-contains-duplicates');
  const inputs = (fill: number): ReturnType<typeof spend>[] => [
    spend({ txid: fakeTxid(1), index: 0 }, { witness: [Uint8Array.of(fill)] }),
  ];
  const reject = checkPackage([payment({ inputs: inputs(1) }), payment({ inputs: inputs(2) })]);
  assert.deepEqual([reject?.reason, reject?.txIndex], ['package-contains-duplicates', 1]);
});

test('M05: parents stand before their children', () => {
  const parent = independent(1);
  const child = spending(outputOf(parent));
  const grandchild = spending(outputOf(child));
  assert.equal(reasonOf([parent, child, grandchild]), null);
  assert.deepEqual(checkPackage([child, parent]), {
    kind: 'package-policy',
    reason: 'package-not-sorted',
    rule: 'package-sorted',
    actual: child.txid,
    txIndex: 0,
  });
  assert.equal(reasonOf([parent, grandchild, child]), 'package-not-sorted');
  // a grandchild before its grandparent is not noticed while the one between them is missing
  assert.equal(reasonOf([grandchild, parent]), null);
});

test('M05: no two transactions of a package spend the same coin', () => {
  const coin = { txid: fakeTxid(9), index: 3 };
  const others = Array.from({ length: 300 }, (_, index) => ({ txid: fakeTxid(8), index }));
  const a = spending(coin, ...others);
  const b = spending({ txid: fakeTxid(9), index: 4 }, coin);
  const reject = checkPackage([a, independent(1), b]);
  assert.deepEqual([reject?.reason, reject?.rule, reject?.txIndex], ['conflict-in-package', 'package-conflict', 2]);
  assert.equal(reasonOf([a, independent(1), spending({ txid: fakeTxid(9), index: 4 })]), null);
});

test('M05: a transaction that spends one coin twice is told so itself, one without inputs cannot be in a package', () => {
  const coin = { txid: fakeTxid(9), index: 3 };
  assert.equal(reasonOf([spending(coin, coin), independent(1)]), null);
  assert.equal(reasonOf([makeTx([], [pay(1)])]), 'conflict-in-package');
});

test('M05: a child stands last and spends from all before it', () => {
  const [a, b] = [independent(1), independent(2)];
  const child = spending(outputOf(a), outputOf(b));
  assert.equal(checkChildWithParents([a, b, child]), null);
  assert.equal(checkChildWithParents([a]), null);
  assert.deepEqual(checkChildWithParents([a, b]), {
    kind: 'package-policy',
    reason: 'package-not-child-with-parents',
    rule: 'package-topology',
  });
  assert.equal(checkChildWithParents([independent(3), a, b, child])?.reason, 'package-not-child-with-parents');
  assert.equal(isChildWithParents([a]), false);
});

test('M05: in a tree no parent depends on another', () => {
  const a = independent(1);
  const b = spending(outputOf(a, 1));
  const c = independent(2);
  assert.equal(isChildWithParents([a, b, spending(outputOf(a), outputOf(b))]), true);
  assert.equal(isChildWithParentsTree([a, b, spending(outputOf(a), outputOf(b))]), false);
  assert.equal(isChildWithParentsTree([a, c, spending(outputOf(a), outputOf(c))]), true);
});

test('a package has the same hash in every order: SHA-256 over its wtxids, sorted as people read them', () => {
  const all = [1, 2, 3, 4].map(independent);
  const hash = createHash('sha256');
  const texts = all.map(({ wtxid }) => toHex(wtxid.slice().reverse())).sort((a, b) => (a < b ? -1 : 1));
  for (const text of texts) hash.update(Uint8Array.from(text.match(/../g)!, (pair) => Number(`0x${pair}`)).reverse());
  const expected = hash.digest('hex');
  assert.equal(toHex(computePackageHash(all)), expected);
  assert.equal(toHex(computePackageHash([...all].reverse())), expected);
});
