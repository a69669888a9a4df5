// Runs one of the programs of this folder in a process of its own, under conditions that a process can only be started with.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program is started with. */
export interface Conditions {
  /** Options of the engine. */
  readonly options?: readonly string[];
  /** Set on top of this process's own variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What the program is given. */
  readonly arguments?: readonly string[];
  /** Commands that a shell runs first, such as `umask 000`. */
  readonly before?: string;
}

/** Ends a process that hangs. */
const PATIENCE_MS = 300_000;

/** Runs the compiled program at `url` to its end and returns what it printed; rejects when it fails. */
export function runChild(
  url: URL,
  { options = [], variables = {}, before, arguments: given = [] }: Conditions,
): Promise<string> {
  const command = [process.execPath, ...options, fileURLToPath(url), ...given];
  const [file, ...args] = before === undefined ? command : ['sh', '-c', `${before}; exec "$@"`, 'sh', ...command];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...variables };
    const child = spawn(file!, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS });
    let printed = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(printed.trim());
      else reject(new Error(`ended with ${code ?? signal}: ${complaints}`));
    });
  });
}
