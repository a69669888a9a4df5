// Whatever surrounds the process, the verdicts are the same: language, time zone, the size of the stack, open files, umask, a
// home folder that nobody may write to.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import { type Conditions, runChild } from './child.ts';

const PROGRAM = new URL('./verdict-digest.js', import.meta.url);

/** Processes at a time. */
const LANES = 2;

interface Environment extends Conditions {
  readonly name: string;
}

const ENVIRONMENTS: readonly Environment[] = [
  { name: 'Turkish, whose i has another capital', variables: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' } },
  { name: 'no language', variables: { LC_ALL: 'C', LANG: 'C' } },
  { name: 'a time zone of 5¾ hours', variables: { TZ: 'Asia/Kathmandu' } },
  { name: 'a time zone with summer time', variables: { TZ: 'America/St_Johns' } },
  { name: 'a stack of 200 kB', options: ['--stack-size=200'] },
  { name: '256 open files at most', before: 'ulimit -n 256' },
  { name: 'files open to everybody', before: 'umask 000' },
  { name: 'a heap of 64 MB', options: ['--max-old-space-size=64'] },
  { name: 'no compiling of JavaScript', options: ['--no-opt'] },
];

const skip = openVectorFolder(vectorsPath()) === null && 'vectors absent';

test('J06: a block and the script vectors get the same verdicts in every environment', { skip }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'tally-home-'));
  chmodSync(home, 0o555);
  try {
    const expected = await runChild(PROGRAM, {});
    assert.match(expected, /^\d+ [0-9a-f]{64}$/);
    const waiting = [...ENVIRONMENTS, { name: 'a home folder that is read-only', variables: { HOME: home } }];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        assert.equal(await runChild(PROGRAM, next), expected, next.name);
      }
    };
    await Promise.all(Array.from({ length: LANES }, work));
  } finally {
    chmodSync(home, 0o755);
    rmSync(home, { recursive: true });
  }
});
