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
  /** Resolves with the first place of standard output that matches, or rejects in the same way. */
  finding(pattern: RegExp): Promise<RegExpExecArray>;
  /** Number of the process. */
  readonly pid: number;
  /** Standard output so far. */
  stdout(): string;
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
  /** Most files and sockets that the process may have open: beyond it the system answers EMFILE. */
  readonly openFilesMax?: number;
  /** What the process says is not read before so many milliseconds have passed. */
  readonly readsAfterMs?: number;
  /** Further variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The wall clock of the process: an expression of `now`, the milliseconds that the real one shows. */
  readonly clock?: string;
  /** How long it may run at all; two minutes by default. */
  readonly patienceMs?: number;
}

/** What the shell counts file sizes in. */
const SHELL_BLOCK_BYTES = 512;

/** How much of what a process said is shown when it ended too early. */
const LAST_WORDS = 3000;

/** Ends a process that hangs, so that a test fails instead of waiting for ever. Nightly runs may need it for longer. */
const PATIENCE_MS = Number(process.env['TALLY_PATIENCE_SEC'] ?? 300) * 1000;

/** An option that says something about the network. */
const NETWORK_OPTION = /^--?(?:no)?(?:addnode|bind|connect|listen|port|seednode|whitebind)(?:=|$)/;

/** An option that says something about the RPC server. */
const SERVER_OPTION = /^--?(?:no)?(?:server|rpc[a-z]*)(?:=|$)/;

/**
 * Keeps a node away from the network, and from callers, unless its arguments speak of them: a test opens no doors and calls nobody by
 * accident, and nodes of tests that run side by side do not fight for a port.
 */
function keepPrivate(program: string, args: readonly string[]): readonly string[] {
  if (program !== 'tallyd') return args;
  const network = args.some((argument) => NETWORK_OPTION.test(argument)) ? [] : ['-listen=0', '-connect=0'];
  const server = args.some((argument) => SERVER_OPTION.test(argument)) ? [] : ['-server=0'];
  return [...network, ...server, ...args];
}

/** Starts `tallyd` or `tally`. */
export function start(program: 'tallyd' | 'tally', args: readonly string[], options: StartOptions = {}): Running {
  const script = join(findProjectRoot(), 'dist', 'src', 'cli', `${program}.js`);
  const user = options.userId === undefined ? {} : { uid: options.userId, gid: options.userId };
  const clock = options.clock === undefined ? [] : ['--import', clockModule(options.clock)];
  const command = [process.execPath, '--no-warnings', ...clock, script, ...keepPrivate(program, args)];
  const { fileBytesMax, openFilesMax } = options;
  const limits = [
    ...(fileBytesMax === undefined ? [] : [`ulimit -f ${Math.floor(fileBytesMax / SHELL_BLOCK_BYTES)}`]),
    ...(openFilesMax === undefined ? [] : [`ulimit -n ${openFilesMax}`]),
  ];
  if (limits.length > 0) command.unshift('sh', '-c', `${limits.join(' && ')} && exec "$0" "$@"`);
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, HOME: options.home ?? tmpdir(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  return watch(child, options.readsAfterMs ?? 0, options.patienceMs ?? PATIENCE_MS);
}

/** A module that gives a process another wall clock before its program begins. */
function clockModule(expression: string): string {
  const code = `const read = Date.now.bind(Date); Date.now = () => { const now = read(); return ${expression}; };`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

function watch(child: ChildProcess, readsAfterMs: number, patienceMs: number): Running {
  let stdout = '';
  let stderr = '';
  let isOver = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  const read = (): void => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      wake();
    });
  };
  if (readsAfterMs > 0) setTimeout(read, readsAfterMs);
  else read();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(patience);
      isOver = true;
      wake();
      resolve({ code, stdout, stderr });
    });
  });
  const find = <T>(look: () => T | null, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const lookAgain = (): void => {
        const found = look();
        if (found !== null) resolve(found);
        else if (isOver) reject(new Error(`ended without saying ${what}:\n${stdout.slice(-LAST_WORDS)}${stderr}`));
        else waiting.push(lookAgain);
      };
      lookAgain();
    });
  return {
    saying: (text) => find(() => (stdout.includes(text) ? undefined : null), text),
    finding: (pattern) => find(() => pattern.exec(stdout), pattern.source),
    pid: child.pid ?? -1,
    stdout: () => stdout,
    signal: (name) => void child.kill(name),
    ended,
  };
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
