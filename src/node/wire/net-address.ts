// Addresses of peers: what they are, what kind of place they name, and their text. Mirrors Core's CNetAddr and CService
// (netaddress.h) and LookupNumeric (netbase.h); a CService is an address with a port, and ours always has one. Names are never
// resolved, and scopes of IPv6 are not kept. How addresses travel is in messages/addr.ts, their groups are in net-group.ts.

import { sha3_256 } from '../../kernel/crypto/sha3.ts';
import { sha256 } from '../../kernel/crypto/sha256.ts';
import { unreachable } from '../../kernel/util/assert.ts';
import { compareBytes, concatBytes, equalBytes, isZeroBytes, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import {
  isLoopbackIpv4,
  isLoopbackIpv6,
  isRfc1918,
  isRfc2544,
  isRfc3849,
  isRfc3927,
  isRfc4193,
  isRfc4843,
  isRfc4862,
  isRfc5737,
  isRfc6598,
  isRfc7343,
} from './address-ranges.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-text.ts';

/** Networks that an address can belong to. `internal` stands for a name, such as that of a DNS seed, and is never dialled. */
export type Network = 'ipv4' | 'ipv6' | 'onion' | 'i2p' | 'cjdns' | 'internal';

/** An address with a port. Plain data, frozen by convention; an IPv4 address is always `ipv4`, never IPv6 with a prefix. */
export interface NetAddress {
  readonly network: Network;
  /** In network order; as many as {@link ADDRESS_BYTES} says. Onion: the public key of a version 3 service. */
  readonly bytes: Uint8Array;
  /** uint16; 0 for I2P, which has no ports. */
  readonly port: number;
}

/** Bytes of an address by network (netaddress.h ADDR_*_SIZE). */
export const ADDRESS_BYTES: Readonly<Record<Network, number>> = Object.freeze({
  ipv4: 4,
  ipv6: 16,
  onion: 32,
  i2p: 32,
  cjdns: 16,
  internal: 10,
});

/** The port that I2P addresses have: SAM 3.1 knows none (netaddress.h I2P_SAM31_PORT). */
export const I2P_PORT = 0;

/** First byte of every CJDNS address (netaddress.h CJDNS_PREFIX). */
const CJDNS_PREFIX = 0xfc;

const IPV4_IN_IPV6_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
/** Where addresses of onion services of version 2 were hidden in IPv6; they are dead. */
const TORV2_IN_IPV6_PREFIX = Uint8Array.of(0xfd, 0x87, 0xd8, 0x7e, 0xeb, 0x43);
/** 0xfd and the first bytes of SHA-256("bitcoin"), within the private range of RFC 4193. */
const INTERNAL_IN_IPV6_PREFIX = Uint8Array.of(0xfd, 0x6b, 0x88, 0xc0, 0x87, 0x24);

const ZERO_IPV6: Uint8Array = new Uint8Array(16);

/** `[::]` with a port: no address. What stands where an address cannot be told; never valid (Core's default CService). */
export function unspecifiedAddress(port = 0): NetAddress {
  return { network: 'ipv6', bytes: ZERO_IPV6, port };
}

/** The address that stands for a name in the address manager (Core CNetAddr::SetInternal); `name` is not empty. */
export function createInternalAddress(name: string): NetAddress {
  return { network: 'internal', bytes: sha256(encodeUtf8(name)).slice(0, ADDRESS_BYTES.internal), port: 0 };
}

/** The same place with another port. */
export function withPort(address: NetAddress, port: number): NetAddress {
  return { network: address.network, bytes: address.bytes, port };
}

// --- identity

/** Text that is equal for equal addresses with equal ports and for no others: a key of maps, not for people. */
export function addressKey(address: NetAddress): string {
  return `${hostKey(address)}:${address.port}`;
}

/** As {@link addressKey} without the port: one per machine, as far as can be told. */
export function hostKey(address: NetAddress): string {
  return `${address.network}/${toHex(address.bytes)}`;
}

/** True when both name the same place and port. */
export function equalAddresses(a: NetAddress, b: NetAddress): boolean {
  return a.port === b.port && equalHosts(a, b);
}

/** True when both name the same place, whatever the port. */
export function equalHosts(a: NetAddress, b: NetAddress): boolean {
  return a.network === b.network && equalBytes(a.bytes, b.bytes);
}

/** Numbers of the networks, as Core's enum Network has them: parts of groups and of orders. */
export const NETWORK_NUMBERS: Readonly<Record<Network | 'unroutable', number>> = Object.freeze({
  unroutable: 0,
  ipv4: 1,
  ipv6: 2,
  onion: 3,
  i2p: 4,
  cjdns: 5,
  internal: 6,
});

/** An order of addresses: by network, bytes, port (Core's operator<). */
export function compareAddresses(a: NetAddress, b: NetAddress): number {
  return NETWORK_NUMBERS[a.network] - NETWORK_NUMBERS[b.network] || compareBytes(a.bytes, b.bytes) || a.port - b.port;
}

// --- IPv6 as a container of others (`addr`, `version`, files)

function hasPrefix(bytes: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[i] !== prefix[i]) return false;
  }
  return true;
}

/** True when 16 bytes of IPv6 hide an IPv4 address or a dead onion service: not allowed in `addrv2` (BIP155). */
export function isEmbeddedInIpv6(bytes: Uint8Array): boolean {
  return hasPrefix(bytes, IPV4_IN_IPV6_PREFIX) || hasPrefix(bytes, TORV2_IN_IPV6_PREFIX);
}

/** True when 16 bytes of IPv6 stand for an internal address. */
export function isInternalInIpv6(bytes: Uint8Array): boolean {
  return hasPrefix(bytes, INTERNAL_IN_IPV6_PREFIX);
}

/**
 * The address that 16 bytes of IPv6 stand for: IPv4 and internal ones are recognized by their prefix, an onion service of version 2
 * becomes {@link unspecifiedAddress} (Core CNetAddr::SetLegacyIPv6). Takes a view of `bytes`.
 */
export function fromLegacyIpv6(bytes: Uint8Array, port: number): NetAddress {
  if (hasPrefix(bytes, IPV4_IN_IPV6_PREFIX)) {
    return { network: 'ipv4', bytes: bytes.subarray(IPV4_IN_IPV6_PREFIX.length), port };
  }
  if (hasPrefix(bytes, TORV2_IN_IPV6_PREFIX)) return unspecifiedAddress(port);
  if (isInternalInIpv6(bytes)) {
    return { network: 'internal', bytes: bytes.subarray(INTERNAL_IN_IPV6_PREFIX.length), port };
  }
  return { network: 'ipv6', bytes, port };
}

/** True when the address has a form of 16 bytes, so that it fits `addr` and `version` (Core IsAddrV1Compatible). */
export function isAddrV1Compatible(address: NetAddress): boolean {
  return address.network === 'ipv4' || address.network === 'ipv6' || address.network === 'internal';
}

/** 16 bytes of IPv6 that stand for an address; zeros for those that have no such form (Core SerializeV1Array). */
export function toLegacyIpv6(address: NetAddress): Uint8Array {
  const legacy = new Uint8Array(16);
  if (address.network === 'ipv4') legacy.set(IPV4_IN_IPV6_PREFIX);
  else if (address.network === 'internal') legacy.set(INTERNAL_IN_IPV6_PREFIX);
  else if (address.network !== 'ipv6') return legacy;
  legacy.set(address.bytes, legacy.length - address.bytes.length);
  return legacy;
}

/** The bytes that stand for an address in hashes: its 16-byte form where there is one, else its own (Core GetAddrBytes). */
export function legacyOrOwnBytes(address: NetAddress): Uint8Array {
  return isAddrV1Compatible(address) ? toLegacyIpv6(address) : address.bytes;
}

/** {@link legacyOrOwnBytes} and the port in big-endian order: what the address manager hashes (Core CService::GetKey). */
export function encodeAddressKey(address: NetAddress): Uint8Array {
  const bytes = legacyOrOwnBytes(address);
  const key = new Uint8Array(bytes.length + 2);
  key.set(bytes);
  key[bytes.length] = address.port >>> 8;
  key[bytes.length + 1] = address.port & 0xff;
  return key;
}

/** An IPv6 address of the CJDNS range as a CJDNS address, any other unchanged (Core MaybeFlipIPv6toCJDNS, when CJDNS is in use). */
export function flipIpv6ToCjdns(address: NetAddress): NetAddress {
  if (address.network !== 'ipv6' || address.bytes[0] !== CJDNS_PREFIX) return address;
  return { network: 'cjdns', bytes: address.bytes, port: address.port };
}

/** What an address means to a node that uses these networks: only with CJDNS are there addresses of CJDNS. */
export function asUsed(address: NetAddress, networks: ReadonlySet<Network>): NetAddress {
  return networks.has('cjdns') ? flipIpv6ToCjdns(address) : address;
}

// --- what kind of place it is

/** True when the address names this machine itself: 127/8, 0/8, ::1. */
export function isLocal(address: NetAddress): boolean {
  if (address.network === 'ipv4') return isLoopbackIpv4(address.bytes);
  return address.network === 'ipv6' && isLoopbackIpv6(address.bytes);
}

/** True for what means all addresses of this machine, to listen on: 0.0.0.0 and [::]. */
export function isBindAny(address: NetAddress): boolean {
  return (address.network === 'ipv4' || address.network === 'ipv6') && isZeroBytes(address.bytes);
}

/** True when the address could name a machine, whether it can be reached or not. */
export function isValid(address: NetAddress): boolean {
  switch (address.network) {
    case 'ipv4':
      return !isZeroBytes(address.bytes) && !address.bytes.every((byte) => byte === 255);
    case 'ipv6':
      return !isZeroBytes(address.bytes) && !isRfc3849(address.bytes);
    case 'cjdns':
      return address.bytes[0] === CJDNS_PREFIX;
    case 'internal':
      return false;
    default:
      return true;
  }
}

/** True when the address can be reached from everywhere. Only such addresses are worth passing on. */
export function isRoutable(address: NetAddress): boolean {
  if (!isValid(address) || isLocal(address)) return false;
  const { network, bytes } = address;
  if (network === 'ipv4') {
    return !(isRfc1918(bytes) || isRfc2544(bytes) || isRfc3927(bytes) || isRfc5737(bytes) || isRfc6598(bytes));
  }
  if (network === 'ipv6') {
    return !(isRfc4193(bytes) || isRfc4843(bytes) || isRfc4862(bytes) || isRfc7343(bytes));
  }
  return true;
}

/** True for networks that hide where their users are. */
export function isPrivacyNet(address: NetAddress): boolean {
  return address.network === 'onion' || address.network === 'i2p';
}

/** The network of an address, or `unroutable` (Core CNetAddr::GetNetwork). */
export function routableNetwork(address: NetAddress): Network | 'unroutable' {
  if (address.network === 'internal') return 'internal';
  return isRoutable(address) ? address.network : 'unroutable';
}

// --- text

const TORV3_VERSION = 3;
const TORV3_CHECKSUM_PREFIX = encodeUtf8('.onion checksum');

/** The 35 bytes that an onion service is named by: its key, two bytes of checksum, the version. */
function onionNameBytes(publicKey: Uint8Array): Uint8Array {
  const checksum = sha3_256(concatBytes(TORV3_CHECKSUM_PREFIX, publicKey, Uint8Array.of(TORV3_VERSION)));
  return concatBytes(publicKey, checksum.subarray(0, 2), Uint8Array.of(TORV3_VERSION));
}

/** The address as people write it, without port and brackets (Core ToStringAddr). */
export function formatHost(address: NetAddress): string {
  switch (address.network) {
    case 'ipv4':
      return formatIpv4(address.bytes);
    case 'ipv6':
    case 'cjdns':
      return formatIpv6(address.bytes);
    case 'onion':
      return `${encodeBase32(onionNameBytes(address.bytes))}.onion`;
    case 'i2p':
      return `${encodeBase32(address.bytes)}.b32.i2p`;
    case 'internal':
      return `${encodeBase32(address.bytes)}.internal`;
    default:
      return unreachable(address.network);
  }
}

/** The address with its port as people write it: `1.2.3.4:8333`, `[::1]:8333`, `….onion:8333` (Core ToStringAddrPort). */
export function formatNetAddress(address: NetAddress): string {
  const host = formatHost(address);
  const isBracketed = address.network === 'ipv6' || address.network === 'cjdns';
  return `${isBracketed ? `[${host}]` : host}:${address.port}`;
}

function parseOnion(name: string): Uint8Array | null {
  const bytes = decodeBase32(name);
  if (bytes === null || bytes.length !== ADDRESS_BYTES.onion + 3) return null;
  const publicKey = bytes.slice(0, ADDRESS_BYTES.onion);
  return equalBytes(bytes, onionNameBytes(publicKey)) ? publicKey : null;
}

function parseI2p(name: string): Uint8Array | null {
  const bytes = decodeBase32(name);
  return bytes !== null && bytes.length === ADDRESS_BYTES.i2p ? bytes : null;
}

/**
 * The address of a text without port and brackets; null when it is none. Only numeric texts, never a name that would have to be
 * looked up, and never the stand-in for one. IPv4 in IPv6 becomes IPv4.
 */
export function parseHost(text: string, port: number): NetAddress | null {
  if (text.endsWith('.onion')) {
    const bytes = parseOnion(text.slice(0, -'.onion'.length));
    return bytes === null ? null : { network: 'onion', bytes, port };
  }
  if (/\.b32\.i2p$/i.test(text)) {
    const bytes = parseI2p(text.slice(0, -'.b32.i2p'.length));
    return bytes === null ? null : { network: 'i2p', bytes, port };
  }
  const ipv4 = parseIpv4(text);
  if (ipv4 !== null) return { network: 'ipv4', bytes: ipv4, port };
  const ipv6 = parseIpv6(text);
  const address = ipv6 === null ? null : fromLegacyIpv6(ipv6, port);
  return address === null || address.network === 'internal' ? null : address;
}

/** A host, perhaps in brackets, and perhaps a port. */
export interface HostAndPort {
  /** Without brackets. */
  readonly host: string;
  /** Null when the text names none. */
  readonly port: number | null;
}

/**
 * Splits `host`, `host:port`, `[host]:port`; a text with several colons and no brackets is all host. Null when what stands behind the
 * colon is no port; 0 is one. The host may be a name (Core SplitHostPort).
 */
export function splitHostPort(text: string): HostAndPort | null {
  const colon = text.lastIndexOf(':');
  const isBracketed = text.startsWith('[') && text[colon - 1] === ']';
  const hasPort = colon >= 0 && (colon === 0 || isBracketed || text.indexOf(':') === colon);
  const host = hasPort ? text.slice(0, colon) : text;
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (!hasPort) return { host: bare, port: null };
  const digits = text.slice(colon + 1);
  return /^\d+$/.test(digits) && Number(digits) <= 0xffff ? { host: bare, port: Number(digits) } : null;
}

/**
 * The address of a text, with `defaultPort` where it names none, or that of I2P; null when it is no numeric address (Core
 * LookupNumeric, GetDefaultPort).
 */
export function parseNetAddress(text: string, defaultPort: number): NetAddress | null {
  const split = splitHostPort(text);
  const address = split === null ? null : parseHost(split.host, split.port ?? defaultPort);
  return split?.port === null && address?.network === 'i2p' ? withPort(address, I2P_PORT) : address;
}
