// Folders that this process has locked. The locks of the system hold between processes and mean nothing inside of one: worse, a
// process that opens a locked file again and closes it loses its own lock (POSIX fcntl). So nobody tries twice.

import { resolve } from 'node:path';

const claimed: Set<string> = new Set();

/** Claims a folder for the caller until the returned function is called; null when somebody in this process has it. */
export function claimPath(path: string): (() => void) | null {
  const full = resolve(path);
  if (claimed.has(full)) return null;
  claimed.add(full);
  return () => {
    claimed.delete(full);
  };
}
