import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { formatHash } from '../primitives/hashes.ts';
import { toHex } from '../util/bytes.ts';
import { ChainParamsError } from './chain-params-fields.ts';
import { CHAIN_PARAMS_LENGTH_MAX, parseChainParams } from './chain-params-file.ts';
import { checkHeader } from './header-check.ts';
import type { ChainParams } from './params.ts';
import { computeSupplyLimitSat, getBlockSubsidy } from './subsidy.ts';

/** The example of the document, so that it cannot rot. */
function readExample(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const document = readFileSync(join(folder, 'docs/chain-params.md'), 'utf8');
  return /```json\n(.*?)```/s.exec(document)![1]!;
}

const EXAMPLE = readExample();

type Json = { [key: string]: unknown };

/** The text of a file on regtest's rules, whose genesis block takes two tries, with changes. */
function fileWith(changes: Json, genesisChanges: Json = {}): string {
  const genesis: Json = { message: 'hello', timeSec: 1_700_000_000, ...genesisChanges };
  return JSON.stringify({ name: 'ours', base: 'regtest', genesis, ...changes });
}

function parsed(text: string): ChainParams {
  const params = parseChainParams(text);
  if (!params.ok) assert.fail(params.error.message);
  return params.value;
}

function errorOf(text: string): string {
  const params = parseChainParams(text);
  return params.ok ? 'no error' : `${params.error.kind} ${params.error.field}`;
}

test('the example of the document is a network', () => {
  const params = parsed(EXAMPLE);
  assert.equal(params.name, 'village');
  assert.equal(toHex(params.magic), '76696c6c');
  assert.deepEqual(params.ports, { p2p: 28333, rpc: 28332, onion: 28334 });
  assert.equal(params.prefixes.bech32Hrp, 'vil');
  assert.equal(params.prefixes.extendedPublicKey, 0x043587cf);
  assert.equal(params.consensus.pow.spacingSec, 60);
  assert.equal(params.consensus.pow.interval, 360);
  assert.equal(params.consensus.pow.limit.bits, 0x1e7fff00);
  assert.equal(params.consensus.pow.enforceBip94, true);
  assert.equal(
    formatHash(params.genesis.header.blockHash),
    '00007f9155279a5cf1417e3029abf4ae0882aa06483c4ed0c3276b919358d7d5',
  );
  assert.equal(checkHeader(params.genesis.header, params.consensus.pow), null);
  assert.equal(getBlockSubsidy(1_000_000, params.consensus), 500_000_000);
  assert.ok(computeSupplyLimitSat(params.consensus) <= 2_100_000_000_000_000n);
});

test('what a file leaves out comes from its base, but never the history of the base', () => {
  const params = parsed(fileWith({ base: 'regtest' }));
  assert.equal(params.consensus.pow.noRetargeting, true);
  assert.equal(params.consensus.subsidyHalvingInterval, 150);
  assert.equal(params.prefixes.bech32Hrp, 'bcrt');
  assert.equal(params.ports.p2p, 18444);
  assert.equal(params.isMockable, true);
  assert.deepEqual(params.consensus.activationHeights, { bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 1 });
  assert.deepEqual(params.consensus.bip30Exceptions, []);
  assert.deepEqual(params.consensus.scriptFlagExceptions, []);
  assert.deepEqual(params.dnsSeeds, []);
  assert.deepEqual(params.assumeUtxo, []);
  assert.equal(params.consensus.assumeValid, null);
  assert.equal(params.consensus.minimumChainWork, 0n);
  assert.equal(params.consensus.bip34Hash, null);
});

test('a genesis block without a nonce is found, the same one each time, and gives the magic', () => {
  const first = parsed(fileWith({}));
  const second = parsed(fileWith({}));
  assert.deepEqual(first.genesis.header.blockHash, second.genesis.header.blockHash);
  assert.equal(toHex(first.magic), toHex(first.genesis.header.blockHash.subarray(0, 4)));
  assert.equal(first.genesis.transaction(0).valueSat(0), 5_000_000_000);
  assert.notDeepEqual(parsed(fileWith({}, { message: 'other' })).magic, first.magic);
});

test('the genesis message may be any text of 91 bytes', () => {
  assert.equal(errorOf(fileWith({}, { message: '村民大会决定自己记账' })), 'no error');
  assert.equal(errorOf(fileWith({}, { message: 'x'.repeat(91) })), 'no error');
  assert.equal(errorOf(fileWith({}, { message: 'x'.repeat(92) })), 'bad-format genesis.message');
  assert.equal(errorOf(fileWith({}, { message: '村'.repeat(31) })), 'out-of-range genesis.message');
  assert.equal(errorOf(fileWith({}, { message: '' })), 'bad-format genesis.message');
});

test('C32: a limit that would overflow a retarget is refused while the difficulty moves', () => {
  const limit = '7f'.padEnd(64, 'f');
  assert.equal(errorOf(fileWith({ powLimit: limit })), 'no error');
  assert.equal(errorOf(fileWith({ powLimit: limit, noRetargeting: false })), 'out-of-range powLimit');
  // 4 · 86,400 = 345,600: the largest limit is (2^256 - 1) / 345,600.
  const largest = ((2n ** 256n - 1n) / 345_600n).toString(16).padStart(64, '0');
  const above = ((2n ** 256n - 1n) / 345_600n + 1n).toString(16).padStart(64, '0');
  assert.equal(errorOf(fileWith({ powLimit: largest, noRetargeting: false })), 'no error');
  assert.equal(errorOf(fileWith({ powLimit: above, noRetargeting: false })), 'out-of-range powLimit');
});

test('C09: rewards that add up to more than all the money there may be are refused', () => {
  assert.equal(errorOf(fileWith({ rewardSat: 5_000_000_000, halvingIntervalBlocks: 210_000 })), 'no error');
  assert.equal(
    errorOf(fileWith({ rewardSat: 5_000_000_000, halvingIntervalBlocks: 210_001 })),
    'out-of-range rewardSat',
  );
  assert.equal(errorOf(fileWith({ halvingIntervalBlocks: 2 ** 31 - 1 })), 'out-of-range halvingIntervalBlocks');
  assert.equal(
    errorOf(fileWith({ rewardSat: 2_100_000_000_000_000, halvingIntervalBlocks: 1 })),
    'out-of-range rewardSat',
  );
  assert.equal(errorOf(fileWith({ rewardSat: 1, halvingIntervalBlocks: 2 ** 31 - 1 })), 'no error');
});

test('each fault is named with its field', () => {
  const cases: readonly (readonly [text: string, error: string])[] = [
    ['', 'not-json '],
    ['{', 'not-json '],
    ['null', 'wrong-type '],
    ['[]', 'wrong-type '],
    ['"name"', 'wrong-type '],
    ['{}', 'missing-field name'],
    ['{"name":"ours"}', 'missing-field genesis'],
    [' '.repeat(CHAIN_PARAMS_LENGTH_MAX + 1), 'too-long '],
    ['['.repeat(CHAIN_PARAMS_LENGTH_MAX), 'not-json '],
    [fileWith({ name: 'Ours' }), 'bad-format name'],
    [fileWith({ name: '../ours' }), 'bad-format name'],
    [fileWith({ name: 'regtest' }), 'taken name'],
    [fileWith({ name: 'mainnet' }), 'taken name'],
    [fileWith({ name: 5 }), 'wrong-type name'],
    [fileWith({ base: 'moon' }), 'bad-format base'],
    [fileWith({ base: null }), 'wrong-type base'],
    [fileWith({ blockIntervalSec: 0 }), 'out-of-range blockIntervalSec'],
    [fileWith({ blockIntervalSec: 1.5 }), 'out-of-range blockIntervalSec'],
    [fileWith({ blockIntervalSec: '60' }), 'wrong-type blockIntervalSec'],
    [fileWith({ blockIntervalSec: 50_000 }), 'out-of-range blockIntervalSec'],
    [fileWith({ blockIntervalSec: 60, retargetTimespanSec: 119 }), 'out-of-range retargetTimespanSec'],
    [fileWith({ blockIntervalSec: 1, retargetTimespanSec: 3 }), 'out-of-range retargetTimespanSec'],
    [fileWith({ retargetTimespanSec: 2 ** 30 }), 'out-of-range retargetTimespanSec'],
    [fileWith({ powLimit: '00' }), 'bad-format powLimit'],
    [fileWith({ powLimit: '0'.repeat(64) }), 'out-of-range powLimit'],
    [fileWith({ powLimit: 'g'.repeat(64) }), 'bad-format powLimit'],
    [fileWith({ noRetargeting: 1 }), 'wrong-type noRetargeting'],
    [fileWith({ rewardSat: 0 }), 'out-of-range rewardSat'],
    [fileWith({ rewardSat: -1 }), 'out-of-range rewardSat'],
    [fileWith({ halvingIntervalBlocks: 0 }), 'out-of-range halvingIntervalBlocks'],
    [fileWith({}, { timeSec: 2 ** 32 }), 'out-of-range genesis.timeSec'],
    [fileWith({}, { bits: '1d00' }), 'bad-format genesis.bits'],
    [fileWith({}, { bits: '00000000' }), 'out-of-range genesis.bits'],
    [fileWith({}, { bits: '04923456' }), 'out-of-range genesis.bits'],
    [fileWith({}, { bits: '03000001' }), 'missing-field genesis.nonce'],
    [fileWith({}, { bits: '1d00ffff', nonce: 0 }), 'no-proof-of-work genesis.nonce'],
    [fileWith({}, { nonce: -1 }), 'out-of-range genesis.nonce'],
    [fileWith({}, { hash: '0'.repeat(64) }), 'wrong-hash genesis.hash'],
    [fileWith({}, { outputScript: 'abc' }), 'bad-format genesis.outputScript'],
    [fileWith({}, { mesage: 'x' }), 'unknown-field genesis.mesage'],
    [fileWith({ genesis: [] }), 'wrong-type genesis'],
    [fileWith({ magic: 'f9beb4d9' }), 'taken magic'],
    [fileWith({ magic: 'fabfb5da' }), 'taken magic'],
    [fileWith({ magic: 'f9beb4' }), 'bad-format magic'],
    [fileWith({ ports: { p2p: 0 } }), 'out-of-range ports.p2p'],
    [fileWith({ ports: { p2p: 65_536 } }), 'out-of-range ports.p2p'],
    [fileWith({ ports: { p2p: 5, rpc: 5 } }), 'taken ports.rpc'],
    [fileWith({ ports: { p2p: 5, rpc: 6, onion: 5 } }), 'taken ports.onion'],
    [fileWith({ ports: { web: 5 } }), 'unknown-field ports.web'],
    [fileWith({ prefixes: { pubKeyHash: 256 } }), 'out-of-range prefixes.pubKeyHash'],
    [fileWith({ prefixes: { pubKeyHash: 196 } }), 'taken prefixes.scriptHash'],
    [fileWith({ prefixes: { bech32Hrp: 'Vil' } }), 'bad-format prefixes.bech32Hrp'],
    [fileWith({ prefixes: { bech32Hrp: 'bc' } }), 'taken prefixes.bech32Hrp'],
    [fileWith({ prefixes: { bech32Hrp: 'tally' } }), 'taken prefixes.bech32Hrp'],
    [fileWith({ name: 'local' }), 'taken name'],
    [fileWith({ prefixes: { extendedSecretKey: '043587cf' } }), 'taken prefixes.extendedSecretKey'],
    [fileWith({ dnsSeeds: 'a' }), 'wrong-type dnsSeeds'],
    [fileWith({ dnsSeeds: ['a', 'b c'] }), 'bad-format dnsSeeds[1]'],
    [fileWith({ dnsSeeds: Array(33).fill('a') }), 'out-of-range dnsSeeds'],
    [fileWith({ signetChallenge: '51' }), 'unknown-field signetChallenge'],
    [fileWith({ base: 'signet' }, { bits: '1e0377ae', nonce: 0 }), 'no-proof-of-work genesis.nonce'],
    [fileWith({ minimumChainWork: '00' }), 'unknown-field minimumChainWork'],
  ];
  for (const [text, error] of cases) assert.equal(errorOf(text), error, text.slice(0, 200));
});

test('names of the prototype are unknown fields, not doors', () => {
  assert.equal(errorOf(fileWith({}).replace('{', '{"__proto__":{"name":"x"},')), 'unknown-field __proto__');
  assert.equal(errorOf('{"__proto__":{"name":"ours","genesis":{}}}'), 'missing-field name');
  assert.equal(errorOf(fileWith({ constructor: 1 })), 'unknown-field constructor');
  assert.equal(errorOf(fileWith({ base: 'toString' })), 'bad-format base');
});

test('a signet of one\u2019s own needs a challenge', () => {
  const text = (changes: Json): string =>
    fileWith({ base: 'signet', powLimit: '7f'.padEnd(64, 'f'), noRetargeting: true, ...changes });
  assert.equal(errorOf(text({})), 'missing-field signetChallenge');
  assert.equal(toHex(parsed(text({ signetChallenge: '51' })).consensus.signetChallenge!), '51');
});

test('an error says field, found and expected in one line, and repeats no long text', () => {
  const params = parseChainParams(fileWith({}, { bits: '1d00' }));
  assert.ok(!params.ok && params.error instanceof ChainParamsError);
  assert.equal(params.error.message, 'genesis.bits: got "1d00", expected 8 hexadecimal digits');
  const long = parseChainParams(fileWith({ name: `a\n${'b'.repeat(1000)}` }));
  assert.ok(!long.ok && long.error.message.length < 200);
  assert.ok(!long.ok && !long.error.message.includes('\n'));
});

test('any text at all gives a network or a typed error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const params = parseChainParams(text);
      assert.ok(!params.ok && params.error instanceof ChainParamsError);
    }),
    { numRuns: 2000 },
  );
});

test('any value in place of a field of the example gives a network or a typed error', () => {
  const names = Object.keys(JSON.parse(EXAMPLE) as Json).filter((name) => name !== 'genesis');
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
      const params = parseChainParams(fileWith({ [name]: value }, {}));
      assert.ok(params.ok || params.error instanceof ChainParamsError);
    }),
    { numRuns: 500 },
  );
});
