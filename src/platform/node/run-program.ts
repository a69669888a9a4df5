// Programs of the operator's that are asked something and waited for. No shell reads the words. Whatever the program does, it has so
// much time and may write so much; then it is ended.

import { spawn } from 'node:child_process';
import { getSystemErrorMap } from 'node:util';

/** How long a program may take: a person may have to look at a device, and press a button. Ours; Core waits for ever. */
const TIME_MAX_MS = 10 * 60 * 1000;

/** Most bytes that are read of either stream: a transaction of the largest size, with what it spends, is less. Ours. */
const OUTPUT_BYTES_MAX: number = 16 * 2 ** 20;

/** What became of a program. */
export interface ProgramResult {
  readonly exitCode: number;
  /** First lines of what it wrote. */
  readonly output: string;
  readonly complaint: string;
}

/** Gathers a stream's bytes; false once there are too many. */
class Gathered {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  add(chunk: Uint8Array): boolean {
    this.#length += chunk.length;
    if (this.#length > OUTPUT_BYTES_MAX) return false;
    this.#chunks.push(chunk);
    return true;
  }

  firstLine(): string {
    return Buffer.concat(this.#chunks).toString('utf8').split('\n', 1)[0] ?? '';
  }
}

/** Runs a program and hands it `input`; rejects when it cannot be run. `ends` ends it early. */
export function runProgram(words: readonly string[], input: string, ends: AbortSignal): Promise<ProgramResult> {
  const [program = '', ...rest] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: 'pipe', killSignal: 'SIGKILL', signal: ends });
    const [output, complaint] = [new Gathered(), new Gathered()];
    let fault: Error | null = null;
    const end = (why: string): void => {
      fault ??= new Error(why);
      child.kill('SIGKILL');
    };
    const what = `${program} wrote more than ${OUTPUT_BYTES_MAX} bytes`;
    child.stdout.on('data', (chunk: Uint8Array) => output.add(chunk) || end(what));
    child.stderr.on('data', (chunk: Uint8Array) => complaint.add(chunk) || end(what));
    const timer = setTimeout(() => end(`${program} took more than ${TIME_MAX_MS / 1000} seconds`), TIME_MAX_MS);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(describeStart(error));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (fault !== null) reject(fault);
      else if (code === null) reject(new Error(`${program} was ended by ${signal}`));
      else resolve({ exitCode: code, output: output.firstLine(), complaint: complaint.firstLine() });
    });
    // Who does not read what it is handed has that told by its answer.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Core's sentence for a program that is not there, or may not be run. */
function describeStart(error: NodeJS.ErrnoException): Error {
  const words = error.errno === undefined ? undefined : getSystemErrorMap().get(error.errno)?.[1];
  if (words === undefined) return error;
  return new Error(`execve failed: ${words.charAt(0).toUpperCase()}${words.slice(1)}`, { cause: error });
}
