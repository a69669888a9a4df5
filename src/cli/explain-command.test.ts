// `tally explain` against a server with answers of its own, and without one.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Arguments } from '../api/arguments.ts';
import type { RpcContext } from '../api/context.ts';
import { RPC_CODE, RpcError } from '../api/errors.ts';
import type { JsonOutput } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import type { MethodSpec } from '../api/schema.ts';
import { createMethodTable, optional, result } from '../api/schema-words.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { runClient } from './client.ts';
import { nullLogger } from './log.ts';
import { RpcServer } from './rpc-server.ts';
import { readRpcOptions } from './rpc-settings.ts';
import { Settings } from './settings.ts';

const TXID = 'aa'.repeat(32);
const BLOCK = 'bb'.repeat(32);

function method(name: string, run: (args: Arguments) => JsonOutput): MethodSpec {
  const parameters = ['a', 'b', 'c'].map((one) => optional(one, 'string', '', { skipsTypeCheck: true }));
  const results = [result('any')];
  return { name, category: 'util', description: name, parameters, results, examples: [], run: (_, args) => run(args) };
}

/** What was asked, one line a call. */
type Calls = string[];

function createMethods(calls: Calls): ReturnType<typeof createMethodTable> {
  const answer = (name: string, give: (subject: string, args: Arguments) => JsonOutput): MethodSpec =>
    method(name, (args) => {
      calls.push(`${name} ${formatJson(args.values)}`);
      return give(args.text('a'), args);
    });
  return createMethodTable([
    answer('explaintransaction', (subject) => {
      if (subject.length === 160) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed');
      if (subject === 'cc'.repeat(32)) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'No such transaction');
      const inputs = [
        { input: 0, result: 'valid' },
        { input: 1, result: 'invalid', error: 'no' },
      ];
      return { txid: subject.slice(0, 64), status: 'rejected', stages: [], inputs };
    }),
    answer('explainblock', (subject) => {
      if (subject.length === 64 && subject !== BLOCK)
        throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block not found');
      return { hash: BLOCK, status: 'active', height: 7, stages: [] };
    }),
    answer('explainscript', (subject) => {
      if (subject === '0300') throw new RpcError(RPC_CODE.VERIFY_ERROR, 'Coins are not known');
      return { input: 1, rules: 'relay', steps: [] };
    }),
  ]);
}

let nextPort = 40_000 + (process.pid % 20_000);

interface Spoken {
  readonly code: number;
  readonly text: string;
  readonly complaint: string;
}

/** A folder, and the way to run the command in it. */
function openShell(t: TestContext): {
  readonly folder: string;
  run(port: number, ...words: string[]): Promise<Spoken>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'tally-explain-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    async run(port, ...words) {
      const spoken = { text: '', complaint: '' };
      const output = {
        print: (text: string): void => {
          spoken.text += text;
        },
        complain: (text: string): void => {
          spoken.complaint += text;
        },
        terminal: null,
        sharesTerminal: false,
      };
      const place = ['-regtest', `-datadir=${folder}`, `-rpcport=${port}`, '-lang=en'];
      const code = await runClient([...place, 'explain', ...words], output);
      return { code, ...spoken };
    },
  };
}

async function startServer(t: TestContext, folder: string): Promise<{ readonly port: number; readonly calls: Calls }> {
  const port = nextPort++;
  const calls: Calls = [];
  const methods = createMethods(calls);
  const network = join(folder, 'regtest');
  mkdirSync(network);
  const values = new Map([['rpcport', [`${port}`]]]);
  const settings = new Settings({ commandLine: values, config: new Map() }, () => false);
  settings.selectSection('regtest');
  const options = readRpcOptions(settings, createRegtestParams(), network);
  assert.ok(options !== null);
  const server = await RpcServer.start(options, methods, nullLogger as never);
  server.dispatcher.open({ methods } as unknown as RpcContext);
  t.after(() => server.close());
  return { port, calls };
}

test('hashes are looked for among blocks first, bytes are read as a transaction first', async (t) => {
  const shell = openShell(t);
  const { port, calls } = await startServer(t, shell.folder);
  const transaction = await shell.run(port, TXID);
  assert.deepEqual([transaction.code, transaction.complaint], [0, '']);
  assert.match(transaction.text, new RegExp(`^Transaction ${TXID}\nStatus {6}rejected\n`));
  const block = await shell.run(port, BLOCK);
  assert.match(block.text, new RegExp(`^Block {7}${BLOCK}\nStatus {6}active\nHeight {6}7\n`));
  assert.match((await shell.run(port, '00'.repeat(80))).text, /^Block /);
  assert.deepEqual(
    calls.map((one) => one.split(' ')[0]),
    ['explainblock', 'explaintransaction', 'explainblock', 'explaintransaction', 'explainblock'],
  );
});

test('steps are those of the input that is named, or else of the first that fails', async (t) => {
  const shell = openShell(t);
  const { port, calls } = await startServer(t, shell.folder);
  await shell.run(port, '0200', '--steps');
  await shell.run(port, '--input=0', '0200');
  const walks = calls.filter((one) => one.startsWith('explainscript'));
  assert.deepEqual(walks, ['explainscript ["0200",1,null]', 'explainscript ["0200",0,null]']);
});

test('when scripts cannot be run the checks are told all the same', async (t) => {
  const shell = openShell(t);
  const { port } = await startServer(t, shell.folder);
  const partly = await shell.run(port, '0300', '--steps');
  assert.equal(partly.code, 25);
  assert.match(partly.text, /^Transaction 0300\n/);
  assert.match(partly.complaint, /Coins are not known/);
});

test('what nobody knows, and what makes no sense, ends with an error', async (t) => {
  const shell = openShell(t);
  const { port } = await startServer(t, shell.folder);
  const unknown = await shell.run(port, 'cc'.repeat(32));
  assert.deepEqual([unknown.code, unknown.text], [5, '']);
  assert.match(unknown.complaint, /error code: -5\nerror message:\nNo such transaction/);
  assert.match((await shell.run(port, TXID, '-prevouts=[')).complaint, /-prevouts is no JSON/);
  assert.match((await shell.run(port, TXID, '-input=-1')).complaint, /-input is negative/);
  assert.match((await shell.run(port)).complaint, /takes one thing/);
  assert.match((await shell.run(port, TXID, TXID)).complaint, /takes one thing/);
});

const RAW = `0200000001${TXID}00000000025152ffffffff0100e1f505000000001976a914${'11'.repeat(20)}88ac00000000`;
/** OP_ADD OP_3 OP_EQUAL. */
const PREVOUTS = `-prevouts=[{"txid":"${TXID}","vout":0,"scriptPubKey":"935387","amount":1.5}]`;

test('a transaction whose coins are all described needs no node', async (t) => {
  const shell = openShell(t);
  const alone = await shell.run(1, RAW, PREVOUTS, '--steps');
  assert.deepEqual([alone.code, alone.complaint], [0, '']);
  assert.match(alone.text, /Judged with the coins that you described/);
  assert.match(alone.text, /✓ amounts .*\n.*spent 1\.50000000 {2}paid 1\.00000000 {2}fee 0\.50000000/);
  assert.match(alone.text, /· locktime/);
  assert.match(alone.text, /OP_EQUAL .*true if they are the same\.\n {10}stack {3}01\n/);
  assert.match(alone.text, / {2}✓ valid\n$/);
  const needy = await shell.run(1, RAW);
  assert.equal(needy.code, 1);
  assert.match(needy.complaint, /Could not connect to the server/);
  const other = await shell.run(1, RAW, PREVOUTS.replace('"vout":0', '"vout":1'));
  assert.match(other.complaint, /Could not connect to the server/);
  assert.match((await shell.run(1, RAW, PREVOUTS, '-input=1')).complaint, /There is no input 1/);
});
