import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENT, makeAvailable } from '../../../test/model/coin-pool.ts';
import { CHANGE_SCRIPT, makeEnvironment, PAYEES, QUIET_CHAIN } from '../../../test/model/spend-world.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { NULL_TXID } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction, type TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { createP2pkh } from '../../kernel/script/script-builder.ts';
import { EMPTY_BYTES, equalBytes, toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import type { AvailableCoin } from '../books/available-coin.ts';
import { type CoinControl, DEFAULT_COIN_CONTROL } from './coin-control.ts';
import type { SpendEnvironment } from './environment.ts';
import { type BumpRequest, type BumpSubject, createFeeBump, findBumpObstacle } from './fee-bump.ts';
import type { KnownOutput } from './preset.ts';

const OLD_CHANGE = createP2pkh(new Uint8Array(20).fill(0xcd));
/** 222 bytes signed, with change in the middle of nowhere: pays 1,000. */
const PAYMENT: TransactionOutput = { valueSat: COIN / 2, scriptPubKey: PAYEES.p2wpkh };
const CHANGE: TransactionOutput = { valueSat: COIN / 2 - 1_000, scriptPubKey: OLD_CHANGE };

function knownOf(coin: AvailableCoin, isExternal = false): KnownOutput {
  const { valueSat, scriptPubKey, version } = coin;
  return { output: { valueSat, scriptPubKey }, isExternal, depth: 1, version };
}

function oldTransaction(coin: AvailableCoin, outputs: readonly TransactionOutput[], version = 2): Transaction {
  const input = { prevout: coin.outpoint, scriptSig: EMPTY_BYTES, sequence: 0xfffffffd };
  return buildTransaction({ version, inputs: [input], outputs, locktime: 0 });
}

function subjectOf(
  outputs: readonly TransactionOutput[] = [PAYMENT, CHANGE],
  given: Partial<BumpSubject> = {},
): BumpSubject {
  const coin = makeAvailable(COIN);
  return {
    transaction: oldTransaction(coin, outputs),
    spent: [knownOf(coin)],
    hasWalletSpend: false,
    hasMempoolDescendants: false,
    depth: 0,
    replacedBy: null,
    ...given,
  };
}

function bump(
  subject: BumpSubject,
  request: Partial<BumpRequest> = {},
  control: Partial<CoinControl> = {},
  coins: readonly AvailableCoin[] = [],
  given: Partial<SpendEnvironment> = {},
) {
  const isChange = (script: Uint8Array): boolean => equalBytes(script, OLD_CHANGE);
  const whole = { requiresMine: true, outputs: [], changeIndex: null, isChange, ...request };
  return runAllSteps(
    createFeeBump(subject, whole, { ...DEFAULT_COIN_CONTROL, ...control }, makeEnvironment(coins, given)),
  );
}

function bumped(...args: Parameters<typeof bump>) {
  const result = bump(...args);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.value;
}

function errorOf(...args: Parameters<typeof bump>): readonly string[] {
  const result = bump(...args);
  return result.ok ? [] : [result.error.kind, result.error.message];
}

test('the replacement spends the same coins, pays the same people, and change pays the rest', () => {
  const subject = subjectOf();
  const { created, oldFeeSat } = bumped(subject, {}, { feeRate: 20_000 });
  assert.equal(oldFeeSat, 1_000);
  const { transaction, feeSat, vsizeMax, changePosition } = created;
  assert.equal(feeSat, 20 * vsizeMax);
  assert.equal(formatOutpoint(transaction.prevout(0)), formatOutpoint(subject.transaction.prevout(0)));
  assert.equal(transaction.sequence(0), 0xfffffffd);
  assert.equal(toHex(transaction.scriptPubKey(changePosition!)), toHex(OLD_CHANGE));
  assert.equal(transaction.valueSat(1 - changePosition!), COIN / 2);
});

test('without a rate it pays 5 sat/vB more than before, or the estimate', () => {
  const subject = subjectOf();
  const size = subject.transaction.totalSize;
  const quiet = { ...QUIET_CHAIN, estimateFeeRate: () => null };
  const settings = { ...makeEnvironment([]).settings, fallbackFeeRate: 1_000 };
  const low = bumped(subject, {}, {}, [], { chain: quiet, settings });
  assert.equal(low.created.feeRule.feeRate, Math.floor(1_000_000 / size) + 1 + 5_000);
  const high = bumped(subject, {}, {}, [], {
    chain: { ...QUIET_CHAIN, estimateFeeRate: () => ({ satPerKvb: 90_000, targetBlocks: 6 }) },
  });
  assert.equal(high.created.feeRule.feeRate, 90_000);
});

test('what cannot be replaced says why', () => {
  const facts = { hasWalletSpend: false, hasMempoolDescendants: false, depth: 0, replacedBy: null };
  const id = '00'.repeat(32);
  const obstacle = (given: Partial<Parameters<typeof findBumpObstacle>[0]>) =>
    findBumpObstacle({ ...facts, ...given }, NULL_TXID);
  assert.equal(obstacle({}), null);
  assert.deepEqual(obstacle({ hasWalletSpend: true }), {
    kind: 'invalid-parameter',
    message: 'Transaction has descendants in the wallet',
  });
  assert.deepEqual(obstacle({ hasMempoolDescendants: true }), {
    kind: 'invalid-parameter',
    message: 'Transaction has descendants in the mempool',
  });
  for (const depth of [1, -1]) {
    assert.deepEqual(obstacle({ depth }), {
      kind: 'wallet',
      message: 'Transaction has been mined, or is conflicted with a mined transaction',
    });
  }
  assert.deepEqual(obstacle({ replacedBy: NULL_TXID }), {
    kind: 'wallet',
    message: `Cannot bump transaction ${id} which was already bumped by transaction ${id}`,
  });
});

test('inputs that are gone or of others are named', () => {
  const gone = subjectOf([PAYMENT], { spent: [null] });
  const name = formatOutpoint(gone.transaction.prevout(0));
  assert.deepEqual(errorOf(gone), ['misc', `${name} is already spent`]);
  const coin = makeAvailable(COIN);
  const foreign = subjectOf([PAYMENT], { spent: [knownOf(coin, true)] });
  assert.deepEqual(errorOf(foreign), ['wallet', "Transaction contains inputs that don't belong to this wallet"]);
});

test('a rate that is too low or too high is refused', () => {
  const subject = subjectOf();
  const [kind, message] = errorOf(subject, {}, { feeRate: 99 });
  assert.deepEqual(
    [kind, message],
    ['wallet', 'New fee rate (0.00000099) is lower than the minimum fee rate (0.000001) to get into the mempool -- '],
  );
  // 144 virtual bytes at 6 sat/vB, and the old fee with 0.1 sat/vB
  assert.deepEqual(errorOf(subject, {}, { feeRate: 6_000 }), [
    'invalid-parameter',
    'Insufficient total fee 0.00000864, must be at least 0.00001015 (oldFee 0.00001 + incrementalFee 0.00000015)',
  ]);
  const chain = { ...QUIET_CHAIN, incrementalRelayFeeRate: () => 0 };
  const settings = { ...makeEnvironment([]).settings, feeRateMin: 9_000 };
  assert.deepEqual(errorOf(subject, {}, { feeRate: 8_000 }, [], { chain, settings }), [
    'invalid-parameter',
    'Insufficient total fee (cannot be less than required fee 0.00001296)',
  ]);
  assert.deepEqual(errorOf(subject, {}, { feeRate: COIN }), [
    'wallet',
    'Specified or calculated fee 0.144 is too high (cannot be higher than -maxtxfee 0.10)',
  ]);
});

test('other outputs may be paid instead, or one of the old ones named as change', () => {
  const subject = subjectOf();
  const outputs = [{ valueSat: CENT, scriptPubKey: PAYEES.p2tr }];
  const other = bumped(subject, { outputs }, { feeRate: 20_000 }).created;
  assert.equal(other.transaction.outputCount, 2);
  assert.equal(other.transaction.valueSat(1 - other.changePosition!), CENT);
  const named = bumped(subject, { changeIndex: 0 }, { feeRate: 20_000 }).created;
  assert.ok(equalBytes(named.transaction.scriptPubKey(named.changePosition!), PAYEES.p2wpkh));
  assert.equal(named.transaction.valueSat(1 - named.changePosition!), CHANGE.valueSat);
  const both = errorOf(subject, { outputs, changeIndex: 0 });
  assert.equal(both[0], 'invalid-parameter');
  assert.match(both[1]!, /^The options 'outputs' and 'original_change_index' are incompatible/);
  assert.deepEqual(errorOf(subject, { changeIndex: 2 }), ['invalid-parameter', 'Change position is out of range']);
});

test('where all is change, it pays the fee', () => {
  const subject = subjectOf([{ ...CHANGE, valueSat: COIN - 1_000 }]);
  const { created } = bumped(subject, {}, { feeRate: 20_000 });
  assert.equal(created.transaction.outputCount, 1);
  assert.equal(created.transaction.valueSat(0), COIN - created.feeSat);
  assert.equal(created.feeSat, 20 * created.vsizeMax);
  const none = { isChange: () => false, outputs: [] };
  const empty = subjectOf([]);
  assert.deepEqual(errorOf(empty, none), [
    'invalid-parameter',
    'Unable to create transaction. Transaction must have at least one recipient',
  ]);
});

test('confirmed coins are added where change does not suffice, unconfirmed ones never', () => {
  const subject = subjectOf([{ valueSat: COIN - 1_000, scriptPubKey: PAYEES.p2wpkh }]);
  const waiting = { depth: 0, isFromMe: true, ancestorCount: 1, clusterCount: 1 };
  const without = errorOf(subject, {}, { feeRate: 20_000 }, [makeAvailable(COIN, waiting)]);
  assert.deepEqual(without, [
    'wallet',
    'Unable to create transaction. The total exceeds your balance when the 0.0000084 transaction fee is included.',
  ]);
  const { created } = bumped(subject, {}, { feeRate: 20_000 }, [makeAvailable(CENT)]);
  assert.equal(created.transaction.inputCount, 2);
  assert.ok(equalBytes(created.transaction.scriptPubKey(created.changePosition!), CHANGE_SCRIPT));
});

test('inputs of others count with their longest signatures where they may be signed again', () => {
  const coin = makeAvailable(COIN, { scriptPubKey: PAYEES.p2tr });
  const prevout = coin.outpoint;
  const witness = [new Uint8Array(64).fill(1)];
  const transaction = buildTransaction({
    version: 2,
    inputs: [{ prevout, scriptSig: EMPTY_BYTES, sequence: 1, witness }],
    outputs: [PAYMENT, CHANGE],
    locktime: 0,
  });
  const subject = subjectOf([], { transaction, spent: [knownOf(coin, true)] });
  const { created } = bumped(subject, { requiresMine: false }, { feeRate: 20_000 });
  // nothing in the witness is longer when signed again: 164 and 66
  assert.equal(created.weightMaxWu, 4 * (10 + 31 + 34) + 230);
});

test('a TRUC transaction stays one', () => {
  const coin = makeAvailable(COIN);
  const transaction = oldTransaction(coin, [PAYMENT, CHANGE], 3);
  const { created } = bumped(subjectOf([], { transaction, spent: [knownOf(coin)] }));
  assert.equal(created.transaction.version, 3);
});
