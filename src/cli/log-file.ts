// Where the log is (Core GetLogPath): -debuglogfile, or debug.log in the folder of the network.

import { isAbsolute, join } from 'node:path';
import { normalizePath } from './data-folder.ts';
import type { Settings } from './settings.ts';

/** Name of the log file in the data folder of a network. */
export const LOG_FILE_NAME = 'debug.log';

/** Full path of the log; null where none is written. */
export function locateLogFile(settings: Settings, networkFolder: string): string | null {
  if (settings.isNegated('debuglogfile')) return null;
  const given = settings.getText('debuglogfile') ?? '';
  const path = given === '' ? LOG_FILE_NAME : normalizePath(given);
  return isAbsolute(path) ? path : join(networkFolder, path);
}
