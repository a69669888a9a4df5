// How a client asks a SOCKS5 proxy for a connection (RFC 1928; user name and password: RFC 1929): a machine that is fed with what the
// proxy says and returns what is to be sent. Every target goes out as a name, numeric addresses too, as Core does: Tor resolves them.

import { assert } from '../../kernel/util/assert.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** Version of the protocol, and that of its negotiation of a password. */
const VERSION = 5;
const PASSWORD_VERSION = 1;

const METHOD_NONE = 0;
const METHOD_PASSWORD = 2;
const COMMAND_CONNECT = 1;

/** Kinds of addresses in a reply, and their bytes; a name says its own length. */
const ADDRESS_IPV4 = 1;
const ADDRESS_NAME = 3;
const ADDRESS_IPV6 = 4;

/** Longest name of a host: its length is one byte. */
export const SOCKS_HOST_LENGTH_MAX = 255;

/** What a proxy says went wrong (RFC 1928, and those of Tor), in Core's words. */
const FAILURES: ReadonlyMap<number, string> = new Map([
  [0x01, 'general failure'],
  [0x02, 'connection not allowed'],
  [0x03, 'network unreachable'],
  [0x04, 'host unreachable'],
  [0x05, 'connection refused'],
  [0x06, 'TTL expired'],
  [0x07, 'protocol error'],
  [0x08, 'address type not supported'],
  [0xf0, 'onion service descriptor can not be found'],
  [0xf1, 'onion service descriptor is invalid'],
  [0xf2, 'onion service introduction failed'],
  [0xf3, 'onion service rendezvous failed'],
  [0xf4, 'onion service missing client authorization'],
  [0xf5, 'onion service wrong client authorization'],
  [0xf6, 'onion service invalid address'],
  [0xf7, 'onion service introduction timed out'],
]);

/** User name and password: Tor gives every pair a circuit of its own. */
export interface SocksCredentials {
  readonly user: string;
  readonly password: string;
}

/** What follows from bytes of the proxy. */
export type SocksStep =
  | { readonly type: 'wait' }
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /** The connection is there; `rest` are its first bytes. */
  | { readonly type: 'connected'; readonly rest: Uint8Array }
  | { readonly type: 'failed'; readonly reason: string };

const WAIT: SocksStep = Object.freeze({ type: 'wait' });

type Stage = 'method' | 'password' | 'reply' | 'over';

/** One request for one connection. */
export class Socks5Request {
  readonly #host: Uint8Array;
  readonly #port: number;
  readonly #credentials: SocksCredentials | null;
  #stage: Stage = 'method';
  #received: Uint8Array = new Uint8Array(0);

  /** `host` is ASCII, and no longer than {@link SOCKS_HOST_LENGTH_MAX}; so are the credentials. */
  constructor(host: string, port: number, credentials: SocksCredentials | null) {
    this.#host = encodeUtf8(host);
    this.#port = port;
    this.#credentials = credentials;
    assert(this.#host.length <= SOCKS_HOST_LENGTH_MAX, 'socks: a name that fits');
  }

  /** The first bytes. */
  begin(): Uint8Array {
    const methods = this.#credentials === null ? [METHOD_NONE] : [METHOD_NONE, METHOD_PASSWORD];
    return Uint8Array.of(VERSION, methods.length, ...methods);
  }

  /** Bytes have come. */
  receive(bytes: Uint8Array): SocksStep {
    this.#received = concatBytes(this.#received, bytes);
    switch (this.#stage) {
      case 'method':
        return this.#readMethod();
      case 'password':
        return this.#readPasswordReply();
      case 'reply':
        return this.#readReply();
      case 'over':
        return WAIT;
    }
  }

  #take(length: number): Uint8Array {
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  #fail(reason: string): SocksStep {
    this.#stage = 'over';
    return { type: 'failed', reason };
  }

  #readMethod(): SocksStep {
    if (this.#received.length < 2) return WAIT;
    const [version, method] = this.#take(2);
    if (version !== VERSION) return this.#fail('proxy failed to initialize');
    if (method === METHOD_NONE) return this.#ask();
    if (method !== METHOD_PASSWORD || this.#credentials === null) {
      return this.#fail(`proxy requested wrong authentication method ${method!.toString(16).padStart(2, '0')}`);
    }
    this.#stage = 'password';
    const [user, password] = [this.#credentials.user, this.#credentials.password].map(encodeUtf8);
    const lengths = [user!.length, password!.length];
    const parts = [Uint8Array.of(PASSWORD_VERSION, lengths[0]!), user!, Uint8Array.of(lengths[1]!), password!];
    return { type: 'send', bytes: concatBytes(...parts) };
  }

  #readPasswordReply(): SocksStep {
    if (this.#received.length < 2) return WAIT;
    const [version, status] = this.#take(2);
    if (version !== PASSWORD_VERSION || status !== 0) return this.#fail('proxy authentication unsuccessful');
    return this.#ask();
  }

  #ask(): SocksStep {
    this.#stage = 'reply';
    const head = Uint8Array.of(VERSION, COMMAND_CONNECT, 0, ADDRESS_NAME, this.#host.length);
    const port = Uint8Array.of(this.#port >>> 8, this.#port & 0xff);
    return { type: 'send', bytes: concatBytes(head, this.#host, port) };
  }

  #readReply(): SocksStep {
    if (this.#received.length < 2) return WAIT;
    const [version, code, reserved, kind, length] = this.#received;
    if (version !== VERSION) return this.#fail('proxy failed to accept request');
    if (code !== 0) return this.#fail(FAILURES.get(code!) ?? `unknown (0x${code!.toString(16).padStart(2, '0')})`);
    if (this.#received.length < 5) return WAIT;
    if (reserved !== 0) return this.#fail('malformed proxy response');
    const addressBytes = addressLength(kind!, length!);
    if (addressBytes === null) return this.#fail('malformed proxy response');
    const replyBytes = 4 + addressBytes + 2;
    if (this.#received.length < replyBytes) return WAIT;
    this.#take(replyBytes);
    this.#stage = 'over';
    return { type: 'connected', rest: this.#received };
  }
}

/** Bytes of the address in a reply, which nobody needs; null for a kind that there is not. */
function addressLength(kind: number, first: number): number | null {
  switch (kind) {
    case ADDRESS_IPV4:
      return 4;
    case ADDRESS_IPV6:
      return 16;
    case ADDRESS_NAME:
      return 1 + first;
    default:
      return null;
  }
}
