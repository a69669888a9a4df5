import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptWorld, describeResult, EASY } from '../../../test/model/accept-world.ts';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { buildTransaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import type { AcceptAttempt } from './accept-attempt.ts';
import type { SingleResult } from './accept-result.ts';

/** Steps to the end; the number of pauses and the result. */
function runAll(attempt: AcceptAttempt, budget: number): { pauses: number; result: SingleResult } {
  for (let pauses = 0; ; pauses++) {
    const result = attempt.step(budget);
    if (result === 'more') continue;
    assert(result !== 'fetch');
    return { pauses, result };
  }
}

test('D09: a transaction of many inputs is judged in pieces, and between them the mempool is free', async () => {
  const world = await AcceptWorld.open({ coinCount: 12 });
  const coins = world.coins.splice(0, 10);
  const transaction = world.payment(coins);
  const attempt = world.acceptance.begin(transaction, { nowSec: world.nowSec });
  assert.equal(attempt.step(3), 'more');
  assert.equal(world.has(transaction), false);
  const other = world.payment([world.coin()]);
  await world.add(other);
  const { pauses, result } = runAll(attempt, 3);
  // ten inputs of two turns each: seven steps of three
  assert.deepEqual([pauses, result.outcome], [5, 'accepted']);
  assert(world.has(transaction) && world.has(other));
  world.mempool.sanityCheck();
});

test('D09: whatever the budget, the verdict is the same', async () => {
  const world = await AcceptWorld.open({ coinCount: 10, kinds: ['p2wpkh', 'p2tr-key'] });
  const good = world.payment([...world.coins.slice(0, 5), ...world.kindCoins]);
  const data = toTransactionData(good);
  const forged = buildTransaction({ ...data, outputs: [pay(1_000, EASY.scriptPubKey)] });
  for (const transaction of [good, forged]) {
    const whole = await world.verdict(transaction, { isTest: true });
    for (const budget of [1, 2, 3, 7, 100]) {
      const attempt = world.acceptance.begin(transaction, { nowSec: world.nowSec, isTest: true });
      assert.equal(describeResult(runAll(attempt, budget).result), whole);
    }
  }
});

test('what came into the mempool during a pause counts', async () => {
  const world = await AcceptWorld.open({ coinCount: 6 });
  const coins = world.coins.splice(0, 5);
  const attempt = world.acceptance.begin(world.payment(coins, { feeSat: 1_000 }), { nowSec: world.nowSec });
  assert.equal(attempt.step(1), 'more');
  await world.add(world.payment([coins[4]!], { feeSat: 50_000 }));
  const refused = attempt.step(1);
  assert(typeof refused === 'object' && describeResult(refused).startsWith('reconsiderable: insufficient fee'));
});

test('a coin that a block spent during a pause is missing', async () => {
  const world = await AcceptWorld.open({ coinCount: 6 });
  const coins = world.coins.splice(0, 5);
  const transaction = world.payment(coins);
  const attempt = world.acceptance.begin(transaction, { nowSec: world.nowSec });
  assert.equal(attempt.step(1), 'more');
  await world.mine([world.payment([coins[4]!])]);
  assert.equal(attempt.step(1), 'fetch');
  await world.fetchFor(() => world.acceptance.unknownOutpoints(transaction));
  const refused = attempt.step(1);
  assert(typeof refused === 'object' && describeResult(refused).startsWith('missing-inputs: '));
});

test('coins that were forgotten during a pause are asked for again', async () => {
  const world = await AcceptWorld.open({ coinCount: 6 });
  const transaction = world.payment(world.coins.splice(0, 5));
  const attempt = world.acceptance.begin(transaction, { nowSec: world.nowSec });
  assert.equal(attempt.step(1), 'more');
  await world.chain.flush(world.nowSec, 'empty');
  // nothing moved: the scripts go on with the coins that were copied
  assert.equal(attempt.step(1), 'more');
  await world.add(world.payment([world.coin()]));
  assert.equal(attempt.step(1), 'fetch');
  await world.fetchFor(() => world.acceptance.unknownOutpoints(transaction));
  assert.equal(runAll(attempt, 1).result.outcome, 'accepted');
});

test('M10: of a transaction with 1,400 cold coins of which one is missing no more are read than were asked for at once', async () => {
  const world = await AcceptWorld.open({ coinCount: 1_400 });
  const coins = world.coins.splice(0);
  const outputs = [pay(1_000, EASY.scriptPubKey)];
  const missing = { txid: fakeTxid(1), index: 0 };
  for (const [place, atMost] of [
    [0, 64],
    [1_399, 1_400],
  ] as const) {
    await world.chain.flush(world.nowSec, 'empty');
    const inputs = coins.slice(0, 1_399).map(({ prevout }) => spend(prevout));
    inputs.splice(place, 0, spend(missing));
    const transaction = makeTx(inputs, outputs);
    const before = world.fetchedCount;
    assert.equal(await world.verdict(transaction), 'missing-inputs: bad-txns-inputs-missingorspent');
    assert(world.fetchedCount - before <= atMost);
    // sent again: the missing one is known, and nothing is read
    const again = world.fetchedCount;
    assert.equal(await world.verdict(transaction), 'missing-inputs: bad-txns-inputs-missingorspent');
    assert.equal(world.fetchedCount, again);
  }
});

test('M10: a transaction that is refused anyway has no coin read', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const odd = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1_000, EASY.scriptPubKey)], { version: 4 });
  assert.equal(await world.verdict(odd), 'not-standard: version');
  assert.equal(world.fetchedCount, 0);
});

test('M10: refusing a transaction of 700 inputs with a missing coin runs no script, and reads each coin once', async () => {
  const world = await AcceptWorld.open({ coinCount: 700 });
  const inputs = world.coins.splice(0).map(({ prevout }) => spend(prevout));
  const transactions = Array.from({ length: 300 }, (_, i) =>
    makeTx([...inputs, spend({ txid: fakeTxid(i), index: 0 })], [pay(1_000, EASY.scriptPubKey)]),
  );
  for (const transaction of transactions) await world.verdict(transaction);
  assert.equal(world.verifiedInputCount, 0);
  assert(world.fetchedCount <= 700 + transactions.length, `${world.fetchedCount} coins read`);
});
