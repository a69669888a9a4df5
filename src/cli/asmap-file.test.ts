import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EXAMPLE_ASMAP, EXAMPLE_ASMAP_VERSION } from '../../test/model/example-asmap.ts';
import type { NetGroups } from '../node/wire/net-groups.ts';
import { loadNetGroups } from './asmap-file.ts';
import { Settings, type SettingValue } from './settings.ts';

interface Loader {
  readonly folder: string;
  readonly lines: readonly string[];
  load(...values: readonly SettingValue[]): NetGroups;
}

function open(t: TestContext): Loader {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-asmap-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  const load = (...values: readonly SettingValue[]): NetGroups => {
    const commandLine = new Map(values.length === 0 ? [] : [['asmap', [...values]]]);
    const log = { info: (line: string) => void lines.push(line) };
    return loadNetGroups(new Settings({ commandLine, config: new Map() }, () => false), folder, log);
  };
  return { folder, lines, load };
}

test('a map is found by its path or in the folder of the network, and its version is told', (t) => {
  const { folder, lines, load } = open(t);
  const path = join(folder, 'my.map');
  writeFileSync(path, EXAMPLE_ASMAP);
  for (const value of [path, 'my.map']) assert.equal(load(value).hasMap, true);
  const told = [
    `Opened asmap file "${path}" (59 bytes) from disk`,
    `Using asmap version ${EXAMPLE_ASMAP_VERSION} for IP bucketing`,
  ];
  assert.deepEqual(lines, [...told, ...told]);
});

test('without the option, or with -noasmap, addresses are sorted by prefix', (t) => {
  const { lines, load } = open(t);
  assert.equal(load().hasMap, false);
  assert.equal(load('some.map', false).hasMap, false);
  assert.deepEqual(lines, ['Using /16 prefix for IP bucketing', 'Using /16 prefix for IP bucketing']);
});

test('E09: a map that is missing, empty, damaged, a folder or far too long keeps the node from starting, in Core’s words', (t) => {
  const { folder, load } = open(t);
  const refused = (message: string, value: SettingValue): void =>
    assert.throws(() => load(value), { name: 'StartupError', message });
  refused(`Could not find asmap file "${join(folder, 'missing')}"`, 'missing');
  // 0 is no yes, and so it is a path
  refused(`Could not find asmap file "${join(folder, '0')}"`, '0');
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'cut'), EXAMPLE_ASMAP.subarray(1));
  writeFileSync(join(folder, 'long'), EXAMPLE_ASMAP);
  truncateSync(join(folder, 'long'), 2 ** 33);
  mkdirSync(join(folder, 'folder'));
  for (const name of ['empty', 'cut', 'long', 'folder']) {
    refused(`Could not parse asmap file "${join(folder, name)}"`, name);
  }
  for (const value of ['', '1', true]) refused('Embedded asmap data not available', value);
});
