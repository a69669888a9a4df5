// A connection to the port by which Tor is controlled, on which one command is given at a time (Core TorControlConnection). A port
// that says nothing, too much or nonsense, or goes away, costs its connection.

import { assert } from '../../kernel/util/assert.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { ConnectError, type Connection, type Logger, type Timers } from '../ports.ts';
import { TOR_CODE, TorReplies, type TorReply } from '../wire/tor-control.ts';

/** How long Tor may take for a reply: arbitrary, and long beside what a program on this machine takes. */
export const TOR_REPLY_MS_MAX = 60_000;

/** What went wrong with Tor, or at our end. */
export function torError(message: string, cause?: unknown): ConnectError {
  return new ConnectError('ETOR', message, { cause, isWayBroken: true });
}

/** Longest text of Tor that is repeated to people; arbitrary. */
const QUOTE_LENGTH_MAX = 200;

/** A text of Tor, fit to be shown: short, and of printable ASCII. */
export function quoteTor(text: string): string {
  return text.slice(0, QUOTE_LENGTH_MAX).replace(/[^ -~]/g, '');
}

/** Who waits for a reply. */
interface Waiting {
  readonly take: (reply: TorReply) => void;
  readonly fail: (reason: string) => void;
}

/** See the top of the file. */
export class TorTalk {
  readonly #connection: Connection;
  readonly #timers: Pick<Timers, 'after'>;
  readonly #log: Logger;
  readonly #replies: TorReplies = new TorReplies();
  #waiting: Waiting | null = null;
  #endedBecause: string | null = null;
  #tellEnd: (reason: string) => void = () => undefined;
  /** Resolves when the connection is over, to the reason. */
  readonly ended: Promise<string>;

  constructor(connection: Connection, timers: Pick<Timers, 'after'>, log: Logger) {
    this.#connection = connection;
    this.#timers = timers;
    this.#log = log;
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    connection.start({
      onBytes: (bytes) => this.#receive(bytes),
      onSent: () => undefined,
      onClosed: (reason) => this.#end(reason ?? 'End of stream'),
    });
  }

  get isEnded(): boolean {
    return this.#endedBecause !== null;
  }

  /** Gives a command; rejects with a {@link ConnectError} when there is no reply. */
  ask(command: string): Promise<TorReply> {
    assert(this.#waiting === null, 'tor: one command is given at a time');
    return new Promise((resolve, reject) => {
      if (this.#endedBecause !== null) {
        reject(torError(this.#endedBecause));
        return;
      }
      const cancel = this.#timers.after(TOR_REPLY_MS_MAX, () => this.close('Tor does not answer'));
      this.#waiting = {
        take: (reply) => {
          cancel();
          resolve(reply);
        },
        fail: (reason) => {
          cancel();
          reject(torError(reason));
        },
      };
      this.#connection.send(encodeUtf8(`${command}\r\n`));
    });
  }

  close(reason = 'the talk is over'): void {
    this.#connection.close();
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#endedBecause !== null) return;
    this.#endedBecause = reason;
    this.#waiting?.fail(reason);
    this.#waiting = null;
    this.#tellEnd(reason);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#endedBecause !== null) return;
    const read = this.#replies.receive(bytes);
    if (!read.ok) this.close(read.error);
    else for (const reply of read.value) this.#take(reply);
  }

  #take(reply: TorReply): void {
    const waiting = this.#waiting;
    if (reply.code >= TOR_CODE.events) {
      this.#log.debug('tor', () => `Received async notification ${reply.code}`);
    } else if (waiting === null) {
      this.#log.debug('tor', () => `Received unexpected sync reply ${reply.code}`);
    } else {
      this.#waiting = null;
      waiting.take(reply);
    }
  }
}
