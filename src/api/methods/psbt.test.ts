import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mineCoins, PAYEE_ADDRESS, PAYER_WIF } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const TXID = '1d1d4e24ed99057e84c3f80fd8fbec79ed9e1acee37da269356ecea000000000';

/** The payer's coins are of this descriptor. */
const PAYER = `wpkh(${PAYER_WIF})`;
/** HASH160 of the payer's key. */
const PAYER_KEY_HASH = '751e76e8199196d454941c45d1b3a323f1433bd6';

test('a coin is paid through a PSBT: made, filled, signed, finished and sent', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  for (const version of [0, 2]) {
    const psbt = await world.call('createpsbt', [coin], { [PAYEE_ADDRESS]: 49.9999 }, 0, true, 2, version);
    assert.deepEqual(await world.call('analyzepsbt', psbt), {
      inputs: [{ has_utxo: false, is_final: false, next: 'updater' }],
      next: 'updater',
    });
    const updated = await world.call('utxoupdatepsbt', psbt);
    const analyzed = await world.call('analyzepsbt', updated);
    assert.deepEqual(analyzed.inputs, [
      { has_utxo: true, is_final: false, next: 'updater', missing: { pubkeys: [PAYER_KEY_HASH] } },
    ]);
    assert.equal(analyzed.fee, 0.0001);
    const described = await world.call('utxoupdatepsbt', psbt, [PAYER]);
    const ready = await world.call('analyzepsbt', described);
    assert.equal(ready.next, 'signer');
    assert.deepEqual(ready.inputs[0].missing, { signatures: [PAYER_KEY_HASH] });
    assert.equal(ready.estimated_vsize, 110);
    assert.equal(ready.estimated_feerate, 0.00090909);
    const open = await world.call('descriptorprocesspsbt', psbt, [PAYER], 'ALL', true, false);
    assert.equal(open.complete, false);
    assert.equal((await world.call('analyzepsbt', open.psbt)).next, 'finalizer');
    const closed = await world.call('finalizepsbt', open.psbt, false);
    assert.equal(closed.complete, true);
    assert.equal((await world.call('analyzepsbt', closed.psbt)).next, 'extractor');
    const { hex } = await world.call('finalizepsbt', open.psbt);
    assert.equal((await world.call('descriptorprocesspsbt', psbt, [PAYER])).hex, hex);
    assert.equal((await world.call('testmempoolaccept', [hex]))[0].allowed, true);
  }
});

test('everything that a PSBT says is shown', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const psbt = await world.call('createpsbt', [coin], { [PAYEE_ADDRESS]: 49 });
  const blank = await world.call('decodepsbt', psbt);
  assert.deepEqual(Object.keys(blank), [
    'global_xpubs',
    'tx_version',
    'fallback_locktime',
    'input_count',
    'output_count',
    'psbt_version',
    'proprietary',
    'unknown',
    'inputs',
    'outputs',
  ]);
  assert.deepEqual(blank.inputs, [{ previous_txid: coin!.txid, previous_vout: 0, sequence: 0xfffffffd }]);
  const { psbt: signed } = await world.call('descriptorprocesspsbt', psbt, [PAYER], 'NONE', true, false);
  const shown = await world.call('decodepsbt', signed);
  assert.equal(shown.fee, 1);
  const [input] = shown.inputs;
  assert.equal(input.sighash, 'NONE');
  assert.equal(input.witness_utxo.amount, 50);
  const key = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
  assert.deepEqual(input.bip32_derivs, [{ pubkey: key, master_fingerprint: '751e76e8', path: 'm' }]);
  assert.deepEqual(Object.keys(input.partial_signatures), [key]);
  const old = await world.call('createpsbt', [coin], { [PAYEE_ADDRESS]: 49 }, 0, true, 2, 0);
  const oldShown = await world.call('decodepsbt', old);
  assert.equal(oldShown.tx.vin[0].txid, coin!.txid);
  assert.equal(oldShown.psbt_version, 0);
  assert.deepEqual(oldShown.inputs, [{}]);
});

test('fields that nobody knows, and those of somebody, are shown as they are', async (t) => {
  const world = await RpcWorld.open(t);
  // Version 2 without inputs and outputs: one proprietary field, one unknown.
  const hex = '70736274ff0102040200000001040100010501' + '0001fb040200000006fc02aabb0501011102770302abcd00';
  const shown = await world.call('decodepsbt', Buffer.from(hex, 'hex').toString('base64'));
  assert.deepEqual(shown.proprietary, [{ identifier: 'aabb', subtype: 5, key: 'fc02aabb0501', value: '11' }]);
  assert.deepEqual(shown.unknown, { 7703: 'abcd' });
});

test('PSBTs of several are joined in an order of chance, and of one transaction combined', async (t) => {
  const world = await RpcWorld.open(t);
  const [a, b] = await mineCoins(world, 2);
  const make = (coin: unknown, version: number) =>
    world.call('createpsbt', [coin], { [PAYEE_ADDRESS]: 1 }, 0, true, 2, version);
  const joined = await world.call('joinpsbts', [await make(a, 0), await make(b, 0)]);
  const { tx } = await world.call('decodepsbt', joined);
  assert.deepEqual(new Set(tx.vin.map(({ txid }: { txid: string }) => txid)), new Set([a!.txid, b!.txid]));
  const psbt = await make(a, 2);
  const { psbt: signed } = await world.call('descriptorprocesspsbt', psbt, [PAYER], null, true, false);
  assert.equal(await world.call('combinepsbt', [psbt, signed]), signed);
  const cases: readonly (readonly [method: string, psbts: readonly string[], error: string])[] = [
    ['joinpsbts', [psbt], '-8 At least two PSBTs are required to join PSBTs.'],
    ['joinpsbts', [psbt, psbt], '-8 joinpsbts only operates on version 0 PSBTs'],
    ['joinpsbts', [await make(a, 0), await make(a, 0)], `-8 Input ${a!.txid}:0 exists in multiple PSBTs`],
    ['combinepsbt', [], "-8 Parameter 'txs' cannot be empty"],
    ['combinepsbt', [psbt, await make(b, 2)], '-8 PSBTs not compatible (different transactions)'],
  ];
  for (const [method, psbts, error] of cases) assert.equal(await world.refusal(method, psbts), error);
});

test('what is no PSBT is refused in the words of Core', async (t) => {
  const world = await RpcWorld.open(t);
  for (const method of ['decodepsbt', 'analyzepsbt', 'finalizepsbt', 'utxoupdatepsbt']) {
    assert.equal(await world.refusal(method, ';definitely not base64;'), '-22 TX decode failed invalid base64');
    assert.equal(await world.refusal(method, 'AAAAAAAA'), '-22 TX decode failed Invalid PSBT magic bytes');
  }
  assert.equal(await world.refusal('createpsbt', [], {}, 0, true, 2, 1), '-8 The PSBT version can only be 2 or 0');
  const psbt = await world.call('createpsbt', [{ txid: TXID, vout: 0 }], {});
  assert.equal(
    await world.refusal('descriptorprocesspsbt', psbt, [PAYER], 'EVERYTHING'),
    "-8 'EVERYTHING' is not a valid sighash parameter.",
  );
});

test('a transaction becomes a PSBT, with its signatures left out if the caller says so', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const raw = await world.call('createrawtransaction', [coin], { [PAYEE_ADDRESS]: 1 });
  const psbt = await world.call('createpsbt', [coin], { [PAYEE_ADDRESS]: 1 });
  assert.equal(await world.call('converttopsbt', raw), psbt);
  const { hex } = await world.call('signrawtransactionwithkey', raw, [PAYER_WIF]);
  assert.equal(await world.refusal('converttopsbt', hex), '-22 Inputs must not have scriptSigs and scriptWitnesses');
  assert.equal(await world.call('converttopsbt', hex, true), psbt);
  assert.equal(await world.refusal('converttopsbt', 'ff'), '-22 TX decode failed');
});

test('another hash type than the PSBT asks for is an error', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const psbt = await world.call('createpsbt', [coin], { [PAYEE_ADDRESS]: 1 });
  const { psbt: signed } = await world.call('descriptorprocesspsbt', psbt, [PAYER], 'SINGLE', true, false);
  assert.equal(
    await world.refusal('descriptorprocesspsbt', signed, [PAYER], 'ALL'),
    '-22 Specified sighash value does not match value stored in PSBT',
  );
});

test('PSBTs that can be no transaction are said to be so', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const tooMuch = await world.call('createpsbt', [coin], [{ [PAYEE_ADDRESS]: 20_999_999 }, { data: '00' }]);
  assert.equal((await world.call('analyzepsbt', tooMuch)).error, undefined);
  // A witness UTXO of OP_RETURN, and one of more than all money.
  const globals = '70736274ff01020402000000010401010105010' + '001fb040200000000';
  const place = `010e20${'11'.repeat(32)}010f0400000000`;
  const cases: readonly (readonly [utxo: string, error: string])[] = [
    ['01010a0100000000000000016a', 'PSBT is not valid. Input 0 spends unspendable output'],
    ['01010a0140075af07507000151', 'PSBT is not valid. Input 0 has invalid value'],
  ];
  for (const [utxo, error] of cases) {
    const text = Buffer.from(`${globals}${utxo}${place}00`, 'hex').toString('base64');
    assert.deepEqual(await world.call('analyzepsbt', text), { next: 'creator', error });
  }
});
