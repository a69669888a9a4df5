import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseZmqAddress, type ZmqPlace } from './zmq-address.ts';
import { ZmqSocket } from './zmq-socket.ts';

// Bytes typed by hand from the specification (rfc.zeromq.org/spec/37).
const GREETING = `ff00000000000000017f0301${'4e554c4c'}${'00'.repeat(48)}`;
const READY_SUB = '04190552454144590b536f636b65742d5479706500000003535542';
const READY_PUB = '04190552454144590b536f636b65742d5479706500000003505542';
const SUBSCRIBE_ALL = '000101';
const TOPIC = '7261777478';

/** Somebody who speaks to a publisher in bytes. */
class RawSubscriber {
  readonly socket: Socket;
  #heard = Buffer.alloc(0);
  isOver = false;
  #wake: () => void = () => undefined;

  constructor(options: NetConnectOpts) {
    this.socket = connect(options);
    this.socket.on('data', (bytes) => {
      this.#heard = Buffer.concat([this.#heard, bytes]);
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isOver = true;
      this.#wake();
    });
  }

  say(hex: string): void {
    this.socket.write(Buffer.from(hex, 'hex'));
  }

  /** The next bytes, as hexadecimal. */
  async hear(length: number): Promise<string> {
    await this.#until(() => this.#heard.length >= length);
    const hex = this.#heard.subarray(0, length).toString('hex');
    this.#heard = this.#heard.subarray(length);
    return hex;
  }

  whenOver(): Promise<void> {
    return this.#until(() => this.isOver);
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      if (this.isOver) throw new Error('the connection is over');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Shakes hands, subscribes to everything, and asks for a sign that both have arrived. */
  async join(): Promise<void> {
    this.say(GREETING + READY_SUB);
    assert.equal(await this.hear(64), GREETING);
    assert.equal(await this.hear(27), READY_PUB);
    this.say(`${SUBSCRIBE_ALL}04070450494e470000`);
    assert.equal(await this.hear(7), '0405' + '04504f4e47');
  }
}

const LOOPBACK: ZmqPlace = { kind: 'tcp', host: '127.0.0.1', port: 0 };

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

async function withSocket(
  place: ZmqPlace,
  highWaterMark: number,
  body: (socket: ZmqSocket, join: () => Promise<RawSubscriber>) => Promise<void>,
): Promise<void> {
  const socket = await ZmqSocket.bind(place, highWaterMark);
  const subscribers: RawSubscriber[] = [];
  try {
    await body(socket, async () => {
      const at = place.kind === 'ipc' ? { path: place.path } : { host: place.host, port: socket.port };
      const subscriber = new RawSubscriber(at);
      subscribers.push(subscriber);
      await subscriber.join();
      return subscriber;
    });
  } finally {
    for (const { socket: own } of subscribers) own.destroy();
    await socket.close();
  }
}

test('a message goes to those who want it, and to nobody else', async () => {
  await withSocket(LOOPBACK, 1000, async (socket, join) => {
    assert.equal(socket.isWanted(TOPIC), false);
    const [all, other] = [await join(), await join()];
    other.say('000100' + '000301' + '6868' + '04070450494e470000');
    await other.hear(7);
    assert.equal(socket.isWanted(TOPIC), true);
    socket.publish(TOPIC, [bytes(TOPIC), bytes('abcd'), bytes('05000000')]);
    socket.publish('6868', [bytes('6868'), bytes('00')]);
    assert.equal(await all.hear(17), `0105${TOPIC}0102abcd000405000000`);
    assert.equal(await all.hear(7), '01026868' + '000100');
    assert.equal(await other.hear(7), '01026868' + '000100');
    assert.equal(socket.droppedCount, 0);
  });
});

test('what a block brings in one turn reaches who reads, whatever the high water mark', async () => {
  await withSocket(LOOPBACK, 1, async (socket, join) => {
    const subscriber = await join();
    const count = 10_000;
    for (let i = 0; i < count; i++) {
      const number = Uint8Array.of(i & 0xff, i >> 8, 0, 0);
      socket.publish(TOPIC, [bytes(TOPIC), new Uint8Array(i === 10 ? 20_000 : 32), number]);
    }
    for (let i = 0; i < count; i++) {
      const message = await subscriber.hear(7 + (i === 10 ? 9 + 20_000 : 2 + 32) + 6);
      assert.equal(message.slice(0, 14), `0105${TOPIC}`);
      assert.equal(Buffer.from(message.slice(-8), 'hex').readUInt32LE(), i);
    }
    assert.equal(socket.droppedCount, 0);
  });
});

test('who reads too slowly misses messages, whole ones, and keeps nobody else waiting', async () => {
  await withSocket(LOOPBACK, 3, async (socket, join) => {
    const [slow, quick] = [await join(), await join()];
    slow.socket.pause();
    const body = new Uint8Array(1_000_000);
    const count = 40;
    for (let i = 0; i < count; i++) {
      socket.publish(TOPIC, [bytes(TOPIC), body, Uint8Array.of(i)]);
      await quick.hear(7 + 9 + body.length + 3);
    }
    assert.ok(socket.droppedCount > 0 && socket.droppedCount < count, `${socket.droppedCount} dropped`);
    const heardCount = count - socket.droppedCount;
    slow.socket.resume();
    const numbers: number[] = [];
    for (let i = 0; i < heardCount; i++) {
      const message = await slow.hear(7 + 9 + body.length + 3);
      assert.equal(message.slice(0, 14), `0105${TOPIC}`);
      numbers.push(Number.parseInt(message.slice(-2), 16));
    }
    assert.deepEqual(
      numbers,
      Array.from({ length: heardCount }, (_, i) => i),
      'the first ones, in order',
    );
  });
});

test('who speaks another protocol is sent away; at most 64 may listen', async () => {
  await withSocket(LOOPBACK, 1000, async (socket, join) => {
    const stranger = new RawSubscriber({ host: '127.0.0.1', port: socket.port });
    stranger.say('47'.repeat(64));
    await stranger.whenOver();
    for (let i = 0; i < 64; i++) await join();
    const tooMany = new RawSubscriber({ host: '127.0.0.1', port: socket.port });
    await tooMany.whenOver();
    assert.equal(socket.subscriberCount, 64);
  });
});

test('a subscriber that announced signs of life is cut off when none come', async () => {
  let tell = (_: string | null): void => undefined;
  const gone = new Promise<string | null>((resolve) => {
    tell = resolve;
  });
  const socket = await ZmqSocket.bind(LOOPBACK, 1000, { onClosed: (reason) => tell(reason) });
  const subscriber = new RawSubscriber({ host: '127.0.0.1', port: socket.port });
  await subscriber.join();
  // PING with a tenth of a second
  subscriber.say('04070450494e470001');
  await subscriber.hear(7);
  await subscriber.whenOver();
  assert.deepEqual([await gone, socket.subscriberCount], [null, 0]);
  await socket.close();
});

test('a socket of the file system works the same; an abandoned one is replaced, one in use and other files are not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zmq-'));
  try {
    const path = join(folder, 's');
    const place: ZmqPlace = { kind: 'ipc', path };
    await withSocket(place, 1000, async (socket, joinSocket) => {
      const subscriber = await joinSocket();
      socket.publish(TOPIC, [bytes(TOPIC), bytes('01')]);
      assert.equal(await subscriber.hear(10), `0105${TOPIC}000101`);
      await assert.rejects(ZmqSocket.bind(place, 1000), /EADDRINUSE/);
    });
    assert.equal(existsSync(path), false);
    writeFileSync(path, 'somebody else keeps this');
    await assert.rejects(ZmqSocket.bind(place, 1000), /EADDRINUSE/);
    assert.equal(existsSync(path), true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a place that is taken is refused with the error of the system', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await assert.rejects(ZmqSocket.bind({ ...LOOPBACK, port }, 1000), /EADDRINUSE/);
  server.close();
});

test('addresses are read as ZeroMQ and Core write them', () => {
  const cases: readonly [text: string, place: ZmqPlace | null][] = [
    ['tcp://127.0.0.1:28332', { kind: 'tcp', host: '127.0.0.1', port: 28332 }],
    ['tcp://*:28332', { kind: 'tcp', host: '0.0.0.0', port: 28332 }],
    ['tcp://[::1]:28332', { kind: 'tcp', host: '::1', port: 28332 }],
    ['tcp://[::]:1', { kind: 'tcp', host: '::', port: 1 }],
    ['tcp://127.0.0.1:*', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['ipc:///tmp/a', { kind: 'ipc', path: '/tmp/a' }],
    ['unix:/tmp/a', { kind: 'ipc', path: '/tmp/a' }],
    ['ipc://relative', { kind: 'ipc', path: 'relative' }],
    ['foo', null],
    ['tcp://127.0.0.1', null],
    ['tcp://127.0.0.1:65536', null],
    ['tcp://[127.0.0.1]:1', null],
    ['tcp://example.com:1', null],
    ['tcp://:1', null],
    ['udp://127.0.0.1:1', null],
    ['ipc://', null],
    ['ipc://@abstract', null],
    ['unix:', null],
  ];
  for (const [text, place] of cases) assert.deepEqual(parseZmqAddress(text), place, text);
});
