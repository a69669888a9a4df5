// The options of making blocks. Core's sentences (node/mining_args.cpp) and limits, typed by hand; ours for the miner.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainnetParams } from '../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { toHex } from '../kernel/util/bytes.ts';
import { parseArguments } from './args.ts';
import { formatDaemonHelp } from './help.ts';
import { MINING_OPTIONS, type MiningSettings, readMiningOptions } from './mining-options.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';

const CORES = 4;

function readOf(params: ChainParams, ...argv: readonly string[]): MiningSettings {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readMiningOptions(settings, params, CORES);
}

const read = (...argv: readonly string[]): MiningSettings => readOf(createRegtestParams(), ...argv);

function fails(sentence: string, ...argv: readonly string[]): void {
  assert.throws(() => read(...argv), { name: 'StartupError', message: sentence });
}

/** The example of BIP173 for the test networks, as regtest writes it, and what it stands for. */
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const SCRIPT = '0014751e76e8199196d454941c45d1b3a323f1433bd6';

test("without options blocks are Core's, and nobody mines", () => {
  assert.deepEqual(read(), {
    options: { blockMaxWeightWu: 4_000_000, blockReservedWeightWu: 8_000, blockMinFeerate: 1, coinbaseSigopsCost: 400 },
    version: null,
    logsFeerates: false,
    threadCount: CORES,
    start: null,
  });
});

test('every option changes what it names', () => {
  assert.equal(read('-blockmaxweight=100000').options.blockMaxWeightWu, 100_000);
  assert.equal(read('-blockreservedweight=2000').options.blockReservedWeightWu, 2_000);
  assert.equal(read('-blockmintxfee=0.00001').options.blockMinFeerate, 1_000);
  assert.equal(read('-blockversion=536870914').version, 536_870_914);
  assert.equal(read('-minethreads=2').threadCount, 2);
  assert.equal(read('-printpriority').logsFeerates, true);
  const { start } = read(`-mine=${ADDRESS}`);
  assert.deepEqual([toHex(start!.scriptPubKey), start!.address, start!.share], [SCRIPT, ADDRESS, 1]);
  assert.equal(read(`-mine=${ADDRESS}`, '-mineshare=25').start!.share, 0.25);
  assert.equal(read(`-mine=${ADDRESS}`, '-nomine').start, null);
  const named = [
    'blockmaxweight',
    'blockreservedweight',
    'blockmintxfee',
    'blockversion',
    'minethreads',
    'mine',
    'mineshare',
    'printpriority',
  ];
  assert.deepEqual(MINING_OPTIONS.map(({ name }) => name).sort(), named.sort());
  const help = formatDaemonHelp('1.2.3');
  for (const { name, isHidden } of MINING_OPTIONS) assert.equal(help.includes(`-${name}`), isHidden !== true, name);
});

test('a version is chosen on regtest only', () => {
  assert.equal(readOf(createMainnetParams(), '-blockversion=5').version, null);
});

test('weights that make no block', () => {
  fails('-blockreservedweight (1999) is lower than minimum safety value of (2000)', '-blockreservedweight=1999');
  fails(
    '-blockreservedweight (4000001) exceeds consensus maximum block weight (4000000)',
    '-blockreservedweight=4000001',
  );
  fails('-blockmaxweight (4000001) exceeds consensus maximum block weight (4000000)', '-blockmaxweight=4000001');
  fails('-blockreservedweight (8000) exceeds -blockmaxweight (7999)', '-blockmaxweight=7999');
  fails("Invalid amount for -blockmintxfee=<amount>: 'much'", '-blockmintxfee=much');
});

test('a miner needs an address of its network, a share and threads', () => {
  for (const share of ['0', '101', '-5']) fails('-mineshare must be from 1 to 100.', `-mineshare=${share}`);
  for (const count of ['0', '-1', '1025']) fails('-minethreads must be from 1 to 1024.', `-minethreads=${count}`);
  const main = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
  assert.throws(() => read(`-mine=${main}`), { name: 'StartupError', message: new RegExp(`^-mine=${main}: .+`) });
  assert.throws(() => read('-mine='), { name: 'StartupError', message: /^-mine=: .+/ });
  assert.equal(toHex(readOf(createMainnetParams(), `-mine=${main}`).start!.scriptPubKey), SCRIPT);
});
