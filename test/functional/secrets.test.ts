// What lets somebody in, and where it must not stand: in lists of processes, in logs, in files.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppClient } from './app-client.ts';
import { run, start, withFolder } from './programs.ts';
import { findFreePort } from './rpc-client.ts';
import { withUp } from './up-program.ts';

/** How often is looked whether a process has begun. */
const LOOK_MS = 20;

/** Asserts that none of some texts is in any file of a folder. */
function assertNowhere(folder: string, secrets: ReadonlyMap<string, string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.path, entry.name);
    const bytes = readFileSync(path);
    for (const [what, secret] of secrets) assert.ok(!bytes.includes(secret), `${what} in ${path}`);
  }
}

test('R14: links, cookies and bearers of browsers, and the password of programs, are in no file', async () => {
  await withFolder(async (folder) => {
    const account = ['-rpcuser=anna', '-rpcpassword=marked-password'];
    const options = ['-regtest', '-debug=1', `-webport=${await findFreePort()}`, ...account];
    await withUp(folder, options, async (app) => {
      const browser = await AppClient.signIn(app.link);
      const secrets = new Map([
        ['the token', new URL(app.link).searchParams.get('token')!],
        ['the cookie', browser.cookie.split('=')[1]!],
        ['the bearer', browser.bearer],
        ['another link', new URL(await browser.call<string>('getapplink')).searchParams.get('token')!],
        ['the password', 'marked-password'],
      ]);
      const ear = browser.follow();
      await ear.hears(({ type }) => type === 'hello', 'hello');
      const more = await run('tally', ['up', '--link', '-regtest', `-datadir=${folder}`, ...account], { home: folder });
      assert.equal(more.code, 0);
      assertNowhere(folder, secrets);
      ear.close();
    });
  });
});

const CAN_LOOK = existsSync('/proc/self/cmdline');

test('R14: what is typed after tally is in no list of processes', { skip: !CAN_LOOK }, async () => {
  await withFolder(async (folder) => {
    const words = ['-regtest', `-datadir=${folder}`, '-rpcwait', '-rpcport=1', 'walletpassphrase', 'marked', '60'];
    const tally = start('tally', words, { home: folder });
    try {
      const read = (): string => readFileSync(`/proc/${tally.pid}/cmdline`, 'utf8');
      while (!read().startsWith('tally')) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      assert.equal(read().replaceAll('\0', ''), 'tally');
    } finally {
      tally.signal('SIGKILL');
      await tally.ended;
    }
  });
});
