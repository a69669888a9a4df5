// The test that keeps house: reads the tree and holds the order of layers, the banned words and the other rules of
// docs/STYLE.md that a machine can check. The rules and the list of exceptions are in tidy/rules.ts.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyExceptions, checkTree, formatViolation, type Tree } from './tidy/check.ts';
import { EXCEPTIONS } from './tidy/rules.ts';
import { findProjectRoot } from './vectors/folder.ts';

const SOURCE_FOLDERS = ['src', 'test', 'scripts'];
const SOURCE_NAME = /\.(?:ts|tsx|mjs|js)$/;

test('the tree keeps the rules of the house', () => {
  const { standing } = applyExceptions(checkTree(readTree(findProjectRoot())), EXCEPTIONS);
  assert.equal(standing.length, 0, `${standing.length} violations:\n${standing.map(formatViolation).join('\n')}\n`);
});

test('every exception is still needed: the list only shrinks', () => {
  const { unused } = applyExceptions(checkTree(readTree(findProjectRoot())), EXCEPTIONS);
  assert.deepEqual(unused, [], 'take these out of tidy/rules.ts');
});

test('sizes of the source files', (context) => {
  const sizes = [...readTree(findProjectRoot()).files]
    .filter(([path]) => path.startsWith('src/') && !path.includes('.test.'))
    .map(([path, text]) => ({ path, lines: text.split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines);
  const at = (share: number): number => sizes[Math.floor((sizes.length - 1) * share)]?.lines ?? 0;
  const total = sizes.reduce((sum, { lines }) => sum + lines, 0);
  const largest = sizes
    .slice(-3)
    .reverse()
    .map(({ path, lines }) => `${path} ${lines}`);
  context.diagnostic(`${sizes.length} source files, ${total} lines; median ${at(0.5)}, p90 ${at(0.9)}`);
  context.diagnostic(`largest: ${largest.join(', ')}`);
  assert.ok(sizes.length > 0, 'no source files found');
});

test('dependencies have exact versions, are locked by hash, and run no install script (P01, P02, P03)', () => {
  const root = findProjectRoot();
  const manifest = readJson(join(root, 'package.json'));
  for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies']) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/, `${name} must be exact`);
    }
  }
  const locked = Object.entries(readJson(join(root, 'package-lock.json'))['packages'] ?? {}).filter(
    ([path]) => path !== '',
  );
  for (const [path, entry] of locked)
    assert.match(String(entry['integrity']), /^sha512-/, `${path} must be locked by hash`);
  assert.ok(locked.length > 0);
  assert.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m);
});

type Manifest = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined>>;

function readJson(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

function readTree(root: string): Tree {
  const files = new Map<string, string>();
  for (const folder of SOURCE_FOLDERS) readFolder(root, folder, files);
  const entryPoints = [
    ...findEntryPoints(readFileSync(join(root, 'package.json'), 'utf8')),
    ...findPageEntryPoints(root),
  ];
  return { files, entryPoints };
}

function readFolder(root: string, folder: string, files: Map<string, string>): void {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) readFolder(root, path, files);
    else if (SOURCE_NAME.test(entry.name)) files.set(path, readFileSync(join(root, path), 'utf8'));
  }
}

/** What the frame of the page loads, and the scripts that are served beside it as they are. */
function findPageEntryPoints(root: string): string[] {
  const folder = join(root, 'src', 'web');
  if (!existsSync(join(folder, 'index.html'))) return [];
  const frame = readFileSync(join(folder, 'index.html'), 'utf8');
  const loaded = [...frame.matchAll(/<script\b[^>]*\bsrc="\/([\w./-]+)"/g)].map((match) => `src/web/${match[1]}`);
  const served = readdirSync(join(folder, 'public')).filter((name) => name.endsWith('.js'));
  return [...loaded, ...served.map((name) => `src/web/public/${name}`)];
}

/** Source files behind every `dist/….js` and every `….mjs` that package.json exports, installs or runs. */
function findEntryPoints(packageJson: string): string[] {
  const built = [...packageJson.matchAll(/\bdist\/([\w./-]+)\.js\b/g)].map((match) => `${match[1]}.ts`);
  const plain = [...packageJson.matchAll(/\b((?:scripts|test|src)\/[\w./-]+\.(?:mjs|js))\b/g)].map(
    (match) => match[1]!,
  );
  return [...built, ...plain];
}
