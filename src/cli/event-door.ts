// The door to the event log for those who come over a WebSocket, at the port of the page and at that of the programs. It shakes hands,
// waits for the word that lets a page in, joins the connection to the log, and ends it when it is to end.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { EndReason, EventFollower } from '../api/event-follower.ts';
import type { EventLog } from '../api/events.ts';
import { type SocketConnection, type UpgradeRequest, WebSocketAcceptor } from '../platform/node/web-socket.ts';

/** Codes that WebSockets end with: 4000 and above are of our own choice (RFC 6455, 7.4.2). */
const CODES: Readonly<Record<EndReason | 'too-many', readonly [code: number, reason: string]>> = Object.freeze({
  'too-slow': [4001, 'too slow: come back with the last cursor'],
  'not-allowed': [4003, 'not allowed'],
  'too-many': [1013, 'too many followers'],
  stopped: [1001, 'the program stops'],
  failed: [1011, 'the ledger could not be read'],
});

/** How long a page may take to say its word. */
const WORD_MS_MAX = 10_000;

/** Connections that have not said it yet. */
const SILENT_MAX = 64;

/** Who wants to follow. */
export interface EventVisitor {
  /** Cursor, or null. */
  readonly after: string | null;
  /** Those of a group can be ended together; null: of none. */
  readonly group: string | null;
  /** Whether the first message lets the visitor in; null: nothing needs to be said. */
  readonly admits: ((word: string) => boolean) | null;
}

/** The path of the door. */
export const EVENTS_PATH = '/events';

/** The door. */
export class EventDoor {
  readonly #acceptor: WebSocketAcceptor = new WebSocketAcceptor();
  readonly #connections: Map<SocketConnection, string | null> = new Map();
  readonly #followers: Map<SocketConnection, EventFollower> = new Map();
  #log: EventLog | null = null;
  #silentCount = 0;

  /** Whether there is anything to follow yet. */
  get isOpen(): boolean {
    return this.#log !== null;
  }

  /** From now on there is. */
  open(log: EventLog): void {
    this.#log = log;
  }

  /** Takes a connection over. */
  accept(message: IncomingMessage | UpgradeRequest, socket: Socket, head: Buffer, visitor: EventVisitor): void {
    this.#acceptor.accept(message, socket, head, (connection) => {
      this.#connections.set(connection, visitor.group);
      connection.onClose(() => this.#forget(connection));
      if (visitor.admits === null) this.#begin(connection, visitor.after);
      else this.#waitForWord(connection, visitor.after, visitor.admits);
    });
  }

  /** Ends all of a group. */
  endGroup(group: string): void {
    for (const [connection, own] of [...this.#connections]) if (own === group) end(connection, 'not-allowed');
  }

  /** Ends all. */
  close(): void {
    this.#log = null;
    for (const connection of [...this.#connections.keys()]) end(connection, 'stopped');
  }

  #waitForWord(connection: SocketConnection, after: string | null, admits: (word: string) => boolean): void {
    if (this.#silentCount >= SILENT_MAX) {
      end(connection, 'too-many');
      return;
    }
    this.#silentCount++;
    let isWaiting = true;
    const stopWaiting = (): void => {
      if (isWaiting) this.#silentCount--;
      isWaiting = false;
      clearTimeout(timer);
    };
    const timer = setTimeout(() => end(connection, 'not-allowed'), WORD_MS_MAX);
    timer.unref();
    connection.onClose(() => {
      stopWaiting();
      this.#forget(connection);
    });
    connection.onceMessage((word) => {
      if (!isWaiting) return;
      stopWaiting();
      if (admits(word)) this.#begin(connection, after);
      else end(connection, 'not-allowed');
    });
  }

  #begin(connection: SocketConnection, after: string | null): void {
    const log = this.#log;
    if (log === null) {
      end(connection, 'stopped');
      return;
    }
    const follower = log.follow(after, {
      ready: () => connection.ready(),
      send: (text) => connection.send(text),
      end: (reason) => end(connection, reason),
    });
    if (follower === null) end(connection, 'too-many');
    else this.#followers.set(connection, follower);
  }

  #forget(connection: SocketConnection): void {
    this.#connections.delete(connection);
    this.#followers.get(connection)?.stop();
    this.#followers.delete(connection);
  }
}

function end(connection: SocketConnection, reason: EndReason | 'too-many'): void {
  connection.close(...CODES[reason]);
}
