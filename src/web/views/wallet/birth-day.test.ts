import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBirthDay } from './birth-day.ts';

test('the ledger is read from the day before the one that was said', () => {
  assert.equal(parseBirthDay('2026-01-02'), 1_767_225_600);
});

test('without a day, or with one that is none, all of it is read', () => {
  for (const text of ['', '2026-02-31x', '31.12.2026', '0000-99-99', '1970-01-01']) {
    assert.equal(parseBirthDay(text), null, text);
  }
});
