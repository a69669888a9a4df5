import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { ZMQ_METHODS } from './zmq.ts';

test('getzmqnotifications lists what is published, and is empty where nothing is', async (t) => {
  const world = await RpcWorld.open(t);
  assert.deepEqual(await world.call('getzmqnotifications'), []);
  const [method] = ZMQ_METHODS;
  const zmq = [{ topic: 'rawtx', address: 'ipc:///tmp/a', highWaterMark: 5 }] as const;
  assert.deepEqual(await method!.run({ zmq } as unknown as RpcContext, new Arguments(method!, [])), [
    { type: 'pubrawtx', address: 'ipc:///tmp/a', hwm: 5 },
  ]);
});
