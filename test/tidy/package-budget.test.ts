// Walks what the program loads, file by file, and holds the packages that it comes to against package-budget.ts.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findProjectRoot } from '../vectors/folder.ts';
import { PACKAGE_BUDGETS } from './package-budget.ts';
import { readSource } from './source.ts';

const ROOT = findProjectRoot();

/** Imports of types alone, which are gone when the program runs. */
const TYPE_IMPORT = /\b(?:import|export)\s+type\b[^;]*?\bfrom\s*'[^']*'/g;

const SOURCE_NAME = /(?<!\.test|\.d)\.tsx?$/;

/** Files of the source behind what is written in a budget. */
function listFiles(start: string): readonly string[] {
  if (!start.endsWith('/')) return [start];
  const entries = readdirSync(join(ROOT, start), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && SOURCE_NAME.test(entry.name))
    .map((entry) => join(entry.path, entry.name).slice(ROOT.length + 1));
}

/** What is loaded in the way of before there were imports: only packages that may be missing. */
const REQUIRED = /\bcreateRequire\(import\.meta\.url\)\('([^']+)'\)/g;

/** What a file loads when it runs. */
function readImports(path: string): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8').replace(TYPE_IMPORT, '');
  const required = [...text.matchAll(REQUIRED)].map(([, name]) => name!);
  return [...readSource(path, text).imports.map(({ specifier }) => specifier), ...required];
}

/** The name of the package that an import leads into. */
function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/** Packages that files import, directly or through other files. */
function findDirect(starts: readonly string[]): ReadonlySet<string> {
  const packages = new Set<string>();
  const seen = new Set(starts.flatMap(listFiles));
  for (const path of seen) {
    for (const specifier of readImports(path)) {
      if (specifier.startsWith('node:') || specifier.endsWith('.css')) continue;
      if (specifier.startsWith('.')) seen.add(join(dirname(path), specifier).replace(/\.js$/, '.ts'));
      else packages.add(packageOf(specifier));
    }
  }
  return packages;
}

type Lock = {
  readonly packages: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>;
};

/** The same packages with all that they depend on themselves. */
function withThoseBehind(direct: ReadonlySet<string>): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const all = new Set(direct);
  for (const name of all) {
    const entry = packages[`node_modules/${name}`];
    assert.ok(entry !== undefined, `${name} is locked`);
    for (const behind of Object.keys(entry.dependencies ?? {})) all.add(behind);
  }
  return [...all].sort(alphabetically);
}

function alphabetically(a: string, b: string): number {
  return a < b ? -1 : 1;
}

for (const { part, from, packages } of PACKAGE_BUDGETS) {
  test(`P04: ${part} reaches the packages that it may, and no others`, () => {
    assert.deepEqual(withThoseBehind(findDirect(from)), [...packages].sort(alphabetically));
  });
}

test('P05: no package with a known hole in its arithmetic is anywhere in the tree', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const names = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''));
  for (const bad of ['elliptic', 'secp256k1', 'pbkdf2', 'sha.js', 'cipher-base', 'bitcoinjs-lib', 'browserify-sign']) {
    assert.ok(!names.includes(bad), bad);
  }
});
