import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PsbtContent } from '../../data/psbt-content.ts';
import { findLookAlike, groupAddress, isAsWished, isHighFee, reviewPayment } from './review.ts';

const CONTENT: PsbtContent = {
  inputs: [
    { txid: 'a', index: 0, valueSat: 700_000, address: null, hasSignature: false },
    { txid: 'b', index: 1, valueSat: 400_000, address: null, hasSignature: false },
  ],
  outputs: [
    { valueSat: 600_000, scriptHex: '01', address: 'anna' },
    { valueSat: 298_500, scriptHex: '02', address: 'change' },
    { valueSat: 200_000, scriptHex: '03', address: 'bo' },
  ],
  feeSat: 1_500,
};

test('payments, fee and change make up the coins that are spent', () => {
  const review = reviewPayment(CONTENT, [1]);
  assert.deepEqual(
    review.payments.map(({ address }) => address),
    ['anna', 'bo'],
  );
  assert.equal(review.paidSat, 800_000);
  assert.equal(review.changeSat, 298_500);
  assert.equal(review.totalSat, 801_500);
  assert.equal(review.spentSat, 1_100_000);
  assert.equal(review.paidSat + review.changeSat + (review.feeSat ?? 0), review.spentSat);
});

test('where an input hides its value nothing is guessed', () => {
  const review = reviewPayment(
    { ...CONTENT, feeSat: null, inputs: [{ ...CONTENT.inputs[0]!, valueSat: null }, CONTENT.inputs[1]!] },
    [],
  );
  assert.equal(review.spentSat, null);
  assert.equal(review.feeSat, null);
  assert.equal(review.totalSat, null);
  assert.equal(isHighFee(review), false);
});

test('K14: a review that is not what was wished for is noticed', () => {
  const review = reviewPayment(CONTENT, [1]);
  const anna = { scriptHex: '01', amountSat: 600_000 };
  const bo = { scriptHex: '03', amountSat: 200_000 };
  assert.equal(isAsWished(review, [anna, bo]), true);
  assert.equal(isAsWished(review, [bo, anna]), true);
  assert.equal(isAsWished(review, [anna]), false);
  assert.equal(isAsWished(review, [anna, bo, bo]), false);
  assert.equal(isAsWished(review, [anna, { ...bo, amountSat: 200_001 }]), false);
  assert.equal(isAsWished(review, [anna, { ...bo, scriptHex: '04' }]), false);
  assert.equal(isAsWished(review, [anna, anna]), false);
  const all = reviewPayment({ ...CONTENT, outputs: [CONTENT.outputs[0]!] }, []);
  assert.equal(isAsWished(all, [{ scriptHex: '01', amountSat: null }]), true);
});

test('a fee out of proportion is noticed, a small one never', () => {
  const withFee = (paidSat: number, feeSat: number) => isHighFee({ ...reviewPayment(CONTENT, [1]), paidSat, feeSat });
  assert.equal(withFee(1_000_000, 50_001), true);
  assert.equal(withFee(1_000_000, 50_000), false);
  assert.equal(withFee(1_000, 9_999), false);
});

test('K14: an address that was placed to be mistaken for another one is noticed', () => {
  const real = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
  const fake = 'bc1qw50888888888888888888888888888888888f3t4'.slice(0, 42).replace(/.{4}$/, 'f3t4');
  assert.equal(findLookAlike(fake, [real]), real);
  assert.equal(findLookAlike(real, [real]), null);
  assert.equal(findLookAlike(real, ['bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3']), null);
});

test('an address is cut into groups of four', () => {
  assert.deepEqual(groupAddress('bc1qw508d6'), ['bc1q', 'w508', 'd6']);
});
