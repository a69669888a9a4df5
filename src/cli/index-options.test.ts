// The options of indexes: what turns them on, and what does not go together. Sentences are Core's, typed by hand.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseArguments } from './args.ts';
import { readIndexOptions } from './index-options.ts';
import { createIndexStorage } from './index-storage.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';

function read(argv: readonly string[], isPruned = false, isLocal = false) {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readIndexOptions(settings, { isPruned, isReindexing: false, isLocal });
}

function kindsOf(...argv: readonly string[]): readonly string[] {
  return [...read(argv).kinds].sort();
}

test('indexes are kept when they are asked for', () => {
  assert.deepEqual(kindsOf(), []);
  assert.deepEqual(kindsOf('-txindex', '-coinstatsindex=1', '-txospenderindex', '-blockfilterindex'), [
    'coin-stats',
    'filters',
    'spenders',
    'transactions',
  ]);
  assert.deepEqual(kindsOf('-addressindex'), ['addresses']);
  assert.deepEqual(kindsOf('-txindex=0', '-nocoinstatsindex', '-blockfilterindex=0'), []);
  for (const value of ['1', 'basic']) assert.deepEqual(kindsOf(`-blockfilterindex=${value}`), ['filters']);
  assert.deepEqual(kindsOf('-blockfilterindex=basic', '-noblockfilterindex'), []);
  assert.equal(read(['-blockfilterindex', '-peerblockfilters']).servesFilters, true);
});

test('the local ledger keeps what the pages of the web app need, unless it is told not to', () => {
  const kindsOfLocal = (argv: readonly string[], isPruned = false): readonly string[] =>
    [...read(argv, isPruned, true).kinds].sort();
  assert.deepEqual(kindsOfLocal([]), ['addresses', 'transactions']);
  assert.deepEqual(kindsOfLocal([], true), ['addresses']);
  assert.deepEqual(kindsOfLocal(['-noaddressindex', '-txindex=0']), []);
});

test('what does not go together is refused in Core’s words', () => {
  const fails = (sentence: string, argv: readonly string[], isPruned = false): void => {
    assert.throws(() => read(argv, isPruned), { name: 'StartupError', message: sentence });
  };
  fails('Unknown -blockfilterindex value abc.', ['-blockfilterindex=abc']);
  fails('Unknown -blockfilterindex value abc.', ['-blockfilterindex=abc', '-blockfilterindex=basic']);
  fails('Cannot set -peerblockfilters without -blockfilterindex.', ['-peerblockfilters']);
  fails('Prune mode is incompatible with -txindex.', ['-txindex'], true);
  fails('Prune mode is incompatible with -txospenderindex.', ['-txospenderindex'], true);
  assert.deepEqual([...read(['-blockfilterindex', '-coinstatsindex'], true).kinds].sort(), ['coin-stats', 'filters']);
});

test('every index has its folder, which can be taken away and made again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-indexes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const storage = createIndexStorage(folder);
  const key = Uint8Array.of(1);
  for (const kind of ['transactions', 'coin-stats', 'spenders', 'filters', 'addresses'] as const) {
    const first = await storage.open(kind);
    await first.store.write({ puts: [key, Uint8Array.of(2)], deletes: [] }, true);
    await first.store.close();
    const again = await storage.open(kind);
    assert.deepEqual([...(await again.store.get(key))!], [2], kind);
    await again.store.close();
    await storage.remove(kind);
    const empty = await storage.open(kind);
    assert.equal(await empty.store.get(key), undefined, kind);
    await empty.store.close();
  }
});
