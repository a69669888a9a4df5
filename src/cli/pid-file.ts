// The file that holds the number of the running process, for scripts that stop or watch it (Core -pid, CreatePidFile). It is made once
// the folders are locked and removed at an orderly end.

import { rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { StartupError } from './error-text.ts';
import type { Logger } from './log.ts';
import type { Settings } from './settings.ts';

/** Name of the file, the one that bitcoind gives it: what watches that one watches ours. */
export const PID_FILE_NAME = 'bitcoind.pid';

/** Where the file lies; null with -nopid. */
export function locatePidFile(settings: Settings, networkFolder: string): string | null {
  if (settings.isNegated('pid')) return null;
  const name = settings.getText('pid') ?? '';
  const path = name === '' ? PID_FILE_NAME : name;
  return isAbsolute(path) ? path : join(networkFolder, path);
}

/** Writes the file; the function that is returned removes it. Throws a StartupError when it cannot be written. */
export function writePidFile(path: string | null, processId: number, log: Logger): () => void {
  if (path === null) return () => {};
  try {
    writeFileSync(path, `${processId}\n`);
  } catch (cause) {
    throw new StartupError(`Unable to create the PID file '${path}': ${(cause as Error).message}`, { cause });
  }
  return () => {
    try {
      rmSync(path);
    } catch (error) {
      log.warn(`Unable to remove PID file (${path}): ${(error as Error).message}`);
    }
  };
}
