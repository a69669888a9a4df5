// The log's lines, its file, and what it does when it cannot write.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { escapeLogText, Log } from './log.ts';
import type { LogCategory } from './log-categories.ts';

const NOON_MS = Date.UTC(2026, 10, 22, 12, 0, 7, 999);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tally-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function makeLog(lines: string[] | null, ...categories: readonly LogCategory[]): Log {
  const console = lines && { write: (line: string) => void lines.push(line), isQuiet: () => lines.length >= 3 };
  return new Log({ categories: new Set(categories), console, nowMs: () => NOON_MS });
}

test('lines have the time, and a prefix when they are more or less than information', () => {
  const lines: string[] = [];
  const log = makeLog(lines, 'prune');
  log.info('Done loading');
  log.warn('look');
  log.error('down');
  log.debug('prune', () => 'unlinked');
  assert.deepEqual(lines, [
    '2026-11-22T12:00:07Z Done loading\n',
    '2026-11-22T12:00:07Z [warning] look\n',
    '2026-11-22T12:00:07Z [error] down\n',
  ]);
  const path = join(folder, 'debug.log');
  log.openFile(path, false);
  assert.ok(readFileSync(path, 'utf8').endsWith('Z [error] down\n2026-11-22T12:00:07Z [prune] unlinked\n'));
  log.close();
});

test('debug lines of other categories are not even made', () => {
  makeLog([], 'prune').debug('bench', () => assert.fail('made'));
});

test('the file belongs to its owner alone, whatever the umask (J06)', () => {
  const before = process.umask(0);
  try {
    const path = join(folder, 'debug.log');
    makeLog(null).openFile(path, true);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  } finally {
    process.umask(before);
  }
});

test('lines from before the file was open come first, behind five empty ones', () => {
  const path = join(folder, 'debug.log');
  writeFileSync(path, 'old\n');
  const log = makeLog(null);
  log.info('early');
  log.openFile(path, true);
  log.info('late');
  log.close();
  assert.equal(readFileSync(path, 'utf8'), 'old\n\n\n\n\n\n2026-11-22T12:00:07Z early\n2026-11-22T12:00:07Z late\n');
});

test('a long file is cut to its end', () => {
  const path = join(folder, 'debug.log');
  writeFileSync(path, `${'a'.repeat(11_000_000)}bc`);
  const log = makeLog(null);
  log.openFile(path, true);
  log.close();
  const text = readFileSync(path, 'utf8');
  assert.equal(text.length, 10_000_005);
  assert.ok(text.endsWith('abc\n\n\n\n\n'));
});

test('a file that was moved away is opened anew', () => {
  const path = join(folder, 'debug.log');
  const log = makeLog(null);
  log.openFile(path, true);
  renameSync(path, `${path}.1`);
  log.reopenFile();
  log.info('new');
  log.close();
  assert.equal(readFileSync(path, 'utf8'), '2026-11-22T12:00:07Z new\n');
});

test('control characters cannot steer a terminal or forge a line', () => {
  assert.equal(escapeLogText('a\u001b[2Jb\rc\td\u007fe\u009bf'), 'a\\x1b[2Jb\\x0dc\\x09d\\x7fe\\x9bf');
  assert.equal(escapeLogText('two\nlines'), 'two\nlines');
});
