// A network cable between two nodes: a port that leads to another, which can be pulled out and plugged in again, and be slow.

import { connect, createServer, type Server, type Socket } from 'node:net';

/** Pieces of a slow cable per second. */
const PIECES_PER_SEC = 50;

/** A port in front of another. */
export class Cable {
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #bytesPerSec: number;
  readonly #sockets: Set<Socket> = new Set();
  #isCut = false;

  private constructor(server: Server, target: number, bytesPerSec: number) {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a server that listens at a port');
    this.port = address.port;
    this.#server = server;
    this.#target = target;
    this.#bytesPerSec = bytesPerSec;
    server.on('connection', (socket) => this.#join(socket));
  }

  /** A cable to a port of this machine; each connection through it carries at most so many bytes per second back. */
  static lay(target: number, bytesPerSec: number = Number.POSITIVE_INFINITY): Promise<Cable> {
    return new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, () => resolve(new Cable(server, target, bytesPerSec)));
    });
  }

  /** Connections end, and no new ones come about. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections come about again. */
  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.#target });
    this.#watch(near, far);
    this.#watch(far, near);
    near.pipe(far);
    if (this.#bytesPerSec === Number.POSITIVE_INFINITY) far.pipe(near);
    else this.#trickle(far, near);
  }

  #watch(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }

  #trickle(from: Socket, to: Socket): void {
    const pieceBytes = Math.ceil(this.#bytesPerSec / PIECES_PER_SEC);
    from.pause();
    const timer = setInterval(() => {
      const bytes = (from.read(Math.min(pieceBytes, from.readableLength)) ?? from.read(0)) as Uint8Array | null;
      if (bytes !== null) to.write(bytes);
    }, 1000 / PIECES_PER_SEC);
    from.on('readable', () => undefined);
    from.on('close', () => clearInterval(timer));
  }
}
