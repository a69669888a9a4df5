import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, pay, spend } from '../../../test/model/block-builder.ts';
import { dataScript, filledTo, p2sh, p2wpkh, payment, program } from '../../../test/model/loose-transaction.ts';
import type { Transaction, TransactionOutput } from '../primitives/transaction.ts';
import { createMultisig, createP2pk } from '../script/script-builder.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from './options.ts';
import { checkSigopsCost, checkStandardTx, checkStrippedSize } from './standard.ts';

function reasonOf(tx: Transaction, options: Partial<PolicyOptions> = {}): string | null {
  return checkStandardTx(tx, { ...POLICY_DEFAULTS, ...options })?.reason ?? null;
}

function paying(...outputs: readonly TransactionOutput[]): Transaction {
  return payment({ outputs });
}

function withScriptSig(scriptSig: Uint8Array): Transaction {
  return payment({ inputs: [spend({ txid: fakeTxid(1), index: 0 }, { scriptSig })] });
}

function key(fill: number, length = 33): Uint8Array {
  const bytes = new Uint8Array(length).fill(fill);
  bytes[0] = length === 33 ? 2 : 4;
  return bytes;
}

test('a plain payment is standard', () => {
  assert.equal(reasonOf(payment()), null);
});

test('M06: versions 1 to 3 are standard, those around and the highest are not', () => {
  for (const version of [1, 2, 3]) assert.equal(reasonOf(payment({ version })), null);
  for (const version of [0, 4, 0x80000002, 0xffffffff]) assert.equal(reasonOf(payment({ version })), 'version');
  assert.deepEqual(checkStandardTx(payment({ version: 4 }), POLICY_DEFAULTS), {
    kind: 'not-standard',
    reason: 'version',
    rule: 'standard-version',
    actual: 4,
    expected: '1 to 3',
  });
});

test('M06: 400,000 weight units are standard, one vbyte more is not', () => {
  assert.equal(reasonOf(filledTo(payment(), 400_000)), null);
  const reject = checkStandardTx(filledTo(payment(), 400_004), POLICY_DEFAULTS);
  assert.deepEqual(reject, {
    kind: 'not-standard',
    reason: 'tx-size',
    rule: 'standard-weight',
    actual: 400_004,
    expected: 400_000,
  });
  // a byte of witness makes the difference of one
  const witness = [new Uint8Array(1)];
  const light = payment({ inputs: [spend({ txid: fakeTxid(1), index: 0 }, { witness })] });
  const inputs = [
    spend({ txid: fakeTxid(1), index: 0 }, { witness: [new Uint8Array(1 + ((400_001 - light.weightWu) % 4))] }),
  ];
  assert.equal(reasonOf(filledTo(payment({ inputs }), 400_001)), 'tx-size');
});

test('M06: a scriptSig of 1,650 bytes is standard, of 1,651 not', () => {
  assert.equal(reasonOf(withScriptSig(new Uint8Array(1_650))), null);
  const reject = checkStandardTx(withScriptSig(new Uint8Array(1_651)), POLICY_DEFAULTS);
  assert.deepEqual([reject?.reason, reject?.actual, reject?.expected], ['scriptsig-size', 1_651, 1_650]);
});

test('M06: a scriptSig that does more than push is not standard', () => {
  for (const opcode of [0x00, 0x4f, 0x50, 0x51, 0x60]) {
    assert.equal(reasonOf(withScriptSig(Uint8Array.of(opcode))), null, `opcode ${opcode}`);
  }
  for (const opcode of [0x61, 0x69, 0x75, 0x76, 0xac, 0xb1, 0xff]) {
    assert.equal(reasonOf(withScriptSig(Uint8Array.of(opcode))), 'scriptsig-not-pushonly', `opcode ${opcode}`);
  }
  assert.equal(reasonOf(withScriptSig(Uint8Array.of(2, 1))), 'scriptsig-not-pushonly', 'a push beyond the end');
});

test('M06: the size of a scriptSig is told before what it does, input by input', () => {
  const prevout = { txid: fakeTxid(1), index: 0 };
  const bad = spend({ ...prevout, index: 1 }, { scriptSig: Uint8Array.of(0x61) });
  const long = spend({ ...prevout, index: 2 }, { scriptSig: new Uint8Array(1_651).fill(0x61) });
  assert.equal(reasonOf(payment({ inputs: [bad, long] })), 'scriptsig-not-pushonly');
  assert.equal(reasonOf(payment({ inputs: [long, bad] })), 'scriptsig-size');
  assert.equal(checkStandardTx(payment({ inputs: [spend(prevout), bad] }), POLICY_DEFAULTS)?.inputIndex, 1);
});

test('M06: outputs of known templates are standard, others are not', () => {
  const known = [createP2pk(key(1)), createP2pk(key(1, 65)), p2sh(), p2wpkh(), program(0, 32), program(1, 32)];
  for (const script of [...known, program(1, 2, [0x4e, 0x73]), program(2, 2), program(16, 40)]) {
    assert.equal(reasonOf(paying(pay(100_000, script))), null);
  }
  const unknown = [
    Uint8Array.of(0x51),
    new Uint8Array(0),
    Uint8Array.of(0x61),
    program(0, 31),
    Uint8Array.of(0x6a, 0x61),
  ];
  for (const script of unknown) assert.equal(reasonOf(paying(pay(100_000, script))), 'scriptpubkey');
  assert.equal(checkStandardTx(paying(pay(1e6, p2sh()), pay(1e6)), POLICY_DEFAULTS)?.outputIndex, 1);
});

test('M06: multisig outputs have one to three keys, and none where the operator forbids them', () => {
  const multisig = (required: number, count: number): Transaction =>
    paying(
      pay(
        100_000,
        createMultisig(
          required,
          Array.from({ length: count }, (_, i) => key(i)),
        ),
      ),
    );
  for (const [required, count] of [
    [1, 1],
    [1, 2],
    [2, 2],
    [1, 3],
    [3, 3],
  ] as const) {
    assert.equal(reasonOf(multisig(required, count)), null);
    assert.equal(reasonOf(multisig(required, count), { permitsBareMultisig: false }), 'bare-multisig');
  }
  assert.equal(reasonOf(multisig(1, 4)), 'scriptpubkey');
  assert.equal(reasonOf(multisig(1, 4), { permitsBareMultisig: false }), 'scriptpubkey');
});

test('M06: data outputs are counted together, scripts and all', () => {
  const data = (...lengths: readonly number[]): Transaction =>
    paying(...lengths.map((length) => pay(0, dataScript(length))));
  assert.equal(reasonOf(data(83), { datacarrierBytesMax: 83 }), null);
  assert.equal(reasonOf(data(83), { datacarrierBytesMax: 82 }), 'datacarrier');
  assert.equal(reasonOf(data(41, 42), { datacarrierBytesMax: 83 }), null);
  assert.equal(reasonOf(data(42, 42), { datacarrierBytesMax: 83 }), 'datacarrier');
  assert.equal(reasonOf(data(1), { datacarrierBytesMax: 1 }), null);
  assert.equal(reasonOf(data(1), { datacarrierBytesMax: 0 }), 'datacarrier');
  assert.equal(reasonOf(data(1), { datacarrierBytesMax: null }), 'datacarrier');
  assert.equal(reasonOf(payment(), { datacarrierBytesMax: null }), null);
  const reject = checkStandardTx(data(50, 40), { ...POLICY_DEFAULTS, datacarrierBytesMax: 83 });
  assert.deepEqual([reject?.actual, reject?.expected, reject?.outputIndex], [90, 83, 1]);
});

test('M06: one dust output may be, two may not', () => {
  const dust = pay(293, p2wpkh());
  const enough = pay(294, p2wpkh());
  assert.equal(reasonOf(paying(enough, enough)), null);
  assert.equal(reasonOf(paying(dust, enough)), null);
  assert.equal(reasonOf(paying(dust, enough, dust)), 'dust');
  assert.equal(reasonOf(paying(dust, enough, dust), { dustFeerate: 0 }), null);
  const reject = checkStandardTx(paying(dust, dust, dust), POLICY_DEFAULTS);
  assert.deepEqual([reject?.actual, reject?.expected], [3, 1]);
});

test('M06: a transaction of 65 bytes without its witness is standard, one of 64 not', () => {
  // 60 bytes around one empty input and one output script
  const small = (length: number): Transaction => paying(pay(0, dataScript(length)));
  assert.equal(small(5).strippedSize, 65);
  assert.equal(checkStrippedSize(small(5)), null);
  assert.deepEqual(checkStrippedSize(small(4)), {
    kind: 'not-standard',
    reason: 'tx-size-small',
    rule: 'standard-stripped-size',
    actual: 64,
    expected: 65,
  });
});

test('M06: signature operations may cost 16,000, one more is too much', () => {
  assert.equal(checkSigopsCost(16_000), null);
  assert.deepEqual(checkSigopsCost(16_001), {
    kind: 'not-standard',
    reason: 'bad-txns-too-many-sigops',
    rule: 'standard-sigops-cost',
    debug: '16001',
    actual: 16_001,
    expected: 16_000,
  });
});
