// A router of I2P for tests, over real sockets, that is all of I2P by itself: whoever has a session with it can be connected to by
// whoever else has one. It answers in as many pieces as there are bytes, as a stream may.

import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { formatI2pBase64 } from '../../src/node/wire/i2p-destination.ts';
import { samDestination, samKey } from '../model/sam-bridge.ts';

/** Who has a session. */
interface Session {
  readonly destination: string;
  /** Connections that wait for somebody. */
  readonly waiting: Socket[];
}

/** See the top of the file. */
export class I2pDouble {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  readonly #sessions: Map<string, Session> = new Map();
  #nextSeed = 1;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#talk(socket));
  }

  static async open(): Promise<I2pDouble> {
    const server = createServer({ noDelay: true });
    const double = new I2pDouble(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    return double;
  }

  get port(): number {
    const address = this.#server.address();
    assert.ok(address !== null && typeof address === 'object');
    return address.port;
  }

  /** Addresses of those who have a session. */
  get hosts(): readonly string[] {
    return [...this.#sessions.values()].map(({ destination }) => hostOf(destination));
  }

  /** How many could connect to somebody now. */
  get waitingCount(): number {
    return [...this.#sessions.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Ends everything that is open, and goes on listening. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cutAll();
  }

  #talk(socket: Socket): void {
    let received = '';
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    const hear = (chunk: Uint8Array): void => {
      received += Buffer.from(chunk).toString('latin1');
      const end = received.indexOf('\n');
      if (end < 0) return;
      const line = received.slice(0, end);
      assert.equal(received.length, end + 1, 'the node waits for the answer');
      received = '';
      if (line.startsWith('STREAM')) socket.off('data', hear);
      this.#answer(socket, line);
    };
    socket.on('data', hear);
  }

  #answer(socket: Socket, line: string): void {
    const value = (key: string): string => new RegExp(` ${key}=(\\S+)`).exec(line)?.[1] ?? '';
    if (line.startsWith('HELLO')) say(socket, 'HELLO REPLY RESULT=OK VERSION=3.1');
    else if (line.startsWith('DEST GENERATE')) say(socket, `DEST REPLY PUB=x PRIV=${this.#newKey()}`);
    else if (line.startsWith('SESSION CREATE')) this.#createSession(socket, value('ID'), value('DESTINATION'));
    else if (line.startsWith('NAMING LOOKUP')) this.#lookUp(socket, value('NAME'));
    else if (line.startsWith('STREAM ACCEPT')) this.#accept(socket, value('ID'));
    else if (line.startsWith('STREAM CONNECT')) this.#connect(socket, value('ID'), value('DESTINATION'));
    else assert.fail(`a router is not asked this: ${line}`);
  }

  #newKey(): string {
    return formatI2pBase64(samKey(this.#nextSeed++));
  }

  #createSession(socket: Socket, id: string, wanted: string): void {
    const key = wanted === 'TRANSIENT' ? this.#newKey() : wanted;
    const seed = Buffer.from(key.slice(0, 4), 'base64')[0]!;
    this.#sessions.set(id, { destination: samDestination(seed).text, waiting: [] });
    socket.once('close', () => this.#sessions.delete(id));
    say(socket, `SESSION STATUS RESULT=OK DESTINATION=${key}`);
  }

  #find(isWanted: (session: Session) => boolean): Session | undefined {
    return [...this.#sessions.values()].find(isWanted);
  }

  #lookUp(socket: Socket, name: string): void {
    const found = this.#find(({ destination }) => hostOf(destination) === name);
    const result = found === undefined ? 'RESULT=KEY_NOT_FOUND' : `RESULT=OK NAME=${name} VALUE=${found.destination}`;
    say(socket, `NAMING REPLY ${result}`);
  }

  #accept(socket: Socket, id: string): void {
    this.#sessions.get(id)?.waiting.push(socket);
    say(socket, `STREAM STATUS RESULT=${this.#sessions.has(id) ? 'OK' : 'INVALID_ID'}`);
  }

  #connect(socket: Socket, id: string, destination: string): void {
    const asking = this.#sessions.get(id);
    const other = this.#find((one) => one.destination === destination)?.waiting.shift();
    if (asking === undefined || other === undefined) {
      say(socket, `STREAM STATUS RESULT=${asking === undefined ? 'INVALID_ID' : 'CANT_REACH_PEER'}`);
      return;
    }
    say(other, asking.destination);
    say(socket, 'STREAM STATUS RESULT=OK');
    socket.pipe(other);
    other.pipe(socket);
    socket.once('close', () => other.destroy());
    other.once('close', () => socket.destroy());
  }
}

function hostOf(destination: string): string {
  return samDestination(Buffer.from(destination.slice(0, 4), 'base64')[0]!).host;
}

/** Byte by byte. */
function say(socket: Socket, line: string): void {
  for (const character of `${line}\n`) socket.write(character);
}
