// What the settings say about the RPC server: where it listens, whom it answers, how much it does at a time (Core httpserver.cpp,
// httprpc.cpp).

import { isAbsolute, join } from 'node:path';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { parseSubnet, type Subnet } from '../node/p2p/subnet.ts';
import type { Endpoint } from '../node/ports.ts';
import { formatHost, parseHost, splitHostPort } from '../node/wire/net-address.ts';
import { StartupError } from './error-text.ts';
import { readUsesCjdns } from './i2p-options.ts';
import { type Accounts, readAccounts } from './rpc-accounts.ts';
import {
  COOKIE_FILE_NAME,
  RPC_SERVER_TIMEOUT_SEC_DEFAULT,
  RPC_THREADS_DEFAULT,
  RPC_WORK_QUEUE_DEFAULT,
} from './rpc-options.ts';
import { RpcStartError } from './rpc-start-error.ts';
import type { Settings } from './settings.ts';

/** What the server is run with. */
export interface RpcOptions {
  readonly places: readonly Endpoint[];
  readonly allowed: readonly Subnet[];
  readonly accounts: Accounts;
  /** Full path, and mode; null: no cookie. */
  readonly cookie: { readonly path: string; readonly mode: number } | null;
  readonly threadCount: number;
  readonly queueLengthMax: number;
  readonly idleTimeoutMs: number;
  readonly checksResults: boolean;
  /** Whoever may connect may read without a password (-rest). */
  readonly servesRest: boolean;
  readonly deprecated: ReadonlySet<string>;
  /** For the log. */
  readonly warnings: readonly string[];
}

const COOKIE_MODES: ReadonlyMap<string, number> = new Map([
  ['owner', 0o600],
  ['group', 0o640],
  ['all', 0o644],
]);

/** Hosts that are always answered. */
export const LOOPBACK_SUBNETS: readonly string[] = ['127.0.0.0/8', '::1'];

/** Reads the settings of the server; null without one (-server=0). Throws a StartupError. */
export function readRpcOptions(settings: Settings, params: ChainParams, networkFolder: string): RpcOptions | null {
  if (settings.getFlag('server') === false) return null;
  const warnings: string[] = [];
  const places = readPlaces(settings, params, warnings);
  const allowed = [...LOOPBACK_SUBNETS, ...settings.getAll('rpcallowip')].map((text) =>
    readAllowedSubnet(text, 'rpcallowip', readUsesCjdns(settings)),
  );
  const timeoutSec = settings.getInteger('rpcservertimeout') ?? RPC_SERVER_TIMEOUT_SEC_DEFAULT;
  return {
    places,
    allowed,
    accounts: readAccounts(settings),
    cookie: hasPassword(settings) ? null : readCookie(settings, networkFolder),
    threadCount: Math.max(1, settings.getInteger('rpcthreads') ?? RPC_THREADS_DEFAULT),
    queueLengthMax: Math.max(1, settings.getInteger('rpcworkqueue') ?? RPC_WORK_QUEUE_DEFAULT),
    idleTimeoutMs: Math.max(0, timeoutSec) * 1000,
    checksResults: settings.getFlag('rpcdoccheck') ?? false,
    servesRest: settings.getFlag('rest') ?? false,
    deprecated: new Set(settings.getAll('deprecatedrpc')),
    warnings,
  };
}

function hasPassword(settings: Settings): boolean {
  return (settings.getText('rpcpassword') ?? '') !== '';
}

/** Where a cookie lies, for the server and for clients; null with -norpccookiefile. */
export function locateCookie(settings: Settings, networkFolder: string): string | null {
  if (settings.isNegated('rpccookiefile')) return null;
  const name = settings.getText('rpccookiefile') ?? COOKIE_FILE_NAME;
  return isAbsolute(name) ? name : join(networkFolder, name === '' ? COOKIE_FILE_NAME : name);
}

function readCookie(settings: Settings, networkFolder: string): RpcOptions['cookie'] {
  const path = locateCookie(settings, networkFolder);
  if (path === null) return null;
  const who = settings.getText('rpccookieperms') ?? 'owner';
  const mode = COOKIE_MODES.get(who);
  if (mode !== undefined) return { path, mode };
  throw new RpcStartError(`Invalid -rpccookieperms=${who}; must be one of 'owner', 'group', or 'all'.`);
}

/** The port of the server. Throws a StartupError. */
export function readRpcPort(settings: Settings, params: ChainParams): number {
  const text = settings.getText('rpcport');
  if (text === undefined) return params.ports.rpc;
  if (!isPort(text)) throw new StartupError(`Invalid port specified in -rpcport: '${text}'`);
  return Number(text);
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** Where to listen: beyond this machine only when it is also said who may connect (R01). */
function readPlaces(settings: Settings, params: ChainParams, warnings: string[]): readonly Endpoint[] {
  const port = readRpcPort(settings, params);
  const binds = settings.getAll('rpcbind');
  const places = binds.map((text) => readListenPlace(text, port, 'rpcbind'));
  const hasAllowed = settings.getAll('rpcallowip').length > 0;
  if (hasAllowed && places.length > 0) return places;
  if (hasAllowed) {
    warnings.push("Option -rpcallowip was specified without -rpcbind; this doesn't usually make sense");
  }
  if (places.length > 0) {
    warnings.push(
      'Option -rpcbind was ignored because -rpcallowip was not specified, refusing to allow everyone to connect',
    );
  }
  return [
    { host: '::1', port },
    { host: '127.0.0.1', port },
  ];
}

/** A place to listen at, as an option names it. Throws a StartupError. */
export function readListenPlace(text: string, defaultPort: number, option: string): Endpoint {
  const split = splitHostPort(text);
  if (split === null || split.port === 0) throw new StartupError(`Invalid port specified in -${option}: '${text}'`);
  const address = parseHost(split.host, split.port ?? defaultPort);
  return {
    host: address === null ? split.host : formatHost(address).replace(/^\[|\]$/g, ''),
    port: split.port ?? defaultPort,
  };
}

/**
 * Who may connect, as an option names them; with CJDNS, whose addresses are given to anybody, no range of them is taken. Throws a
 * StartupError.
 */
export function readAllowedSubnet(text: string, option: string, usesCjdns = false): Subnet {
  // Addresses of clients are looked at as those of IPv6 in any case.
  const parsed = parseSubnet(text);
  if (parsed.ok && parseSubnet(text, usesCjdns).ok) return parsed.value;
  throw new StartupError(
    `Invalid -${option} subnet specification: ${text}. Valid values are a single IP (e.g. 1.2.3.4), a network/netmask (e.g. 1.2.3.4/255.255.255.0), a network/CIDR (e.g. 1.2.3.4/24), all ipv4 (0.0.0.0/0), or all ipv6 (::/0).`,
  );
}
