// An I2P router as its SAM port shows it: connections to it that have introduced themselves, on which one question is asked at a time
// (Core i2p.cpp: Hello, SendRequestAndGetReply). A router that says nothing, too much or nonsense, or goes away, costs its connection.

import { assert } from '../../kernel/util/assert.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { ConnectError, type Connection, type Endpoint, type Network, type Timers } from '../ports.ts';
import { ByteQueue } from '../wire/byte-queue.ts';
import { formatNetAddress, parseHost } from '../wire/net-address.ts';
import {
  describeSamRequest,
  parseSamReply,
  quoteSam,
  readSamValue,
  SAM_LINE_BYTES_MAX,
  SAM_REQUESTS,
  SamLines,
  type SamReply,
} from '../wire/sam.ts';
import { type HandedOn, Preface } from './prefaced-connection.ts';

/** How long a router may take for a reply: it asks others (Core SendRequestAndGetReply recv_timeout). */
const REPLY_MS_MAX: number = 3 * 60_000;

/** What went wrong with the router, or at its end. */
export function samError(message: string, isWayBroken = true): ConnectError {
  return new ConnectError('EI2P', message, { isWayBroken });
}

/** A router. */
export class SamRouter {
  readonly #network: Pick<Network, 'dial'>;
  readonly #timers: Pick<Timers, 'after'>;
  readonly #endpoint: Endpoint;
  readonly #connectTimeoutMs: number;
  readonly #talks: Set<SamTalk> = new Set();
  #isAbandoned = false;

  /** `connectTimeoutMs`: time for a connection to the router itself. */
  constructor(
    network: Pick<Network, 'dial'>,
    timers: Pick<Timers, 'after'>,
    endpoint: Endpoint,
    connectTimeoutMs: number,
  ) {
    this.#network = network;
    this.#timers = timers;
    this.#endpoint = endpoint;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** Its place, as people write it. */
  get name(): string {
    const { host, port } = this.#endpoint;
    const address = parseHost(host, port);
    return address === null ? `${host}:${port}` : formatNetAddress(address);
  }

  /** Connects and introduces itself; rejects with a {@link ConnectError}. */
  async open(): Promise<SamTalk> {
    const connection = await this.#connect();
    const talk = new SamTalk(connection, this.#timers, () => this.#talks.delete(talk));
    this.#talks.add(talk);
    if (this.#isAbandoned) talk.close();
    try {
      await talk.ask(SAM_REQUESTS.hello);
    } catch (error) {
      talk.close();
      throw error;
    }
    return talk;
  }

  /** Ends all talks, and those that would follow: what waits for them rejects. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const talk of [...this.#talks]) talk.close();
  }

  async #connect(): Promise<Connection> {
    try {
      return await this.#network.dial(this.#endpoint, this.#connectTimeoutMs);
    } catch (cause) {
      if (!(cause instanceof ConnectError)) throw cause;
      throw new ConnectError(cause.code, `Cannot connect to ${this.name}`, { cause, isWayBroken: true });
    }
  }
}

/** Who waits for a line. */
interface Waiting {
  readonly take: (line: string) => void;
  readonly fail: (reason: string) => void;
}

/** One connection to the router. */
export class SamTalk {
  readonly #preface: Preface;
  readonly #timers: Pick<Timers, 'after'>;
  readonly #onOver: () => void;
  readonly #lines: SamLines = new SamLines();
  /** What came behind the last line that was waited for. */
  readonly #kept: ByteQueue = new ByteQueue();
  #waiting: Waiting | null = null;
  #closedBecause: string | null = null;
  #onClosed: (reason: string) => void = () => undefined;

  /** `onOver` is called once when it is over or has become somebody else's. */
  constructor(connection: Connection, timers: Pick<Timers, 'after'>, onOver: () => void) {
    this.#preface = new Preface(connection, timers);
    this.#timers = timers;
    this.#onOver = onOver;
    this.#preface.begin({
      onBytes: (bytes) => this.#receive(bytes),
      onClosed: (reason) => this.#end(reason ?? 'the router has closed the connection'),
    });
  }

  get isClosed(): boolean {
    return this.#closedBecause !== null;
  }

  /** Tells when it is over, and why; not when it has been handed on. */
  onClosed(tell: (reason: string) => void): void {
    this.#onClosed = tell;
  }

  /** Asks; resolves to the reply, whose RESULT is OK. Rejects with a {@link ConnectError}. */
  async ask(request: string): Promise<SamReply> {
    const { reply } = await this.askFreely(request);
    const shown = describeSamRequest(request);
    const result = this.valueOf(reply, 'RESULT', request);
    if (result !== 'OK') {
      throw samError(`Reply to "${shown}": had a RESULT not equal to OK. It is ${quoteSam(result)}`);
    }
    return reply;
  }

  /** Asks; resolves to the reply, whatever it is, and the line that it was read from. */
  async askFreely(request: string): Promise<{ readonly reply: SamReply; readonly line: string }> {
    this.#preface.send(encodeUtf8(`${request}\n`));
    const line = await this.readLine(REPLY_MS_MAX);
    return { reply: parseSamReply(line), line };
  }

  /** A value of a reply; throws when it has none. */
  valueOf(reply: SamReply, key: string, request: string): string {
    const value = readSamValue(reply, key, describeSamRequest(request));
    if (!value.ok) throw samError(value.error);
    return value.value;
  }

  /** The next line; null: it may take for ever. */
  readLine(timeoutMs: number | null): Promise<string> {
    assert(this.#waiting === null, 'sam: one line is waited for at a time');
    return new Promise((resolve, reject) => {
      const cancel = timeoutMs === null ? () => undefined : this.#giveUpAfter(timeoutMs);
      this.#waiting = {
        take: (line) => {
          cancel();
          resolve(line);
        },
        fail: (reason) => {
          cancel();
          reject(samError(reason));
        },
      };
      this.#readKept();
    });
  }

  #giveUpAfter(timeoutMs: number): Unsubscribe {
    return this.#timers.after(timeoutMs, () => this.#fail('the router does not answer'));
  }

  /** Makes the connection somebody else's. */
  handOn(ends: Omit<HandedOn, 'rest'>): Connection {
    this.#onClosed = () => undefined;
    this.#onOver();
    return this.#preface.handOn({ ...ends, rest: this.#takeKept() });
  }

  close(): void {
    this.#fail('the talk is over');
  }

  #fail(reason: string): void {
    this.#preface.close();
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#closedBecause = reason;
    this.#takeKept();
    this.#onOver();
    this.#waiting?.fail(reason);
    this.#waiting = null;
    this.#onClosed(reason);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#waiting === null) this.#keep(bytes);
    else this.#read(bytes);
  }

  /** Nobody has asked for it: it may belong to the next reply, or to whoever takes the connection over. */
  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.isClosed) return;
    if (this.#kept.length + bytes.length > SAM_LINE_BYTES_MAX) this.#fail('the router says more than it is asked');
    else this.#kept.append(bytes);
  }

  #takeKept(): Uint8Array {
    return this.#kept.take(this.#kept.length, 0);
  }

  #readKept(): void {
    if (this.#closedBecause !== null) {
      this.#waiting?.fail(this.#closedBecause);
      this.#waiting = null;
      return;
    }
    const kept = this.#takeKept();
    if (kept.length > 0) this.#read(kept);
  }

  #read(bytes: Uint8Array): void {
    const step = this.#lines.receive(bytes);
    if (step.type === 'wait') return;
    if (step.type === 'failed') {
      this.#fail(step.reason);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#keep(step.rest);
    waiting?.take(step.text);
  }
}
