// Finds a folder of public vectors and reads its files. The data are no part of this project: they lie beside it
// (`../shared/vectors`) or where the environment variable TALLY_VECTORS points, and may be absent.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { VectorFile, VectorFolder } from './judge.ts';

/** The folder that holds package.json, seen from this file, compiled or not. */
export function findProjectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no package.json above this file');
    folder = parent;
  }
  return folder;
}

/** Where the vectors should be on this machine, whether or not they are. */
export function vectorsPath(): string {
  const named = process.env['TALLY_VECTORS'];
  return named ? resolve(named) : resolve(findProjectRoot(), '../shared/vectors');
}

/** True on a machine that must have the vectors: continuous integration, or TALLY_REQUIRE_VECTORS=1. */
export function areVectorsRequired(): boolean {
  const ci = process.env['CI'] ?? '';
  return (ci !== '' && ci !== '0' && ci !== 'false') || process.env['TALLY_REQUIRE_VECTORS'] === '1';
}

/** Passes over a test whose vector file is absent, and fails it on a machine that must have the vectors. */
export function skipWithout(context: { skip(message: string): void }, path: string): void {
  const notice = absenceNotice(path);
  if (areVectorsRequired()) throw new Error(notice);
  context.skip(notice);
}

/** What to tell a person when the folder is absent. */
export function absenceNotice(path: string): string {
  return `no vectors at ${path}: put them there or set TALLY_VECTORS; nothing of them was checked`;
}

/** Papers at the top of a vectors folder that hold no cases. */
const PAPERS: readonly string[] = ['README.md', 'MANIFEST.json', 'LICENSE', 'LICENSE.md'];

/** Reads the list of files below `root`; null when there is no such folder. Contents are read later, one by one. */
export function openVectorFolder(root: string): VectorFolder | null {
  if (!existsSync(root) || !statSync(root).isDirectory()) return null;
  const paths = listFiles(root, '').filter((path) => !PAPERS.includes(path));
  return createVectorFolder(paths.map((path) => createVectorFile(path, () => readFileSync(join(root, path)))));
}

/** A folder made of the given files; the tests of the runner make theirs in memory. */
export function createVectorFolder(files: readonly VectorFile[]): VectorFolder {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    files,
    find: (path) => byPath.get(path),
    siblings: (file) => files.filter((other) => other.folder === file.folder && other !== file),
  };
}

/** A file whose contents come from `read`, once. */
export function createVectorFile(path: string, read: () => Uint8Array): VectorFile {
  const slash = path.lastIndexOf('/');
  let bytes: Uint8Array | undefined;
  let text: string | undefined;
  let json: { readonly value: unknown } | undefined;
  const file: VectorFile = {
    path,
    folder: slash < 0 ? '' : path.slice(0, slash),
    name: path.slice(slash + 1),
    bytes: () => {
      bytes ??= decompress(read());
      return bytes;
    },
    text: () => {
      text ??= new TextDecoder().decode(file.bytes());
      return text;
    },
    json: () => {
      json ??= { value: JSON.parse(file.text()) };
      return json.value;
    },
    tryJson: () => {
      if (json !== undefined) return json.value;
      if (!looksLikeJson(file.bytes())) return undefined;
      try {
        return file.json();
      } catch {
        return undefined;
      }
    },
    release: () => {
      bytes = undefined;
      text = undefined;
      json = undefined;
    },
  };
  return file;
}

function listFiles(root: string, folder: string): string[] {
  const paths: string[] = [];
  for (const name of readdirSync(join(root, folder)).sort(compareText)) {
    if (name.startsWith('.')) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    const info = statSync(join(root, path), { throwIfNoEntry: false });
    if (info?.isDirectory()) paths.push(...listFiles(root, path));
    else if (info?.isFile()) paths.push(path);
  }
  return paths;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A plain Uint8Array, so that no judge leans on what a Buffer can do besides. */
function decompress(raw: Uint8Array): Uint8Array {
  const data = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Whether the first character that is no white space could open a JSON array or object. */
function looksLikeJson(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d))) at++;
  return bytes[at] === 0x5b || bytes[at] === 0x7b;
}
