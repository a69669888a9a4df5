// What -netinfo prints, and the other requests of bitcoin-cli in place of a method. Expected texts were laid out by hand after its source.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerReply } from '../api/command-line.ts';
import { parseJson } from '../api/json/json-parser.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { answerRequest, type ClientRequest, findRequest } from './client-requests.ts';
import { Settings } from './settings.ts';

const PEER = {
  id: 7,
  addr: '192.0.2.1:8333',
  network: 'ipv4',
  servicesnames: ['NETWORK', 'WITNESS', 'NETWORK_LIMITED', 'P2P_V2'],
  relaytxes: true,
  lastsend: 0,
  lastrecv: 0,
  last_transaction: 0,
  last_block: 0,
  conntime: 0,
  pingtime: 0.05,
  minping: 0.0123,
  version: 70016,
  subver: '/Satoshi:29.0.0/',
  inbound: false,
  bip152_hb_to: true,
  bip152_hb_from: true,
  addr_relay_enabled: true,
  addr_processed: 1000,
  addr_rate_limited: 0,
  connection_type: 'outbound-full-relay',
  transport_protocol_type: 'v2',
};

const NODE: Record<string, unknown> = {
  getpeerinfo: [
    PEER,
    { ...PEER, id: 12, addr: '[2001:db8::1]:50001', network: 'ipv6', inbound: true, connection_type: 'inbound' },
    { ...PEER, id: 13, connection_type: 'manual', minping: undefined, pingtime: undefined, relaytxes: false },
  ],
  getnetworkinfo: {
    protocolversion: 70016,
    subversion: '/Tallystick:0.1.0/',
    localservicesnames: ['NETWORK', 'WITNESS', 'NETWORK_LIMITED'],
    networks: [
      { name: 'ipv4', reachable: true },
      { name: 'ipv6', reachable: true },
      { name: 'onion', reachable: false },
    ],
    localaddresses: [{ address: '192.0.2.9', port: 8333, score: 4 }],
  },
  getblockchaininfo: { chain: 'regtest' },
  getaddrmaninfo: { ipv4: { total: 5 }, onion: { total: 0 }, all_networks: { total: 5 } },
  getnewaddress: 'myaddress',
  generatetoaddress: ['aa', 'bb'],
};

const calls: string[] = [];

async function answer(request: ClientRequest, ...words: readonly string[]): Promise<string> {
  calls.length = 0;
  const ask = async (method: string, params: unknown): Promise<ServerReply> => {
    calls.push(`${method} ${formatJson(params as never)}`);
    const parsed = parseJson(JSON.stringify(NODE[method]));
    assert.ok(parsed.ok, method);
    return { error: null, result: parsed.value };
  };
  const { result } = await answerRequest(request, ask, words);
  return typeof result === 'string' ? result : formatJson(result);
}

test('-netinfo counts the peers by network and kind', async () => {
  const text = await answer('netinfo');
  assert.match(text, /^Tallystick client v[0-9.]+\S* regtest - server 70016\/Tallystick:0\.1\.0\/\n\n/);
  assert.equal(
    text.slice(text.indexOf('\n\n') + 2),
    `         ipv4    ipv6   total   block  manual
in          0       1       1
out         2       0       2       0       1
total       2       1       3

Local services: network, witness, network limited

Local addresses
192.0.2.9     port   8333    score      4`,
  );
});

test('-netinfo with a level has a line for every peer, inbound ones first', async () => {
  const lines = (await answer('netinfo', '4')).split('\n');
  assert.match(lines[0]!, / - services nwl$/);
  assert.equal(
    lines[2],
    '<->   type   net   serv  v  mping   ping send recv  txn  blk  hb addrp addrl  age id address             version',
  );
  assert.equal(
    lines[3],
    ' in         ipv6   nwl2  2     12     50                      .*  1000            12 [2001:db8::1]:50001 70016/Satoshi:29.0.0/',
  );
  assert.equal(
    lines[4],
    'out manual  ipv4   nwl2  2                            *       .*  1000            13 192.0.2.1:8333      70016/Satoshi:29.0.0/',
  );
  assert.equal(lines[6], '                               ms     ms  sec  sec  min  min                  min');
  const outbound = (await answer('netinfo', '1', 'outonly')).split('\n');
  const kinds = outbound.filter((line) => line.includes('nwl2')).map((line) => line.slice(0, 3));
  assert.deepEqual(kinds, ['out', 'out']);
});

test('parameters of -netinfo that make no sense are refused in Core’s words', async () => {
  await assert.rejects(answer('netinfo', 'x'), /^CallFailedError: invalid -netinfo level argument: x\n/);
  await assert.rejects(answer('netinfo', '256'), /invalid -netinfo level argument: 256/);
  await assert.rejects(answer('netinfo', '1', 'x'), /invalid -netinfo outonly argument: x\nFor more/);
  await assert.rejects(answer('netinfo', '0', 'o'), /only valid for a level greater than 0/);
  for (const line of (await answer('netinfo', 'help')).split('\n')) assert.ok(line.length <= 79, line);
});

test('-generate mines to a new address, and refuses in Core’s words', async () => {
  assert.equal(await answer('generate'), '{"address":"myaddress","blocks":["aa","bb"]}');
  assert.deepEqual(calls, ['getnewaddress []', 'generatetoaddress [1,"myaddress"]']);
  await answer('generate', '2', '500');
  assert.equal(calls[1], 'generatetoaddress [2,"myaddress",500]');
  await assert.rejects(answer('generate', 'foo'), { message: 'Error parsing JSON: foo' });
  await assert.rejects(answer('generate', '0'), {
    message: 'the first argument (number of blocks to generate, default: 1) must be an integer value greater than zero',
  });
  await assert.rejects(answer('generate', '1', '2', '3'), {
    message: 'too many arguments (maximum 2 for nblocks and maxtries)',
  });
});

test('-addrinfo counts addresses, and only one such option is taken', async () => {
  assert.equal(await answer('addrinfo'), '{"addresses_known":{"ipv4":5,"onion":0,"total":5}}');
  await assert.rejects(answer('addrinfo', 'x'), { message: '-addrinfo takes no arguments' });
  await assert.rejects(answer('getinfo', 'x'), { message: '-getinfo takes no arguments' });
  const given = (...names: readonly string[]): Settings =>
    new Settings({ commandLine: new Map(names.map((name) => [name, ['']])), config: new Map() }, () => false);
  assert.equal(findRequest(given()), null);
  assert.equal(findRequest(given('netinfo')), 'netinfo');
  assert.throws(() => findRequest(given('netinfo', 'getinfo')), {
    message: 'Only one of -getinfo, -netinfo may be specified.',
  });
});
