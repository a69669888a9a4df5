import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CENT, makeAvailable, numberedScript } from '../../../test/model/coin-pool.ts';
import { CHANGE_SCRIPT, makeEnvironment, PAYEES, presetOf, QUIET_CHAIN } from '../../../test/model/spend-world.ts';
import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { equalBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import type { AvailableCoin } from '../books/available-coin.ts';
import { createTransaction } from './build.ts';
import { type CoinControl, DEFAULT_COIN_CONTROL } from './coin-control.ts';
import type { CreatedTransaction, Recipient } from './created.ts';
import { DEFAULT_SPEND_SETTINGS, type SpendEnvironment } from './environment.ts';

const NO_GROUPS = { ...DEFAULT_SPEND_SETTINGS, groupingFeeMaxSat: -1 };

function pay(valueSat: number, given: Partial<Recipient> = {}): Recipient {
  return { scriptPubKey: PAYEES.p2wpkh, valueSat, subtractsFee: false, ...given };
}

function build(
  coins: readonly AvailableCoin[],
  recipients: readonly Recipient[],
  control: Partial<CoinControl> = {},
  given: Partial<SpendEnvironment> = {},
  changePosition: number | null = null,
) {
  return runAllSteps(
    createTransaction(
      recipients,
      { ...DEFAULT_COIN_CONTROL, ...control },
      makeEnvironment(coins, given),
      changePosition,
    ),
  );
}

function created(...args: Parameters<typeof build>): CreatedTransaction {
  const result = build(...args);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.value;
}

function messageOf(...args: Parameters<typeof build>): string {
  const result = build(...args);
  return result.ok ? '' : result.error.message;
}

function outputsOf({ transaction }: CreatedTransaction): readonly number[] {
  return Array.from({ length: transaction.outputCount }, (_, j) => transaction.valueSat(j));
}

test('a payment with change pays exactly its rate', () => {
  const result = created([makeAvailable(COIN)], [pay(COIN / 4)], { feeRate: 5_000 }, {}, 0);
  // 10.5 of frame, 62 of outputs, 67.75 of input: 141 at 5 sat/vB
  assert.equal(result.vsizeMax, 141);
  assert.equal(result.feeSat, 705);
  assert.deepEqual(outputsOf(result), [COIN - COIN / 4 - 705, COIN / 4]);
  assert.equal(result.changePosition, 0);
  assert.ok(equalBytes(result.transaction.scriptPubKey(0), CHANGE_SCRIPT));
  assert.deepEqual(result.feeRule, { feeRate: 5_000, reason: 'given' });
  assert.deepEqual(result.spentOutputs, [{ valueSat: COIN, scriptPubKey: result.spentOutputs[0]!.scriptPubKey }]);
});

test('what is not worth an output goes to the fee', () => {
  // 110 virtual bytes, and 979 to spare: a satoshi less than spending change would cost at 10 sat/vB
  const result = created([makeAvailable(100_000)], [pay(100_000 - 550 - 979)], { feeRate: 5_000 });
  assert.equal(result.changePosition, null);
  assert.equal(result.transaction.outputCount, 1);
  assert.ok(result.feeSat >= 1_500 && result.feeSat <= 1_529);
});

test('change stands where it is wanted, and not beyond', () => {
  const coins = [makeAvailable(COIN)];
  for (const position of [0, 1, 2]) {
    const result = created(coins, [pay(CENT), pay(CENT)], {}, {}, position);
    assert.equal(result.changePosition, position);
    assert.ok(equalBytes(result.transaction.scriptPubKey(position), CHANGE_SCRIPT));
  }
  const message = messageOf(coins, [pay(CENT), pay(CENT)], {}, {}, 3);
  assert.equal(message, 'Transaction change output index out of range');
});

test('data is carried by an output without value', () => {
  const scriptPubKey = fromHex('6a0568656c6c6f');
  const result = created([makeAvailable(COIN)], [pay(0, { scriptPubKey }), pay(CENT)], {}, {}, 2);
  assert.equal(toHex(result.transaction.scriptPubKey(0)), '6a0568656c6c6f');
  assert.equal(result.transaction.valueSat(0), 0);
});

test("what cannot be paid is refused in Core's words", () => {
  const coin = [makeAvailable(100_000)];
  assert.equal(messageOf(coin, []), 'Transaction must have at least one recipient');
  assert.equal(messageOf(coin, [pay(-1)]), 'Transaction amounts must not be negative');
  assert.equal(messageOf(coin, [pay(293)]), 'Transaction amount too small');
  assert.equal(messageOf(coin, [pay(100_001)]), 'Insufficient funds');
  assert.equal(
    messageOf(coin, [pay(100_000)], { feeRate: 5_000 }),
    'The total exceeds your balance when the 0.0000021 transaction fee is included.',
  );
  assert.equal(messageOf([], [pay(CENT)]), 'Insufficient funds');
  const data = { scriptPubKey: fromHex('6a0100') };
  assert.equal(
    messageOf(coin, [pay(0, data)], { feeRate: 0, overridesFeeRate: true }),
    'Transaction requires one destination of non-zero value, a non-zero feerate, or a pre-selected input',
  );
});

test('limits of weight are those of relay', () => {
  const coins = [makeAvailable(COIN)];
  const range = 'Maximum transaction weight must be between 260 and 400000';
  assert.equal(messageOf(coins, [pay(CENT)], { weightMaxWu: 259 }), range);
  assert.equal(messageOf(coins, [pay(CENT)], { weightMaxWu: 400_001 }), range);
  // for TRUC a wish above its limit is the limit
  assert.equal(messageOf(coins, [pay(CENT)], { weightMaxWu: 400_001, version: 3 }), '');
  const many = Array.from({ length: 1_200 }, () => pay(1_000));
  assert.match(messageOf(coins, many, { version: 3 }), /^Maximum transaction weight is less than/);
});

test('no fee is above the highest that the owner allows', () => {
  const message = messageOf([makeAvailable(COIN)], [pay(CENT)], { feeRate: COIN });
  assert.equal(message, 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)');
});

test('a missing change address is named only when change is needed', () => {
  const change = { script: null, fault: 'Error: Keypool ran out, please call keypoolrefill first' };
  assert.equal(
    messageOf([makeAvailable(COIN)], [pay(CENT)], {}, { change }),
    "Transaction needs a change address, but we can't generate it. Error: Keypool ran out, please call keypoolrefill first",
  );
  const whole = pay(COIN, { subtractsFee: true });
  assert.equal(messageOf([makeAvailable(COIN)], [whole], {}, { change }), '');
});

test('a chain that the mempool would refuse is not built', () => {
  const chain = { ...QUIET_CHAIN, checkChainLimits: () => false };
  const coins = [makeAvailable(COIN)];
  assert.equal(messageOf(coins, [pay(CENT)], {}, { chain }), 'too many unconfirmed transactions in cluster');
  const settings = { ...DEFAULT_SPEND_SETTINGS, rejectsLongChains: false };
  assert.equal(messageOf(coins, [pay(CENT)], {}, { chain, settings }), '');
});

test('coins of unknown size are named', () => {
  const message = messageOf([makeAvailable(COIN)], [pay(CENT)], {}, { measureInput: () => null });
  assert.equal(message, 'Missing solving data for estimating transaction size');
});

test('preset inputs come first and in their order, with what they bring along', () => {
  const coins = [1, 2, 3, 4].map((n) => makeAvailable(n * CENT));
  const presetInputs = [
    presetOf(coins[2]!),
    presetOf(coins[0]!, { sequence: 7, scriptSig: Uint8Array.of(1, 2) }),
    presetOf(coins[2]!),
  ];
  const { transaction } = created(coins, [pay(7 * CENT)], { presetInputs });
  const names = Array.from({ length: transaction.inputCount }, (_, i) => formatOutpoint(transaction.prevout(i)));
  assert.deepEqual(names.slice(0, 2), [coins[2]!.name, coins[0]!.name]);
  assert.equal(new Set(names).size, names.length);
  assert.equal(transaction.sequence(1), 7);
  assert.equal(toHex(transaction.scriptSig(1)), '0102');
  // a sequence of its own does not go with a locktime of ours
  assert.equal(transaction.locktime, 0);
});

test('preset coins are not counted twice', () => {
  const coins = [1, 2, 3, 4].map(() => makeAvailable(50 * COIN));
  const presetInputs = coins.slice(0, 3).map((coin) => presetOf(coin));
  for (const subtractsFee of [true, false]) {
    const message = messageOf(coins, [pay(299 * COIN, { subtractsFee })], { presetInputs });
    assert.equal(message, 'Insufficient funds');
  }
});

test('preset inputs that cannot be spent are named', () => {
  const coin = makeAvailable(COIN, { depth: 0, version: 3 });
  const short = `COutPoint(${coin.name.slice(0, 10)}, 0)`;
  const message = (preset: ReturnType<typeof presetOf>, version = 2): string =>
    messageOf([], [pay(CENT)], { presetInputs: [preset], version });
  assert.equal(message(presetOf(coin, { output: null })), `Not found pre-selected input ${short}`);
  assert.equal(message(presetOf(coin, { isExternal: true })), `Not solvable pre-selected input ${short}`);
  assert.equal(message(presetOf(coin)), "Can't spend unconfirmed version 3 pre-selected input with a version 2 tx");
  assert.equal(
    message(presetOf({ ...coin, version: 2 }), 3),
    "Can't spend unconfirmed version 2 pre-selected input with a version 3 tx",
  );
  assert.equal(message(presetOf(coin, { isExternal: true, weightWu: 500 })), '');
});

test('sequences and locktime say what the owner wants', () => {
  const coins = [makeAvailable(COIN)];
  const usual = created(coins, [pay(CENT)]).transaction;
  assert.equal(usual.sequence(0), 0xfffffffd);
  assert.ok(usual.locktime > 900 && usual.locktime <= 1_000);
  assert.equal(usual.version, 2);
  const final = created(coins, [pay(CENT)], { signalsReplacement: false, locktime: 17, version: 3 }).transaction;
  assert.deepEqual([final.sequence(0), final.locktime, final.version], [0xfffffffe, 17, 3]);
});

test('coins of one script go together where that costs no more than allowed', () => {
  const scriptPubKey = numberedScript(1);
  const coins = [3, 2, 2].map((n) => makeAvailable(n * CENT, { scriptPubKey }));
  const recipients = [pay(2.5 * CENT)];
  const control = { feeRate: 1_000 };
  const groupingFeeMaxSat = 1_000;
  const grouped = created(coins, recipients, control, {
    settings: { ...DEFAULT_SPEND_SETTINGS, groupingFeeMaxSat },
  });
  assert.equal(grouped.transaction.inputCount, 3);
  const single = created(coins, recipients, { ...control, weightMaxWu: 900 });
  assert.ok(single.transaction.inputCount < 3);
});

test('fees for unconfirmed ancestors are paid on top', () => {
  const waiting = makeAvailable(COIN, { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 });
  const chain = {
    ...QUIET_CHAIN,
    bumpFees: (outpoints: readonly unknown[]) => ({ each: outpoints.map(() => 1_234), combined: 1_234 }),
  };
  const result = created([waiting], [pay(CENT)], { feeRate: 5_000 }, { chain });
  assert.equal(result.feeSat, 705 + 1_234);
});

test('a TRUC transaction on top of a preset unconfirmed one is small', () => {
  const waiting = { depth: 0, version: 3, isFromMe: true, ancestorCount: 1, clusterCount: 1 };
  const coins = Array.from({ length: 20 }, () => makeAvailable(CENT, waiting));
  const presetInputs = coins.map((coin) => presetOf(coin));
  assert.equal(messageOf([], [pay(CENT)], { presetInputs, version: 3 }), 'Transaction too large');
  assert.equal(messageOf([], [pay(CENT)], { presetInputs: presetInputs.slice(0, 10), version: 3 }), '');
});

test('251 recipients and more, whose count takes three bytes with change, pay their rate', () => {
  for (const count of [251, 252, 253]) {
    const recipients = Array.from({ length: count }, () => pay(1_000));
    const result = created([makeAvailable(COIN)], recipients, { feeRate: 5_000 }, { settings: NO_GROUPS });
    assert.equal(result.transaction.outputCount, count + 1);
    assert.equal(result.feeSat, computeFeeSat(5_000, result.vsizeMax));
  }
});

test('inputs are always outputs and fee, the fee pays the rate, and no output is dust', () => {
  const payee = fc.constantFrom(PAYEES.p2pkh, PAYEES.p2sh, PAYEES.p2wpkh, PAYEES.p2tr);
  const recipient = fc.record({
    scriptPubKey: payee,
    valueSat: fc.integer({ min: 600, max: 3 * CENT }),
    subtractsFee: fc.boolean(),
  });
  const coin = fc.record({
    valueSat: fc.integer({ min: 1, max: 5 * CENT }),
    script: fc.constantFrom('p2pkh', 'p2sh', 'p2wpkh', 'p2tr'),
    isLocked: fc.boolean(),
    isSafe: fc.boolean(),
    depth: fc.integer({ min: 0, max: 10 }),
    preset: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(coin, { minLength: 1, maxLength: 30 }),
      fc.array(recipient, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1_000, max: 150_000 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (given, recipients, feeRate, seed) => {
        const coins = given.map(({ valueSat, script, ...facts }) =>
          makeAvailable(valueSat, { ...facts, scriptPubKey: PAYEES[script as 'p2tr'] }),
        );
        const presetInputs = coins.filter((_, i) => given[i]!.preset).map((c) => presetOf(c));
        const environment = makeEnvironment(coins, { seed });
        const result = runAllSteps(
          createTransaction(recipients, { ...DEFAULT_COIN_CONTROL, feeRate, presetInputs }, environment),
        );
        if (!result.ok) {
          assert.notEqual(result.error.kind, 'misc');
          return;
        }
        const { transaction, feeSat, vsizeMax, changePosition, spentOutputs } = result.value;
        const names = Array.from({ length: transaction.inputCount }, (_, i) => formatOutpoint(transaction.prevout(i)));
        assert.equal(new Set(names).size, names.length);
        const byName = new Map(coins.map((c, i) => [c.name, { coin: c, preset: given[i]!.preset }]));
        for (const name of names) {
          const { coin: spent, preset } = byName.get(name)!;
          assert.ok(preset || (!spent.isLocked && spent.isSafe));
        }
        const inputsSat = names.reduce((sum, name) => sum + byName.get(name)!.coin.valueSat, 0);
        assert.equal(
          spentOutputs.reduce((sum, { valueSat }) => sum + valueSat, 0),
          inputsSat,
        );
        const values = outputsOf(result.value);
        assert.equal(inputsSat, values.reduce((sum, value) => sum + value, 0) + feeSat);
        assert.ok(feeSat >= computeFeeSat(feeRate, vsizeMax));
        assert.ok(values.every((value) => value >= 294));
        if (changePosition !== null) assert.equal(feeSat, computeFeeSat(feeRate, vsizeMax));
        assert.equal(values.length, recipients.length + (changePosition === null ? 0 : 1));
        const payments = values.filter((_, j) => j !== changePosition);
        for (const [i, { valueSat, subtractsFee }] of recipients.entries()) {
          if (!subtractsFee) assert.equal(payments[i], valueSat);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('among ten thousand coins others have many turns while a payment is built', () => {
  const coins = Array.from({ length: 10_000 }, (_, i) =>
    makeAvailable(1_000_000 + i, { scriptPubKey: numberedScript(i % 300) }),
  );
  const steps = createTransaction([pay(500_000_000)], DEFAULT_COIN_CONTROL, makeEnvironment(coins));
  let turns = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) {
      assert.ok(step.value.ok && step.value.value.transaction.inputCount >= 490);
      break;
    }
    turns++;
  }
  // Pricing and grouping take a thousand coins at a time, twice, and each algorithm has its own.
  assert.ok(turns >= 50, `${turns} turns`);
});
