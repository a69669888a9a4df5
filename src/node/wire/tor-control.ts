// The language in which Tor is controlled (https://spec.torproject.org/control-spec; Core torcontrol.cpp): commands of one line, and
// replies of several. Here are the lines: cutting replies out of a stream, taking them apart, writing commands. Who says what when is
// in app/tor-controller.ts. A control port that is broken, or is none, costs a reply of bounded length and nothing else.

import { toHex } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { ByteQueue } from './byte-queue.ts';
import { toByteText } from './byte-text.ts';

/** Longest line that is read, all but its last byte (Core MAX_LINE_LENGTH). */
export const TOR_LINE_BYTES_MAX = 100_000;

/** Most lines of a reply (Core MAX_LINE_COUNT); the longest that Tor sends has five. */
export const TOR_REPLY_LINES_MAX = 1000;

/** Most characters of the lines of a reply together: arbitrary, and far more than what Tor sends. */
export const TOR_REPLY_LENGTH_MAX = 1_000_000;

/** Codes of replies (control-spec, section 4). */
export const TOR_CODE: {
  readonly ok: number;
  readonly unrecognized: number;
  readonly syntaxError: number;
  /** From here on nobody has asked. */
  readonly events: number;
} = Object.freeze({ ok: 250, unrecognized: 510, syntaxError: 512, events: 600 });

/** Longest key of a service that is kept; those of version 3 have 99 characters. */
const KEY_LENGTH_MAX = 1024;

/** What a key of a service consists of: its kind, and Base64. Anything else would be a command of somebody else's. */
const SERVICE_KEY = /^[A-Z0-9-]+:[A-Za-z0-9+/=-]+$/;

const NEWLINE = 0x0a;
const CODE_LENGTH = 3;

/** A reply: the code of its last line, and its lines without their codes. */
export interface TorReply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Cuts replies out of a stream; each byte is looked at once. */
export class TorReplies {
  readonly #begun: ByteQueue = new ByteQueue();
  #lines: string[] = [];
  /** Lines too short to say anything count, too. */
  #length = 0;

  /** Bytes have come: the replies that they complete, or why the stream is not to be read any more. */
  receive(bytes: Uint8Array): Result<readonly TorReply[], string> {
    const replies: TorReply[] = [];
    let start = 0;
    while (start < bytes.length) {
      const end = bytes.indexOf(NEWLINE, start);
      const part = bytes.subarray(start, end < 0 ? bytes.length : end);
      if (this.#begun.length + part.length > TOR_LINE_BYTES_MAX) return this.#fail('line exceeded its length');
      this.#begun.append(part);
      if (end < 0) break;
      start = end + 1;
      const line = toByteText(this.#begun.take(this.#begun.length, 0));
      if (this.#lines.length === TOR_REPLY_LINES_MAX) return this.#fail(`reply exceeded ${TOR_REPLY_LINES_MAX} lines`);
      this.#length += line.length;
      if (this.#length > TOR_REPLY_LENGTH_MAX) return this.#fail('reply exceeded its length');
      const reply = this.#addLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (reply !== null) replies.push(reply);
    }
    return ok(replies);
  }

  /** The reply that a line completes. */
  #addLine(line: string): TorReply | null {
    if (line.length <= CODE_LENGTH) return null;
    this.#lines.push(line.slice(CODE_LENGTH + 1));
    if (line[CODE_LENGTH] !== ' ') return null;
    const digits = line.slice(0, CODE_LENGTH);
    const reply = { code: /^\d{3}$/.test(digits) ? Number(digits) : 0, lines: this.#lines };
    this.#forget();
    return reply;
  }

  #fail(what: string): Result<never, string> {
    this.#begun.skip(this.#begun.length);
    this.#forget();
    return err(`Control port ${what}, disconnecting`);
  }

  #forget(): void {
    this.#lines = [];
    this.#length = 0;
  }
}

/** A line of a reply as its first word and what follows, such as `AUTH METHODS=NULL`. */
export function splitTorLine(line: string): { readonly type: string; readonly rest: string } {
  const space = line.indexOf(' ');
  return space < 0 ? { type: line, rest: '' } : { type: line.slice(0, space), rest: line.slice(space + 1) };
}

/** `KEY=value`: the value is quoted, or ends before a space. */
const ARGUMENT = /([^= ]*)=(?:"((?:[^"\\]|\\.)*)"|([^" ][^ ]*|(?= |$))) ?/sy;

/** The arguments of a line, up to one that has no value; none where one is malformed (Core ParseTorReplyMapping). */
export function parseTorArguments(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    ARGUMENT.lastIndex = at;
    const match = ARGUMENT.exec(text);
    if (match === null) return /^[^= ]* /.test(text.slice(at)) ? found : new Map();
    const [all, key, quoted, plain] = match;
    found.set(key!, quoted === undefined ? plain! : unescapeTor(quoted));
    at += all.length;
  }
  return found;
}

/** What stands behind a backslash: an octal number, of which one of three digits is at most 377, or any character. */
const ESCAPE = /\\([0-3][0-7]{2}|[0-7]{1,2}|.)/gs;

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
]);

/** The text that was quoted (control-spec, section 2.1.1, the rules for the future). */
function unescapeTor(quoted: string): string {
  return quoted.replace(ESCAPE, (_all, what: string) => {
    if (/^[0-7]/.test(what)) return String.fromCharCode(Number(`0o${what}`));
    return NAMED_ESCAPES.get(what) ?? what;
  });
}

/** How Tor lets itself be controlled (reply to PROTOCOLINFO). */
export interface TorAccess {
  readonly methods: ReadonlySet<string>;
  readonly cookieFile: string;
  /** As Tor says it; null when it does not. */
  readonly version: string | null;
}

/** Reads the reply to {@link TOR_COMMANDS.protocolInfo}. */
export function readTorAccess({ lines }: TorReply): TorAccess {
  let methods: ReadonlySet<string> = new Set();
  let cookieFile = '';
  let version: string | null = null;
  for (const line of lines) {
    const { type, rest } = splitTorLine(line);
    if (type !== 'AUTH' && type !== 'VERSION') continue;
    const found = parseTorArguments(rest);
    if (type === 'VERSION') version = found.get('Tor') ?? version;
    if (type !== 'AUTH') continue;
    const named = found.get('METHODS');
    if (named !== undefined) methods = new Set(named.split(','));
    cookieFile = found.get('COOKIEFILE') ?? cookieFile;
  }
  return { methods, cookieFile, version };
}

const SOCKS_LINE = 'net/listeners/socks=';

/** Where Tor listens for SOCKS: on this machine if it does, else the last place that it names; null: nowhere. */
export function readTorSocksPlace({ lines }: TorReply): string | null {
  let place: string | null = null;
  for (const line of lines) {
    if (!line.startsWith(SOCKS_LINE)) continue;
    for (const word of line.slice(SOCKS_LINE.length).split(' ')) {
      const quote = word[0];
      const isQuoted = (quote === '"' || quote === "'") && word.length >= 2 && word.endsWith(quote);
      const bare = isQuoted ? word.slice(1, -1) : word;
      if (bare === '') continue;
      place = bare;
      if (place.startsWith('127.0.0.1:')) break;
    }
  }
  return place;
}

/** What the reply to ADD_ONION says: the name of the service, and its key where Tor has made it. */
export interface TorService {
  /** Without `.onion`. */
  readonly id: string;
  /** Null: none was said, or something that is none. */
  readonly key: string | null;
}

/** Reads the reply to {@link TOR_COMMANDS.addOnion}; null: it names no service. */
export function readTorService({ lines }: TorReply): TorService | null {
  let id = '';
  let key: string | null = null;
  for (const line of lines) {
    const found = parseTorArguments(line);
    id = found.get('ServiceID') ?? id;
    key = found.get('PrivateKey') ?? key;
  }
  return id === '' ? null : { id, key: key !== null && isTorServiceKey(key) ? key : null };
}

/** Whether a text can be the key of a service, and nothing else. */
export function isTorServiceKey(text: string): boolean {
  return text.length <= KEY_LENGTH_MAX && SERVICE_KEY.test(text);
}

/** Commands, without the ends of their lines. */
export const TOR_COMMANDS: {
  readonly protocolInfo: string;
  readonly authenticate: string;
  readonly socks: string;
  /** A key that says: make one. */
  readonly newKey: string;
  authenticateByPassword(password: string): string;
  authenticateByHash(hash: Uint8Array): string;
  challenge(nonce: Uint8Array): string;
  addOnion(key: string, port: number, target: string, isGuarded: boolean): string;
} = Object.freeze({
  protocolInfo: 'PROTOCOLINFO 1',
  authenticate: 'AUTHENTICATE',
  socks: 'GETINFO net/listeners/socks',
  newKey: 'NEW:ED25519-V3',
  authenticateByPassword: (password: string): string => `AUTHENTICATE "${password.replace(/["\\]/g, '\\$&')}"`,
  authenticateByHash: (hash: Uint8Array): string => `AUTHENTICATE ${toHex(hash)}`,
  challenge: (nonce: Uint8Array): string => `AUTHCHALLENGE SAFECOOKIE ${toHex(nonce)}`,
  /** `port`: that of the service; `isGuarded`: whoever connects when many do has to do some work. */
  addOnion: (key: string, port: number, target: string, isGuarded: boolean): string =>
    `ADD_ONION ${key}${isGuarded ? ' PoWDefensesEnabled=1' : ''} Port=${port},${target}`,
});
