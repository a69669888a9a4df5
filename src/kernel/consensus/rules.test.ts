import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCRIPT_ERRORS } from '../script/script-error.ts';
import { explainReject } from './explain.ts';
import { formatReject, rejectBlock, rejectBlockForTx, rejectTx } from './reject.ts';
import { RULES, type RuleId, type RuleText } from './rules.ts';
import { SCRIPT_RULES } from './script-rules.ts';

function assertReadable(id: string, text: RuleText): void {
  assert.match(text.words, /^[A-Z2].*\.$/, id);
  assert.match(text.wordsZh, /。$/, id);
  assert.doesNotMatch(text.wordsZh, /[,.;:]($|[^0-9])/, `${id}: western punctuation in a Chinese sentence`);
  assert.match(text.source, /^[A-Z][A-Za-z:]+$/, id);
}

test('every rule has an English and a Chinese sentence and names its source', () => {
  for (const id of Object.keys(RULES) as RuleId[]) assertReadable(id, RULES[id]);
  for (const error of SCRIPT_ERRORS) assertReadable(error, SCRIPT_RULES[error]);
});

test('every script error has words of its own', () => {
  assert.deepEqual(Object.keys(SCRIPT_RULES).sort(), [...SCRIPT_ERRORS].sort());
  assert.equal(new Set(Object.values(SCRIPT_RULES).map((rule) => rule.words)).size, SCRIPT_ERRORS.length);
});

test('no two rules share a sentence', () => {
  const texts = Object.values(RULES);
  assert.equal(new Set(texts.map((rule) => rule.words)).size, texts.length);
  assert.equal(new Set(texts.map((rule) => rule.wordsZh)).size, texts.length);
});

test('a reject is explained with the words, the BIP, the field and both values', () => {
  const reject = rejectBlock('invalid-header', 'time-too-old', 'time-median', { actual: 10, expected: 11 });
  assert.deepEqual(explainReject(reject), {
    rule: 'time-median',
    words: 'The time of a block is later than the median time of the eleven blocks before it.',
    wordsZh: '区块时间必须晚于其前十一个区块的时间中位数。',
    field: 'header.timeSec',
    expects: 'more-than',
    source: 'ContextualCheckBlockHeader',
    actual: 10,
    expected: 11,
  });
});

test('a script failure is explained by the rule of the script, not by the fact that one failed', () => {
  const reject = rejectTx(
    'consensus',
    'block-script-verify-flag-failed (Non-canonical DER signature)',
    'input-script',
    {
      scriptError: 'SIG_DER',
      inputIndex: 3,
    },
  );
  const explanation = explainReject(reject);
  assert.equal(explanation.bip, 66);
  assert.equal(explanation.words, 'A signature is encoded in strict DER form.');
});

test('a transaction that breaks a block gives the block its reason with the kind of a block', () => {
  const reject = rejectTx('missing-inputs', 'bad-txns-inputs-missingorspent', 'input-unspent', {
    debug: 'CheckTxInputs: inputs missing/spent',
    inputIndex: 1,
  });
  assert.deepEqual(rejectBlockForTx(reject, 7), {
    kind: 'consensus',
    reason: 'bad-txns-inputs-missingorspent',
    rule: 'input-unspent',
    debug: 'CheckTxInputs: inputs missing/spent',
    inputIndex: 1,
    txIndex: 7,
  });
  assert.equal(rejectBlockForTx(reject, 7, 'other').debug, 'other');
});

test('the text of a reject is its reason and, behind a comma, its debug message', () => {
  assert.equal(formatReject(rejectTx('consensus', 'bad-cb-length', 'coinbase-script-length')), 'bad-cb-length');
  assert.equal(
    formatReject(rejectBlock('invalid-header', 'high-hash', 'pow-hash', { debug: 'proof of work failed' })),
    'high-hash, proof of work failed',
  );
});
