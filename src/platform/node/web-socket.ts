// WebSockets that carry events: the handshake on a connection that an HTTP server hands over, texts no faster than they are read, and
// an end for those who do not answer. What comes in is one short message; nobody can make us hold more (R09).

import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** The request that asked for a WebSocket, as Node has it: names of headers in small letters. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Longest message that is taken. */
const MESSAGE_BYTES_MAX = 4096;

/** What may wait in a connection before it counts as full: some hundred events. */
const QUEUED_BYTES_MAX: number = 256 * 1024;

/** How often a connection is asked whether it lives. */
const PING_MS = 20_000;

/** How long the other side may take to read what is left, and to close. */
const CLOSE_MS = 5000;

/** One connection. */
export class SocketConnection {
  readonly #socket: WebSocket;
  readonly #timer: NodeJS.Timeout;
  #isAlive = true;
  #waiting: ((isOpen: boolean) => void) | null = null;
  #onMessage: ((text: string) => void) | null = null;
  #onClose: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#timer = setInterval(() => this.#ping(), PING_MS);
    this.#timer.unref();
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('message', (data) => {
      const take = this.#onMessage;
      this.#onMessage = null;
      take?.(String(data));
    });
    socket.on('close', () => {
      clearInterval(this.#timer);
      this.#resume(false);
      this.#onClose();
    });
  }

  /** Hears of the next message; those after it are passed over. */
  onceMessage(listener: (text: string) => void): void {
    this.#onMessage = listener;
  }

  /** Hears of its end, whoever ends it. */
  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  /** Resolves to true when it takes more, to false when it is over. */
  ready(): Promise<boolean> {
    const { readyState, OPEN, bufferedAmount } = this.#socket;
    if (readyState !== OPEN) return Promise.resolve(false);
    if (bufferedAmount < QUEUED_BYTES_MAX) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Sends a text. */
  send(text: string): void {
    this.#socket.send(text, () => {
      if (this.#socket.bufferedAmount < QUEUED_BYTES_MAX) this.#resume(true);
    });
  }

  /** Ends it with a code and a word for the other side. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // A side that does not read does not close either.
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #resume(isOpen: boolean): void {
    const resume = this.#waiting;
    this.#waiting = null;
    resume?.(isOpen);
  }

  #ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }
}

/** Makes WebSockets out of connections. */
export class WebSocketAcceptor {
  readonly #server: WebSocketServer = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: false,
  });

  /** Shakes hands; a handshake that is none is refused, and the connection ends. */
  accept(request: UpgradeRequest, socket: Socket, head: Buffer, onOpen: (connection: SocketConnection) => void): void {
    // The library reads method and headers of the request, and nothing else.
    this.#server.handleUpgrade(request as never, socket, head, (webSocket) => onOpen(new SocketConnection(webSocket)));
  }
}
