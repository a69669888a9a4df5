// Our onion service: Tor is asked by its control port to bring connections to an address of ours (Core TorController), for as long as
// we are connected to it, and where it listens for SOCKS. When Tor is away, or goes away, it is asked again, after longer and longer
// pauses; nothing of the node waits for it.

import type { Unsubscribe } from '../../kernel/util/signal.ts';
import {
  ConnectError,
  type Endpoint,
  type Logger,
  type Network,
  type OnionEvents,
  type OnionService,
  type SocksProxy,
  type Timers,
} from '../ports.ts';
import { formatHost, formatNetAddress, parseHost, parseNetAddress } from '../wire/net-address.ts';
import { readTorService, readTorSocksPlace, TOR_CODE, TOR_COMMANDS, type TorReply } from '../wire/tor-control.ts';
import { logInToTor, type TorSecrets } from './tor-login.ts';
import { quoteTor, TorTalk, torError } from './tor-talk.ts';

/** The first pause, by what it grows, and the longest one (Core RECONNECT_TIMEOUT_START, …_EXP, …_MAX). */
const PAUSE_MS = 1000;
const PAUSE_FACTOR = 1.5;
const PAUSE_MS_MAX = 600_000;

/** A service that has lasted so long works, and pauses are short again; arbitrary. */
const CALM_MS = 60_000;

/** Where Tor listens for SOCKS when it does not say (Core). */
const SOCKS_DEFAULT: Endpoint = Object.freeze({ host: '127.0.0.1', port: 9050 });

/** Where the key of the service is kept. Both reject with a {@link ConnectError}. */
export interface OnionKeyStore {
  /** Null: there is none yet. */
  load(): Promise<string | null>;
  /** It has survived a power cut when the promise resolves. */
  save(key: string): Promise<void>;
}

/** What it is made with. */
export interface TorControllerParts {
  /** Straight: what stands behind a proxy is not ours to control. */
  readonly network: Pick<Network, 'dial'>;
  /** Where Tor lets itself be controlled (-torcontrol). */
  readonly control: Endpoint;
  readonly connectTimeoutMs: number;
  /** Of -torpassword; empty: none. */
  readonly password: string;
  /** Tor is asked where its proxy is, since nobody else says (-onion). */
  readonly asksForProxy: boolean;
  /** The operator has asked for the service: what hinders it is for everybody's eyes. */
  readonly isAskedFor: boolean;
  /** Connections to onion addresses go through this proxy from now on. */
  readonly useProxy: (proxy: SocksProxy) => void;
  readonly keys: OnionKeyStore;
  readonly secrets: TorSecrets;
  readonly timers: Pick<Timers, 'after'>;
  readonly log: Logger;
}

/** See the top of the file. */
export class TorController implements OnionService {
  readonly #parts: TorControllerParts;

  constructor(parts: TorControllerParts) {
    this.#parts = parts;
  }

  offer(port: number, target: Endpoint, events: OnionEvents): Unsubscribe {
    const offer = new Offer(this.#parts, port, target, events);
    offer.start();
    return () => offer.stop();
  }
}

/** One service, until nobody wants it any more. */
class Offer {
  readonly #parts: TorControllerParts;
  readonly #port: number;
  readonly #target: string;
  readonly #events: OnionEvents;
  #pauseMs = PAUSE_MS;
  #talk: TorTalk | null = null;
  /** Made in an earlier talk, perhaps not kept. */
  #key: string | null = null;
  #isTold = false;
  #lastTrouble: string | null = null;
  #isStopped = false;
  #cancelPause: Unsubscribe = () => undefined;
  #cancelCalm: Unsubscribe = () => undefined;

  constructor(parts: TorControllerParts, port: number, target: Endpoint, events: OnionEvents) {
    this.#parts = parts;
    this.#port = port;
    this.#target = formatPlace(target);
    this.#events = events;
  }

  start(): void {
    this.#attempt().catch(this.#events.onFailed);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPause();
    this.#talk?.close();
    this.#tell(null);
  }

  async #attempt(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      if (!this.#isStopped) this.#noteTrouble(error.message);
    }
    this.#talk?.close();
    this.#talk = null;
    this.#cancelCalm();
    this.#tell(null);
    if (this.#isStopped) return;
    const delayMs = this.#pauseMs;
    this.#debug(() => `Retrying in ${(delayMs / 1000).toFixed(1)} seconds`);
    this.#pauseMs = Math.min(delayMs * PAUSE_FACTOR, PAUSE_MS_MAX);
    this.#cancelPause = this.#parts.timers.after(delayMs, () => this.start());
  }

  /** Resolves when Tor has gone, or we have. */
  async #connect(): Promise<void> {
    const { network, control, connectTimeoutMs, timers, log } = this.#parts;
    const name = formatPlace(control);
    this.#debug(() => `Attempting to connect to Tor control port ${name}`);
    const connection = await this.#dial(network, control, connectTimeoutMs);
    const talk = new TorTalk(connection, timers, log);
    this.#talk = talk;
    if (this.#isStopped) return;
    this.#debug(() => 'Successfully connected to Tor control port');
    try {
      await this.#order(talk);
    } catch (error) {
      // What Tor does not want now it may want when it has been started anew: that ends the connection.
      if (!(error instanceof ConnectError) || talk.isEnded) throw error;
      this.#noteTrouble(error.message);
    }
    const reason = await talk.ended;
    this.#debug(() => `Not connected to Tor control port ${name}, will retry: ${quoteTor(reason)}`);
  }

  async #dial(network: Pick<Network, 'dial'>, control: Endpoint, timeoutMs: number) {
    try {
      return await network.dial(control, timeoutMs);
    } catch (cause) {
      if (!(cause instanceof ConnectError)) throw cause;
      throw torError(`Initiating connection to Tor control port ${formatPlace(control)} failed`, cause);
    }
  }

  async #order(talk: TorTalk): Promise<void> {
    await logInToTor(talk, this.#parts);
    if (this.#parts.asksForProxy) this.#useProxy(await talk.ask(TOR_COMMANDS.socks));
    this.#key ??= await this.#parts.keys.load();
    const reply = await this.#addOnion(talk);
    const service = readTorService(reply);
    if (service === null) throw torError('Error parsing ADD_ONION parameters');
    if (this.#isStopped) return;
    this.#cancelCalm = this.#parts.timers.after(CALM_MS, () => {
      this.#pauseMs = PAUSE_MS;
      this.#lastTrouble = null;
    });
    const host = `${service.id}.onion`;
    this.#parts.log.info(
      `Got tor service ID ${quoteTor(service.id)}, advertising service ${quoteTor(host)}:${this.#port}`,
    );
    if (parseHost(host, this.#port) === null) this.#noteTrouble('the service that Tor has made has no valid address');
    else this.#tell(host);
    if (service.key !== null) await this.#keepKey(service.key);
  }

  async #addOnion(talk: TorTalk): Promise<TorReply> {
    const key = this.#key ?? TOR_COMMANDS.newKey;
    for (const isGuarded of [true, false]) {
      const reply = await talk.ask(TOR_COMMANDS.addOnion(key, this.#port, this.#target, isGuarded));
      if (reply.code === TOR_CODE.ok) {
        this.#debug(() => `ADD_ONION successful (PoW defenses ${isGuarded ? 'enabled' : 'disabled'})`);
        return reply;
      }
      if (reply.code === TOR_CODE.unrecognized) {
        throw torError('Add onion failed with unrecognized command (You probably need to upgrade Tor)');
      }
      if (!isGuarded || reply.code !== TOR_CODE.syntaxError) {
        throw torError(`Add onion failed; error code ${reply.code}`);
      }
      this.#debug(() => 'ADD_ONION failed with PoW defenses, retrying without');
    }
    throw torError('Add onion failed');
  }

  /** A service whose key is not kept is good until we end. */
  async #keepKey(key: string): Promise<void> {
    if (key === this.#key) return;
    this.#key = key;
    await this.#parts.keys.save(key);
    this.#debug(() => 'Cached service private key');
  }

  #useProxy(reply: TorReply): void {
    const place = reply.code === TOR_CODE.ok ? readTorSocksPlace(reply) : null;
    if (place !== null) this.#debug(() => `Get SOCKS port command yielded ${quoteTor(place)}`);
    else if (reply.code === TOR_CODE.ok) this.#noteTrouble('Get SOCKS port command returned nothing');
    else this.#noteTrouble(`Get SOCKS port command failed; error code ${reply.code}`);
    const address = place === null ? null : parseNetAddress(place, SOCKS_DEFAULT.port);
    const endpoint = address === null ? SOCKS_DEFAULT : { host: formatHost(address), port: address.port };
    this.#debug(() => `Configuring onion proxy for ${formatPlace(endpoint)}`);
    if (this.#isStopped) return;
    const proxy = { endpoint, isRandomized: true };
    this.#parts.useProxy(proxy);
    this.#events.onProxy(proxy);
  }

  #tell(host: string | null): void {
    if (host === null && !this.#isTold) return;
    this.#isTold = host !== null;
    this.#events.onAddress(host);
  }

  /** What is wrong with Tor for long is no news, and where nobody asked for it is none at all. */
  #noteTrouble(text: string): void {
    const line = `tor: ${text}`;
    if (this.#parts.isAskedFor && text !== this.#lastTrouble) this.#parts.log.warn(line);
    else this.#debug(() => line);
    this.#lastTrouble = text;
  }

  #debug(text: () => string): void {
    this.#parts.log.debug('tor', text);
  }
}

function formatPlace({ host, port }: Endpoint): string {
  const address = parseHost(host, port);
  return address === null ? `${host}:${port}` : formatNetAddress(address);
}
