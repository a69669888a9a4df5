import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { parseArguments } from './args.ts';
import { readNetworkOptions } from './network-options.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';

function read(...argv: readonly string[]): NodeOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readNetworkOptions(settings, createRegtestParams(), { version: '1.2.3', isPruned: false });
}

/** Proxies in short, by network, and that of names. */
function shown({ proxies: { byNetwork, forNames } }: NodeOptions): readonly string[] {
  const all = [...byNetwork, ['names', forNames] as const].filter(([, proxy]) => proxy !== null);
  return all.map(([network, proxy]) => `${network} ${proxy!.endpoint.host} ${proxy!.endpoint.port}`).sort();
}

test('one proxy is for everything, and the node then neither listens nor looks for its own addresses', () => {
  const options = read('-proxy=127.0.0.1');
  assert.deepEqual(shown(options), [
    'cjdns 127.0.0.1 9050',
    'ipv4 127.0.0.1 9050',
    'ipv6 127.0.0.1 9050',
    'names 127.0.0.1 9050',
    'onion 127.0.0.1 9050',
  ]);
  assert.deepEqual([options.listen, options.discovers], [[], false]);
  assert.equal(read('-proxy=127.0.0.1', '-listen=1').listen.length, 3);
  assert.equal(options.proxies.forNames?.isRandomized, true);
  assert.equal(read('-proxy=127.0.0.1', '-proxyrandomize=0').proxies.forNames?.isRandomized, false);
});

test('a proxy may be for one network, and the last one for a network counts', () => {
  assert.deepEqual(shown(read('-proxy=[::1]:7=onion')), ['onion ::1 7']);
  assert.deepEqual(shown(read('-proxy=1.1.1.1:1', '-proxy=2.2.2.2:2=ipv4', '-proxy=0=onion')), [
    'cjdns 1.1.1.1 1',
    'ipv4 2.2.2.2 2',
    'ipv6 1.1.1.1 1',
    'names 2.2.2.2 2',
  ]);
  assert.deepEqual(shown(read('-onion=unix:/run/tor')), ['onion unix:/run/tor 0']);
  assert.deepEqual(shown(read('-proxy=[::1]:7=CJDNS')), ['cjdns ::1 7']);
  assert.deepEqual(shown(read('-proxy=1.1.1.1:1=onion', '-noonion')), []);
  assert.deepEqual(shown(read('-noproxy')), []);
});

test('onion addresses are reached through a proxy alone', () => {
  assert.deepEqual(read('-onlynet=onion', '-onion=127.0.0.1').onlyNetworks, ['onion']);
  const begin =
    'Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor network is ';
  const refused = (end: string, ...argv: readonly string[]): void =>
    assert.throws(() => read(...argv), { name: 'StartupError', message: begin + end });
  refused('not provided: none of -proxy, -onion or -listenonion is given', '-onlynet=onion', '-listenonion=0');
  assert.deepEqual(read('-onlynet=onion').onlyNetworks, ['onion'], 'Tor may say later how');
  refused('explicitly forbidden: -onion=0', '-onlynet=onion', '-proxy=127.0.0.1', '-noonion');
});

test('places that are none are refused with sentences of Core', () => {
  const refused = (message: string, ...argv: readonly string[]): void =>
    assert.throws(() => read(...argv), { name: 'StartupError', message });
  refused("Invalid port specified in -proxy: '127.0.0.1:x'", '-proxy=127.0.0.1:x');
  refused("Invalid -proxy address or hostname: 'unix:'", '-proxy=unix:');
  const long = `unix:${'x'.repeat(108)}`;
  refused(`Invalid -proxy address or hostname: '${long}'`, `-proxy=${long}`);
  for (const host of ['abc..abc', '.abc', 'a b']) {
    refused(`Invalid -onion address or hostname: '${host}:1'`, `-onion=${host}:1`);
  }
  refused("Invalid -onion address or hostname: '1.2.3.4.5'", '-onion=1.2.3.4.5');
  refused("Invalid -proxy address or hostname, ends with '=': '1.1.1.1='", '-proxy=1.1.1.1=');
  refused("Unrecognized network in -proxy='1.1.1.1=i2p': 'i2p'", '-proxy=1.1.1.1=i2p');
});
