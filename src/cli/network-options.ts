// The settings of the network as the node wants them, checked before anything is opened (Core AppInitParameterInteraction and
// InitParameterInteraction). Sentences of errors are Core's where Core has one.

import type { ChainParams } from '../kernel/consensus/params.ts';
import type { ListenAt, NodeOptions, TorOptions } from '../node/app/node-options.ts';
import { listenAt, NODE_DEFAULTS } from '../node/app/node-options.ts';
import type { Proxies } from '../node/app/proxied-network.ts';
import { DEFAULT_BAN_SEC } from '../node/p2p/ban-list.ts';
import {
  isPrivateBind,
  parseWhitebind,
  parseWhitelist,
  WHITELIST_DEFAULTS,
  type WhitelistDefaults,
  type WhitelistEntry,
} from '../node/p2p/net-permissions.ts';
import { formatHost, formatNetAddress, type Network, parseNetAddress } from '../node/wire/net-address.ts';
import { MAX_SUBVERSION_LENGTH } from '../node/wire/protocol.ts';
import {
  BUFFER_UNIT_BYTES,
  MAX_CONNECTIONS_DEFAULT,
  PEER_TIMEOUT_SEC_DEFAULT,
  TIMEOUT_MS_DEFAULT,
} from './connection-options.ts';
import { StartupError } from './error-text.ts';
import { checkOnlyNetworks, readI2p, readUsesCjdns } from './i2p-options.ts';
import { readPrivateBroadcast } from './private-broadcast-options.ts';
import { readProxies } from './proxy-options.ts';
import type { Settings } from './settings.ts';
import { readTor } from './tor-options.ts';

/** Name of this software in its version message. */
const CLIENT_NAME = 'Tallystick';

/** What a comment may consist of (Core SAFE_CHARS_UA_COMMENT). */
const SAFE_COMMENT = /^[a-zA-Z0-9 .,;\-_?@]*$/;

/** The highest port there is. */
const PORT_MAX = 65_535;

/** What -test takes for a table of addresses that is laid out alike in every run (Core). */
export const OPEN_ADDRESS_KEY_WORD = 'addrman';

/** Largest -checkaddrman (Core). */
const ADDRESS_CHECK_INTERVAL_MAX = 1_000_000;

/** Networks that can be reached, by Core's names. */
const REACHABLE: ReadonlySet<string> = new Set<Network>(['ipv4', 'ipv6', 'onion', 'i2p', 'cjdns']);

/** Reads and checks the settings of the network. Throws StartupError. */
export function readNetworkOptions(
  settings: Settings,
  params: ChainParams,
  facts: { readonly version: string; readonly isPruned: boolean },
): NodeOptions {
  refuseNames(settings);
  const connect = settings.isSet('connect') ? readConnect(settings) : null;
  const port = readPort(settings, params.ports.p2p);
  const connectionCountMax = Math.max(0, settings.getInteger('maxconnections') ?? MAX_CONNECTIONS_DEFAULT);
  const isAlone = connect !== null || connectionCountMax === 0;
  const proxies = readProxies(settings);
  const hasProxy = proxies.byNetwork.has('ipv4') || proxies.byNetwork.has('ipv6');
  const listen = readListen(settings, port, isAlone || hasProxy);
  const tor = readTor(settings, listen.length > 0);
  const onlyNetworks = readOnlyNetworks(settings, proxies, tor);
  const usesDnsSeeds = readUsesDnsSeeds(settings, isAlone, onlyNetworks);
  const isDnsSeedForced = settings.getFlag('forcednsseed') ?? false;
  if (isDnsSeedForced && !usesDnsSeeds) {
    throw new StartupError('Cannot set -forcednsseed to true when setting -dnsseed to false.');
  }
  const usesCjdns = readUsesCjdns(settings) && onlyNetworks?.includes('cjdns') !== false;
  const externalHosts = settings.getAll('externalip').map(readExternal);
  const options: NodeOptions = {
    ...NODE_DEFAULTS,
    params,
    userAgent: formatUserAgent(facts.version, settings.getAll('uacomment')),
    listen,
    connect,
    addNodes: settings.getAll('addnode'),
    seedNodes: settings.getAll('seednode'),
    usesDnsSeeds,
    isDnsSeedForced,
    proxies,
    i2p: readI2p(settings, listen.length > 0),
    tor,
    usesCjdns,
    usesFixedSeeds: settings.getFlag('fixedseeds') ?? true,
    onlyNetworks,
    connectionCountMax,
    isBlocksOnly: settings.getFlag('blocksonly') ?? false,
    encryptsConnections: settings.getFlag('v2transport') ?? true,
    offersBloomFilters: settings.getFlag('peerbloomfilters') ?? false,
    offersReconciliation: settings.getFlag('txreconciliation') ?? false,
    isPruned: facts.isPruned,
    whitelist: readWhitelist(settings, usesCjdns),
    whitelistDefaults: readWhitelistDefaults(settings),
    banSec: settings.getInteger('bantime') ?? DEFAULT_BAN_SEC,
    connectTimeoutMs: Math.max(1, settings.getInteger('timeout') ?? TIMEOUT_MS_DEFAULT),
    handshakeTimeoutMs: readPeerTimeoutSec(settings) * 1000,
    uploadLimitBytes: readUploadLimit(settings),
    externalHosts,
    advertisedPort: readAdvertisedPort(settings, port, listen),
    discovers: settings.getFlag('discover') ?? (listen.length > 0 && externalHosts.length === 0 && !hasProxy),
    addressCheckInterval: Math.min(Math.max(settings.getInteger('checkaddrman') ?? 0, 0), ADDRESS_CHECK_INTERVAL_MAX),
    hasOpenAddressKey: settings.getAll('test').includes(OPEN_ADDRESS_KEY_WORD),
    receiveBufferBytes: readBufferBytes(settings, 'maxreceivebuffer', NODE_DEFAULTS.receiveBufferBytes),
    sendBufferBytes: readBufferBytes(settings, 'maxsendbuffer', NODE_DEFAULTS.sendBufferBytes),
    logsAddresses: settings.getFlag('logips') ?? false,
  };
  return { ...options, broadcastsPrivately: readPrivateBroadcast(settings, options) };
}

/** Without DNS a name would be tried for ever and never be found. */
function refuseNames(settings: Settings): void {
  if (settings.getFlag('dns') !== false) return;
  for (const option of ['connect', 'addnode', 'seednode']) {
    for (const text of settings.getAll(option)) {
      if (parseNetAddress(text, 1) !== null || text === '0') continue;
      throw new StartupError(`-dns=0 allows numeric addresses only, and not -${option}=${text}`);
    }
  }
}

/** Bytes of a unit (Core ParseByteUnits). */
const BYTE_UNITS: Readonly<Record<string, number>> = Object.freeze({
  k: 1e3,
  K: 2 ** 10,
  m: 1e6,
  M: 2 ** 20,
  g: 1e9,
  G: 2 ** 30,
  t: 1e12,
  T: 2 ** 40,
});

function readUploadLimit(settings: Settings): number {
  const text = settings.getText('maxuploadtarget') ?? '0';
  const [, digits, unit] = /^(\d+)([kKmMgGtT]?)$/.exec(text) ?? [];
  const bytes = Number(digits) * BYTE_UNITS[unit === undefined || unit === '' ? 'M' : unit]!;
  if (!Number.isSafeInteger(bytes)) throw new StartupError(`Unable to parse -maxuploadtarget: '${text}'`);
  return bytes;
}

function readBufferBytes(settings: Settings, name: string, defaultBytes: number): number {
  const count = settings.getInteger(name);
  return count === undefined ? defaultBytes : Math.max(0, count) * BUFFER_UNIT_BYTES;
}

function readConnect(settings: Settings): readonly string[] {
  const hosts = settings.getAll('connect');
  // Core: a single 0 is as good as -noconnect.
  return hosts.length === 1 && hosts[0] === '0' ? [] : hosts;
}

function readPort(settings: Settings, defaultPort: number): number {
  const text = settings.getText('port');
  if (text === undefined) return defaultPort;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > PORT_MAX) {
    throw new StartupError(`Invalid port specified in -port: '${text}'`);
  }
  return Number(text);
}

/** Places to listen at; none when the node does not. */
function readListen(settings: Settings, port: number, isAlone: boolean): readonly ListenAt[] {
  const binds = settings.getAll('bind');
  const whitebinds = settings.getAll('whitebind');
  const hasBinds = binds.length > 0 || whitebinds.length > 0;
  const listens = settings.getFlag('listen') ?? (hasBinds || !isAlone);
  if (!listens) {
    if (hasBinds) throw new StartupError('Cannot set -bind or -whitebind together with -listen=0');
    return [];
  }
  const places = [...binds.map((text) => readBind(text, port)), ...whitebinds.map(readWhitebind)];
  if (!hasBinds) places.push(listenAt('0.0.0.0', port), listenAt('::', port));
  // Where Tor, on this machine, is to bring what it has for us (Core DefaultOnionServiceTarget).
  if (binds.length === 0 && port < PORT_MAX) places.push(listenAt('127.0.0.1', port + 1, true));
  refuseDuplicates(places);
  return places;
}

/** One place is listened at once, whatever it is listened for (Core CheckBindingConflicts). */
function refuseDuplicates(places: readonly ListenAt[]): void {
  const seen = new Set<string>();
  for (const { endpoint } of places) {
    const place = endpoint.host.includes(':')
      ? `[${endpoint.host}]:${endpoint.port}`
      : `${endpoint.host}:${endpoint.port}`;
    if (seen.has(place)) {
      throw new StartupError(
        `Duplicate binding configuration for address ${place}. Please check your -bind, -bind=...=onion and -whitebind settings.`,
      );
    }
    seen.add(place);
  }
}

/** A bind for Tor ends so; the place is listened at like any other, and its port is one more where none is named. */
const ONION_MARK = '=onion';

function readBind(text: string, port: number): ListenAt {
  const isOnion = text.endsWith(ONION_MARK);
  const place = isOnion ? text.slice(0, -ONION_MARK.length) : text;
  const address = parseNetAddress(place, isOnion ? port + 1 : port);
  if (address === null) throw new StartupError(`Cannot resolve -bind address: '${text}'`);
  return listenAt(formatHost(address), address.port, isOnion);
}

function readWhitebind(text: string): ListenAt {
  const parsed = parseWhitebind(text);
  if (!parsed.ok) throw new StartupError(parsed.error.message);
  const { address } = parsed.value;
  return { ...listenAt(formatHost(address), address.port), whitebind: parsed.value };
}

/** A node that takes no transactions from the network takes none from these peers either, unless told to (Core). */
function readWhitelistDefaults(settings: Settings): WhitelistDefaults {
  const isBlocksOnly = settings.getFlag('blocksonly') ?? false;
  return {
    relay: settings.getFlag('whitelistrelay') ?? (WHITELIST_DEFAULTS.relay && !isBlocksOnly),
    forceRelay: settings.getFlag('whitelistforcerelay') ?? WHITELIST_DEFAULTS.forceRelay,
  };
}

function readWhitelist(settings: Settings, usesCjdns: boolean): readonly WhitelistEntry[] {
  return settings.getAll('whitelist').map((text) => {
    const parsed = parseWhitelist(text, usesCjdns);
    if (!parsed.ok) throw new StartupError(parsed.error.message);
    return parsed.value;
  });
}

function readOnlyNetworks(settings: Settings, proxies: Proxies, tor: TorOptions | null): readonly Network[] | null {
  const names = settings.getAll('onlynet');
  if (names.length === 0) return null;
  for (const name of names) {
    if (!REACHABLE.has(name)) throw new StartupError(`Unknown network specified in -onlynet: '${name}'`);
  }
  checkOnlyNetworks(settings, names);
  // Tor may say later how it is reached.
  if (names.includes('onion') && !proxies.byNetwork.has('onion') && tor?.asksForProxy !== true) {
    const isForbidden = settings.getText('onion') === '0';
    throw new StartupError(
      'Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor network is ' +
        (isForbidden
          ? 'explicitly forbidden: -onion=0'
          : 'not provided: none of -proxy, -onion or -listenonion is given'),
    );
  }
  return names as readonly string[] as readonly Network[];
}

/** Seeds are asked over IPv4 and IPv6, and tell of addresses there: who uses neither does not ask (Core). */
function readUsesDnsSeeds(settings: Settings, isAlone: boolean, onlyNetworks: readonly Network[] | null): boolean {
  const flag = settings.getFlag('dnsseed');
  if (onlyNetworks === null || onlyNetworks.includes('ipv4') || onlyNetworks.includes('ipv6')) return flag ?? !isAlone;
  if (flag !== true) return false;
  throw new StartupError(
    'Incompatible options: -dnsseed=1 was explicitly specified, but -onlynet forbids connections to IPv4/IPv6',
  );
}

/** An address with its port, or without one where none was named. */
function readExternal(text: string): string {
  const address = parseNetAddress(text, 0);
  if (address === null) throw new StartupError(`Cannot resolve -externalip address: '${text}'`);
  return address.port === 0 ? formatHost(address) : formatNetAddress(address);
}

/** The port that our own addresses have where none is named (Core GetListenPort). */
function readAdvertisedPort(settings: Settings, port: number, places: readonly ListenAt[]): number {
  for (const text of settings.getAll('bind')) {
    const named = parseNetAddress(text, 0)?.port ?? 0;
    if (named !== 0) return named;
  }
  const white = places.find(({ whitebind }) => whitebind !== null && !isPrivateBind(whitebind));
  return white?.endpoint.port ?? port;
}

function readPeerTimeoutSec(settings: Settings): number {
  const seconds = settings.getInteger('peertimeout') ?? PEER_TIMEOUT_SEC_DEFAULT;
  if (seconds <= 0) throw new StartupError('peertimeout must be a positive integer.');
  return seconds;
}

/** What the node calls itself (BIP14), with the comments of the operator. */
export function formatUserAgent(version: string, comments: readonly string[]): string {
  for (const comment of comments) {
    if (!SAFE_COMMENT.test(comment)) {
      throw new StartupError(`User Agent comment (${comment}) contains unsafe characters.`);
    }
  }
  const inside = comments.length === 0 ? '' : `(${comments.join('; ')})`;
  const userAgent = `/${CLIENT_NAME}:${version}${inside}/`;
  if (userAgent.length > MAX_SUBVERSION_LENGTH) {
    throw new StartupError(
      `Total length of network version string (${userAgent.length}) exceeds maximum length (${MAX_SUBVERSION_LENGTH}). Reduce the number or size of uacomments.`,
    );
  }
  return userAgent;
}
