// Failures in words for people: what happened, which file, what to do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageError, VerifierError } from '../kernel/chain/ports.ts';
import { StartupError } from './error-text.ts';
import { describeFailure, describeHeadline } from './failure.ts';

const PATH = '/data/blocks/blk00007.dat';

test('a failure of storage is told in the words of Core, with the file and what to do (S05, S07)', () => {
  const full = describeFailure(new StorageError('disk-full', PATH, `cannot write ${PATH}: ENOSPC`));
  assert.deepEqual(full.split('\n'), [
    'Disk space is too low!',
    'cannot write /data/blocks/blk00007.dat: ENOSPC',
    'Free some space, then start again: what was reported as saved is saved.',
  ]);
  const corrupt = describeFailure(new StorageError('corrupt', PATH, 'no block at 8'));
  assert.deepEqual(corrupt.split('\n').slice(0, 3), [
    'Corrupted block database detected.',
    'no block at 8',
    `Where: ${PATH}`,
  ]);
  assert.match(corrupt, /Please restart with -reindex or -reindex-chainstate to recover\./);
});

test('of a failure while running the first line alone goes where programs look, and a fault of the program goes whole', () => {
  const cause = new Error('rev00000.dat is corrupt at 82');
  const failed = new StorageError('corrupt', PATH, 'Failed to disconnect block.', { cause });
  assert.equal(describeHeadline(failed), 'Failed to disconnect block.');
  assert.match(describeFailure(failed), /^Failed to disconnect block\.\nrev00000\.dat is corrupt at 82\n/);
  assert.match(describeHeadline(new TypeError('x is not a function')), /lines:\nTypeError: x is not/);
});

test('a failure that comes as a sentence keeps it, and its own advice', () => {
  const sentence = `Error loading block database: ${PATH} is missing. Put it back, or rebuild with -reindex.`;
  assert.equal(describeFailure(new StorageError('corrupt', PATH, sentence)), sentence);
});

test('a locked folder is one sentence', () => {
  const sentence = 'Cannot obtain a lock on directory /data. Tallystick is probably already running.';
  assert.equal(describeFailure(new StorageError('locked', '/data', sentence)), sentence);
  assert.equal(describeFailure(new StorageError('locked', '/data', 'taken')).split('\n')[0], sentence);
});

test('a dead thread is told with its cause, and as no verdict on a block (C36)', () => {
  const error = new VerifierError('thread-failed', 'a script thread ended', { cause: new Error('out of memory') });
  assert.match(
    describeFailure(error),
    /^Scripts could not be verified: a script thread ended: out of memory\nNo block was judged by this\./,
  );
});

test('a reason not to start is told as it is, and a fault of the program with where it happened', () => {
  assert.equal(describeFailure(new StartupError('Unknown chain foo.')), 'Unknown chain foo.');
  assert.match(
    describeFailure(new TypeError('x is not a function')),
    /Please report it with these lines:\nTypeError: x is not/,
  );
});
