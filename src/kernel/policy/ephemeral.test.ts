import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { p2wpkh, payment } from '../../../test/model/loose-transaction.ts';
import { formatHash } from '../primitives/hashes.ts';
import type { Outpoint } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { equalRange } from '../util/bytes.ts';
import { checkEphemeralSpends, type FindTransaction, preCheckEphemeral } from './ephemeral.ts';

const RATE = 3_000;
const DUST = pay(0, p2wpkh());
const ENOUGH = pay(10_000, p2wpkh());

/** A parent with these outputs, different for each locktime. */
function parentOf(locktime: number, ...outputs: readonly ReturnType<typeof pay>[]): Transaction {
  return payment({ locktime, outputs });
}

function childOf(...prevouts: readonly Outpoint[]): Transaction {
  return payment({ inputs: prevouts.map((prevout) => spend(prevout)), outputs: [ENOUGH] });
}

function mempoolOf(...transactions: readonly Transaction[]): FindTransaction {
  return (bytes, at) => transactions.find(({ txid }) => equalRange(txid, 0, bytes, at, 32)) ?? null;
}

const NOTHING = mempoolOf();

test('a transaction with dust pays no fee, neither itself nor by what the operator added', () => {
  const dusty = parentOf(1, ENOUGH, DUST);
  assert.equal(preCheckEphemeral(dusty, RATE, 0, 0), null);
  assert.equal(preCheckEphemeral(parentOf(1, ENOUGH), RATE, 1_000, 2_000), null);
  assert.equal(preCheckEphemeral(dusty, 0, 1_000, 1_000), null);
  const expected = {
    kind: 'not-standard',
    reason: 'dust',
    rule: 'ephemeral-fee',
    debug: 'tx with dust output must be 0-fee',
    actual: 1,
    expected: 0,
  };
  assert.deepEqual(preCheckEphemeral(dusty, RATE, 1, 0), expected);
  assert.deepEqual(preCheckEphemeral(dusty, RATE, 0, 1), expected);
  assert.deepEqual(preCheckEphemeral(dusty, RATE, 1, 1), expected);
});

test('a child spends the dust of its parent, in the mempool or in its package', () => {
  const parent = parentOf(1, ENOUGH, DUST);
  const good = childOf(outputOf(parent, 0), outputOf(parent, 1));
  const dustOnly = childOf(outputOf(parent, 1));
  const bad = childOf(outputOf(parent, 0));
  for (const child of [good, dustOnly]) {
    assert.equal(checkEphemeralSpends([child], RATE, mempoolOf(parent)), null);
    assert.equal(checkEphemeralSpends([parent, child], RATE, NOTHING), null);
  }
  const reject = {
    kind: 'mempool-policy',
    reason: 'missing-ephemeral-spends',
    rule: 'ephemeral-spent',
    debug: `tx ${formatHash(bad.txid)} (wtxid=${formatHash(bad.wtxid)}) did not spend parent's ephemeral dust`,
  };
  assert.deepEqual(checkEphemeralSpends([bad], RATE, mempoolOf(parent)), { txIndex: 0, reject });
  assert.deepEqual(checkEphemeralSpends([parent, bad], RATE, NOTHING), { txIndex: 1, reject });
});

test('dust of a confirmed transaction is nobody’s duty', () => {
  const parent = parentOf(1, ENOUGH, DUST);
  assert.equal(checkEphemeralSpends([childOf(outputOf(parent, 0))], RATE, NOTHING), null);
});

test('the dust of every parent is spent, and of a parent with several all of it', () => {
  const one = parentOf(1, DUST, ENOUGH);
  const two = parentOf(2, ENOUGH, DUST, DUST);
  const pool = mempoolOf(one, two);
  const spends = (...prevouts: readonly Outpoint[]): boolean =>
    checkEphemeralSpends([childOf(...prevouts)], RATE, pool) === null;
  assert.equal(spends(outputOf(one, 0), outputOf(two, 1), outputOf(two, 2)), true);
  assert.equal(spends(outputOf(one, 0), outputOf(two, 0), outputOf(two, 2)), false);
  assert.equal(spends(outputOf(one, 1), outputOf(two, 1), outputOf(two, 2)), false);
  assert.equal(spends(outputOf(two, 2), outputOf(two, 1)), true);
  // an output that the parent does not have spends no dust
  assert.equal(spends(outputOf(one, 2), outputOf(one, 1)), false);
});

test('each transaction of a package answers for its own parents only', () => {
  const grandparent = parentOf(1, ENOUGH, DUST);
  const parent = payment({
    inputs: [spend(outputOf(grandparent, 0)), spend(outputOf(grandparent, 1))],
    outputs: [ENOUGH, DUST],
  });
  const child = childOf(outputOf(parent, 0));
  assert.equal(checkEphemeralSpends([grandparent, parent, child], RATE, NOTHING)?.txIndex, 2);
  assert.equal(checkEphemeralSpends([grandparent, parent, childOf(outputOf(parent, 1))], RATE, NOTHING), null);
});
