// Methods about notifications over ZeroMQ (Core zmq/zmqrpc.cpp).

import type { RpcContext } from '../context.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, result } from '../schema-words.ts';

function getZmqNotifications({ zmq = [] }: RpcContext): JsonOutput {
  return zmq.map(({ topic, address, highWaterMark }) => ({ type: `pub${topic}`, address, hwm: highWaterMark }));
}

/** The methods of this file. */
export const ZMQ_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getzmqnotifications',
    category: 'zmq',
    description: 'Lists what is published over ZeroMQ.',
    parameters: [],
    results: [
      result('array', '', {
        inner: [
          object([
            field('type', 'string', 'What is published'),
            field('address', 'string', 'Where'),
            field('hwm', 'number', 'How many messages may wait for a slow subscriber'),
          ]),
        ],
      }),
    ],
    examples: [''],
    run: getZmqNotifications,
  },
]);
