import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { reachableNetworks } from '../node/app/node-parts.ts';
import { formatSubnet } from '../node/p2p/subnet.ts';
import { parseArguments } from './args.ts';
import { readNetworkOptions } from './network-options.ts';
import { argumentRules } from './options.ts';
import { readAllowedSubnet } from './rpc-settings.ts';
import { Settings } from './settings.ts';

function read(...argv: readonly string[]): NodeOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readNetworkOptions(settings, createRegtestParams(), { version: '1.2.3', isPruned: false });
}

test('a router of I2P is an address or a name, at port 7656 where none is named', () => {
  assert.equal(read().i2p, null);
  assert.equal(read('-noi2psam').i2p, null);
  assert.deepEqual(read('-i2psam=127.0.0.1').i2p?.sam, { host: '127.0.0.1', port: 7656 });
  assert.deepEqual(read('-i2psam=[::1]:7').i2p?.sam, { host: '::1', port: 7 });
  assert.deepEqual(read('-i2psam=router.example:7').i2p?.sam, { host: 'router.example', port: 7 });
  const refused = (message: string, text: string): void =>
    assert.throws(() => read(`-i2psam=${text}`), { name: 'StartupError', message });
  refused("Invalid -i2psam address or hostname: 'def..def:23456'", 'def..def:23456');
  refused("Invalid port specified in -i2psam: 'unix:/x'", 'unix:/x');
  refused("Invalid port specified in -i2psam: '192.0.0.1:def'", '192.0.0.1:def');
});

test('others may connect to us by I2P unless we do not listen, or say so', () => {
  const accepts = (...argv: readonly string[]): boolean | undefined =>
    read('-i2psam=127.0.0.1', ...argv).i2p?.acceptsIncoming;
  assert.equal(accepts(), true);
  assert.equal(accepts('-i2pacceptincoming=0'), false);
  for (const quiet of ['-listen=0', '-connect=1.2.3.4', '-proxy=127.0.0.1']) {
    assert.equal(accepts(quiet), false, quiet);
    assert.equal(accepts(quiet, '-i2pacceptincoming'), true, quiet);
  }
});

test('networks are reached to which there is a way, and which -onlynet allows', () => {
  const reached = (...argv: readonly string[]): readonly string[] => [...reachableNetworks(read(...argv))];
  assert.deepEqual(reached(), ['ipv4', 'ipv6']);
  assert.deepEqual(reached('-i2psam=127.0.0.1', '-cjdnsreachable'), ['ipv4', 'ipv6', 'i2p', 'cjdns']);
  assert.deepEqual(reached('-i2psam=127.0.0.1', '-onlynet=i2p', '-cjdnsreachable'), ['i2p']);
  assert.equal(read('-cjdnsreachable', '-onlynet=ipv4').usesCjdns, false);
  assert.equal(read('-privatebroadcast', '-i2psam=127.0.0.1').broadcastsPrivately, true, 'I2P hides who we are, too');
});

test('with CJDNS an address of fc00::/8 stands for itself, in -whitelist and -rpcallowip, too', () => {
  const subnetOf = (...argv: readonly string[]): string | undefined => {
    const [entry] = read(...argv).whitelist;
    return entry === undefined ? undefined : `${entry.subnet.network} ${formatSubnet(entry.subnet)}`;
  };
  assert.equal(subnetOf('-whitelist=fc00::1'), 'ipv6 fc00::1/128');
  assert.equal(subnetOf('-whitelist=fc00::1', '-cjdnsreachable'), 'cjdns fc00::1');
  assert.equal(subnetOf('-whitelist=fc00::/16'), 'ipv6 fc00::/16');
  const message = "Invalid netmask specified in -whitelist: 'fc00::/16'";
  assert.throws(() => read('-whitelist=fc00::/16', '-cjdnsreachable'), { name: 'StartupError', message });
  for (const text of ['fc00::1', 'fd00::/16', '10.0.0.0/8']) {
    assert.equal(readAllowedSubnet(text, 'rpcallowip', true).network === 'cjdns', false, 'as clients are looked at');
  }
  assert.throws(() => readAllowedSubnet('fc00::/16', 'rpcallowip', true), /^StartupError: Invalid -rpcallowip subnet/);
});
