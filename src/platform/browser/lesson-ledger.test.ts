import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LessonLedger, type PageKind } from './lesson-ledger.ts';

const COIN = 100_000_000;

test('C09: a balance is what tracing the ledger says, and whoever pays more than he has is refused with both numbers', async () => {
  const ledger = await LessonLedger.open();
  assert.equal(ledger.balanceOf('you'), 150 * COIN);
  const first = await ledger.write({ payments: [ledger.pay('you', 'baker', 60 * COIN)] });
  assert.equal(first.refusal, null);
  assert.deepEqual([ledger.balanceOf('you'), ledger.balanceOf('baker')], [90 * COIN, 60 * COIN]);
  const height = ledger.pages.at(-1)!.height;
  const { refusal } = await ledger.write({ payments: [ledger.pay('you', 'baker', 100 * COIN)] });
  assert.equal(refusal!.reason, 'bad-txns-in-belowout');
  assert.deepEqual([refusal!.actual, refusal!.expected].sort(), [String(100 * COIN), String(90 * COIN)].sort());
  assert.equal(ledger.pages.at(-1)!.height, height);
  assert.equal(ledger.balanceOf('you'), 90 * COIN);
});

test('a coin that is not your own cannot be paid with your key', async () => {
  const ledger = await LessonLedger.open();
  await ledger.write({ payments: [ledger.pay('you', 'baker', 20 * COIN)] });
  const { refusal } = await ledger.write({ payments: [ledger.pay('baker', 'you', 20 * COIN, 'you')] });
  assert.match(refusal!.reason, /^block-script-verify-flag-failed/);
  assert.notEqual(refusal!.scriptError, null);
  assert.equal(ledger.balanceOf('baker'), 20 * COIN);
});

test('of two payments with one coin the second is refused, on a later page as on the same', async () => {
  const ledger = await LessonLedger.open();
  const toBaker = ledger.pay('you', 'baker', 50 * COIN);
  const toMiller = ledger.pay('you', 'miller', 50 * COIN);
  assert.equal(toBaker.spent[0]!.id, toMiller.spent[0]!.id);
  const both = await ledger.write({ payments: [toBaker, toMiller] });
  assert.equal(both.refusal!.reason, 'bad-txns-inputs-missingorspent');
  assert.equal((await ledger.write({ payments: [toBaker] })).refusal, null);
  const { refusal } = await ledger.write({ payments: [toMiller] });
  assert.equal(refusal!.reason, 'bad-txns-inputs-missingorspent');
  assert.equal(refusal!.actual, toBaker.spent[0]!.id);
  assert.deepEqual([ledger.balanceOf('baker'), ledger.balanceOf('miller')], [50 * COIN, 0]);
});

test('of two branches the one with more work counts, however few pages it has, and the coins follow it', async () => {
  const ledger = await LessonLedger.open();
  const fork = ledger.tipHash;
  const toBaker = ledger.pay('you', 'baker', 50 * COIN);
  const toMiller = ledger.pay('you', 'miller', 50 * COIN);
  const grow = async (previousHash: string, kind: PageKind, payments = [toBaker]): Promise<string> => {
    const { hash, refusal } = await ledger.write({ payments, previousHash, kind });
    assert.equal(refusal, null);
    return hash!;
  };
  const a1 = await grow(fork, 'easy');
  const a2 = await grow(a1, 'easy', []);
  const a3 = await grow(a2, 'easy', []);
  assert.deepEqual([ledger.tipHash, ledger.balanceOf('baker'), ledger.balanceOf('miller')], [a3, 50 * COIN, 0]);
  const b1 = await grow(fork, 'hard', [toMiller]);
  assert.deepEqual([ledger.tipHash, ledger.balanceOf('baker'), ledger.balanceOf('miller')], [b1, 0, 50 * COIN]);
  const works = ledger.pages
    .filter(({ height }) => height > ledger.beginning)
    .map(({ work, isActive }) => [work, isActive]);
  assert.deepEqual(works, [
    [2, false],
    [2, false],
    [2, false],
    [8, true],
  ]);
  const a4 = await grow(a3, 'easy', []);
  assert.equal(ledger.tipHash, b1, 'at equal work the branch that was there first stays');
  await grow(a4, 'easy', []);
  assert.equal(ledger.balanceOf('baker'), 50 * COIN);
});
