import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesSubnet } from '../node/p2p/subnet.ts';
import { parseHost } from '../node/wire/net-address.ts';
import { StartupError } from './error-text.ts';
import { Settings, type SettingValues } from './settings.ts';
import { parseUpArguments } from './up-options.ts';
import { readWebOptions, type WebOptions } from './web-options.ts';

function read(...lines: readonly string[]): WebOptions | null {
  const values: SettingValues = new Map();
  for (const line of lines) {
    const [name = '', value = ''] = line.split(/=(.*)/s);
    const isNegated = name.startsWith('no');
    const key = isNegated ? name.slice(2) : name;
    values.set(key, [...(values.get(key) ?? []), isNegated ? false : value]);
  }
  return readWebOptions(new Settings({ commandLine: values, config: new Map() }, () => false));
}

function admits(options: WebOptions | null, host: string): boolean {
  return options?.allowed.some((subnet) => matchesSubnet(subnet, parseHost(host, 1)!)) ?? false;
}

const LOOPBACK = (port: number) => [
  { host: '127.0.0.1', port },
  { host: '::1', port },
];

test('R01: a plain daemon serves no app, and an app listens to this machine alone', () => {
  assert.equal(read(), null);
  assert.equal(read('web=0'), null);
  assert.equal(read('noweb', 'webport=8000'), null);
  for (const options of [read('web'), read('web=1')]) {
    assert.deepEqual(options?.places, LOOPBACK(8339));
    assert.deepEqual([options?.isPortNamed, options?.warnings], [false, []]);
    assert.deepEqual(
      [admits(options, '127.0.0.1'), admits(options, '::1'), admits(options, '192.168.1.2')],
      [true, true, false],
    );
  }
  assert.deepEqual(read('webport=8000')?.places, LOOPBACK(8000));
});

test('R01: a public bind without an allow list is ignored, and said to be', () => {
  const alone = read('web', 'webbind=0.0.0.0');
  assert.deepEqual(alone?.places, LOOPBACK(8339));
  assert.match(alone.warnings[0]!, /-webbind was ignored because -weballowip was not specified/);
  const both = read('web', 'webbind=0.0.0.0', 'webbind=[::]:9000', 'weballowip=192.168.1.0/24');
  assert.deepEqual(both?.places, [
    { host: '0.0.0.0', port: 8339 },
    { host: '::', port: 9000 },
  ]);
  assert.deepEqual(
    [admits(both, '192.168.1.77'), admits(both, '192.168.2.1'), admits(both, '127.0.0.1')],
    [true, false, true],
  );
  const only = read('web', 'weballowip=192.168.1.0/24');
  assert.deepEqual(only?.places, LOOPBACK(8339));
  assert.match(only.warnings[0]!, /-weballowip was specified without -webbind/);
});

test('what makes no sense is refused in a sentence', () => {
  for (const line of ['webport=0', 'webport=65536', 'webport=x', 'webport=', 'webport=-1']) {
    assert.throws(() => read('web', line), StartupError, line);
  }
  assert.throws(() => read('web', 'weballowip=300.1.1.1'), /Invalid -weballowip subnet specification: 300\.1\.1\.1/);
  assert.throws(() => read('web', 'weballowip=10.0.0.0/8', 'webbind=1.2.3.4:0'), /-webbind/);
});

test('tally up chooses what nobody has said, and nothing else', () => {
  const chosen = (...argv: readonly string[]) => parseUpArguments(argv).daemonArguments;
  assert.deepEqual(chosen(), [
    '-web',
    '-chain=local',
    '-connect=0',
    '-listen=0',
    '-listenonion=0',
    '-printtoconsole=0',
  ]);
  assert.deepEqual(chosen('-addnode=10.0.0.2'), [
    '-web',
    '-chain=local',
    '-listen=0',
    '-listenonion=0',
    '-printtoconsole=0',
    '-addnode=10.0.0.2',
  ]);
  assert.deepEqual(chosen('--regtest', '-bind=0.0.0.0', '-noconnect', '-listenonion', '-printtoconsole'), [
    '-web',
    '--regtest',
    '-bind=0.0.0.0',
    '-noconnect',
    '-listenonion',
    '-printtoconsole',
  ]);
  const { wantsLink, opensBrowser, daemonArguments } = parseUpArguments(['--link', '-open', '-signet']);
  assert.deepEqual([wantsLink, opensBrowser, daemonArguments.includes('-signet')], [true, true, true]);
  assert.ok(!daemonArguments.includes('-chain=local') && !daemonArguments.includes('--link'));
});
