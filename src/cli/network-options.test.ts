// The options of the network: sentences, defaults, and what one option does to another. Facts about Core (init.cpp
// InitParameterInteraction and AppInitParameterInteraction, net_permissions.cpp), typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainnetParams } from '../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { parseArguments } from './args.ts';
import { formatDaemonHelp } from './help.ts';
import { readNetworkOptions } from './network-options.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';

function readOf(params: ChainParams, argv: readonly string[], isPruned = false): NodeOptions {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  const settings = new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
  return readNetworkOptions(settings, params, { version: '1.2.3', isPruned });
}

const read = (...argv: readonly string[]): NodeOptions => readOf(createRegtestParams(), argv);

/** Where it listens, as people write it. */
const listensAt = (options: NodeOptions): readonly string[] =>
  options.listen.map(({ endpoint: { host, port } }) => `${host} ${port}`);

function fails(sentence: string, ...argv: readonly string[]): void {
  assert.throws(() => read(...argv), { name: 'StartupError', message: sentence });
}

test('without options a node listens everywhere at the port of its network, finds peers by itself, and keeps 125 connections', () => {
  const options = readOf(createMainnetParams(), []);
  assert.deepEqual(listensAt(options), ['0.0.0.0 8333', ':: 8333', '127.0.0.1 8334']);
  assert.deepEqual(listensAt(read()), ['0.0.0.0 18444', ':: 18444', '127.0.0.1 18445']);
  const { connect, addNodes, seedNodes, usesDnsSeeds, usesFixedSeeds, onlyNetworks, discovers } = options;
  assert.deepEqual([connect, addNodes, seedNodes], [null, [], []]);
  assert.deepEqual([usesDnsSeeds, usesFixedSeeds, onlyNetworks, discovers], [true, true, null, true]);
  const { connectionCountMax, connectTimeoutMs, handshakeTimeoutMs, isBlocksOnly, isPruned, userAgent } = options;
  assert.deepEqual([connectionCountMax, connectTimeoutMs, handshakeTimeoutMs], [125, 5000, 60_000]);
  assert.deepEqual([isBlocksOnly, isPruned, userAgent], [false, false, '/Tallystick:1.2.3/']);
  assert.equal(readOf(createRegtestParams(), [], true).isPruned, true);
});

test('buffers of a connection are counted in thousands of bytes; less than nothing is nothing', () => {
  const buffersOf = ({ receiveBufferBytes, sendBufferBytes }: NodeOptions): readonly number[] => [
    receiveBufferBytes,
    sendBufferBytes,
  ];
  assert.deepEqual(buffersOf(read()), [5_000_000, 1_000_000]);
  assert.deepEqual(buffersOf(read('-maxreceivebuffer=20000', '-maxsendbuffer=7')), [20_000_000, 7000]);
  assert.deepEqual(buffersOf(read('-maxreceivebuffer=-1', '-maxsendbuffer=0')), [0, 0]);
});

test('what -whitelist grants by itself follows -whitelistrelay, -whitelistforcerelay and -blocksonly', () => {
  const granted = (...argv: readonly string[]): readonly [boolean, boolean] => {
    const { relay, forceRelay } = read(...argv).whitelistDefaults;
    return [relay, forceRelay];
  };
  assert.deepEqual(granted(), [true, false]);
  assert.deepEqual(granted('-whitelistrelay=0'), [false, false]);
  assert.deepEqual(granted('-whitelistforcerelay'), [true, true]);
  assert.deepEqual(granted('-blocksonly', '-whitelistforcerelay'), [false, true]);
  assert.deepEqual(granted('-blocksonly', '-whitelistrelay'), [true, false]);
});

test('-connect turns off listening and DNS seeds, unless they are asked for', () => {
  const options = read('-connect=127.0.0.1:1', '-connect=example.org');
  assert.deepEqual(options.connect, ['127.0.0.1:1', 'example.org']);
  assert.deepEqual([options.listen.length, options.usesDnsSeeds], [0, false]);
  const both = read('-connect=127.0.0.1', '-listen', '-dnsseed');
  assert.deepEqual([both.listen.length, both.usesDnsSeeds], [3, true]);
});

test('-noconnect and -connect=0 connect to nobody', () => {
  for (const argument of ['-noconnect', '-connect=0']) {
    const options = read(argument);
    assert.deepEqual([options.connect, options.listen.length, options.usesDnsSeeds], [[], 0, false]);
  }
  assert.deepEqual(read('-connect=0', '-connect=a').connect, ['0', 'a']);
});

test('-maxconnections=0 turns off listening and DNS seeds, and less than none is none', () => {
  for (const argument of ['-maxconnections=0', '-maxconnections=-7']) {
    const options = read(argument);
    assert.deepEqual([options.connectionCountMax, options.listen.length, options.usesDnsSeeds], [0, 0, false]);
  }
  assert.equal(read('-maxconnections=8').connectionCountMax, 8);
});

test('-bind and -whitebind turn listening on, and contradict -listen=0', () => {
  const bound = read('-connect=127.0.0.1', '-bind=127.0.0.1', '-bind=[::1]:7', '-port=99');
  assert.deepEqual(listensAt(bound), ['127.0.0.1 99', '::1 7']);
  const white = read('-noconnect', '-whitebind=noban@127.0.0.1:5');
  assert.deepEqual(listensAt(white), ['127.0.0.1 5', '127.0.0.1 18445']);
  assert.notEqual(white.listen[0]?.whitebind, null);
  for (const option of ['-bind=127.0.0.1', '-whitebind=127.0.0.1:5']) {
    fails('Cannot set -bind or -whitebind together with -listen=0', option, '-listen=0');
  }
  assert.deepEqual(listensAt(read('-nolisten')), []);
});

test('a bind for Tor is one port up: by itself on this machine where nothing is bound, or where it is said without a port', () => {
  assert.deepEqual(listensAt(read('-port=99')), ['0.0.0.0 99', ':: 99', '127.0.0.1 100']);
  assert.deepEqual(listensAt(read('-port=99', '-bind=127.0.0.1=onion')), ['127.0.0.1 100']);
  assert.deepEqual(listensAt(read('-bind=127.0.0.1:7=onion')), ['127.0.0.1 7']);
  assert.deepEqual(listensAt(read('-port=65535')), ['0.0.0.0 65535', ':: 65535']);
});

test('places that cannot be read are named', () => {
  fails("Cannot resolve -bind address: 'example.org'", '-bind=example.org');
  fails("Cannot resolve -bind address: '127.0.0.1:70000'", '-bind=127.0.0.1:70000');
  fails("Cannot resolve -whitebind address: 'nowhere:1'", '-whitebind=nowhere:1');
  fails("Need to specify a port with -whitebind: '127.0.0.1'", '-whitebind=127.0.0.1');
  fails("Cannot resolve -externalip address: 'me'", '-externalip=me');
  fails("Invalid netmask specified in -whitelist: 'abc'", '-whitelist=abc');
  fails("Invalid P2P permission: 'oops'", '-whitelist=oops@1.2.3.4');
});

test('a port is a number from 1 to 65535', () => {
  assert.deepEqual(listensAt(read('-port=65535')), ['0.0.0.0 65535', ':: 65535']);
  for (const text of ['0', '65536', '-1', 'abc', '1.5', '']) {
    fails(`Invalid port specified in -port: '${text}'`, `-port=${text}`);
  }
});

test('-onlynet takes the networks that can be reached, and says to which there is no way', () => {
  assert.deepEqual(read('-onlynet=ipv4', '-onlynet=ipv6').onlyNetworks, ['ipv4', 'ipv6']);
  fails("Unknown network specified in -onlynet: 'moon'", '-onlynet=moon');
  assert.deepEqual(read('-onlynet=i2p', '-i2psam=127.0.0.1').onlyNetworks, ['i2p']);
  assert.deepEqual(read('-onlynet=cjdns', '-cjdnsreachable').onlyNetworks, ['cjdns']);
  fails('Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not provided', '-onlynet=i2p');
  const noCjdns = 'Outbound connections restricted to CJDNS (-onlynet=cjdns) but -cjdnsreachable is not provided';
  for (const others of [[], ['-cjdnsreachable=0']]) fails(noCjdns, '-onlynet=cjdns', ...others);
});

test('who uses neither IPv4 nor IPv6 asks no DNS seeds', () => {
  assert.equal(read('-onlynet=ipv6').usesDnsSeeds, true);
  assert.equal(read('-onlynet=i2p', '-i2psam=127.0.0.1').usesDnsSeeds, false);
  assert.equal(read('-onlynet=onion', '-onion=127.0.0.1', '-dnsseed=0').usesDnsSeeds, false);
  fails(
    'Incompatible options: -dnsseed=1 was explicitly specified, but -onlynet forbids connections to IPv4/IPv6',
    ...['-dnsseed=1', '-onlynet=i2p', '-i2psam=127.0.0.1:7656'],
  );
});

test('times are positive', () => {
  assert.equal(read('-peertimeout=7').handshakeTimeoutMs, 7000);
  assert.equal(read('-timeout=250').connectTimeoutMs, 250);
  assert.equal(read('-timeout=-1').connectTimeoutMs, 1);
  for (const text of ['0', '-5']) fails('peertimeout must be a positive integer.', `-peertimeout=${text}`);
});

test('connections are encrypted unless -v2transport=0 says otherwise', () => {
  const ways = [read(), read('-v2transport'), read('-v2transport=0'), read('-nov2transport')];
  assert.deepEqual(
    ways.map(({ encryptsConnections }) => encryptsConnections),
    [true, true, false, false],
  );
});

test('-uacomment is appended, and neither unsafe nor too long (D16)', () => {
  assert.equal(
    read('-uacomment=one', '-uacomment=two (2)'.replace(' (2)', '')).userAgent,
    '/Tallystick:1.2.3(one; two)/',
  );
  for (const comment of ['a/b', 'a:b', 'a(b', '₿', 'a\nb']) {
    fails(`User Agent comment (${comment}) contains unsafe characters.`, `-uacomment=${comment}`);
  }
  // 20 characters around the comment
  assert.equal(read(`-uacomment=${'x'.repeat(236)}`).userAgent.length, 256);
  fails(
    'Total length of network version string (257) exceeds maximum length (256). Reduce the number or size of uacomments.',
    `-uacomment=${'x'.repeat(237)}`,
  );
});

test('-maxuploadtarget counts in mebibytes unless it says otherwise, and what is no number is named', () => {
  assert.equal(read().uploadLimitBytes, 0);
  assert.equal(read('-maxuploadtarget=800').uploadLimitBytes, 800 * 2 ** 20);
  assert.equal(read('-maxuploadtarget=5k').uploadLimitBytes, 5000);
  assert.equal(read('-maxuploadtarget=5K').uploadLimitBytes, 5120);
  assert.equal(read('-maxuploadtarget=2T').uploadLimitBytes, 2 * 2 ** 40);
  for (const text of ['', 'x', '5x', '-1', '1.5M', '99999999999T']) {
    assert.throws(() => read(`-maxuploadtarget=${text}`), {
      message: `Unable to parse -maxuploadtarget: '${text}'`,
    });
  }
});

test('our own addresses are told, and then not looked for', () => {
  const options = read('-externalip=1.2.3.4', '-externalip=[2001:470::1]:5');
  assert.deepEqual(options.externalHosts, ['1.2.3.4', '[2001:470::1]:5']);
  assert.equal(options.discovers, false);
  assert.equal(read('-externalip=1.2.3.4', '-discover').discovers, true);
  assert.equal(read('-nolisten').discovers, false);
});

test('our own addresses have the port of the first bind that names one, of a place without noban, or that of -port', () => {
  const ports = [
    read('-port=1'),
    read('-port=1', '-bind=1.1.1.5'),
    read('-port=1', '-bind=1.1.1.5', '-bind=1.1.1.6:4', '-bind=1.1.1.7:5'),
    read('-port=1', '-bind=127.0.0.1:9=onion', '-whitebind=1.1.1.5:6'),
    read('-port=1', '-whitebind=noban@1.1.1.5:7', '-whitebind=relay@1.1.1.5:8'),
    read('-port=1', '-whitebind=noban@1.1.1.5:7'),
  ].map(({ advertisedPort }) => advertisedPort);
  assert.deepEqual(ports, [1, 1, 4, 6, 8, 1]);
});

test('-dns=0 takes numeric addresses only', () => {
  for (const option of ['connect', 'addnode', 'seednode']) {
    assert.doesNotThrow(() => read('-dns=0', `-${option}=1.2.3.4`, `-${option}=[::1]:5`));
    assert.doesNotThrow(() => read(`-${option}=example.org`));
    fails(
      `-dns=0 allows numeric addresses only, and not -${option}=example.org:1`,
      '-dns=0',
      `-${option}=example.org:1`,
    );
  }
  assert.doesNotThrow(() => read('-nodns', '-connect=0'));
});

test('-help lists every option of the network with its default', () => {
  const text = formatDaemonHelp('1.2.3');
  const section = text.slice(text.indexOf('Connection options:'), text.indexOf('RPC server options:'));
  const names = [...section.matchAll(/^ {2}-([a-z]\w*)/gm)].map(([, name]) => name);
  assert.deepEqual(names, [
    'addnode',
    'asmap',
    'bantime',
    'bind',
    'blocksonly',
    'cjdnsreachable',
    'connect',
    'discover',
    'dns',
    'dnsseed',
    'externalip',
    'fixedseeds',
    'forcednsseed',
    'i2pacceptincoming',
    'i2psam',
    'listen',
    'listenonion',
    'maxconnections',
    'maxreceivebuffer',
    'maxsendbuffer',
    'maxuploadtarget',
    'onion',
    'onlynet',
    'peerblockfilters',
    'peerbloomfilters',
    'port',
    'proxy',
    'proxyrandomize',
    'seednode',
    'timeout',
    'torcontrol',
    'torpassword',
    'uacomment',
    'v2transport',
    'whitebind',
    'whitelist',
  ]);
  assert.match(section, /-maxconnections=<n>\n {7}Most connections .*\(default: 125\)/);
  assert.match(text, / {2}-minimumchainwork=<hex>\n/);
  assert.equal(text.includes('does not connect'), false);
});
