// Starts the real programs as a person would: a process with arguments, on a folder that nobody else has, and what it said in the
// end. Used by the functional tests.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProjectRoot } from '../vectors/folder.ts';

/** What a process said and how it ended. */
export interface Outcome {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under way. */
export interface Running {
  /** Resolves once standard output contains the text; rejects when the process ends without. */
  saying(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** How to start a program besides its arguments. */
export interface StartOptions {
  /** Home folder; the folder of the test by default, so that nobody's real data folder is touched. */
  readonly home?: string;
  /** User and group number to run as. */
  readonly userId?: number;
  /** Largest file that the process may write: beyond it the system answers as if the disk were full. */
  readonly fileBytesMax?: number;
}

/** What the shell counts file sizes in. */
const SHELL_BLOCK_BYTES = 512;

/** Ends a process that hangs, so that a test fails instead of waiting for ever. */
const PATIENCE_MS = 120_000;

/** Starts `tallyd` or `tally`. */
export function start(program: 'tallyd' | 'tally', args: readonly string[], options: StartOptions = {}): Running {
  const script = join(findProjectRoot(), 'dist', 'src', 'cli', `${program}.js`);
  const user = options.userId === undefined ? {} : { uid: options.userId, gid: options.userId };
  const command = [process.execPath, '--no-warnings', script, ...args];
  const limit = options.fileBytesMax;
  if (limit !== undefined) {
    command.unshift('sh', '-c', 'ulimit -f "$0" && exec "$@"', String(Math.floor(limit / SHELL_BLOCK_BYTES)));
  }
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, HOME: options.home ?? tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  return watch(child);
}

function watch(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  let isOver = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(patience);
      isOver = true;
      wake();
      resolve({ code, stdout, stderr });
    });
  });
  const saying = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve();
        else if (isOver) reject(new Error(`ended without saying ${text}:\n${stdout}${stderr}`));
        else waiting.push(look);
      };
      look();
    });
  return { saying, signal: (name) => void child.kill(name), ended };
}

/** Runs a program to its end. */
export function run(program: 'tallyd' | 'tally', args: readonly string[], options?: StartOptions): Promise<Outcome> {
  return start(program, args, options).ended;
}

/** Calls `use` with a folder that is empty before and gone after. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tally-functional-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
