import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, pay, spend } from '../../../test/model/block-builder.ts';
import { p2pkh, p2sh, p2wpkh, packCoins, payment, program } from '../../../test/model/loose-transaction.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { encodePush } from '../script/script.ts';
import { createMultisig, createP2pk } from '../script/script-builder.ts';
import { concatBytes } from '../util/bytes.ts';
import type { PolicyReject } from './policy-reject.ts';
import { checkStandardInputs } from './standard-inputs.ts';

const EMPTY = new Uint8Array(0);

/** One input with the given scriptSig per spent script. */
function spending(scriptSigs: readonly Uint8Array[]): Transaction {
  const inputs = scriptSigs.map((scriptSig, index) => spend({ txid: fakeTxid(1), index }, { scriptSig }));
  return payment({ inputs, outputs: [pay(1_000, p2wpkh())] });
}

function check(pairs: readonly (readonly [spent: Uint8Array, scriptSig: Uint8Array])[]): PolicyReject | null {
  return checkStandardInputs(spending(pairs.map((pair) => pair[1])), packCoins(...pairs.map((pair) => pair[0])), 0);
}

function reject(rule: string, debug: string, rest: object): object {
  return { kind: 'inputs-not-standard', reason: 'bad-txns-nonstandard-inputs', rule, debug, ...rest };
}

const KEY = new Uint8Array(33).fill(2);

/** A script with `count` OP_CHECKSIGs and nothing else. */
function checksigs(count: number): Uint8Array {
  return new Uint8Array(count).fill(0xac);
}

test('M06: coins of every known template may be spent', () => {
  const spent = [createP2pk(KEY), p2pkh(), p2wpkh(), program(0, 32), program(1, 32), createMultisig(1, [KEY])];
  assert.equal(check([...spent, program(1, 2, [0x4e, 0x73])].map((script) => [script, EMPTY])), null);
  assert.equal(check([[p2sh(), encodePush(checksigs(15))]]), null);
});

test('M06: a coin of no known template may not be spent', () => {
  assert.deepEqual(
    check([
      [p2pkh(), EMPTY],
      [Uint8Array.of(0x51), EMPTY],
    ]),
    reject('standard-spent-script', 'input 1 script unknown', { inputIndex: 1 }),
  );
  assert.equal(check([[program(0, 31), EMPTY]])?.rule, 'standard-spent-script');
});

test('M06: a coin locked by a witness program without a meaning may not be spent', () => {
  const expected = reject('standard-spent-program', 'input 0 witness program is undefined', { inputIndex: 0 });
  assert.deepEqual(check([[program(2, 32), EMPTY]]), expected);
  assert.deepEqual(check([[program(1, 31), EMPTY]]), expected);
});

test('M06: a script hash is spent by showing a script that can be read', () => {
  assert.deepEqual(
    check([[p2sh(), EMPTY]]),
    reject('p2sh-redeem-script', 'input 0 P2SH redeemscript missing', { inputIndex: 0 }),
  );
  const long = encodePush(new Uint8Array(521));
  assert.deepEqual(
    check([[p2sh(), long]]),
    reject('p2sh-pushes', 'p2sh scriptsig malformed (input 0: Push value size limit exceeded)', { inputIndex: 0 }),
  );
  assert.deepEqual(
    check([[p2sh(), Uint8Array.of(0x50)]]),
    reject('p2sh-pushes', 'p2sh scriptsig malformed (input 0: Opcode missing or not understood)', { inputIndex: 0 }),
  );
  assert.deepEqual(
    check([[p2sh(), new Uint8Array(1_001)]]),
    reject('p2sh-pushes', 'p2sh scriptsig malformed (input 0: Stack size limit exceeded)', { inputIndex: 0 }),
  );
  assert.equal(check([[p2sh(), new Uint8Array(1_000)]]), null);
});

test('M06: a redeemScript has 15 signature operations at most', () => {
  assert.deepEqual(
    check([[p2sh(), encodePush(checksigs(16))]]),
    reject('p2sh-sigops', 'p2sh redeemscript sigops exceed limit (input 0: 16 > 15)', {
      actual: 16,
      expected: 15,
      inputIndex: 0,
    }),
  );
  const multisig = (required: number): Uint8Array => Uint8Array.of(0x50 + required, 0xae);
  assert.equal(check([[p2sh(), encodePush(multisig(15))]]), null);
  assert.equal(check([[p2sh(), encodePush(multisig(16))]])?.rule, 'p2sh-sigops');
});

test('M06: inputs run 2,500 signature operations outside the witness, 2,501 are too many (BIP54)', () => {
  // 166 inputs of 15 operations each are 2,490; ten more of one each are 2,500
  const script15 = encodePush(checksigs(15));
  const fifteens = Array.from({ length: 166 }, (): readonly [Uint8Array, Uint8Array] => [p2sh(), script15]);
  const ones = Array.from({ length: 11 }, (): readonly [Uint8Array, Uint8Array] => [p2pkh(), EMPTY]);
  assert.equal(check([...fifteens, ...ones.slice(0, 10)]), null);
  assert.deepEqual(
    check([...fifteens, ...ones]),
    reject('standard-legacy-sigops', 'non-witness sigops exceed bip54 limit', {
      actual: 2_501,
      expected: 2_500,
      inputIndex: 176,
    }),
  );
});

test('M06: operations count where they run: scriptSigs and spent scripts, but neither outputs nor witnesses', () => {
  const bare = createMultisig(1, [KEY, KEY, KEY]);
  const many = (count: number, spent: Uint8Array, scriptSig: Uint8Array): PolicyReject | null =>
    check(Array.from({ length: count }, () => [spent, scriptSig] as const));
  // a bare 1-of-3 counts three: 834 of them are 2,502
  assert.equal(many(833, bare, EMPTY), null);
  assert.equal(many(834, bare, EMPTY)?.rule, 'standard-legacy-sigops');
  assert.equal(many(2_501, p2wpkh(), EMPTY), null);
  assert.equal(many(2_500, p2pkh(), EMPTY), null);
  assert.equal(many(2_501, p2pkh(), EMPTY)?.rule, 'standard-legacy-sigops');
});

test('M06: too many operations are told before an unknown script', () => {
  const pairs = Array.from({ length: 2_501 }, (): readonly [Uint8Array, Uint8Array] => [p2pkh(), EMPTY]);
  assert.equal(check([[Uint8Array.of(0x51), EMPTY], ...pairs])?.rule, 'standard-legacy-sigops');
});

test('the coins of a transaction may begin anywhere in the list', () => {
  const coins = packCoins(Uint8Array.of(0x51), p2pkh(), p2sh());
  const tx = spending([EMPTY, concatBytes(encodePush(Uint8Array.of(0x51)))]);
  assert.equal(checkStandardInputs(tx, coins, 1), null);
  assert.equal(checkStandardInputs(tx, coins, 0)?.inputIndex, 0);
});
