import assert from 'node:assert/strict';
import test from 'node:test';
import { ALL_METHODS } from './all-methods.ts';
import { RpcError } from './errors.ts';
import { checkNamedPaths, PATH_PARAMETERS } from './named-paths.ts';
import { firstName } from './signature.ts';

/** Names of parameters that are paths, and words in what they say of themselves. */
const PATH_NAME = /path|^file|file$|folder|^dir|directory|destination|^wallet_name$/;

/** Whether a page may call a method with these parameters. */
function isAllowed(name: string, ...values: readonly (string | null)[]): boolean {
  try {
    checkNamedPaths(ALL_METHODS.get(name)!, values);
    return true;
  } catch (error) {
    assert.ok(error instanceof RpcError && error.code === -8);
    return false;
  }
}

test('every parameter that names a path has its rule', () => {
  const found = [...ALL_METHODS.values()].flatMap(({ name, parameters }) =>
    parameters.map(firstName).flatMap((parameter) => (PATH_NAME.test(parameter) ? [`${name} ${parameter}`] : [])),
  );
  const known = Object.entries(PATH_PARAMETERS).flatMap(([name, rules]) =>
    Object.keys(rules).map((parameter) => `${name} ${parameter}`),
  );
  const alphabetical = (a: string, b: string): number => (a < b ? -1 : 1);
  assert.deepEqual(found.sort(alphabetical), known.sort(alphabetical));
});

test('R03: a page names no wallet by an absolute path', () => {
  for (const name of ['createwallet', 'createmnemonicwallet', 'loadwallet', 'restorewallet']) {
    for (const good of ['savings', '', 'of anna/savings', '符木']) assert.ok(isAllowed(name, good), `${name} ${good}`);
    for (const bad of ['/', '/home/anna/x', '\\\\server\\x', 'C:\\x', 'c:x']) {
      assert.ok(!isAllowed(name, bad), `${name} ${bad}`);
    }
  }
});

test('R03: a page writes and reads files of the node in its own folder alone', () => {
  for (const name of ['dumptxoutset', 'verifysnapshot', 'importmempool']) {
    for (const good of ['coins.dat', 'dumps/coins.dat']) assert.ok(isAllowed(name, good), good);
    for (const bad of ['/etc/x', '../x', 'a/../../x', 'a/..', '.cookie', 'a\\..\\x', 'D:x'])
      assert.ok(!isAllowed(name, bad), bad);
  }
});

test('R03: a backup that a page asks for can be taken for nothing else', () => {
  for (const good of ['/media/stick/savings.tally', 'savings.tally', 'D:\\savings.TALLY']) {
    assert.ok(isAllowed('backupwallet', good), good);
  }
  const bad = [
    '/home/anna/.bash_profile',
    '/home/anna/.bashrc.d/x.tally',
    '../x.tally',
    '.tally',
    '/a/.tally',
    '/etc/cron.d/x',
    '',
  ];
  for (const one of bad) assert.ok(!isAllowed('backupwallet', one), one);
  assert.ok(isAllowed('restorewallet', 'new', '/media/stick/old copy.dat'));
  assert.ok(!isAllowed('restorewallet', '/new', '/media/stick/old copy.dat'));
});
