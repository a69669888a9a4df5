import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConnectError, type Connection } from '../../node/ports.ts';
import { TcpNetwork } from './tcp-network.ts';

const HOST = '127.0.0.1';

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isTrue(); i++) await delay(5);
  assert.ok(isTrue(), what);
}

/** Hears nothing but the end. */
function ear(onEnd: (reason: string | null) => void = () => undefined): Parameters<Connection['start']>[0] {
  return { onBytes: () => undefined, onSent: () => undefined, onClosed: onEnd };
}

test('arguments that the system would throw at are refused like any others', async () => {
  const network = new TcpNetwork();
  const isConnectError = (error: unknown): boolean => error instanceof ConnectError && error.code !== 'UNKNOWN';
  await assert.rejects(network.dial({ host: HOST, port: 70_000 }, 1000), isConnectError);
  await assert.rejects(network.dial({ host: HOST, port: -1 }, 1000), isConnectError);
  await assert.rejects(
    network.listen({ host: HOST, port: 70_000 }, () => undefined),
    isConnectError,
  );
  await assert.rejects(network.resolve('no such name.invalid'), isConnectError);
});

test('an attempt that nobody answers ends in time', async () => {
  const network = new TcpNetwork();
  const startMs = performance.now();
  // TEST-NET-1: no machine has it. Where there is no way out at all the answer comes at once.
  await assert.rejects(network.dial({ host: '192.0.2.1', port: 9 }, 100), ConnectError);
  assert.ok(performance.now() - startMs < 3000);
});

test('a connection that was reset before anybody listened to it ends once, and breaks nothing', async () => {
  const network = new TcpNetwork();
  const arrived: Connection[] = [];
  const listener = await network.listen({ host: HOST, port: 0 }, (connection) => arrived.push(connection));
  const socket = connect(listener.local.port, HOST);
  await once(socket, 'connect');
  await until('it came', () => arrived.length === 1);
  socket.resetAndDestroy();
  await delay(20);
  const ends: (string | null)[] = [];
  arrived[0]!.start(ear((reason) => ends.push(reason)));
  await until('it ended', () => ends.length === 1);
  arrived[0]!.send(Uint8Array.of(1));
  arrived[0]!.close();
  await delay(20);
  assert.equal(ends.length, 1);
  await listener.close();
});

test('what was sent before close arrives', async () => {
  const network = new TcpNetwork();
  const listener = await network.listen({ host: HOST, port: 0 }, (connection) => {
    connection.start(ear());
    connection.send(new Uint8Array(300_000));
    connection.close();
  });
  const socket = connect(listener.local.port, HOST);
  let count = 0;
  socket.on('data', (chunk: Uint8Array) => {
    count += chunk.length;
  });
  await once(socket, 'close');
  assert.equal(count, 300_000);
  await listener.close();
});

test('D05: who does not take its last bytes is waited for no longer than a second', async () => {
  const network = new TcpNetwork();
  const ends: number[] = [];
  const startMs = performance.now();
  const listener = await network.listen({ host: HOST, port: 0 }, (connection) => {
    connection.start(ear(() => ends.push(performance.now() - startMs)));
    for (let i = 0; i < 64; i++) connection.send(new Uint8Array(1_000_000));
    connection.close();
  });
  const socket = connect(listener.local.port, HOST);
  socket.on('error', () => undefined);
  socket.pause();
  await until('it ended', () => ends.length === 1);
  assert.ok(ends[0]! < 3000, `${ends[0]} ms`);
  socket.destroy();
  await listener.close();
});

test('D18: closed connections whose last bytes nobody takes do not gather', async () => {
  const network = new TcpNetwork();
  let open = 0;
  const listener = await network.listen({ host: HOST, port: 0 }, (connection) => {
    open++;
    connection.start(ear(() => open--));
    for (let i = 0; i < 8; i++) connection.send(new Uint8Array(1_000_000));
    connection.close();
    connection.close();
  });
  const sockets = Array.from({ length: 40 }, () => {
    const socket = connect(listener.local.port, HOST);
    socket.on('error', () => undefined);
    socket.pause();
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await delay(100);
  assert.ok(open <= 16, `${open} are left`);
  for (const socket of sockets) socket.destroy();
  await until('all are gone', () => open === 0);
  await listener.close();
});

test('D18: a listener outlives connections that go wrong', async () => {
  const network = new TcpNetwork();
  let count = 0;
  const listener = await network.listen({ host: HOST, port: 0 }, (connection) => {
    count++;
    connection.close();
  });
  const sockets: Socket[] = [];
  for (let i = 0; i < 50; i++) {
    const socket = connect(listener.local.port, HOST);
    socket.on('error', () => undefined);
    sockets.push(socket);
    if (i % 2 === 0) socket.on('connect', () => socket.resetAndDestroy());
  }
  await until('all came', () => count >= 25);
  for (const socket of sockets) socket.destroy();
  const last = connect(listener.local.port, HOST);
  await once(last, 'connect');
  last.destroy();
  await listener.close();
});

test('a place to listen at for IPv6 leaves IPv4 at the same port to another', async (t) => {
  const network = new TcpNetwork();
  const seen: string[] = [];
  const listenAt = (host: string, port: number) =>
    network.listen({ host, port }, (connection) => {
      seen.push(`${connection.remote.host} at ${host}`);
      connection.close();
    });
  const six = await listenAt('::', 0).catch(() => null);
  if (six === null) {
    t.skip('this machine has no IPv6');
    return;
  }
  const four = await listenAt('0.0.0.0', six.local.port);
  const socket = connect(six.local.port, HOST);
  socket.on('error', () => undefined);
  await until('it came', () => seen.length === 1);
  assert.deepEqual(seen, ['127.0.0.1 at 0.0.0.0']);
  socket.destroy();
  await Promise.all([six.close(), four.close()]);
});

test('closed connections and listeners keep no program alive', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.pause();
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const module = fileURLToPath(import.meta.url).replace('.test.', '.');
  const script = `
    const { TcpNetwork } = await import(${JSON.stringify(`file://${module}`)});
    const network = new TcpNetwork();
    const listener = await network.listen({ host: '${HOST}', port: 0 }, (connection) => connection.close());
    const connection = await network.dial({ host: '${HOST}', port: ${port} }, 60000);
    connection.start({ onBytes() {}, onSent() {}, onClosed() {} });
    for (let i = 0; i < 64; i++) connection.send(new Uint8Array(1000000));
    connection.close();
    await listener.close();
  `;
  const child = spawn(
    process.execPath,
    [...process.execArgv.filter((one) => !one.includes('test')), '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Uint8Array) => {
    errors += String(chunk);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  for (const socket of sockets) socket.destroy();
  server.close();
  assert.equal(code, 0, errors);
});
