// Runs the compiled tests with Node's own runner: node scripts/test.mjs [path or part of a path …]. Node 20 has no patterns
// for test files, and files of deleted sources stay behind in dist, so the list is made here, from the sources.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Paths of all test sources below a folder of the project, with `/`. */
function findTests(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return findTests(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

const wanted = process.argv.slice(2);
const sources = [...findTests('src'), ...findTests('test')]
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort((a, b) => (a < b ? -1 : 1));
const files = sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`);
const missing = files.filter((path) => !existsSync(join(root, path)));

if (files.length === 0 || missing.length > 0) {
  process.stderr.write(files.length === 0 ? 'no test matches\n' : `not built: ${missing.join(', ')}\n`);
  process.exit(1);
}

// The runner leaves one core idle by default, which on two cores means one test file at a time.
const concurrency = `--test-concurrency=${availableParallelism()}`;
// A person's terminal gets Node's own form, which ends with the failures; a log gets TAP that does the same.
const reporter = fileURLToPath(new URL('./failures-last.mjs', import.meta.url));
const form = process.stdout.isTTY ? [] : [`--test-reporter=${reporter}`, '--test-reporter-destination=stdout'];
const { status } = spawnSync(process.execPath, ['--test', concurrency, ...form, ...files], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
