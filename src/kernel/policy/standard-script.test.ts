import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, spend } from '../../../test/model/block-builder.ts';
import { p2pkh, p2sh, p2wpkh, packCoins, payment, program } from '../../../test/model/loose-transaction.ts';
import { formatHash } from '../primitives/hashes.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { encodePush } from '../script/script.ts';
import { isWitnessStripped, rejectPolicyForScript, spendsNonAnchorWitnessProgram } from './standard-script.ts';

function spending(scriptSig: Uint8Array, witness: readonly Uint8Array[] = []): Transaction {
  return payment({ inputs: [spend({ txid: fakeTxid(1), index: 7 }, { scriptSig, witness })] });
}

const EMPTY: Uint8Array = new Uint8Array(0);

test('a witness program other than an anchor asks for a witness, natively or inside P2SH', () => {
  const spends = (spent: Uint8Array, scriptSig = EMPTY): boolean =>
    spendsNonAnchorWitnessProgram(spending(scriptSig), packCoins(spent), 0);
  const anchor = program(1, 2, [0x4e, 0x73]);
  for (const script of [p2wpkh(), program(0, 32), program(1, 32), program(1, 2), program(16, 40)]) {
    assert.equal(spends(script), true);
    assert.equal(spends(p2sh(), encodePush(script)), true);
  }
  assert.equal(spends(anchor), false);
  assert.equal(spends(p2sh(), encodePush(anchor)), true, 'an anchor is none inside P2SH');
  assert.equal(spends(p2pkh()), false);
  assert.equal(spends(p2sh()), false);
  assert.equal(spends(p2sh(), encodePush(p2pkh())), false);
  assert.equal(spends(p2sh(), Uint8Array.of(0x51)), false);
  assert.equal(spends(p2sh(), encodePush(new Uint8Array(521))), false);
});

test('a transaction that has a witness was not stripped of it', () => {
  assert.equal(isWitnessStripped(spending(EMPTY), packCoins(p2wpkh()), 0), true);
  assert.equal(isWitnessStripped(spending(EMPTY, [EMPTY]), packCoins(p2wpkh()), 0), false);
});

test('a script that fails under the rules of relay is told with the input, both ids and the coin', () => {
  const tx = spending(EMPTY);
  const failure = { txIndex: 0, inputIndex: 0, error: 'SIG_DER' } as const;
  const id = formatHash(tx.txid);
  const expected = {
    kind: 'not-standard',
    reason: 'mempool-script-verify-flag-failed (Non-canonical DER signature)',
    rule: 'standard-script',
    debug: `input 0 of ${id} (wtxid ${id}), spending ${formatHash(fakeTxid(1))}:7`,
    inputIndex: 0,
    scriptError: 'SIG_DER',
  };
  assert.deepEqual(rejectPolicyForScript(tx, packCoins(p2pkh()), 0, failure), expected);
  assert.deepEqual(rejectPolicyForScript(tx, packCoins(p2wpkh()), 0, failure), {
    ...expected,
    kind: 'witness-stripped',
  });
});
