// The writing end of a named pipe (mkfifo) that an operator has made: whatever program reads it gets bytes without a file between. Waits
// for a reader without holding a thread of the process, and for one that is slow; the end of the program ends the waiting.

import { constants, open, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { StorageError } from '../../kernel/chain/ports.ts';
import { systemCode, toStorageError } from './storage-error.ts';

/** How often it is looked whether there is a reader: soon enough for a person. */
const READER_POLL_MS = 100;

/** What the wish to end the program looks like. */
export interface PipeStop {
  readonly isStopping: () => boolean;
  readonly whenStopping: () => Promise<void>;
}

/** A pipe that somebody reads. */
export class NamedPipe {
  readonly #path: string;
  readonly #socket: Socket;

  private constructor(path: string, socket: Socket) {
    this.#path = path;
    this.#socket = socket;
    // What goes wrong is told to whoever writes.
    socket.on('error', () => {});
  }

  /** Opens a pipe as soon as somebody reads it; null when there is no pipe of that name. Throws StorageError. */
  static async open(path: string, stop: PipeStop): Promise<NamedPipe | null> {
    const stats: Stats | null = await stat(path).catch(() => null);
    if (stats?.isFIFO() !== true) return null;
    while (!stop.isStopping()) {
      const fd = await openIfRead(path);
      if (fd !== null) {
        const pipe = new NamedPipe(path, new Socket({ fd, readable: false, writable: true }));
        void stop.whenStopping().then(() => pipe.close());
        return pipe;
      }
      await new Promise<void>((resolve) => setTimeout(resolve, READER_POLL_MS));
    }
    throw new StorageError('failed', path, `nobody has begun to read ${path}, and the program is to end`);
  }

  /** Resolves when the system has taken the bytes, which waits for the reader. Throws StorageError when it has gone away. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#socket.write(bytes, (error) => {
          // What was cut off by the end is no error to a socket.
          if (error || this.#socket.destroyed) reject(error ?? new Error('the program is to end'));
          else resolve();
        });
      });
    } catch (error) {
      throw toStorageError(error, this.#path, 'write');
    }
  }

  /** The reader gets to the end of what was written. */
  close(): void {
    this.#socket.destroy();
  }
}

/** A descriptor that never blocks; null while nobody reads. */
async function openIfRead(path: string): Promise<number | null> {
  try {
    return await promisify(open)(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENXIO') return null;
    throw toStorageError(error, path, 'open');
  }
}
