import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageError } from '../kernel/chain/ports.ts';
import { RebuildNeededError } from './error-text.ts';
import { nullLogger } from './log.ts';
import { adviseRebuild, isRebuildWanted } from './rebuild-advice.ts';
import { Settings } from './settings.ts';

test('where a rebuild helps, a failure becomes the advice in the words of Core; the log says more', () => {
  const lines: string[] = [];
  const log = { ...nullLogger, error: (line: string) => lines.push(line) };
  const lost = new StorageError('corrupt', 'chainstate', 'Error initializing block database: the coins belong to none');
  const advice = adviseRebuild(lost, log);
  assert.ok(advice instanceof RebuildNeededError);
  assert.equal(
    advice.message,
    'Error initializing block database.\nPlease restart with -reindex or -reindex-chainstate to recover.',
  );
  assert.match(lines[0]!, /the coins belong to none/);
  const full = new StorageError('disk-full', 'blocks', 'Disk space is too low!');
  assert.equal(adviseRebuild(full, log), full);
  const settings = (values: readonly string[]) =>
    new Settings({ commandLine: new Map([['test', [...values]]]), config: new Map() }, () => false);
  assert.equal(isRebuildWanted(advice, settings(['reindex_after_failure_noninteractive_yes'])), true);
  assert.equal(isRebuildWanted(advice, settings([])), false);
  assert.equal(isRebuildWanted(full, settings(['reindex_after_failure_noninteractive_yes'])), false);
});
