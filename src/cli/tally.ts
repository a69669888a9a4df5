#!/usr/bin/env node
// The command line for people as a program; what it does is in client.ts.

import { runClient } from './client.ts';
import { openOutput } from './output.ts';

process.exit(await runClient(process.argv.slice(2), openOutput()));
