import assert from 'node:assert/strict';
import test from 'node:test';
import { HostFaultError } from '../wallet/ports.ts';
import { QueueClosedError } from '../wallet/wallet/command-queue.ts';
import { WalletFailedError } from '../wallet/wallet/wallet.ts';
import type { RpcContext } from './context.ts';
import { RpcDispatcher } from './dispatch.ts';
import { RPC_CODE, RpcError } from './errors.ts';
import { isJsonObject, writtenKeys } from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';
import { TESTING_METHODS } from './methods/testing.ts';
import type { MethodSpec } from './schema.ts';
import { createMethodTable, optional, param, result } from './schema-words.ts';

const METHODS: readonly MethodSpec[] = [
  {
    name: 'double',
    category: 'util',
    description: 'Doubles a number.',
    parameters: [param('n|number', 'number', 'The number'), optional('text', 'string', 'A text')],
    results: [result('number', 'Twice the number')],
    examples: ['21'],
    run: (_, args) => 2 * args.integer('n'),
  },
  {
    name: 'refuse',
    category: 'util',
    description: 'Always fails.',
    parameters: [],
    results: [result('none')],
    examples: [],
    run: () => {
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'no');
    },
  },
  {
    name: 'lie',
    category: 'util',
    description: 'Answers something else than it says.',
    parameters: [],
    results: [result('number')],
    examples: [],
    run: () => 'text',
  },
  {
    name: 'choose',
    category: 'util',
    description: 'Takes options.',
    parameters: [
      optional('first', 'number', ''),
      optional('options', 'named-options', '', {
        inner: [optional('colour', 'string', ''), optional('size', 'number', '')],
      }),
    ],
    results: [result('any')],
    examples: [],
    run: (_, args) => args.values,
  },
  {
    name: 'count',
    category: 'util',
    description: 'Lists the keys of an object, or of several, as they were written.',
    parameters: [
      param('keys', 'array', '', { skipsTypeCheck: true, inner: [optional('', 'user-keys', '')] }),
      optional('other', 'object', ''),
    ],
    results: [result('any')],
    examples: [],
    run: (_, args) => [args.value('keys')].flat().flatMap((one) => (isJsonObject(one) ? writtenKeys(one) : [])),
  },
];

const TABLE = createMethodTable(METHODS, TESTING_METHODS);
const EVERYBODY = { user: 'anna', allowed: null };

function makeDispatcher(
  isOpen = true,
  table = TABLE,
): { readonly dispatcher: RpcDispatcher; readonly calls: string[] } {
  const calls: string[] = [];
  const dispatcher = new RpcDispatcher(table, {
    onCall: (method) => calls.push(method),
    onForbidden: () => undefined,
    onFailure: () => undefined,
    yieldToHost: () => Promise.resolve(),
    hostMs: () => 0,
    checksResults: true,
  });
  if (isOpen) dispatcher.open({ methods: table } as unknown as RpcContext);
  return { dispatcher, calls };
}

async function ask(
  text: string | null,
  caller: Parameters<RpcDispatcher['answer']>[1] = EVERYBODY,
  isOpen = true,
): Promise<string> {
  const { status, body } = await makeDispatcher(isOpen).dispatcher.answer(text, caller);
  return `${status} ${body === undefined ? '' : formatJson(body)}`.trim();
}

test('a call of the old protocol gets both fields, and an HTTP status', async () => {
  assert.equal(await ask('{"method":"double","params":[21],"id":7}'), '200 {"result":42,"error":null,"id":7}');
  assert.equal(
    await ask('{"method":"refuse","id":"x"}'),
    '500 {"result":null,"error":{"code":-8,"message":"no"},"id":"x"}',
  );
  assert.equal(
    await ask('{"method":"nothing"}'),
    '404 {"result":null,"error":{"code":-32601,"message":"Method not found"}}',
  );
});

test('a call of version 2.0 gets one field, and status 200 whatever happens', async () => {
  assert.equal(
    await ask('{"jsonrpc":"2.0","method":"double","params":[21],"id":null}'),
    '200 {"jsonrpc":"2.0","result":42,"id":null}',
  );
  assert.equal(
    await ask('{"jsonrpc":"2.0","method":"refuse","id":1}'),
    '200 {"jsonrpc":"2.0","error":{"code":-8,"message":"no"},"id":1}',
  );
  assert.equal(await ask('{"jsonrpc":"2.0","method":"double","params":[1]}'), '204');
  assert.equal(await ask('{"jsonrpc":"2.0","method":"refuse"}'), '204');
});

test('R10: what is no request gets an error and no crash', async () => {
  const parseError = '500 {"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}';
  for (const text of ['', 'this is bad', '[', '{"a":1,"a":2}', '['.repeat(1_000_000), '\ufeff{}']) {
    assert.equal(await ask(text), parseError);
  }
  assert.equal(await ask(null), parseError);
  for (const text of ['1', '"text"', 'null', 'true']) {
    assert.equal(
      await ask(text),
      '500 {"result":null,"error":{"code":-32700,"message":"Top-level object parse error"},"id":null}',
    );
  }
  const invalid = async (text: string): Promise<string> =>
    (await ask(text)).replace(/^400 .*"message":"(.*)"}}$/, '$1');
  assert.equal(await invalid('{}'), 'Missing method');
  assert.equal(await invalid('{"method":1}'), 'Method must be a string');
  assert.equal(await invalid('{"method":"double","params":1}'), 'Params must be an array or object');
  assert.equal(await invalid('{"jsonrpc":2,"method":"double"}'), 'jsonrpc field must be a string');
  assert.equal(await invalid('{"jsonrpc":"3.0","method":"double"}'), 'JSON-RPC version not supported');
});

test('R10: keys that stand twice are refused, but for those of the caller, of which the method hears', async () => {
  const parseError = '500 {"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}';
  const repeated = '{"a":1,"b":2,"a":3}';
  for (const text of [
    '{"method":"double","params":[1],"params":[2]}',
    '{"method":"count","method":"count","params":[{}]}',
    `{"method":"double","params":[${repeated}]}`,
    `{"method":"nothing","params":[${repeated}]}`,
    `{"method":"choose","params":[1,${repeated}]}`,
    `{"method":"count","params":[{"a":${repeated}}]}`,
    `{"method":"count","params":[{},${repeated}]}`,
    '{"method":"count","params":{"keys":{},"keys":{}}}',
    `{"method":"count","params":[[${repeated},[${repeated}]]]}`,
    `{"method":"count","params":[${repeated}],"id":${repeated}}`,
    `[{"method":"count","params":[${repeated}]},{"method":"double","params":[${repeated}]}]`,
    `${repeated}`,
  ]) {
    assert.equal(await ask(text), parseError, text);
  }
  const counted = '200 {"result":["a","b","a"],"error":null}';
  assert.equal(await ask(`{"method":"count","params":[${repeated}]}`), counted);
  assert.equal(await ask(`{"params":{"keys":${repeated}},"method":"count"}`), counted);
  assert.equal(await ask(`{"method":"count","params":[[{"x":1},${repeated}]]}`), counted.replace('["a', '["x","a'));
  assert.equal(await ask(`[{"method":"count","params":[${repeated}]}]`), counted.replace('200 ', '200 [').concat(']'));
});

test('a batch gets its answers in order, none for notifications, and an empty list for none', async () => {
  assert.equal(await ask('[]'), '200 []');
  assert.equal(
    await ask(
      '[{"method":"double","params":[1],"id":1},7,{"jsonrpc":"2.0","method":"double","params":[2]},{"method":"no","id":3}]',
    ),
    '200 [{"result":2,"error":null,"id":1},{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":1},' +
      '{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":3}]',
  );
  assert.equal(await ask('[{"jsonrpc":"2.0","method":"double","params":[2]}]'), '204');
});

test('R13: one forbidden method forbids a whole batch, and names are compared exactly', async () => {
  const caller = { user: 'bert', allowed: new Set(['double']) };
  assert.equal(await ask('{"method":"double","params":[1]}', caller), '200 {"result":2,"error":null}');
  for (const text of [
    '{"method":"refuse"}',
    '{"method":"Double","params":[1]}',
    '{"method":"double ","params":[1]}',
    '[{"method":"double","params":[1]},{"method":"refuse"}]',
    '{"jsonrpc":"2.0","method":"refuse"}',
  ]) {
    assert.equal(await ask(text, caller), '403', text);
  }
  assert.equal(await ask('{"method":"double","params":[1]}', { user: 'cleo', allowed: new Set() }), '403');
  const { dispatcher, calls } = makeDispatcher();
  await dispatcher.answer('[{"method":"double","params":[1]},{"method":"refuse"}]', caller);
  assert.deepEqual(calls, []);
});

test('a wallet that could not do what it was asked says so with the code of its failure', async () => {
  const failures: readonly (readonly [error: Error, answer: string])[] = [
    [
      new WalletFailedError('Wallet "a" could not be saved'),
      '{"code":-20,"message":"Wallet \\"a\\" could not be saved"}',
    ],
    [new HostFaultError('entropy', 'no chance to be had'), '{"code":-4,"message":"no chance to be had"}'],
    [
      new QueueClosedError('the wallet is closed'),
      '{"code":-18,"message":"The wallet was unloaded meanwhile, and nothing was done"}',
    ],
    [new Error('a bug'), '{"code":-1,"message":"a bug"}'],
  ];
  for (const [error, answer] of failures) {
    const spec: MethodSpec = { ...METHODS[1]!, run: () => Promise.reject(error) };
    const { dispatcher } = makeDispatcher(true, createMethodTable([spec]));
    const { body } = await dispatcher.answer('{"jsonrpc":"2.0","method":"refuse","id":1}', EVERYBODY);
    assert.equal(formatJson(body ?? null), `{"jsonrpc":"2.0","error":${answer},"id":1}`);
  }
});

test('before the program is ready every method answers that it is warming up', async () => {
  assert.equal(
    await ask('{"jsonrpc":"2.0","method":"nothing","id":1}', EVERYBODY, false),
    '200 {"jsonrpc":"2.0","error":{"code":-28,"message":"RPC server started"},"id":1}',
  );
});

async function messageOf(params: string, method = 'double'): Promise<string> {
  const { body } = await makeDispatcher().dispatcher.answer(`{"method":"${method}","params":${params}}`, EVERYBODY);
  const { error, result: value } = body as { error: { code: number; message: string } | null; result: unknown };
  return error === null ? formatJson(value as never) : `${error.code} ${error.message}`;
}

test("parameters of a wrong kind are named, all at once, in Core's words", async () => {
  assert.equal(
    await messageOf('["x",5]'),
    '-3 Wrong type passed:\n{\n    "Position 1 (n|number)": "JSON value of type string is not of expected type number",\n' +
      '    "Position 2 (text)": "JSON value of type number is not of expected type string"\n}',
  );
  assert.match(await messageOf('[null]'), /^-3 .*JSON value of type null is not of expected type number/s);
  assert.equal(await messageOf('[21,null]'), '42');
  assert.equal(await messageOf('[1.5]'), '-1 JSON integer out of range');
  assert.equal(await messageOf('[3000000000]'), '-1 JSON integer out of range');
});

test('a wrong number of parameters gets the help of the method', async () => {
  for (const params of ['[]', '[1,"a",3]'])
    assert.match(await messageOf(params), /^-1 double n \( "text" \)\n\nDoubles a number\.\n/);
});

test('named parameters fill their places, and names that do not fit are refused', async () => {
  assert.equal(await messageOf('{"n":4}'), '8');
  assert.equal(await messageOf('{"number":4}'), '8');
  assert.equal(await messageOf('{"args":[5]}'), '10');
  assert.equal(await messageOf('{"args":[5],"text":"a"}'), '10');
  assert.equal(await messageOf('{"m":4}'), '-8 Unknown named parameter m');
  assert.equal(
    await messageOf('{"args":[5],"n":6}'),
    '-8 Parameter n|number specified twice both as positional and named argument',
  );
  assert.equal(await messageOf('{"arg9":9,"arg0":0}', 'echo'), '[0,null,null,null,null,null,null,null,null,9]');
  assert.equal(await messageOf('{"args":[0,1],"arg3":3,"arg5":5}', 'echo'), '[0,1,null,3,null,5]');
  assert.equal(await messageOf('{"colour":"red","size":3}', 'choose'), '[null,{"colour":"red","size":3}]');
  assert.equal(
    await messageOf('{"colour":"red","options":{}}', 'choose'),
    '-8 Parameter options conflicts with parameter colour',
  );
});

test('an answer that is not what the description says is a failure of ours', async () => {
  assert.match(await messageOf('[]', 'lie'), /^-1 RPC call "lie" returned incorrect type:\n"returned type is string/);
});
