// `tally up` as tests start and stop it: the process, and the link that it prints for a browser.

import assert from 'node:assert/strict';
import { type Running, type StartOptions, start } from './programs.ts';
import { findFreePort } from './rpc-client.ts';

/** A login link as it is printed. */
export const LOGIN_LINK: RegExp = /(http:\/\/127\.0\.0\.1:(\d+)\/login\?token=[\w-]+)/;

/** An app that runs. */
export interface Up {
  readonly process: Running;
  readonly link: string;
  readonly port: number;
}

/** Starts it on a data folder; resolves once it can be used. */
export async function up(folder: string, args: readonly string[] = [], options: StartOptions = {}): Promise<Up> {
  const rpc = args.some((argument) => argument.startsWith('-rpcport')) ? [] : [`-rpcport=${await findFreePort()}`];
  const process = start('tally', ['up', `-datadir=${folder}`, ...rpc, ...args], { home: folder, ...options });
  const [, link, port] = await process.finding(LOGIN_LINK);
  await process.saying('Ready.');
  return { process, link: link!, port: Number(port) };
}

/** Stops it as Ctrl-C does, and expects that it was content. */
export async function stop({ process }: Up): Promise<void> {
  process.signal('SIGINT');
  const { code, stderr } = await process.ended;
  assert.deepEqual([code, stderr], [0, '']);
}

/** Runs `use` with an app, and leaves no process behind. */
export async function withUp(
  folder: string,
  args: readonly string[],
  use: (app: Up) => Promise<void>,
  options: StartOptions = {},
): Promise<void> {
  const app = await up(folder, args, options);
  try {
    await use(app);
    await stop(app);
  } finally {
    app.process.signal('SIGKILL');
    await app.process.ended;
  }
}
