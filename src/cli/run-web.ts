// The app's server in the life of the program: it listens from the beginning, so that a browser can see how the start gets on, and ends
// with it. Where the app is stands in a file of the data folder as long as it is there.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { ConnectError, type Endpoint } from '../node/ports.ts';
import { formatNetAddress, isBindAny, parseHost } from '../node/wire/net-address.ts';
import { TcpNetwork } from '../platform/node/tcp-network.ts';
import { WebFiles } from '../platform/node/web-files.ts';
import { WebServer } from '../platform/node/web-server.ts';
import { APP_FILE_NAME, type AppFile, type AppRun } from './app-run.ts';
import { StartupError } from './error-text.ts';
import type { EventDoor } from './event-door.ts';
import type { Logger } from './log.ts';
import { describeThrown, type RpcCalls } from './rpc-calls.ts';
import { readVersion } from './version.ts';
import { WebDoor } from './web-door.ts';
import { LoginTokens } from './web-login.ts';
import type { WebOptions } from './web-options.ts';
import { WebSessions } from './web-session.ts';

/** Ports that are tried, one after another, when the usual one is taken. */
const PORT_TRIES = 20;

/** What a server is run with. */
export interface WebRun {
  readonly options: WebOptions;
  readonly params: ChainParams;
  /** Folder of the network. */
  readonly folder: string;
  readonly log: Logger;
  readonly calls: RpcCalls;
  readonly events: EventDoor;
  /** Null: a plain daemon. */
  readonly app: AppRun | null;
  /** For the file. */
  readonly rpcPort: number | null;
}

/** The folder of the built page. */
export function findPageFolder(): string {
  // dist/src/cli and dist/web.
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'web');
}

/** A server that runs. */
export class RunningWeb {
  readonly #run: WebRun;
  readonly #sessions: WebSessions;
  readonly #tokens: LoginTokens = new LoginTokens(() => performance.now());
  readonly #door: WebDoor;
  readonly #files: WebFiles;
  #server: WebServer;
  #place: Endpoint;

  private constructor(run: WebRun) {
    const { options, params, folder, log, calls, events } = run;
    this.#run = run;
    this.#sessions = new WebSessions({
      folder,
      nowSec: () => Math.floor(Date.now() / 1000),
      onEnded: (id) => events.endGroup(id),
      onUnsaved: (error) => log.warn(`Sessions of browsers could not be saved: ${(error as Error).message}`),
    });
    this.#files = new WebFiles(findPageFolder());
    this.#door = new WebDoor({
      rules: options,
      files: this.#files,
      calls,
      events,
      sessions: this.#sessions,
      tokens: this.#tokens,
      facts: { network: params.name, version: readVersion(), hrp: params.prefixes.bech32Hrp },
      cookieName: () => `tally_session_${this.#place.port}`,
    });
    this.#server = this.#createServer();
    this.#place = options.places[0]!;
  }

  /** Starts a server. Rejects with a StartupError. */
  static async start(run: WebRun): Promise<RunningWeb> {
    const web = new RunningWeb(run);
    const { options, log, app } = run;
    for (const warning of options.warnings) log.warn(warning);
    await web.#listen();
    if (!web.#files.hasPage) log.warn('The page of the app is not built: npm run build:web builds it');
    log.info(`The app is at ${web.url}; tally getapplink makes a link that lets a browser in`);
    web.#writeFile();
    const isOtherPort = web.#place.port !== options.places[0]!.port;
    const host = web.#findOtherHost();
    const otherLink = host === null ? null : web.createLink(host);
    app?.onListening({ url: web.url, link: web.createLink(), otherLink, port: web.#place.port, isOtherPort });
    return web;
  }

  /** Where it is for a person of this machine. */
  get url(): string {
    const address = parseHost(this.#place.host, this.#place.port);
    const isAny = address === null || isBindAny(address);
    return `http://${isAny ? `127.0.0.1:${this.#place.port}` : formatNetAddress(address)}`;
  }

  /** A fresh link that lets one browser in, which reaches this machine by that name or address; null: from here. */
  createLink(host: string | null = null): string {
    const url = host === null ? this.url : `http://${host}:${this.#place.port}`;
    return `${url}/login?token=${this.#tokens.issue()}`;
  }

  /** An address by which other devices reach this machine, when it listens for them; null: it does not, or has none. */
  #findOtherHost(): string | null {
    const address = parseHost(this.#place.host, this.#place.port);
    if (address === null || !isBindAny(address)) return null;
    return new TcpNetwork().localHosts().find((host) => !host.includes(':')) ?? null;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#sessions.close();
    this.#removeFile();
  }

  #createServer(): WebServer {
    const { log } = this.#run;
    return new WebServer({
      answer: async (request) => {
        const reply = await this.#door.answer(request);
        if (reply.status === 403) log.debug('http', () => `A browser at ${request.remote.host} was refused`);
        return reply;
      },
      upgrade: (head) => this.#door.upgrade(head),
      onFailure: (error) => log.error(`Unexpected error while answering a browser: ${describeThrown(error)}`),
    });
  }

  // --- listening ------------------------------------------------------------------------------------------------------

  /** Listens at all places, at one port; at the next one that is free when nobody has named it. */
  async #listen(): Promise<void> {
    const { places, isPortNamed } = this.#run.options;
    const { port } = places[0]!;
    const canMove = !isPortNamed && places.every((place) => place.port === port);
    for (let step = 0; ; step++) {
      const refusal = await this.#tryListening(step);
      if (refusal === null) return;
      const isTaken = refusal.code === 'EADDRINUSE';
      if (isTaken && canMove && step + 1 < PORT_TRIES) continue;
      const hint = isTaken ? ' Another program listens there: name another port with -webport.' : '';
      throw new StartupError(`Unable to listen for browsers at port ${port + step}: ${refusal.message}.${hint}`);
    }
  }

  /** Listens at all places `step` ports higher; null, or why that cannot be. A family that the system lacks is done without. */
  async #tryListening(step: number): Promise<ConnectError | null> {
    const { places } = this.#run.options;
    const listening: Endpoint[] = [];
    let refusal: ConnectError | null = null;
    for (const { host, port } of places) {
      try {
        listening.push(await this.#server.listen({ host, port: port + step }));
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        refusal = error;
        if (error.code === 'EADDRINUSE') break;
      }
    }
    const [first] = listening;
    if (first !== undefined && refusal?.code !== 'EADDRINUSE') {
      this.#place = first;
      return null;
    }
    await this.#server.close();
    this.#server = this.#createServer();
    return refusal;
  }

  // --- the file -------------------------------------------------------------------------------------------------------

  get #path(): string {
    return join(this.#run.folder, APP_FILE_NAME);
  }

  #writeFile(): void {
    const file: AppFile = { pid: process.pid, url: this.url, rpcPort: this.#run.rpcPort };
    try {
      writeFileSync(this.#path, `${JSON.stringify(file)}\n`, { mode: 0o600 });
    } catch (error) {
      this.#run.log.warn(`${APP_FILE_NAME} could not be written: ${(error as Error).message}`);
    }
  }

  #removeFile(): void {
    if (readAppFile(this.#run.folder)?.pid === process.pid) rmSync(this.#path, { force: true });
  }
}

/** Whether a text is a login link to an app: who answers at its port need not be our node. */
export function isLoginLink(text: string, { url }: AppFile): boolean {
  return text.startsWith(`${url}/login?token=`) && /^[\w-]{1,100}$/.test(text.slice(`${url}/login?token=`.length));
}

/** Where the app of a folder is, if one runs, or was cut off; null when there is none. */
export function readAppFile(folder: string): AppFile | null {
  try {
    const file = JSON.parse(readFileSync(join(folder, APP_FILE_NAME), 'utf8')) as Partial<AppFile>;
    const { pid, url, rpcPort = null } = file;
    return typeof pid === 'number' && typeof url === 'string' ? { pid, url, rpcPort } : null;
  } catch {
    return null;
  }
}
