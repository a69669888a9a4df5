#!/usr/bin/env node
// The command line for people as a program; what it does is in client.ts. Its arguments may be passphrases or words of a wallet, and
// lists of processes show arguments to everybody on the machine: so they are taken off the process before anything else is
// loaded (R14). Better still is to give such things with -stdin, which no list and no history of a shell ever has.

process.title = 'tally';

const { runClient } = await import('./client.ts');
const { drainOutput, openOutput } = await import('./output.ts');

const code = await runClient(process.argv.slice(2), openOutput());
await drainOutput();
process.exit(code);
