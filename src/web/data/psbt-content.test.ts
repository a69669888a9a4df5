import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReviewedTransaction, readPsbtContent, type TransactionAnswer } from './psbt-content.ts';

const TRANSACTION: TransactionAnswer = {
  vin: [
    { txid: 'aa', vout: 1 },
    { txid: 'bb', vout: 0 },
  ],
  vout: [
    { value: 0.7, scriptPubKey: { hex: '0014aa', address: 'them' } },
    { value: 0.2999, scriptPubKey: { hex: '0014bb', address: 'us' } },
  ],
};

const INPUTS = [
  { witness_utxo: { amount: 0.6, scriptPubKey: { hex: '0014cc', address: 'mine' } } },
  { non_witness_utxo: { vin: [], vout: [{ value: 0.4, scriptPubKey: { hex: '76', address: 'old' } }] } },
];

test('both versions of a PSBT say the same', () => {
  const expected = {
    inputs: [
      { txid: 'aa', index: 1, valueSat: 60_000_000, address: 'mine', hasSignature: false },
      { txid: 'bb', index: 0, valueSat: 40_000_000, address: 'old', hasSignature: false },
    ],
    outputs: [
      { valueSat: 70_000_000, scriptHex: '0014aa', address: 'them' },
      { valueSat: 29_990_000, scriptHex: '0014bb', address: 'us' },
    ],
    feeSat: 10_000,
  };
  assert.deepEqual(readPsbtContent({ tx: TRANSACTION, inputs: INPUTS, outputs: [{}, {}] }), expected);
  const inputs = INPUTS.map((input, i) => ({ ...input, previous_txid: ['aa', 'bb'][i]!, previous_vout: [1, 0][i]! }));
  const outputs = TRANSACTION.vout.map(({ value, scriptPubKey }) => ({ amount: value, script: scriptPubKey }));
  assert.deepEqual(readPsbtContent({ inputs, outputs }), expected);
});

test('an input that does not say what it spends leaves the fee unknown', () => {
  const content = readPsbtContent({ tx: TRANSACTION, inputs: [INPUTS[0]!, {}], outputs: [{}, {}] });
  assert.equal(content.feeSat, null);
  assert.equal(content.inputs[1]?.valueSat, null);
});

test('K14: what is signed must be what was shown, to the last satoshi, script and coin', () => {
  const content = readPsbtContent({ tx: TRANSACTION, inputs: INPUTS, outputs: [{}, {}] });
  const [first, second] = TRANSACTION.vout as [TransactionAnswer['vout'][0], TransactionAnswer['vout'][0]];
  assert.equal(isReviewedTransaction(content, TRANSACTION), true);
  const changed: readonly TransactionAnswer[] = [
    { ...TRANSACTION, vout: [{ ...first, value: 0.70000001 }, second] },
    { ...TRANSACTION, vout: [{ ...first, scriptPubKey: { hex: '0014ab', address: 'them' } }, second] },
    { ...TRANSACTION, vout: [second, first] },
    { ...TRANSACTION, vout: [first] },
    { ...TRANSACTION, vout: [first, second, { value: 0, scriptPubKey: { hex: '6a' } }] },
    { ...TRANSACTION, vin: [TRANSACTION.vin[0]!, { txid: 'bb', vout: 1 }] },
    { ...TRANSACTION, vin: [TRANSACTION.vin[0]!] },
  ];
  for (const other of changed) assert.equal(isReviewedTransaction(content, other), false);
});
