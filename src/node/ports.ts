// The doors of the node to the outside, beside those of its chain (kernel/chain/ports.ts): time, connections, names, the log.
// Everything that differs between a real machine and a simulated one is behind one of them; the parts of the node below app/ use
// none of them directly: they get the time as a parameter and return what is to be done.

import type { ChaCha20Poly1305 } from '../kernel/crypto/chacha20-poly1305.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import type { Unsubscribe } from '../kernel/util/signal.ts';

/** What time it is. Never read below app/. */
export interface Clock {
  /** Milliseconds since 1970 as the machine believes, which may jump (T02). For times that others see, and for files. */
  wallMs(): number;
  /** Milliseconds since some moment, never going back. For everything that measures how long something takes. */
  monotonicMs(): number;
}

/** Calls later. */
export interface Timers {
  /** Calls `run` once after `delayMs`, which may be long: no timer of a platform may cut it to 31 bits. */
  after(delayMs: number, run: () => void): Unsubscribe;
  /** Resolves once the host has had its turn, so that long work in pieces does not shut everything else out. */
  yieldToHost(): Promise<void>;
}

/** Chance that nobody can foresee, for keys. Fills the array or throws; never less. */
export type SecureRandom = (bytes: Uint8Array) => void;

/** What encrypts connections (BIP324). */
export interface Encryption {
  readonly secp: Secp256k1;
  readonly aead: ChaCha20Poly1305;
  readonly secureRandom: SecureRandom;
}

/** Where a connection leads: a numeric address, or a name that a proxy resolves, and a port. */
export interface Endpoint {
  /** Text without brackets: `127.0.0.1`, `::1`, `abc….onion`; `unix:` and a path, where a proxy is dialled. */
  readonly host: string;
  readonly port: number;
}

/** Hears what happens to a connection. */
export interface ConnectionHandler {
  /** Bytes that came in; the array belongs to the handler. */
  onBytes(bytes: Uint8Array): void;
  /** Bytes that were queued have left: {@link Connection.queuedBytes} is lower than before. Not from within `send`. */
  onSent(): void;
  /** It is over, by either side or by an error, whose text is for the log. Called once, and nothing after it. */
  onClosed(reason: string | null): void;
}

/** A stream of bytes to and from another machine. */
export interface Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Begins to deliver events; none is lost before. */
  start(handler: ConnectionHandler): void;
  /** Queues bytes, which the caller changes no more. Does nothing once the connection is over. */
  send(bytes: Uint8Array): void;
  /** Bytes that were queued and have not left yet. */
  readonly queuedBytes: number;
  /** False stops reading, so that the other side has to wait; true goes on. */
  setReading(isReading: boolean): void;
  /** Ends it at once; `onClosed` follows, not from within this call. */
  close(): void;
}

/** Something that waits for connections. */
export interface Listener {
  /** Where it listens really: port 0 has become a number. */
  readonly local: Endpoint;
  close(): Promise<void>;
}

/** Why no connection came about; `code` is the platform's, such as ECONNREFUSED. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code: string;
  /** Nobody got as far as the other side, as when a proxy is not there: it says nothing about the other side. */
  readonly isWayBroken: boolean;

  constructor(code: string, message: string, options?: { readonly cause?: unknown; readonly isWayBroken?: boolean }) {
    super(message, options);
    this.code = code;
    this.isWayBroken = options?.isWayBroken === true;
  }
}

/** Hears of connections that come by I2P. */
export interface I2pEvents {
  /** Where we can be reached from now on, as text; null: nowhere any more. */
  onAddress(host: string | null): void;
  /** Its ends are named by addresses of I2P. */
  onConnection(connection: Connection): void;
  /** A bug of ours. */
  onFailed(error: unknown): void;
}

/** A proxy. */
export interface SocksProxy {
  /** A host that begins with `unix:` is the path of a socket. */
  readonly endpoint: Endpoint;
  /** Every connection gets a user name of its own, and so a circuit of its own in Tor (-proxyrandomize). */
  readonly isRandomized: boolean;
}

/** Hears of an onion service. */
export interface OnionEvents {
  /** Where we can be reached from now on, as text; null: nowhere any more. */
  onAddress(host: string | null): void;
  /** Through what onion addresses are reached from now on. */
  onProxy(proxy: SocksProxy): void;
  /** A bug of ours. */
  onFailed(error: unknown): void;
}

/** Has Tor bring connections to us. */
export interface OnionService {
  /** Connections to `port` of our onion address are brought to `target`, until the call that is returned. */
  offer(port: number, target: Endpoint, events: OnionEvents): Unsubscribe;
}

/** Makes connections. */
export interface Network {
  /** Names are handed to a proxy as they are, and never looked up here. Absent: no. */
  readonly dialsNames?: boolean;
  /** Connects, or rejects with a {@link ConnectError}, at the latest after `timeoutMs`. */
  dial(remote: Endpoint, timeoutMs: number): Promise<Connection>;
  /**
   * Connects so that the other side cannot learn who we are: through Tor, whatever network the address is of, or through I2P as
   * somebody new; never straight. Otherwise like {@link dial}. Absent: it cannot be done.
   */
  dialPrivately?(remote: Endpoint, timeoutMs: number): Promise<Connection>;
  /** Takes in connections that come by I2P, and not to a place of this machine, until the call that is returned. Absent: none do. */
  acceptByI2p?(events: I2pEvents): Unsubscribe;
  /** Before the end: has attempts to connect that could take long rejected, those under way and those to come. Absent: none could. */
  abandonDials?(): void;
  /** Listens, or rejects with a {@link ConnectError}. A lack of file descriptors never ends it (D18). */
  listen(local: Endpoint, onConnection: (connection: Connection) => void): Promise<Listener>;
  /** Numeric addresses of a name; rejects with a {@link ConnectError}. */
  resolve(host: string): Promise<readonly string[]>;
  /** Numeric addresses of this machine's own interfaces. */
  localHosts(): readonly string[];
}

/** Writes down what peers send and are sent, for whoever looks into it later (-capturemessages). */
export interface MessageRecorder {
  /** `peer`: its address with the port, as people write it. Messages are recorded when they are handled, or sent. */
  record(peer: string, direction: 'received' | 'sent', type: string, payload: Uint8Array): void;
}

/** Categories of debug lines that the node writes; names as Core's. */
export type NodeLogCategory =
  | 'net'
  | 'addrman'
  | 'cmpctblock'
  | 'estimatefee'
  | 'i2p'
  | 'mempool'
  | 'mempoolrej'
  | 'privatebroadcast'
  | 'prune'
  | 'tor'
  | 'txpackages'
  | 'txreconciliation'
  | 'validation'
  | 'zmq';

/** Where lines for people go. Texts that come from peers stand in debug lines only. */
export interface Logger {
  /** Rare: something a person who looks in on the program wants to know. */
  info(message: string): void;
  /** A person must look at this. */
  warn(message: string): void;
  /** The program is going down. */
  error(message: string): void;
  /** Written when the category is chosen; `message` is made only then. */
  debug(category: NodeLogCategory, message: () => string): void;
}

/** A log that nobody reads. */
export const nullLogger: Logger = Object.freeze({ info() {}, warn() {}, error() {}, debug() {} });
