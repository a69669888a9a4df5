import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAvailable } from '../../../test/model/coin-pool.ts';
import { makeEnvironment, PAYEES } from '../../../test/model/spend-world.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { SIGHASH } from '../../kernel/script/sighash-type.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import type { Descriptor } from '../descriptor/descriptor.ts';
import { DescriptorExpander } from '../descriptor/expand.ts';
import { measureDescriptorInput } from '../descriptor/input-size.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { parseDescriptor } from '../descriptor/parse.ts';
import { signTransaction } from '../sign-transaction.ts';
import { createTransaction } from './build.ts';
import { DEFAULT_COIN_CONTROL } from './coin-control.ts';

const { prefixes } = createRegtestParams();
/** The secrets 1, 2 and 3 of the test network. */
const [A, B, C] = [
  'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA',
  'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87K7XCyj5v',
  'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87KcLPVfXz',
];
const TEXTS = [
  `pk(${A})`,
  `pkh(${A})`,
  `wpkh(${A})`,
  `sh(wpkh(${A}))`,
  `tr(${A})`,
  `sh(multi(2,${A},${B},${C}))`,
  `wsh(multi(2,${A},${B},${C}))`,
  `sh(wsh(sortedmulti(1,${A},${B})))`,
  `multi(3,${A},${B},${C})`,
];

/** What can be spent: the script of each descriptor, with all keys in one ring. */
function openWallet() {
  const ring = new KeyRing();
  const byScript = new Map<string, Descriptor>();
  const scripts = TEXTS.map((text) => {
    const parsed = parseDescriptor(text, { prefixes, secp, ring });
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
    const script = new DescriptorExpander(ring, secp).expand(parsed.value[0]!, 0)![0]!;
    byScript.set(toHex(script), parsed.value[0]!);
    return script;
  });
  return { ring, byScript, scripts };
}

test('signed transactions are as large as was said at most, and nearly so', () => {
  const { ring, byScript, scripts } = openWallet();
  const measureInput = (script: Uint8Array) => {
    const descriptor = byScript.get(toHex(script));
    return descriptor === undefined ? null : measureDescriptorInput(descriptor, script, true);
  };
  const sets = [...scripts.map((script) => [script]), scripts, [scripts[1]!, scripts[2]!, scripts[4]!]];
  for (const set of sets) {
    const coins = set.map((scriptPubKey) => makeAvailable(COIN, { scriptPubKey }));
    const recipients = [{ scriptPubKey: PAYEES.p2tr, valueSat: COIN * (set.length - 0.5), subtractsFee: false }];
    const built = runAllSteps(
      createTransaction(recipients, DEFAULT_COIN_CONTROL, makeEnvironment(coins, { measureInput })),
    );
    assert.ok(built.ok, built.ok ? '' : built.error.message);
    const { transaction, spentOutputs, weightMaxWu, feeSat, vsizeMax } = built.value;
    const steps = signTransaction(transaction, spentOutputs, { ring, hashType: SIGHASH.DEFAULT, secp });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    assert.equal(step.value.faults.size, 0);
    const signed = step.value.transaction;
    assert.ok(signed.weightWu <= weightMaxWu);
    // a signature may be a byte or two shorter, a taproot one has no hash type
    assert.ok(weightMaxWu - signed.weightWu <= 4 * 4 * set.length + 4);
    assert.equal(feeSat, 10 * vsizeMax);
  }
});
