import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyPsbt } from '../../../test/model/psbt-arbitrary.ts';
import { asTxid } from '../../kernel/primitives/hashes.ts';
import { buildTransaction } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES, toHex } from '../../kernel/util/bytes.ts';
import { combinePsbts, joinPsbts } from './combine.ts';
import { convertPsbt, createPsbt } from './create.ts';
import { encodePsbt } from './encode.ts';
import { NO_FIELDS, type Psbt, type UnknownField } from './psbt.ts';
import { computePsbtId, toUnsignedTransaction } from './psbt-transaction.ts';

function psbtOf(inputs: readonly number[], version: 0 | 2 = 0, locktime = 5): Psbt {
  const transaction = buildTransaction({
    version: 2,
    inputs: inputs.map((index) => ({
      prevout: { txid: asTxid(new Uint8Array(32).fill(3)), index },
      scriptSig: EMPTY_BYTES,
      sequence: 0xfffffffd,
    })),
    outputs: [{ valueSat: inputs[0]!, scriptPubKey: Uint8Array.of(0x51) }],
    locktime,
  });
  return createPsbt(transaction, version);
}

function withUnknown(psbt: Psbt, byte: number, value = 1): Psbt {
  const field: UnknownField = { key: Uint8Array.of(0x77, byte), value: Uint8Array.of(value) };
  return { ...psbt, unknown: new Map([[toHex(field.key), field]]) };
}

test('what several know of one transaction is all kept, and of two answers the first', () => {
  const psbt = psbtOf([1]);
  const combined = combinePsbts([withUnknown(psbt, 1), withUnknown(psbt, 2), withUnknown(psbt, 1, 9)])!;
  assert.deepEqual([...combined.unknown.keys()].sort(), ['7701', '7702']);
  assert.deepEqual(combined.unknown.get('7701')!.value, Uint8Array.of(1));
});

test('PSBTs of other transactions, or of other versions, do not go together', () => {
  assert.equal(combinePsbts([psbtOf([1]), psbtOf([2])]), null);
  assert.equal(combinePsbts([psbtOf([1]), psbtOf([1], 2)]), null);
  assert.equal(combinePsbts([]), null);
});

test('sequence numbers are no part of the identity in version 2', () => {
  const [a, b] = [psbtOf([1], 2), psbtOf([1], 2)];
  const changed = { ...b, inputs: [{ ...b.inputs[0]!, sequence: 1 }] };
  assert.deepEqual(computePsbtId(a), computePsbtId(changed));
  assert.equal(combinePsbts([a, changed])!.inputs[0]!.sequence, 0xfffffffd);
});

test('what one forbids to change is forbidden, and a signature of SIGHASH_SINGLE is remembered', () => {
  const psbt = psbtOf([1], 2);
  const modifiable = (a: number | null, b: number | null): number | null =>
    combinePsbts([
      { ...psbt, modifiable: a },
      { ...psbt, modifiable: b },
    ])!.modifiable;
  assert.equal(modifiable(3, 1), 1);
  assert.equal(modifiable(3, 4), 4);
  assert.equal(modifiable(3, null), 0);
  assert.equal(modifiable(null, null), null);
});

test('a PSBT combined with itself is itself', () => {
  fc.assert(
    fc.property(anyPsbt, (psbt) => {
      if (computePsbtId(psbt) === null) return;
      assert.equal(toHex(encodePsbt(combinePsbts([psbt, psbt])!)), toHex(encodePsbt(psbt)));
    }),
    { numRuns: 50 },
  );
});

test('joining takes all inputs and outputs, the lowest locktime, and no signatures', () => {
  const signed = psbtOf([1, 2]);
  const inputs = signed.inputs.map((input) => ({ ...input, finalWitness: [Uint8Array.of(1)] }));
  const joined = joinPsbts([{ ...signed, inputs }, psbtOf([3], 0, 4)], (list) => [...list].reverse());
  assert.ok(joined.ok);
  const { fallbackLocktime, txVersion } = joined.value;
  assert.deepEqual([fallbackLocktime, txVersion], [4, 2]);
  assert.deepEqual(
    joined.value.inputs.map(({ prevout }) => prevout.index),
    [3, 2, 1],
  );
  assert.ok(joined.value.inputs.every(({ finalWitness }) => finalWitness === null));
  assert.deepEqual(
    joined.value.outputs.map(({ valueSat }) => valueSat),
    [3, 1],
  );
});

test('joining names an outpoint that two PSBTs spend', () => {
  const joined = joinPsbts([psbtOf([1, 2]), psbtOf([2])], (list) => list);
  assert.ok(!joined.ok);
  assert.equal(joined.error.index, 2);
});

test('one version turns into the other, and the transaction stays the same', () => {
  fc.assert(
    fc.property(anyPsbt, fc.constantFrom(0 as const, 2 as const), (psbt, version) => {
      const converted = convertPsbt(psbt, version);
      const before = toUnsignedTransaction(psbt);
      assert.equal(converted === null, version === 0 && before === null);
      if (converted === null) return;
      assert.equal(converted.version, version);
      const after = toUnsignedTransaction(converted);
      assert.deepEqual(after?.serialized(), before?.serialized());
    }),
    { numRuns: 100 },
  );
});

test('a new PSBT says nothing but its transaction', () => {
  const psbt = psbtOf([1], 2);
  assert.equal(psbt.unknown, NO_FIELDS);
  assert.equal(
    toHex(encodePsbt(psbt)),
    `70736274ff010204020000000103040500000001040101010501010` +
      `1fb040200000000010e20${'03'.repeat(32)}010f040100000001` +
      '1004fdffffff00010308010000000000000001040151' +
      '00',
  );
});
