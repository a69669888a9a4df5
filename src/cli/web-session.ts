// Browsers that are signed in. Each has two secrets, and neither is enough: one in a cookie, which no script can read, but which browsers
// show to every server of this machine, since they keep cookies by host and not by port; and the bearer, which our page is told once,
// when somebody signs in, and keeps where pages of other ports cannot look. Neither follows from the other. A file in the data
// folder keeps hashes of both, so that a restart signs nobody out, and whoever reads the file can do nothing with it.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../kernel/chain/write-file-atomic.ts';
import { encodeUtf8 } from '../kernel/util/utf8.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { hashSecret } from './web-login.ts';

/** Bytes of chance in each secret. */
const SECRET_BYTES = 32;

/** Browsers at one time; one more signs the one out that has been away longest. */
export const SESSIONS_MAX = 32;

/** A browser that does not come for so long is signed out. */
export const SESSION_SEC: number = 30 * 24 * 60 * 60;

/** How often it is written down that a browser was there. */
const SEEN_SEC = 3600;

/** Name of the file. */
export const SESSIONS_FILE_NAME = 'web-sessions.json';

const SECRET = /^[0-9a-f]{64}$/;

/** A browser that is signed in. */
export interface WebSession {
  /** Hash of the secret in its cookie. */
  readonly id: string;
  readonly bearerHash: string;
}

/** What a browser is given when it signs in, and nobody is told again. */
export interface SessionSecrets {
  readonly cookie: string;
  readonly bearer: string;
}

/** What is kept of a session. */
interface Kept {
  readonly bearerHash: string;
  /** When it was seen last. */
  seenSec: number;
}

/** What sessions stand on. */
export interface SessionParts {
  /** Folder of the file. */
  readonly folder: string;
  readonly nowSec: () => number;
  /** A session is over: what goes on in it ends. */
  readonly onEnded: (id: string) => void;
  /** The file cannot be written: sessions end with the program. */
  readonly onUnsaved: (error: unknown) => void;
}

/** All browsers that are signed in. */
export class WebSessions {
  readonly #parts: SessionParts;
  /** By id. */
  readonly #sessions: Map<string, Kept>;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#sessions = readSessions(join(parts.folder, SESSIONS_FILE_NAME));
  }

  /** Signs a browser in. */
  create(): SessionSecrets {
    const cookie = randomBytes(SECRET_BYTES).toString('hex');
    const bearer = randomBytes(SECRET_BYTES).toString('hex');
    this.#sessions.set(hashSecret(cookie), { bearerHash: hashSecret(bearer), seenSec: this.#parts.nowSec() });
    if (this.#sessions.size > SESSIONS_MAX) {
      const [oldest] = [...this.#sessions].sort(([, a], [, b]) => a.seenSec - b.seenSec);
      if (oldest !== undefined) this.end({ id: oldest[0] });
    }
    this.#save();
    return { cookie, bearer };
  }

  /** The session of a cookie; null when there is none. */
  find(cookie: string): WebSession | null {
    if (!SECRET.test(cookie)) return null;
    const id = hashSecret(cookie);
    const kept = this.#sessions.get(id);
    if (kept === undefined) return null;
    const session = { id, bearerHash: kept.bearerHash };
    const nowSec = this.#parts.nowSec();
    if (nowSec - kept.seenSec > SESSION_SEC) {
      this.end(session);
      return null;
    }
    return session;
  }

  /** Notes that the browser of a session, and not only its cookie, was there. */
  note({ id }: WebSession): void {
    const kept = this.#sessions.get(id);
    const nowSec = this.#parts.nowSec();
    // A clock that was set back counts as seen now.
    if (kept === undefined || Math.abs(nowSec - kept.seenSec) <= SEEN_SEC) return;
    kept.seenSec = nowSec;
    this.#save();
  }

  /** Signs a browser out. */
  end({ id }: Pick<WebSession, 'id'>): void {
    if (!this.#sessions.delete(id)) return;
    this.#save();
    this.#parts.onEnded(id);
  }

  /** Resolves when everything is written. */
  close(): Promise<void> {
    return this.#saving;
  }

  #save(): void {
    const { folder, onUnsaved } = this.#parts;
    const text = `${JSON.stringify({ sessions: Object.fromEntries(this.#sessions) })}\n`;
    this.#saving = this.#saving
      .then(() => writeFileAtomic(new NodeFolder(folder), SESSIONS_FILE_NAME, encodeUtf8(text)))
      .catch(onUnsaved);
  }
}

/** Whether a text is the bearer of a session. */
export function isBearer({ bearerHash }: WebSession, text: string): boolean {
  const given = Buffer.from(hashSecret(text));
  const wanted = Buffer.from(bearerHash);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What a file says; nobody is signed in when it is not there, or says something else. */
function readSessions(path: string): Map<string, Kept> {
  const sessions = new Map<string, Kept>();
  try {
    const { sessions: read } = JSON.parse(readFileSync(path, 'utf8')) as { readonly sessions: object };
    for (const [id, kept] of Object.entries(read)) {
      const { bearerHash, seenSec } = kept as Partial<Kept>;
      const isGood = SECRET.test(id) && typeof bearerHash === 'string' && SECRET.test(bearerHash);
      if (isGood && typeof seenSec === 'number' && sessions.size < SESSIONS_MAX)
        sessions.set(id, { bearerHash, seenSec });
    }
  } catch {
    return new Map();
  }
  return sessions;
}
