import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseArguments } from './args.ts';
import { StartupError } from './error-text.ts';
import { type Logger, nullLogger } from './log.ts';
import { argumentRules } from './options.ts';
import { locatePidFile, PID_FILE_NAME, writePidFile } from './pid-file.ts';
import { Settings } from './settings.ts';

function settingsOf(...argv: readonly string[]): Settings {
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok);
  return new Settings({ commandLine: parsed.value.values, config: new Map() }, () => false);
}

test('the file lies in the folder of the network, or where it was said', () => {
  assert.equal(locatePidFile(settingsOf(), '/data/regtest'), `/data/regtest/${PID_FILE_NAME}`);
  assert.equal(locatePidFile(settingsOf('-pid=x.pid'), '/data'), '/data/x.pid');
  assert.equal(locatePidFile(settingsOf('-pid=/run/x.pid'), '/data'), '/run/x.pid');
  assert.equal(locatePidFile(settingsOf('-nopid'), '/data'), null);
});

test('the file holds the number of the process until it is removed; where it cannot be made the start fails', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-pid-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'x.pid');
  const remove = writePidFile(path, 4711, nullLogger);
  assert.equal(readFileSync(path, 'utf8'), '4711\n');
  remove();
  assert.equal(existsSync(path), false);

  const warnings: string[] = [];
  const log: Logger = { ...nullLogger, warn: (text) => void warnings.push(text) };
  const removeAgain = writePidFile(path, 4711, log);
  rmSync(path);
  removeAgain();
  assert.equal(warnings.length, 1);
  assert.throws(() => writePidFile(join(folder, 'nowhere', 'x.pid'), 4711, log), StartupError);
  writePidFile(null, 4711, log)();
});
