import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LESSONS, taskKey } from './lessons.ts';
import { learnEn } from './texts-en.ts';
import { learnZh } from './texts-zh.ts';

/** Every text by its path; what needs values gets samples. */
function listTexts(value: unknown, path: string): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value('1', '2', '3'))]];
  return Object.entries(value as object).flatMap(([key, inner]) => listTexts(inner, `${path}.${key}`));
}

test('both languages say the same things, and Chinese says them in Chinese', () => {
  const english = listTexts(learnEn, '');
  const chinese = listTexts(learnZh, '');
  assert.deepEqual(
    chinese.map(([path]) => path),
    english.map(([path]) => path),
  );
  for (const [path, text] of [...english, ...chinese]) assert.notEqual(text.trim(), '', path);
  const sameOnPurpose = ['.payment.historyRow'];
  const untranslated = chinese.filter(([path, text]) => !/\p{Script=Han}/u.test(text) && !sameOnPurpose.includes(path));
  assert.deepEqual(untranslated, []);
});

test('every task of every lesson has words, and every word a task', () => {
  for (const { name, tasks } of LESSONS) assert.deepEqual(Object.keys(learnEn[name].tasks), [...tasks], name);
});

test('no two tasks are kept under one name, and none has a blank in it', () => {
  const keys = LESSONS.flatMap(({ name, tasks }) => tasks.map((task) => taskKey(name, task)));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(
    keys.some((key) => /\s/.test(key)),
    false,
  );
});
