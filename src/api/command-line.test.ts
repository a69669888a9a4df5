import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandLineError, CommandLineReader, readReply } from './command-line.ts';
import { RpcError } from './errors.ts';
import { formatJson } from './json/json-writer.ts';
import type { MethodSpec } from './schema.ts';
import { createMethodTable, optional, param } from './schema-words.ts';

const METHOD: MethodSpec = {
  name: 'pay',
  category: 'util',
  description: 'Pays.',
  parameters: [
    param('address', 'string', ''),
    param('amount|value', 'amount', ''),
    optional('list', 'array', ''),
    optional('options', 'named-options', '', {
      inner: [optional('label', 'string', ''), optional('count', 'number', '')],
    }),
  ],
  results: [],
  examples: [],
  run: () => null,
};

const reader = new CommandLineReader(createMethodTable([METHOD]));
const positional = (...words: readonly string[]): string => formatJson(reader.positional('pay', words));
const named = (...words: readonly string[]): string => formatJson(reader.named('pay', words));

test('texts are passed as they are, everything else is read as JSON', () => {
  assert.equal(positional('1', '0.29', '[1,"a"]', '{"label":"x"}'), '["1",0.29,[1,"a"],{"label":"x"}]');
  assert.equal(positional('null', 'abc'), '["null","abc"]');
  assert.throws(() => positional('a', '1', 'not json'), new CommandLineError('Error parsing JSON: not json'));
  assert.equal(formatJson(reader.positional('unknown', ['1', '{}'])), '["1","{}"]');
});

test('named parameters are told from positions by their equals sign, options by their own names', () => {
  assert.equal(named('address=1', 'value=2', 'label=3', 'count=4'), '{"address":"1","value":2,"label":"3","count":4}');
  assert.equal(named('x', 'amount=2'), '{"amount":2,"args":["x"]}');
  assert.equal(named('amount=1', 'amount=2'), '{"amount":2}');
  assert.equal(named('address=a=b'), '{"address":"a=b"}');
  assert.throws(
    () => reader.named('unknown', ['args=[1]', '2']),
    new RpcError(-8, 'Parameter args specified multiple times'),
  );
});

test('a value with an equals sign in it is a value where a text is due and no such name is known', () => {
  assert.equal(named('my=wallet'), '{"args":["my=wallet"]}');
  assert.equal(named('a', '1', '["x=y"]'), '{"args":["a",1,["x=y"]]}');
  assert.equal(named('a', '1', 'other=[]'), '{"other":"[]","args":["a",1]}');
});

test('answers are read, and what is none is told', () => {
  assert.deepEqual(readReply('{"result":"a","error":null,"id":1}'), { error: null, result: 'a' });
  assert.deepEqual(readReply('{"jsonrpc":"2.0","error":"e"}'), { error: 'e', result: null });
  assert.equal(readReply('<html>'), null);
});
