// The options that say with whom a node connects: their rows of the table in options.ts, with Core's names and meanings.

import type { OptionSpec } from './option-spec.ts';

/** Most connections, those that we make included (Core DEFAULT_MAX_PEER_CONNECTIONS). */
export const MAX_CONNECTIONS_DEFAULT = 125;

/** -timeout in milliseconds (Core DEFAULT_CONNECT_TIMEOUT). */
export const TIMEOUT_MS_DEFAULT = 5000;

/** -peertimeout in seconds (Core DEFAULT_PEER_CONNECT_TIMEOUT). */
export const PEER_TIMEOUT_SEC_DEFAULT = 60;

const DAEMON = ['tallyd'] as const;

/** Rows of the table. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'addnode',
    kind: 'list',
    group: 'connection',
    argument: '<host>[:<port>]',
    help: 'Connect to this node and keep the connection open, beside others. May be given more than once.',
    programs: DAEMON,
    isNetworkOnly: true,
  },
  {
    name: 'bind',
    kind: 'list',
    group: 'connection',
    argument: '<addr>[:<port>]',
    help: 'Listen at this address. Use [host]:port for IPv6. May be given more than once. Turns -listen on.',
    defaultText: 'all addresses',
    programs: DAEMON,
    isNetworkOnly: true,
  },
  {
    name: 'blocksonly',
    kind: 'flag',
    group: 'connection',
    help: 'Take no transactions from the network, and no compact blocks. Transactions are never taken so far: there is no memory pool yet.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'connect',
    kind: 'list',
    group: 'connection',
    argument: '<host>[:<port>]',
    help: 'Connect to this node alone; -noconnect connects to none. Turns -listen and -dnsseed off unless they are given. May be given more than once.',
    programs: DAEMON,
    isNetworkOnly: true,
  },
  {
    name: 'discover',
    kind: 'flag',
    group: 'connection',
    help: 'Find out our own addresses, to tell others.',
    defaultText: '1 when listening without -externalip',
    programs: DAEMON,
  },
  {
    name: 'dns',
    kind: 'flag',
    group: 'connection',
    help: 'Allow names for -addnode, -seednode and -connect.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'dnsseed',
    kind: 'flag',
    group: 'connection',
    help: 'Ask DNS seeds for addresses of nodes when few are known.',
    defaultText: '1 unless -connect or -noconnect',
    programs: DAEMON,
  },
  {
    name: 'externalip',
    kind: 'list',
    group: 'connection',
    argument: '<ip>',
    help: 'Our own address as others see it. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'fixedseeds',
    kind: 'flag',
    group: 'connection',
    help: 'Use the addresses that come with the program when DNS seeds give none.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'listen',
    kind: 'flag',
    group: 'connection',
    help: 'Let others connect to us.',
    defaultText: '1 unless -connect, -noconnect or -maxconnections=0',
    programs: DAEMON,
  },
  {
    name: 'maxconnections',
    kind: 'integer',
    group: 'connection',
    argument: '<n>',
    help: 'Most connections to keep, those of -addnode apart.',
    defaultText: `${MAX_CONNECTIONS_DEFAULT}`,
    programs: DAEMON,
  },
  {
    name: 'maxuploadtarget',
    kind: 'text',
    group: 'connection',
    argument: '<n>',
    help: 'Try to send no more than this in 24 hours: blocks older than a week are served no more when it runs short, except to peers with the permission download. 0: no limit. May end in k, K, m, M, g, G, t or T: small letters count in thousands, capitals in 1,024s.',
    defaultText: '0M',
    programs: DAEMON,
  },
  {
    name: 'onlynet',
    kind: 'list',
    group: 'connection',
    argument: '<network>',
    help: 'Make automatic connections to this network only: ipv4, ipv6. Onion, i2p and cjdns cannot be reached yet. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'peertimeout',
    kind: 'integer',
    group: 'connection',
    argument: '<n>',
    help: 'Seconds in which a new connection must have introduced itself.',
    defaultText: `${PEER_TIMEOUT_SEC_DEFAULT}`,
    programs: DAEMON,
    isHidden: true,
  },
  {
    name: 'port',
    kind: 'integer',
    group: 'connection',
    argument: '<port>',
    help: 'Port to listen at where -bind names none.',
    defaultText: '8333, test 18333, testnet4 48333, signet 38333, regtest 18444',
    programs: DAEMON,
    isNetworkOnly: true,
  },
  {
    name: 'seednode',
    kind: 'list',
    group: 'connection',
    argument: '<host>[:<port>]',
    help: 'Connect to this node to learn addresses of others, and disconnect. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'timeout',
    kind: 'integer',
    group: 'connection',
    argument: '<n>',
    help: 'Milliseconds to wait for a connection to come about.',
    defaultText: `${TIMEOUT_MS_DEFAULT}`,
    programs: DAEMON,
  },
  {
    name: 'uacomment',
    kind: 'list',
    group: 'connection',
    argument: '<comment>',
    help: 'Append a comment to what the node calls itself.',
    programs: DAEMON,
  },
  {
    name: 'v2transport',
    kind: 'flag',
    group: 'connection',
    help: 'Encrypted connections (BIP324). Not spoken yet: 1 is refused.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'whitebind',
    kind: 'list',
    group: 'connection',
    argument: '<[permissions@]addr:port>',
    help: 'Listen at this address and grant permissions to those who connect there. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'whitelist',
    kind: 'list',
    group: 'connection',
    argument: '<[permissions@]address or subnet>',
    help: 'Grant permissions to peers of this address or subnet: bloomfilter, noban, forcerelay, relay, mempool, download, addr, in, out, all. May be given more than once.',
    programs: DAEMON,
  },
]);
