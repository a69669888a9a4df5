import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENT, makeAvailable, nextOutpoint } from '../../../test/model/coin-pool.ts';
import { makeEnvironment, PAYEES } from '../../../test/model/spend-world.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { formatOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction } from '../../kernel/primitives/transaction.ts';
import { createP2pkh } from '../../kernel/script/script-builder.ts';
import { EMPTY_BYTES, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { DEFAULT_COIN_CONTROL } from './coin-control.ts';
import { type FundRequest, fundTransaction } from './fund.ts';
import type { KnownOutput } from './preset.ts';

const RECIPIENTS = [{ scriptPubKey: PAYEES.p2wpkh, valueSat: CENT, subtractsFee: false }];
const KEY = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

function request(
  inputs: readonly { readonly prevout: Outpoint; readonly sequence: number }[],
  spent: readonly (KnownOutput | null)[],
): FundRequest {
  const scriptSig = EMPTY_BYTES;
  const transaction = buildTransaction({
    version: 2,
    inputs: inputs.map((input) => ({ ...input, scriptSig })),
    outputs: [],
    locktime: 650,
  });
  return { transaction, spent, recipients: RECIPIENTS, changePosition: 1, inputWeights: new Map() };
}

test('what is there stays, coins and change are added', () => {
  const coins = [makeAvailable(CENT), makeAvailable(COIN)];
  const [first] = coins;
  const output = { valueSat: CENT, scriptPubKey: first!.scriptPubKey };
  const known = { output, isExternal: false, depth: 1, version: 2 };
  const asked = request([{ prevout: first!.outpoint, sequence: 12 }], [known]);
  const result = runAllSteps(fundTransaction(asked, DEFAULT_COIN_CONTROL, makeEnvironment(coins)));
  assert.ok(result.ok);
  const { transaction, changePosition } = result.value;
  assert.deepEqual([transaction.locktime, transaction.sequence(0), changePosition], [650, 12, 1]);
  assert.equal(formatOutpoint(transaction.prevout(0)), first!.name);
  assert.equal(transaction.inputCount, 2);
  assert.equal(transaction.sequence(1), 0xfffffffd);
});

test('a transaction without inputs gets all it needs', () => {
  const result = runAllSteps(
    fundTransaction(request([], []), DEFAULT_COIN_CONTROL, makeEnvironment([makeAvailable(COIN)])),
  );
  assert.ok(result.ok);
  assert.equal(result.value.transaction.inputCount, 1);
  assert.equal(result.value.transaction.locktime, 650);
});

test('inputs of others are measured by what is given: keys or a weight', () => {
  const prevout = nextOutpoint();
  const output = { valueSat: COIN, scriptPubKey: createP2pkh(hash160(KEY)) };
  const asked = request([{ prevout, sequence: 5 }], [{ output, isExternal: true, depth: 0, version: 0 }]);
  const environment = makeEnvironment([]);
  const unknown = runAllSteps(fundTransaction(asked, DEFAULT_COIN_CONTROL, environment));
  assert.ok(!unknown.ok);
  assert.equal(
    unknown.error.message,
    `Not solvable pre-selected input COutPoint(${formatOutpoint(prevout).slice(0, 10)}, 0)`,
  );
  const externalRing = new KeyRing();
  externalRing.addPublicKey(KEY, { fingerprint: new Uint8Array(4), path: [] });
  const control = { ...DEFAULT_COIN_CONTROL, externalRing, feeRate: 10_000 };
  const solved = runAllSteps(fundTransaction(asked, control, environment));
  assert.ok(solved.ok);
  // 72 bytes of signature: 10 of frame, 62 of outputs, 148 of input
  assert.equal(solved.value.vsizeMax, 220);
  const inputWeights = new Map([[formatOutpoint(prevout), 1_000]]);
  const weighed = runAllSteps(fundTransaction({ ...asked, inputWeights }, control, environment));
  assert.ok(weighed.ok);
  assert.equal(weighed.value.vsizeMax, 10 + 62 + 250);
  assert.equal(weighed.value.feeSat, 3_220);
});

test('an output that nobody knows is named', () => {
  const asked = request([{ prevout: nextOutpoint(), sequence: 5 }], [null]);
  const result = runAllSteps(fundTransaction(asked, DEFAULT_COIN_CONTROL, makeEnvironment([makeAvailable(COIN)])));
  assert.ok(!result.ok);
  assert.equal(result.error.message, 'Unable to find UTXO for external input');
});

test('a scriptSig that is there is kept', () => {
  const prevout = nextOutpoint();
  const output = { valueSat: COIN, scriptPubKey: PAYEES.p2wpkh };
  const scriptSig = fromHex('0151');
  const transaction = buildTransaction({
    version: 1,
    inputs: [{ prevout, sequence: 5, scriptSig }],
    outputs: [],
    locktime: 0,
  });
  const asked = {
    ...request([], []),
    transaction,
    spent: [{ output, isExternal: false, depth: 1, version: 2 }],
  };
  const result = runAllSteps(fundTransaction(asked, DEFAULT_COIN_CONTROL, makeEnvironment([])));
  assert.ok(result.ok);
  assert.equal(toHex(result.value.transaction.scriptSig(0)), '0151');
  assert.equal(result.value.transaction.version, 1);
});
