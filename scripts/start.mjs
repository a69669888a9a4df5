// `npm start`: compiles the programs and builds the page where that has not been done since their sources were changed, and runs
// `tally up` with the arguments that were given (npm start -- --link). Where the page is missing, `tally up` itself builds it.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist', 'src', 'cli', 'tally.js');
const page = join(root, 'dist', 'web', 'index.html');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** When the newest source below a folder was changed. */
function newestMs(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestMs(path));
    else if (!entry.name.includes('.test.')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

/** Whether the programs are as old as their sources, or older. */
function isStale() {
  if (!existsSync(program)) return true;
  const stamp = join(root, 'dist', 'cli.tsbuildinfo');
  const folders = ['kernel', 'node', 'wallet', 'api', 'sim', 'platform/node', 'cli'];
  const builtMs = statSync(existsSync(stamp) ? stamp : program).mtimeMs;
  return folders.some((folder) => newestMs(join(root, 'src', folder)) > builtMs);
}

if (existsSync(join(root, 'src', 'cli', 'tally.ts')) && existsSync(compiler) && isStale()) {
  process.stdout.write('Compiling the programs … / 正在编译程序……\n');
  const { status } = spawnSync(process.execPath, [compiler, '-b', 'src/cli'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const hasPageSources = existsSync(join(root, 'src', 'web')) && existsSync(join(root, 'node_modules', 'vite'));
/** What the page is made of: its views, and the code that it shares with the programs. */
const pageFolders = ['web', 'platform/browser', 'api', 'kernel'];

function isPageStale() {
  const builtMs = statSync(page).mtimeMs;
  return pageFolders.some((folder) => newestMs(join(root, 'src', folder)) > builtMs);
}

if (hasPageSources && existsSync(page) && isPageStale()) {
  process.stdout.write('Building the page … / 正在生成网页……\n');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build-web.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.stderr.write('The page could not be built; the one of before is shown.\n');
}

const child = spawn(process.execPath, ['--no-warnings', program, 'up', ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the whole group: the node stops in order, and this program waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.once('close', (code) => process.exit(code ?? 1));
