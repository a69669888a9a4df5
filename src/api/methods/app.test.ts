import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { type AppPorts, AppRefusal, type LedgerNodeInfo } from '../app-ports.ts';
import { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RpcError } from '../errors.ts';
import { formatJson } from '../json/json-writer.ts';
import { APP_METHODS } from './app.ts';

const NODE: LedgerNodeInfo = {
  id: 1,
  state: 'stopped',
  pid: null,
  folder: '/books/nodes/1',
  port: null,
  rpcPort: null,
  webPort: null,
  height: null,
  fault: null,
};

const ADVICE = { isOpen: false, places: ['10.0.0.5:28339'], command: 'npm start', paramsFile: null };

/** Ports that write down what was wanted. */
function fakePorts(wishes: string[]): AppPorts {
  const wish = async <T>(text: string, answer: T): Promise<T> => {
    wishes.push(text);
    return answer;
  };
  return {
    nodes: {
      list: () => wish('list', [NODE]),
      start: (id) => (id === 9 ? Promise.reject(new AppRefusal('There is no node 9')) : wish(`start ${id}`, NODE)),
      stop: (id) => wish(`stop ${id}`, NODE),
      createLink: (id) => wish(`link ${id}`, 'http://127.0.0.1:1/login?token=x'),
    },
    door: {
      adviseJoining: () => ADVICE,
      open: (host) => wish(`open ${host}`, ADVICE),
      close: () => wish('close', ADVICE),
    },
    createLink: (host) => `http://${host ?? 'here'}/`,
  };
}

async function call(wishes: string[], name: string, ...values: readonly string[]): Promise<string> {
  const method = APP_METHODS.find((one) => one.name === name)!;
  const context = { app: fakePorts(wishes) } as RpcContext;
  return formatJson(await method.run(context, new Arguments(method, values)));
}

test('a node without an app says so', async (t) => {
  const world = await RpcWorld.open(t);
  const sentence = '-1 This node has no app: start it with -web, or with tally up';
  assert.equal(await world.refusal('getapplink'), sentence);
  assert.equal(await world.refusal('listledgernodes'), sentence);
  assert.equal(await world.refusal('openledger'), sentence);
});

test('what the app offers is asked of it, and what it refuses is told', async () => {
  const wishes: string[] = [];
  assert.equal(await call(wishes, 'listledgernodes'), '[{"id":1,"state":"stopped","folder":"/books/nodes/1"}]');
  await call(wishes, 'startledgernode');
  const advice = await call(wishes, 'openledger');
  assert.equal(advice, '{"open":false,"places":["10.0.0.5:28339"],"command":"npm start"}');
  await call(wishes, 'openledger', '192.168.1.5');
  await call(wishes, 'closeledger');
  assert.deepEqual(wishes, ['list', 'start null', 'open 0.0.0.0', 'open 192.168.1.5', 'close']);
});

test('R07: a link is made for a name or an address, and for nothing else', async () => {
  for (const [host, url] of [
    ['192.168.1.5', '"http://192.168.1.5/"'],
    ['books.example', '"http://books.example/"'],
    ['[fd00::1]', '"http://[fd00::1]/"'],
  ] as const) {
    assert.equal(await call([], 'getapplink', host), url);
  }
  for (const host of ['', 'a b', 'x/y', 'x@y', 'x:1', '"><script>', '-x', `${'a'.repeat(300)}`, 'x\n']) {
    await assert.rejects(call([], 'getapplink', host), RpcError, host);
  }
  assert.equal(await call([], 'getapplink'), '"http://here/"');
});
