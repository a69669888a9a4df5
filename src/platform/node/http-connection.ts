// One connection of the HTTP server: requests in, answers out, one after another. While a request is being answered nothing is read,
// so that a client can neither pile up requests nor be forgotten.

import type { Socket } from 'node:net';
import type { Endpoint } from '../../node/ports.ts';
import { findHeader, type HttpHead, HttpParser, type HttpRequest } from './http-parser.ts';
import { describeStatus, type HttpReply, writeReply } from './http-reply.ts';

/** Takes the socket of a connection over, for another protocol; nothing of ours listens to it any more but for its end. */
export type SocketTaker = (socket: Socket) => void;

/** Who answers. */
export interface HttpHooks {
  /** Answers by the head alone what needs no body, or null. */
  readonly onHead: (head: HttpHead, remote: Endpoint) => HttpReply | Promise<HttpReply> | null;
  readonly onRequest: (request: HttpRequest, remote: Endpoint) => Promise<HttpReply>;
  /** Who takes the connection of a request over that asks for another protocol; null: it is answered like any other. */
  readonly onUpgrade?: (request: HttpRequest) => SocketTaker | null;
  /** Something of ours is broken; the client gets 500. */
  readonly onFailure: (error: unknown) => void;
  /** For the log: why a client was refused or dropped. */
  readonly onNote: (text: string) => void;
}

/** How long what is left in the send queue may take after an error before the socket is thrown away. */
const LINGER_MS = 2000;

/** A connection. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #hooks: HttpHooks;
  readonly #idleTimeoutMs: number;
  readonly #parser: HttpParser = new HttpParser();
  readonly #remote: Endpoint;
  /** Bytes that came while a request was being answered: at most what one read of the socket gives. */
  #waiting: Uint8Array[] = [];
  #early: HttpReply | Promise<HttpReply> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #headStartedMs: number | null = null;
  #movedAtMs = performance.now();
  #isBusy = false;
  #isFinishing = false;
  #hasEnded = false;
  #isTaken = false;

  constructor(socket: Socket, idleTimeoutMs: number, hooks: HttpHooks) {
    this.#socket = socket;
    this.#hooks = hooks;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#stopTimer());
    socket.on('drain', () => this.#moved());
    socket.on('end', () => this.#onEnd());
    socket.on('data', (chunk: Uint8Array) => this.#onBytes(chunk));
    this.#startTimer();
  }

  /** True while a request is being answered. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** When bytes last went either way, on the host's clock. */
  get movedAtMs(): number {
    return this.#movedAtMs;
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends it when the answer under way has been sent. What was taken over is ended by whoever took it. */
  finish(): void {
    if (this.#isTaken) return;
    this.#isFinishing = true;
    if (!this.#isBusy) this.#endSoon();
  }

  #onEnd(): void {
    this.#hasEnded = true;
    if (!this.#isBusy) this.#socket.end();
  }

  #onBytes(chunk: Uint8Array): void {
    this.#moved();
    if (this.#isBusy) {
      this.#waiting.push(chunk);
      this.#socket.pause();
      return;
    }
    void this.#handle(chunk);
  }

  /** Goes through bytes, and answers what they complete; further bytes wait meanwhile. */
  async #handle(first: Uint8Array): Promise<void> {
    this.#isBusy = true;
    try {
      for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = this.#waiting.shift()) {
        for (const event of this.#parser.feed(chunk)) {
          if (this.#socket.destroyed) return;
          if (event.type === 'head') this.#onHead(event.head);
          else if (event.type === 'request') await this.#answer(event.request);
          else await this.#refuse(event.status, event.reason);
          if (this.#socket.writableEnded || this.#isTaken) return;
        }
      }
    } catch (error) {
      this.#hooks.onFailure(error);
      this.#socket.destroy();
    } finally {
      // A connection that was taken over stays busy: it is not closed to make room.
      this.#isBusy = this.#isTaken;
      if (!this.#isTaken) this.#afterAnswers();
    }
  }

  #afterAnswers(): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (this.#isFinishing) this.#endSoon();
    else if (this.#hasEnded) this.#socket.end();
    else {
      this.#headStartedMs = this.#parser.isInHead ? (this.#headStartedMs ?? performance.now()) : null;
      this.#moved();
      this.#socket.resume();
    }
  }

  #onHead(head: HttpHead): void {
    this.#headStartedMs = null;
    this.#early = this.#hooks.onHead(head, this.#remote);
    if (this.#early !== null) this.#parser.discardBody();
    else if (findHeader(head, 'Expect')?.toLowerCase() === '100-continue') {
      this.#socket.write(`HTTP/1.1 100 ${describeStatus(100)}\r\n\r\n`);
    }
  }

  async #answer(request: HttpRequest): Promise<void> {
    const early = this.#early;
    this.#early = null;
    this.#stopTimer();
    const take = early === null ? (this.#hooks.onUpgrade?.(request) ?? null) : null;
    if (take !== null) {
      this.#handOver(take);
      return;
    }
    const reply = await (early ?? this.#hooks.onRequest(request, this.#remote));
    if (this.#socket.destroyed) return;
    this.#startTimer();
    const keepsAlive = await writeReply(this.#socket, request, reply, this.#isFinishing);
    if (!keepsAlive) this.#endSoon();
  }

  #handOver(take: SocketTaker): void {
    this.#isTaken = true;
    for (const event of ['data', 'drain', 'end']) this.#socket.removeAllListeners(event);
    take(this.#socket);
    this.#socket.resume();
  }

  async #refuse(status: 400 | 413, reason: string): Promise<void> {
    this.#hooks.onNote(`Error reading HTTP request from client ${this.#remote.host}:${this.#remote.port}: ${reason}`);
    await writeReply(this.#socket, null, { status, headers: [], body: null }, true);
    this.#endSoon();
  }

  /** Sends what is queued and ends; whoever does not read it has two seconds. */
  #endSoon(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    // What still comes is read and dropped: closing with unread bytes would reset the connection, and the answer be lost.
    socket.removeAllListeners('data');
    socket.resume();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.once('finish', () => {
      if (this.#isFinishing) socket.destroy();
    });
  }

  // --- time -----------------------------------------------------------------------------------------------------------

  #moved(): void {
    this.#movedAtMs = performance.now();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Looks again when the present moment has become too old; a timer of its own for every byte would cost more. */
  #startTimer(delayMs = this.#idleTimeoutMs): void {
    this.#stopTimer();
    if (this.#idleTimeoutMs <= 0) return;
    this.#timer = setTimeout(() => this.#checkTime(), Math.min(delayMs, 2 ** 31 - 1));
    this.#timer.unref();
  }

  #checkTime(): void {
    const leftMs = this.#computeLeftMs();
    const timer = this.#timer;
    if (leftMs > 0) this.#startTimer(Math.ceil(leftMs));
    // While the program was held up, or the machine asleep, a request may have come that is not read yet: that comes first.
    else setImmediate(() => this.#timer === timer && this.#endIfIdle());
  }

  #endIfIdle(): void {
    const leftMs = this.#computeLeftMs();
    if (leftMs > 0) {
      this.#startTimer(Math.ceil(leftMs));
      return;
    }
    this.#hooks.onNote(`HTTP client idle timeout ${this.#remote.host}:${this.#remote.port}`);
    this.#socket.destroy();
  }

  #computeLeftMs(): number {
    // A head that comes byte by byte has as long as one that does not come (R09).
    const startMs = Math.min(this.#movedAtMs, this.#headStartedMs ?? Number.POSITIVE_INFINITY);
    return startMs + this.#idleTimeoutMs - performance.now();
  }
}
