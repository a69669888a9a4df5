// What the programs say to a person who has just installed them, and to one who has mistyped something: real processes.

import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findProjectRoot } from '../vectors/folder.ts';
import { run, withFolder } from './programs.ts';

const VERSION = String(JSON.parse(readFileSync(join(findProjectRoot(), 'package.json'), 'utf8')).version);

/** A user who owns nothing, to whom permissions apply when the tests run as root. */
const NOBODY = 65_534;

test('-version prints the version and exits', async () => {
  for (const argument of ['-version', '--version']) {
    const { code, stdout, stderr } = await run('tallyd', [argument]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(stdout.startsWith(`Tallystick daemon version v${VERSION}\n`), stdout);
  }
  assert.match((await run('tally', ['-version'])).stdout, /^Tallystick client version v/);
});

test('--help lists the options under their headings, fits a terminal, and makes no files', async () => {
  await withFolder(async (folder) => {
    for (const argument of ['--help', '-h', '-?']) {
      const { code, stdout, stderr } = await run('tallyd', [argument], { home: folder });
      assert.deepEqual([code, stderr], [0, '']);
      for (const heading of [
        'Usage: tallyd [options]',
        'Options:',
        'Chain selection options:',
        '  -loadblock=<file>\n',
      ]) {
        assert.ok(stdout.includes(heading), heading);
      }
      for (const line of stdout.split('\n')) assert.ok(line.length <= 79, line);
    }
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('an unknown option, a stray word and a missing command are named', async () => {
  const fails = async (program: 'tallyd' | 'tally', argument: string): Promise<string> => {
    const { code, stdout, stderr } = await run(program, [argument]);
    assert.deepEqual([code, stdout], [1, '']);
    return stderr;
  };
  assert.equal(await fails('tallyd', '-xyz'), 'Error: Error parsing command line arguments: Invalid parameter -xyz\n');
  assert.equal(
    await fails('tallyd', 'getinfo'),
    "Error: Command line contains unexpected token 'getinfo', see tallyd -h for a list of options.\n",
  );
  assert.match(await fails('tally', '-rpcport=1'), /^Error: No command given; see tally -h for what there is\.\n$/);
});

test('a faulty line of the configuration file is named by number', async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, 'bitcoin.conf'), 'regtest=1\nprune 550\n');
    const { code, stdout, stderr } = await run('tallyd', [`-datadir=${folder}`]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, 'Error: Error reading configuration file: parse error on line 2: prune 550\n');
    assert.deepEqual(readdirSync(folder), ['bitcoin.conf']);
  });
});

test('a data folder that is not there is named', async () => {
  await withFolder(async (folder) => {
    const missing = join(folder, 'missing');
    const { code, stderr } = await run('tallyd', [`-datadir=${missing}`]);
    assert.deepEqual([code, stderr], [1, `Error: Specified data directory "${missing}" does not exist.\n`]);
    assert.equal(existsSync(missing), false);
  });
});

test('a data folder that may not be written is named, with what to do (J06)', async () => {
  await withFolder(async (folder) => {
    chmodSync(folder, 0o755);
    const data = join(folder, 'data');
    mkdirSync(data);
    chmodSync(data, 0o555);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(data, NOBODY, NOBODY);
    const { code, stderr } = await run('tallyd', [`-datadir=${data}`, '-regtest'], isRoot ? { userId: NOBODY } : {});
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^Error: Cannot write to directory '${data}(/regtest)?'; check permissions\\.\n`));
  });
});
