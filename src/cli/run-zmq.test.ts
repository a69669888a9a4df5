import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { findFreePort } from '../../test/functional/rpc-client.ts';
import { ServiceWorld } from '../../test/model/service-world.ts';
import { nullLogger } from './log.ts';
import { startZmq } from './run-zmq.ts';

// Bytes typed by hand from the specification (rfc.zeromq.org/spec/37): greeting, READY as SUB, a subscription to everything.
const JOIN = `ff00000000000000017f0301${'4e554c4c'}${'00'.repeat(48)}04190552454144590b536f636b65742d5479706500000003535542000101`;

async function open() {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const lines: string[] = [];
  const log = {
    ...nullLogger,
    error: (line: string) => void lines.push(`error ${line}`),
    warn: (line: string) => void lines.push(`warn ${line}`),
  };
  return { world, lines, log, parts: { chain: world.base.chain, pool: world.service } };
}

test('topics that share an address share a socket, and all that happens comes through it', async () => {
  const { world, parts, log, lines } = await open();
  const address = `tcp://127.0.0.1:${await findFreePort()}`;
  const orders = (['hashtx', 'sequence'] as const).map((topic) => ({ topic, address, highWaterMark: 1000 }));
  const running = await startZmq(orders, parts, log);
  assert.deepEqual([running.orders, lines], [orders, []]);
  const socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
  let heard = '';
  const isHeard = new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      heard += bytes.toString('hex');
      // Blocks are mined until the subscription has arrived, and one was told of in whole.
      if (heard.includes(`${'0108'}73657175656e6365`)) resolve();
    });
  });
  socket.write(Buffer.from(JOIN, 'hex'));
  let isDone = false;
  void isHeard.then(() => {
    isDone = true;
  });
  while (!isDone) {
    await world.base.mine();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // The frame of the topic, then the length of the body.
  assert.match(heard, /0106686173687478(0120[0-9a-f]{64})(0004[0-9a-f]{8})010873657175656e63650121[0-9a-f]{64}43/);
  await running.close();
  await new Promise((resolve) => void socket.once('close', resolve));
});

test('an address where nobody can listen is an error in the log, and nothing is published then', async () => {
  const { parts, log, lines } = await open();
  const good = { topic: 'hashblock', address: `tcp://127.0.0.1:${await findFreePort()}`, highWaterMark: 0 } as const;
  const cases = [
    [{ ...good, address: 'foo' }, /^error zmq: Error: Failed to bind address, msg: Invalid argument \(foo\)$/],
    [{ ...good, address: 'ipc:///no/such/folder/s' }, /^error zmq: Error: Failed to bind address, msg: .*ipc:/],
    [{ ...good, address: 'tcp://127.0.0.1:*', highWaterMark: -1 }, /Failed to set outbound message high water mark/],
  ] as const;
  for (const [bad, line] of cases) {
    lines.length = 0;
    assert.deepEqual((await startZmq([good, bad], parts, log)).orders, []);
    assert.match(lines[0]!, line);
    assert.equal(lines[1], 'warn No ZeroMQ notifications are published in this run.');
  }
  // The good one was given up as well: its address is free.
  const running = await startZmq([good], parts, log);
  assert.equal(running.orders.length, 1);
  await running.close();
});
