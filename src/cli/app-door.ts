// The door for other machines, which the app opens and closes while the program runs: a node of one's own ledger listens for nobody
// until its person wants it to. It also says what to type on the other machine.

import { AppRefusal, type JoinAdvice, type LedgerDoor } from '../api/app-ports.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Node } from '../node/app/node.ts';
import { listenAt } from '../node/app/node-options.ts';
import { ConnectError, type Endpoint } from '../node/ports.ts';
import { formatHost, formatNetAddress, isBindAny, isLocal, parseHost } from '../node/wire/net-address.ts';
import type { Settings } from './settings.ts';

/** Ports that are tried, one after another, when the usual one is taken. */
const PORT_TRIES = 20;

/** Places that are opened at one time: those of this machine alone do not count as a door. */
const OPENED_MAX = 4;

/** What a door is made of. */
export interface AppDoorParts {
  readonly settings: Settings;
  readonly params: ChainParams;
  readonly node: Pick<Node, 'listenAt' | 'stopListening' | 'listening'>;
  /** Numeric addresses of this machine's interfaces. */
  readonly localHosts: () => readonly string[];
}

/** Addresses of one wire only: nobody can type them (RFC 4291, 2.5.6). */
const LINK_LOCAL = /^fe[89ab]|^169\.254\./i;

/** The door. */
export class AppDoor implements LedgerDoor {
  readonly #parts: AppDoorParts;
  readonly #opened: Endpoint[] = [];

  constructor(parts: AppDoorParts) {
    this.#parts = parts;
  }

  adviseJoining(): JoinAdvice {
    const { params } = this.#parts;
    const places = this.#listPlaces();
    const [place] = places;
    const choice = params.name === 'local' ? '' : ` ${this.#chooseLedger()}`;
    return {
      isOpen: this.#findOpen().length > 0,
      places,
      command: place === undefined ? null : `npm start --${choice} -addnode=${place}`,
      paramsFile: this.#parts.settings.getText('chainparams') ?? null,
    };
  }

  async open(host: string): Promise<JoinAdvice> {
    const address = parseHost(host, 0);
    if (address === null) throw new AppRefusal(`'${host}' is no address of this machine`);
    if (this.#findOpen().length > 0) return this.adviseJoining();
    if (this.#opened.length >= OPENED_MAX) throw new AppRefusal(`It listens at ${OPENED_MAX} addresses already`);
    const first = this.#defaultPort();
    for (let port = first; port < first + PORT_TRIES; port++) {
      try {
        this.#opened.push(await this.#parts.node.listenAt(listenAt(formatHost(address), port)));
        return this.adviseJoining();
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        if (error.code !== 'EADDRINUSE') throw new AppRefusal(`Cannot listen at ${host}: ${error.message}`);
      }
    }
    throw new AppRefusal(`All ports from ${first} to ${first + PORT_TRIES - 1} are taken`);
  }

  close(): Promise<JoinAdvice> {
    for (const place of this.#opened.splice(0)) this.#parts.node.stopListening(place);
    return Promise.resolve(this.adviseJoining());
  }

  #defaultPort(): number {
    return this.#parts.settings.getInteger('port') ?? this.#parts.params.ports.p2p;
  }

  /** Where it listens for others than this machine. */
  #findOpen(): readonly Endpoint[] {
    return this.#parts.node.listening.filter(({ host, port }) => {
      const address = parseHost(host, port);
      return address !== null && (isBindAny(address) || !isLocal(address));
    });
  }

  /** How others reach this machine: where it listens, or would. IPv4 first, which is easier to type. */
  #listPlaces(): readonly string[] {
    const open = this.#findOpen();
    const listens = open.length > 0 ? open : [{ host: '0.0.0.0', port: this.#defaultPort() }];
    const hosts = this.#parts.localHosts().filter((host) => !LINK_LOCAL.test(host));
    const places = new Set<string>();
    for (const { host, port } of listens) {
      const address = parseHost(host, port);
      const isAny = address !== null && isBindAny(address);
      const isIpv6 = host.includes(':');
      for (const own of isAny ? hosts.filter((one) => one.includes(':') === isIpv6) : [host]) {
        const reached = parseHost(own, port);
        if (reached !== null) places.add(formatNetAddress(reached));
      }
    }
    return [...places].sort((a, b) => Number(a.startsWith('[')) - Number(b.startsWith('[')));
  }

  #chooseLedger(): string {
    const path = this.#parts.settings.getText('chainparams');
    return path === undefined ? `-chain=${this.#parts.params.name}` : '-chainparams=<file>';
  }
}
