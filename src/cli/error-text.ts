// Errors for people: what happened, where, and what to do next. The first line is in Bitcoin Core's words where Core has words
// for it, because programs look for them; further lines say more. Everything ends with exit code 1, as in Core.

import type { StorageError, StorageErrorCode } from '../kernel/chain/ports.ts';

/** Exit codes: all that Core's daemon has. */
export const EXIT_SUCCESS = 0;
/** Something went wrong; standard error says what. */
export const EXIT_FAILURE = 1;

/** What the program calls itself in messages. */
export const PROGRAM_NAME = 'Tallystick';

/** A reason not to start, as a person is told it: without `Error: ` in front; lines after the first say more. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}

/**
 * The files must be rebuilt: what Core would ask about in a window. It says so without `Error: ` in front. What is wrong in particular is
 * its cause, if there is more to say.
 */
export class RebuildNeededError extends StartupError {
  override readonly name = 'RebuildNeededError';

  constructor(reason: string, options?: { readonly cause?: unknown }) {
    super(`${reason}.\nPlease restart with -reindex or -reindex-chainstate to recover.`, options);
  }
}

/** What happened, in Core's words, where the failure itself has none. */
const SENTENCES: Readonly<Record<StorageErrorCode, (path: string) => string>> = Object.freeze({
  'disk-full': () => 'Disk space is too low!',
  'read-only': (path) => `Cannot write to directory '${path}'; check permissions.`,
  locked: (path) => `Cannot obtain a lock on directory ${path}. ${PROGRAM_NAME} is probably already running.`,
  corrupt: () => 'Corrupted block database detected.',
  incompatible: () => 'Incorrect or no genesis block found. Wrong datadir for network?',
  failed: () => 'Error reading from database, shutting down.',
});

/** What to do about it. */
const REMEDIES: Readonly<Record<StorageErrorCode, string | null>> = Object.freeze({
  'disk-full': 'Free some space, then start again: what was reported as saved is saved.',
  'read-only': 'Give the user who runs tallyd the right to write there, or name another folder with -datadir.',
  locked: null,
  corrupt:
    'Please restart with -reindex or -reindex-chainstate to recover. If it happens again, check the disk and the memory of this machine.',
  incompatible: 'Name the folder of this network with -datadir, or choose the network that the folder belongs to.',
  failed: 'Check the disk, then start again.',
});

/** A message that begins like this is a sentence for people already; details begin with a small letter. */
const SENTENCE_START = /^[A-Z]/;

/** A failure of storage in words: what happened, which file, what to do next. */
export function describeStorageError(error: StorageError): string {
  const { code, path, message } = error;
  const isSentence = SENTENCE_START.test(message);
  const lines = isSentence ? [message] : [SENTENCES[code](path), message];
  if (error.cause instanceof Error && isSentence) lines.push(error.cause.message);
  if (!lines.some((line) => line.includes(path))) lines.push(`Where: ${path}`);
  const remedy = REMEDIES[code];
  if (remedy !== null && !lines.some((line) => line.includes('-reindex'))) lines.push(remedy);
  return lines.join('\n');
}

/** `Error: ` and what happened, as standard error gets it. */
export function formatError(message: string): string {
  return `Error: ${message}\n`;
}

/** `Warning: ` and what a person should look at, as standard error gets it. */
export function formatWarning(message: string): string {
  return `Warning: ${message}\n`;
}

/** A failure while running, in Core's words; `logName` is the file that says more. */
export function describeFatalError(message: string, logName: string): string {
  return `A fatal internal error occurred, see ${logName} for details: ${message}`;
}
