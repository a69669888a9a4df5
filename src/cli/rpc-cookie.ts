// The cookie: a file with the password of one run of the program, which whoever may read the data folder may use (Core
// GenerateAuthCookie). It is new at every start, belongs to its owner, and is made in a way that follows no link and takes over no
// file that somebody has put there (R03).

import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, constants, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { RpcStartError } from './rpc-start-error.ts';

/** Name of the account (Core COOKIEAUTH_USER). */
export const COOKIE_USER = '__cookie__';

/** Bytes of chance in the password (Core COOKIE_SIZE). */
const SECRET_BYTES = 32;

/** A cookie on the disk. */
export interface Cookie {
  readonly path: string;
  readonly password: string;
}

/** Writes a new cookie in place of an old one. Throws a StartupError when it cannot be written. */
export function writeCookie(path: string, mode: number): Cookie {
  const password = randomBytes(SECRET_BYTES).toString('hex');
  const temporary = `${path}.tmp`;
  try {
    // What a crash has left; a folder of that name is not ours to remove.
    rmSync(temporary, { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
    try {
      writeSync(file, `${COOKIE_USER}:${password}`);
    } finally {
      closeSync(file);
    }
    if (mode !== 0o600) chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (cause) {
    throw new RpcStartError(`Unable to write cookie authentication file ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return { path, password };
}

/** Removes a cookie of ours; one that another program has put in its place stays. */
export function removeCookie({ path, password }: Cookie): void {
  try {
    if (readFileSync(path, 'utf8') === `${COOKIE_USER}:${password}`) rmSync(path);
  } catch {
    // It is gone, or cannot be read: nothing of ours is left to remove.
  }
}

/** The user and password of a cookie on the disk; null when there is none. */
export function readCookieFile(path: string): { readonly user: string; readonly password: string } | null {
  try {
    const line = readFileSync(path, 'utf8').split('\n', 1)[0]!;
    const colon = line.indexOf(':');
    return colon < 0 ? null : { user: line.slice(0, colon), password: line.slice(colon + 1) };
  } catch {
    return null;
  }
}
