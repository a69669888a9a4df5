import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RpcContext } from '../api/context.ts';
import type { MethodSpec } from '../api/schema.ts';
import { createMethodTable, param, result } from '../api/schema-words.ts';
import { WebFiles } from '../platform/node/web-files.ts';
import { SECURITY_HEADERS } from '../platform/node/web-headers.ts';
import { WebServer } from '../platform/node/web-server.ts';
import { EventDoor } from './event-door.ts';
import { nullLogger } from './log.ts';
import { RpcCalls } from './rpc-calls.ts';
import { readAllowedSubnet } from './rpc-settings.ts';
import { WebDoor } from './web-door.ts';
import { LoginTokens, TOKEN_MS } from './web-login.ts';
import { isBearer, SESSION_SEC, SESSIONS_FILE_NAME, SESSIONS_MAX, WebSessions } from './web-session.ts';

/** Calls of `one` that were answered. */
let callCount = 0;

const METHODS = createMethodTable([
  {
    name: 'one',
    category: 'util',
    description: 'one',
    parameters: [],
    results: [result('any')],
    examples: [],
    run: () => ++callCount,
  } satisfies MethodSpec,
  {
    name: 'loadwallet',
    category: 'wallet',
    description: 'load',
    parameters: [param('filename', 'string', 'Its name')],
    results: [result('any')],
    examples: [],
    run: (_, args) => args.text('filename'),
  } satisfies MethodSpec,
]);

type Headers = Readonly<Record<string, string>>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** An app without a node. */
class App {
  readonly folder: string;
  readonly tokens: LoginTokens;
  readonly failures: unknown[] = [];
  /** Sessions that are over. */
  readonly ended: string[] = [];
  nowMs = 0;
  nowSec = 1_000_000;
  sessions: WebSessions;
  port = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.tokens = new LoginTokens(() => this.nowMs);
    this.sessions = this.openSessions();
  }

  openSessions(): WebSessions {
    return new WebSessions({
      folder: this.folder,
      nowSec: () => this.nowSec,
      onEnded: (id) => this.ended.push(id),
      onUnsaved: (error) => this.failures.push(error),
    });
  }

  /** The session of a cookie after a restart. */
  async reopen(cookie: string) {
    const sessions = this.openSessions();
    const session = sessions.find(cookie);
    await sessions.close();
    return session;
  }

  static async start(t: TestContext, allowed = '127.0.0.0/8'): Promise<App> {
    const folder = mkdtempSync(join(tmpdir(), 'tally-door-'));
    mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
    writeFileSync(join(folder, 'page', 'index.html'), '<html></html>');
    writeFileSync(join(folder, 'page', 'assets', 'a-1.js'), 'x');
    const app = new App(folder);
    const calls = new RpcCalls(METHODS, nullLogger as never, true);
    calls.dispatcher.open({ methods: METHODS } as unknown as RpcContext);
    const door = new WebDoor({
      rules: { allowed: [readAllowedSubnet(allowed, 'weballowip')], hostNames: new Set(['books.example']) },
      files: new WebFiles(join(folder, 'page')),
      calls,
      events: new EventDoor(),
      sessions: app.sessions,
      tokens: app.tokens,
      facts: { network: 'local', version: '1.2.3', hrp: 'tally' },
      cookieName: () => `tally_session_${app.port}`,
    });
    const server = new WebServer({
      answer: async (one) => door.answer(one),
      upgrade: (head) => door.upgrade(head),
      onFailure: (error) => app.failures.push(error),
    });
    app.port = (await server.listen({ host: '127.0.0.1', port: 0 })).port;
    t.after(async () => {
      await server.close();
      await app.sessions.close();
      rmSync(folder, { recursive: true, force: true });
      assert.deepEqual(app.failures, []);
    });
    return app;
  }

  ask(method: string, path: string, headers: Headers = {}, body = ''): Promise<Answer> {
    const options = { host: '127.0.0.1', port: this.port, method, path, agent: false };
    return new Promise((resolve, reject) => {
      const call = request({ ...options, headers: { Host: `127.0.0.1:${this.port}`, ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          for (const [name, value] of SECURITY_HEADERS) assert.equal(response.headers[name.toLowerCase()], value, path);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  /** Hands a token over, as the page does it. */
  login(token: string, headers: Headers = {}): Promise<Answer> {
    return this.ask('POST', '/login', { 'Content-Type': 'application/json', ...headers }, JSON.stringify({ token }));
  }

  /** Signs in; the cookie as it goes into a header, and the bearer. */
  async signIn(): Promise<{ readonly cookie: string; readonly bearer: string }> {
    const { headers, body } = await this.login(this.tokens.issue());
    const cookie = String(headers['set-cookie']).split(';')[0]!;
    return { cookie, bearer: (JSON.parse(body) as { bearer: string }).bearer };
  }

  /** Calls `one` with these headers in place of the right ones; null leaves one out. */
  async callWith(changes: Readonly<Record<string, string | null>>): Promise<number> {
    const { cookie, bearer } = await this.signIn();
    const right = {
      Host: `127.0.0.1:${this.port}`,
      Origin: `http://127.0.0.1:${this.port}`,
      Cookie: cookie,
      Authorization: `Bearer ${bearer}`,
      'Content-Type': 'application/json',
      'Sec-Fetch-Site': 'same-origin',
    };
    const headers = Object.entries({ ...right, ...changes }).filter(([, value]) => value !== null) as [
      string,
      string,
    ][];
    const before = callCount;
    const { status } = await this.ask(
      'POST',
      '/rpc',
      Object.fromEntries(headers),
      '{"jsonrpc":"2.0","id":1,"method":"one"}',
    );
    assert.equal(callCount - before, status === 200 ? 1 : 0, 'what is refused is not done');
    return status;
  }
}

test('R05: a call needs the cookie, the bearer, the right kind of body, and our own page behind it', async (t) => {
  const app = await App.start(t);
  const { port } = app;
  const cases: readonly (readonly [status: number, changes: Readonly<Record<string, string | null>>])[] = [
    [200, {}],
    [200, { Origin: null, 'Sec-Fetch-Site': null }],
    [200, { 'Content-Type': 'application/json; charset=utf-8' }],
    [200, { Host: `localhost:${port}`, Origin: `http://localhost:${port}` }],
    [200, { Host: 'books.example', Origin: 'https://books.example' }],
    [401, { Cookie: null }],
    [401, { Cookie: `tally_session_${port}=${'0'.repeat(64)}` }],
    [401, { Cookie: `tally_session_${port}=x` }],
    [401, { Authorization: null }],
    [401, { Authorization: `Bearer ${'0'.repeat(64)}` }],
    [401, { Authorization: 'Basic eDp5' }],
    [415, { 'Content-Type': 'text/plain' }],
    [415, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    [415, { 'Content-Type': 'application/jsonp' }],
    [415, { 'Content-Type': null }],
    [403, { Origin: 'null' }],
    [403, { Origin: 'http://evil.example' }],
    [403, { Origin: `http://127.0.0.1:${port + 1}` }],
    [403, { Origin: `http://localhost:${port}` }],
    [403, { Origin: null, 'Sec-Fetch-Site': 'cross-site' }],
    [403, { 'Sec-Fetch-Site': 'same-site' }],
    [403, { Host: 'evil.example', Origin: 'http://evil.example' }],
    [403, { Host: `127.0.0.1.evil.example:${port}`, Origin: null }],
    [403, { Host: `evil.example@127.0.0.1:${port}`, Origin: null }],
    [403, { Host: 'local host', Origin: null }],
    [403, { Host: '10.0.0.1', Origin: 'http://10.0.0.1' }],
  ];
  for (const [status, changes] of cases) assert.equal(await app.callWith(changes), status, JSON.stringify(changes));
});

test('R03: a page calls wallets by names, not by paths of the machine', async (t) => {
  const app = await App.start(t);
  const { cookie, bearer } = await app.signIn();
  const headers = { Cookie: cookie, Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' };
  const load = async (name: string): Promise<string> => {
    const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'loadwallet', params: { filename: name } });
    return (await app.ask('POST', '/rpc', headers, call)).body;
  };
  assert.match(await load('savings'), /"result":"savings"/);
  assert.match(await load('/home/anna/savings'), /"code":-8,/);
});

test('R01: a machine that is not allowed gets nothing, not even the page', async (t) => {
  const app = await App.start(t, '10.0.0.0/8');
  for (const path of ['/', '/assets/a-1.js', '/session', `/login?token=${app.tokens.issue()}`]) {
    assert.equal((await app.ask('GET', path)).status, 403, path);
  }
});

test('R02: a token is good once, for ten minutes, and wrong ones wait', async (t) => {
  const app = await App.start(t);
  const token = app.tokens.issue();
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  for (const method of ['GET', 'HEAD']) {
    const link = await app.ask(method, `/login?token=${token}`);
    assert.deepEqual(
      [link.status, link.headers['set-cookie']],
      [200, undefined],
      'looking at a link does not use it up',
    );
  }
  const first = await app.login(token);
  assert.deepEqual([first.status, first.headers['cache-control']], [200, 'no-store']);
  const attributes = String(first.headers['set-cookie']).split('; ').slice(1);
  assert.deepEqual(attributes, ['Path=/', 'Max-Age=2592000', 'HttpOnly', 'SameSite=Strict']);
  const startMs = performance.now();
  const again = await app.login(token);
  assert.deepEqual([again.status, again.headers['set-cookie']], [401, undefined]);
  assert.ok(performance.now() - startMs > 200, 'a quarter of a second');
  const late = app.tokens.issue();
  app.nowMs += TOKEN_MS;
  assert.equal((await app.login(late)).status, 401);
  // A hundred guesses at once: some wait, the others are sent away, and who has the right one does neither.
  const guesses = Array.from({ length: 100 }, (_, i) => app.login(`guess${i}`).catch(() => null));
  assert.equal((await app.login(app.tokens.issue())).status, 200);
  assert.equal((await Promise.race(guesses.slice(70)))?.status, 429);
});

test('R05: tokens are taken from our own page, in JSON, and short', async (t) => {
  const app = await App.start(t);
  const token = app.tokens.issue();
  assert.equal((await app.login(token, { 'Content-Type': 'text/plain' })).status, 415);
  assert.equal((await app.login(token, { Origin: 'http://evil.example' })).status, 403);
  assert.equal((await app.login(token, { 'Sec-Fetch-Site': 'same-site' })).status, 403);
  const { status, headers, body } = await app.login(token);
  assert.equal(status, 200);
  assert.match(String(headers['set-cookie']), /^tally_session_\d+=[0-9a-f]{64}; /);
  const { bearer, ...facts } = JSON.parse(body) as Record<string, string>;
  assert.match(bearer!, /^[0-9a-f]{64}$/);
  assert.deepEqual(facts, { network: 'local', version: '1.2.3', hrp: 'tally' });
  const json = { 'Content-Type': 'application/json' };
  for (const bad of ['', '{', '[]', 'null', '{"token":1}', '{"__proto__":{"token":"x"}}']) {
    assert.equal((await app.ask('POST', '/login', json, bad)).status, 400, bad);
  }
  assert.equal((await app.ask('POST', '/login', json, `{"token":"${'x'.repeat(2000)}"}`)).status, 413);
});

test('R05: another server of this machine, which is shown our cookie, can do nothing with it', async (t) => {
  const app = await App.start(t);
  const { cookie, bearer } = await app.signIn();
  const stolen = { Cookie: cookie };
  const secret = cookie.split('=')[1]!;
  const derived = createHmac('sha256', secret).update('bearer').digest('hex');
  for (const guess of [secret, derived, '0'.repeat(64), '']) {
    const headers = { ...stolen, Authorization: `Bearer ${guess}`, 'Content-Type': 'application/json' };
    assert.equal((await app.ask('GET', '/session', headers)).status, 401, guess);
    assert.equal((await app.ask('POST', '/rpc', headers, '{"id":1,"method":"one"}')).status, 401, guess);
  }
  const answers = [await app.ask('GET', '/session', stolen), await app.ask('GET', '/', stolen)];
  for (const { body, headers } of answers) assert.ok(!`${body}${JSON.stringify(headers)}`.includes(bearer));
  // It cannot keep the browser out either by adding cookies of our name.
  const name = cookie.split('=')[0]!;
  const crowd = `${name}=; ${name}=${'1'.repeat(64)}; x=y; ${cookie}`;
  assert.equal((await app.ask('GET', '/session', { Cookie: crowd, Authorization: `Bearer ${bearer}` })).status, 200);
});

test('a session is told of to our own page alone, and its cookie lives on from each visit', async (t) => {
  const app = await App.start(t);
  const { cookie, bearer } = await app.signIn();
  const right = { Cookie: cookie, Authorization: `Bearer ${bearer}` };
  const ask = (headers: Headers) => app.ask('GET', '/session', { ...right, ...headers });
  const { status, body, headers } = await ask({ 'Sec-Fetch-Site': 'same-origin' });
  assert.deepEqual([status, headers['cache-control']], [200, 'no-store']);
  assert.deepEqual(JSON.parse(body), { network: 'local', version: '1.2.3', hrp: 'tally' });
  assert.equal(String(headers['set-cookie']), `${cookie}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict`);
  assert.equal((await ask({ 'Sec-Fetch-Site': 'same-site' })).status, 403);
  assert.equal((await ask({ 'Sec-Fetch-Site': 'cross-site' })).status, 403);
  assert.equal((await ask({ Origin: `http://127.0.0.1:${app.port + 1}` })).status, 403);
  assert.equal((await app.ask('GET', '/session')).status, 401);
});

test('a session survives a restart, ends with logout, and after thirty days without a visit', async (t) => {
  const app = await App.start(t);
  const { cookie, bearer } = await app.signIn();
  const secret = cookie.split('=')[1]!;
  await app.sessions.close();
  const path = join(app.folder, SESSIONS_FILE_NAME);
  const kept = readFileSync(path, 'utf8');
  assert.ok(!kept.includes(secret) && !kept.includes(bearer), 'nothing that would let somebody in');
  const reopened = await app.reopen(secret);
  assert.ok(reopened !== null && isBearer(reopened, bearer) && !isBearer(reopened, secret));
  app.nowSec += SESSION_SEC + 1;
  assert.equal(await app.reopen(secret), null);
  app.nowSec -= SESSION_SEC;
  const headers = { Cookie: cookie, Authorization: `Bearer ${bearer}` };
  assert.equal((await app.ask('POST', '/logout', { Cookie: cookie })).status, 401);
  const out = await app.ask('POST', '/logout', headers);
  assert.equal(out.status, 204);
  assert.match(String(out.headers['set-cookie']), /^tally_session_\d+=; Path=\/; Max-Age=0; /);
  assert.equal((await app.ask('GET', '/session', headers)).status, 401);
  const id = createHash('sha256').update(secret).digest('hex');
  assert.deepEqual(app.ended, [id, id], 'once by its age, once by logout');
  for (const damage of ['', 'null', '{"sessions":[1]}', '{"sessions":{"x":1}}', `{"sessions":{"${id}":1}}`]) {
    writeFileSync(path, damage);
    assert.equal(await app.reopen(secret), null, damage);
  }
});

test('one browser too many ends the session of the one that has been away longest', async (t) => {
  const app = await App.start(t);
  const first = app.sessions.create();
  for (let i = 0; i < SESSIONS_MAX - 1; i++) {
    app.nowSec++;
    app.sessions.create();
  }
  assert.deepEqual(app.ended, []);
  app.sessions.create();
  assert.deepEqual(app.ended, [createHash('sha256').update(first.cookie).digest('hex')]);
  assert.equal(app.sessions.find(first.cookie), null);
});

test('R08: paths of the page show the page, files that are not there and devious spellings do not', async (t) => {
  const app = await App.start(t);
  const wallets = ['/wallet/%E7%AC%A6', '/wallet/a.json', '/wallet/a%2Fb', '/wallet/a..b', '/wallet/%2e%2e%2fx/send'];
  for (const path of ['/', '/ledger', '/block/00ff', ...wallets, '/index.html', '/x?y=../z']) {
    const { status, body } = await app.ask('GET', path);
    assert.deepEqual([status, body], [200, '<html></html>'], path);
  }
  const nothing = ['/assets/b.js', '/old.js', '/..%2fetc', '/a/%2e%2e/b', '/a%5c..', '/a%00', '//evil.example/x'];
  for (const path of nothing) assert.equal((await app.ask('GET', path)).status, 404, path);
  for (const method of ['PUT', 'OPTIONS', 'TRACE', 'DELETE']) {
    assert.equal((await app.ask(method, '/')).status, 405, method);
  }
  assert.equal((await app.ask('GET', '/rpc')).status, 405);
  assert.equal((await app.ask('POST', '/nowhere')).status, 404);
  const linked = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
  assert.equal((await app.ask('GET', '/ledger', linked)).status, 200, 'a link on another site leads here');
  assert.equal((await app.ask('GET', '/icon.svg', { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
});
