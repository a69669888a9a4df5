// The language of SAM 3.1, by which programs use an I2P router (https://geti2p.net/en/docs/api/samv3; Core i2p.cpp): requests and
// replies of one line each. Here are the lines: cutting them out of a stream, taking replies apart, writing requests. Who says what
// when is in app/i2p-session.ts. A router that is broken, or is none, costs one line of bounded length and nothing else.

import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { ByteQueue } from './byte-queue.ts';
import { toByteText } from './byte-text.ts';

/** Longest line that is read (Core MAX_MSG_SIZE); the longest that routers send has about 1,400 bytes. */
export const SAM_LINE_BYTES_MAX = 65_536;

/** Most words of a reply that are looked at; no reply has nearly as many. */
const WORDS_MAX = 64;

/** Longest text of a router that is repeated to people; arbitrary. */
const QUOTE_LENGTH_MAX = 200;

const NEWLINE = 0x0a;

/** What is left out of texts that are repeated: all but printable ASCII. */
const UNPRINTABLE = /[^ -~]/g;

/** What follows from bytes of a router. */
export type SamStep =
  | { readonly type: 'wait' }
  /** A line without its end, and what came behind it. */
  | { readonly type: 'line'; readonly text: string; readonly rest: Uint8Array }
  | { readonly type: 'failed'; readonly reason: string };

const WAIT: SamStep = Object.freeze({ type: 'wait' });

/** Cuts lines out of a stream, one by one; each byte is looked at once. */
export class SamLines {
  readonly #begun: ByteQueue = new ByteQueue();

  /** Bytes have come; those behind a line are to be handed in again when another line is wanted. */
  receive(bytes: Uint8Array): SamStep {
    const end = bytes.indexOf(NEWLINE);
    const part = end < 0 ? bytes : bytes.subarray(0, end);
    if (this.#begun.length + part.length > SAM_LINE_BYTES_MAX) {
      this.#begun.skip(this.#begun.length);
      return { type: 'failed', reason: `received too many bytes without a terminator (${SAM_LINE_BYTES_MAX})` };
    }
    this.#begun.append(part);
    if (end < 0) return WAIT;
    const text = toByteText(this.#begun.take(this.#begun.length, 0));
    return { type: 'line', text, rest: end + 1 < bytes.length ? bytes.subarray(end + 1) : EMPTY_BYTES };
  }
}

/** A reply, taken apart. */
export type SamReply = ReadonlyMap<string, string | null>;

/**
 * The words of a reply, `KEY=value` or `WORD`; of several with one key the first counts (Core). A value with spaces, which only texts
 * for people have, falls into several words.
 */
export function parseSamReply(line: string): SamReply {
  const words = new Map<string, string | null>();
  for (const word of line.split(' ', WORDS_MAX)) {
    const equals = word.indexOf('=');
    const key = equals < 0 ? word : word.slice(0, equals);
    if (!words.has(key)) words.set(key, equals < 0 ? null : word.slice(equals + 1));
  }
  return words;
}

/** The value of a key of the reply to a request, or why there is none. */
export function readSamValue(reply: SamReply, key: string, request: string): Result<string, string> {
  const value = reply.get(key) ?? null;
  return value === null ? err(`Missing ${key}= in the reply to "${request}"`) : ok(value);
}

/** What a router said, fit to be shown: short, and of harmless characters. */
export function quoteSam(line: string): string {
  const shown = line.slice(0, QUOTE_LENGTH_MAX).replace(UNPRINTABLE, '');
  return `"${shown}${line.length > QUOTE_LENGTH_MAX ? '…' : ''}"`;
}

/** Requests, without the ends of their lines. */
export const SAM_REQUESTS: {
  readonly hello: string;
  readonly generate: string;
  createPersistent(id: string, privateKey: string): string;
  createTransient(id: string): string;
  lookUp(host: string): string;
  connect(id: string, destination: string): string;
  accept(id: string): string;
} = Object.freeze({
  hello: 'HELLO VERSION MIN=3.1 MAX=3.1',
  // 7 is EdDSA_SHA512_Ed25519; i2pd before 2.24 knows the number only (Core).
  generate: 'DEST GENERATE SIGNATURE_TYPE=7',
  createPersistent: (id: string, privateKey: string): string =>
    `SESSION CREATE STYLE=STREAM ID=${id} DESTINATION=${privateKey} ` +
    'i2cp.leaseSetEncType=4,0 inbound.quantity=3 outbound.quantity=3',
  createTransient: (id: string): string =>
    `SESSION CREATE STYLE=STREAM ID=${id} DESTINATION=TRANSIENT SIGNATURE_TYPE=7 ` +
    'i2cp.leaseSetEncType=4,0 inbound.quantity=1 outbound.quantity=1',
  lookUp: (host: string): string => `NAMING LOOKUP NAME=${host}`,
  connect: (id: string, destination: string): string =>
    `STREAM CONNECT ID=${id} DESTINATION=${destination} SILENT=false`,
  accept: (id: string): string => `STREAM ACCEPT ID=${id} SILENT=false`,
});

/** A request as it is shown: that for a session holds a private key, or a name for one. */
export function describeSamRequest(request: string): string {
  return request.startsWith('SESSION CREATE') ? 'SESSION CREATE ...' : request;
}
