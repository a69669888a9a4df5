import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { asBlockHash } from '../kernel/primitives/hashes.ts';
import { type Logger, nullLogger } from './log.ts';
import { fillWithHash, fillWithText, runNotification } from './notify.ts';

test('a command is run by the shell, and a failure is told to the log alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-notify-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'done');
  const warnings: string[] = [];
  const log: Logger = { ...nullLogger, warn: (text) => void warnings.push(text) };
  runNotification('', log);
  runNotification(`touch '${file}'`, log);
  runNotification('exit 3', log);
  for (let i = 0; i < 200 && (!existsSync(file) || warnings.length === 0); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(existsSync(file));
  assert.deepEqual(warnings, ['runCommand error: system(exit 3) returned 3']);
});

test('a hash may stand within quotes', () => {
  const hash = asBlockHash(new Uint8Array(32).fill(0xab));
  assert.equal(fillWithHash('echo > "d/%s"', hash), `echo > "d/${'ab'.repeat(32)}"`);
});

test('a text that becomes part of a command cannot end its quotes', () => {
  assert.equal(
    fillWithText('echo %s >> f; echo %s', "bit (3)'; rm -rf $HOME"),
    "echo 'bit (3); rm -rf HOME' >> f; echo 'bit (3); rm -rf HOME'",
  );
  assert.equal(fillWithText('echo', 'x'), 'echo');
});
