// A ZeroMQ socket of the kind PUB that listens at one address, over TCP or as a socket of the file system, without the library: what
// Core's subscribers need of it. Nobody is asked who they are, as in Core; what a stranger can take here is bounded: 64 connections,
// and 256 MiB that wait for slow ones.

import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { encodeZmtpMessage, zmtpMessageLength } from '../../node/wire/zmtp-frames.ts';
import type { ZmqPlace } from './zmq-address.ts';
import { type ZmqBudget, ZmqConnection } from './zmq-connection.ts';

/** Subscribers of one address. Ours; libzmq has 1,023 in all. */
const SUBSCRIBERS_MAX = 64;

/** Bytes that wait for slow subscribers of one address. Ours: libzmq counts messages only, and a block may have 4 MB. */
const WAITING_BYTES_MAX: number = 256 * 2 ** 20;

/** What the owner hears. */
export interface ZmqSocketEvents {
  /** A subscriber has gone; `reason` is null when it went by itself. */
  readonly onClosed?: (reason: string | null) => void;
}

/** A publisher at one address. */
export class ZmqSocket {
  readonly #server: Server;
  readonly #connections: Set<ZmqConnection> = new Set();
  readonly #budget: ZmqBudget = { max: WAITING_BYTES_MAX, used: 0 };
  readonly #highWaterMark: number;
  readonly #events: ZmqSocketEvents;
  #droppedCount = 0;

  private constructor(highWaterMark: number, events: ZmqSocketEvents) {
    this.#highWaterMark = highWaterMark;
    this.#events = events;
    this.#server = createServer({ keepAlive: true, noDelay: true }, (socket) => this.#admit(socket));
  }

  /** Listens; rejects with the system's error. */
  static async bind(place: ZmqPlace, highWaterMark: number, events: ZmqSocketEvents = {}): Promise<ZmqSocket> {
    const own = new ZmqSocket(highWaterMark, events);
    if (place.kind === 'ipc') await removeAbandoned(place.path);
    await own.#listen(place.kind === 'ipc' ? { path: place.path } : { host: place.host, port: place.port });
    return own;
  }

  #listen(options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...options, exclusive: true }, () => {
        this.#server.off('error', reject);
        // A lack of file descriptors costs the subscriber that came, not the rest.
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** The port that is listened at; 0 for a socket of the file system. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get subscriberCount(): number {
    return this.#connections.size;
  }

  /** Messages that a subscriber was too slow for. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  isWanted(topicHex: string): boolean {
    for (const connection of this.#connections) if (connection.wants(topicHex)) return true;
    return false;
  }

  publish(topicHex: string, parts: readonly Uint8Array[]): void {
    const pieces = encodeZmtpMessage(parts);
    const length = zmtpMessageLength(parts);
    for (const connection of this.#connections) {
      if (connection.wants(topicHex) && !connection.send(pieces, length)) this.#droppedCount++;
    }
  }

  /** Ends all connections and listens no more. */
  close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #admit(socket: Socket): void {
    if (this.#connections.size >= SUBSCRIBERS_MAX) {
      socket.destroy();
      return;
    }
    const connection = new ZmqConnection(socket, this.#highWaterMark, this.#budget, (reason) => {
      this.#connections.delete(connection);
      this.#events.onClosed?.(reason);
    });
    this.#connections.add(connection);
  }
}

/** Removes a socket that nobody listens at any more: one that a program left which was killed. Nothing else is removed. */
async function removeAbandoned(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isSocket()) return;
  if (!(await isListenedAt(path))) await unlink(path);
}

function isListenedAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
