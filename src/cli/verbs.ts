// The commands for people, by name, and the person who is asked: somebody at a terminal, or nobody.

import { createInterface } from 'node:readline/promises';
import { drainOutput, type Output } from './output.ts';
import { runVerb, type Verb } from './verb.ts';
import { BALANCE_VERB } from './verb-balance.ts';
import { EXPORT_VERB } from './verb-export.ts';
import { MINE_VERB } from './verb-mine.ts';
import { SEND_VERB } from './verb-send.ts';

const VERBS: readonly Verb[] = Object.freeze([BALANCE_VERB, EXPORT_VERB, MINE_VERB, SEND_VERB]);

/** Runs the command of a name, which is one of them; resolves to the exit code. Throws StartupError. */
export function runVerbNamed(name: string, argv: readonly string[], output: Output): Promise<number> {
  const verb = VERBS.find((one) => one.name === name)!;
  const isWatched = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return runVerb(verb, argv, { output, confirm: isWatched ? confirmOnTerminal : null, drain: drainOutput });
}

/** The question stands on standard error, where it shows although the answer may go into a file. */
async function confirmOnTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return isYes(await terminal.question(question));
  } finally {
    terminal.close();
  }
}

/** Only a plain yes is one. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
