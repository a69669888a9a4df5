// Settings of a node as numbers. The limits are facts about Core (node/*_args.cpp, node/caches.cpp), typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainnetParams } from '../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { parseArguments } from './args.ts';
import { type NodeOptions, readNodeOptions } from './node-options.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';

const MIB = 1_048_576;

function read(argv: readonly string[], memoryGib = 2, coreCount = 4): NodeOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok);
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readNodeOptions(settings, createRegtestParams(), { memoryBytes: memoryGib * 1024 * MIB, coreCount });
}

test('memory is divided between the databases and the coins as in Core', () => {
  assert.deepEqual(read([]).caches, {
    indexBytes: 2 * MIB,
    coinsStoreBytes: 8 * MIB,
    coinsBytes: 440 * MIB,
  });
  assert.equal(read([], 4).caches.coinsBytes, 1014 * MIB);
  assert.deepEqual(read(['-dbcache=1']).caches, {
    indexBytes: 524_288,
    coinsStoreBytes: 1_835_008,
    coinsBytes: 1_835_008,
  });
  assert.deepEqual(read(['-dbcache=-5']).caches, read(['-dbcache=4']).caches);
});

test('-par counts all threads, leaves cores free below zero and stays within its limits', () => {
  const threads = (text: string): number => read([`-par=${text}`]).scriptThreads;
  assert.deepEqual(['0', '1', '3', '-1', '-9', '99'].map(threads), [4, 1, 3, 3, 1, 16]);
});

test('-prune has a smallest target, and 1 means by hand', () => {
  assert.deepEqual(read([]).prune, { kind: 'off' });
  assert.deepEqual(read(['-prune=1']).prune, { kind: 'manual' });
  assert.deepEqual(read(['-prune=550']).prune, { kind: 'automatic', targetBytes: 576_716_800 });
  assert.throws(() => read(['-prune=-1']), { message: 'Prune cannot be configured with a negative value.' });
  assert.throws(() => read(['-prune=549']), {
    message: 'Prune configured below the minimum of 550 MiB.  Please use a higher number.',
  });
  assert.deepEqual(read(['-prune=20', '-fastprune']).prune, { kind: 'automatic', targetBytes: 20_971_520 });
  assert.equal(read(['-fastprune']).blockFileBytesMax, 65_536);
  assert.equal(read([]).blockFileBytesMax, null);
  assert.throws(() => read(['-prune=550', '-reindex-chainstate']), {
    message: 'Prune mode is incompatible with -reindex-chainstate. Use full -reindex instead.',
  });
});

test('-assumevalid takes up to 64 digits, and 0 means none', () => {
  const hex = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';
  const of = (text: string): string | null => {
    const { assumeValid } = read([`-assumevalid=${text}`]);
    return assumeValid === null ? null : formatHash(assumeValid);
  };
  assert.equal(of(hex), hex);
  assert.equal(of(`0x${hex}`), hex);
  assert.equal(of('12'), '12'.padStart(64, '0'));
  assert.equal(of('0'), null);
  assert.throws(() => of('xyz'), {
    message: 'Invalid assumevalid block hash specified (xyz), must be up to 64 hex digits (or 0 to disable)',
  });
  assert.throws(() => of(`${hex}0`), /^StartupError: Invalid assumevalid block hash specified/);
});

test('without -assumevalid the network decides', () => {
  const settings = new Settings({ commandLine: new Map(), config: new Map() }, () => false);
  const params = createMainnetParams();
  const { assumeValid } = readNodeOptions(settings, params, { memoryBytes: MIB, coreCount: 1 });
  assert.equal(assumeValid, params.consensus.assumeValid);
});

test('-debug chooses categories, none cancels those before, -debugexclude comes first', () => {
  const chosen = (...argv: string[]): readonly string[] => [...read(argv).logCategories];
  assert.deepEqual(chosen(), []);
  assert.deepEqual(chosen('-debug=prune', '-debug=bench'), ['prune', 'bench']);
  assert.deepEqual(chosen('-debug=prune', '-debug=0', '-debug=bench'), ['bench']);
  assert.deepEqual(chosen('-debug=prune', '-debug=none'), []);
  assert.equal(chosen('-debug', '-debugexclude=leveldb', '-debugexclude=rand').includes('leveldb'), false);
  assert.equal(chosen('-debug=all').includes('rand'), true);
  assert.throws(() => chosen('-debug=abc'), { message: 'Unsupported logging category -debug=abc.' });
  assert.throws(() => chosen('-debugexclude=abc'), { message: 'Unsupported logging category -debugexclude=abc.' });
});

test('-minimumchainwork takes up to 64 digits, and the network decides without', () => {
  const of = (text: string): bigint => read([`-minimumchainwork=${text}`]).minimumChainWork;
  assert.deepEqual(['0x65', '65', '0', ''].map(of), [101n, 101n, 0n, 0n]);
  assert.equal(read([]).minimumChainWork, 0n);
  for (const text of ['test', '0x'.padEnd(67, '1')]) {
    assert.throws(() => of(text), {
      message: `Invalid minimum work specified (${text}), must be up to 64 hex digits`,
    });
  }
  const settings = new Settings({ commandLine: new Map(), config: new Map() }, () => false);
  const { minimumChainWork } = readNodeOptions(settings, createMainnetParams(), { memoryBytes: MIB, coreCount: 1 });
  assert.equal(minimumChainWork, 0x1128750f82f4c366153a3a030n);
});
