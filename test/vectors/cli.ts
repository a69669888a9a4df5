// Entry point of `npm run vectors -- DIR`. All it does is in command.ts, where tests can reach it.

import { runVectorsCommand } from './command.ts';

process.exitCode = runVectorsCommand(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
