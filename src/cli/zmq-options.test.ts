// The options of notifications over ZeroMQ. Facts about Core (zmq/zmqnotificationinterface.cpp, init.cpp), typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from './args.ts';
import { argumentRules } from './options.ts';
import { Settings } from './settings.ts';
import { readZmqOptions } from './zmq-options.ts';

function read(...argv: readonly string[]) {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, argv.join(' '));
  return readZmqOptions(new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false));
}

test('topics come in the order of their names, whatever the order of the options; a topic may have several addresses', () => {
  assert.deepEqual(read(), []);
  const orders = read(
    '-zmqpubsequence=tcp://127.0.0.1:3',
    '-zmqpubrawtx=tcp://127.0.0.1:1',
    '-zmqpubrawtx=unix:/tmp/s',
    '-zmqpubrawtxhwm=7',
    '-zmqpubhashblock=tcp://[::1]:2',
  );
  assert.deepEqual(orders, [
    { topic: 'hashblock', address: 'tcp://[::1]:2', highWaterMark: 1000 },
    { topic: 'rawtx', address: 'tcp://127.0.0.1:1', highWaterMark: 7 },
    { topic: 'rawtx', address: 'ipc:///tmp/s', highWaterMark: 7 },
    { topic: 'sequence', address: 'tcp://127.0.0.1:3', highWaterMark: 1000 },
  ]);
  assert.deepEqual(read('-zmqpubhashtx=tcp://127.0.0.1:1', '-nozmqpubhashtx'), []);
});

test('a port that is none ends the start; what else is wrong is found when it is listened at', () => {
  for (const text of ['127.0.0.1:0', 'host:70000', 'host:x']) {
    assert.throws(() => read(`-zmqpubhashblock=${text}`), {
      name: 'StartupError',
      message: `Invalid port specified in -zmqpubhashblock: '${text}'`,
    });
  }
  assert.deepEqual(
    read('-zmqpubrawblock=foo').map(({ address }) => address),
    ['foo'],
  );
});
