// Methods that make, end and forbid connections (Core rpc/net.cpp).

import type { ConnectionKind } from '../../node/p2p/connection-kind.ts';
import { formatSubnet, parseSubnet, type Subnet, singleAddressSubnet } from '../../node/p2p/subnet.ts';
import {
  asUsed,
  flipIpv6ToCjdns,
  formatHost,
  isRoutable,
  type Network,
  parseHost,
} from '../../node/wire/net-address.ts';
import { NODE_NETWORK, NODE_WITNESS } from '../../node/wire/protocol.ts';
import type { Arguments } from '../arguments.ts';
import { asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatMethodHelp } from '../help.ts';
import { JsonNumber, type JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, NOTHING, object, param, result } from '../schema-words.ts';

/** A word that the method does not know: its help. */
function refuseCommand({ methods }: RpcContext, name: string, code: number): never {
  throw new RpcError(code, formatMethodHelp(methods.get(name)!));
}

/** Whether a connection is to be encrypted; asking for what we do not do is refused with `message`. */
function readEncryption({ node }: RpcContext, args: Arguments, message: string): boolean {
  const { encrypts } = node.control;
  const isWanted = args.flag('v2transport', encrypts);
  if (isWanted && !encrypts) throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
  return isWanted;
}

async function addNode(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { control } = context.node;
  const command = args.text('command');
  const name = args.text('node');
  if (!['onetry', 'add', 'remove'].includes(command)) refuseCommand(context, 'addnode', RPC_CODE.MISC_ERROR);
  const message = 'Error: v2transport requested but not enabled (see -v2transport)';
  const isEncrypted = readEncryption(context, args, message);
  if (command === 'onetry') await control.connectOnce(name, 'manual', isEncrypted);
  else if (command === 'add') {
    if (!control.addNode(name, isEncrypted))
      throw new RpcError(RPC_CODE.CLIENT_NODE_ALREADY_ADDED, 'Error: Node already added');
  } else if (!control.removeNode(name)) {
    throw new RpcError(
      RPC_CODE.CLIENT_NODE_NOT_ADDED,
      'Error: Node could not be removed. It has not been added previously.',
    );
  }
  return null;
}

const TEST_KINDS: readonly string[] = ['outbound-full-relay', 'block-relay-only', 'addr-fetch', 'feeler'];

async function addConnection(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  if (context.params.name !== 'regtest') {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'addconnection is for regression testing (-regtest mode) only.');
  }
  const address = args.text('address');
  const kind = args.text('connection_type').trim();
  if (!TEST_KINDS.includes(kind)) refuseCommand(context, 'addconnection', RPC_CODE.INVALID_PARAMETER);
  const message = 'Error: Adding v2transport connections requires -v2transport init flag to be set.';
  const isEncrypted = readEncryption(context, args, message);
  if (!context.node.control.hasRoomFor(kind as ConnectionKind)) {
    throw new RpcError(
      RPC_CODE.CLIENT_NODE_CAPACITY_REACHED,
      'Error: Already at capacity for specified connection type.',
    );
  }
  await context.node.control.connectOnce(address, kind as Exclude<ConnectionKind, 'inbound'>, isEncrypted);
  return { address, connection_type: kind };
}

function disconnectNode({ node: { control } }: RpcContext, args: Arguments): JsonOutput {
  const address = args.text('address', null);
  const id = args.int64('nodeid', null);
  const isById = id !== null && (address === null || address === '');
  if (!isById && (address === null || id !== null)) {
    throw new RpcError(RPC_CODE.INVALID_PARAMS, 'Only one of address and nodeid should be provided.');
  }
  const isDone = isById ? control.disconnect(id) : control.disconnectAddress(address ?? '');
  if (!isDone) {
    throw new RpcError(RPC_CODE.CLIENT_NODE_NOT_CONNECTED, 'Node not found in connected nodes');
  }
  return null;
}

function getAddedNodeInfo({ node: { control } }: RpcContext, args: Arguments): JsonOutput {
  const wanted = args.text('node', null);
  const nodes = control.addedNodes().filter(({ name }) => wanted === null || name === wanted);
  if (wanted !== null && nodes.length === 0) {
    throw new RpcError(RPC_CODE.CLIENT_NODE_NOT_ADDED, 'Error: Node has not been added.');
  }
  return nodes.map(({ name, connection }) => ({
    addednode: name,
    connected: connection !== null,
    addresses:
      connection === null
        ? []
        : [{ address: connection.address, connected: connection.isInbound ? 'inbound' : 'outbound' }],
  }));
}

function readSubnet(text: string, usesCjdns: boolean): Subnet {
  const single = text.includes('/') ? null : parseHost(text, 0);
  const address = single !== null && usesCjdns ? flipIpv6ToCjdns(single) : single;
  const parsed = text.includes('/') ? parseSubnet(text, usesCjdns) : null;
  if (address !== null) return singleAddressSubnet(address);
  if (parsed?.ok) return parsed.value;
  throw new RpcError(RPC_CODE.CLIENT_INVALID_IP_OR_SUBNET, 'Error: Invalid IP/Subnet');
}

function setBan(context: RpcContext, args: Arguments): JsonOutput {
  const { control } = context.node;
  const command = args.text('command');
  if (command !== 'add' && command !== 'remove') refuseCommand(context, 'setban', RPC_CODE.MISC_ERROR);
  const subnet = readSubnet(args.text('subnet'), control.reachableNetworks.has('cjdns'));
  if (command === 'remove') {
    if (control.banList.unban(subnet)) return null;
    throw new RpcError(
      RPC_CODE.CLIENT_INVALID_IP_OR_SUBNET,
      'Error: Unban failed. Requested address/subnet was not previously manually banned.',
    );
  }
  const nowSec = context.clock.nowSec();
  const address = args.text('subnet').includes('/') ? null : { network: subnet.network, bytes: subnet.bytes, port: 0 };
  const isBanned =
    address === null ? control.banList.isSubnetBanned(subnet, nowSec) : control.banList.isBanned(address, nowSec);
  if (isBanned) throw new RpcError(RPC_CODE.CLIENT_NODE_ALREADY_ADDED, 'Error: IP/Subnet already banned');
  const seconds = args.int64('bantime', 0);
  const isAbsolute = args.flag('absolute', false);
  if (isAbsolute && seconds < nowSec) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Error: Absolute timestamp is in the past');
  }
  control.ban(subnet, seconds, isAbsolute);
  return null;
}

function listBanned({ node, clock }: RpcContext): JsonOutput {
  const nowSec = clock.nowSec();
  return node.control.banList.list(nowSec).map(({ subnet, createdSec, untilSec }) => ({
    address: formatSubnet(subnet),
    ban_created: createdSec,
    banned_until: untilSec,
    ban_duration: untilSec - createdSec,
    time_remaining: untilSec - nowSec,
  }));
}

const NETWORK_NAMES: readonly string[] = ['ipv4', 'ipv6', 'onion', 'i2p', 'cjdns'];

function getNodeAddresses({ node }: RpcContext, args: Arguments): JsonOutput {
  const count = args.integer('count', 1);
  const network = args.text('network', null);
  if (count < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Address count out of range');
  if (network !== null && !NETWORK_NAMES.includes(network)) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Network not recognized: ${network}`);
  }
  return node.control.knownAddresses(count, network as Network | null).map(({ timeSec, services, address }) => ({
    time: timeSec,
    services: new JsonNumber(services.toString()),
    address: formatHost(address),
    port: address.port,
    network: address.network,
  }));
}

const PORT_MAX = 65_535;

function addPeerAddress({ node, clock }: RpcContext, args: Arguments): JsonOutput {
  const { addressManager, reachableNetworks } = node.control;
  const port = asInteger(args.value('port'), 0, PORT_MAX);
  const [, bracketed] = /^\[(.*)\]$/.exec(args.text('address')) ?? [];
  const parsed = parseHost(bracketed ?? args.text('address'), port);
  if (parsed === null) throw new RpcError(RPC_CODE.CLIENT_INVALID_IP_OR_SUBNET, 'Invalid IP address');
  const address = asUsed(parsed, reachableNetworks);
  const nowSec = clock.nowSec();
  const services = NODE_NETWORK | NODE_WITNESS;
  // As if the address had told us of itself, so that no other's share of the table is used.
  const addedCount = isRoutable(address)
    ? addressManager.add([{ timeSec: nowSec, services, address }], address, 0, nowSec)
    : 0;
  if (addedCount === 0) return { success: false, error: 'failed-adding-to-new' };
  if (!args.flag('tried', false) || addressManager.good(address, nowSec)) return { success: true };
  return { success: false, error: 'failed-adding-to-tried' };
}

const ENCRYPTION = param('v2transport', 'boolean', 'Whether to encrypt the connection (BIP324)', {
  defaultHint: 'set by -v2transport',
});

/** The methods of this file. */
export const CONNECTION_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'addnode',
    category: 'network',
    description: 'Keeps a connection to a node, no longer keeps it, or tries to connect once.',
    parameters: [
      param('node', 'string', 'Address or name, and port'),
      param('command', 'string', 'add, remove or onetry'),
      ENCRYPTION,
    ],
    results: NOTHING,
    examples: ['"192.168.0.6:8333" "onetry"'],
    run: addNode,
  },
  {
    name: 'addconnection',
    category: 'hidden',
    description: 'Opens a connection of a certain kind, for tests.',
    parameters: [
      param('address', 'string', 'Address and port'),
      param('connection_type', 'string', 'outbound-full-relay, block-relay-only, addr-fetch or feeler'),
      param('v2transport', 'boolean', 'Whether to encrypt the connection (BIP324)'),
    ],
    results: [
      object([field('address', 'string', 'The address'), field('connection_type', 'string', 'The kind of connection')]),
    ],
    examples: ['"192.168.0.6:8333" "outbound-full-relay" true'],
    run: addConnection,
  },
  {
    name: 'disconnectnode',
    category: 'network',
    description: 'Ends a connection, by its address or by its number; an empty address stands for none.',
    parameters: [
      param('address', 'string', 'Address and port', { defaultHint: 'fallback to nodeid' }),
      param('nodeid', 'number', 'Number of the peer', { defaultHint: 'fallback to address' }),
    ],
    results: NOTHING,
    examples: ['"192.168.0.6:8333"', '"" 1'],
    run: disconnectNode,
  },
  {
    name: 'getaddednodeinfo',
    category: 'network',
    description: 'Tells of the nodes that connections are kept to; those tried once are not among them.',
    parameters: [param('node', 'string', 'The node', { defaultHint: 'all nodes' })],
    results: [
      result('array', '', {
        inner: [
          object([
            field('addednode', 'string', 'The node, as it was named'),
            field('connected', 'boolean', 'Whether there is a connection'),
            field('addresses', 'array', 'The connection, if any', {
              inner: [
                object([
                  field('address', 'string', 'Its address and port'),
                  field('connected', 'string', 'inbound or outbound'),
                ]),
              ],
            }),
          ]),
        ],
      }),
    ],
    examples: ['"192.168.0.201"'],
    run: getAddedNodeInfo,
  },
  {
    name: 'ping',
    category: 'network',
    description: 'Sends every peer a ping; the answers show in getpeerinfo as pingtime and pingwait.',
    parameters: [],
    results: NOTHING,
    examples: [''],
    run: ({ node }) => {
      node.control.pingAll();
      return null;
    },
  },
  {
    name: 'setban',
    category: 'network',
    description: 'Bans an address or a subnet, or takes the ban back.',
    parameters: [
      param('subnet', 'string', 'Address, or address and mask'),
      param('command', 'string', 'add or remove'),
      param('bantime', 'number', 'For how many seconds, or until when; 0: a day', { default: 0 }),
      param('absolute', 'boolean', 'Whether bantime is a time since 1970', { default: false }),
    ],
    results: NOTHING,
    examples: ['"192.168.0.6" "add" 86400', '"192.168.0.0/24" "add"'],
    run: setBan,
  },
  {
    name: 'listbanned',
    category: 'network',
    description: 'Lists what is banned.',
    parameters: [],
    results: [
      result('array', '', {
        inner: [
          object([
            field('address', 'string', 'The subnet'),
            field('ban_created', 'time', 'Since when'),
            field('banned_until', 'time', 'Until when'),
            field('ban_duration', 'time', 'For how many seconds'),
            field('time_remaining', 'time', 'Seconds that are left'),
          ]),
        ],
      }),
    ],
    examples: [''],
    run: listBanned,
  },
  {
    name: 'clearbanned',
    category: 'network',
    description: 'Takes all bans back.',
    parameters: [],
    results: NOTHING,
    examples: [''],
    run: ({ node }) => {
      node.control.banList.clear();
      return null;
    },
  },
  {
    name: 'setnetworkactive',
    category: 'network',
    description: 'Ends all connections and makes no new ones, or makes them again.',
    parameters: [param('state', 'boolean', 'Whether there are to be connections')],
    results: [result('boolean', 'What was given')],
    examples: [],
    run: ({ node }, args) => {
      node.control.setNetworkActive(args.flag('state'));
      return node.control.isNetworkActive;
    },
  },
  {
    name: 'getnodeaddresses',
    category: 'network',
    description: 'Tells addresses of nodes that are known and worth trying.',
    parameters: [
      param('count', 'number', 'How many at most; 0: all', { default: 1 }),
      param('network', 'string', 'Only of this network: ipv4, ipv6, onion, i2p, cjdns', {
        defaultHint: 'all networks',
      }),
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('time', 'time', 'When it was last heard of'),
            field('services', 'number', 'Services that it offers'),
            field('address', 'string', 'Its address'),
            field('port', 'number', 'Its port'),
            field('network', 'string', 'Its network'),
          ]),
        ],
      }),
    ],
    examples: ['8', '4 "ipv4"'],
    run: getNodeAddresses,
  },
  {
    name: 'addpeeraddress',
    category: 'hidden',
    description: 'Adds an address to those that are known, for tests.',
    parameters: [
      param('address', 'string', 'The address'),
      param('port', 'number', 'The port'),
      param('tried', 'boolean', 'Whether it counts as tried', { default: false }),
    ],
    results: [object([field('success', 'boolean', 'Whether it was added'), maybe('error', 'string', 'Why not')])],
    examples: ['"1.2.3.4" 8333 true'],
    run: addPeerAddress,
  },
]);
