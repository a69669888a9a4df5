import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Warnings } from './warnings.ts';

test('a warning begins once, stands until its reason is gone, and may then begin again', () => {
  const told: string[] = [];
  const warnings = new Warnings((text) => told.push(text));
  warnings.set('large-invalid-chain', 'a chain');
  warnings.set('unknown-rules', 'bit 3');
  warnings.set('unknown-rules', 'bit 4');
  assert.deepEqual(warnings.texts, ['bit 3', 'a chain']);
  assert.deepEqual(told, ['a chain', 'bit 3']);
  warnings.unset('unknown-rules');
  assert.deepEqual(warnings.texts, ['a chain']);
  warnings.set('unknown-rules', 'bit 4');
  assert.deepEqual(told, ['a chain', 'bit 3', 'bit 4']);
});
