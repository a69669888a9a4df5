import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HttpReply } from './http-reply.ts';
import { HASH_LIST_NAME, WebFiles } from './web-files.ts';
import type { WebHead } from './web-request.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tally-web-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const page = join(folder, 'page');
  writeFileSync(join(page, 'index.html'), '<html>one</html>');
  writeFileSync(join(page, 'assets', 'app-1a2b.js'), 'plain');
  writeFileSync(join(page, 'assets', 'app-1a2b.js.br'), 'brotli');
  writeFileSync(join(page, 'assets', 'app-1a2b.js.gz'), 'gzip');
  writeFileSync(join(page, 'notes.md'), 'not for browsers');
  symlinkSync(join(folder, 'secret.txt'), join(page, 'secret.txt'));
  return page;
}

function asking(path: string, headers: Readonly<Record<string, string>> = {}): WebHead {
  const nowhere = { host: '', port: 0 };
  const query = new URLSearchParams();
  return { method: 'GET', path, query, remote: nowhere, local: nowhere, header: (name) => headers[name] ?? null };
}

function textOf(reply: HttpReply | null): string | null {
  return reply?.body instanceof Uint8Array ? Buffer.from(reply.body).toString() : null;
}

function headerOf(reply: HttpReply | null, name: string): string | undefined {
  return reply?.headers.find(([one]) => one === name)?.[1];
}

test('R08: a path that is no file of the page leads nowhere, however it is spelled', (t) => {
  const files = new WebFiles(makeFolder(t));
  const paths = ['/..%2fsecret.txt', '/../secret.txt', '/assets/..%2f..%2fsecret.txt', '//secret.txt', '/secret.txt'];
  const more = [
    '/assets/../index.html',
    '/index.html%00',
    '/assets',
    '/assets/',
    '/notes.md',
    '/__proto__',
    '/assets/app-1a2b.js.br',
  ];
  for (const path of [...paths, ...more]) assert.equal(files.answerFile(asking(path)), null, path);
  assert.equal(textOf(files.answerFile(asking('/index.html'))), '<html>one</html>');
});

test('the best coding that a browser takes is sent', (t) => {
  const files = new WebFiles(makeFolder(t));
  const path = '/assets/app-1a2b.js';
  const cases: readonly (readonly [accepted: string, coding: string | undefined, text: string])[] = [
    ['gzip, deflate, br', 'br', 'brotli'],
    ['gzip', 'gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
    ['br;q=0.0', undefined, 'plain'],
    ['identity', undefined, 'plain'],
    ['', undefined, 'plain'],
  ];
  for (const [accepted, coding, text] of cases) {
    const reply = files.answerFile(asking(path, { 'accept-encoding': accepted }));
    assert.deepEqual([headerOf(reply, 'Content-Encoding'), textOf(reply)], [coding, text], accepted);
    assert.equal(headerOf(reply, 'Content-Type'), 'text/javascript; charset=utf-8');
    assert.equal(headerOf(reply, 'Vary'), 'Accept-Encoding');
  }
});

test('P06: a file with a hash in its name is kept for good, the page is asked for again each time', (t) => {
  const files = new WebFiles(makeFolder(t));
  assert.equal(
    headerOf(files.answerFile(asking('/assets/app-1a2b.js')), 'Cache-Control'),
    'public, max-age=31536000, immutable',
  );
  const page = files.answerPage(asking('/'));
  assert.equal(headerOf(page, 'Cache-Control'), 'no-cache');
  const etag = headerOf(page, 'ETag')!;
  for (const tags of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = files.answerPage(asking('/', { 'if-none-match': tags }));
    assert.deepEqual([again?.status, again?.body], [304, null]);
  }
  assert.equal(files.answerPage(asking('/', { 'if-none-match': '"other"' }))?.status, 200);
});

test('a page that is built while the server runs is served at once', (t) => {
  const folder = makeFolder(t);
  rmSync(join(folder, 'index.html'));
  const files = new WebFiles(folder);
  assert.equal(files.hasPage, false);
  assert.equal(files.answerPage(asking('/')), null);
  writeFileSync(join(folder, 'index.html'), 'two');
  assert.equal(textOf(files.answerPage(asking('/ledger'))), 'two');
  writeFileSync(join(folder, 'index.html'), 'three');
  utimesSync(join(folder, 'index.html'), 1, 1);
  assert.equal(textOf(files.answerPage(asking('/'))), 'three');
  assert.equal(new WebFiles(join(folder, 'nowhere')).hasPage, false);
});

test('P06: with one file that is not as it was built, or is not on the list, there is no page', (t) => {
  const folder = makeFolder(t);
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hashes = {
    '/index.html': hash('<html>one</html>'),
    '/assets/app-1a2b.js': hash('plain'),
    '/assets/app-1a2b.js.br': hash('brotli'),
    '/assets/app-1a2b.js.gz': hash('gzip'),
  };
  const list = (changes: object): void =>
    writeFileSync(join(folder, HASH_LIST_NAME), JSON.stringify({ ...hashes, ...changes }));
  list({});
  const good = new WebFiles(folder);
  assert.ok(good.hasPage);
  assert.equal(good.answerFile(asking(`/${HASH_LIST_NAME}`)), null);
  for (const [path, other] of [...Object.keys(hashes).map((path) => [path, hash('x')]), ['/index.html', undefined]]) {
    list({ [path!]: other });
    assert.equal(new WebFiles(folder).hasPage, false, `${path}`);
  }
  list({});
  writeFileSync(join(folder, 'assets', 'more-0.js'), 'slipped in');
  assert.equal(new WebFiles(folder).hasPage, false);
});
