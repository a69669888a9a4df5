import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { hostTorSecrets } from './tor-secrets.ts';

test('a cookie is a file of its length, and nothing else is read', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tor-secrets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, count: number): string => {
    const path = join(folder, name);
    writeFileSync(path, Buffer.alloc(count, 7));
    return path;
  };
  const read = await hostTorSecrets.readCookie(write('good', 32), 32);
  assert.ok(read.ok);
  assert.equal(toHex(read.value), '07'.repeat(32));
  const wrong = [write('short', 31), write('long', 33), write('empty', 0), folder, '/dev/zero'];
  if (process.platform === 'linux') {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    wrong.push(pipe);
  }
  for (const path of wrong) {
    const refused = await hostTorSecrets.readCookie(path, 32);
    const allowed = ['is not exactly 32 bytes, as is required by the spec', 'could not be opened (check permissions)'];
    assert.ok(!refused.ok && allowed.includes(refused.error), path);
  }
  for (const path of ['', join(folder, 'none'), `${folder}/good\0`]) {
    const refused = await hostTorSecrets.readCookie(path, 32);
    assert.deepEqual(refused, { ok: false, error: 'could not be opened (check permissions)' });
  }
});

test('keyed hashes are HMAC-SHA256 (RFC 4231, case 2), and chance is as long as it is wanted', () => {
  const hash = hostTorSecrets.hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?'));
  assert.equal(toHex(hash), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  assert.equal(hostTorSecrets.randomBytes(32).length, 32);
});
