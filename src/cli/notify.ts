// Commands of the operator that are run when something has happened (-startupnotify, -shutdownnotify, -blocknotify, -alertnotify;
// Core runCommand). They run by themselves, in the system's shell, and what becomes of them changes nothing here.

import { spawn } from 'node:child_process';
import { type BlockHash, formatHash } from '../kernel/primitives/hashes.ts';
import type { Logger } from './log.ts';

/** Characters that a text may have which becomes part of a command (Core SAFE_CHARS_DEFAULT). */
const UNSAFE: RegExp = /[^a-zA-Z0-9 .,;\-_/:?@()]/g;

/** Puts a sentence in the place of every %s of a command, in single quotes and without what a shell might take for its own. */
export function fillWithText(command: string, text: string): string {
  return command.replaceAll('%s', () => `'${text.replace(UNSAFE, '')}'`);
}

/** Puts a hash in the place of every %s of a command; it may stand within quotes there. */
export function fillWithHash(command: string, hash: BlockHash): string {
  return command.replaceAll('%s', () => formatHash(hash));
}

/** Runs a command; an empty one is none. */
export function runNotification(command: string, log: Logger): void {
  if (command === '') return;
  const child = spawn(command, { shell: true, stdio: 'ignore', detached: true });
  child.on('error', (error) => log.warn(`runCommand error: ${error.message}: ${command}`));
  child.on('exit', (code) => {
    if (code !== 0) log.warn(`runCommand error: system(${command}) returned ${code}`);
  });
  child.unref();
}
