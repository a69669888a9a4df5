import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePlaces, findWrongPlaces } from './word-check.ts';

test('three different places are chosen, in order, all within the words', () => {
  assert.deepEqual(choosePlaces(12, Uint32Array.of(0, 0, 0)), [0, 1, 2]);
  assert.deepEqual(choosePlaces(12, Uint32Array.of(11, 10, 9)), [9, 10, 11]);
  assert.deepEqual(choosePlaces(12, Uint32Array.of(0xffffffff, 5, 23)), [3, 4, 6]);
  assert.deepEqual(choosePlaces(2, Uint32Array.of(1, 2, 3)), [0, 1]);
});

test('a wrong word is named by its place; blanks and capitals are forgiven', () => {
  const words = ['abandon', 'ability', 'able', 'about'];
  assert.deepEqual(findWrongPlaces(words, [0, 2, 3], [' Abandon', 'able ', 'ABOUT']), []);
  assert.deepEqual(findWrongPlaces(words, [0, 2, 3], ['abandon', 'ability', 'about']), [2]);
  assert.deepEqual(findWrongPlaces(words, [1, 2], []), [1, 2]);
});
