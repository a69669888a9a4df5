import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, pay, spend } from '../../../test/model/block-builder.ts';
import { p2pkh, p2sh, p2wpkh, packCoins, payment, program } from '../../../test/model/loose-transaction.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { encodePush } from '../script/script.ts';
import { checkStandardWitness } from './standard-witness.ts';

const P2WSH = program(0, 32);
const P2TR = program(1, 32);
const P2A = program(1, 2, [0x4e, 0x73]);

interface Case {
  readonly spent: Uint8Array;
  readonly scriptSig?: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

/** The case at input 1, between an input of P2PKH without a witness and one of P2WPKH with. */
function spending({ scriptSig = new Uint8Array(0), witness }: Case): Transaction {
  const at = (index: number): { txid: ReturnType<typeof fakeTxid>; index: number } => ({ txid: fakeTxid(1), index });
  const inputs = [
    spend(at(0)),
    spend(at(1), { scriptSig, witness }),
    spend(at(2), { witness: [new Uint8Array(72), new Uint8Array(33)] }),
  ];
  return payment({ inputs, outputs: [pay(1_000, p2wpkh())] });
}

function ruleOf(theCase: Case): string | null {
  const reject = checkStandardWitness(spending(theCase), packCoins(p2pkh(), theCase.spent, p2wpkh()), 0);
  if (reject === null) return null;
  assert.deepEqual([reject.kind, reject.reason, reject.inputIndex], ['witness-mutated', 'bad-witness-nonstandard', 1]);
  assert.equal(reject.debug, undefined);
  return reject.rule;
}

function items(...lengths: readonly number[]): Uint8Array[] {
  return lengths.map((length) => new Uint8Array(length));
}

test('a transaction without a witness has a standard one', () => {
  assert.equal(checkStandardWitness(payment(), packCoins(p2pkh()), 0), null);
});

test('M06: an input without witness items is passed over', () => {
  assert.equal(ruleOf({ spent: p2pkh(), witness: [] }), null);
  assert.equal(ruleOf({ spent: P2A, witness: [] }), null);
});

test('M06: an anchor is spent without a witness', () => {
  assert.equal(ruleOf({ spent: P2A, witness: items(0) }), 'witness-anchor');
});

test('M06: only a witness program has a witness', () => {
  assert.equal(ruleOf({ spent: p2pkh(), witness: items(1) }), 'witness-program');
  assert.equal(ruleOf({ spent: p2wpkh(), witness: items(72, 33) }), null);
  assert.equal(ruleOf({ spent: program(2, 32), witness: items(5_000) }), null);
});

test('M06: inside P2SH the redeemScript is the witness program', () => {
  const nested = (redeemScript: Uint8Array, witness: readonly Uint8Array[]): string | null =>
    ruleOf({ spent: p2sh(), scriptSig: encodePush(redeemScript), witness });
  assert.equal(nested(p2wpkh(), items(72, 33)), null);
  assert.equal(nested(p2pkh(), items(1)), 'witness-program');
  assert.equal(nested(P2WSH, items(80, 3_600)), null);
  assert.equal(nested(P2WSH, items(81, 3_600)), 'witness-item-size');
  assert.equal(ruleOf({ spent: p2sh(), witness: items(1) }), 'p2sh-redeem-script');
  assert.equal(ruleOf({ spent: p2sh(), scriptSig: Uint8Array.of(0x51), witness: items(1) }), 'witness-program');
  assert.equal(ruleOf({ spent: p2sh(), scriptSig: encodePush(new Uint8Array(521)), witness: items(1) }), 'p2sh-pushes');
});

test('M06: a nested taproot program has no meaning, and so no limits', () => {
  const annex = [new Uint8Array(1), Uint8Array.of(0x50)];
  assert.equal(ruleOf({ spent: p2sh(), scriptSig: encodePush(P2TR), witness: annex }), null);
  assert.equal(ruleOf({ spent: P2TR, witness: annex }), 'witness-annex');
});

test('M06: a witness script has 3,600 bytes at most', () => {
  assert.equal(ruleOf({ spent: P2WSH, witness: items(3_600) }), null);
  assert.equal(ruleOf({ spent: P2WSH, witness: items(3_601) }), 'witness-script-size');
});

test('M06: a witness script has 100 items below it at most', () => {
  const below = (count: number): Uint8Array[] => items(...new Array<number>(count).fill(1), 10);
  assert.equal(ruleOf({ spent: P2WSH, witness: below(100) }), null);
  assert.equal(ruleOf({ spent: P2WSH, witness: below(101) }), 'witness-item-count');
});

test('M06: items below a witness script have 80 bytes at most, wherever they lie', () => {
  assert.equal(ruleOf({ spent: P2WSH, witness: items(80, 80, 80, 3_600) }), null);
  assert.equal(ruleOf({ spent: P2WSH, witness: items(81, 1, 1, 10) }), 'witness-item-size');
  assert.equal(ruleOf({ spent: P2WSH, witness: items(1, 1, 81, 10) }), 'witness-item-size');
});

test('M06: the items of P2WPKH are not measured', () => {
  assert.equal(ruleOf({ spent: p2wpkh(), witness: items(81, 81, 5_000) }), null);
});

test('M06: a taproot signature alone has no limits, an annex is refused', () => {
  assert.equal(ruleOf({ spent: P2TR, witness: items(500) }), null);
  assert.equal(ruleOf({ spent: P2TR, witness: [Uint8Array.of(0x50)] }), null, 'a lone item is no annex');
  assert.equal(ruleOf({ spent: P2TR, witness: [new Uint8Array(64), Uint8Array.of(0x50, 1, 2)] }), 'witness-annex');
});

test('M06: a tapscript is given items of 80 bytes at most', () => {
  const controlBlock = new Uint8Array(33).fill(0xc1, 0, 1);
  assert.equal(ruleOf({ spent: P2TR, witness: [...items(80, 80, 9_000), controlBlock] }), null);
  assert.equal(ruleOf({ spent: P2TR, witness: [...items(81, 1, 10), controlBlock] }), 'tapscript-item-size');
  assert.equal(ruleOf({ spent: P2TR, witness: [...items(1, 81, 10), controlBlock] }), 'tapscript-item-size');
  assert.equal(ruleOf({ spent: P2TR, witness: items(10, 0) }), 'witness-control-block');
});

test('M06: a leaf version without a meaning has no limits yet', () => {
  const controlBlock = new Uint8Array(33).fill(0xc2, 0, 1);
  assert.equal(ruleOf({ spent: P2TR, witness: [...items(5_000, 10), controlBlock] }), null);
});
