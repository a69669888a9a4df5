import assert from 'node:assert/strict';
import test from 'node:test';
import { formatMethodHelp } from './help.ts';
import { describeResultMismatch } from './result-check.ts';
import { field, maybe, object, optional, param, result } from './schema-words.ts';

test('a help text has the layout of Core, columns and all', () => {
  const help = formatMethodHelp({
    name: 'pay',
    category: 'util',
    description: 'Pays somebody.\nAt once.',
    parameters: [
      param('address', 'string', 'Whom'),
      param('amount|value', 'amount', 'How much', { default: 1 }),
      optional('inputs', 'array', 'From what', {
        inner: [
          param('', 'object', '', { inner: [param('txid', 'hex', 'The id'), param('n', 'number', 'The number')] }),
        ],
      }),
      param('late', 'boolean', 'Whether later', { defaultHint: 'as usual', isHidden: true }),
    ],
    results: [
      object([field('txid', 'hex', 'The id'), maybe('fees', 'array', '', { inner: [result('amount', 'A fee')] })], {
        condition: 'with one',
      }),
      result('none', '', { condition: 'else' }),
    ],
    examples: ['"a" 2'],
  });
  const lines = help.split('\n');
  assert.equal(lines[0], 'pay "address" ( amount [{"txid":"hex","n":n},...] )');
  assert.ok(lines.includes('1. address                 (string, required) Whom'), help);
  assert.ok(lines.includes('         "txid": "hex",    (string, required) The id'), help);
  assert.ok(lines.includes('  "txid" : "hex",    (string) The id'), help);
  assert.ok(!help.includes('late'));
});

test('a result is held against its description, field by field', () => {
  const spec = [object([field('a', 'number', ''), maybe('b', 'array', '', { inner: [result('string')] })])];
  assert.equal(describeResultMismatch(spec, { a: 1 }), null);
  assert.equal(describeResultMismatch(spec, { a: 1, b: ['x'] }), null);
  assert.match(
    describeResultMismatch(spec, { a: '1' }) ?? '',
    /"a": "returned type is string, but declared as number in doc"/,
  );
  assert.match(describeResultMismatch(spec, { a: 1, c: 2 }) ?? '', /"c": "key returned that was not in doc"/);
  assert.match(describeResultMismatch(spec, {}) ?? '', /"a": "key missing, despite not being optional in doc"/);
  assert.match(describeResultMismatch(spec, { a: 1, b: [1] }) ?? '', /"0": "returned type is number/);
  assert.equal(describeResultMismatch([result('none'), result('string')], 'x'), null);
});
