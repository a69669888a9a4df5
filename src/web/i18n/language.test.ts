import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from './en.ts';
import { chooseLanguage } from './language.ts';
import { zhCn } from './zh-cn.ts';

test('the first language of the reader that the page speaks is taken', () => {
  assert.equal(chooseLanguage(['zh-CN', 'en']), 'zh-CN');
  assert.equal(chooseLanguage(['zh-Hans-SG']), 'zh-CN');
  assert.equal(chooseLanguage(['de-DE', 'en-GB', 'zh']), 'en');
  assert.equal(chooseLanguage(['fr']), 'en');
  assert.equal(chooseLanguage([]), 'en');
});

type Section = Readonly<Record<string, unknown>>;

/** Every text of a language by its path; what needs values gets samples. */
function listTexts(messages: Readonly<Record<string, unknown>>, path = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    const place = `${path}${key}`;
    if (typeof value === 'string') texts.set(place, value);
    else if (typeof value === 'function') texts.set(place, String(value('1', '2', '3', '4')));
    else if (value !== null)
      for (const [inner, text] of listTexts(value as Section, `${place}.`)) texts.set(inner, text);
  }
  return texts;
}

test('both languages say everything, and Chinese says it in Chinese', () => {
  const english = listTexts(en);
  const chinese = listTexts(zhCn);
  assert.deepEqual([...chinese.keys()], [...english.keys()]);
  for (const [key, text] of [...english, ...chinese]) assert.notEqual(text.trim(), '', key);
  const sameOnPurpose = ['common.appName', 'common.nameAndWhat', 'ledger.listOf', 'common.otherLanguage'];
  const untranslated = [...chinese].filter(
    ([key, text]) => !/\p{Script=Han}/u.test(text) && !sameOnPurpose.includes(key),
  );
  assert.deepEqual(untranslated, []);
});
