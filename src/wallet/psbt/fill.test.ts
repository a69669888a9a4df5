import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { asTxid } from '../../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { runAllSteps } from '../../kernel/util/steps.ts';
import { DescriptorExpander } from '../descriptor/expand.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { parseDescriptor } from '../descriptor/parse.ts';
import { combinePsbts } from './combine.ts';
import { createPsbt } from './create.ts';
import { decodePsbt } from './decode.ts';
import { createDescriptorKeys } from './descriptor-keys.ts';
import { encodePsbt } from './encode.ts';
import { addPreviousTransactions, type FilledPsbt, type FillOptions, fillPsbt, isPsbtComplete } from './fill.ts';
import { finalizePsbt } from './finalize.ts';
import type { Psbt } from './psbt.ts';

const { prefixes } = createRegtestParams();

/** The secrets 1 and 2 as they are exported on test networks, and their public keys. */
const WIF_1 = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA';
const WIF_2 = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87K7XCyj5v';
const KEY_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEY_2 = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';
/** Of the secret 3. */
const KEY_3 = '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9';
/** The root of Core's functional tests. */
const TPRV =
  'tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK';

const OPTIONS: FillOptions = { signs: true, hashType: null, finalizes: true, showsOrigins: true };

/** A descriptor at position 3, with the keys that its text holds. */
function expand(text: string) {
  const ring = new KeyRing();
  const parsed = parseDescriptor(text, { prefixes, secp, ring }, { requiresChecksum: false });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  const [script] = new DescriptorExpander(ring, secp).expand(parsed.value[0]!, 3)!;
  return { script: script!, keys: createDescriptorKeys([{ descriptors: parsed.value, ring }], secp) };
}

function payTo(script: Uint8Array): Transaction {
  return buildTransaction({
    version: 2,
    inputs: [{ prevout: { txid: asTxid(new Uint8Array(32).fill(7)), index: 1 }, scriptSig: EMPTY_BYTES, sequence: 0 }],
    outputs: [{ valueSat: 100_000, scriptPubKey: script }],
    locktime: 0,
  });
}

/** A PSBT that spends an output of the script to itself, with the whole transaction before it. */
function spendFrom(script: Uint8Array, version: 0 | 2 = 2): Psbt {
  const previous = payTo(script);
  const inputs = [{ prevout: { txid: previous.txid, index: 0 }, scriptSig: EMPTY_BYTES, sequence: 0xfffffffd }];
  const outputs = [{ valueSat: 90_000, scriptPubKey: script }];
  const psbt = createPsbt(buildTransaction({ version: 2, inputs, outputs, locktime: 0 }), version);
  return addPreviousTransactions(psbt, () => previous);
}

function fill(psbt: Psbt, text: string, options: Partial<FillOptions> = {}): FilledPsbt {
  const filled = runAllSteps(fillPsbt(psbt, expand(text).keys, { ...OPTIONS, ...options }, secp));
  assert.ok(filled.ok, filled.ok ? '' : filled.error);
  return filled.value;
}

function faultOf(psbt: Psbt, text: string, options: Partial<FillOptions>): string | null {
  const filled = runAllSteps(fillPsbt(psbt, expand(text).keys, { ...OPTIONS, ...options }, secp));
  return filled.ok ? null : filled.error;
}

/** The PSBT as the next one gets it. */
function send(psbt: Psbt): Psbt {
  const decoded = decodePsbt(encodePsbt(psbt), secp);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.error);
  return decoded.value;
}

test('one signer completes every kind of output that one key spends', () => {
  const texts = [
    `pk(${WIF_1})`,
    `pkh(${WIF_1})`,
    `wpkh(${WIF_1})`,
    `sh(wpkh(${WIF_1}))`,
    `wsh(pk(${WIF_1}))`,
    `sh(wsh(pkh(${WIF_1})))`,
    `multi(1,${KEY_2},${WIF_1})`,
    `tr(${WIF_1})`,
    `tr(${WIF_1},pk(${KEY_2}))`,
    `tr(${KEY_2},pk(${WIF_1}))`,
    `tr(${KEY_2},{pk(${KEY_3}),multi_a(1,${KEY_3},${WIF_1})})`,
    `rawtr(${WIF_1})`,
    `wpkh(${TPRV}/84h/0h/0h/0/*)`,
    `tr(${TPRV}/86h/0h/0h/1/*h)`,
    `wpkh([d34db33f/84h]${TPRV}/1/*)`,
  ];
  for (const text of texts) {
    for (const version of [0, 2] as const) {
      const { psbt, isComplete, signedCount } = fill(spendFrom(expand(text).script, version), text);
      assert.ok(isComplete, text);
      assert.equal(signedCount, 1);
      assert.ok(isPsbtComplete(send(psbt), secp), text);
      assert.notEqual(runAllSteps(finalizePsbt(send(psbt), secp)).transaction, null, text);
    }
  }
});

test('two signers come together in a PSBT, in either order, and one of them alone is not enough', () => {
  const kinds: readonly ((a: string, b: string) => string)[] = [
    (a, b) => `sh(multi(2,${a},${b}))`,
    (a, b) => `wsh(multi(2,${a},${b},${KEY_3}))`,
    (a, b) => `sh(wsh(sortedmulti(2,${a},${b})))`,
    (a, b) => `tr(${KEY_3},multi_a(2,${a},${KEY_3},${b}))`,
    (a, b) => `tr(${KEY_3},{pk(${KEY_3}),sortedmulti_a(2,${a},${b})})`,
  ];
  for (const kind of kinds) {
    const { script } = expand(kind(KEY_1, KEY_2));
    const blank = send(spendFrom(script));
    const first = fill(blank, kind(WIF_1, KEY_2));
    const second = fill(blank, kind(KEY_1, WIF_2));
    assert.ok(!first.isComplete && !second.isComplete);
    assert.equal(runAllSteps(finalizePsbt(send(first.psbt), secp)).transaction, null);
    const one = combinePsbts([send(first.psbt), send(second.psbt)])!;
    const other = combinePsbts([second.psbt, first.psbt])!;
    assert.equal(toHex(encodePsbt(one)), toHex(encodePsbt(other)));
    const { transaction, psbt } = runAllSteps(finalizePsbt(one, secp));
    assert.notEqual(transaction, null, kind('A', 'B'));
    assert.equal(psbt.inputs[0]!.partialSignatures.size, 0);
    // The second signer may as well go on where the first has stopped.
    assert.ok(fill(send(first.psbt), kind(KEY_1, WIF_2)).isComplete);
  }
});

test('without private keys, scripts and origins are filled in, and outputs are described', () => {
  const text = `sh(wsh(multi(1,[d34db33f/1h]${TPRV}/0/*,${KEY_2})))`;
  const blank = spendFrom(expand(text).script);
  const { psbt, isComplete, signedCount } = fill(blank, text, { signs: false });
  assert.ok(!isComplete);
  assert.equal(signedCount, 1);
  const [input] = psbt.inputs;
  const [output] = psbt.outputs;
  for (const one of [input!, output!]) {
    assert.equal(toHex(one.redeemScript!.subarray(0, 2)), '0020');
    assert.equal(one.witnessScript!.at(-1), 0xae);
    const [derivation] = [...one.derivations.values()].filter(({ origin }) => origin.path.length > 0);
    assert.equal(toHex(derivation!.origin.fingerprint), 'd34db33f');
    assert.deepEqual(derivation!.origin.path, [0x80000001, 0, 3]);
  }
  assert.equal(input!.witnessUtxo!.valueSat, 100_000);
  const silent = fill(blank, text, { signs: false, showsOrigins: false }).psbt;
  assert.equal(silent.inputs[0]!.derivations.size, 0);
});

test('trees are described with their leaves, their hashes and where keys come from', () => {
  const text = `tr(${KEY_3},{pk(${TPRV}/0/*),pk(${KEY_2})})`;
  const { psbt } = fill(spendFrom(expand(text).script), text, { signs: false });
  const [input] = psbt.inputs;
  assert.equal(toHex(input!.tapInternalKey!), KEY_3.slice(2));
  assert.equal(input!.tapLeafScripts.size, 2);
  assert.notEqual(input!.tapMerkleRoot, null);
  // The internal key stands in no leaf, the others in one each.
  const leafCounts = [...input!.tapDerivations.values()].map(({ leafHashes }) => leafHashes.length);
  assert.deepEqual(leafCounts.sort(), [0, 1, 1]);
  const [output] = psbt.outputs;
  assert.deepEqual(
    output!.tapTree.map(({ depth, leafVersion }) => [depth, leafVersion]),
    [
      [1, 0xc0],
      [1, 0xc0],
    ],
  );
  // All inputs are taproot: the whole transaction is not needed.
  assert.equal(input!.nonWitnessUtxo, null);
});

test('without the whole transaction, only signatures that commit to the value are made', () => {
  for (const [text, isSigned] of [
    [`pkh(${WIF_1})`, false],
    [`sh(multi(1,${WIF_1},${KEY_2}))`, false],
    [`wpkh(${WIF_1})`, true],
    [`tr(${WIF_1})`, true],
  ] as const) {
    const { script } = expand(text);
    const whole = spendFrom(script);
    const witnessUtxo = { valueSat: 100_000, scriptPubKey: script };
    const inputs = [{ ...whole.inputs[0]!, nonWitnessUtxo: null, witnessUtxo }];
    const { psbt, isComplete } = fill({ ...whole, inputs }, text);
    assert.equal(isComplete, isSigned, text);
    assert.equal(psbt.inputs[0]!.partialSignatures.size, 0, text);
  }
});

test('another hash type than the PSBT asks for is refused, and so is one beside signatures of another', () => {
  const text = `wpkh(${WIF_1})`;
  const blank = spendFrom(expand(text).script);
  const none = { ...blank, inputs: [{ ...blank.inputs[0]!, sighashType: 2 }] };
  assert.equal(faultOf(none, text, {}), 'sighash-mismatch');
  assert.equal(faultOf(none, text, { hashType: 1 }), 'sighash-mismatch');
  assert.equal(faultOf(none, text, { hashType: 2 }), null);
  const signed = fill(blank, text, { hashType: 3, finalizes: false }).psbt;
  assert.equal(signed.inputs[0]!.sighashType, 3);
  const forgotten = { ...signed, inputs: [{ ...signed.inputs[0]!, sighashType: null }] };
  assert.equal(faultOf(forgotten, text, {}), 'sighash-mismatch');
  // DEFAULT is what taproot calls ALL, and is written down nowhere.
  assert.equal(fill(blank, text, { hashType: 0, finalizes: false }).psbt.inputs[0]!.sighashType, null);
  const tree = `tr(${WIF_1})`;
  const all = fill(spendFrom(expand(tree).script), tree, { hashType: 1, finalizes: false }).psbt;
  assert.equal(all.inputs[0]!.sighashType, 1);
  assert.equal(all.inputs[0]!.tapKeySignature!.length, 65);
  assert.equal(faultOf(all, tree, {}), 'sighash-mismatch');
});

test('C17: SIGHASH_SINGLE without an output of the same index is not signed', () => {
  const text = `pkh(${WIF_1})`;
  const blank = { ...spendFrom(expand(text).script), outputs: [] };
  const { psbt } = fill(blank, text, { hashType: 3 });
  assert.equal(psbt.inputs[0]!.partialSignatures.size, 0);
  assert.equal(psbt.inputs[0]!.finalScriptSig, null);
});

test('final scripts that are no good are not complete', () => {
  const text = `wpkh(${WIF_1})`;
  const { psbt } = fill(spendFrom(expand(text).script), text);
  assert.ok(isPsbtComplete(psbt, secp));
  const outputs = [{ ...psbt.outputs[0]!, valueSat: 80_000 }];
  assert.ok(!isPsbtComplete({ ...psbt, outputs }, secp));
});

test('inputs whose locktimes do not go together are signed by nobody', () => {
  const text = `wpkh(${WIF_1})`;
  const [input] = spendFrom(expand(text).script).inputs;
  const inputs = [
    { ...input!, timeLocktime: 500_000_000 },
    { ...input!, heightLocktime: 7 },
  ];
  const psbt = { ...spendFrom(expand(text).script), inputs };
  assert.equal(faultOf(psbt, text, {}), 'invalid-tx');
  assert.ok(!isPsbtComplete(psbt, secp));
  assert.equal(runAllSteps(finalizePsbt(psbt, secp)).transaction, null);
});

test('outputs that nobody has to sign for are complete as they are', () => {
  const psbt = spendFrom(fromHex('51'));
  assert.ok(isPsbtComplete(psbt, secp));
  const { transaction } = runAllSteps(finalizePsbt(psbt, secp));
  assert.equal(transaction!.scriptSig(0).length, 0);
});
