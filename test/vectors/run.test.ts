// The runner of the vectors on small folders in memory, and the command on small folders on disk: both must be able to fail.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runVectorsCommand } from './command.ts';
import { createVectorFile, createVectorFolder, openVectorFolder } from './folder.ts';
import type { CaseOutcome, Judge } from './judge.ts';
import { type FileReport, formatFailure, runFolder } from './run.ts';

function judgeOf(name: string, matches: () => boolean, cases: () => Iterable<CaseOutcome>, isCompanion = false): Judge {
  return { name, isCompanion, matches, run: cases };
}

const PASS: CaseOutcome = { name: 'a', ok: true };
const FAIL: CaseOutcome = { name: 'b', ok: false, comment: 'why it matters', detail: 'expected 1, got 2' };

function runOne(judges: readonly Judge[], read: () => Uint8Array = () => Uint8Array.of(1)): FileReport[] {
  return [...runFolder(createVectorFolder([createVectorFile('x/y', read)]), judges)];
}

test('the first judge that knows a file judges it, companions judge besides', () => {
  const reports = runOne([
    judgeOf(
      'stranger',
      () => false,
      () => [FAIL],
    ),
    judgeOf(
      'companion',
      () => true,
      () => [PASS, PASS],
      true,
    ),
    judgeOf(
      'first',
      () => true,
      () => [PASS, FAIL],
    ),
    judgeOf(
      'second',
      () => true,
      () => [FAIL],
    ),
  ]);
  assert.deepEqual(
    reports.map((report) => (report.kind === 'judged' ? [report.judge, report.passed, report.failures.length] : null)),
    [
      ['companion', 2, 0],
      ['first', 1, 1],
    ],
  );
});

test('a judge that throws fails the file with its message and keeps what it had', () => {
  const [report] = runOne([
    judgeOf(
      'thrower',
      () => true,
      function* () {
        yield PASS;
        throw new RangeError('out of everything');
      },
    ),
  ]);
  assert.ok(report?.kind === 'judged');
  assert.equal(report.passed, 1);
  assert.deepEqual(report.failures.map(formatFailure), ['after 1 cases: RangeError: out of everything']);
});

test('a judge without a single case fails the file; one that stumbles over the shape does not know it', () => {
  const [empty] = runOne([
    judgeOf(
      'idle',
      () => true,
      () => [],
    ),
  ]);
  assert.ok(empty?.kind === 'judged' && empty.failures.length === 1);
  const stumbler = judgeOf(
    'stumbler',
    () => {
      throw new TypeError('no such field');
    },
    () => [PASS],
  );
  assert.deepEqual(runOne([stumbler]), [{ kind: 'no-judge', path: 'x/y', part: null }]);
});

test('a file that cannot be read fails', () => {
  const [report] = runOne(
    [
      judgeOf(
        'any',
        () => true,
        () => [PASS],
      ),
    ],
    () => Uint8Array.of(0x1f, 0x8b, 8, 0),
  );
  assert.ok(report?.kind === 'judged' && report.passed === 0 && report.failures.length === 1);
});

test('a failure prints its name, the comment of the vectors and the difference', () => {
  assert.equal(formatFailure(FAIL), 'b (why it matters): expected 1, got 2');
});

test('files are listed recursively, decompressed by their magic, and papers are left out', () => {
  withFolder({ 'README.md': '#', 'a/b.json': '[1]', 'a/c': gzipSync('{"d":2}'), 'a/.hidden': '' }, (root) => {
    const folder = openVectorFolder(root);
    assert.deepEqual(
      folder?.files.map((file) => file.path),
      ['a/b.json', 'a/c'],
    );
    assert.deepEqual(folder?.find('a/c')?.json(), { d: 2 });
    assert.equal(folder?.siblings(folder.files[0]!)[0]?.name, 'c');
  });
  assert.equal(openVectorFolder('/nowhere/at/all'), null);
});

test('the command recognises a file by its shape and fails when a case fails', () => {
  const pair = [['61', '2g']];
  assert.deepEqual(runCommand({ 'formats/other/renamed.json': JSON.stringify(pair) }), {
    code: 0,
    last: '2 passed, 0 failed',
  });
  const wrong = [['62', '2g']];
  const { code, last } = runCommand({ 'formats/other/renamed.json': JSON.stringify(wrong) });
  assert.equal(code, 1);
  assert.equal(last, '0 passed, 2 failed');
});

test('the command names files without a judge and does not call an empty run a success', () => {
  const { code, lines } = runCommandLines({ 'rpc/x.json': '[]', 'strange/y.bin': 'z' });
  assert.equal(code, 1);
  assert.ok(lines.includes('  rpc/x.json: no judge yet (api)'));
  assert.ok(lines.includes('  strange/y.bin: no judge yet'));
  assert.equal(
    runVectorsCommand(['/nowhere/at/all'], () => {}),
    2,
  );
});

function runCommand(files: Readonly<Record<string, string>>): { code: number; last: string | undefined } {
  const { code, lines } = runCommandLines(files);
  return { code, last: lines.at(-1) };
}

function runCommandLines(files: Readonly<Record<string, string>>): { code: number; lines: string[] } {
  const lines: string[] = [];
  let code = -1;
  withFolder(files, (root) => {
    code = runVectorsCommand([root], (line) => lines.push(line));
  });
  return { code, lines };
}

function withFolder(files: Readonly<Record<string, string | Uint8Array>>, use: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'tally-vectors-'));
  try {
    for (const [path, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), contents);
    }
    use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}
