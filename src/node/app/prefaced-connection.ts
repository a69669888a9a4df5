// A connection that begins with a talk between programs, such as that with a proxy, and is then handed on as one to somebody else.
// Nothing that comes meanwhile is lost, and little of it is held: once the talk is over nothing is read until somebody takes it over.

import { concatBytes, EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import type { Connection, ConnectionHandler, Endpoint, Timers } from '../ports.ts';

/** Who talks first. */
export type Talker = Pick<ConnectionHandler, 'onBytes' | 'onClosed'>;

/** What is to be known of a connection that is handed on. */
export interface HandedOn {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Its first bytes, which came with the last of the talk. */
  readonly rest: Uint8Array;
  /** It is over, by whomever. */
  readonly onOver?: () => void;
}

/** A connection while the programs talk. */
export class Preface {
  readonly #inner: Connection;
  readonly #timers: Pick<Timers, 'after'>;
  /** Null: nobody listens now. */
  #handler: ConnectionHandler | null = null;
  /** Bytes that came while nobody listened. */
  #early: Uint8Array = EMPTY_BYTES;
  #isClosed = false;
  #closeReason: string | null = null;

  constructor(inner: Connection, timers: Pick<Timers, 'after'>) {
    this.#inner = inner;
    this.#timers = timers;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.#inner.local;
  }

  /** Begins the talk; to be called once. */
  begin(talker: Talker): void {
    this.#handler = { ...talker, onSent: () => undefined };
    this.#inner.start({
      onBytes: (bytes) => {
        if (this.#handler === null) this.#early = concatBytes(this.#early, bytes);
        else this.#handler.onBytes(bytes);
      },
      onSent: () => this.#handler?.onSent(),
      onClosed: (reason) => {
        this.#isClosed = true;
        this.#closeReason = reason;
        this.#handler?.onClosed(reason);
      },
    });
  }

  send(bytes: Uint8Array): void {
    this.#inner.send(bytes);
  }

  close(): void {
    this.#inner.close();
  }

  /** Ends the talk; the talker hears no more. */
  handOn({ remote, local, rest, onOver = () => undefined }: HandedOn): Connection {
    const inner = this.#inner;
    this.#handler = null;
    this.#early = rest;
    // Whoever takes it over reads on.
    inner.setReading(false);
    return {
      remote,
      local,
      get queuedBytes(): number {
        return inner.queuedBytes;
      },
      start: (handler) => this.#takeOver(handler, onOver),
      send: (bytes) => inner.send(bytes),
      setReading: (isReading) => inner.setReading(isReading),
      close: () => {
        onOver();
        inner.close();
      },
    };
  }

  #takeOver(handler: ConnectionHandler, onOver: () => void): void {
    this.#timers.after(0, () => {
      this.#handler = {
        onBytes: (bytes) => handler.onBytes(bytes),
        onSent: () => handler.onSent(),
        onClosed: (reason) => {
          onOver();
          handler.onClosed(reason);
        },
      };
      if (this.#early.length > 0) handler.onBytes(this.#early.slice());
      this.#early = EMPTY_BYTES;
      if (this.#isClosed) this.#handler.onClosed(this.#closeReason);
      else this.#inner.setReading(true);
    });
  }
}
