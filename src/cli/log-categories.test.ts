import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyLevels, chooseCategories } from './log-categories.ts';

function chosen(levels: readonly string[]): readonly string[] | string {
  const categories = chooseCategories(['net', 'rpc'], []);
  assert.ok(categories.ok);
  const result = applyLevels(categories.value, levels);
  return result.ok ? [...result.value] : result.error;
}

test('levels leave debug lines out, everywhere or for a category; what is said of a category counts more', () => {
  assert.deepEqual(chosen([]), ['net', 'rpc']);
  assert.deepEqual(chosen(['trace']), ['net', 'rpc']);
  assert.deepEqual(chosen(['info']), []);
  assert.deepEqual(chosen(['net:info']), ['rpc']);
  assert.deepEqual(chosen(['net:debug', 'info']), ['net']);
});

test('levels that there are not are refused in the words of Core', () => {
  assert.equal(chosen(['abc']), 'Unsupported global logging level -loglevel=abc. Valid values: info, debug, trace.');
  for (const value of ['net:abc', 'net:info:abc', 'abc:info']) {
    assert.ok(String(chosen([value])).startsWith(`Unsupported category-specific logging level -loglevel=${value}. `));
  }
});
