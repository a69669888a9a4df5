#!/usr/bin/env node
// The command line for people as a program; what it does is in client.ts.

import { runClient } from './client.ts';
import { drainOutput, openOutput } from './output.ts';

const code = await runClient(process.argv.slice(2), openOutput());
await drainOutput();
process.exit(code);
