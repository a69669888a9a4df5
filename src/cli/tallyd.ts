#!/usr/bin/env node
// The node daemon as a program; what it does is in daemon.ts.

import { runDaemon } from './daemon.ts';
import { drainOutput, openOutput } from './output.ts';

const code = await runDaemon(process.argv.slice(2), openOutput());
await drainOutput();
process.exit(code);
