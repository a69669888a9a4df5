import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageError } from '../kernel/chain/ports.ts';
import { isRebuildWanted } from './rebuild-advice.ts';
import { Settings } from './settings.ts';

test('databases are rebuilt without a question where that helps and a test has said yes, and nowhere else', () => {
  const lost = new StorageError('corrupt', 'chainstate', 'Error initializing block database: the coins belong to none');
  const full = new StorageError('disk-full', 'blocks', 'Disk space is too low!');
  const settings = (values: readonly string[]) =>
    new Settings({ commandLine: new Map([['test', [...values]]]), config: new Map() }, () => false);
  assert.equal(isRebuildWanted(lost, settings(['reindex_after_failure_noninteractive_yes'])), true);
  assert.equal(isRebuildWanted(lost, settings([])), false);
  assert.equal(isRebuildWanted(full, settings(['reindex_after_failure_noninteractive_yes'])), false);
});
