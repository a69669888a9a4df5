import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { parseArguments } from './args.ts';
import { readNetworkOptions } from './network-options.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';
import { findOnionBindWarning } from './tor-options.ts';

function read(...argv: readonly string[]): NodeOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readNetworkOptions(settings, createRegtestParams(), { version: '1.2.3', isPruned: false });
}

test('Tor is asked for a service by every node that listens, unless it is told not to', () => {
  const control = { host: '127.0.0.1', port: 9051 };
  assert.deepEqual(read().tor, { control, password: '', asksForProxy: true, isAskedFor: false });
  assert.deepEqual(read('-listenonion').tor, { control, password: '', asksForProxy: true, isAskedFor: true });
  for (const no of ['-listenonion=0', '-listen=0', '-connect=1.2.3.4', '-proxy=127.0.0.1', '-maxconnections=0']) {
    assert.equal(read(no).tor, null, no);
  }
  const refused = { name: 'StartupError', message: 'Cannot set -listen=0 together with -listenonion=1' };
  for (const no of ['-listen=0', '-connect=1.2.3.4']) assert.throws(() => read(no, '-listenonion=1'), refused);
});

test('who says how Tor is controlled, or how onion addresses are reached, is heard', () => {
  assert.deepEqual(read('-torcontrol=[::1]:9151', '-torpassword=a b').tor, {
    control: { host: '::1', port: 9151 },
    password: 'a b',
    asksForProxy: true,
    isAskedFor: true,
  });
  assert.deepEqual(read('-torcontrol=10.0.0.1').tor?.control, { host: '10.0.0.1', port: 9051 });
  for (const said of ['-onion=127.0.0.1:9050', '-noonion']) assert.equal(read(said).tor?.asksForProxy, false, said);
  assert.throws(() => read('-torcontrol=127.0.0.1:x'), {
    message: "Invalid port specified in -torcontrol: '127.0.0.1:x'",
  });
});

test('a password that would be more than one is refused', () => {
  for (const bad of ['a\r\nSIGNAL HALT', 'a\nb', '\u0000', '\u007f']) {
    assert.throws(() => read(`-torpassword=${bad}`), {
      message: '-torpassword has a character that is none of a text',
    });
  }
  assert.throws(() => read(`-torpassword=${'a'.repeat(1001)}`), { message: '-torpassword is too long' });
});

test('of several places for Tor the first is used, and the operator is told', () => {
  const two = ['-bind=127.0.0.1:2000=onion', '-bind=[::1]:2001=onion'] as const;
  assert.equal(
    findOnionBindWarning(read(...two)),
    'More than one onion bind address is provided. Using 127.0.0.1:2000 for the automatically created Tor onion service.',
  );
  assert.equal(findOnionBindWarning(read(...two, '-listenonion=0')), null);
  assert.equal(findOnionBindWarning(read(two[1])), null);
});
