import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, PAYER_WIF, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const TXID = '1d1d4e24ed99057e84c3f80fd8fbec79ed9e1acee37da269356ecea000000000';

test('transactions are made as Core makes them', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(await world.call('createrawtransaction', [], {}), '02000000000000000000');
  const hex = await world.call(
    'createrawtransaction',
    [{ txid: TXID, vout: 1 }],
    [{ [PAYEE_ADDRESS]: 0.5 }, { data: '99' }],
  );
  const shown = await world.call('decoderawtransaction', hex);
  assert.equal(shown.version, 2);
  assert.equal(shown.vin[0].sequence, 0xfffffffd);
  assert.equal(shown.vout[0].value, 0.5);
  assert.equal(shown.vout[1].scriptPubKey.asm, 'OP_RETURN -25');
  const final = await world.call('createrawtransaction', [{ txid: TXID, vout: 1 }], {}, 0, false, 3);
  assert.equal((await world.call('decoderawtransaction', final)).vin[0].sequence, 0xffffffff);
  const locked = await world.call(
    'createrawtransaction',
    [
      { txid: TXID, vout: 1, sequence: 5 },
      { txid: TXID, vout: 2 },
    ],
    {},
    7,
    false,
  );
  const lockedShown = await world.call('decoderawtransaction', locked);
  assert.equal(lockedShown.locktime, 7);
  assert.deepEqual(
    lockedShown.vin.map((one: { sequence: number }) => one.sequence),
    [5, 0xfffffffe],
  );
});

test('inputs and outputs that make no sense are refused in the words of Core', async (t) => {
  const world = await RpcWorld.open(t);
  const input = { txid: TXID, vout: 0 };
  const twice = [{ [PAYEE_ADDRESS]: 1 }, { [PAYEE_ADDRESS]: 2 }];
  const cases: readonly (readonly [params: readonly unknown[], error: string])[] = [
    [[[{ txid: TXID }], {}], '-8 Invalid parameter, missing vout key'],
    [[[{ txid: TXID, vout: -1 }], {}], '-8 Invalid parameter, vout cannot be negative'],
    [[[{ ...input, sequence: -1 }], {}], '-8 Invalid parameter, sequence number is out of range'],
    [[[input], twice], `-8 Invalid parameter, duplicated address: ${PAYEE_ADDRESS}`],
    [[[input], [{ data: '00' }, { data: '01' }]], '-8 Invalid parameter, duplicate key: data'],
    [[[input], [{ a: 1, b: 2 }]], '-8 Invalid parameter, key-value pair must contain exactly one key'],
    [[[input], [1]], '-8 Invalid parameter, key-value pair not an object as expected'],
    [[[input], null], '-8 Invalid parameter, output argument must be non-null'],
    [[[input], { foo: 1 }], '-5 Invalid Bitcoin address: foo'],
    [[[input], { [PAYEE_ADDRESS]: 'foo' }], '-3 Invalid amount'],
    [[[input], { [PAYEE_ADDRESS]: -1 }], '-3 Amount out of range'],
    [[[input], { data: 'foo' }], "-8 Data must be hexadecimal string (not 'foo')"],
    [[[input], {}, -1], '-8 Invalid parameter, locktime out of range'],
    [[[input], {}, 0, true, 4], '-8 Invalid parameter, version out of range(1~3)'],
    [
      [[{ ...input, sequence: 4_294_967_294 }], {}, 0, true],
      '-8 Invalid parameter combination: Sequence number(s) contradict replaceable option',
    ],
  ];
  for (const [params, error] of cases) {
    assert.equal(await world.refusal('createrawtransaction', ...params), error);
  }
});

test('R10: outputs whose keys are written twice are refused in the words of Core, too', async (t) => {
  const world = await RpcWorld.open(t);
  const fault = async (outputs: string): Promise<string> => {
    const { error } = await world.ask(`{"method":"createrawtransaction","params":[[],${outputs}]}`);
    return `${error.code} ${error.message}`;
  };
  const one = `"${PAYEE_ADDRESS}":1`;
  const duplicated = `-8 Invalid parameter, duplicated address: ${PAYEE_ADDRESS}`;
  assert.equal(await fault(`{${one},${one}}`), duplicated);
  assert.equal(await fault(`{${one},${one},"foo":0}`), duplicated);
  assert.equal(await fault(`{${one},"foo":0,${one}}`), '-5 Invalid Bitcoin address: foo');
  assert.equal(await fault('{"data":"aa","data":"bb"}'), '-8 Invalid parameter, duplicate key: data');
  assert.equal(await fault(`[{${one},${one}}]`), '-8 Invalid parameter, key-value pair must contain exactly one key');
  assert.equal(await fault(`[[{${one},${one}}]]`), '-32700 Parse error');
});

test('a transaction is found in the pool and in its block', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', hex);
  assert.equal(await world.call('getrawtransaction', txid), hex);
  const loose = await world.call('getrawtransaction', txid, 1);
  assert.equal(loose.hex, hex);
  assert.equal(loose.blockhash, undefined);
  const [block] = await world.call('generatetodescriptor', 1, 'raw(51)');
  assert.match(await world.refusal('getrawtransaction', txid), /^-5 No such mempool transaction\. Use -txindex or/);
  const mined = await world.call('getrawtransaction', txid, 2, block);
  assert.equal(mined.in_active_chain, true);
  assert.equal(mined.confirmations, 1);
  assert.equal(mined.fee, 0.001);
  assert.equal(mined.vin[0].prevout.value, 50);
  assert.equal(mined.vin[0].prevout.generated, true);
  assert.match(
    await world.refusal('getrawtransaction', TXID, 1, block),
    /^-5 No such transaction found in the provided block/,
  );
  assert.equal(await world.refusal('getrawtransaction', txid, 1, TXID), '-5 Block hash not found');
  const genesis = await world.call('getblock', await world.call('getblockhash', 0));
  assert.match(
    await world.refusal('getrawtransaction', genesis.merkleroot),
    /^-5 The genesis block coinbase is not considered/,
  );
});

test('with an index, a transaction is found without its block', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['transactions'] });
  const [coin] = await mineCoins(world, 1);
  const shown = await world.call('getrawtransaction', coin!.txid, 2);
  assert.equal(shown.in_active_chain, undefined);
  assert.equal(shown.confirmations, 101);
  assert.equal(shown.vout[0].value, 50);
  assert.match(await world.refusal('getrawtransaction', TXID), /^-5 No such mempool or blockchain transaction\./);
});

test('signatures of two people come together', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const otherWif = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87K7XCyj5v';
  const keys = [
    '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5',
  ];
  for (const type of ['legacy', 'p2sh-segwit', 'bech32']) {
    const { address, redeemScript } = await world.call('createmultisig', 2, keys, type);
    const funding = await pay(world, [coin], { [address]: 10, [PAYER_ADDRESS]: 39.9 });
    const script = (await world.call('decoderawtransaction', funding.hex)).vout[0].scriptPubKey.hex;
    const raw = await world.call('createrawtransaction', [{ txid: funding.txid, vout: 0 }], { [PAYEE_ADDRESS]: 9.9 });
    const previous = [{ txid: funding.txid, vout: 0, scriptPubKey: script, redeemScript, amount: 10 }];
    const first = await world.call('signrawtransactionwithkey', raw, [PAYER_WIF], previous);
    const second = await world.call('signrawtransactionwithkey', raw, [otherWif], previous);
    assert.equal(first.complete, false);
    assert.equal(first.errors.length, 1);
    const whole = await world.call('signrawtransactionwithkey', first.hex, [otherWif], previous);
    assert.equal(whole.complete, true);
    const tried = await world.call('testmempoolaccept', [funding.hex, whole.hex], 0);
    assert.equal(tried[1].allowed, true, type);
    // Without what it spends being known, nothing can be combined.
    assert.equal(
      await world.refusal('combinerawtransaction', [first.hex, second.hex]),
      '-25 Input not found or already spent',
    );
    if (type !== 'bech32') continue;
    await world.call('sendrawtransaction', funding.hex, 0);
    assert.equal(await world.call('combinerawtransaction', [first.hex, second.hex]), whole.hex);
  }
});

test('what is missing of a signature is told', async (t) => {
  const world = await RpcWorld.open(t);
  const raw = await world.call('createrawtransaction', [{ txid: TXID, vout: 0 }], { [PAYEE_ADDRESS]: 1 });
  const unknown = await world.call('signrawtransactionwithkey', raw, [PAYER_WIF]);
  assert.equal(unknown.complete, false);
  assert.equal(unknown.errors[0].error, 'Input not found or already spent');
  const witness = { txid: TXID, vout: 0, scriptPubKey: '0014751e76e8199196d454941c45d1b3a323f1433bd6' };
  assert.equal(
    await world.refusal('signrawtransactionwithkey', raw, [PAYER_WIF], [witness]),
    '-3 Missing amount for CTxOut(nValue=21000000.00000000, scriptPubKey=0014751e76e8199196d454941c45d1)',
  );
  const foreign = { txid: TXID, vout: 0, scriptPubKey: `76a914${'11'.repeat(20)}88ac`, amount: 1 };
  const signed = await world.call('signrawtransactionwithkey', raw, [PAYER_WIF], [foreign]);
  assert.equal(signed.errors[0].error, 'Unable to sign input, invalid stack size (possibly missing key)');
  const hashed = { txid: TXID, vout: 0, scriptPubKey: `a914${'11'.repeat(20)}87`, amount: 1 };
  assert.equal(
    await world.refusal('signrawtransactionwithkey', raw, [PAYER_WIF], [hashed]),
    '-8 Missing redeemScript/witnessScript',
  );
  assert.equal(
    await world.refusal('signrawtransactionwithkey', raw, [PAYER_WIF], [{ ...hashed, redeemScript: '51' }]),
    '-8 redeemScript/witnessScript does not match scriptPubKey',
  );
  assert.equal(await world.refusal('signrawtransactionwithkey', raw, ['x']), '-5 Invalid private key');
  assert.equal(
    await world.refusal('signrawtransactionwithkey', raw, [PAYER_WIF], [], 'EVERYTHING'),
    "-8 'EVERYTHING' is not a valid sighash parameter.",
  );
});

test('a taproot output is signed for by its key', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const key = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
  const { descriptor } = await world.call('getdescriptorinfo', `rawtr(${key})`);
  const [address] = await world.call('deriveaddresses', descriptor);
  const funding = await pay(world, [coin], { [address]: 49.999 });
  await world.call('sendrawtransaction', funding.hex);
  for (const type of ['DEFAULT', 'ALL', 'SINGLE|ANYONECANPAY']) {
    const raw = await world.call('createrawtransaction', [{ txid: funding.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.99 });
    const signed = await world.call('signrawtransactionwithkey', raw, [PAYER_WIF], [], type);
    assert.equal(signed.complete, true);
    const [witness] = (await world.call('decoderawtransaction', signed.hex)).vin[0].txinwitness;
    assert.equal(witness.length, type === 'DEFAULT' ? 128 : 130);
    assert.equal((await world.call('testmempoolaccept', [signed.hex], 0))[0].allowed, true);
  }
});

test('R15: a transaction of many outputs is shown while the answer is written', async (t) => {
  const world = await RpcWorld.open(t, { requiresStandard: false });
  const count = 5_000;
  const size = `fd${(count % 256).toString(16).padStart(2, '0')}${(count >> 8).toString(16).padStart(2, '0')}`;
  const output = `${'00'.repeat(8)}0151`;
  const hex = `0200000001${'11'.repeat(32)}0000000000ffffffff${size}${output.repeat(count)}00000000`;
  const shown = await world.call('decoderawtransaction', hex);
  assert.equal(shown.vout.length, count);
  assert.deepEqual(shown.vout.at(-1).n, count - 1);
  assert.equal(shown.vout.at(-1).scriptPubKey.asm, '1');
  // A thousand of the outputs are looked for in a turn.
  const before = world.time.yieldCount;
  assert.match(await world.refusal('sendrawtransaction', hex), /^-25 bad-txns-inputs-missingorspent/);
  assert.ok(world.time.yieldCount - before >= 4);
});

test('R15: a script of many operations is shown word by word, and one that no ledger could hold is not', async (t) => {
  const world = await RpcWorld.open(t);
  const shown = await world.call('decodescript', `${'51'.repeat(2_500)}05ff`);
  assert.equal(shown.asm, `${'1 '.repeat(2_500)}[error]`);
  assert.equal((await world.call('decodescript', '51'.repeat(2_000))).asm, Array(2_000).fill('1').join(' '));
  const refusal = await world.refusal('decodescript', '51'.repeat(1_000_001));
  assert.equal(refusal, '-8 Scripts of more than 1000000 bytes are not shown');
  assert.equal(await world.refusal('decoderawtransaction', '00'.repeat(8_000_001)), '-22 TX decode failed');
});

test('R14: a key in the place of the hash type is not repeated', async (t) => {
  const world = await RpcWorld.open(t);
  const raw = await world.call('createrawtransaction', [{ txid: TXID, vout: 0 }], {});
  assert.equal(
    await world.refusal('signrawtransactionwithkey', raw, [PAYER_WIF], [], PAYER_WIF),
    "-8 '...' is not a valid sighash parameter.",
  );
});

test('R15: a transaction that could be in no ledger is not read, and no list of its parts either', async (t) => {
  const world = await RpcWorld.open(t);
  const outputCount = 222_300;
  const wide = `0200000001${'11'.repeat(32)}0000000000ffffffff${`fe5c640300`}${'00'.repeat(9 * outputCount)}00000000`;
  assert.equal(wide.length, 2 * (4 + 1 + 41 + 5 + 9 * outputCount + 4));
  assert.equal(await world.refusal('decoderawtransaction', wide), '-22 TX decode failed');
  const inputs = Array.from({ length: 24_391 }, () => ({ txid: TXID, vout: 0 }));
  assert.equal(
    await world.refusal('createrawtransaction', inputs, {}),
    '-8 Invalid parameter, no transaction can have more than 24390 of these',
  );
  assert.equal(
    await world.refusal('verifytxoutproof', '00'.repeat(600_000)),
    '-1 The proof cannot be read: that of no block is as long',
  );
});

test('the descriptor of a script that is too long to be run is made in pieces, and is that of its bytes', async (t) => {
  const world = await RpcWorld.open(t);
  const hex = '51'.repeat(40_000);
  const { desc } = await world.call('decodescript', hex);
  assert.equal(desc.slice(0, -8), `raw(${hex})#`);
  assert.equal((await world.call('getdescriptorinfo', `raw(${hex})`)).descriptor, desc);
});
