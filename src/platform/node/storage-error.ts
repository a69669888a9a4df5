// What the system says about files, in the words of the storage port: codes that the node acts on, and a sentence for the person
// who has to.

import { StorageError, type StorageErrorCode } from '../../kernel/chain/ports.ts';

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'disk-full',
  EACCES: 'read-only',
  EPERM: 'read-only',
  EROFS: 'read-only',
};

const ADVICE: Readonly<Partial<Record<StorageErrorCode, string>>> = {
  'disk-full': 'Disk space is too low! Free some and start again',
  'read-only': 'check the permissions of the file and its folder',
};

/** The code by which Node names an error of the system, or the empty text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** An error of the system about `path`; `doing` says what was tried, such as `write`. One that is a StorageError stays what it is. */
export function toStorageError(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = CODES[systemCode(error)] ?? 'failed';
  const advice = ADVICE[code];
  const reason = error instanceof Error ? error.message : String(error);
  const message = `cannot ${doing} ${path}: ${reason}${advice === undefined ? '' : ` (${advice})`}`;
  return new StorageError(code, path, message, { cause: error });
}
