import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SECURITY_HEADERS } from './web-headers.ts';
import { WEB_BODY_BYTES_MAX, WEB_CONNECTIONS_MAX, type WebHooks, WebServer } from './web-server.ts';

interface Served {
  readonly server: WebServer;
  readonly port: number;
  readonly failures: unknown[];
}

async function serve(t: TestContext, hooks: Partial<WebHooks> = {}): Promise<Served> {
  const failures: unknown[] = [];
  const server = new WebServer({
    answer: async ({ path }) => ({ status: 200, headers: [['Content-Type', 'text/plain']], body: `at ${path}` }),
    upgrade: () => ({ status: 404, headers: [], body: null }),
    onFailure: (error) => failures.push(error),
    ...hooks,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return { server, port, failures };
}

/** A connection whose error is no failure of the test. */
function dial(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  return socket;
}

/** Everything that comes back until the connection ends. */
function exchange(port: number, request: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = dial(port);
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
    });
    socket.on('close', () => resolve(text));
    socket.write(request);
  });
}

function get(path: string, more = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;
}

function assertSafe(answer: string, what: string): void {
  for (const [name, value] of SECURITY_HEADERS)
    assert.ok(answer.includes(`\r\n${name}: ${value}\r\n`), `${what}: ${name}`);
}

test('R07: every answer has the headers that keep a page safe, whatever was asked', async (t) => {
  const { port } = await serve(t, {
    answer: async ({ path }) => {
      if (path === '/broken') throw new Error('broken');
      return { status: path === '/none' ? 404 : 200, headers: [], body: null };
    },
  });
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
  const cases: readonly (readonly [status: number, request: string])[] = [
    [200, get('/')],
    [200, get('/', 'Expect: miracles\r\n')],
    [404, get('/none')],
    [500, get('/broken')],
    [400, 'GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [400, 'GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n'],
    [400, 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    [400, 'nonsense\r\n\r\n'],
    [400, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    [400, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n'],
    [431, get('/', `X: ${'a'.repeat(8193)}\r\n`)],
    [405, 'CONNECT elsewhere:80 HTTP/1.1\r\nHost: x\r\n\r\n'],
    [404, `GET /events HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`],
  ];
  for (const [status, request] of cases) {
    const answer = await exchange(port, request);
    assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), `${request.slice(0, 60)} → ${answer.slice(0, 60)}`);
    assertSafe(answer, request.slice(0, 60));
  }
});

test('R08: a body of one byte too many is refused before it is read, and an endless one as soon as it is too long', async (t) => {
  const lengths: (number | null)[] = [];
  const { port } = await serve(t, {
    answer: async (request) => {
      const body = await request.readBody();
      lengths.push(body?.length ?? null);
      return { status: body === null ? 413 : 200, headers: [], body: null };
    },
  });
  const post = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
  assert.match(await exchange(port, `${post}Content-Length: 3\r\n\r\nabc`), /^HTTP\/1\.1 200 /);
  assert.match(await exchange(port, `${post}Content-Length: ${WEB_BODY_BYTES_MAX + 1}\r\n\r\n`), /^HTTP\/1\.1 413 /);
  const chunk = `100000\r\n${'a'.repeat(0x100000)}\r\n`;
  const endless = `${post}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}`;
  const answer = await exchange(port, endless);
  assert.ok(answer === '' || answer.startsWith('HTTP/1.1 413 '), answer.slice(0, 60));
  assert.deepEqual(lengths, [3, null, null]);
});

test('R09: the connection that has been idle longest makes room for one more, and what is being answered stays', async (t) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { server, port } = await serve(t, {
    answer: async ({ path }) => {
      if (path === '/slow') await held;
      return { status: 200, headers: [], body: 'done' };
    },
  });
  const slow = exchange(port, get('/slow'));
  const closed: number[] = [];
  const idle: Socket[] = [];
  for (let i = 0; i < WEB_CONNECTIONS_MAX + 10; i++) {
    const socket = dial(port);
    socket.on('close', () => closed.push(i));
    await new Promise((resolve) => socket.once('connect', resolve));
    idle.push(socket);
  }
  assert.match(await exchange(port, get('/')), /^HTTP\/1\.1 200 /);
  assert.ok(server.connectionCount <= WEB_CONNECTIONS_MAX);
  assert.ok(closed.length >= 10, `${closed.length}`);
  assert.ok(Math.max(...closed) < 20, 'the oldest went');
  release();
  assert.match(await slow, /done$/);
  for (const socket of idle) socket.destroy();
});

test('R09: those who send a body slowly, or do not read their answers, make room for others', async (t) => {
  const large = new Uint8Array(8 * 1024 * 1024);
  const { port } = await serve(t, {
    answer: async (request) => {
      if (request.method === 'POST') await request.readBody();
      return { status: 200, headers: [], body: request.path === '/large' ? large : 'done' };
    },
  });
  const slow = [
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na`,
    'GET /large HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  for (const request of slow) {
    const hoard: Socket[] = [];
    for (let i = 0; i < WEB_CONNECTIONS_MAX; i++) {
      const socket = dial(port);
      socket.pause();
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(request);
      hoard.push(socket);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.match(await exchange(port, get('/')), /done$/, request.slice(0, 8));
    for (const socket of hoard) socket.destroy();
  }
});

test('R09: an answer is made no faster than it is read', async (t) => {
  let pieceCount = 0;
  function* pieces(): Generator<string> {
    for (; pieceCount < 2000; pieceCount++) yield 'x'.repeat(64 * 1024);
  }
  const { port } = await serve(t, { answer: async () => ({ status: 200, headers: [], body: pieces() }) });
  const socket = dial(port);
  socket.pause();
  socket.write(get('/'));
  for (let before = -1; before !== pieceCount || pieceCount === 0; ) {
    before = pieceCount;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(pieceCount < 500, `${pieceCount} pieces were made for nobody`);
  socket.destroy();
});

test('requests on one connection are answered one after another', async (t) => {
  const { port, failures } = await serve(t);
  const answer = await exchange(port, `GET /a HTTP/1.1\r\nHost: x\r\n\r\n${get('/b')}`);
  assert.ok(answer.indexOf('at /a') > 0 && answer.indexOf('at /a') < answer.indexOf('at /b'), answer);
  assert.deepEqual(failures, []);
});

test('HEAD is answered like GET, without the body', async (t) => {
  const { port } = await serve(t);
  const answer = await exchange(port, 'HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(answer, /Content-Length: 5\r\n/);
  assert.ok(answer.endsWith('\r\n\r\n'), answer);
});
