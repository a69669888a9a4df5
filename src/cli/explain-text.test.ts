import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../api/json/json-parser.ts';
import type { JsonObject } from '../api/json/json-value.ts';
import { type ExplainStyle, ExplainText } from './explain-text.ts';
import { chooseLanguage } from './explain-words.ts';

const PLAIN: ExplainStyle = { language: 'en', columns: Number.POSITIVE_INFINITY, hasColor: false };

function answer(value: unknown): JsonObject {
  const parsed = parseJson(JSON.stringify(value));
  assert.ok(parsed.ok);
  return parsed.value as JsonObject;
}

const REFUSED = answer({
  txid: 'ab',
  status: 'rejected',
  supposed: false,
  verdict: {
    reason: 'min relay fee not met',
    rule: 'relay-minimum-fee',
    policy: true,
    bip: 125,
    field: 'tx.feeSat',
    expects: 'at-least',
    expected: 11,
    actual: 0,
    source: 'CheckFeeRate',
    words: 'It pays.',
    words_zh: '须付费。',
  },
  stages: [
    { stage: 'form', outcome: 'passed', words: 'Good form.', words_zh: '形式。', figures: { size: 87, fee: 0.5 } },
    { stage: 'fee', outcome: 'failed', words: 'A fee.', words_zh: '费。', figures: {}, explanation: { reason: 'bad' } },
    { stage: 'locktime', outcome: 'unknown', words: 'Late.', words_zh: '晚。', figures: {} },
  ],
  inputs: [{ input: 0, txid: 'cd', vout: 1, amount: 1.5, type: 'pubkey', result: 'valid' }],
});

test('a verdict, its checks and its inputs stand in columns', () => {
  assert.equal(
    `${new ExplainText(PLAIN).addTrace(REFUSED)}`,
    [
      'Transaction ab',
      'Status      rejected: min relay fee not met',
      'Rule        relay-minimum-fee, BIP 125 (of relay only: blocks need not keep it)',
      '            It pays.',
      'Field       tx.feeSat, found 0, wanted at-least 11',
      'In Core     CheckFeeRate',
      '',
      'Checks',
      '  ✓ form              Good form.',
      '                      size 87  fee 0.5',
      '  ✗ fee               A fee.',
      '                      bad',
      '  · locktime          Late.',
      '',
      'Inputs',
      '  ✓ #0 valid          1.5  pubkey',
      '                      cd:1',
      '',
    ].join('\n'),
  );
});

test('the same in Chinese', () => {
  const text = `${new ExplainText({ ...PLAIN, language: 'zh' }).addTrace(REFUSED)}`;
  assert.match(text, /^交易 {8}ab\n状态 {8}被拒绝: min relay fee not met\n/);
  assert.match(text, /字段 {8}tx\.feeSat, 实际 0, 要求 至少 11\n/);
  assert.match(text, / {2}✓ form {14}形式。\n/);
});

const WALK = answer({
  input: 0,
  rules: 'block',
  error: 'No',
  explanation: { words: 'Why not.', words_zh: '' },
  steps: [
    {
      step: 0,
      script: 'scriptSig',
      position: 0,
      op: 'push',
      data: 'aa'.repeat(40),
      executed: true,
      words: 'Puts.',
      stack_after: { depth: 3, values: ['', 'bb'.repeat(60)] },
    },
    {
      step: 1,
      script: 'scriptPubKey',
      position: 0,
      op: 'OP_DROP',
      executed: false,
      words: 'Drops.',
      stack_after: { depth: 0, values: [] },
      altstack_after: { depth: 1, values: ['01'] },
    },
  ],
  next_skip: 2,
});

test('steps show their stacks with the top first, cut to the width of the terminal', () => {
  const lines = `${new ExplainText({ ...PLAIN, columns: 60 }).addSteps(WALK)}`.split('\n');
  assert.deepEqual(lines, [
    '',
    'Scripts of input 0, under the rules of block',
    '  scriptSig',
    '   0    0 push aaaaaaaa…aaaaaaaa  Puts.',
    '          stack   bbbbbbbbbbbbbbb…bbbbbbbbbbbbbbb (60 bytes)',
    '                  (empty)',
    '                  (1 more below)',
    '  scriptPubKey',
    '   1    0 OP_DROP                 Drops.',
    '          stack   (no values)',
    '          alt     01',
    '  ✗ No',
    '    Why not.',
    '  There are more steps, from 2 on: see the method',
    '  explainscript.',
    '',
  ]);
  assert.ok(lines.every((line) => line.length <= 60));
  const wide = `${new ExplainText(PLAIN).addSteps(WALK)}`;
  assert.ok(wide.includes('bb'.repeat(60)), 'a pipe gets everything');
});

test('colours are there when they are wanted, and change nothing else', () => {
  const colored = `${new ExplainText({ ...PLAIN, hasColor: true }).addTrace(REFUSED).addSteps(WALK)}`;
  assert.ok(colored.includes('\u001b[32m✓\u001b[0m'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken out
  const bare = colored.replace(/\u001b\[\d+m/g, '');
  assert.equal(bare, `${new ExplainText(PLAIN).addTrace(REFUSED).addSteps(WALK)}`);
});

test('a node that answers nonsense makes a poor text and no crash, and sends no control characters', () => {
  const nonsense = answer({ txid: 7, status: '\u001b[2J', stages: [1, { figures: [] }], inputs: {}, verdict: [] });
  const text = `${new ExplainText(PLAIN).addTrace(nonsense).addSteps(answer({ steps: [{ stack_after: { values: 3 } }] }))}`;
  assert.ok(!text.includes('\u001b'));
});

test('the language is the one that is asked for, or the first that the system names', () => {
  assert.equal(chooseLanguage('zh-CN', { LANG: 'en_US.UTF-8' }), 'zh');
  assert.equal(chooseLanguage('en', { LANG: 'zh_CN.UTF-8' }), 'en');
  assert.equal(chooseLanguage(undefined, { LANG: 'zh_CN.UTF-8' }), 'zh');
  assert.equal(chooseLanguage(undefined, { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }), 'en');
  assert.equal(chooseLanguage(undefined, { LC_ALL: '', LC_MESSAGES: 'zh_TW', LANG: 'C' }), 'zh');
  assert.equal(chooseLanguage(undefined, {}), 'en');
});
