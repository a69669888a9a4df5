import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHash } from '../../primitives/hashes.ts';
import { fromHex, toHex } from '../../util/bytes.ts';
import { checkHeader } from '../header-check.ts';
import { NEVER_ACTIVE } from '../params.ts';
import { createNetworkParams, NETWORK_NAMES } from './all.ts';
import { createMainnetParams } from './mainnet.ts';
import { createRegtestParams } from './regtest.ts';
import { createSignetParams } from './signet.ts';

const MERKLE_ROOT_2009 = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b';

const EXPECTED = [
  {
    name: 'main',
    genesis: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
    merkleRoot: MERKLE_ROOT_2009,
    magic: 'f9beb4d9',
    port: 8333,
    interval: 2016,
    limitBits: 0x1d00ffff,
  },
  {
    name: 'test',
    genesis: '000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943',
    merkleRoot: MERKLE_ROOT_2009,
    magic: '0b110907',
    port: 18333,
    interval: 2016,
    limitBits: 0x1d00ffff,
  },
  {
    name: 'testnet4',
    genesis: '00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043',
    merkleRoot: '7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e',
    magic: '1c163f28',
    port: 48333,
    interval: 2016,
    limitBits: 0x1d00ffff,
  },
  {
    name: 'signet',
    genesis: '00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6',
    merkleRoot: MERKLE_ROOT_2009,
    magic: '0a03cf40',
    port: 38333,
    interval: 2016,
    limitBits: 0x1e0377ae,
  },
  {
    name: 'regtest',
    genesis: '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
    merkleRoot: MERKLE_ROOT_2009,
    magic: 'fabfb5da',
    port: 18444,
    interval: 144,
    limitBits: 0x207fffff,
  },
  {
    name: 'local',
    genesis: '003e0043e0336bd7def5b8b1c717e7630d06d37317dd2e1f5af2012cfad93a7d',
    merkleRoot: '0f7697e64f327aa454c7ecd91df1a1d50c837e6337137b3bfa80baaf6fe9e467',
    magic: 'f4e1ecec',
    port: 28339,
    interval: 15,
    limitBits: 0x1f3fffff,
  },
] as const;

for (const expected of EXPECTED) {
  test(`the genesis block, magic and difficulty rules of ${expected.name} are the known ones`, () => {
    const params = createNetworkParams(expected.name);
    assert.equal(params.name, expected.name);
    assert.equal(formatHash(params.genesis.header.blockHash), expected.genesis);
    assert.equal(formatHash(params.consensus.genesisHash), expected.genesis);
    assert.equal(formatHash(params.genesis.header.merkleRoot), expected.merkleRoot);
    assert.equal(formatHash(params.genesis.transaction(0).txid), expected.merkleRoot);
    assert.equal(toHex(params.magic), expected.magic);
    assert.equal(params.ports.p2p, expected.port);
    assert.equal(params.consensus.pow.interval, expected.interval);
    assert.equal(params.consensus.pow.limit.bits, expected.limitBits);
    assert.equal(checkHeader(params.genesis.header, params.consensus.pow), null);
  });
}

test('the list of networks holds the five of Core and the local one', () => {
  assert.deepEqual(NETWORK_NAMES, ['main', 'test', 'testnet4', 'signet', 'regtest', 'local']);
});

test('the genesis coinbase of the main network is the one of January 2009, byte for byte', () => {
  const coinbase = createMainnetParams().genesis.transaction(0);
  assert.equal(
    toHex(coinbase.scriptSig(0)),
    '04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73',
  );
  assert.equal(coinbase.valueSat(0), 5_000_000_000);
  assert.equal(createMainnetParams().genesis.totalSize, 285);
});

test('no network but regtest can activate the deployment for tests', () => {
  for (const name of NETWORK_NAMES.filter((name) => name !== 'local')) {
    const [testdummy] = createNetworkParams(name).consensus.deployments;
    assert.equal(testdummy?.name, 'testdummy');
    assert.equal(testdummy?.startTimeSec, name === 'regtest' ? 0 : NEVER_ACTIVE);
  }
});

test('the local ledger has nothing to vote on', () => {
  assert.deepEqual(createNetworkParams('local').consensus.deployments, []);
});

test('a signet with a challenge of its own has a magic of its own and assumes nothing', () => {
  // OP_TRUE: sha256d(0x01 0x51) begins with these bytes.
  const params = createSignetParams({ challenge: fromHex('51') });
  assert.equal(toHex(params.magic), '54d26fbd');
  assert.equal(params.consensus.minimumChainWork, 0n);
  assert.equal(params.consensus.assumeValid, null);
  assert.deepEqual(params.dnsSeeds, []);
  assert.equal(toHex(params.consensus.signetChallenge!), '51');
});

test('regtest takes activation heights, signalling times and BIP94 as options', () => {
  const params = createRegtestParams({
    enforceBip94: true,
    activationHeights: { segwit: 432 },
    versionbits: new Map([['testdummy', { startTimeSec: 10, timeoutSec: 20, minActivationHeight: 288 }]]),
  });
  assert.equal(params.consensus.pow.enforceBip94, true);
  assert.deepEqual(params.consensus.activationHeights, { bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 432 });
  const [testdummy] = params.consensus.deployments;
  assert.equal(testdummy?.startTimeSec, 10);
  assert.equal(testdummy?.timeoutSec, 20);
  assert.equal(testdummy?.minActivationHeight, 288);
  assert.equal(testdummy?.period, 144);
});
