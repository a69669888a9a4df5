import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const TPUB =
  'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
/** Public keys of the secrets 1 and 2. */
const KEY_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEY_2 = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';

test('a descriptor is analysed', async (t) => {
  const world = await RpcWorld.open(t);
  assert.deepEqual(await world.call('getdescriptorinfo', 'raw(51)'), {
    descriptor: 'raw(51)#8lvh9jxk',
    checksum: '8lvh9jxk',
    isrange: false,
    issolvable: false,
    hasprivatekeys: false,
  });
  const info = await world.call('getdescriptorinfo', `wpkh(${TPUB}/<0;1>/*)`);
  assert.equal(info.multipath_expansion.length, 2);
  assert.equal(info.multipath_expansion[0], info.descriptor);
  assert.equal(info.isrange, true);
  assert.equal(await world.refusal('getdescriptorinfo', 'pk()'), '-5 pk(): No key provided');
});

test('addresses are derived over a range', async (t) => {
  const world = await RpcWorld.open(t);
  const { descriptor } = await world.call('getdescriptorinfo', `wpkh(${TPUB}/1/1/*)`);
  assert.deepEqual(await world.call('deriveaddresses', descriptor, [1, 2]), [
    'bcrt1qhku5rq7jz8ulufe2y6fkcpnlvpsta7rq4442dy',
    'bcrt1qpgptk2gvshyl0s9lqshsmx932l9ccsv265tvaq',
  ]);
  assert.equal((await world.call('deriveaddresses', descriptor, 2)).length, 3);
  assert.equal(
    await world.refusal('deriveaddresses', descriptor),
    '-8 Range must be specified for a ranged descriptor',
  );
  assert.equal(
    await world.refusal('deriveaddresses', 'raw(51)#8lvh9jxk', 1),
    '-8 Range should not be specified for an un-ranged descriptor',
  );
  assert.equal(
    await world.refusal('deriveaddresses', 'raw(51)#8lvh9jxk'),
    '-5 Descriptor does not have a corresponding address',
  );
  assert.equal(await world.refusal('deriveaddresses', 'raw(51)'), '-5 Missing checksum');
});

test('ranges that make no sense are refused in the words of Core', async (t) => {
  const world = await RpcWorld.open(t);
  const cases: readonly (readonly [range: unknown, error: string])[] = [
    [10_000_000_000, 'End of range is too high'],
    [-1, 'End of range is too high'],
    [[1_000_000_000, 2_000_000_000], 'Range is too large'],
    [[2, 0], 'Range specified as [begin,end] must not have begin after end'],
    [[-1, 0], 'Range should be greater or equal than 0'],
    ['1', 'Range must be specified as end or as [begin,end]'],
  ];
  for (const [range, error] of cases) {
    assert.equal(await world.refusal('deriveaddresses', 'raw(51)#8lvh9jxk', range), `-8 ${error}`);
  }
});

test('a long range gives the host its turns', async (t) => {
  const world = await RpcWorld.open(t);
  const { descriptor } = await world.call('getdescriptorinfo', `wpkh(${TPUB}/*)`);
  assert.equal((await world.call('deriveaddresses', descriptor, [0, 20])).length, 21);
});

test('multisig addresses are made', async (t) => {
  const world = await RpcWorld.open(t);
  const script = `5121${KEY_1}21${KEY_2}52ae`;
  const legacy = await world.call('createmultisig', 1, [KEY_1, KEY_2]);
  assert.equal(legacy.redeemScript, script);
  assert.match(legacy.descriptor, /^sh\(multi\(1,/);
  const witness = await world.call('createmultisig', 1, [KEY_1, KEY_2], 'bech32');
  assert.match(witness.descriptor, /^wsh\(multi\(1,/);
  assert.match(witness.address, /^bcrt1q/);
  const both = await world.call('createmultisig', 1, [KEY_1, KEY_2], 'p2sh-segwit');
  assert.match(both.descriptor, /^sh\(wsh\(multi\(1,/);
  const uncompressed =
    '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
  const warned = await world.call('createmultisig', 1, [uncompressed], 'bech32');
  assert.match(warned.address, /^2/);
  assert.equal(warned.warnings.length, 1);
});

test('multisig addresses that cannot be are refused', async (t) => {
  const world = await RpcWorld.open(t);
  assert.match(await world.refusal('createmultisig', 0, [KEY_1]), /^-8 a multisignature address must require/);
  assert.match(await world.refusal('createmultisig', 2, [KEY_1]), /^-8 not enough keys supplied \(got 1 keys/);
  assert.match(await world.refusal('createmultisig', 1, ['02']), /^-5 Pubkey "02" must have a length/);
  assert.match(await world.refusal('createmultisig', 1, ['xy']), /^-5 Pubkey "xy" must be a hex string/);
  assert.match(await world.refusal('createmultisig', 1, Array(21).fill(KEY_1)), /^-8 Number of keys involved/);
  assert.match(
    await world.refusal('createmultisig', 1, Array(16).fill(KEY_1)),
    /^-8 redeemScript exceeds size limit: 547 > 520/,
  );
  assert.match(
    await world.refusal('createmultisig', 1, [KEY_1], 'bech32m'),
    /^-5 createmultisig cannot create bech32m/,
  );
  assert.match(await world.refusal('createmultisig', 1, [KEY_1], 'x'), /^-5 Unknown address type 'x'/);
});
