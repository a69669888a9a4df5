// The options of the mempool: what each says, defaults, sentences. Facts about Core (node/mempool_args.cpp, util/moneystr.cpp,
// txmempool.cpp Flatten), typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainnetParams } from '../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { createTestnet4Params } from '../kernel/consensus/networks/testnet4.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { PolicyOptions } from '../kernel/policy/options.ts';
import type { MempoolServiceOptions } from '../node/app/mempool-service.ts';
import { parseArguments } from './args.ts';
import { formatDaemonHelp } from './help.ts';
import { MEMPOOL_OPTIONS, parseMoney, readMempoolOptions } from './mempool-options.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';

function readOf(params: ChainParams, ...argv: readonly string[]): MempoolServiceOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readMempoolOptions(settings, params);
}

const read = (...argv: readonly string[]): MempoolServiceOptions => readOf(createRegtestParams(), ...argv);

function fails(sentence: string, ...argv: readonly string[]): void {
  assert.throws(() => read(...argv), { name: 'StartupError', message: sentence });
}

/** What differs from the defaults. */
function differences(...argv: readonly string[]): Partial<PolicyOptions> {
  const [plain, changed] = [read().policy, read(...argv).policy];
  return Object.fromEntries(Object.entries(changed).filter(([name, value]) => Reflect.get(plain, name) !== value));
}

test("without options policy is Core's", () => {
  assert.deepEqual(readOf(createMainnetParams()), {
    policy: {
      minRelayFeerate: 100,
      incrementalFeerate: 100,
      dustFeerate: 3_000,
      bytesPerSigop: 20,
      datacarrierBytesMax: 100_000,
      permitsBareMultisig: true,
      requiresStandard: true,
      clusterCountMax: 64,
      clusterWeightMax: 404_000,
      mempoolBytesMax: 300_000_000,
      expirySec: 336 * 3_600,
    },
    isPersistent: true,
    acceptsStaleFees: false,
    estimatesFees: true,
  });
  assert.deepEqual(read(), readOf(createMainnetParams()));
});

test('every option of policy changes what it names, and nothing else', () => {
  const table: readonly (readonly [argument: string, changed: Partial<PolicyOptions>])[] = [
    ['-maxmempool=40', { mempoolBytesMax: 40_000_000 }],
    ['-maxmempool=0', { mempoolBytesMax: 0 }],
    ['-mempoolexpiry=1', { expirySec: 3_600 }],
    ['-acceptnonstdtxn', { requiresStandard: false }],
    ['-bytespersigop=7', { bytesPerSigop: 7 }],
    ['-nodatacarrier', { datacarrierBytesMax: null }],
    ['-datacarriersize=83', { datacarrierBytesMax: 83 }],
    ['-dustrelayfee=0.00000001', { dustFeerate: 1 }],
    ['-incrementalrelayfee=0.0000005', { incrementalFeerate: 50 }],
    ['-limitclustercount=3', { clusterCountMax: 3 }],
    ['-limitclustersize=50', { clusterWeightMax: 200_000 }],
    ['-minrelaytxfee=0.00002', { minRelayFeerate: 2_000 }],
    ['-nopermitbaremultisig', { permitsBareMultisig: false }],
    ['-blocksonly', { mempoolBytesMax: 5_000_000 }],
  ];
  for (const [argument, changed] of table) assert.deepEqual(differences(argument), changed, argument);
  const named = table.map(([argument]) => /^-(?:no)?([a-z]+)/.exec(argument)![1]!);
  const others = ['persistmempool', 'datacarrier', 'acceptstalefeeestimates', 'permitbaremultisig'];
  for (const { name } of MEMPOOL_OPTIONS) assert.ok(named.includes(name) || others.includes(name), name);
  assert.equal(read('-nopersistmempool').isPersistent, false);
  assert.equal(read('-persistmempool=0').isPersistent, false);
  assert.equal(read('-acceptstalefeeestimates').acceptsStaleFees, true);
  assert.equal(read('-blocksonly').estimatesFees, false);
});

test('options that change each other', () => {
  assert.deepEqual(differences('-blocksonly', '-maxmempool=30'), { mempoolBytesMax: 30_000_000 });
  assert.deepEqual(differences('-nodatacarrier', '-datacarriersize=83'), { datacarrierBytesMax: null });
  // Whoever raises what a replacement pays raises the lowest rate with it, unless he says otherwise.
  assert.deepEqual(differences('-incrementalrelayfee=0.00001'), { incrementalFeerate: 1_000, minRelayFeerate: 1_000 });
  assert.deepEqual(differences('-incrementalrelayfee=0.00001', '-minrelaytxfee=0.00000002'), {
    incrementalFeerate: 1_000,
    minRelayFeerate: 2,
  });
});

test('a mempool has room for forty clusters', () => {
  assert.equal(read('-maxmempool=5').policy.mempoolBytesMax, 5_000_000);
  fails('-maxmempool must be at least 5 MB', '-maxmempool=4');
  fails('-maxmempool must be at least 5 MB', '-maxmempool=-1');
  fails('-maxmempool must be at least 40 MB', '-maxmempool=39', '-limitclustersize=1000');
  fails('-maxmempool must be at least 400 MB', '-limitclustersize=10000');
});

test('clusters have a limit that a setting cannot pass', () => {
  assert.equal(read('-limitclustercount=64').policy.clusterCountMax, 64);
  fails('limitclustercount must be less than or equal to 64', '-limitclustercount=65');
  fails('limitclustercount must be less than or equal to 64', '-limitclustercount=-1');
  // Core ends with a failed assertion.
  fails('limitclustercount must be at least 1', '-limitclustercount=0');
});

test('what is not standard is taken on test networks only, and old estimates on regtest only', () => {
  const onMain = (argument: string) => () => readOf(createMainnetParams(), argument);
  assert.throws(onMain('-acceptnonstdtxn'), { message: 'acceptnonstdtxn is not currently supported for main chain' });
  assert.equal(onMain('-acceptnonstdtxn=0')().policy.requiresStandard, true);
  assert.equal(readOf(createTestnet4Params(), '-acceptnonstdtxn').policy.requiresStandard, false);
  assert.throws(onMain('-acceptstalefeeestimates'), {
    message: 'acceptstalefeeestimates is not supported on main chain.',
  });
});

test('amounts are decimals of bitcoin, with eight places', () => {
  const table: readonly (readonly [text: string, valueSat: number | null])[] = [
    ['0', 0],
    ['1', 100_000_000],
    ['.5', 50_000_000],
    ['1.', 100_000_000],
    ['.', 0],
    [' 0.00000001 ', 1],
    ['0.00001000', 1_000],
    ['21000000', 2_100_000_000_000_000],
    ['21000000.00000001', null],
    ['0.000000001', null],
    ['12345678901', null],
    ['', null],
    [' ', null],
    ['-1', null],
    ['+1', null],
    ['1e-8', null],
    ['1,5', null],
    ['0x1', null],
    ['1 2', null],
  ];
  for (const [text, valueSat] of table) assert.equal(parseMoney(text), valueSat, `'${text}'`);
  for (const name of ['dustrelayfee', 'incrementalrelayfee', 'minrelaytxfee']) {
    fails(`Invalid amount for -${name}=<amount>: '0.1x'`, `-${name}=0.1x`);
  }
});

test('the help names every option that is not hidden', () => {
  const help = formatDaemonHelp('1.2.3');
  for (const { name, isHidden } of MEMPOOL_OPTIONS) assert.equal(help.includes(`-${name}`), isHidden !== true, name);
});
