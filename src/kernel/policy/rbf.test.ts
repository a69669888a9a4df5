import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, spend } from '../../../test/model/block-builder.ts';
import { payment } from '../../../test/model/loose-transaction.ts';
import { formatHash } from '../primitives/hashes.ts';
import type { FeeFrac } from './fee-frac.ts';
import {
  checkReplacementClusters,
  checkReplacementDiagram,
  checkReplacementFees,
  checkReplacementIndependent,
  type ReplacementOffer,
  signalsReplacement,
} from './rbf.ts';
import {
  checkPackageReplacementClusters,
  checkPackageReplacementDiagram,
  checkPackageReplacementFeerate,
  checkPackageReplacementFees,
  checkPackageReplacementShape,
} from './rbf-package.ts';

const TXID = fakeTxid(5);
const ID = formatHash(TXID);

function offer(originalFeeSat: number, replacementFeeSat: number, replacementVsize: number): ReplacementOffer {
  return { txid: TXID, originalFeeSat, replacementFeeSat, replacementVsize };
}

function frac(feeSat: number, size: number): FeeFrac {
  return { feeSat, size };
}

test('a replacement may conflict with 100 clusters, not with 101', () => {
  assert.equal(checkReplacementClusters(TXID, 100, false), null);
  const expected = {
    kind: 'mempool-policy',
    reason: 'too many potential replacements',
    rule: 'replacement-clusters',
    debug: `rejecting replacement ${ID}; too many conflicting clusters (101 > 100)`,
    actual: 101,
    expected: 100,
  };
  assert.deepEqual(checkReplacementClusters(TXID, 101, false), expected);
  assert.equal(
    checkReplacementClusters(TXID, 101, true)?.reason,
    'too many potential replacements (including sibling eviction)',
  );
  const ofPackage = {
    ...expected,
    kind: 'package-policy',
    reason: 'package RBF failed: too many potential replacements',
  };
  assert.deepEqual(checkPackageReplacementClusters(TXID, 101), ofPackage);
  assert.equal(checkPackageReplacementClusters(TXID, 100), null);
});

test('a replacement pays no less than what it replaces', () => {
  assert.deepEqual(checkReplacementFees(offer(200_000_000, 199_999_999, 200), 100, false), {
    kind: 'reconsiderable',
    reason: 'insufficient fee',
    rule: 'replacement-fees',
    debug: `rejecting replacement ${ID}, less fees than conflicting txs; 1.99999999 < 2.00`,
    actual: 199_999_999,
    expected: 200_000_000,
  });
});

test('a replacement pays for its own relay on top, rounded up', () => {
  // 201 vbytes at 100 sat/kvB are 20.1 satoshis
  assert.equal(checkReplacementFees(offer(1_000, 1_021, 201), 100, false), null);
  assert.deepEqual(checkReplacementFees(offer(1_000, 1_020, 201), 100, true), {
    kind: 'reconsiderable',
    reason: 'insufficient fee (including sibling eviction)',
    rule: 'replacement-relay-fee',
    debug: `rejecting replacement ${ID}, not enough additional fees to relay; 0.0000002 < 0.00000021`,
    actual: 20,
    expected: 21,
  });
  assert.equal(checkReplacementFees(offer(1_000, 1_000, 201), 0, false), null, 'nothing on top at no rate');
  const ofPackage = checkPackageReplacementFees(offer(1_000, 1_020, 201), 100);
  assert.deepEqual(
    [ofPackage?.kind, ofPackage?.reason, ofPackage?.rule, ofPackage?.actual],
    ['package-policy', 'package RBF failed: insufficient anti-DoS fees', 'replacement-relay-fee', 20],
  );
  assert.equal(checkPackageReplacementFees(offer(1_000, 1_021, 201), 100), null);
});

test('a replacement makes the mempool better, not just different', () => {
  const before = [frac(950, 300), frac(100, 100)];
  assert.equal(checkReplacementDiagram(before, [frac(1_100, 300)]), null);
  assert.equal(checkReplacementDiagram([], [frac(1, 300)]), null);
  for (const [after, order] of [
    [before, 'equal'],
    [[frac(1_000, 300)], 'incomparable'],
    [[frac(900, 300)], 'worse'],
  ] as const) {
    assert.deepEqual(checkReplacementDiagram(before, after), {
      kind: 'reconsiderable',
      reason: 'replacement-failed',
      rule: 'replacement-diagram',
      debug: 'insufficient feerate: does not improve feerate diagram',
      actual: order,
      expected: 'better',
    });
    assert.deepEqual(checkPackageReplacementDiagram(before, after), {
      kind: 'package-policy',
      reason: 'package RBF failed: insufficient feerate: does not improve feerate diagram',
      rule: 'replacement-diagram',
      actual: order,
      expected: 'better',
    });
  }
  assert.equal(checkPackageReplacementDiagram(before, [frac(1_100, 300)]), null);
});

test('a replacement spends nothing that it replaces', () => {
  const isReplaced = (txid: Uint8Array): boolean => txid[0] === 9;
  assert.equal(checkReplacementIndependent(TXID, [fakeTxid(7), fakeTxid(8)], isReplaced), null);
  assert.deepEqual(checkReplacementIndependent(TXID, [fakeTxid(8), fakeTxid(9)], isReplaced), {
    kind: 'consensus',
    reason: 'bad-txns-spends-conflicting-tx',
    rule: 'replacement-independent',
    debug: `${ID} spends conflicting transaction ${formatHash(fakeTxid(9))}`,
    actual: fakeTxid(9),
  });
});

test('a package that replaces is one parent and one child without ancestors in the mempool', () => {
  assert.equal(checkPackageReplacementShape(2, 0), null);
  for (const count of [1, 3]) {
    assert.deepEqual(checkPackageReplacementShape(count, 0), {
      kind: 'package-policy',
      reason: 'package RBF failed: package must be 1-parent-1-child',
      rule: 'replacement-package-topology',
      actual: count,
      expected: 2,
    });
  }
  assert.deepEqual(checkPackageReplacementShape(2, 1), {
    kind: 'package-policy',
    reason: 'package RBF failed: new transaction cannot have mempool ancestors',
    rule: 'replacement-package-ancestors',
  });
});

test('a package that replaces pays a higher rate than its parent, compared exactly', () => {
  assert.equal(checkPackageReplacementFeerate(frac(100, 200), frac(201, 401)), null);
  assert.deepEqual(checkPackageReplacementFeerate(frac(100, 200), frac(200, 400)), {
    kind: 'package-policy',
    reason: 'package RBF failed: package feerate is less than or equal to parent feerate',
    rule: 'replacement-package-feerate',
    debug: 'package feerate 0.00000500 BTC/kvB <= parent feerate is 0.00000500 BTC/kvB',
    actual: 500,
    expected: 500,
  });
});

test('a sequence of at most 0xfffffffd says that a transaction may be replaced (BIP125)', () => {
  const withSequences = (...sequences: readonly number[]): boolean =>
    signalsReplacement(
      payment({ inputs: sequences.map((sequence, index) => spend({ txid: TXID, index }, { sequence })) }),
    );
  assert.equal(withSequences(0xffffffff, 0xfffffffe), false);
  assert.equal(withSequences(0xffffffff, 0xfffffffd), true);
  assert.equal(withSequences(0), true);
});
