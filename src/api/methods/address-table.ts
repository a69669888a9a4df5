// The table of known addresses as it is, for people who look into it (Core rpc/net.cpp: getaddrmaninfo, getrawaddrman).

import type { NodeControl } from '../../node/app/node-control.ts';
import type { AddressManager, PlacedAddr } from '../../node/p2p/addrman.ts';
import type { AddrTable } from '../../node/p2p/addrman-tables.ts';
import { formatHost, type NetAddress, type Network } from '../../node/wire/net-address.ts';
import { netClass } from '../../node/wire/net-group.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { JsonNumber, type JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';

/** Core's order. */
const NETWORKS: readonly Network[] = ['ipv4', 'ipv6', 'onion', 'i2p', 'cjdns'];

function countAddresses(manager: AddressManager, network?: Network): JsonRecord {
  return {
    new: manager.size(network, 'new'),
    tried: manager.size(network, 'tried'),
    total: manager.size(network),
  };
}

function describeTable(manager: AddressManager): JsonRecord {
  const counts: Record<string, JsonRecord> = {};
  for (const network of NETWORKS) counts[network] = countAddresses(manager, network);
  return { ...counts, all_networks: countAddresses(manager) };
}

function formatPlaced(control: NodeControl, { info }: PlacedAddr): JsonRecord {
  const { address, services, timeSec, source } = info;
  const systemOf = (place: NetAddress): number | undefined => control.mappedAs(place) || undefined;
  return {
    address: formatHost(address),
    mapped_as: systemOf(address),
    port: address.port,
    services: new JsonNumber(services.toString()),
    time: timeSec,
    network: netClass(address),
    source: formatHost(source),
    source_network: netClass(source),
    source_mapped_as: systemOf(source),
  };
}

function listTable(control: NodeControl, table: AddrTable): ReadonlyMap<string, JsonRecord> {
  const placed = control.addressManager.entries(table);
  return new Map(placed.map((one) => [`${one.bucket}/${one.position}`, formatPlaced(control, one)] as const));
}

const COUNT_FIELDS = [
  field('new', 'number', 'Addresses that were only heard of'),
  field('tried', 'number', 'Addresses that we have been connected to'),
  field('total', 'number', 'Both together'),
];

const PLACE_FIELDS = [
  field('address', 'string', 'The address'),
  maybe('mapped_as', 'number', 'The autonomous system that routes it (with -asmap only)'),
  field('port', 'number', 'Its port'),
  field('services', 'number', 'Services that it offers'),
  field('time', 'time', 'When it was last heard of'),
  field('network', 'string', 'Its network'),
  field('source', 'string', 'Who told of it'),
  field('source_network', 'string', 'The network of whoever told of it'),
  maybe('source_mapped_as', 'number', 'The autonomous system of whoever told of it (with -asmap only)'),
];

/** The methods of this file. */
export const ADDRESS_TABLE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getaddrmaninfo',
    category: 'network',
    description: 'Counts the addresses of nodes that are known, by network.',
    parameters: [],
    results: [
      result('object-dynamic', 'By network, and all_networks', {
        inner: [field('network', 'object', 'Addresses of this network', { inner: COUNT_FIELDS })],
      }),
    ],
    examples: [''],
    run: ({ node }) => describeTable(node.control.addressManager),
  },
  {
    name: 'getrawaddrman',
    category: 'hidden',
    description: 'Lists every known address with its place in the table. What it tells may change.',
    parameters: [],
    results: [
      result('object-dynamic', 'By table: new, tried', {
        inner: [
          field('table', 'object-dynamic', 'By place: bucket/position', {
            inner: [object(PLACE_FIELDS, { key: 'bucket/position' })],
          }),
        ],
      }),
    ],
    examples: [''],
    run: ({ node: { control } }) => ({
      new: listTable(control, 'new'),
      tried: listTable(control, 'tried'),
    }),
  },
  {
    name: 'exportasmap',
    category: 'network',
    description:
      'Writes the map of autonomous systems that the program carries to a file. Tallystick carries none: -asmap takes one from a file.',
    parameters: [param('path', 'string', 'The file; a relative path starts at the folder of the network')],
    results: [
      object([
        field('path', 'string', 'The whole path of the file'),
        field('bytes_written', 'number', 'Bytes in it'),
        field('file_hash', 'hex', 'SHA-256 of the map'),
      ]),
    ],
    examples: ['"asmap.dat"'],
    run: () => {
      throw new RpcError(RPC_CODE.MISC_ERROR, 'No embedded ASMap data available');
    },
  },
]);
