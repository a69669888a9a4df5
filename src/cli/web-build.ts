// Whether the page of the app is there, and building it where only its sources are: in a checkout after `npm ci`. An installed package
// comes with the page.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPageFolder } from './run-web.ts';

/** The folder of the package that this file is part of: dist/src/cli is in it. */
function findPackage(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
}

/** Whether the page is there. */
export function isPageBuilt(): boolean {
  return existsSync(join(findPageFolder(), 'index.html'));
}

/** Whether it can be built here. */
export function canBuildPage(): boolean {
  const root = findPackage();
  return ['scripts/build-web.mjs', 'src/web/index.html', 'node_modules/vite'].every((path) =>
    existsSync(join(root, path)),
  );
}

/** Builds it; null, or what went wrong. */
export function buildPage(): Promise<string | null> {
  const root = findPackage();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts', 'build-web.mjs')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : complaint.trim()));
  });
}
