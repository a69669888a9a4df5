// What a node is told about its network, as plain data. Whoever reads options (cli) or makes them up (sim, tests) fills it in; the
// defaults are Core's.

import type { ChainParams } from '../../kernel/consensus/params.ts';
import { DEFAULT_BAN_SEC } from '../p2p/ban-list.ts';
import {
  WHITELIST_DEFAULTS,
  type WhitebindEntry,
  type WhitelistDefaults,
  type WhitelistEntry,
} from '../p2p/net-permissions.ts';
import type { Endpoint } from '../ports.ts';
import type { Network } from '../wire/net-address.ts';
import { type NetGroups, PREFIX_GROUPS } from '../wire/net-groups.ts';
import { RECEIVE_BUFFER_BYTES_DEFAULT, SEND_BUFFER_BYTES_DEFAULT } from './peer-link.ts';
import { NO_PROXIES, type Proxies } from './proxied-network.ts';

/** What is told of a router of I2P (-i2psam, -i2pacceptincoming). */
export interface I2pOptions {
  /** Where it takes requests of SAM. */
  readonly sam: Endpoint;
  /** Others may connect to us: we have an address of our own that stays. */
  readonly acceptsIncoming: boolean;
}

/** What is told of Tor, which is to bring connections to us (-listenonion, -torcontrol, -torpassword). */
export interface TorOptions {
  /** Where it lets itself be controlled. */
  readonly control: Endpoint;
  /** Empty: none. */
  readonly password: string;
  /** It is asked through what onion addresses are reached, since the operator has not said (-onion). */
  readonly asksForProxy: boolean;
  /** The operator has asked for it, and did not only let it be so. */
  readonly isAskedFor: boolean;
}

/** A place to listen at. */
export interface ListenAt {
  readonly endpoint: Endpoint;
  /** Grants permissions to everyone who connects here; null: to nobody. */
  readonly whitebind: WhitebindEntry | null;
  /** For Tor on this machine: nobody is told of the place. */
  readonly isOnion: boolean;
}

/** Settings of the network of a node. */
export interface NodeOptions {
  readonly params: ChainParams;
  /** As in BIP14. */
  readonly userAgent: string;
  /** Empty: does not listen. */
  readonly listen: readonly ListenAt[];
  /** Connect to these alone (-connect); null: find peers. An empty list: to nobody. */
  readonly connect: readonly string[] | null;
  /** Keep connections to these, beside others (-addnode). */
  readonly addNodes: readonly string[];
  /** Ask these for addresses (-seednode). */
  readonly seedNodes: readonly string[];
  /** Ask DNS seeds when we know too few addresses. */
  readonly usesDnsSeeds: boolean;
  /** Use the addresses that the program was built with when nothing else helps. */
  readonly usesFixedSeeds: boolean;
  /** Networks to make connections to (-onlynet); null: all that can be reached. */
  readonly onlyNetworks: readonly Network[] | null;
  /** Most connections, those that we make included. */
  readonly connectionCountMax: number;
  readonly isBlocksOnly: boolean;
  /** Connections are encrypted with whoever can, where this machine has what it takes (-v2transport). */
  readonly encryptsConnections: boolean;
  /** Every peer may set a bloom filter (-peerbloomfilters). */
  readonly offersBloomFilters: boolean;
  /** Transactions that are handed in are sent over connections of their own through Tor and I2P (-privatebroadcast). */
  readonly broadcastsPrivately: boolean;
  /** Peers are told that transactions could be announced by reconciliation (-txreconciliation). */
  readonly offersReconciliation: boolean;
  /** Blocks are removed when they are old: we offer the latest only. */
  readonly isPruned: boolean;
  readonly whitelist: readonly WhitelistEntry[];
  /** What those are granted for whom no permission is named (-whitelistrelay, -whitelistforcerelay). */
  readonly whitelistDefaults: WhitelistDefaults;
  /** Seconds of a ban whose length nobody says (-bantime). */
  readonly banSec: number;
  /** Time for a connection to come about (-timeout). */
  readonly connectTimeoutMs: number;
  /** Time for a handshake (-peertimeout). */
  readonly handshakeTimeoutMs: number;
  /** Bytes to send in a day at most, with room for new blocks kept back (-maxuploadtarget); 0: no limit. */
  readonly uploadLimitBytes: number;
  /** Our addresses as others see them, with a port where it is not that of {@link advertisedPort} (-externalip). */
  readonly externalHosts: readonly string[];
  /** The port of our own addresses; null: that of the first place to listen at. */
  readonly advertisedPort: number | null;
  /** What connections go through (-proxy, -onion). */
  readonly proxies: Proxies;
  /** The way into I2P; null: there is none. */
  readonly i2p: I2pOptions | null;
  /** Tor is to bring connections to us; null: it is not. */
  readonly tor: TorOptions | null;
  /** IPv6 addresses of fc00::/8 lead into CJDNS (-cjdnsreachable). */
  readonly usesCjdns: boolean;
  /** Ask DNS seeds even when addresses are known (-forcednsseed). */
  readonly isDnsSeedForced: boolean;
  /** Find out our own addresses (-discover). */
  readonly discovers: boolean;
  /** By which addresses are sorted, and connections are spread (-asmap). */
  readonly netGroups: NetGroups;
  /** One operation in so many on the known addresses checks their tables first (-checkaddrman); 0: none. */
  readonly addressCheckInterval: number;
  /** The tables of known addresses are made with a key that everybody knows: for tests alone (-test=addrman). */
  readonly hasOpenAddressKey: boolean;
  /** What is held of a connection before it is read no further, and before it is answered no more: see LinkLimits. */
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  /** Lines of the log name the addresses of peers, too (-logips). */
  readonly logsAddresses: boolean;
}

/** Core's defaults for everything but the network itself. */
export const NODE_DEFAULTS: Omit<NodeOptions, 'params' | 'userAgent'> = Object.freeze({
  listen: [],
  connect: null,
  addNodes: [],
  seedNodes: [],
  usesDnsSeeds: true,
  usesFixedSeeds: true,
  onlyNetworks: null,
  connectionCountMax: 125,
  isBlocksOnly: false,
  encryptsConnections: true,
  offersBloomFilters: false,
  broadcastsPrivately: false,
  offersReconciliation: false,
  isPruned: false,
  whitelist: [],
  whitelistDefaults: WHITELIST_DEFAULTS,
  banSec: DEFAULT_BAN_SEC,
  connectTimeoutMs: 5000,
  handshakeTimeoutMs: 60_000,
  uploadLimitBytes: 0,
  externalHosts: [],
  advertisedPort: null,
  proxies: NO_PROXIES,
  i2p: null,
  tor: null,
  usesCjdns: false,
  isDnsSeedForced: false,
  discovers: true,
  netGroups: PREFIX_GROUPS,
  addressCheckInterval: 0,
  hasOpenAddressKey: false,
  receiveBufferBytes: RECEIVE_BUFFER_BYTES_DEFAULT,
  sendBufferBytes: SEND_BUFFER_BYTES_DEFAULT,
  logsAddresses: false,
});

/** A place to listen at for everyone. */
export function listenAt(host: string, port: number, isOnion = false): ListenAt {
  return { endpoint: { host, port }, whitebind: null, isOnion };
}
