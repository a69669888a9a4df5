// Where a program speaks: standard output and standard error, and the terminal behind them where a person sits. A reader who
// went away (`tallyd | head`) is no reason to stop.

import type { ProgressTerminal } from './progress.ts';

/** Standard output and standard error. */
export interface Output {
  /** Standard output. */
  print(text: string): void;
  /** Standard error: errors and warnings only, which tools take as such. */
  complain(text: string): void;
  /** The terminal behind standard error, where progress is drawn; null where nobody watches. */
  readonly terminal: ProgressTerminal | null;
  /** Whether standard output shows on that terminal too. */
  readonly sharesTerminal: boolean;
}

/** Those of this process. */
export function openOutput(): Output {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const isWatched = stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  return {
    print: (text) => void stdout.write(text),
    complain: (text) => void stderr.write(text),
    terminal: isWatched ? { columns: () => stderr.columns, write: (text) => void stderr.write(text) } : null,
    sharesTerminal: isWatched && stdout.isTTY === true,
  };
}

/**
 * Resolves when everything that was said has been taken by whoever reads it. To be awaited before the program ends: a pipe holds
 * 64 KiB, and what a slow reader has left no room for waits in this process.
 */
export async function drainOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => resolve());
    });
  }
}
