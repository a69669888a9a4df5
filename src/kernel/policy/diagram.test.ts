import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareChunks, computeDiagram, type DiagramOrder } from './diagram.ts';
import { compareFeerate, type FeeFrac } from './fee-frac.ts';

function chunks(...pairs: readonly (readonly [feeSat: number, size: number])[]): FeeFrac[] {
  return pairs.map(([feeSat, size]) => ({ feeSat, size }));
}

const MIRRORED: Readonly<Record<DiagramOrder, DiagramOrder>> = {
  better: 'worse',
  worse: 'better',
  equal: 'equal',
  incomparable: 'incomparable',
};

function assertOrder(a: readonly FeeFrac[], b: readonly FeeFrac[], order: DiagramOrder): void {
  assert.equal(compareChunks(a, b), order);
  assert.equal(compareChunks(b, a), MIRRORED[order]);
}

test('a diagram begins at nothing and adds chunk to chunk', () => {
  assert.deepEqual(computeDiagram([]), chunks([0, 0]));
  assert.deepEqual(computeDiagram(chunks([950, 300], [100, 100])), chunks([0, 0], [950, 300], [1050, 400]));
});

test('a diagram that is above at one size and below at none is better', () => {
  // the cases of Core's rbf_tests
  const old = chunks([950, 300], [100, 100]);
  assertOrder(old, chunks([1000, 300], [50, 100]), 'worse');
  assertOrder(old, chunks([1000, 300], [0, 100]), 'incomparable');
  assertOrder(old, chunks([1100, 300]), 'worse');
  assertOrder(old, chunks([1100, 100], [0, 100]), 'worse');
  assertOrder(old, chunks([750, 100], [249, 250], [151, 650]), 'incomparable');
  assertOrder(old, chunks([750, 100], [250, 250], [150, 150]), 'worse');
  assertOrder(old, chunks([950, 300], [100, 100]), 'equal');
  const shorter = chunks([950, 300], [100, 99]);
  assertOrder(shorter, old, 'better');
  assertOrder(shorter, chunks([950, 300], [100, 100], [0, 1], [0, 1]), 'better');
  assertOrder(shorter, chunks([950, 300], [100, 100], [0, 1], [0, 1], [1, 1]), 'incomparable');
});

test('after its last chunk a diagram goes on level, so a chunk without a fee changes nothing', () => {
  assertOrder(chunks([10, 5]), chunks([10, 5], [0, 7]), 'equal');
  assertOrder(chunks([10, 5]), chunks([10, 5], [1, 7]), 'worse');
  assertOrder(chunks([10, 5]), chunks([10, 5], [-1, 7]), 'better');
  assertOrder([], [], 'equal');
  assertOrder([], chunks([0, 3]), 'equal');
  assertOrder([], chunks([1, 3]), 'worse');
});

test('splitting a chunk along its own line changes nothing', () => {
  assertOrder(chunks([4, 4]), chunks([1, 1], [1, 1], [2, 2]), 'equal');
});

/** Fees at every whole size, exactly, as numerators over a common denominator: the slow way. */
function heights(diagram: readonly FeeFrac[], sizeMax: number, denominator: bigint): bigint[] {
  const values: bigint[] = [0n];
  let base = 0n;
  for (const { feeSat, size } of diagram) {
    for (let s = 1; s <= size; s++) values.push(base + (BigInt(feeSat) * BigInt(s) * denominator) / BigInt(size));
    base += BigInt(feeSat) * denominator;
  }
  while (values.length <= sizeMax) values.push(base);
  return values;
}

function naiveOrder(a: readonly FeeFrac[], b: readonly FeeFrac[]): DiagramOrder {
  const denominator = [...a, ...b].reduce((product, { size }) => product * BigInt(size), 1n);
  const [left, right] = [heights(a, 64, denominator), heights(b, 64, denominator)];
  const better = left.some((value, i) => value > right[i]!);
  const worse = left.some((value, i) => value < right[i]!);
  if (better && worse) return 'incomparable';
  return better ? 'better' : worse ? 'worse' : 'equal';
}

test('diagrams compare as their heights at every size do', () => {
  const chunk = fc.record({ feeSat: fc.integer({ min: -3, max: 12 }), size: fc.integer({ min: 1, max: 8 }) });
  const list = fc.array(chunk, { maxLength: 6 }).map((all) => all.sort((a, b) => compareFeerate(b, a)));
  fc.assert(
    fc.property(list, list, (a, b) => assertOrder(a, b, naiveOrder(a, b))),
    { numRuns: 2_000 },
  );
});

test('sums beyond 53 bits of product compare exactly', () => {
  const big = 2_000_000_000_000_000;
  assertOrder(chunks([big, 3]), chunks([big - 1, 3]), 'better');
  assertOrder(chunks([big, 400_000], [1, 400_000]), chunks([big, 400_000], [1, 400_001]), 'better');
});
