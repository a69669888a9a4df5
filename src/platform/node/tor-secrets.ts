// What it takes to prove to Tor on this machine that we may control it: the secret in its file, keyed hashes, and chance. Tor names
// the file, so that it may be anything: no more is read than the secret is long, and only of a file that is one.

import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { TorSecrets } from '../../node/app/tor-login.ts';

/** The secrets of this machine. */
export const hostTorSecrets: TorSecrets = Object.freeze({
  readCookie,
  hmacSha256: (key: Uint8Array, data: Uint8Array): Uint8Array =>
    new Uint8Array(createHmac('sha256', key).update(data).digest()),
  randomBytes: (count: number): Uint8Array => new Uint8Array(randomBytes(count)),
});

async function readCookie(path: string, byteCount: number): Promise<Result<Uint8Array, string>> {
  const wrong = err(`is not exactly ${byteCount} bytes, as is required by the spec`);
  try {
    // A pipe would otherwise be waited for.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size !== byteCount) return wrong;
      const { bytesRead, buffer } = await file.read(new Uint8Array(byteCount), 0, byteCount, 0);
      return bytesRead === byteCount ? ok(buffer) : wrong;
    } finally {
      await file.close();
    }
  } catch {
    return err('could not be opened (check permissions)');
  }
}
