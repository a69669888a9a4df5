// The other side of a publisher's connection, as a machine that is fed with bytes: it shakes hands, subscribes to topics, takes
// subscriptions back, asks whether we are alive (ZMTP 3.1; libzmq's zmtp_engine.cpp and xpub.cpp). Says what is to be sent back, and
// which topics it wants to hear of.
//
// Whatever it sends, little is kept of it: a frame may have 8 KiB, and there may be 1,000 different prefixes of topics. A message
// that is no subscription is passed over, as a publisher has nobody to give it to.

import { toHex } from '../../kernel/util/bytes.ts';
import { ByteQueue } from './byte-queue.ts';
import {
  encodeZmtpCommand,
  encodeZmtpProperty,
  ZMTP_FLAG,
  ZMTP_GREETING_AT,
  ZMTP_GREETING_BYTES,
  ZMTP_NULL_MECHANISM,
  ZMTP_SIGNATURE,
} from './zmtp-frames.ts';

/** Longest frame that is read: READY with all its properties, or a prefix. Ours; the protocol has no limit. */
export const ZMTP_FRAME_BYTES_MAX = 8192;

/** Different prefixes of one subscriber. Ours: there are five topics. */
export const ZMTP_PREFIXES_MAX = 1000;

/** How often one prefix may be subscribed to. Ours. */
const REPEATS_MAX = 1_000_000;

/** Longest context of a PING (ZMTP 3.1). */
const PING_CONTEXT_BYTES_MAX = 16;

/** The unit in which a PING says how long we may wait for the next sign of life. */
const TTL_UNIT_MS = 100;

/** Kinds of sockets that subscribe. */
const SUBSCRIBING: ReadonlySet<string> = new Set(['SUB', 'XSUB']);

/** Bytes at the beginning of a message that subscribes, or takes a subscription back. */
const CANCEL_BYTE = 0;
const SUBSCRIBE_BYTE = 1;

/** What was made of some bytes. */
export interface ZmtpOutcome {
  /** What is to be sent back. */
  readonly replies: readonly Uint8Array[];
  /** Why the connection must end; null: it goes on. */
  readonly fault: string | null;
}

/** Reasons to end are thrown within this file, and nowhere else. */
class ZmtpFault extends Error {}

type Stage = 'greeting' | 'ready' | 'open';

/** One subscriber. */
export class ZmtpSubscriber {
  readonly #bytes: ByteQueue = new ByteQueue();
  /** How often each prefix was subscribed to, by its hexadecimal form. */
  readonly #prefixes: Map<string, number> = new Map();
  /** What is known of topics that were asked for, since the prefixes changed last. */
  readonly #wanted: Map<string, boolean> = new Map();
  #stage: Stage = 'greeting';
  /** The frame before said that its message goes on. */
  #isWithinMessage = false;
  #ttlMs: number | null = null;
  #replies: Uint8Array[] = [];

  /** True when both sides have introduced themselves. */
  get isOpen(): boolean {
    return this.#stage === 'open';
  }

  /** After so long without a byte the other side has gone away; null: it never said. */
  get ttlMs(): number | null {
    return this.#ttlMs;
  }

  /** Whether it wants messages of a topic, given in hexadecimal. */
  wants(topicHex: string): boolean {
    const known = this.#wanted.get(topicHex);
    if (known !== undefined) return known;
    let isWanted = false;
    for (const prefix of this.#prefixes.keys()) isWanted ||= topicHex.startsWith(prefix);
    this.#wanted.set(topicHex, isWanted);
    return isWanted;
  }

  /** Takes in bytes. After a fault it must not be fed any more. */
  receive(bytes: Uint8Array): ZmtpOutcome {
    this.#bytes.append(bytes);
    let fault: string | null = null;
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof ZmtpFault)) throw error;
      fault = error.message;
    }
    const replies = this.#replies;
    this.#replies = [];
    return { replies, fault };
  }

  /** False when bytes are lacking. */
  #step(): boolean {
    if (this.#stage !== 'greeting') return this.#readFrame();
    if (this.#bytes.length < ZMTP_GREETING_BYTES) return false;
    this.#greeted(this.#bytes.take(ZMTP_GREETING_BYTES, 0));
    return true;
  }

  #greeted(greeting: Uint8Array): void {
    const { signatureEnd, version, mechanism, asServer } = ZMTP_GREETING_AT;
    if (greeting[0] !== ZMTP_SIGNATURE.first || greeting[signatureEnd] !== ZMTP_SIGNATURE.last) {
      throw new ZmtpFault('it does not speak ZMTP');
    }
    if (greeting[version]! < 3) throw new ZmtpFault('it speaks a version of ZMTP before 3.0');
    if (ZMTP_NULL_MECHANISM.some((byte, i) => greeting[mechanism + i] !== byte)) {
      throw new ZmtpFault('it wants another mechanism than NULL');
    }
    if (greeting[asServer] !== 0) throw new ZmtpFault('NULL knows no server');
    this.#stage = 'ready';
    this.#replies.push(encodeZmtpCommand('READY', encodeZmtpProperty('Socket-Type', 'PUB')));
  }

  #readFrame(): boolean {
    const head = new Uint8Array(Math.min(9, this.#bytes.length));
    this.#bytes.peekInto(head);
    const flags = head[0];
    if (flags === undefined) return false;
    if ((flags & ~(ZMTP_FLAG.more | ZMTP_FLAG.long | ZMTP_FLAG.command)) !== 0) throw new ZmtpFault('unknown flags');
    const headBytes = (flags & ZMTP_FLAG.long) === 0 ? 2 : 9;
    if (head.length < headBytes) return false;
    const length = readBigEndian(head, 1, headBytes);
    if (length > ZMTP_FRAME_BYTES_MAX) throw new ZmtpFault(`a frame of more than ${ZMTP_FRAME_BYTES_MAX} bytes`);
    if (this.#bytes.length < headBytes + length) return false;
    this.#bytes.skip(headBytes);
    this.#take(flags, this.#bytes.take(length, 0));
    return true;
  }

  #take(flags: number, body: Uint8Array): void {
    const isMore = (flags & ZMTP_FLAG.more) !== 0;
    if ((flags & ZMTP_FLAG.command) !== 0) {
      if (isMore || this.#isWithinMessage) throw new ZmtpFault('a command within a message');
      this.#command(body);
      return;
    }
    if (this.#stage !== 'open') throw new ZmtpFault('a message before READY');
    const isFirst = !this.#isWithinMessage;
    this.#isWithinMessage = isMore;
    if (isFirst && body[0] === SUBSCRIBE_BYTE) this.#subscribe(body.subarray(1));
    else if (isFirst && body[0] === CANCEL_BYTE) this.#cancel(body.subarray(1));
  }

  #command(body: Uint8Array): void {
    const [name, data] = splitName(body);
    if (this.#stage === 'ready') {
      if (name !== 'READY') throw new ZmtpFault('another command than READY at first');
      checkReady(data);
      this.#stage = 'open';
    } else if (name === 'SUBSCRIBE') this.#subscribe(data);
    else if (name === 'CANCEL') this.#cancel(data);
    else if (name === 'PING') this.#pinged(data);
    else if (name === 'ERROR') throw new ZmtpFault('it reports an error');
    // Commands of later versions are for those who know them.
  }

  #subscribe(prefix: Uint8Array): void {
    this.#wanted.clear();
    const key = toHex(prefix);
    const count = this.#prefixes.get(key) ?? 0;
    if (count === 0 && this.#prefixes.size >= ZMTP_PREFIXES_MAX) {
      throw new ZmtpFault(`more than ${ZMTP_PREFIXES_MAX} subscriptions`);
    }
    if (count < REPEATS_MAX) this.#prefixes.set(key, count + 1);
  }

  /** A prefix that was subscribed to twice has to be cancelled twice. */
  #cancel(prefix: Uint8Array): void {
    this.#wanted.clear();
    const key = toHex(prefix);
    const count = this.#prefixes.get(key) ?? 0;
    if (count > 1) this.#prefixes.set(key, count - 1);
    else this.#prefixes.delete(key);
  }

  #pinged(data: Uint8Array): void {
    if (data.length < 2 || data.length > 2 + PING_CONTEXT_BYTES_MAX) throw new ZmtpFault('a malformed PING');
    const units = data[0]! * 256 + data[1]!;
    this.#ttlMs = units === 0 ? null : units * TTL_UNIT_MS;
    this.#replies.push(encodeZmtpCommand('PONG', data.slice(2)));
  }
}

/** A length; one of many bytes may come out inexact, and is too long then. */
function readBigEndian(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 256 + bytes[i]!;
  return value;
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (code) => String.fromCharCode(code)).join('');
}

/** The name before some data. */
function splitName(body: Uint8Array): readonly [name: string, data: Uint8Array] {
  const length = body[0] ?? 0;
  if (length === 0 || body.length < 1 + length) throw new ZmtpFault('a name that is empty or cut off');
  return [textOf(body.subarray(1, 1 + length)), body.subarray(1 + length)];
}

/** Throws unless the properties of READY are well formed and tell of a subscriber. */
function checkReady(data: Uint8Array): void {
  let rest = data;
  let kind = '';
  while (rest.length > 0) {
    const [name, behind] = splitName(rest);
    const length = behind.length < 4 ? 0 : readBigEndian(behind, 0, 4);
    if (behind.length < 4 + length) throw new ZmtpFault('a property that is cut off');
    if (name.toLowerCase() === 'socket-type') kind = textOf(behind.subarray(4, 4 + length));
    rest = behind.subarray(4 + length);
  }
  if (!SUBSCRIBING.has(kind)) throw new ZmtpFault('it is no subscriber');
}
