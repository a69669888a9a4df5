// The table of known addresses as it is, for people who look into it (Core rpc/net.cpp: getaddrmaninfo, getrawaddrman).

import type { AddressManager, PlacedAddr } from '../../node/p2p/addrman.ts';
import type { AddrTable } from '../../node/p2p/addrman-tables.ts';
import { formatHost, type Network } from '../../node/wire/net-address.ts';
import { netClass } from '../../node/wire/net-group.ts';
import { JsonNumber, type JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, result } from '../schema-words.ts';

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

function formatPlaced({ info: { address, services, timeSec, source } }: PlacedAddr): JsonRecord {
  return {
    address: formatHost(address),
    port: address.port,
    services: new JsonNumber(services.toString()),
    time: timeSec,
    network: netClass(address),
    source: formatHost(source),
    source_network: netClass(source),
  };
}

function listTable(manager: AddressManager, table: AddrTable): ReadonlyMap<string, JsonRecord> {
  return new Map(
    manager.entries(table).map((placed) => [`${placed.bucket}/${placed.position}`, formatPlaced(placed)] as const),
  );
}

const COUNT_FIELDS = [
  field('new', 'number', 'Addresses that were only heard of'),
  field('tried', 'number', 'Addresses that we have been connected to'),
  field('total', 'number', 'Both together'),
];

const PLACE_FIELDS = [
  field('address', 'string', 'The address'),
  field('port', 'number', 'Its port'),
  field('services', 'number', 'Services that it offers'),
  field('time', 'time', 'When it was last heard of'),
  field('network', 'string', 'Its network'),
  field('source', 'string', 'Who told of it'),
  field('source_network', 'string', 'The network of whoever told of it'),
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
      new: listTable(control.addressManager, 'new'),
      tried: listTable(control.addressManager, 'tried'),
    }),
  },
]);
