// Methods that tell of connections and of the network (Core rpc/net.cpp).

import { POLICY_DEFAULTS } from '../../kernel/policy/options.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { RoutedPeerInfo } from '../../node/app/node-control.ts';
import type { Endpoint } from '../../node/ports.ts';
import { formatHost, formatNetAddress, type Network, parseHost } from '../../node/wire/net-address.ts';
import { formatServices, PROTOCOL_VERSION } from '../../node/wire/protocol.ts';
import { valueFromAmount } from '../amount.ts';
import type { RpcContext } from '../context.ts';
import { formatWarnings } from '../format/warnings.ts';
import { type JsonNumber, type JsonOutput, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, result } from '../schema-words.ts';

/** Core's networks, in its order. */
const NETWORKS: readonly Network[] = ['ipv4', 'ipv6', 'onion', 'i2p', 'cjdns'];

/** A proxy as Core shows it: a path as it is. */
function formatPlace({ host, port }: Endpoint): string {
  const address = parseHost(host, port);
  return address !== null ? formatNetAddress(address) : port === 0 ? host : `${host}:${port}`;
}

/** The version as Core writes it: two digits for each of three numbers, and two zeros. */
export function numericVersion(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return major * 10_000 + minor * 100 + patch;
}

function formatServiceBits(services: bigint): string {
  return services.toString(16).padStart(16, '0');
}

function seconds(durationMs: number | null): JsonNumber | undefined {
  return durationMs === null ? undefined : jsonDouble(Math.round(durationMs * 1000) / 1e6);
}

function formatPeer(peer: RoutedPeerInfo): JsonOutput {
  return {
    id: peer.id,
    addr: peer.name ?? peer.address,
    addrbind: peer.localAddress,
    addrlocal: peer.seenLocalAddress ?? undefined,
    network: peer.network === 'unroutable' ? 'not_publicly_routable' : peer.network,
    mapped_as: peer.mappedAs === 0 ? undefined : peer.mappedAs,
    services: formatServiceBits(peer.services),
    servicesnames: formatServices(peer.services),
    relaytxes: peer.relaysTransactions,
    last_inv_sequence: peer.invSequence,
    inv_to_send: peer.invWaitingCount,
    lastsend: peer.lastSentSec,
    lastrecv: peer.lastReceivedSec,
    last_transaction: peer.lastTransactionSec,
    last_block: peer.lastBlockSec,
    bytessent: peer.bytesSent,
    bytesrecv: peer.bytesReceived,
    conntime: peer.connectedAtSec,
    timeoffset: peer.timeOffsetSec,
    pingtime: seconds(peer.pingLastMs),
    minping: seconds(peer.pingMinMs),
    pingwait: peer.pingWaitMs !== null && peer.pingWaitMs > 0 ? seconds(peer.pingWaitMs) : undefined,
    version: peer.version,
    subver: peer.userAgent,
    inbound: peer.kind === 'inbound',
    bip152_hb_to: peer.isHighBandwidthTo,
    bip152_hb_from: peer.isHighBandwidthFrom,
    presynced_headers: peer.presyncHeight,
    synced_headers: peer.syncedHeadersHeight,
    synced_blocks: peer.syncedBlocksHeight,
    inflight: peer.inFlightHeights,
    addr_relay_enabled: peer.isAddrRelayEnabled,
    addr_processed: peer.addrProcessedCount,
    addr_rate_limited: peer.addrLimitedCount,
    permissions: peer.permissions,
    minfeefilter: valueFromAmount(peer.feeFilterSat),
    bytessent_per_msg: byName(peer.sentByType),
    bytesrecv_per_msg: byName(peer.receivedByType),
    connection_type: peer.kind,
    transport_protocol_type: peer.transport,
    session_id: peer.sessionId === null ? '' : toHex(peer.sessionId),
  };
}

function byName(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...counts].filter(([, bytes]) => bytes > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const PEER_FIELDS = [
  field('id', 'number', 'Number of the peer'),
  field('addr', 'string', 'Address and port'),
  maybe('addrbind', 'string', 'Our end of the connection'),
  maybe('addrlocal', 'string', 'Our address as the peer sees it'),
  field('network', 'string', 'The network (ipv4, ipv6, onion, i2p, cjdns, not_publicly_routable)'),
  maybe('mapped_as', 'number', 'Number of the autonomous system (with -asmap only)'),
  field('services', 'hex', 'Services that it offers'),
  field('servicesnames', 'array', 'Their names', { inner: [result('string', 'A name')] }),
  field('relaytxes', 'boolean', 'Whether it wants transactions'),
  field('last_inv_sequence', 'number', 'Sequence number of the memory pool when it was last told of transactions'),
  field('inv_to_send', 'number', 'Transactions that it is to be told of'),
  field('lastsend', 'time', 'When something was last sent'),
  field('lastrecv', 'time', 'When something last came'),
  field('last_transaction', 'time', 'When a valid transaction last came'),
  field('last_block', 'time', 'When a block last came'),
  field('bytessent', 'number', 'Bytes sent'),
  field('bytesrecv', 'number', 'Bytes received'),
  field('conntime', 'time', 'When it connected'),
  field('timeoffset', 'number', 'Its clock minus ours, in seconds'),
  maybe('pingtime', 'number', 'Last round trip in seconds'),
  maybe('minping', 'number', 'Best round trip in seconds'),
  maybe('pingwait', 'number', 'How long a ping has been waiting, in seconds'),
  field('version', 'number', 'Protocol version'),
  field('subver', 'string', 'What it calls itself'),
  field('inbound', 'boolean', 'Whether it connected to us'),
  field('bip152_hb_to', 'boolean', 'Whether we want compact blocks from it unasked'),
  field('bip152_hb_from', 'boolean', 'Whether it wants them from us'),
  field('presynced_headers', 'number', 'Height of the first phase of header download, or -1'),
  field('synced_headers', 'number', 'Height of the last header that both have, or -1'),
  field('synced_blocks', 'number', 'Height of the last block that both have, or -1'),
  field('inflight', 'array', 'Blocks that are asked of it', { inner: [result('number', 'A height')] }),
  field('addr_relay_enabled', 'boolean', 'Whether addresses are exchanged'),
  field('addr_processed', 'number', 'Addresses that were taken'),
  field('addr_rate_limited', 'number', 'Addresses that were too many'),
  field('permissions', 'array', 'Permissions', { inner: [result('string', 'A permission')] }),
  field('minfeefilter', 'amount', 'Lowest fee rate that it wants to hear of, in BTC/kvB'),
  field('bytessent_per_msg', 'object-dynamic', 'Bytes sent by type of message', {
    inner: [field('msg', 'number', '')],
  }),
  field('bytesrecv_per_msg', 'object-dynamic', 'Bytes received by type of message', {
    inner: [field('msg', 'number', '')],
  }),
  field('connection_type', 'string', 'Kind of connection'),
  field('transport_protocol_type', 'string', 'Whether it is encrypted (v2), plain (v1) or neither yet (detecting)'),
  field(
    'session_id',
    'string',
    'Number of an encrypted connection, equal at both ends unless somebody is between them',
  ),
];

function getNetworkInfo({ node, host, pool }: RpcContext): JsonOutput {
  const { control } = node;
  const peers = node.peers();
  const inboundCount = peers.filter(({ kind }) => kind === 'inbound').length;
  const options = pool?.mempool.options ?? POLICY_DEFAULTS;
  return {
    version: numericVersion(host.version),
    subversion: control.userAgent,
    protocolversion: PROTOCOL_VERSION,
    localservices: formatServiceBits(control.localServices),
    localservicesnames: formatServices(control.localServices),
    localrelay: control.relaysTransactions,
    timeoffset: control.medianTimeOffsetSec,
    networkactive: control.isNetworkActive,
    connections: peers.length,
    connections_in: inboundCount,
    connections_out: peers.length - inboundCount,
    networks: NETWORKS.map((name) => {
      const isReachable = control.reachableNetworks.has(name);
      const proxy = control.proxyOf(name);
      return {
        name,
        limited: !isReachable,
        reachable: isReachable,
        proxy: proxy === null ? '' : formatPlace(proxy.endpoint),
        proxy_randomize_credentials: proxy?.isRandomized ?? false,
      };
    }),
    relayfee: valueFromAmount(options.minRelayFeerate),
    incrementalfee: valueFromAmount(options.incrementalFeerate),
    localaddresses: control.localAddresses.map(({ address, score }) => ({
      address: formatHost(address),
      port: address.port,
      score,
    })),
    warnings: formatWarnings({ node, host }),
  };
}

const NETWORK_FIELDS = [
  field('name', 'string', 'The network (ipv4, ipv6, onion, i2p, cjdns)'),
  field('limited', 'boolean', 'Whether no connections are made to it'),
  field('reachable', 'boolean', 'Whether it can be reached'),
  field('proxy', 'string', 'The proxy, if any'),
  field('proxy_randomize_credentials', 'boolean', 'Whether credentials are chosen at random'),
];

const UPLOAD_FIELDS = [
  field('timeframe', 'number', 'Seconds of a cycle'),
  field('target', 'number', 'Bytes to send in a cycle; 0: no limit'),
  field('target_reached', 'boolean', 'Whether they are used up'),
  field('serve_historical_blocks', 'boolean', 'Whether old blocks are served'),
  field('bytes_left_in_cycle', 'number', 'Bytes that are left'),
  field('time_left_in_cycle', 'number', 'Seconds that are left'),
];

function getNetTotals({ node, clock }: RpcContext): JsonOutput {
  const { receivedBytes, sentBytes } = node.control.totals();
  return {
    totalbytesrecv: receivedBytes,
    totalbytessent: sentBytes,
    timemillis: Math.floor(clock.wallMs()),
    uploadtarget: node.control.uploadTarget(),
  };
}

/** The methods of this file. */
export const PEER_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getpeerinfo',
    category: 'network',
    description: 'Tells of every connection.',
    parameters: [],
    results: [result('array', '', { inner: [object(PEER_FIELDS)] })],
    examples: [''],
    run: (context) => context.node.control.peers().map(formatPeer),
  },
  {
    name: 'getconnectioncount',
    category: 'network',
    description: 'Tells how many connections there are.',
    parameters: [],
    results: [result('number', 'The number')],
    examples: [''],
    run: ({ node }) => node.peers().length,
  },
  {
    name: 'getnettotals',
    category: 'network',
    description: 'Tells how much has been sent and received.',
    parameters: [],
    results: [
      object([
        field('totalbytesrecv', 'number', 'Bytes received'),
        field('totalbytessent', 'number', 'Bytes sent'),
        field('timemillis', 'time', 'The time, in milliseconds since 1970'),
        field('uploadtarget', 'object', '', { inner: UPLOAD_FIELDS }),
      ]),
    ],
    examples: [''],
    run: getNetTotals,
  },
  {
    name: 'getnetworkinfo',
    category: 'network',
    description: 'Tells the state of the network.',
    parameters: [],
    results: [
      object([
        field('version', 'number', 'Version of the program'),
        field('subversion', 'string', 'What it calls itself'),
        field('protocolversion', 'number', 'Protocol version'),
        field('localservices', 'hex', 'Services that we offer'),
        field('localservicesnames', 'array', 'Their names', { inner: [result('string', 'A name')] }),
        field('localrelay', 'boolean', 'Whether we ask for transactions'),
        field('timeoffset', 'number', 'Clocks of others minus ours, in seconds'),
        field('connections', 'number', 'Connections'),
        field('connections_in', 'number', 'Those that others made'),
        field('connections_out', 'number', 'Those that we made'),
        field('networkactive', 'boolean', 'Whether there are connections at all'),
        field('networks', 'array', '', { inner: [object(NETWORK_FIELDS)] }),
        field('relayfee', 'amount', 'Lowest fee rate that is relayed, in BTC/kvB'),
        field('incrementalfee', 'amount', 'What a replacement must pay for its relay, in BTC/kvB'),
        field('localaddresses', 'array', 'Our addresses', {
          inner: [
            object([
              field('address', 'string', 'An address'),
              field('port', 'number', 'Its port'),
              field('score', 'number', 'How sure we are'),
            ]),
          ],
        }),
        field('warnings', 'array', 'Warnings', { inner: [result('string', 'A warning')], skipsTypeCheck: true }),
      ]),
    ],
    examples: [''],
    run: getNetworkInfo,
  },
]);
