// Progress in words, on a terminal and in the log.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatCount,
  formatDuration,
  formatProgressBar,
  formatProgressLine,
  formatRate,
  ProgressDisplay,
  type ProgressState,
} from './progress.ts';

const HALF: ProgressState = {
  task: 'Importing bootstrap.dat',
  unit: 'bytes',
  done: 50_000_000,
  total: 100_000_000,
  ratePerSec: 12_340_000,
  note: 'block 312,000',
};

function watch(isTerminal: boolean) {
  const texts: string[] = [];
  const time = { ms: 0 };
  const terminal = isTerminal ? { columns: () => 80, write: (text: string) => void texts.push(text) } : null;
  const fail = (): never => assert.fail('only information is logged');
  const info = (message: string): void => void texts.push(message);
  const log = { info, routine: fail, warn: fail, error: fail, debug: fail };
  return { texts, time, display: new ProgressDisplay(terminal, log, () => time.ms) };
}

test('durations, rates and counts are short to read', () => {
  assert.deepEqual([0, 59.4, 60, 3599, 3600, 7290, 86_400, 200_000].map(formatDuration), [
    '0 s',
    '59 s',
    '1 min',
    '1 h 0 min',
    '1 h 0 min',
    '2 h 2 min',
    '1 d 0 h',
    '2 d 7 h',
  ]);
  assert.deepEqual(
    [999, 123_456, 12_345_678].map((rate) => formatRate(rate, 'bytes')),
    ['1.0 kB/s', '123 kB/s', '12.3 MB/s'],
  );
  assert.equal(formatRate(1234.5, 'blocks'), '1,235 blocks/s');
  assert.deepEqual([0, 999, 1000, 1_234_567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
});

test('the bar fills the width that is left, and drops facts on a narrow terminal', () => {
  assert.equal(
    formatProgressBar(HALF, 100),
    'Importing bootstrap.dat [===============>              ]  50%  block 312,000  12.3 MB/s  4 s left',
  );
  assert.equal(formatProgressBar(HALF, 60), 'Importing bootstrap.dat [======>      ]  50%  block 312,000');
  assert.equal(formatProgressBar(HALF, 40), 'Importing bootstrap.dat [====>   ]  50%');
  assert.equal(formatProgressBar(HALF, 20), 'Importing bootstrap');
  for (let columns = 1; columns < 120; columns++) assert.ok(formatProgressBar(HALF, columns).length < columns);
});

test('the line in the log says the same', () => {
  assert.equal(formatProgressLine(HALF), 'Importing bootstrap.dat: 50% (block 312,000, 12.3 MB/s, 4 s left)');
  assert.equal(formatProgressLine({ ...HALF, ratePerSec: null, note: '' }), 'Importing bootstrap.dat: 50%');
  assert.equal(
    formatProgressLine({ ...HALF, done: 99_999_999, ratePerSec: null, note: '' }),
    'Importing bootstrap.dat: 99%',
  );
});

test('a terminal is drawn a few times a second, and cleared at the end', () => {
  const { texts, time, display } = watch(true);
  display.begin('Work', 1000, 'blocks');
  for (let done = 0; done <= 1000; done++) {
    display.report(done, '');
    time.ms += 1;
  }
  assert.equal(texts.length, 6);
  assert.equal(texts[0], `\r\u001b[KWork [>${' '.repeat(29)}]   0%`);
  display.end();
  assert.equal(texts.at(-1), '\r\u001b[K');
});

test('the rate is that of the last twenty seconds', () => {
  const { texts, time, display } = watch(true);
  display.begin('Work', 100_000, 'blocks');
  for (let second = 0; second < 100; second++) {
    display.report(second < 50 ? second * 100 : 5000 + (second - 50) * 10, '');
    time.ms += 1000;
  }
  assert.match(texts.at(-1) ?? '', / {2}10 blocks\/s {2}2 h 38 min left$/);
});

test('the log gets a line every ten seconds, and none for short work', () => {
  const { texts, time, display } = watch(false);
  display.begin('Work', 60, 'blocks');
  for (let second = 0; second < 25; second++) {
    display.report(second, '');
    time.ms += 1000;
  }
  display.end();
  assert.deepEqual(texts, ['Work: 16% (1 blocks/s, 50 s left)', 'Work: 33% (1 blocks/s, 40 s left)']);
});

test('other lines go above the bar', () => {
  const { texts, display } = watch(true);
  display.begin('Work', 10, 'blocks');
  display.report(5, '');
  const bar = texts[0] ?? '';
  display.aside(() => void texts.push('line\n'));
  assert.deepEqual(texts, [bar, '\r\u001b[K', 'line\n', bar]);
});

test('T04: a clock that stands still, jumps by seconds or goes back gives no senseless number', () => {
  for (const times of [[0], [0, 0, 1000, 1000, 2000], [5000, 4000, 3000], [0, 1e12]]) {
    for (const isTerminal of [true, false]) {
      const { texts, time, display } = watch(isTerminal);
      for (const total of [0, 1000]) {
        display.begin('Work', total, 'blocks');
        for (let step = 0; step < 200; step++) {
          time.ms = times[step % times.length]! + (times.length > 1 ? step * 100 : 0);
          display.report(step % 7 === 0 ? 0 : step, 'note');
        }
        display.end();
      }
      for (const text of texts) assert.equal(/NaN|Infinity|-\d/.test(text), false, text);
    }
  }
});

test('what was done before the work began does not count for the rate', () => {
  const { texts, time, display } = watch(true);
  display.begin('Work', 1000, 'blocks', 500);
  time.ms += 2000;
  display.report(510, '');
  assert.match(texts.at(-1) ?? '', / 51% {2}5 blocks\/s {2}2 min left$/);
});
