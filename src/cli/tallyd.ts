#!/usr/bin/env node
// The node daemon as a program; what it does is in daemon.ts. Loading that takes hundreds of open files for a moment, so whether the
// system allows them is asked before.

import { EXIT_FAILURE, formatError } from './error-text.ts';
import { describeTooFewFiles, readOpenFilesMax } from './file-limit.ts';
import { loadDaemon } from './load-daemon.ts';
import { drainOutput, openOutput } from './output.ts';

async function run(): Promise<number> {
  const output = openOutput();
  const fault = describeTooFewFiles(readOpenFilesMax());
  if (fault === null) return (await loadDaemon()).runDaemon(process.argv.slice(2), output);
  output.complain(formatError(fault));
  return EXIT_FAILURE;
}

const code = await run();
await drainOutput();
process.exit(code);
