import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejectTx } from '../consensus/reject.ts';
import { RULES } from '../consensus/rules.ts';
import { explainMempoolReject } from './explain-policy.ts';
import { rejectPackage, rejectPolicy } from './policy-reject.ts';
import { POLICY_RULES, type PolicyRuleId } from './policy-rules.ts';

const IDS = Object.keys(POLICY_RULES) as PolicyRuleId[];

test('every rule of policy has an English and a Chinese sentence and names its source', () => {
  for (const id of IDS) {
    const text = POLICY_RULES[id];
    assert.match(text.words, /^[A-Z].*\.$/, id);
    assert.match(text.wordsZh, /。$/, id);
    assert.doesNotMatch(text.wordsZh, /[,.;:]($|[^0-9])/, `${id}: western punctuation in a Chinese sentence`);
    assert.match(text.source, /^[A-Z][A-Za-z0-9:]+$/, id);
  }
});

test('no two rules of policy share a sentence, and none has the name of a consensus rule', () => {
  assert.equal(new Set(IDS.map((id) => POLICY_RULES[id].words)).size, IDS.length);
  assert.equal(new Set(IDS.map((id) => POLICY_RULES[id].wordsZh)).size, IDS.length);
  assert.deepEqual(
    IDS.filter((id) => Object.hasOwn(RULES, id)),
    [],
  );
});

test('a refusal by policy is explained with the words, the BIP, the field and both values', () => {
  const reject = rejectPolicy('inputs-not-standard', 'bad-txns-nonstandard-inputs', 'standard-legacy-sigops', {
    actual: 2_501,
    expected: 2_500,
  });
  assert.deepEqual(explainMempoolReject(reject), {
    rule: 'standard-legacy-sigops',
    words: 'The inputs of a transaction run at most 2,500 signature operations outside the witness.',
    wordsZh: '一笔交易的所有输入在见证数据之外至多执行 2,500 次签名操作。',
    bip: 54,
    field: 'tx.legacySigops',
    expects: 'at-most',
    source: 'CheckSigopsBIP54',
    isPolicy: true,
    actual: 2_501,
    expected: 2_500,
  });
});

test('a refusal by consensus and one of a package are explained by the same function', () => {
  const ofConsensus = explainMempoolReject(rejectTx('consensus', 'bad-txns-vin-empty', 'tx-inputs'));
  assert.deepEqual([ofConsensus.words, ofConsensus.isPolicy], ['A transaction has at least one input.', false]);
  const ofPackage = explainMempoolReject(rejectPackage('package-policy', 'package-not-sorted', 'package-sorted'));
  assert.equal(ofPackage.words, 'In a package, parents stand before their children.');
});

test('a script that fails under the rules of relay is explained by the rule of the script', () => {
  const reject = rejectPolicy(
    'not-standard',
    'mempool-script-verify-flag-failed (Non-canonical signature: S value is unnecessarily high)',
    'standard-script',
    { scriptError: 'SIG_HIGH_S' },
  );
  const explanation = explainMempoolReject(reject);
  assert.equal(explanation.bip, 62);
  assert.equal(explanation.isPolicy, true);
});
