import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { p2pkh } from '../../../test/model/loose-transaction.ts';
import { decodeTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { BloomFilter, isWithinFilterLimits, type LoadedFilter } from './bloom-filter.ts';

const UPDATE_NONE = 0;
const UPDATE_ALL = 1;
const UPDATE_KEYS_ONLY = 2;

function emptyFilter(rest: Partial<LoadedFilter> = {}): BloomFilter {
  // the size and the number of hashes for ten elements and one wrong answer in a million
  return new BloomFilter({
    filter: new Uint8Array(35),
    hashFunctionCount: 19,
    tweak: 0,
    flags: UPDATE_ALL,
    ...rest,
  });
}

function filterOf(...elements: readonly string[]): BloomFilter {
  const filter = emptyFilter();
  for (const element of elements) filter.insert(fromHex(element));
  return filter;
}

/** A push of some bytes as a script. */
function push(...data: readonly number[]): Uint8Array {
  return Uint8Array.of(data.length, ...data);
}

/** The transaction b4749f01…6b of the main network. */
const REAL: Transaction = (() => {
  const decoded = decodeTransaction(
    fromHex(
      '01000000010b26e9b7735eb6aabdf358bab62f9816a21ba9ebdb719d5299e88607d722c190000000008b4830450220070aca44506c5cef3a16ed519d7c3c39f8aab192c4e1c90d065f37b8a4af6141022100a8e160b856c2d43d27d8fba71e5aef6405b8643ac4cb7cb3c462aced7f14711a0141046d11fee51b0e60666d5049a9101a72741df480b96ee26488a4d3466b95c9a40ac5eeef87e10a5cd336c19a84565f80fa6c547957b7700ff4dfbdefe76036c339ffffffff021bff3d11000000001976a91404943fdd508053c75000106d3bc6e2754dbcff1988ac2f15de00000000001976a914a266436d2965547608b9e15d9032a7b9d64fa43188ac00000000',
    ),
  );
  assert.ok(decoded.ok);
  return decoded.value;
})();
const REAL_TXID = '6bff7fcd4f8565ef406dd5d63d4ff94f318fe82027fd4dc451b04474019f74b4';
const REAL_PREVOUT = '0b26e9b7735eb6aabdf358bab62f9816a21ba9ebdb719d5299e88607d722c190';

describe('the bits of a filter', () => {
  const ELEMENTS = [
    '99108ad8ed9bb6274d3980bab5a85c048f0950c8',
    'b5a2c786d9ef4658287ced5914b37a1b4aa32eee',
    'b9300670b4c5366e95b2699e8b18bc75e5f729c5',
  ];

  test('are those of the vectors of BIP37 implementations, with and without a tweak', () => {
    for (const [tweak, expected] of [
      [0, '614e9b'],
      [2_147_483_649, 'ce4299'],
    ] as const) {
      const filter = emptyFilter({ filter: fromHex(expected), hashFunctionCount: 5, tweak });
      const grown = emptyFilter({ filter: new Uint8Array(3), hashFunctionCount: 5, tweak });
      for (const element of ELEMENTS) {
        assert.equal(filter.contains(fromHex(element)), true);
        assert.equal(grown.contains(fromHex(element)), false);
        grown.insert(fromHex(element));
        assert.equal(grown.contains(fromHex(element)), true);
      }
      // one bit of the first element is another
      assert.equal(filter.contains(fromHex(`19${ELEMENTS[0]!.slice(2)}`)), false);
    }
  });

  test('are a copy: nobody changes the filter by changing the message', () => {
    const bytes = new Uint8Array(35).fill(0xff);
    const filter = emptyFilter({ filter: bytes });
    bytes.fill(0);
    assert.equal(filter.contains(fromHex('00')), true);
    assert.equal(filter.sizeBytes, 35);
  });

  test('W14: without any, everything matches and nothing is divided by zero (CVE-2013-5700)', () => {
    const filter = emptyFilter({ filter: new Uint8Array(0), hashFunctionCount: 1 });
    filter.insert(fromHex('aa'));
    assert.equal(filter.contains(fromHex('bb')), true);
    assert.equal(filter.matchAndUpdate(REAL), true);
    assert.equal(filter.work, 0);
  });

  test('W14: are at most 36,000 bytes, with at most 50 hashes', () => {
    const limits: readonly (readonly [number, number, boolean])[] = [
      [36_000, 50, true],
      [36_001, 1, false],
      [1, 51, false],
      [1, 0xffff_ffff, false],
    ];
    for (const [length, hashFunctionCount, isGood] of limits) {
      const loaded = { filter: new Uint8Array(length), hashFunctionCount, tweak: 0, flags: 0 };
      assert.equal(isWithinFilterLimits(loaded), isGood, `${length} ${hashFunctionCount}`);
    }
  });
});

describe('a transaction matches', () => {
  test('by its txid, by data in its scripts, and by what it spends', () => {
    for (const element of [
      REAL_TXID,
      // signature and key of the input
      '30450220070aca44506c5cef3a16ed519d7c3c39f8aab192c4e1c90d065f37b8a4af6141022100a8e160b856c2d43d27d8fba71e5aef6405b8643ac4cb7cb3c462aced7f14711a01',
      '046d11fee51b0e60666d5049a9101a72741df480b96ee26488a4d3466b95c9a40ac5eeef87e10a5cd336c19a84565f80fa6c547957b7700ff4dfbdefe76036c339',
      // what the outputs pay to
      '04943fdd508053c75000106d3bc6e2754dbcff19',
      'a266436d2965547608b9e15d9032a7b9d64fa431',
      `${REAL_PREVOUT}00000000`,
    ]) {
      assert.equal(filterOf(element).matchAndUpdate(REAL), true, element);
    }
  });

  test('by nothing else: not another hash, another output of the same transaction, or a txid the wrong way round', () => {
    for (const element of [
      'b4749f017444b051c44dfd2720e88f314ff94f3dd6d56d40ef65854fcd7fff6b',
      '0000006d2965547608b9e15d9032a7b9d64fa431',
      `${REAL_PREVOUT}01000000`,
      `${REAL_PREVOUT.slice(0, -6)}00000000000000`,
    ]) {
      assert.equal(filterOf(element).matchAndUpdate(REAL), false, element);
    }
  });

  test('and not by what stands behind a push that runs past the end of its script', () => {
    const transaction = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1, Uint8Array.of(0x4c, 9, 0xab, 0xcd))]);
    assert.equal(filterOf('abcd').matchAndUpdate(transaction), false);
  });
});

describe('an output that matches', () => {
  const keyHash = new Uint8Array(20).fill(7);
  const key = Uint8Array.of(2, ...new Uint8Array(32).fill(9));
  const toKey = Uint8Array.of(33, ...key, 0xac);
  const toTwoKeys = Uint8Array.of(0x51, 33, ...key, 33, ...key, 0x52, 0xae);

  /** Whether whoever spends the matched output matches by that alone. */
  function isFollowed(flags: number, script: Uint8Array, element: Uint8Array): boolean {
    const filter = emptyFilter({ flags });
    filter.insert(element);
    const first = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1), pay(2, script)]);
    assert.equal(filter.matchAndUpdate(first), true);
    const [other, spender] = [0, 1].map((index) => makeTx([spend({ txid: first.txid, index })], [pay(1)]));
    assert.equal(filter.matchAndUpdate(other!), false, 'the output beside it');
    return filter.matchAndUpdate(spender!);
  }

  test('is followed as the flags say: all, those with bare keys, or none', () => {
    const cases: readonly (readonly [number, boolean, boolean, boolean])[] = [
      [UPDATE_NONE, false, false, false],
      [UPDATE_ALL, true, true, true],
      [UPDATE_KEYS_ONLY, false, true, true],
      [3, false, false, false],
      // only the lowest two bits count
      [0xfd, true, true, true],
    ];
    for (const [flags, hashed, bare, multisig] of cases) {
      const found = [
        isFollowed(flags, p2pkh(7), keyHash),
        isFollowed(flags, toKey, key),
        isFollowed(flags, toTwoKeys, key),
      ];
      assert.deepEqual(found, [hashed, bare, multisig], `flags ${flags}`);
    }
  });

  test('is followed also when the transaction matched by its txid', () => {
    const filter = emptyFilter();
    const first = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1, p2pkh(7))]);
    filter.insert(first.txid);
    filter.insert(keyHash);
    assert.equal(filter.matchAndUpdate(first), true);
    assert.equal(filter.matchAndUpdate(makeTx([spend({ txid: first.txid, index: 0 })], [pay(1)])), true);
  });
});

describe('D10: the work of a filter', () => {
  /** A transaction with so many pushes in one output, none longer than two bytes. */
  function withPushes(count: number): Transaction {
    const script = Uint8Array.from({ length: 3 * count }, (_, i) => [2, i >>> 10, i & 0xff][i % 3]!);
    return makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1, script)]);
  }

  test('is counted by hashes and by the bytes that they read', () => {
    const filter = emptyFilter({ filter: new Uint8Array(100), hashFunctionCount: 50 });
    filter.contains(new Uint8Array(31));
    assert.equal(filter.work, 1, 'the first bit that is not set ends it');
    filter.insert(new Uint8Array(3200));
    assert.equal(filter.work, 1 + 50 * 101);
  });

  test('is done in steps of bounded length, wherever the pushes are', () => {
    const many = makeTx(
      [spend({ txid: fakeTxid(1), index: 0 })],
      Array.from({ length: 3000 }, (_, i) => pay(1, push(i >>> 8, i & 0xff))),
    );
    // with three of four bits set every push takes four hashes and does not match; with all of them every output does
    for (const [transaction, byte] of [
      [withPushes(30_000), 0xee],
      [many, 0xff],
    ] as const) {
      const filter = emptyFilter({
        filter: new Uint8Array(36_000).fill(byte),
        hashFunctionCount: 50,
        flags: UPDATE_NONE,
      });
      const steps = filter.matchInSteps(transaction);
      let [pauseCount, workBefore] = [0, 0];
      for (let step = steps.next(); step.done !== true; step = steps.next()) {
        assert.ok(filter.work - workBefore <= 20_000 + 2 * 50, `${filter.work - workBefore}`);
        workBefore = filter.work;
        pauseCount++;
      }
      assert.ok(pauseCount >= 5, `${pauseCount}`);
    }
  });

  test('goes on where it was when another transaction was matched meanwhile', () => {
    const element = Uint8Array.of(0xab, 0xcd, 0xef);
    const script = Uint8Array.from([
      ...Array.from({ length: 3 * 30_000 }, (_, i) => (i % 3 === 0 ? 2 : 1)),
      3,
      ...element,
    ]);
    const long = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1, script)]);
    const filter = emptyFilter();
    filter.insert(element);
    const steps = filter.matchInSteps(long);
    assert.equal(steps.next().done, false);
    assert.equal(filter.matchAndUpdate(REAL), false);
    let last = steps.next();
    while (last.done !== true) last = steps.next();
    assert.equal(last.value, true);
  });
});

test('what was put in is found again, whatever the filter', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
      fc.nat(50),
      fc.nat(0xffff_ffff),
      fc.uint8Array({ maxLength: 100 }),
      (filter, hashFunctionCount, tweak, element) => {
        const bloom = emptyFilter({ filter, hashFunctionCount, tweak });
        bloom.insert(element);
        assert.equal(bloom.contains(element), true, toHex(element));
      },
    ),
  );
});
