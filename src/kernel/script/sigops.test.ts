// Counting signature operations, row C22 as far as single scripts go.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asTxid } from '../primitives/hashes.ts';
import { buildTransaction, type Transaction } from '../primitives/transaction.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
import { encodePush } from './script.ts';
import { countP2shSigops, countSigops, countWitnessSigops } from './sigops.ts';

function count(script: Uint8Array | string, accurate: boolean): number {
  const inner = typeof script === 'string' ? fromHex(script) : script;
  const bytes = concatBytes(Uint8Array.of(0xac), inner, Uint8Array.of(0xae));
  return countSigops(bytes, 1, 1 + inner.length, accurate);
}

describe('C22: signature operations of a script', () => {
  test('OP_CHECKSIG and OP_CHECKSIGVERIFY count one, OP_CHECKSIGADD none', () => {
    assert.equal(count('', true), 0);
    assert.equal(count('acadac', false), 3);
    assert.equal(count('baba', true), 0);
  });

  test('OP_CHECKMULTISIG counts twenty, or when accurate the number right before it', () => {
    assert.equal(count('52ae', false), 20);
    assert.equal(count('52ae', true), 2);
    assert.equal(count('60af', true), 16);
    assert.equal(count('ae', true), 20);
    assert.equal(count('00ae', true), 20);
    assert.equal(count('4fae', true), 20);
    assert.equal(count('0102ae', true), 20);
    assert.equal(count('5261ae', true), 20);
    assert.equal(count('51ae53af', true), 4);
  });

  test('bytes inside pushes are no operations', () => {
    assert.equal(count('03acacac', true), 0);
    assert.equal(count('4c02aeae51', true), 0);
  });

  test('counting stops at a push that runs past the end', () => {
    assert.equal(count('acac4c', true), 2);
    assert.equal(count('ac05acacac', true), 1);
    assert.equal(count('ac4dacacac', true), 1);
    assert.equal(count('ac4effffffffacac', true), 1);
  });

  test('operations after a push of more than 520 bytes still count', () => {
    const script = concatBytes(fromHex('ac'), encodePush(new Uint8Array(521).fill(0xac)), fromHex('acae'));
    assert.equal(count(script, false), 22);
  });

  test('operations after OP_RETURN and in branches never taken count', () => {
    assert.equal(count('6aac', true), 1);
    assert.equal(count('0063ac68', true), 1);
  });
});

function spend(scriptSig: Uint8Array, witness: readonly Uint8Array[] = []): Transaction {
  const prevout = { txid: asTxid(new Uint8Array(32).fill(1)), index: 0 };
  const first = { prevout, scriptSig: fromHex('ac'), sequence: 0, witness: [fromHex('acac')] };
  return buildTransaction({
    version: 1,
    inputs: [first, { prevout, scriptSig, sequence: 0, witness }],
    outputs: [],
    locktime: 0,
  });
}

const p2sh = fromHex(`a914${'00'.repeat(20)}87`);
const p2wpkh = fromHex(`0014${'00'.repeat(20)}`);
const p2wsh = fromHex(`0020${'00'.repeat(32)}`);

describe('C22: signature operations behind P2SH', () => {
  const p2shCount = (scriptSig: string): number => countP2shSigops(spend(fromHex(scriptSig)), 1, p2sh, 0, 23);

  test('the last push of the scriptSig is counted accurately', () => {
    assert.equal(p2shCount('03acacac'), 3);
    assert.equal(p2shCount('0003acacac0252ae'), 2);
    assert.equal(p2shCount('4c0252ae'), 2);
    assert.equal(p2shCount('01ae'), 20);
  });

  test('a scriptSig that does more than push, is cut short or empty counts none', () => {
    assert.equal(p2shCount('6102acac'), 0);
    assert.equal(p2shCount('02acac61'), 0);
    assert.equal(p2shCount('02acac4c'), 0);
    assert.equal(p2shCount('02acac51'), 0);
    assert.equal(p2shCount(''), 0);
  });

  test('an output that is not P2SH counts none', () => {
    assert.equal(countP2shSigops(spend(fromHex('02acac')), 1, p2wsh, 0, 34), 0);
  });
});

describe('C22: signature operations behind witness programs', () => {
  const witnessCount = (scriptPubKey: Uint8Array, scriptSig: string, ...witness: string[]): number => {
    const bytes = concatBytes(Uint8Array.of(0x51), scriptPubKey, Uint8Array.of(0x51));
    const items = witness.map((hex) => fromHex(hex));
    return countWitnessSigops(spend(fromHex(scriptSig), items), 1, bytes, 1, 1 + scriptPubKey.length);
  };

  test('a key hash counts one, also without a witness', () => {
    assert.equal(witnessCount(p2wpkh, '', 'aa', 'bb'), 1);
    assert.equal(witnessCount(p2wpkh, ''), 1);
  });

  test('a script hash counts the last witness item accurately', () => {
    assert.equal(witnessCount(p2wsh, '', 'acacac', '52ae'), 2);
    assert.equal(witnessCount(p2wsh, '', 'acae'), 21);
    assert.equal(witnessCount(p2wsh, '', 'ac', ''), 0);
    assert.equal(witnessCount(p2wsh, ''), 0);
    assert.equal(witnessCount(p2wsh, '', ...new Array(300).fill('acac'), `4c${'ff'}${'ac'.repeat(255)}ac`), 1);
  });

  test('programs inside P2SH count when the scriptSig only pushes', () => {
    assert.equal(witnessCount(p2sh, `16${'0014'}${'00'.repeat(20)}`), 1);
    assert.equal(witnessCount(p2sh, `22${'0020'}${'00'.repeat(32)}`, 'acacac'), 3);
    assert.equal(witnessCount(p2sh, `6122${'0020'}${'00'.repeat(32)}`, 'acacac'), 0);
    assert.equal(witnessCount(p2sh, '02acac', 'acacac'), 0);
  });

  test('other versions and lengths, taproot among them, count none', () => {
    assert.equal(witnessCount(fromHex(`5120${'00'.repeat(32)}`), '', 'acac'), 0);
    assert.equal(witnessCount(fromHex(`0015${'00'.repeat(21)}`), '', 'acac'), 0);
    assert.equal(witnessCount(fromHex(`76a914${'00'.repeat(20)}88ac`), '', 'acac'), 0);
  });

  test('a transaction without any witness counts none behind a script hash', () => {
    const prevout = { txid: asTxid(new Uint8Array(32)), index: 0 };
    const inputs = [{ prevout, scriptSig: new Uint8Array(0), sequence: 0 }];
    const transaction = buildTransaction({ version: 1, inputs, outputs: [], locktime: 0 });
    assert.equal(countWitnessSigops(transaction, 0, p2wsh, 0, 34), 0);
  });
});
