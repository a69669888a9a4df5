// Connections of which a test holds the other end, and a network that makes them: what the node dials waits until the test answers,
// who connects to it is played by the test.

import assert from 'node:assert/strict';
import type { Unsubscribe } from '../../src/kernel/util/signal.ts';
import {
  ConnectError,
  type Connection,
  type ConnectionHandler,
  type Endpoint,
  type I2pEvents,
  type Listener,
  type Network,
} from '../../src/node/ports.ts';
import type { Message, MessageOf, VersionMessage } from '../../src/node/wire/messages.ts';
import { unspecifiedAddress } from '../../src/node/wire/net-address.ts';
import { NODE_NETWORK, NODE_WITNESS, PROTOCOL_VERSION } from '../../src/node/wire/protocol.ts';
import { decodeMessage, encodeMessage } from '../../src/node/wire/registry.ts';
import { TransportV1 } from '../../src/node/wire/transport-v1.ts';

/** A version message of a full node. */
export function versionMessage(changes: Partial<VersionMessage> = {}): VersionMessage {
  return {
    type: 'version',
    version: PROTOCOL_VERSION,
    services: NODE_NETWORK | NODE_WITNESS,
    timeSec: 0,
    receiverServices: 0n,
    receiver: unspecifiedAddress(),
    nonce: 77n,
    userAgent: '/stranger/',
    startHeight: 0,
    relay: true,
    ...changes,
  };
}

/** The node's end of a connection, and the test's hold on the other. */
export class FakeConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** False: what the node sends stays in its queue. */
  takes = true;
  queuedBytes = 0;
  isReading = true;
  closeCount = 0;
  #handler: ConnectionHandler | null = null;
  #isOver = false;
  readonly #magic: Uint8Array;
  readonly #mine: TransportV1;

  constructor(remote: Endpoint, magic: Uint8Array, local: Endpoint = { host: '127.0.0.1', port: 18_444 }) {
    this.remote = remote;
    this.local = local;
    this.#magic = magic;
    this.#mine = new TransportV1(magic);
  }

  // --- the node's end

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver || this.closeCount > 0) return;
    this.#mine.receive(bytes);
    if (this.takes) queueMicrotask(() => this.#handler?.onSent());
    else this.queuedBytes += bytes.length;
  }

  setReading(isReading: boolean): void {
    this.isReading = isReading;
  }

  close(): void {
    this.closeCount++;
    queueMicrotask(() => this.#end(null));
  }

  // --- the test's end

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends bytes to the node. */
  giveBytes(bytes: Uint8Array): void {
    if (!this.#isOver) this.#handler?.onBytes(bytes);
  }

  /** Sends a message to the node. */
  say(...messages: readonly Message[]): void {
    for (const message of messages) this.sayRaw(message.type, encodeMessage(message));
  }

  /** Sends a payload, whatever it is. */
  sayRaw(command: string, payload: Uint8Array): void {
    const transport = new TransportV1(this.#magic);
    transport.send(command, payload);
    for (const bytes of transport.takeBytesToSend()) this.giveBytes(bytes);
  }

  /** What the node has said since the last call. */
  hear(): Message[] {
    const messages: Message[] = [];
    for (let one = this.#mine.next(); one !== null; one = this.#mine.next()) {
      assert.equal(one.type, 'message');
      if (one.type !== 'message') continue;
      const decoded = decodeMessage(one.command, one.payload);
      assert.ok(decoded.ok && decoded.value !== null, one.command);
      messages.push(decoded.value);
    }
    return messages;
  }

  /** What of one type it has said since the last call; everything else is gone, too. */
  hearOf<Type extends Message['type']>(type: Type): MessageOf<Type>[] {
    return this.hear().filter((message): message is MessageOf<Type> => message.type === type);
  }

  /** The queue empties. */
  drain(): void {
    this.takes = true;
    this.queuedBytes = 0;
    this.#handler?.onSent();
  }

  /** The other side has gone, or the line. */
  cut(reason: string | null = null): void {
    this.#end(reason);
  }

  #end(reason: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler?.onClosed(reason);
  }
}

/** An attempt to connect that waits for the test. */
export interface PendingDial {
  readonly remote: Endpoint;
  /** Lets it succeed. */
  accept(): FakeConnection;
  /** Lets it fail. */
  refuse(code?: string): void;
  /** Lets it fail because of a proxy. */
  break(): void;
}

/** A network in which nothing happens by itself. */
export class FakeNetwork implements Network {
  readonly dials: PendingDial[] = [];
  /** Answers of the resolver; a name that is not there does not exist. */
  readonly names: Map<string, readonly string[]> = new Map();
  /** Ports at which listening fails. */
  readonly takenPorts: Set<number> = new Set();
  /** Nobody can be reached: attempts fail at once. */
  isDown = false;
  /** Hears of what comes by I2P; null: nobody does. */
  i2p: I2pEvents | null = null;
  readonly #magic: Uint8Array;
  readonly #listeners: Map<number, (connection: Connection) => void> = new Map();

  constructor(magic: Uint8Array) {
    this.#magic = magic;
  }

  get listeningPorts(): readonly number[] {
    return [...this.#listeners.keys()];
  }

  dial(remote: Endpoint): Promise<Connection> {
    return new Promise((resolve, reject) => {
      if (this.isDown) reject(new ConnectError('ENETUNREACH', remote.host));
      this.dials.push({
        remote,
        accept: () => {
          const connection = new FakeConnection(remote, this.#magic);
          resolve(connection);
          return connection;
        },
        refuse: (code = 'ECONNREFUSED') => reject(new ConnectError(code, `${remote.host}: ${code}`)),
        break: () => reject(new ConnectError('EPROXY', remote.host, { isWayBroken: true })),
      });
    });
  }

  async listen(local: Endpoint, onConnection: (connection: Connection) => void): Promise<Listener> {
    if (this.takenPorts.has(local.port)) throw new ConnectError('EADDRINUSE', 'taken');
    this.#listeners.set(local.port, onConnection);
    return {
      local,
      close: async () => {
        this.#listeners.delete(local.port);
      },
    };
  }

  async resolve(host: string): Promise<readonly string[]> {
    const found = this.names.get(host);
    if (found === undefined) throw new ConnectError('ENOTFOUND', host);
    return found;
  }

  localHosts(): readonly string[] {
    return [];
  }

  acceptByI2p(events: I2pEvents): Unsubscribe {
    this.i2p = events;
    return () => {
      this.i2p = null;
    };
  }

  /** Somebody connects to the node by I2P. */
  comeByI2p(host: string, ownHost: string): FakeConnection {
    const connection = new FakeConnection({ host, port: 0 }, this.#magic, { host: ownHost, port: 0 });
    assert.ok(this.i2p !== null, 'the node waits for connections by I2P');
    this.i2p.onConnection(connection);
    return connection;
  }

  /** Somebody connects to the node. */
  comeIn(host: string, port = 50_000): FakeConnection {
    const connection = new FakeConnection({ host, port }, this.#magic);
    const accept = [...this.#listeners.values()][0];
    assert.ok(accept !== undefined, 'the node listens');
    accept(connection);
    return connection;
  }
}
