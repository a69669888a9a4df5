// The options that say what connections go through (Core init.cpp, -proxy and -onion): SOCKS5 proxies, for all networks or for one.

import type { Proxies } from '../node/app/proxied-network.ts';
import type { Endpoint, SocksProxy } from '../node/ports.ts';
import { formatHost, type Network, parseHost, splitHostPort } from '../node/wire/net-address.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

/** Port of Tor's proxy (Core DEFAULT_TOR_SOCKS_PORT). */
const TOR_PORT = 9050;

/** What the path of a socket begins with (Core ADDR_PREFIX_UNIX). */
const UNIX_PREFIX = 'unix:';

/** Longest path of a socket: what the systems have room for, its end apart (sockaddr_un). */
const UNIX_PATH_BYTES_MAX: number = process.platform === 'linux' ? 107 : 103;

/** A name that a resolver may be asked for. */
const HOST_NAME = /^(?=.*[a-z])[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i;

const DAEMON = ['tallyd'] as const;

/** Rows of the table in options.ts. */
export const PROXY_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'onion',
    kind: 'text',
    group: 'connection',
    argument: '<ip:port|path>',
    help: 'Reach onion addresses through this SOCKS5 proxy, which is Tor; -noonion: not at all. May be unix: and the path of a socket.',
    defaultText: 'that of -proxy',
    programs: DAEMON,
  },
  {
    name: 'proxy',
    kind: 'list',
    group: 'connection',
    argument: '<ip>[:<port>|unix:<path>][=<network>]',
    help: `Connect through a SOCKS5 proxy, which looks names up, too; -noproxy: through none. With =ipv4, =ipv6, =onion or =cjdns behind it, to that network alone; the last one for a network counts. Turns -listen and -discover off unless they are given. Port ${TOR_PORT} where none is named.`,
    programs: DAEMON,
    needsValue: true,
  },
  {
    name: 'proxyrandomize',
    kind: 'flag',
    group: 'connection',
    help: 'Give every connection a user name of its own at the proxy: Tor then makes a circuit for each.',
    defaultText: '1',
    programs: DAEMON,
  },
] satisfies readonly OptionSpec[]);

/** Reads which proxies there are. Throws StartupError. */
export function readProxies(settings: Settings): Proxies {
  const isRandomized = settings.getFlag('proxyrandomize') ?? true;
  const byNetwork = new Map<Network, SocksProxy>();
  let forNames: SocksProxy | null = null;
  const assign = (network: Network, proxy: SocksProxy | null): void => {
    if (proxy === null) byNetwork.delete(network);
    else byNetwork.set(network, proxy);
  };
  for (const value of settings.getAll('proxy')) {
    const { place, network } = splitValue(value);
    const proxy = place === '' || place === '0' ? null : readProxy('proxy', place, isRandomized);
    for (const one of network === null ? PROXIED : [network]) assign(one, proxy);
    if (network === null || network === 'ipv4' || network === 'ipv6') forNames = proxy;
  }
  const onion = settings.getText('onion') ?? '';
  if (onion !== '') assign('onion', onion === '0' ? null : readProxy('onion', onion, isRandomized));
  return { byNetwork, forNames };
}

/** Networks that a proxy can be for. */
const PROXIED = ['ipv4', 'ipv6', 'onion', 'cjdns'] as const;

type ProxiedKind = (typeof PROXIED)[number];

function splitValue(value: string): { readonly place: string; readonly network: ProxiedKind | null } {
  const equals = value.lastIndexOf('=');
  if (equals < 0) return { place: value, network: null };
  const name = value.slice(equals + 1).toLowerCase();
  if (name === '') throw new StartupError(`Invalid -proxy address or hostname, ends with '=': '${value}'`);
  const network = PROXIED.find((one) => one === name);
  if (network === undefined) throw new StartupError(`Unrecognized network in -proxy='${value}': '${name}'`);
  return { place: value.slice(0, equals), network };
}

function readProxy(option: string, place: string, isRandomized: boolean): SocksProxy {
  if (!place.startsWith(UNIX_PREFIX)) return { endpoint: readHelperPlace(option, place, TOR_PORT), isRandomized };
  const pathBytes = Buffer.byteLength(place) - UNIX_PREFIX.length;
  if (pathBytes > 0 && pathBytes <= UNIX_PATH_BYTES_MAX) return { endpoint: { host: place, port: 0 }, isRandomized };
  throw new StartupError(`Invalid -${option} address or hostname: '${place}'`);
}

/**
 * Where a program is that helps us, such as a proxy: an address or a name, which the system may look up, and perhaps a port. Throws
 * StartupError.
 */
export function readHelperPlace(option: string, text: string, defaultPort: number): Endpoint {
  const split = splitHostPort(text);
  if (split === null) throw new StartupError(`Invalid port specified in -${option}: '${text}'`);
  const port = split.port ?? defaultPort;
  const address = parseHost(split.host, port);
  if (address === null && !HOST_NAME.test(split.host)) {
    throw new StartupError(`Invalid -${option} address or hostname: '${text}'`);
  }
  return { host: address === null ? split.host : formatHost(address), port };
}
