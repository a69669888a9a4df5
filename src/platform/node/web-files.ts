// The files of the page: found once, kept as a table of paths, sent from memory. A path that is not in the table does not exist, so no
// spelling of a path leads out of the folder. Files whose names contain a hash of what is in them are kept by browsers for good, others
// are asked for again each time and answered with 304 as long as they are the same. Compressed copies lie beside them (app.js.br). The build
// leaves a list of all files with their hashes: with one file that is not as it was built, there is no page (P06).

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { HttpReply } from './http-reply.ts';
import type { WebHeader } from './web-headers.ts';
import type { WebHead } from './web-request.ts';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.webmanifest', 'application/manifest+json'],
  ['.woff2', 'font/woff2'],
]);

/** Codings of the copies, best first. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** The page itself. */
const INDEX = '/index.html';

/** Files below it have a hash in their name: what one of them says never changes. */
const HASHED_FOLDER = '/assets/';

/** The list of the build: an object with the SHA-256 of each file by its path. */
export const HASH_LIST_NAME = 'hashes.json';

/** Files and bytes that are taken into memory at most: a folder with more is not our page. */
const FILES_MAX = 2000;
const BYTES_MAX: number = 64 * 1024 * 1024;

/** One file. */
interface WebFile {
  readonly type: string;
  readonly etag: string;
  readonly isHashed: boolean;
  /** By coding; the empty one is the file as it is. */
  readonly bodies: ReadonlyMap<string, Uint8Array>;
}

/** Files of a folder that a browser may have. */
export class WebFiles {
  readonly #folder: string;
  #files: ReadonlyMap<string, WebFile> = new Map();
  /** When the page was written that the table is of. */
  #writtenMs = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#refresh();
  }

  /** Whether there is a page. */
  get hasPage(): boolean {
    return this.#files.has(INDEX);
  }

  /** The page itself, whatever its path was. */
  answerPage(head: WebHead): HttpReply | null {
    this.#refresh();
    return this.answerFile(head, INDEX);
  }

  /** A file, null when there is none of that path. */
  answerFile(head: WebHead, path: string = head.path): HttpReply | null {
    const file = this.#files.get(path);
    if (file === undefined) return null;
    const caching = file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    const headers: WebHeader[] = [
      ['ETag', file.etag],
      ['Cache-Control', caching],
      ['Vary', 'Accept-Encoding'],
    ];
    if (isSame(head.header('if-none-match'), file.etag)) return { status: 304, headers, body: null };
    headers.push(['Content-Type', file.type]);
    const coding = chooseCoding(head.header('accept-encoding'), file);
    if (coding !== '') headers.push(['Content-Encoding', coding]);
    return { status: 200, headers, body: file.bodies.get(coding)! };
  }

  /** Reads the folder again when the page was built anew. */
  #refresh(): void {
    const writtenMs = statSync(join(this.#folder, INDEX), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (writtenMs === this.#writtenMs) return;
    this.#writtenMs = writtenMs;
    try {
      this.#files = writtenMs === 0 ? new Map() : readFiles(this.#folder);
    } catch {
      // It is being built at this moment: the next look finds it.
      this.#files = new Map();
      this.#writtenMs = 0;
    }
  }
}

/** Whether a browser has the file already: one of the tags that it names is that of the file. */
function isSame(tags: string | null, etag: string): boolean {
  return tags?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) ?? false;
}

/** The best coding that the browser takes and that there is. */
function chooseCoding(accepted: string | null, file: WebFile): string {
  const taken = new Set<string>();
  for (const part of (accepted ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
    if (!parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) taken.add(coding);
  }
  return CODINGS.map(([coding]) => coding).find((coding) => taken.has(coding) && file.bodies.has(coding)) ?? '';
}

function readFiles(folder: string): ReadonlyMap<string, WebFile> {
  const hashes = readHashes(folder);
  const read = (path: string): Uint8Array => {
    const bytes = readFileSync(join(folder, path));
    if (hashes === null || hashes.get(path) === computeHash(bytes)) return bytes;
    throw new Error(`${path} is not as it was built`);
  };
  const files = new Map<string, WebFile>();
  let byteCount = 0;
  for (const path of listPaths(folder, '')) {
    const type = TYPES.get(extname(path));
    if (type === undefined || path === `/${HASH_LIST_NAME}`) continue;
    const bodies = new Map<string, Uint8Array>([['', read(path)]]);
    for (const [coding, ending] of CODINGS)
      if (isFile(join(folder, path + ending))) bodies.set(coding, read(path + ending));
    for (const body of bodies.values()) byteCount += body.length;
    if (files.size >= FILES_MAX || byteCount > BYTES_MAX) break;
    const etag = `"${computeHash(bodies.get('')!).slice(0, 32)}"`;
    files.set(path, { type, etag, isHashed: path.startsWith(HASHED_FOLDER), bodies });
  }
  return files;
}

function computeHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hashes by path; null for a page that came without a list. */
function readHashes(folder: string): ReadonlyMap<string, unknown> | null {
  const path = join(folder, HASH_LIST_NAME);
  return isFile(path) ? new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')) as object)) : null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Paths of the files below a folder, with `/` in front; links are not followed. */
function* listPaths(folder: string, path: string): Generator<string, void, void> {
  for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
    const own = `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* listPaths(folder, own);
    else if (entry.isFile()) yield own;
  }
}
