import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NamedPipe, type PipeStop } from './named-pipe.ts';

const RUNNING: PipeStop = { isStopping: () => false, whenStopping: () => new Promise(() => {}) };
const options = { skip: process.platform === 'win32' ? 'Windows has no named pipes in folders' : false };

function makePipe(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tally-pipe-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

/** A program that reads the pipe and prints what `script` makes of it. */
function startReader(path: string, script: string): ChildProcess {
  return spawn('/bin/sh', ['-c', script, 'sh', path], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function outputOf(reader: ChildProcess): Promise<string> {
  let text = '';
  reader.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await once(reader, 'close');
  return text;
}

test('more bytes than a pipe holds come out as they went in, whenever the reader begins', options, async (t) => {
  const path = makePipe(t);
  const opening = NamedPipe.open(path, RUNNING);
  const output = outputOf(startReader(path, 'sha256sum < "$1"'));
  const pipe = await opening;
  assert.ok(pipe !== null);
  const hash = createHash('sha256');
  for (let i = 0; i < 5; i++) {
    const bytes = new Uint8Array(300_000).fill(i + 1);
    hash.update(bytes);
    await pipe.write(bytes);
  }
  pipe.close();
  assert.equal((await output).split(' ')[0], hash.digest('hex'));
});

test('a reader that goes away is an error of whoever writes, and of nobody else', options, async (t) => {
  const path = makePipe(t);
  const output = outputOf(startReader(path, 'head -c 1 < "$1"'));
  const pipe = await NamedPipe.open(path, RUNNING);
  assert.ok(pipe !== null);
  await assert.rejects(
    async () => {
      for (;;) await pipe.write(new Uint8Array(100_000).fill(0x61));
    },
    { name: 'StorageError', path },
  );
  assert.equal(await output, 'a');
});

test('the end of the program ends the waiting, for a reader and for a slow one', options, async (t) => {
  const path = makePipe(t);
  let isStopping = false;
  const opening = NamedPipe.open(path, { ...RUNNING, isStopping: () => isStopping });
  isStopping = true;
  await assert.rejects(opening, /nobody has begun to read/);
  let stopNow = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stopNow = resolve;
  });
  const reader = startReader(path, 'exec sleep 1000 < "$1"');
  t.after(() => reader.kill());
  const pipe = await NamedPipe.open(path, { ...RUNNING, whenStopping: () => stopped });
  assert.ok(pipe !== null);
  const writing = pipe.write(new Uint8Array(10_000_000));
  stopNow();
  await assert.rejects(writing, { name: 'StorageError' });
});

test('what is no pipe is left alone', options, async (t) => {
  const path = `${makePipe(t)}.txt`;
  assert.equal(await NamedPipe.open(path, RUNNING), null);
  writeFileSync(path, 'text');
  assert.equal(await NamedPipe.open(path, RUNNING), null);
});
