import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CENT, makeAvailable } from '../../../test/model/coin-pool.ts';
import { makeEnvironment, PAYEES, presetOf, QUIET_CHAIN } from '../../../test/model/spend-world.ts';
import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import type { AvailableCoin } from '../books/available-coin.ts';
import { type CoinControl, DEFAULT_COIN_CONTROL } from './coin-control.ts';
import type { SpendEnvironment } from './environment.ts';
import { createSendAll, type SendAllRecipient, type SendAllRequest } from './send-all.ts';

function to(valueSat: number | null = null, address = 'somebody'): SendAllRecipient {
  return { scriptPubKey: PAYEES.p2wpkh, valueSat, address };
}

function sendAll(
  coins: readonly AvailableCoin[],
  request: Partial<SendAllRequest> = {},
  control: Partial<CoinControl> = {},
  given: Partial<SpendEnvironment> = {},
) {
  const whole = { recipients: [to()], inputs: null, leavesUneconomic: false, ...request };
  return runAllSteps(createSendAll(whole, { ...DEFAULT_COIN_CONTROL, ...control }, makeEnvironment(coins, given)));
}

function errorOf(...args: Parameters<typeof sendAll>): readonly string[] {
  const result = sendAll(...args);
  return result.ok ? [] : [result.error.kind, result.error.message];
}

test('everything goes to one, less the fee', () => {
  const result = sendAll([makeAvailable(CENT), makeAvailable(CENT)]);
  assert.ok(result.ok);
  const { transaction, feeSat, vsizeMax } = result.value;
  // 10.5 of frame, 31 of output, twice 67.75 of input
  assert.deepEqual([vsizeMax, feeSat], [177, 1_770]);
  assert.equal(transaction.valueSat(0), 2 * CENT - 1_770);
  assert.equal(transaction.sequence(0), 0xfffffffd);
  assert.ok(transaction.locktime > 900);
});

test('some get their amount, the others equal shares, the first of them the rest of the division', () => {
  const result = sendAll([makeAvailable(CENT)], { recipients: [to(), to(300_000), to(), to()] });
  assert.ok(result.ok);
  const { transaction, feeSat } = result.value;
  const values = [0, 1, 2, 3].map((j) => transaction.valueSat(j));
  const left = CENT - feeSat - 300_000;
  const share = Math.floor(left / 3);
  assert.deepEqual(values, [left - 2 * share, 300_000, share, share]);
});

test('coins that cost more than they bring stay behind when asked', () => {
  const coins = [makeAvailable(CENT), makeAvailable(679), makeAvailable(680), makeAvailable(0)];
  const all = sendAll(coins);
  assert.ok(all.ok && all.value.transaction.inputCount === 4);
  // 68 virtual bytes at 10 sat/vB
  const some = sendAll(coins, { leavesUneconomic: true });
  assert.ok(some.ok && some.value.transaction.inputCount === 2);
});

test('exactly the given coins are sent, and each once', () => {
  const coins = [1, 2, 3].map((n) => makeAvailable(n * CENT));
  const inputs = [presetOf(coins[2]!, { sequence: 4 }), presetOf(coins[2]!, { sequence: 4 })];
  const result = sendAll(coins, { inputs });
  assert.ok(result.ok);
  assert.equal(result.value.transaction.inputCount, 1);
  assert.equal(result.value.transaction.sequence(0), 4);
  assert.equal(result.value.transaction.locktime, 0);
});

test('given coins that are spent or of others are named', () => {
  const gone = makeAvailable(CENT);
  const spent = `Input not available. UTXO (${gone.name}) was already spent.`;
  assert.deepEqual(errorOf([], { inputs: [presetOf(gone)] }), ['invalid-parameter', spent]);
  const foreign = `Input not found. UTXO (${gone.name}) is not part of wallet.`;
  assert.deepEqual(errorOf([gone], { inputs: [presetOf(gone, { isExternal: true })] }), ['invalid-parameter', foreign]);
  assert.deepEqual(errorOf([gone], { inputs: [presetOf(gone, { depth: 0, version: 3 })] }), [
    'invalid-parameter',
    "Can't spend unconfirmed version 3 pre-selected input with a version 2 tx",
  ]);
});

test("what cannot be sent is refused in Core's words", () => {
  const coins = [makeAvailable(CENT)];
  assert.deepEqual(errorOf(coins, { recipients: [to(1_000)] }), [
    'invalid-parameter',
    'Must provide at least one address without a specified amount',
  ]);
  const low =
    "Total value of UTXO pool too low to pay for transaction. Try using lower feerate or excluding uneconomic UTXOs with 'send_max' option.";
  assert.deepEqual(errorOf([]), ['insufficient-funds', low]);
  assert.deepEqual(errorOf([], { leavesUneconomic: true }), [
    'insufficient-funds',
    'Total value of UTXO pool too low to pay for transaction, try using lower feerate.',
  ]);
  assert.deepEqual(errorOf(coins, { recipients: [to(), to(CENT + 1)] }), [
    'insufficient-funds',
    'Assigned more value to outputs than available funds.',
  ]);
  assert.deepEqual(errorOf(coins, { recipients: [to(), to(CENT)] }), [
    'insufficient-funds',
    'Insufficient funds for fees after creating specified outputs.',
  ]);
  assert.deepEqual(errorOf(coins, { recipients: [to(), to(200, 'bcrt1qsmall')] }), [
    'invalid-parameter',
    'Specified output amount to bcrt1qsmall is below dust threshold.',
  ]);
  assert.deepEqual(errorOf(coins, { recipients: [to(), to(CENT - 1_600)] }), [
    'insufficient-funds',
    'Dynamically assigned remainder results in dust output.',
  ]);
});

test('sizes and fees have their limits', () => {
  assert.deepEqual(errorOf([makeAvailable(COIN)], {}, { feeRate: COIN }), [
    'wallet',
    'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)',
  ]);
  const many = Array.from({ length: 1_500 }, () => makeAvailable(CENT));
  assert.deepEqual(errorOf(many), ['wallet', 'Transaction too large.']);
  assert.deepEqual(errorOf(many.slice(0, 150), {}, { version: 3 }), ['wallet', 'Transaction too large.']);
  const waiting = { depth: 0, version: 3, isFromMe: true, ancestorCount: 1, clusterCount: 1 };
  const { outpoint } = makeAvailable(CENT);
  const siblings = Array.from({ length: 20 }, (_, index) =>
    makeAvailable(CENT, { ...waiting, outpoint: { ...outpoint, index } }),
  );
  assert.deepEqual(errorOf(siblings, {}, { version: 3 }), ['wallet', 'Transaction too large.']);
  assert.deepEqual(errorOf(siblings.slice(0, 10), {}, { version: 3 }), []);
  assert.deepEqual(errorOf([makeAvailable(COIN)], {}, {}, { measureInput: () => null }), [
    'wallet',
    'Unable to determine the size of the transaction, the wallet contains unsolvable descriptors',
  ]);
});

test('what ancestors lack is paid once, together', () => {
  const chain = {
    ...QUIET_CHAIN,
    bumpFees: (outpoints: readonly unknown[]) => ({ each: outpoints.map(() => 900), combined: 1_000 }),
  };
  const waiting = { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 };
  const coins = [makeAvailable(CENT, waiting), makeAvailable(CENT, waiting)];
  const result = sendAll(coins, {}, {}, { chain });
  assert.ok(result.ok && result.value.feeSat === 2_770);
});

test('inputs are always outputs and fee, and the fee is exactly that of the size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 10 * CENT }), { maxLength: 40 }),
      fc.array(fc.option(fc.integer({ min: 294, max: CENT })), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1_000, max: 100_000 }),
      fc.boolean(),
      (values, amounts, feeRate, leavesUneconomic) => {
        const coins = values.map((value) => makeAvailable(value));
        const recipients = amounts.map((amount) => to(amount));
        const result = sendAll(coins, { recipients, leavesUneconomic }, { feeRate });
        if (!result.ok) return;
        const { transaction, feeSat, vsizeMax, spentOutputs } = result.value;
        const outputs = recipients.map((_, j) => transaction.valueSat(j));
        const inputsSat = spentOutputs.reduce((sum, { valueSat }) => sum + valueSat, 0);
        assert.equal(inputsSat, feeSat + outputs.reduce((sum, value) => sum + value, 0));
        assert.equal(feeSat, computeFeeSat(feeRate, vsizeMax));
        assert.ok(outputs.every((value) => value >= 294));
      },
    ),
    { numRuns: 200 },
  );
});
