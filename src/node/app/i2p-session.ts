// One session with an I2P router: an address of ours in I2P, from which connections go out and to which they come in (Core i2p.cpp
// Session). It is made when it is first needed, and anew when the router has lost it. Persistent ones have a key that is kept, so that
// others find us again; transient ones have one of their own that nobody has seen before.

import { toHex } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { ConnectError, type Connection, type Endpoint, type Logger } from '../ports.ts';
import {
  addressOfDestination,
  destinationOfKey,
  formatI2pBase64,
  isDestinationOf,
  parseDestination,
  parseI2pBase64,
} from '../wire/i2p-destination.ts';
import { formatHost, formatNetAddress, I2P_PORT, type NetAddress } from '../wire/net-address.ts';
import { quoteSam, SAM_REQUESTS, type SamReply } from '../wire/sam.ts';
import { type SamRouter, type SamTalk, samError } from './sam-router.ts';

/** Bytes of the number of a session: enough to tell sessions apart (Core takes ten hex digits). */
const ID_BYTES = 5;

/** What a router answers when it does not know a session. */
const UNKNOWN_SESSION = 'INVALID_ID';

/** What it answers when the other side is not there: the way to it works (Core). */
const NOT_THERE: ReadonlySet<string> = new Set(['CANT_REACH_PEER', 'TIMEOUT']);

/** What is sent in place of a peer's destination when the session is gone, though its connection is not (Core). */
const SESSION_IS_GONE = 'RESULT=I2P_ERROR';

/** Where the private key of a persistent session is kept. Both reject with a sentence for the log. */
export interface I2pKeyStore {
  /** Null: there is none yet. */
  load(): Promise<Uint8Array | null>;
  /** It has survived a power cut when the promise resolves. */
  save(privateKey: Uint8Array): Promise<void>;
}

/** What a session is made with. */
export interface I2pSessionParts {
  readonly router: SamRouter;
  /** Null: the session is transient. */
  readonly keys: I2pKeyStore | null;
  readonly log: Logger;
  readonly rng: Rng;
}

/** A session that exists. */
interface Created {
  readonly id: string;
  readonly me: NetAddress;
  /** As long as it is open the session exists. */
  readonly control: SamTalk;
}

/** A place in I2P where one connection is waited for. */
export interface I2pWaiting {
  readonly me: NetAddress;
  /** Resolves when somebody connects; rejects with a {@link ConnectError}. */
  accept(): Promise<Connection>;
}

/** The end of a connection at an address of I2P. */
function endpointAt(address: NetAddress): Endpoint {
  return { host: formatHost(address), port: address.port };
}

/** A session. */
export class I2pSession {
  readonly #parts: I2pSessionParts;
  #created: Created | null = null;
  #creating: Promise<Created> | null = null;
  /** The talk on which somebody is waited for. */
  #waiting: SamTalk | null = null;

  constructor(parts: I2pSessionParts) {
    this.#parts = parts;
  }

  /** Connects; rejects with a {@link ConnectError}. `onOver` is called when the connection is over, perhaps more than once. */
  async connect(to: NetAddress, onOver: () => void = () => undefined): Promise<Connection> {
    const { log } = this.#parts;
    const name = formatNetAddress(to);
    if (to.port !== I2P_PORT) {
      const refusal = `connection refused due to arbitrary port ${to.port}`;
      log.debug('i2p', () => `Error connecting to ${name}, ${refusal}`);
      throw samError(refusal, false);
    }
    try {
      return await this.#connect(to, onOver);
    } catch (error) {
      if (error instanceof ConnectError) log.debug('i2p', () => `Error connecting to ${name}: ${error.message}`);
      throw error;
    }
  }

  async #connect(to: NetAddress, onOver: () => void): Promise<Connection> {
    const session = await this.#create();
    const talk = await this.#parts.router.open();
    try {
      const lookUp = SAM_REQUESTS.lookUp(formatHost(to));
      const destination = talk.valueOf(await talk.ask(lookUp), 'VALUE', lookUp);
      if (!isDestinationOf(destination, to)) throw samError('the router has looked up another destination');
      const request = SAM_REQUESTS.connect(session.id, destination);
      const { reply, line } = await talk.askFreely(request);
      this.#expectOk(session, talk.valueOf(reply, 'RESULT', SAM_REQUESTS.connect(session.id, '...')), line);
      return talk.handOn({ remote: endpointAt(to), local: endpointAt(session.me), onOver });
    } catch (error) {
      talk.close();
      throw error;
    }
  }

  /** Makes ready to be connected to; rejects with a {@link ConnectError}. */
  async listen(): Promise<I2pWaiting> {
    const session = await this.#create();
    const talk = await this.#parts.router.open();
    try {
      const request = SAM_REQUESTS.accept(session.id);
      const { reply, line } = await talk.askFreely(request);
      this.#expectOk(session, talk.valueOf(reply, 'RESULT', request), line);
    } catch (error) {
      talk.close();
      throw error;
    }
    this.#waiting = talk;
    return { me: session.me, accept: () => this.#accept(session, talk) };
  }

  async #accept(session: Created, talk: SamTalk): Promise<Connection> {
    try {
      const line = await talk.readLine(null);
      const peer = parseDestination(line);
      if (peer !== null) return talk.handOn({ remote: endpointAt(peer), local: endpointAt(session.me) });
      if (!line.includes(SESSION_IS_GONE)) throw samError(`no destination of a peer: ${quoteSam(line)}`);
      this.#destroy(session);
      throw samError(`unexpected reply that hints the session is unusable: ${quoteSam(line)}`);
    } catch (error) {
      talk.close();
      throw error;
    } finally {
      this.#waiting = null;
    }
  }

  /** Ends the session; connections that it has made are ended by the router. */
  close(): void {
    if (this.#created !== null) this.#destroy(this.#created);
  }

  #expectOk(session: Created, result: string, line: string): void {
    if (result === 'OK') return;
    if (result === UNKNOWN_SESSION) {
      this.#destroy(session);
      throw samError('Invalid session id');
    }
    throw samError(quoteSam(line), !NOT_THERE.has(result));
  }

  #destroy(session: Created): void {
    if (this.#created !== session) return;
    this.#created = null;
    this.#parts.log.info(`Destroying I2P SAM session ${session.id}`);
    session.control.close();
    this.#waiting?.close();
  }

  /** The session; of several who need it at once, one makes it for all. */
  #create(): Promise<Created> {
    if (this.#created !== null) return Promise.resolve(this.#created);
    this.#creating ??= this.#createAnew().finally(() => {
      this.#creating = null;
    });
    return this.#creating;
  }

  async #createAnew(): Promise<Created> {
    const { router, keys, log, rng } = this.#parts;
    const id = toHex(rng.bytes(ID_BYTES));
    const type = keys === null ? 'transient' : 'persistent';
    log.debug('i2p', () => `Creating ${type} I2P SAM session ${id} with ${router.name}`);
    const control = await router.open();
    try {
      const privateKey = keys === null ? await startTransient(control, id) : await startPersistent(control, id, keys);
      const destination = destinationOfKey(privateKey);
      if (destination === null) throw samError('the private key is too short for a destination');
      const created: Created = { id, me: addressOfDestination(destination), control };
      if (control.isClosed) throw samError('the router has closed the connection');
      control.onClosed((reason) => {
        log.debug('i2p', () => `Control socket error: ${reason}`);
        this.#destroy(created);
      });
      this.#created = created;
      const name = keys === null ? 'Transient' : 'Persistent';
      log.info(`${name} I2P SAM session ${id} created, my address=${formatNetAddress(created.me)}`);
      return created;
    } catch (error) {
      control.close();
      throw error;
    }
  }
}

/** A private key out of a reply. */
function readKey(talk: SamTalk, reply: SamReply, key: string, request: string): Uint8Array {
  const privateKey = parseI2pBase64(talk.valueOf(reply, key, request));
  // What it says instead is not shown: it may be nearly a key.
  if (privateKey === null) throw samError(`Cannot decode Base64: ${key} in the reply of the router`);
  return privateKey;
}

async function startTransient(talk: SamTalk, id: string): Promise<Uint8Array> {
  const request = SAM_REQUESTS.createTransient(id);
  return readKey(talk, await talk.ask(request), 'DESTINATION', request);
}

async function startPersistent(talk: SamTalk, id: string, keys: I2pKeyStore): Promise<Uint8Array> {
  const privateKey = (await keys.load()) ?? (await generate(talk, keys));
  await talk.ask(SAM_REQUESTS.createPersistent(id, formatI2pBase64(privateKey)));
  return privateKey;
}

/** A new key, which is kept before it is used: an address that cannot be had again would be told to others. */
async function generate(talk: SamTalk, keys: I2pKeyStore): Promise<Uint8Array> {
  const { reply } = await talk.askFreely(SAM_REQUESTS.generate);
  const privateKey = readKey(talk, reply, 'PRIV', SAM_REQUESTS.generate);
  if (destinationOfKey(privateKey) === null) throw samError('the router has made a private key that is too short');
  await keys.save(privateKey);
  return privateKey;
}
