// Builds the page: src/web with Vite into dist/web, with compressed copies beside the files, so that the server compresses nothing
// while it serves. Everything the page needs is in there, under names with a hash of the content; nothing comes from elsewhere (P06).
// The new folder takes the place of the old one when it is whole. Options: --check fails when the page has become too heavy.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src', 'web');
const target = join(root, 'dist', 'web');
/** Of this process alone: two that build at one time do not get in each other's way. */
const fresh = join(root, 'dist', `web.new-${process.pid}`);

/** What a browser loads before the first screen may weigh so much, compressed. */
const FIRST_LOAD_BYTES_MAX = 300_000;

/** Smaller files gain nothing by being compressed. */
const COMPRESSED_BYTES_MIN = 256;

const COMPRESSIBLE = /\.(?:css|html|js|json|svg|txt|wasm|webmanifest)$/;

/** How Vite is told to build. Texts of licences stay in one file of their own. */
const config = {
  configFile: false,
  root: source,
  publicDir: join(source, 'public'),
  logLevel: 'warn',
  plugins: [react()],
  build: {
    outDir: fresh,
    emptyOutDir: true,
    target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'],
    assetsDir: 'assets',
    // A font or a picture inside of a style sheet would need data: in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    // How long plugins took says nothing to somebody who starts the program on a busy machine.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  worker: { format: 'es' },
};

/** Paths of all files below a folder. */
function* listFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* listFiles(path);
    else yield path;
  }
}

/** Writes the compressed copies of a file where they are smaller. */
function compress(path) {
  const bytes = readFileSync(path);
  if (bytes.length < COMPRESSED_BYTES_MIN || !COMPRESSIBLE.test(path)) return;
  const copies = [
    ['.br', brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } })],
    ['.gz', gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION })],
  ];
  for (const [ending, copy] of copies) if (copy.length < bytes.length) writeFileSync(path + ending, copy);
}

/** Bytes that go over the wire for a file. */
function sentBytes(path) {
  return readFileSync(existsSync(`${path}.br`) ? `${path}.br` : path).length;
}

/** The page with what it loads at once: what its HTML names. */
function measureFirstLoad() {
  const html = readFileSync(join(fresh, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => join(fresh, path));
  return [join(fresh, 'index.html'), ...named].reduce((sum, path) => sum + sentBytes(path), 0);
}

/** The page may run what is in its files and nothing else: what the policy would refuse is an error here already. */
function checkPage() {
  const html = readFileSync(join(fresh, 'index.html'), 'utf8');
  const faults = [
    [/<script(?![^>]*\bsrc=)[^>]*>/i, 'a script in the page itself'],
    [/<style[\s>]|\sstyle=/i, 'a style in the page itself'],
    [/(?:src|href)="(?:https?:)?\/\//i, 'something from elsewhere'],
  ].filter(([pattern]) => pattern.test(html));
  if (faults.length > 0) throw new Error(`index.html has ${faults.map(([, what]) => what).join(', ')}`);
}

/** The list of all files with their hashes, by which the server sees that each is as it was built. */
function writeHashes() {
  const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const files = [...listFiles(fresh)].map((path) => [`/${relative(fresh, path).replaceAll(sep, '/')}`, hash(path)]);
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(fresh, 'hashes.json'), `${JSON.stringify(Object.fromEntries(files), null, 1)}\n`);
}

/** Puts the new page in the place of the old one; whoever was quicker with another has built the same. */
function replacePage() {
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(join(target, 'index.html'))) throw error;
  }
}

let firstLoad = 0;
let fileCount = 0;
try {
  await build(config);
  checkPage();
  for (const path of [...listFiles(fresh)]) compress(path);
  writeHashes();
  firstLoad = measureFirstLoad();
  fileCount = [...listFiles(fresh)].length;
  replacePage();
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
process.stdout.write(`dist/web: ${fileCount} files, ${firstLoad} bytes for the first screen\n`);
if (process.argv.includes('--check') && firstLoad > FIRST_LOAD_BYTES_MAX) {
  process.stderr.write(`the first screen weighs more than ${FIRST_LOAD_BYTES_MAX} bytes\n`);
  process.exitCode = 1;
}
