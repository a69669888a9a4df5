// The other end of a connection, played by a test: real sockets, messages or any bytes at all out of them, and what came in kept for
// the test to ask for. It knows the stream and the codecs and no rule of behaviour: whatever it is not told to do, it does not do,
// but for answering pings.

import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Message, MessageOf, VersionMessage } from '../../src/node/wire/messages.ts';
import { decodeMessage, encodeMessage } from '../../src/node/wire/registry.ts';
import { TransportV1 } from '../../src/node/wire/transport-v1.ts';
import { versionMessage } from '../model/fake-network.ts';

/** How long an answer may take on a machine with other things to do; no test waits so long unless it fails. */
export const PATIENCE_MS = 60_000;

/** Magic of regtest. */
export const REGTEST_MAGIC: Uint8Array = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);

/** A message that came in, with its bytes. */
export interface Arrived {
  readonly message: Message;
  readonly payload: Uint8Array;
}

/** What a test may want different about a peer. */
export interface RawPeerOptions {
  /** Address on this machine that it comes from. */
  readonly from?: string;
  /** True: leaves pings to the test, so that no answer gets in between the pieces of a message. */
  readonly ignoresPings?: boolean;
  /** What messages of the network begin with; regtest's when left out. */
  readonly magic?: Uint8Array;
}

/** The header and payload of a message in the plain form, for tests that spoil or cut it. */
export function frame(command: string, payload: Uint8Array, magic: Uint8Array = REGTEST_MAGIC): Buffer {
  const transport = new TransportV1(magic);
  transport.send(command, payload);
  return Buffer.concat(transport.takeBytesToSend());
}

/** The bytes of messages, one after another. */
export function frames(...messages: readonly Message[]): Buffer {
  return Buffer.concat(messages.map((message) => frame(message.type, encodeMessage(message))));
}

/** The usual first message of a peer that keeps the whole chain. */
export function makeVersion(rest: Partial<VersionMessage> = {}): VersionMessage {
  return versionMessage({ userAgent: '/raw/', ...rest });
}

/** How a peer introduces itself. */
export interface HandshakeOptions {
  readonly version?: Partial<VersionMessage>;
  /** Sent between `version` and `verack`. */
  readonly negotiation?: readonly Message[];
}

/** A scripted peer. */
export class RawPeer {
  readonly socket: Socket;
  readonly #magic: Uint8Array;
  readonly #transport: TransportV1;
  readonly #answersPings: boolean;
  #inbox: Arrived[] = [];
  #waiters: (() => void)[] = [];
  #isClosed = false;
  #answer: (message: Message) => boolean = () => false;
  #nextNonce = 1n << 32n;
  #pingsAnswered = 0;
  bytesReceived = 0;

  constructor(socket: Socket, options: RawPeerOptions = {}) {
    this.socket = socket;
    this.#magic = options.magic ?? REGTEST_MAGIC;
    this.#transport = new TransportV1(this.#magic);
    this.#answersPings = options.ignoresPings !== true;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    // How it ended is not asked for: a reset and an end are both an end.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Connects to a port of this machine. */
  static async connect(port: number, options: RawPeerOptions = {}): Promise<RawPeer> {
    const { from } = options;
    const socket = connect({ host: '127.0.0.1', port, ...(from === undefined ? {} : { localAddress: from }) });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawPeer(socket, options);
  }

  // --- out

  get bytesSent(): number {
    return this.socket.bytesWritten;
  }

  send(...messages: readonly Message[]): void {
    for (const message of messages) this.sendPayload(message.type, encodeMessage(message));
  }

  /** Sends a message with any name and any payload, with a right checksum. */
  sendPayload(command: string, payload: Uint8Array): void {
    this.socket.write(frame(command, payload, this.#magic));
  }

  /** Sends bytes as they are; resolves when they are on their way. */
  sendBytes(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(bytes, () => resolve());
    });
  }

  /** Takes nothing more from the connection, until `resume`. */
  stopReading(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.destroy();
  }

  // --- in

  /** Shows every message from now on to `answer`; those for which it returns true are dealt with. */
  answerWith(answer: (message: Message) => boolean): void {
    this.#answer = answer;
    this.#inbox = this.#inbox.filter(({ message }) => !answer(message));
  }

  #receive(chunk: Uint8Array): void {
    this.bytesReceived += chunk.length;
    this.#transport.receive(chunk);
    for (;;) {
      const received = this.#transport.next();
      if (received === null) break;
      assert.equal(received.type, 'message', 'the node sends messages and nothing else');
      if (received.type !== 'message') continue;
      const { command, payload } = received;
      const decoded = decodeMessage(command, payload);
      assert.ok(decoded.ok && decoded.value !== null, `the node sends messages that can be read: ${command}`);
      const message = decoded.value;
      if (message.type === 'ping' && this.#answersPings) {
        this.send({ type: 'pong', nonce: message.nonce });
        this.#pingsAnswered++;
      } else if (!this.#answer(message)) this.#inbox.push({ message, payload });
    }
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Types of what came in and was not taken out. */
  get types(): readonly string[] {
    return this.#inbox.map(({ message }) => message.type);
  }

  /** How many messages of a type came in and were not taken out. */
  count(type: Message['type']): number {
    return this.types.filter((one) => one === type).length;
  }

  /** Takes out everything that came in. */
  takeAll(): readonly Arrived[] {
    const all = this.#inbox;
    this.#inbox = [];
    return all;
  }

  /** Takes out everything of one type that came in. */
  takeOf<Type extends Message['type']>(type: Type): MessageOf<Type>[] {
    const taken = this.#inbox.filter(({ message }) => message.type === type);
    this.#inbox = this.#inbox.filter(({ message }) => message.type !== type);
    return taken.map(({ message }) => message as MessageOf<Type>);
  }

  /** Waits for what `find` finds; looks again whenever something has come. */
  async #until<T>(find: () => T | null, what: string, timeoutMs: number): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const found = find();
      if (found !== null) return found;
      const leftMs = end - performance.now();
      if (leftMs <= 0)
        assert.fail(`${what} within ${timeoutMs} ms; there is: ${this.types.slice(0, 20).join(' ') || 'nothing'}`);
      await this.#wait(leftMs);
    }
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Waits for the first message of a type and takes it out; others stay. */
  async expectArrived(type: Message['type'], timeoutMs = PATIENCE_MS): Promise<Arrived> {
    const take = (): Arrived | null => {
      const at = this.#inbox.findIndex(({ message }) => message.type === type);
      if (at >= 0) return this.#inbox.splice(at, 1)[0]!;
      assert.ok(!this.#isClosed, `the connection is over, without ${type}`);
      return null;
    };
    return this.#until(take, `a ${type}`, timeoutMs);
  }

  /** Waits for the first message of a type and takes it out; others stay. */
  async expect<Type extends Message['type']>(type: Type, timeoutMs = PATIENCE_MS): Promise<MessageOf<Type>> {
    const { message } = await this.expectArrived(type, timeoutMs);
    return message as MessageOf<Type>;
  }

  /** Everything sent before was handled, the connection is up, and nothing came in `withinMs` but of the types named. */
  async expectNothing(withinMs = 0, ...expected: readonly Message['type'][]): Promise<void> {
    await this.sync();
    if (withinMs > 0) await new Promise((resolve) => setTimeout(resolve, withinMs));
    assert.deepEqual(
      this.types.filter((type) => !expected.includes(type as Message['type'])),
      [],
    );
    assert.ok(!this.#isClosed, 'the connection is up');
  }

  /** Waits for the end of the connection. */
  async closed(timeoutMs = PATIENCE_MS): Promise<void> {
    await this.#until(() => (this.#isClosed ? true : null), 'the end of the connection', timeoutMs);
  }

  /** Sends a ping and waits for its pong: everything that was sent before has been handled, and the connection is up. */
  async sync(timeoutMs = PATIENCE_MS): Promise<void> {
    const nonce = this.#nextNonce++;
    this.send({ type: 'ping', nonce });
    const take = (): true | null => {
      const at = this.#inbox.findIndex(({ message }) => message.type === 'pong' && message.nonce === nonce);
      if (at >= 0) {
        this.#inbox.splice(at, 1);
        return true;
      }
      assert.ok(!this.#isClosed, 'the connection is over before the pong');
      return null;
    };
    await this.#until(take, 'a pong', timeoutMs);
  }

  /** Introduces itself as who connected; returns what the node said of itself. Nothing of the handshake stays in the inbox. */
  async handshake(options: HandshakeOptions = {}): Promise<VersionMessage> {
    const { version, negotiation = [] } = options;
    this.send(makeVersion(version), ...negotiation, { type: 'verack' });
    const said = await this.expect('version');
    await this.expect('verack');
    await this.sync();
    await this.#answerFirstPing();
    for (const type of ['wtxidrelay', 'sendaddrv2', 'sendcmpct'] as const) this.takeOf(type);
    return said;
  }

  /** A node pings whoever has joined, as part of its regular work; what a test counts begins when that is over. */
  async #answerFirstPing(): Promise<void> {
    if (!this.#answersPings) return;
    await this.#until(() => (this.#pingsAnswered > 0 ? true : null), 'a ping', PATIENCE_MS);
    await this.sync();
  }

  /** Answers the introduction of a node that connected to this peer. */
  async answerHandshake(options: HandshakeOptions = {}): Promise<VersionMessage> {
    const said = await this.expect('version');
    this.send(makeVersion(options.version), ...(options.negotiation ?? []), { type: 'verack' });
    await this.expect('verack');
    await this.sync();
    return said;
  }
}

/** A place where nodes can connect to scripted peers. */
export class RawListener {
  readonly #server: Server;
  readonly #arrived: RawPeer[] = [];
  #waiter: (() => void) | null = null;

  private constructor(server: Server, options: RawPeerOptions) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#arrived.push(new RawPeer(socket, options));
      this.#waiter?.();
    });
  }

  static async open(options: RawPeerOptions = {}): Promise<RawListener> {
    const server = createServer();
    const listener = new RawListener(server, options);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return address.port;
  }

  /** The next one that connects. */
  async accept(timeoutMs = PATIENCE_MS): Promise<RawPeer> {
    if (this.#arrived.length === 0) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nobody connected within ${timeoutMs} ms`)), timeoutMs);
        this.#waiter = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#waiter = null;
    }
    return this.#arrived.shift()!;
  }

  close(): void {
    this.#server.close();
  }
}
