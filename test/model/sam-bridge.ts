// An I2P router as tests play it: it takes connections, notes what it is asked, and answers as a good one would, or as a test says. What
// goes on behind it, in I2P, is played by the test, too.

import { concatBytes, EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { encodeUtf8 } from '../../src/kernel/util/utf8.ts';
import {
  ConnectError,
  type Connection,
  type ConnectionHandler,
  type Endpoint,
  type Network,
} from '../../src/node/ports.ts';
import { toByteText } from '../../src/node/wire/byte-text.ts';
import { addressOfDestination, formatI2pBase64 } from '../../src/node/wire/i2p-destination.ts';
import { formatHost } from '../../src/node/wire/net-address.ts';

const NEWLINE = 0x0a;

/** Bytes of a destination with a certificate of four bytes, and of the keys behind it. */
const DESTINATION_BYTES = 391;
const KEY_BYTES = 64;

/** A key that begins with its destination. */
export function samKey(seed: number): Uint8Array {
  const key = new Uint8Array(DESTINATION_BYTES + KEY_BYTES).fill(seed);
  key.set([0, 4], 385);
  return key;
}

/** The destination of {@link samKey}, and its address. */
export function samDestination(seed: number): { readonly text: string; readonly host: string } {
  const destination = samKey(seed).slice(0, DESTINATION_BYTES);
  return { text: formatI2pBase64(destination), host: formatHost(addressOfDestination(destination)) };
}

/** The router's end of a connection. */
export class SamLink implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint = { host: '127.0.0.1', port: 40_000 };
  readonly queuedBytes = 0;
  isReading = true;
  isClosed = false;
  /** Lines that were asked. */
  readonly asked: string[] = [];
  /** Bytes that belong to no line. */
  unread: Uint8Array = EMPTY_BYTES;
  #handler: ConnectionHandler | null = null;
  readonly #onLine: (line: string, link: SamLink) => void;

  constructor(remote: Endpoint, onLine: (line: string, link: SamLink) => void) {
    this.remote = remote;
    this.#onLine = onLine;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  send(bytes: Uint8Array): void {
    if (this.isClosed) return;
    this.unread = concatBytes(this.unread, bytes);
    const end = this.unread.indexOf(NEWLINE);
    if (end < 0) return;
    const line = toByteText(this.unread.subarray(0, end));
    this.unread = this.unread.slice(end + 1);
    this.asked.push(line);
    queueMicrotask(() => this.#onLine(line, this));
  }

  setReading(isReading: boolean): void {
    this.isReading = isReading;
  }

  close(): void {
    queueMicrotask(() => this.cut());
  }

  /** The router says something. */
  say(text: string): void {
    if (!this.isClosed) this.#handler?.onBytes(encodeUtf8(text));
  }

  /** The connection is over. */
  cut(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#handler?.onClosed(null);
  }
}

/** What the router does instead of answering well. */
export type SamMischief = string | 'silence' | 'close';

/** A router, and the network in which it is. */
export class SamBridge implements Pick<Network, 'dial'> {
  readonly links: SamLink[] = [];
  /** By the beginning of a question. */
  readonly mischief: Map<string, SamMischief> = new Map();
  /** Keys of those who are in I2P, by their addresses. */
  readonly known: Map<string, string> = new Map();
  /** Nobody listens. */
  isDown = false;
  #keySeed = 100;

  async dial(remote: Endpoint): Promise<Connection> {
    if (this.isDown) throw new ConnectError('ECONNREFUSED', 'nobody listens');
    const link = new SamLink(remote, (line, asker) => this.#answer(line, asker));
    this.links.push(link);
    return link;
  }

  /** Somebody is in I2P. */
  meet(seed: number): string {
    const { text, host } = samDestination(seed);
    this.known.set(host, text);
    return host;
  }

  /** Everything that was asked, on all connections. */
  get asked(): readonly string[] {
    return this.links.flatMap((link) => link.asked);
  }

  /** Connections that are open. */
  get open(): readonly SamLink[] {
    return this.links.filter((link) => !link.isClosed);
  }

  #answer(line: string, link: SamLink): void {
    for (const [begin, mischief] of this.mischief) {
      if (!line.startsWith(begin)) continue;
      if (mischief === 'close') link.cut();
      else if (mischief !== 'silence') link.say(mischief);
      return;
    }
    link.say(`${this.#answerWell(line)}\n`);
  }

  #answerWell(line: string): string {
    const [, name = ''] = / NAME=(\S+)/.exec(line) ?? [];
    if (line.startsWith('HELLO')) return 'HELLO REPLY RESULT=OK VERSION=3.1';
    if (line.startsWith('DEST GENERATE')) return `DEST REPLY PUB=x PRIV=${formatI2pBase64(samKey(this.#keySeed++))}`;
    if (line.startsWith('SESSION CREATE') && line.includes('DESTINATION=TRANSIENT')) {
      return `SESSION STATUS RESULT=OK DESTINATION=${formatI2pBase64(samKey(this.#keySeed++))}`;
    }
    if (line.startsWith('SESSION CREATE')) return 'SESSION STATUS RESULT=OK DESTINATION=yours';
    if (line.startsWith('NAMING LOOKUP')) {
      const destination = this.known.get(name);
      return destination === undefined
        ? `NAMING REPLY RESULT=KEY_NOT_FOUND NAME=${name}`
        : `NAMING REPLY RESULT=OK NAME=${name} VALUE=${destination}`;
    }
    return 'STREAM STATUS RESULT=OK';
  }
}
