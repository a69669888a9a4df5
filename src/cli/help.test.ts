// The texts of --help, which come from the table of options.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOptions, wrapText } from './help.ts';
import { OPTIONS } from './options.ts';

test('words are broken into lines of the width, and a long word stands alone', () => {
  assert.equal(wrapText('test', 79, ''), 'test');
  assert.equal(wrapText('test test', 9, ''), 'test test');
  assert.equal(wrapText('test test', 4, '  '), 'test\n  test');
  assert.equal(wrapText('testerde test', 4, ''), 'testerde\ntest');
});

test('every option of a program is listed once, under its heading, in order', () => {
  const names = formatOptions('tallyd')
    .split('\n')
    .flatMap((line) => /^ {2}-([a-z0-9-]+)/.exec(line)?.[1] ?? []);
  const wanted = OPTIONS.filter(({ programs, isHidden }) => programs.includes('tallyd') && !isHidden);
  assert.deepEqual(
    [...names].sort((a, b) => (a < b ? -1 : 1)),
    wanted.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1)),
  );
  assert.deepEqual(names.slice(0, 3), ['addressindex', 'alertnotify', 'allowignoredconf']);
  assert.equal(formatOptions('tally').includes('-loadblock'), false);
});

test('names of options are their own', () => {
  assert.equal(new Set(OPTIONS.map(({ name }) => name)).size, OPTIONS.length);
  assert.deepEqual(
    OPTIONS.filter(({ name }) => name.startsWith('no')),
    [],
    'would be read as a negation',
  );
});
