// The limit of open files and what it does to connections. The sentences are Core's (init.cpp).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitConnections, readOpenFilesMax } from './file-limit.ts';

test('D18: connections never take the descriptors that files need', () => {
  assert.deepEqual(limitConnections(125, 2, 1024), { count: 125, warning: null });
  assert.deepEqual(limitConnections(125, 2, null), { count: 125, warning: null });
  assert.deepEqual(limitConnections(125, 1, 200), {
    count: 40,
    warning: 'Reducing -maxconnections from 125 to 40, because of system limitations.',
  });
  assert.throws(() => limitConnections(0, 1, 159), {
    name: 'StartupError',
    message: /^Not enough file descriptors available\. 159 available, 160 required\.\n/,
  });
});

test('the limit of this process is known where the system tells it', () => {
  const limit = readOpenFilesMax();
  if (process.platform === 'linux') assert.ok(limit !== null && limit >= 64);
});
