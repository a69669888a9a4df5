#!/usr/bin/env node
// The node daemon as a program; what it does is in daemon.ts.

import { runDaemon } from './daemon.ts';
import { openOutput } from './output.ts';

process.exit(await runDaemon(process.argv.slice(2), openOutput()));
