import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findFreePort } from '../../test/functional/rpc-client.ts';
import type { RpcContext } from '../api/context.ts';
import { type JsonOutput, JsonSequence } from '../api/json/json-value.ts';
import type { MethodSpec } from '../api/schema.ts';
import { createMethodTable, result } from '../api/schema-words.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { nullLogger } from './log.ts';
import { RpcServer } from './rpc-server.ts';
import { readRpcOptions } from './rpc-settings.ts';
import { Settings, type SettingValues } from './settings.ts';

const PARAMS = createRegtestParams();

/** Calls of `wait` that have not been let go. */
const held: (() => void)[] = [];

function method(name: string, run: MethodSpec['run']): MethodSpec {
  return { name, category: 'util', description: name, parameters: [], results: [result('any')], examples: [], run };
}

function* manyItems(): Generator<JsonOutput> {
  for (let i = 0; i < 2_000_000; i++) yield 'x'.repeat(50);
}

const METHODS = createMethodTable([
  method('one', () => 1),
  method('two', () => 2),
  method('wait', () => new Promise<JsonOutput>((resolve) => held.push(() => resolve('waited')))),
  method('large', () => new JsonSequence(manyItems())),
]);

interface Running {
  readonly server: RpcServer;
  readonly port: number;
  readonly folder: string;
  readonly cookie: string;
}

function settingsOf(lines: readonly string[]): Settings {
  const values: SettingValues = new Map();
  for (const line of lines) {
    const [name = '', value = ''] = line.split(/=(.*)/s);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const settings = new Settings({ commandLine: values, config: new Map() }, () => false);
  settings.selectSection('regtest');
  return settings;
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tally-rpc-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(t: TestContext, lines: readonly string[] = [], folder: string = makeFolder(t)): Promise<Running> {
  const port = await findFreePort();
  const options = readRpcOptions(settingsOf([`rpcport=${port}`, ...lines]), PARAMS, folder);
  assert.ok(options !== null);
  const server = await RpcServer.start(options, METHODS, nullLogger as never);
  server.dispatcher.open({ methods: METHODS } as unknown as RpcContext);
  t.after(() => server.close());
  const cookiePath = join(folder, '.cookie');
  return { server, port, folder, cookie: existsSync(cookiePath) ? readFileSync(cookiePath, 'utf8') : '' };
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** One request; the answer's status and body. */
async function ask(
  { port, cookie }: Running,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  path = '/',
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body,
    headers: { Authorization: basic(cookie), ...headers },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const CALL = '{"method":"one"}';

test('a call is answered as JSON, with a line end, and the connection stays', async (t) => {
  const running = await start(t);
  const answer = await ask(running, CALL);
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '{"result":1,"error":null}\n');
  assert.equal(answer.headers.get('Content-Type'), 'application/json');
  assert.equal(answer.headers.get('Connection'), null);
});

test('R01: without options it listens on this machine alone', () => {
  const places = readRpcOptions(settingsOf([]), PARAMS, '/x')?.places;
  assert.deepEqual(places, [
    { host: '::1', port: 18443 },
    { host: '127.0.0.1', port: 18443 },
  ]);
});

test('R01: a public place is listened at only when it is said who may connect, and others are refused all the same', async (t) => {
  const alone = readRpcOptions(settingsOf(['rpcbind=0.0.0.0']), PARAMS, '/x');
  assert.deepEqual(
    alone?.places.map(({ host }) => host),
    ['::1', '127.0.0.1'],
  );
  assert.match(alone.warnings[0] ?? '', /^Option -rpcbind was ignored/);
  const both = readRpcOptions(settingsOf(['rpcbind=0.0.0.0', 'rpcallowip=10.0.0.0/8']), PARAMS, '/x');
  assert.deepEqual(both?.places, [{ host: '0.0.0.0', port: 18443 }]);
  // Authentication is asked for on this machine, too.
  const running = await start(t);
  const response = await fetch(`http://127.0.0.1:${running.port}/`, { method: 'POST', body: CALL });
  assert.equal(response.status, 401);
});

test('R02: missing, wrong and malformed credentials get 401 and a hint, the wrong ones after a quarter of a second', async (t) => {
  const running = await start(t);
  const wrong = [
    basic('__cookie__:wrong'),
    basic(`${running.cookie}x`),
    basic('nobody:x'),
    basic('nocolon'),
    'Basic !!!notbase64!!!',
    'Basic ',
    'Bearer token',
    'Digest username="a"',
  ];
  for (const header of wrong) {
    const startMs = performance.now();
    const answer = await ask(running, CALL, { Authorization: header });
    assert.equal(answer.status, 401, header);
    assert.equal(answer.headers.get('WWW-Authenticate'), 'Basic realm="jsonrpc"');
    assert.ok(performance.now() - startMs > 230, header);
  }
});

test('R02: guessing gets four answers a second in all, and whoever knows the password waits for none of them', async (t) => {
  const running = await start(t);
  const startMs = performance.now();
  let answered = 0;
  const guesses = Array.from({ length: 8 }, async () => {
    await ask(running, CALL, { Authorization: basic('a:b') });
    answered++;
  });
  assert.equal((await ask(running, CALL)).status, 200);
  // In the queue it would come after the eighth, two seconds later.
  assert.ok(answered <= 2, `${answered} guesses were answered before`);
  await Promise.all(guesses);
  assert.ok(performance.now() - startMs > 7 * 240);
});

test('R02: accounts with salted hashes and with passwords are let in, in any letters', async (t) => {
  const hash = createHmac('sha256', 'salt').update('päss').digest('hex');
  const running = await start(t, [`rpcauth=änne:salt$${hash}`, 'rpcuser=bert', 'rpcpassword=🔑']);
  assert.equal(running.cookie, '');
  assert.equal((await ask(running, CALL, { Authorization: basic('änne:päss') })).status, 200);
  assert.equal((await ask(running, CALL, { Authorization: basic('bert:🔑') })).status, 200);
  assert.equal((await ask(running, CALL, { Authorization: basic('bert:päss') })).status, 401);
});

test("R03: the cookie is new at every start, 256 bits, and its owner's alone", async (t) => {
  const first = await start(t);
  const path = join(first.folder, '.cookie');
  assert.match(first.cookie, /^__cookie__:[0-9a-f]{64}$/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await first.server.close();
  assert.ok(!existsSync(path));
  const second = await start(t, [], first.folder);
  assert.notEqual(second.cookie, first.cookie);
});

test('R03: a link in the place of the cookie is replaced and not followed', async (t) => {
  const folder = makeFolder(t);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(folder, '.cookie'));
  symlinkSync(victim, join(folder, '.cookie.tmp'));
  const running = await start(t, [], folder);
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
  assert.equal((await ask(running, CALL)).status, 200);
});

test('R03: a cookie that cannot be written ends the start', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, '.cookie.tmp'));
  await assert.rejects(start(t, [], folder), /Unable to start HTTP server/);
  const options = readRpcOptions(settingsOf(['rpccookieperms=group']), PARAMS, folder);
  assert.equal(options?.cookie?.mode, 0o640);
  assert.throws(() => readRpcOptions(settingsOf(['rpccookieperms=nobody']), PARAMS, folder), /Unable to start/);
  assert.equal(readRpcOptions(settingsOf(['rpccookiefile=/a/b']), PARAMS, folder)?.cookie?.path, '/a/b');
  chmodSync(folder, 0o700);
});

test('R13: a user with a list may call what is on all of its lists, a batch included', async (t) => {
  const hash = createHmac('sha256', 's').update('p').digest('hex');
  const running = await start(t, [
    `rpcauth=anna:s$${hash}`,
    `rpcauth=bert:s$${hash}`,
    'rpcwhitelist=anna:one,two',
    'rpcwhitelist=anna:one, wait',
  ]);
  const as = (user: string) => ({ Authorization: basic(`${user}:p`) });
  assert.equal((await ask(running, CALL, as('anna'))).status, 200);
  for (const body of [
    '{"method":"two"}',
    '{"method":"wait"}',
    '[{"method":"one"},{"method":"two"}]',
    '{"method":"ONE"}',
  ]) {
    assert.equal((await ask(running, body, as('anna'))).status, 403, body);
  }
  assert.equal((await ask(running, CALL, as('bert'))).status, 403);
});

test('R08: other methods and paths are refused, however they are written', async (t) => {
  const { port, cookie } = await start(t);
  const status = async (method: string, path: string): Promise<string> => {
    const text = await talk(
      port,
      `${method} ${path} HTTP/1.1\r\nAuthorization: ${basic(cookie)}\r\nConnection: close\r\n\r\n`,
    );
    return text.split(' ')[1] ?? '';
  };
  for (const name of ['TRACE', 'CONNECT', 'DELETE', 'PATCH', 'OPTIONS', 'GET', 'PUT']) {
    assert.equal(await status(name, '/'), '405', name);
  }
  for (const path of ['/../etc/passwd', '/%2e%2e/x', '/..%2f..%2fetc', '/x', '/?a', '//']) {
    assert.equal(await status('GET', path), '404', path);
  }
});

test('R05: a page of another site is refused, even with the password', async (t) => {
  const running = await start(t);
  assert.equal((await ask(running, CALL, { Origin: 'http://evil.example' })).status, 403);
  assert.equal((await ask(running, CALL, { Origin: 'null' })).status, 403);
  assert.equal((await ask(running, CALL, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
  assert.equal((await ask(running, CALL, { Origin: `http://127.0.0.1:${running.port}` })).status, 200);
});

/** Says something on a connection of its own and hears everything until it ends. */
function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
    socket.write(text);
  });
}

function whenClosed(socket: Socket): Promise<number> {
  const startMs = performance.now();
  socket.resume();
  return new Promise((resolve) => socket.on('close', () => resolve(performance.now() - startMs)));
}

test('R09: whoever says nothing, or a byte at a time, is disconnected in time, and others are served', async (t) => {
  const running = await start(t, ['rpcservertimeout=1']);
  const silent = connect(running.port, '127.0.0.1');
  const slow = connect(running.port, '127.0.0.1');
  const drip = setInterval(() => slow.write('x'), 100);
  slow.on('error', () => undefined);
  t.after(() => clearInterval(drip));
  slow.write('GET /');
  assert.equal((await ask(running, CALL)).status, 200);
  const [silentMs, slowMs] = await Promise.all([whenClosed(silent), whenClosed(slow)]);
  assert.ok(silentMs > 800 && silentMs < 3000, `${silentMs}`);
  assert.ok(slowMs > 800 && slowMs < 3000, `${slowMs}`);
});

test('what came while the program was held up is answered, however long that was', async (t) => {
  const running = await start(t, ['rpcservertimeout=1']);
  const socket = connect(running.port, '127.0.0.1');
  t.after(() => socket.destroy());
  const said: string[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const answers = async (count: number): Promise<void> => {
    while (said.join('').split('"result"').length <= count) {
      assert.ok(!socket.closed, 'the connection was closed without an answer');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const head = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(running.cookie)}\r\n`;
  const request = `${head}Content-Length: ${CALL.length}\r\n\r\n${CALL}`;
  socket.write(request);
  await answers(1);
  socket.write(request);
  // Nothing in this process moves meanwhile, the server neither.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  await answers(2);
});

test('R09: calls beyond those that are answered and those that wait get 503 at once', async (t) => {
  const running = await start(t, ['rpcthreads=1', 'rpcworkqueue=1']);
  const first = ask(running, '{"method":"wait"}');
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  // Whichever of the two comes last is refused, while the other waits.
  const others = [ask(running, '{"method":"two"}'), ask(running, '{"method":"two"}')];
  const refused = await Promise.race(others);
  assert.equal(refused.status, 503);
  assert.equal(refused.text, 'Work queue depth exceeded');
  for (const release of held.splice(0)) release();
  assert.equal((await first).text, '{"result":"waited","error":null}\n');
  const texts = (await Promise.all(others)).map(({ text }) => text);
  assert.ok(texts.includes('{"result":2,"error":null}\n'), texts.join());
});

test('R09: an answer of 100 MB is made as fast as it is read, and holds nobody up', async (t) => {
  const running = await start(t, ['rpcservertimeout=4']);
  const lazy = connect(running.port, '127.0.0.1');
  lazy.on('error', () => undefined);
  lazy.pause();
  const body = '{"method":"large"}';
  lazy.write(
    `POST / HTTP/1.1\r\nAuthorization: ${basic(running.cookie)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  const startMs = performance.now();
  assert.equal((await ask(running, CALL)).status, 200);
  assert.ok(performance.now() - startMs < 1000, 'it was not waited for');
  // Nobody reads: the connection ends, and what was not sent was never made.
  await new Promise((resolve) => setTimeout(resolve, 5500));
  assert.equal(await whenClosedSoon(lazy), true);
});

async function whenClosedSoon(socket: Socket): Promise<boolean> {
  return Promise.race([
    whenClosed(socket).then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 30_000).unref()),
  ]);
}

test('requests of one connection are answered in their order, the one that waits included', async (t) => {
  const { port, cookie } = await start(t);
  const say = (body: string): string =>
    `POST / HTTP/1.1\r\nAuthorization: ${basic(cookie)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  socket.write(say('{"method":"wait"}') + say('{"method":"two"}'));
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(heard, '');
  for (const release of held.splice(0)) release();
  while (heard.split('"result"').length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(heard.indexOf('"waited"') < heard.indexOf('"result":2'));
  socket.destroy();
});

test('closing lets the answers under way be sent', async (t) => {
  const running = await start(t);
  const waiting = ask(running, '{"method":"wait"}');
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const closing = running.server.close();
  for (const release of held.splice(0)) release();
  assert.equal((await waiting).text, '{"result":"waited","error":null}\n');
  await closing;
});
