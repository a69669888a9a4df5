// Addresses of nodes in both forms: `addr` with IPv6 and what hides in it, `addrv2` with a network id and a length (BIP155). Mirrors
// Core's CAddress and CNetAddr::UnserializeV2Stream: a known network with a wrong length spoils the message, an unknown one only its
// entry. How many entries there may be is the handler's business.

import { DecodeError } from '../../../kernel/encoding/decode-error.ts';
import { readU64BigInt } from '../../../kernel/encoding/numbers.ts';
import { ByteReader } from '../../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import type { MessageOf } from '../messages.ts';
import {
  ADDRESS_BYTES,
  fromLegacyIpv6,
  isEmbeddedInIpv6,
  isInternalInIpv6,
  type NetAddress,
  type Network,
  toLegacyIpv6,
  unspecifiedAddress,
  withPort,
} from '../net-address.ts';
import { type AddressEntry, AddressList } from '../packed-lists.ts';
import { MAX_ADDRV2_SIZE } from '../protocol.ts';
import { LEGACY_ADDRESS_BYTES, readLegacyAddress, readPort, writeLegacyAddress, writePort } from './address-fields.ts';
import type { Codec } from './codec.ts';

/** Bytes of an entry of `addr`: time, services, address, port. */
const ADDR_ENTRY_BYTES = 4 + 8 + LEGACY_ADDRESS_BYTES + 2;

/** Fewest bytes of an entry of `addrv2`: time, services, network, a length of zero, port. */
const ADDRV2_ENTRY_BYTES_MIN = 4 + 1 + 1 + 1 + 2;

// --- addr

function readAddrEntry(bytes: Uint8Array, at: number): AddressEntry {
  const reader = new ByteReader(bytes, at);
  return { timeSec: reader.u32('time'), services: reader.u64('services'), address: readLegacyAddress(reader) };
}

function decodeAddr(reader: ByteReader): MessageOf<'addr'> {
  const count = reader.count(ADDR_ENTRY_BYTES, 'address count');
  const start = reader.skip(ADDR_ENTRY_BYTES * count, 'addresses');
  const { bytes } = reader;
  return { type: 'addr', entries: new AddressList(count, (i) => readAddrEntry(bytes, start + ADDR_ENTRY_BYTES * i)) };
}

function encodeAddr(message: MessageOf<'addr'>): Uint8Array {
  const { entries } = message;
  const writer = new ByteWriter(9 + ADDR_ENTRY_BYTES * entries.count).compactSize(entries.count);
  for (const { timeSec, services, address } of entries) {
    writer.u32(timeSec).u64(services);
    writeLegacyAddress(writer, address);
  }
  return writer.finish();
}

/** `addr`. Addresses of networks that have no place in IPv6 are written as zeros: leave them out. */
export const addrCodec: Codec<MessageOf<'addr'>> = { decode: decodeAddr, encode: encodeAddr };

// --- addrv2

/** A network of BIP155, by its id. */
interface Bip155Network {
  readonly network: Exclude<Network, 'internal'>;
  /** As Core writes it in its errors. */
  readonly name: string;
}

/** Networks by id (BIP155). 3 was version 2 of onion services; it is unknown, as all the others. */
const NETWORKS_BY_ID: ReadonlyMap<number, Bip155Network> = new Map<number, Bip155Network>([
  [1, { network: 'ipv4', name: 'IPv4' }],
  [2, { network: 'ipv6', name: 'IPv6' }],
  [4, { network: 'onion', name: 'TORv3' }],
  [5, { network: 'i2p', name: 'I2P' }],
  [6, { network: 'cjdns', name: 'CJDNS' }],
]);

const IPV6_ID = 2;

const IDS_BY_NETWORK: ReadonlyMap<Network, number> = new Map(
  [...NETWORKS_BY_ID].map(([id, { network }]) => [network, id]),
);

/** Service bits as a CompactSize of any size, exact. */
function readServices(reader: ByteReader): bigint {
  const at = reader.position;
  const value = reader.compactSizeAny('services');
  return value <= 0xffffffff ? BigInt(value) : readU64BigInt(reader.bytes, at + 1);
}

function writeServices(writer: ByteWriter, services: bigint): void {
  if (services <= 0xffffffffn) writer.compactSize(Number(services));
  else writer.u8(0xff).u64(services);
}

/** Reads network and length; refuses a length that a known network cannot have. Returns the length. */
function readAddressLength(reader: ByteReader): { readonly network: Network | null; readonly length: number } {
  const known = NETWORKS_BY_ID.get(reader.u8('network'));
  const at = reader.position;
  const length = reader.compactSize('address length');
  if (length > MAX_ADDRV2_SIZE) throw new DecodeError('Address too long', 'address', at, length, MAX_ADDRV2_SIZE);
  if (known === undefined) return { network: null, length };
  const expected = ADDRESS_BYTES[known.network];
  if (length !== expected) {
    throw new DecodeError('BIP155 address with bad length', known.name, at, length, expected);
  }
  return { network: known.network, length };
}

/**
 * Reads network and bytes of an address without its port, which is 0 in the result: the unspecified one where the network is unknown
 * or another hides in IPv6 (Core CNetAddr in the V2 encoding). Also the form of files.
 */
export function readAddrv2Host(reader: ByteReader): NetAddress {
  const { network, length } = readAddressLength(reader);
  const bytes = reader.copy(length, 'address');
  if (network === null) return unspecifiedAddress();
  if (network !== 'ipv6') return { network, bytes, port: 0 };
  if (isInternalInIpv6(bytes)) return fromLegacyIpv6(bytes, 0);
  return isEmbeddedInIpv6(bytes) ? unspecifiedAddress() : { network, bytes, port: 0 };
}

/** Reads an entry of `addrv2`. */
export function readAddrv2Entry(reader: ByteReader): AddressEntry {
  const timeSec = reader.u32('time');
  const services = readServices(reader);
  const host = readAddrv2Host(reader);
  return { timeSec, services, address: withPort(host, readPort(reader)) };
}

/** Checks an entry and passes over it. */
function skipAddrv2Entry(reader: ByteReader): void {
  reader.skip(4, 'time');
  reader.compactSizeAny('services');
  const { length } = readAddressLength(reader);
  reader.skip(length + 2, 'address');
}

function decodeAddrv2(reader: ByteReader): MessageOf<'addrv2'> {
  const count = reader.count(ADDRV2_ENTRY_BYTES_MIN, 'address count');
  const starts = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    starts[i] = reader.position;
    skipAddrv2Entry(reader);
  }
  const { bytes } = reader;
  return { type: 'addrv2', entries: new AddressList(count, (i) => readAddrv2Entry(new ByteReader(bytes, starts[i]!))) };
}

/** Appends network and bytes of an address, without its port. */
export function writeAddrv2Host(writer: ByteWriter, address: NetAddress): void {
  const id = IDS_BY_NETWORK.get(address.network);
  if (id === undefined) writer.u8(IPV6_ID).varBytes(toLegacyIpv6(address));
  else writer.u8(id).varBytes(address.bytes);
}

/** Appends an entry of `addrv2`. */
export function writeAddrv2Entry(writer: ByteWriter, { timeSec, services, address }: AddressEntry): void {
  writeServices(writer.u32(timeSec), services);
  writeAddrv2Host(writer, address);
  writePort(writer, address.port);
}

function encodeAddrv2(message: MessageOf<'addrv2'>): Uint8Array {
  const { entries } = message;
  const writer = new ByteWriter(9 + 2 * ADDR_ENTRY_BYTES * entries.count).compactSize(entries.count);
  for (const entry of entries) writeAddrv2Entry(writer, entry);
  return writer.finish();
}

/** `addrv2`. Internal addresses travel in IPv6: that form is also the one of files. */
export const addrv2Codec: Codec<MessageOf<'addrv2'>> = { decode: decodeAddrv2, encode: encodeAddrv2 };
