// The log's lines, its file, and what it does when it cannot write.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { escapeLogText, Log } from './log.ts';
import type { LogCategory } from './log-categories.ts';
import { kindOfLine, LogLimiter } from './log-limit.ts';

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

/** Bytes of what `body` makes the file grow by, after its first lines. */
function bytesLogged(log: Log, path: string, body: () => void): number {
  const before = statSync(path).size;
  body();
  log.close();
  return statSync(path).size - before;
}

test('D16: lines of one kind come to 1 MiB within an hour, those of others go on, and the file says what is missing', () => {
  const path = join(folder, 'debug.log');
  const time = { ms: NOON_MS };
  const log = new Log({ categories: new Set(['net']), console: null, nowMs: () => time.ms });
  log.openFile(path, true);
  const flood = (count: number): void => {
    for (let i = 0; i < count; i++) log.warn(`Invalid block ${i.toString(16).padStart(64, '0')}: bad-txnmrklroot`);
  };
  // 127 bytes each: 8256 lines are 1,048,512 bytes, and the one that would go beyond is the last
  flood(8323);
  const full = statSync(path).size;
  assert.ok(full > 1_048_576 && full < 1_049_500, `${full} bytes`);
  flood(50_000);
  assert.equal(statSync(path).size, full);
  log.info('Something else');
  log.debug('net', () => 'received: ping');
  const before = readFileSync(path, 'utf8').split('\n');
  assert.match(
    before.at(-5)!,
    / \[warning\] Excessive logging detected from lines "Invalid block": >1048576 bytes logged/,
  );
  assert.match(before.at(-4)!, /^\[\*\] 2026-11-22T12:00:07Z \[warning\] Invalid block 0+2040: bad-txnmrklroot$/);
  assert.equal(before.at(-3), '[*] 2026-11-22T12:00:07Z Something else');
  assert.equal(before.at(-2), '[*] 2026-11-22T12:00:07Z [net] received: ping');

  time.ms += 3_600_000;
  log.info('After an hour');
  flood(1);
  log.close();
  const after = readFileSync(path, 'utf8')
    .split('\n')
    .slice(before.length - 1, -1);
  assert.deepEqual(after, [
    '2026-11-22T13:00:07Z [warning] Restarting logging of lines "Invalid block": 6358509 bytes were dropped during the last 3600s.',
    '2026-11-22T13:00:07Z After an hour',
    `2026-11-22T13:00:07Z [warning] Invalid block ${'0'.repeat(64)}: bad-txnmrklroot`,
  ]);
});

test('D16: neither debug lines nor routine ones are limited, the console gets everything, and -nologratelimit limits nothing', () => {
  const path = join(folder, 'debug.log');
  const text = 'x'.repeat(99_978); // with time and line feed 100,000 bytes
  let consoleBytes = 0;
  const console = {
    write: (line: string): void => {
      consoleBytes += line.length;
    },
    isQuiet: () => false,
  };
  const open = (isLimited: boolean): Log => {
    const log = new Log({ categories: new Set(['net']), console, isLimited, nowMs: () => NOON_MS });
    log.openFile(path, true);
    return log;
  };
  const repeat = (write: (log: Log) => void) => (log: Log) => () => {
    for (let i = 0; i < 30; i++) write(log);
  };
  const bytesOf = (isLimited: boolean, write: (log: Log) => void): number => {
    const log = open(isLimited);
    return bytesLogged(log, path, repeat(write)(log));
  };
  const info = (log: Log): void => log.info(text);
  assert.ok(bytesOf(true, info) < 1_200_000);
  assert.ok(consoleBytes >= 3_000_000);
  assert.ok(bytesOf(false, info) >= 3_000_000);
  assert.ok(bytesOf(true, (log) => log.routine(text)) >= 3_000_000);
  assert.ok(bytesOf(true, (log) => log.debug('net', () => text)) >= 3_000_000);
});

test('D16: the kind of a line is the text before its first value, and there are not more kinds than a program has', () => {
  const kinds = [
    'Saw new header hash=0f9188f1 height=1 peer=7',
    'Invalid block abcdef0123456789: bad',
    'connected to self at [fe80::1]:8333, disconnecting',
    'Done loading',
  ].map(kindOfLine);
  assert.deepEqual(kinds, ['Saw new header hash', 'Invalid block', 'connected to self at', 'Done loading']);

  const limiter = new LogLimiter(0);
  let written = 0;
  for (let i = 0; i < 10_000; i++) {
    if (limiter.count(`kind ${i}`, 600_000) !== 'drop') written++;
  }
  assert.equal(written, 256 + 2);
});
