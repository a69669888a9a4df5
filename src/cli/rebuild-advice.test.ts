import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageError } from '../kernel/chain/ports.ts';
import { describeFailure } from './failure.ts';
import { adviseRebuild, isRebuildWanted } from './rebuild-advice.ts';
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

test('what Core would ask about is told in its words, and what is wrong in particular stays with it', () => {
  const words = 'Error initializing block database: the coins belong to none';
  const advised = adviseRebuild(new StorageError('corrupt', 'chainstate', `${words}. Rebuild with -reindex.`));
  assert.equal(
    (advised as Error).message,
    'Error initializing block database.\nPlease restart with -reindex or -reindex-chainstate to recover.',
  );
  assert.match(describeFailure(advised), /^Error initializing block database: the coins belong to none\. Rebuild/);
  const full = new StorageError('disk-full', 'blocks', 'Disk space is too low!');
  assert.equal(adviseRebuild(full), full);
});
