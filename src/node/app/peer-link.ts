// One connection as the node handles it: bytes in through the transport, messages out of it one by one when it is the peer's turn,
// messages to send the other way. It keeps within bounds what a peer can make us hold: bytes that came and were not looked at yet
// stop the reading of the connection, bytes that it does not take stop the handling of its messages (D01, D05).

import type { PeerId } from '../p2p/peer-id.ts';
import type { Clock, Connection } from '../ports.ts';
import type { Received, Transport } from '../wire/transport.ts';
import type { TurnTaker } from './message-loop.ts';

/** Bytes of a connection that may wait to be looked at (Core DEFAULT_MAXRECEIVEBUFFER). */
export const RECEIVE_BUFFER_BYTES_DEFAULT = 5_000_000;

/** Bytes that may wait to be sent on a connection (Core DEFAULT_MAXSENDBUFFER). */
export const SEND_BUFFER_BYTES_DEFAULT = 1_000_000;

/** What a connection may hold. */
export interface LinkLimits {
  /** Bytes that wait to be looked at before it is read no further (-maxreceivebuffer); a message is always read to its end. */
  readonly receiveBufferBytes: number;
  /** Bytes that wait to be sent before no more messages of the peer are handled (-maxsendbuffer). */
  readonly sendBufferBytes: number;
}

/** What the owner of a link does when it is its turn, and hears of it. */
export interface LinkOwner {
  /** See {@link TurnTaker.takeTurn}. */
  takeTurn(link: PeerLink): boolean;
  /** There may be something to do for it. */
  onReady(link: PeerLink): void;
  onClosed(link: PeerLink, reason: string | null): void;
}

/** A connection with its transport. */
export class PeerLink implements TurnTaker {
  readonly id: PeerId;
  readonly connection: Connection;
  readonly transport: Transport;
  /** Stored blocks that are on their way to it; until they are sent nothing else is done for it, so that answers keep their order. */
  servingCount = 0;
  /** Settles when the last of them was sent, or could not be. */
  served: Promise<void> = Promise.resolve();
  /** Monotonic milliseconds of the last bytes from it, and to it; null: there were none. */
  lastReceivedMs: number | null = null;
  lastSentMs: number | null = null;
  /** The same in seconds since 1970, as the machine believed then; 0: there were none. */
  lastReceivedSec = 0;
  lastSentSec = 0;
  /** Bytes that came, those of messages included that are not complete or were thrown away (Core nRecvBytes). */
  receivedBytes = 0;
  /** Blocks from it that the chain has not done with: what comes after them waits, so that answers follow questions. */
  unsettledBlockCount = 0;
  /** Transactions and packages from it that are being judged: meanwhile nothing further of it is handled. */
  unsettledTransactionCount = 0;
  readonly #limits: LinkLimits;
  readonly #owner: LinkOwner;
  readonly #clock: Clock;
  #heldBack: Received | null = null;
  #isReading = true;
  #isClosed = false;

  constructor(
    facts: { readonly id: PeerId; readonly connection: Connection; readonly transport: Transport },
    limits: LinkLimits,
    owner: LinkOwner,
    clock: Clock,
  ) {
    this.id = facts.id;
    this.connection = facts.connection;
    this.transport = facts.transport;
    this.#limits = limits;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** Begins to listen to the connection. */
  start(): void {
    this.connection.start({
      onBytes: (bytes) => this.#receive(bytes),
      onSent: () => {
        this.#noteSent();
        this.#owner.onReady(this);
      },
      onClosed: (reason) => {
        this.#isClosed = true;
        this.#owner.onClosed(this, reason);
      },
    });
    this.#sendReady();
  }

  /** It is over, or about to be: what still comes in is not looked at. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The peer does not take what it asked for: nothing more is done for it until it does. */
  get isClogged(): boolean {
    return this.connection.queuedBytes > this.#limits.sendBufferBytes;
  }

  /** Bytes held for the peer in both directions. */
  get heldBytes(): number {
    const heldBack = this.#heldBack?.type === 'message' ? this.#heldBack.payload.length : 0;
    return this.transport.pendingBytes + heldBack + this.connection.queuedBytes;
  }

  takeTurn(): boolean {
    return this.#owner.takeTurn(this);
  }

  /** The next thing that came out of the stream, usually a message; null: nothing yet. A handshake of the stream is answered here. */
  next(): Received | null {
    if (this.#heldBack !== null) {
      const heldBack = this.#heldBack;
      this.#heldBack = null;
      return heldBack;
    }
    const received = this.transport.next();
    this.#sendReady();
    // Where nothing came out, what is held is the beginning of a message, whose end has to be read whatever the limit is.
    if (!this.#isReading && (received === null || !this.#isFull)) {
      this.#isReading = true;
      this.connection.setReading(true);
    }
    return received;
  }

  /** Puts a message back, which {@link next} will give again. */
  holdBack(received: Received): void {
    this.#heldBack = received;
  }

  /** Sends a message. The payload must not change afterwards. */
  send(command: string, payload: Uint8Array): void {
    if (this.#isClosed) return;
    this.transport.send(command, payload);
    this.#sendReady();
  }

  #sendReady(): void {
    const ready = this.transport.takeBytesToSend();
    if (ready.length === 0 || this.#isClosed) return;
    for (const bytes of ready) this.connection.send(bytes);
    // Bytes that leave at once were never in the queue: nobody tells of them.
    if (this.connection.queuedBytes === 0) this.#noteSent();
  }

  #noteSent(): void {
    this.lastSentMs = this.#clock.monotonicMs();
    this.lastSentSec = Math.floor(this.#clock.wallMs() / 1000);
  }

  /** Ends the connection; {@link LinkOwner.onClosed} follows. */
  close(): void {
    this.#isClosed = true;
    this.connection.close();
  }

  get #isFull(): boolean {
    return this.transport.pendingBytes > this.#limits.receiveBufferBytes;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.lastReceivedMs = this.#clock.monotonicMs();
    this.lastReceivedSec = Math.floor(this.#clock.wallMs() / 1000);
    this.receivedBytes += bytes.length;
    this.transport.receive(bytes);
    if (this.#isReading && this.#isFull) {
      this.#isReading = false;
      this.connection.setReading(false);
    }
    this.#owner.onReady(this);
  }
}
