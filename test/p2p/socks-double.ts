// A SOCKS5 proxy for tests that takes every request and leads nowhere: behind it waits a scripted peer.

import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { RawPeer } from './raw-peer.ts';

/** Version, one method: none. */
const GREETING = Buffer.from([5, 1, 0]);
const GREETING_ANSWER = Buffer.from([5, 0]);
/** Version, connect, reserved, a name and its length. */
const REQUEST = Buffer.from([5, 1, 0, 3]);
/** Granted, from 0.0.0.0 port 0. */
const REQUEST_ANSWER = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** A connection that was asked for. */
export interface ProxiedPeer {
  /** Where to: host and port, as the node said. */
  readonly target: string;
  readonly peer: RawPeer;
}

/** See the top of the file. */
export class SocksDouble {
  readonly #server: Server;
  readonly #onPeer: (proxied: ProxiedPeer) => void;

  private constructor(server: Server, onPeer: (proxied: ProxiedPeer) => void) {
    this.#server = server;
    this.#onPeer = onPeer;
    server.on('connection', (socket) => this.#talk(socket));
  }

  static async open(onPeer: (proxied: ProxiedPeer) => void): Promise<SocksDouble> {
    const server = createServer();
    const double = new SocksDouble(server, onPeer);
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

  close(): void {
    this.#server.close();
  }

  #talk(socket: Socket): void {
    let received = Buffer.alloc(0);
    let isGreeted = false;
    socket.on('error', () => undefined);
    const hear = (chunk: Uint8Array): void => {
      received = Buffer.concat([received, chunk]);
      if (!isGreeted) {
        if (received.length < GREETING.length) return;
        assert.deepEqual(received.subarray(0, GREETING.length), GREETING);
        received = received.subarray(GREETING.length);
        isGreeted = true;
        socket.write(GREETING_ANSWER);
      }
      const nameAt = REQUEST.length + 1;
      const nameEnd = nameAt + (received[REQUEST.length] ?? 0);
      if (received.length < nameAt || received.length < nameEnd + 2) return;
      assert.deepEqual(received.subarray(0, REQUEST.length), REQUEST);
      assert.equal(received.length, nameEnd + 2, 'the node waits for the answer');
      socket.off('data', hear);
      const target = `${received.toString('latin1', nameAt, nameEnd)}:${received.readUInt16BE(nameEnd)}`;
      this.#onPeer({ target, peer: new RawPeer(socket) });
      socket.write(REQUEST_ANSWER);
    };
    socket.on('data', hear);
  }
}
