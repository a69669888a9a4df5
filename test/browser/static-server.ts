// Serves a few folders of the project on loopback, so that a browser can import the compiled kernel as it is: ES modules, and an
// import map in place of a bundler.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A page that does nothing but name where bare imports are found. */
const EMPTY_PAGE = `<!doctype html><meta charset="utf-8"><title>Tallystick</title><script type="importmap">${JSON.stringify(
  {
    imports: {
      '@noble/hashes/': '/node_modules/@noble/hashes/',
      '@noble/curves/': '/node_modules/@noble/curves/',
      '@scure/base': '/node_modules/@scure/base/index.js',
    },
  },
)}</script>`;

/** Folders of the project that the page may read. */
const SERVED: readonly string[] = ['dist/', 'node_modules/@noble/', 'node_modules/@scure/', 'build/'];

/** A running server. */
export interface StaticServer {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the project at `root`, and `documents` by their exact path. */
export async function serveProject(root: string, documents: ReadonlyMap<string, string>): Promise<StaticServer> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const body = path === '/' ? EMPTY_PAGE : (documents.get(path) ?? (await readServed(root, path)));
    const type = path === '/' ? TYPES['.html']! : (TYPES[extname(path)] ?? 'application/octet-stream');
    response.writeHead(body === null ? 404 : 200, { 'content-type': body === null ? 'text/plain' : type });
    response.end(body ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readServed(root: string, path: string): Promise<Uint8Array | null> {
  const relative = normalize(path).replace(/^\/+/, '');
  if (!SERVED.some((folder) => relative.startsWith(folder))) return null;
  return readFile(join(root, relative)).catch(() => null);
}
