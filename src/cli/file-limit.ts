// How many connections the system leaves room for: each takes a file descriptor, and what the databases and block files need must
// stay free, or a crowd of strangers could make them fail (D18). Core raises its limit and lowers -maxconnections (init.cpp); Node.js
// raises it by itself.

import { StartupError } from './error-text.ts';

/** Descriptors that the program needs beside its connections: for files (Core MIN_CORE_FDS), and those of -addnode. */
const RESERVED_COUNT: number = 151 + 8;

/** Descriptors that this process may have open; null where the system does not tell. */
export function readOpenFilesMax(): number | null {
  if (process.platform === 'win32') return null;
  const report = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
  };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}

/** Why the program cannot run with so few descriptors; null: there are enough for it to begin. */
export function describeTooFewFiles(openFilesMax: number | null, listenerCount = 1): string | null {
  const requiredCount = RESERVED_COUNT + listenerCount;
  if (openFilesMax === null || openFilesMax >= requiredCount) return null;
  return `Not enough file descriptors available. ${openFilesMax} available, ${requiredCount} required.\nRaise the limit of open files (ulimit -n).`;
}

/** Connections that the system leaves room for, and what to tell when they are fewer than asked for. Throws StartupError. */
export function limitConnections(
  wantedCount: number,
  listenerCount: number,
  openFilesMax: number | null,
): { readonly count: number; readonly warning: string | null } {
  if (openFilesMax === null) return { count: wantedCount, warning: null };
  const requiredCount = RESERVED_COUNT + listenerCount;
  const fault = describeTooFewFiles(openFilesMax, listenerCount);
  if (fault !== null) throw new StartupError(fault);
  const count = Math.min(wantedCount, openFilesMax - requiredCount);
  if (count === wantedCount) return { count, warning: null };
  const warning = `Reducing -maxconnections from ${wantedCount} to ${count}, because of system limitations.`;
  return { count, warning };
}
