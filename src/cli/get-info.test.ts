import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../api/json/json-parser.ts';
import { formatGetInfo } from './get-info.ts';

const CHAIN =
  '{"chain":"main","blocks":7,"headers":9,"verificationprogress":0.123456789,"difficulty":1.5,"initialblockdownload":true}';

function network(networks: string): string {
  return `{"version":30000,"timeoffset":-2,"connections":3,"connections_in":1,"connections_out":2,"relayfee":0.00001000,"networks":${networks},"warnings":["careful"]}`;
}

async function linesOf(networks: string): Promise<readonly string[]> {
  const text = await formatGetInfo(async (method) => {
    const parsed = parseJson(method === 'getblockchaininfo' ? CHAIN : network(networks));
    assert.ok(parsed.ok);
    return { result: parsed.value, error: null };
  });
  return text.split('\n');
}

test('what is told of a node is laid out as bitcoin-cli does', async () => {
  assert.deepEqual(await linesOf('[{"name":"ipv4","proxy":""}]'), [
    'Chain: main',
    'Blocks: 7',
    'Headers: 9',
    'Verification progress: 12.3457%',
    'Difficulty: 1.5',
    '',
    'Network: in 1, out 2, total 3',
    'Version: 30000',
    'Time offset (s): -2',
    'Proxies: n/a',
    'Min tx relay fee rate (BTC/kvB): 0.00001000',
    '',
    'Warnings: careful',
  ]);
});

test('every proxy is shown once, with its networks', async () => {
  const of = (name: string, proxy: string): string => `{"name":"${name}","proxy":"${proxy}"}`;
  const [tor, sam] = ['127.0.0.1:9050', '127.0.0.1:7656'];
  const networks = [of('ipv4', tor), of('ipv6', tor), of('onion', tor), of('i2p', sam), of('cjdns', tor)];
  const lines = await linesOf(`[${networks.join(',')}]`);
  assert.ok(lines.includes('Proxies: 127.0.0.1:9050 (ipv4, ipv6, onion, cjdns), 127.0.0.1:7656 (i2p)'));
});
