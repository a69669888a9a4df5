import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, formatCall, RpcCallError, readCallAnswer } from './client.ts';

test('a call is one line of JSON-RPC 2.0', () => {
  assert.equal(
    formatCall(7, 'getblock', ['00ff', 2]),
    '{"jsonrpc":"2.0","id":7,"method":"getblock","params":["00ff",2]}',
  );
  assert.equal(formatCall(8, 'stop'), '{"jsonrpc":"2.0","id":8,"method":"stop","params":[]}');
});

test('the result is read from an answer, null too', () => {
  assert.deepEqual(readCallAnswer('m', '{"jsonrpc":"2.0","id":1,"result":{"height":5}}'), { height: 5 });
  assert.equal(readCallAnswer('m', '{"jsonrpc":"2.0","id":1,"result":null}'), null);
});

test('a refusal keeps code, message and data', () => {
  const text = '{"jsonrpc":"2.0","id":1,"error":{"code":-8,"message":"too high","data":{"rule":"x"}}}';
  assert.throws(
    () => readCallAnswer('getblockhash', text),
    (error) =>
      error instanceof RpcCallError &&
      error.code === -8 &&
      error.message === 'too high' &&
      error.method === 'getblockhash' &&
      (error.data as { rule: string }).rule === 'x',
  );
});

test('whatever else comes back is told as a bad answer', () => {
  for (const text of ['', '<html>', '[]', '"x"', 'null', '{"id":1}']) {
    assert.throws(
      () => readCallAnswer('m', text),
      (error) => error instanceof ConnectionError && error.fault === 'bad-answer',
      text,
    );
  }
});
