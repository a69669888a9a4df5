import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { parseArguments } from './args.ts';
import { readNetworkOptions } from './network-options.ts';
import { argumentRules } from './options.ts';
import { findPrivateBroadcastWarning } from './private-broadcast-options.ts';
import { Settings } from './settings.ts';

function read(...argv: readonly string[]): NodeOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readNetworkOptions(settings, createRegtestParams(), { version: '1.2.3', isPruned: false });
}

test('transactions are sent privately where that is asked for, and Tor is there', () => {
  assert.equal(read().broadcastsPrivately, false);
  assert.equal(read('-privatebroadcast', '-onion=127.0.0.1:9050').broadcastsPrivately, true);
  assert.equal(read('-privatebroadcast', '-proxy=127.0.0.1:9050').broadcastsPrivately, true);
  assert.equal(read('-privatebroadcast').broadcastsPrivately, true, 'Tor may say later how');
  assert.equal(read('-privatebroadcast=0', '-connect=1.2.3.4').broadcastsPrivately, false);
});

test('M13: a node that could not send privately what it is to send privately does not start', () => {
  const none = {
    message:
      'Private broadcast of own transactions requested (-privatebroadcast), but none of Tor or I2P networks is reachable',
  };
  for (const others of [
    [],
    ['-proxy=127.0.0.1:9050', '-onion=0'],
    ['-proxy=127.0.0.1:9050=ipv4'],
    ['-onion=127.0.0.1:9050', '-onlynet=ipv4'],
  ]) {
    assert.throws(() => read('-privatebroadcast', '-listenonion=0', ...others), none, others.join(' '));
  }
  for (const never of ['-onlynet=ipv4', '-onion=0', '-listen=0']) {
    assert.throws(() => read('-privatebroadcast', never), none, never);
  }
  assert.throws(
    () => read('-privatebroadcast', '-onion=127.0.0.1:9050', '-connect=0'),
    /but -connect is also configured\. They are incompatible because the private broadcast needs to open new connections/,
  );
});

test('whoever shares one circuit among all connections is warned', () => {
  const argv = ['-privatebroadcast', '-onion=127.0.0.1:9050'] as const;
  assert.equal(findPrivateBroadcastWarning(read(...argv)), null);
  assert.equal(findPrivateBroadcastWarning(read(argv[1], '-proxyrandomize=0')), null);
  assert.equal(
    findPrivateBroadcastWarning(read(...argv, '-proxyrandomize=0')),
    'Private broadcast of own transactions requested (-privatebroadcast) and -proxyrandomize is disabled. Tor circuits for private broadcast connections may be correlated to other connections over Tor. For maximum privacy set -proxyrandomize=1.',
  );
});
