// Builds build/secp256k1.wasm: libsecp256k1 for engines without the native library (browsers, workers, bare machines).
//
//   node scripts/build-secp-wasm.mjs [--source FILE] [--out FILE]
//
// The source is Debian's source package of libsecp256k1, pinned below by version and hash. It is fetched with apt-get from
// the Debian mirror that this machine already uses (no root, nothing installed); elsewhere, give the same tarball with
// --source. The compiler is clang with wasm-ld when the system has them, else the npm package @yowasp/clang when it is
// installed. What this library exports, and how, is scripts/secp-wasm/shim.c.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Debian's package: its version, the release that keeps it, and the upstream tarball inside. */
const SOURCE = {
  package: 'libsecp256k1',
  version: '0.5.0-2',
  suite: 'trixie',
  tarball: 'libsecp256k1_0.5.0.orig.tar.xz',
  folder: 'libsecp256k1-0.5.0',
  sha256: '13b70138be52d7a23bdf0ea39ed79799a30eb855f2ed82c028357f6432cd536b',
};

/** Where Debian systems keep the keys of their archive, for mirrors whose entry names none. */
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * 10x26 field and 8x32 scalars: WebAssembly has no 64-bit product of 128 bits, and made of pieces it is half as fast
 * (measured). The stack lies first in memory, so that an overflow traps.
 */
const FLAGS = [
  '--target=wasm32',
  '-O3',
  '-DUSE_FORCE_WIDEMUL_INT64',
  '-ffreestanding',
  '-nostdlib',
  '-nostdlibinc',
  '-fvisibility=hidden',
  '-mbulk-memory',
  '-msign-ext',
  '-mnontrapping-fptoint',
  '-w',
  '-Wl,--no-entry',
  '-Wl,--stack-first',
  '-Wl,-z,stack-size=131072',
  '-Wl,--strip-all',
];

const scriptsFolder = dirname(fileURLToPath(import.meta.url));
const shimFolder = join(scriptsFolder, 'secp-wasm');
const buildFolder = resolve(scriptsFolder, '..', 'build');

class BuildError extends Error {}

function readOption(name, fallback) {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
}

/** URIs and key of each Debian mirror in apt's own configuration, in both of its notations. */
function findDebianMirrors() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  const mirrors = [];
  for (const file of files.filter((name) => /sources\.list$|\.(list|sources)$/.test(name) && existsSync(name))) {
    for (const entry of readFileSync(file, 'utf8').split(/\n\s*\n/)) {
      const field = (name) => new RegExp(`^${name}:\\s*(\\S+)`, 'im').exec(entry)?.[1];
      mirrors.push({ uri: field('URIs'), key: field('Signed-By') });
      for (const [, options, uri] of entry.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)/gm)) {
        mirrors.push({ uri, key: /signed-by=(\S+)/i.exec(options ?? '')?.[1] });
      }
    }
  }
  return mirrors.filter(({ uri }) => uri !== undefined && /\/debian\/?$/.test(uri));
}

/** Fetches the pinned source package into `folder` with apt-get, through a configuration of its own. */
function fetchWithApt(folder) {
  const mirror = findDebianMirrors()[0];
  if (mirror === undefined) {
    throw new BuildError(
      `no Debian mirror in apt's configuration: fetch ${SOURCE.tarball} elsewhere and pass it with --source`,
    );
  }
  const sources = join(folder, 'pinned.sources');
  const key = mirror.key ?? DEBIAN_KEYRING;
  const entry = [
    'Types: deb-src',
    `URIs: ${mirror.uri}`,
    `Suites: ${SOURCE.suite}`,
    'Components: main',
    `Signed-By: ${key}`,
  ];
  writeFileSync(sources, `${entry.join('\n')}\n`);
  for (const sub of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, sub), { recursive: true });
  const options = [
    ['Dir::Etc::SourceList', sources],
    ['Dir::Etc::SourceParts', '-'],
    ['Dir::State::Lists', join(folder, 'lists')],
    ['Dir::Cache', join(folder, 'cache')],
    ['APT::Sandbox::User', 'root'],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const run = (...words) =>
    execFileSync('apt-get', [...options, ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  run('update');
  run('source', '--download-only', `${SOURCE.package}=${SOURCE.version}`);
  return readFileSync(join(folder, SOURCE.tarball));
}

/** The tarball: given, kept from an earlier build, or fetched; in any case the pinned one. */
function readTarball(folder) {
  const kept = join(buildFolder, SOURCE.tarball);
  const given = readOption('--source', existsSync(kept) ? kept : undefined);
  const tarball = given === undefined ? fetchWithApt(folder) : readFileSync(given);
  const sha256 = createHash('sha256').update(tarball).digest('hex');
  if (sha256 !== SOURCE.sha256)
    throw new BuildError(`${SOURCE.tarball} has SHA-256 ${sha256}, expected ${SOURCE.sha256}`);
  mkdirSync(buildFolder, { recursive: true });
  if (!existsSync(kept)) writeFileSync(kept, tarball);
  return kept;
}

function hasSystemCompiler() {
  const targets = spawnSync('clang', ['--print-targets'], { encoding: 'utf8' });
  return targets.status === 0 && targets.stdout.includes('wasm32') && spawnSync('wasm-ld', ['--version']).status === 0;
}

function compileWithSystem(sourceFolder, out) {
  const includes = [
    join(shimFolder, 'include'),
    join(sourceFolder, 'src'),
    join(sourceFolder, 'include'),
    sourceFolder,
  ];
  const words = [...FLAGS, ...includes.map((path) => `-I${path}`), '-o', out, join(shimFolder, 'shim.c')];
  execFileSync('clang', words, { stdio: 'inherit' });
}

/** The C files below `folder` as the nested object that @yowasp/clang takes for a file system. */
function readTree(folder) {
  const entries = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) entries.push([entry.name, readTree(path)]);
    else if (/\.[ch]$/.test(entry.name)) entries.push([entry.name, readFileSync(path)]);
  }
  return Object.fromEntries(entries);
}

async function compileWithYowasp(sourceFolder, out) {
  const { runClang } = await import('@yowasp/clang').catch(() => {
    throw new BuildError('no compiler: apt-get install clang lld, or npm install --no-save @yowasp/clang');
  });
  const files = { library: readTree(sourceFolder), shim: readTree(shimFolder) };
  const includes = ['shim/include', 'library/src', 'library/include', 'library'].map((path) => `-I${path}`);
  const made = await runClang(['clang', ...FLAGS, ...includes, '-o', 'secp256k1.wasm', 'shim/shim.c'], files);
  writeFileSync(out, made['secp256k1.wasm']);
}

/** Refuses a module that imports anything or does not start; the examination proper happens whenever it is loaded. */
function checkModule(bytes) {
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) throw new BuildError(`the module imports ${imports.map(({ name }) => name).join(', ')}`);
  if (new WebAssembly.Instance(module).exports.start() !== 1) throw new BuildError('the module does not start');
}

async function build() {
  const out = resolve(readOption('--out', join(buildFolder, 'secp256k1.wasm')));
  const folder = mkdtempSync(join(tmpdir(), 'secp-wasm-'));
  try {
    execFileSync('tar', ['-xf', readTarball(folder), '-C', folder]);
    const sourceFolder = join(folder, SOURCE.folder);
    mkdirSync(dirname(out), { recursive: true });
    const made = join(folder, 'secp256k1.wasm');
    if (hasSystemCompiler()) compileWithSystem(sourceFolder, made);
    else await compileWithYowasp(sourceFolder, made);
    const bytes = readFileSync(made);
    checkModule(bytes);
    writeFileSync(out, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    console.log(`${out}: ${bytes.length} bytes of ${SOURCE.package} ${SOURCE.version}, SHA-256 ${sha256}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await build();
} catch (error) {
  console.error(error instanceof BuildError ? `secp256k1.wasm not built: ${error.message}` : error);
  process.exitCode = 1;
}
