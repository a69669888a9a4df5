import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../kernel/crypto/secp256k1-noble.ts';
import { MAX_MONEY } from '../kernel/primitives/amount.ts';
import { asTxid } from '../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction, type TransactionOutput } from '../kernel/primitives/transaction.ts';
import { SIGHASH } from '../kernel/script/sighash-type.ts';
import { EMPTY_BYTES, toHex } from '../kernel/util/bytes.ts';
import { DescriptorExpander } from './descriptor/expand.ts';
import { KeyRing } from './descriptor/key-ring.ts';
import { parseDescriptor } from './descriptor/parse.ts';
import { combineTransactions, describeFault, replaceScripts, signTransaction } from './sign-transaction.ts';

const { prefixes } = createRegtestParams();

/** The secrets 1 and 2 as they are exported, and their public keys. */
const WIF_1 = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA';
const WIF_2 = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87K7XCyj5v';
const KEY_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEY_2 = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';

/** The output of a descriptor, and everything that is known of it. */
function outputOf(text: string): { readonly output: TransactionOutput; readonly ring: KeyRing } {
  const ring = new KeyRing();
  const parsed = parseDescriptor(text, { prefixes, secp, ring });
  assert.ok(parsed.ok, text);
  const scripts = new DescriptorExpander(ring, secp).expand(parsed.value[0]!, 0);
  return { output: { valueSat: 100_000, scriptPubKey: scripts![0]! }, ring };
}

/** A transaction with one output that spends so many outputs of nowhere. */
function spendingTransaction(inputCount: number): Transaction {
  return buildTransaction({
    version: 2,
    inputs: Array.from({ length: inputCount }, (_, index) => ({
      prevout: { txid: asTxid(new Uint8Array(32).fill(7)), index },
      scriptSig: EMPTY_BYTES,
      sequence: 0xfffffffd,
    })),
    outputs: [{ valueSat: 90_000, scriptPubKey: Uint8Array.of(0x51) }],
    locktime: 0,
  });
}

/** Runs steps to their end. */
function finish<T>(steps: Generator<undefined, T, void>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function sign(
  transaction: Transaction,
  outputs: readonly (TransactionOutput | null)[],
  ring: KeyRing,
  hashType: number = SIGHASH.DEFAULT,
) {
  return finish(signTransaction(transaction, outputs, { ring, hashType, secp }));
}

const SIGNABLE: readonly string[] = [
  `pk(${WIF_1})`,
  `pkh(${WIF_1})`,
  `wpkh(${WIF_1})`,
  `sh(wpkh(${WIF_1}))`,
  `sh(pk(${WIF_1}))`,
  `sh(wsh(pkh(${WIF_1})))`,
  `multi(1,${WIF_1},${KEY_2})`,
  `sh(multi(2,${WIF_1},${WIF_2}))`,
  `wsh(multi(2,${WIF_2},${KEY_2},${WIF_1}))`,
  `sh(wsh(sortedmulti(2,${WIF_1},${WIF_2})))`,
  `tr(${WIF_1})`,
  `tr(${WIF_1},pk(${KEY_2.slice(2)}))`,
  `rawtr(${WIF_1})`,
];

test('every output that keys alone satisfy is signed for', () => {
  for (const text of SIGNABLE) {
    const { output, ring } = outputOf(text);
    for (const hashType of [SIGHASH.DEFAULT, SIGHASH.ALL, SIGHASH.NONE, SIGHASH.SINGLE + SIGHASH.ANYONECANPAY]) {
      assert.equal(sign(spendingTransaction(1), [output], ring, hashType).faults.size, 0, `${text} ${hashType}`);
    }
  }
});

test('the same call gives the same transaction', () => {
  for (const text of SIGNABLE) {
    const { output, ring } = outputOf(text);
    const [first, second] = [1, 2].map(() => sign(spendingTransaction(1), [output], ring).transaction);
    assert.equal(toHex(first!.serialized()), toHex(second!.serialized()));
  }
});

test('a transaction that is signed already stays as it is', () => {
  const { output, ring } = outputOf(`wpkh(${WIF_1})`);
  const signed = sign(spendingTransaction(1), [output], ring);
  const again = sign(signed.transaction, [output], new KeyRing());
  assert.equal(again.faults.size, 0);
  assert.equal(toHex(again.transaction.serialized()), toHex(signed.transaction.serialized()));
});

test('what is missing is told of every input', () => {
  const { output, ring } = outputOf(`wpkh(${WIF_1})`);
  const foreign = outputOf(`pkh(${KEY_2})`).output;
  const unknownValue = { ...output, valueSat: MAX_MONEY };
  const { faults } = sign(spendingTransaction(4), [output, null, foreign, unknownValue], ring);
  assert.deepEqual(
    [...faults].map(([i, fault]) => [i, describeFault(fault)]),
    [
      [1, 'Input not found or already spent'],
      [2, 'Unable to sign input, invalid stack size (possibly missing key)'],
      [3, 'Missing amount'],
    ],
  );
});

test('a signature for an output that is not there is not made', () => {
  const { output, ring } = outputOf(`pkh(${WIF_1})`);
  const { faults } = sign(spendingTransaction(2), [output, output], ring, SIGHASH.SINGLE);
  assert.deepEqual([...faults.keys()], [1]);
});

test('taproot is not signed while another output is unknown', () => {
  const { output, ring } = outputOf(`tr(${WIF_1})`);
  assert.deepEqual([...sign(spendingTransaction(2), [output, null], ring).faults.keys()], [0, 1]);
});

test('signatures of several people come together, in whatever order', () => {
  for (const wrap of [(text: string) => `sh(${text})`, (text: string) => `wsh(${text})`]) {
    const whole = outputOf(wrap(`multi(2,${WIF_1},${WIF_2})`));
    const parts = [`multi(2,${WIF_1},${KEY_2})`, `multi(2,${KEY_1},${WIF_2})`].map((text) => {
      const { output, ring } = outputOf(wrap(text));
      const signed = sign(spendingTransaction(1), [output], ring);
      assert.equal(signed.faults.size, 1);
      return signed.transaction;
    });
    const expected = sign(spendingTransaction(1), [whole.output], whole.ring, SIGHASH.ALL).transaction;
    for (const copies of [parts, parts.slice().reverse()]) {
      const combined = finish(combineTransactions(copies, [whole.output], secp));
      assert.equal(toHex(combined.serialized()), toHex(expected.serialized()));
    }
  }
});

test('a signature that is not good is not carried on', () => {
  const { output, ring } = outputOf(`wsh(multi(1,${WIF_1},${KEY_2}))`);
  const signed = sign(spendingTransaction(1), [output], ring).transaction;
  const witness = signed.witness(0).map((item) => item.slice());
  witness[1]![20] = witness[1]![20]! ^ 1;
  const spoilt = replaceScripts(signed, [{ scriptSig: EMPTY_BYTES, witness }]);
  const combined = finish(combineTransactions([spoilt, spoilt], [output], secp));
  assert.equal(combined.witness(0)[1]!.length, 0);
});
