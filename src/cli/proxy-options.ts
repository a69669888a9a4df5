// The options that say what connections go through (Core init.cpp, -proxy and -onion): SOCKS5 proxies, for all networks or for one.

import type { Proxies, SocksProxy } from '../node/app/proxied-network.ts';
import { formatHost, type Network, parseNetAddress, splitHostPort } from '../node/wire/net-address.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

/** Port of Tor's proxy (Core DEFAULT_TOR_SOCKS_PORT). */
const TOR_PORT = 9050;

/** What the path of a socket begins with (Core ADDR_PREFIX_UNIX). */
const UNIX_PREFIX = 'unix:';

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
    help: `Connect through a SOCKS5 proxy, which looks names up, too; -noproxy: through none. With =ipv4, =ipv6 or =onion behind it, to that network alone; the last one for a network counts. Turns -listen and -discover off unless they are given. Port ${TOR_PORT} where none is named.`,
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
    for (const one of network === null ? (['ipv4', 'ipv6', 'onion'] as const) : [network]) assign(one, proxy);
    if (network !== 'onion') forNames = proxy;
  }
  const onion = settings.getText('onion') ?? '';
  if (onion !== '') assign('onion', onion === '0' ? null : readProxy('onion', onion, isRandomized));
  return { byNetwork, forNames };
}

type ProxiedKind = 'ipv4' | 'ipv6' | 'onion';

function splitValue(value: string): { readonly place: string; readonly network: ProxiedKind | null } {
  const equals = value.lastIndexOf('=');
  if (equals < 0) return { place: value, network: null };
  const name = value.slice(equals + 1).toLowerCase();
  if (name === '') throw new StartupError(`Invalid -proxy address or hostname, ends with '=': '${value}'`);
  if (name !== 'ipv4' && name !== 'ipv6' && name !== 'onion') {
    throw new StartupError(`Unrecognized network in -proxy='${value}': '${name}'`);
  }
  return { place: value.slice(0, equals), network: name };
}

/** A name is taken, too: where a proxy is may be looked up by the system. */
function readProxy(option: string, place: string, isRandomized: boolean): SocksProxy {
  const refuse = (): never => {
    throw new StartupError(`Invalid -${option} address or hostname: '${place}'`);
  };
  if (place.startsWith(UNIX_PREFIX)) {
    return place.length > UNIX_PREFIX.length ? { endpoint: { host: place, port: 0 }, isRandomized } : refuse();
  }
  const address = parseNetAddress(place, TOR_PORT);
  if (address !== null) return { endpoint: { host: formatHost(address), port: address.port }, isRandomized };
  const split = splitHostPort(place);
  if (split === null || !/^[a-z0-9.-]*[a-z][a-z0-9.-]*$/i.test(split.host)) return refuse();
  return { endpoint: { host: split.host, port: split.port ?? TOR_PORT }, isRandomized };
}
