import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHANGE_SCRIPT, makeEnvironment, PAYEES } from '../../../test/model/spend-world.ts';
import type { AddressType } from '../books/available-coin.ts';
import { chooseChangeType, planChange } from './change.ts';
import { DEFAULT_COIN_CONTROL } from './coin-control.ts';

const ALL: ReadonlySet<AddressType> = new Set(['legacy', 'p2sh-segwit', 'bech32', 'bech32m'] as const);

function typeFor(
  payees: readonly (keyof typeof PAYEES)[],
  available: ReadonlySet<AddressType> = ALL,
  changeType: AddressType | null = null,
  addressType: AddressType = 'bech32',
): AddressType {
  const recipients = payees.map((payee) => ({ scriptPubKey: PAYEES[payee] }));
  return chooseChangeType(recipients, { changeType, addressType, available });
}

test('change looks like what is paid', () => {
  assert.equal(typeFor(['p2wpkh']), 'bech32');
  assert.equal(typeFor(['p2pkh']), 'legacy');
  assert.equal(typeFor(['p2sh']), 'p2sh-segwit');
  assert.equal(typeFor(['p2pkh', 'p2sh', 'p2wpkh', 'p2tr']), 'bech32m');
  assert.equal(typeFor([]), 'bech32m');
});

test('a wish, a legacy wallet and what there is decide first', () => {
  assert.equal(typeFor(['p2tr'], ALL, 'legacy'), 'legacy');
  assert.equal(typeFor(['p2tr'], ALL, null, 'legacy'), 'legacy');
  assert.equal(typeFor(['p2tr'], new Set(['bech32'] as const)), 'bech32');
  assert.equal(typeFor(['p2wpkh'], new Set(['p2sh-segwit'] as const), null, 'p2sh-segwit'), 'p2sh-segwit');
});

test('change is worth an output when it is no dust and pays for its own spending', () => {
  const rates = { feeRate: 5_000, discardFeeRate: 3_000 };
  const plan = planChange(DEFAULT_COIN_CONTROL, makeEnvironment([]), rates);
  // 31 bytes at 5 sat/vB; 68 virtual bytes at 3 sat/vB; dust of P2WPKH is 294
  assert.deepEqual(plan, {
    script: CHANGE_SCRIPT,
    outputVsize: 31,
    changeFeeSat: 155,
    costOfChangeSat: 359,
    minViableChangeSat: 294,
  });
  const high = planChange(DEFAULT_COIN_CONTROL, makeEnvironment([]), { feeRate: 5_000, discardFeeRate: 10_000 });
  assert.equal(high.minViableChangeSat, 980);
});

test('change to a stranger is taken for the smallest of usual inputs', () => {
  const script = PAYEES.p2sh;
  const environment = { ...makeEnvironment([]), measureInput: () => null };
  const plan = planChange({ ...DEFAULT_COIN_CONTROL, changeScript: script }, environment, {
    feeRate: 1_000,
    discardFeeRate: 3_000,
  });
  assert.equal(plan.costOfChangeSat, 32 + 3 * 91);
});
