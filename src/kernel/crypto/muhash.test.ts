import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../util/bytes.ts';
import { MuHash3072 } from './muhash.ts';

/** The element that Core's unit tests call FromInt: 32 bytes, the first of them `value`. */
function element(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes[0] = value;
  return bytes;
}

function displayed(hash: Uint8Array): string {
  return toHex(hash.slice().reverse());
}

const ONE = `01${'00'.repeat(383)}`;

test('the set {0, 1} without 2 has the hash of Core’s unit test', () => {
  const expected = '10d312b100cbd32ada024a6646e40d3482fcff103668d2625f10002a607d5863';
  const set = new MuHash3072().insert(element(0)).insert(element(1)).remove(element(2));
  assert.equal(displayed(set.digest()), expected);
  assert.equal(displayed(set.digest()), expected);
  const parts = new MuHash3072().insert(element(0)).combine(new MuHash3072().insert(element(1)));
  assert.equal(displayed(parts.exclude(new MuHash3072().insert(element(2))).digest()), expected);
});

test('the set {1, 2} is encoded as in Core’s unit test, and comes back', () => {
  const numerator = [
    '1fa093295ea30a6a3acdc7b3f770fa538eff537528e990e2910e40bbcfd7f6696b1256901929094694b56316de342f59',
    '3303dd12ac43e06dce1be1ff8301c845beb15468fff0ef002dbf80c29f26e6452bccc91b5cb9437ad410d2a67ea84788',
    '7fa3c6a6553309946880fe20db2c73fe0641adbd4e86edfee0d9f8cd0ee1230898873dc13ed8ddcaf045c80faa082774',
    '279007a2253f8922ee3ef361d378a6af3ddaf180b190ac97e556888c36b3d1fb1c85aab9ccd46e3deaeb7b7cf5db067a',
    '7e9ff86b658cf3acd6662bbcce37232daa753c48b794356c020090c831a8304416e2aa7ad633c0ddb2f11be1be316a81',
    'be7f7e472071c042cb68faef549c221ebff209273638b741aba5a81675c45a5fa92fea4ca821d7a324cb1e1a2ccd3b76',
    'c4228ec8066dad2a5df6e1bd0de45c7dd5de8070bdb46db6c554cf9aefc9b7b2bbf9f75b1864d9f95005314593905c01',
    '09b71f703d49944ae94477b51dac10a816bb6d1c700bafabc8bd86fac8df24be519a2f2836b16392e18036cb13e48c5c',
  ].join('');
  const set = new MuHash3072().insert(element(1)).insert(element(2));
  assert.equal(toHex(set.encode()), numerator + ONE);
  const decoded = MuHash3072.decode(fromHex(numerator + ONE));
  assert(decoded !== null);
  assert.deepEqual(decoded.digest(), set.digest());
});

test('a number above the prime is reduced, as in Core’s unit test', () => {
  const set = MuHash3072.decode(fromHex('ff'.repeat(384) + ONE));
  assert(set !== null);
  assert.equal(toHex(set.digest()), '3a31e6903aff0de9f62f9a9f7f8b861de76ce2cda09822b90014319ae5dc2271');
});

test('bytes that hold no fraction are refused', () => {
  const prime = `9b28ef${'ff'.repeat(381)}`; // 2^3072 - 1103717
  for (const text of ['', ONE, `${ONE}${ONE}00`, '00'.repeat(768), ONE + '00'.repeat(384), prime + ONE, ONE + prime]) {
    assert.equal(MuHash3072.decode(fromHex(text)), null);
  }
});

test('the order of additions and removals does not matter, and a set without itself is empty', () => {
  const empty = new MuHash3072().digest();
  const change = fc.record({ value: fc.nat(7), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
      const apply = (order: readonly { value: number; remove: boolean }[]): MuHash3072 => {
        const set = new MuHash3072();
        for (const { value, remove } of order) remove ? set.remove(element(value)) : set.insert(element(value));
        return set;
      };
      const set = apply(changes);
      const hash = set.digest();
      assert.deepEqual(apply([...changes].reverse()).digest(), hash);
      assert.deepEqual(MuHash3072.decode(apply(changes).encode())?.digest(), hash);
      assert.deepEqual(set.exclude(set).digest(), empty);
    }),
    { numRuns: 25 },
  );
});

test('an element is a range of bytes', () => {
  const bytes = Uint8Array.of(9, 8, 7, 6, 5);
  const set = new MuHash3072().insert(bytes, 1, 4).remove(bytes.slice(1, 4));
  assert.deepEqual(set.digest(), new MuHash3072().digest());
  assert.notDeepEqual(new MuHash3072().insert(bytes, 1, 4).digest(), new MuHash3072().insert(bytes).digest());
});
