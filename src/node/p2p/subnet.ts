// A range of addresses: what -whitelist and setban name, and banlist.json holds. Mirrors Core's CSubNet and LookupSubNet: IPv4 and
// IPv6 with a prefix length or a netmask, any other network as a single address. Names are never looked up.

import { compareBytes, equalBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import {
  ADDRESS_BYTES,
  flipIpv6ToCjdns,
  formatHost,
  isValid,
  NETWORK_NUMBERS,
  type NetAddress,
  type Network,
  parseHost,
} from '../wire/net-address.ts';

/** Addresses that share a prefix. */
export interface Subnet {
  readonly network: Network;
  /** The first address: zeros behind the prefix. */
  readonly bytes: Uint8Array;
  /** Bits of the prefix; all bits of the address outside IPv4 and IPv6. */
  readonly prefixBits: number;
}

/** Why a text names no subnet. */
export type SubnetError = 'bad-address' | 'bad-mask';

/** Longest text that names a subnet: an onion address, or two full IPv6 addresses, with a margin. */
const TEXT_LENGTH_MAX = 128;

function hasPrefixes(network: Network): boolean {
  return network === 'ipv4' || network === 'ipv6';
}

/** The first `prefixBits` bits of an address, zeros behind them. */
export function maskBytes(bytes: Uint8Array, prefixBits: number): Uint8Array {
  const masked = bytes.slice();
  for (let i = 0; i < masked.length; i++) {
    const bits = Math.min(Math.max(prefixBits - 8 * i, 0), 8);
    masked[i] = masked[i]! & (0xff00 >>> bits) & 0xff;
  }
  return masked;
}

/** The subnet that holds one address and no other. */
export function singleAddressSubnet(address: NetAddress): Subnet {
  const { network, bytes } = address;
  return { network, bytes, prefixBits: 8 * bytes.length };
}

/** Bits of a netmask, or null when zeros stand before ones. */
function countMaskBits(mask: Uint8Array): number | null {
  let bits = 0;
  while (bits < 8 * mask.length && (mask[bits >>> 3]! & (0x80 >>> (bits & 7))) !== 0) bits++;
  return equalBytes(mask, maskBytes(new Uint8Array(mask.length).fill(0xff), bits)) ? bits : null;
}

/** What stands behind the slash: up to three digits, or a netmask of the same network. */
function parseMask(text: string, network: Network): number | null {
  const bitsMax = 8 * ADDRESS_BYTES[network];
  if (/^\d+$/.test(text) && Number(text) <= 0xff) return Number(text) <= bitsMax ? Number(text) : null;
  const mask = parseBareHost(text);
  return mask === null || mask.network !== network ? null : countMaskBits(mask.bytes);
}

/** A numeric host, perhaps in brackets. */
function parseBareHost(text: string): NetAddress | null {
  const isBracketed = text.startsWith('[') && text.endsWith(']');
  return parseHost(isBracketed ? text.slice(1, -1) : text, 0);
}

/**
 * Reads `1.2.3.0/24`, `1.2.3.0/255.255.255.0`, `2001:db9::/32`, `1.2.3.4`, `….onion` (Core LookupSubNet). `usesCjdns`: addresses of
 * fc00::/8 are of CJDNS, where each stands for itself.
 */
export function parseSubnet(text: string, usesCjdns = false): Result<Subnet, SubnetError> {
  if (text.length > TEXT_LENGTH_MAX) return err('bad-address');
  const slash = text.lastIndexOf('/');
  const parsed = parseBareHost(slash < 0 ? text : text.slice(0, slash));
  if (parsed === null) return err('bad-address');
  const address = usesCjdns ? flipIpv6ToCjdns(parsed) : parsed;
  if (slash < 0) return ok(singleAddressSubnet(address));
  const prefixBits = hasPrefixes(address.network) ? parseMask(text.slice(slash + 1), address.network) : null;
  if (prefixBits === null) return err('bad-mask');
  return ok({ network: address.network, bytes: maskBytes(address.bytes, prefixBits), prefixBits });
}

/** The subnet as Core writes it: with its prefix length where it can have one (Core CSubNet::ToString). */
export function formatSubnet(subnet: Subnet): string {
  const host = formatHost({ network: subnet.network, bytes: subnet.bytes, port: 0 });
  return hasPrefixes(subnet.network) ? `${host}/${subnet.prefixBits}` : host;
}

/** True when the address lies in the subnet. An address that can name no machine lies in none. */
export function matchesSubnet(subnet: Subnet, address: NetAddress): boolean {
  if (subnet.network !== address.network || !isValid(address)) return false;
  const whole = subnet.prefixBits >>> 3;
  for (let i = 0; i < whole; i++) if (subnet.bytes[i] !== address.bytes[i]) return false;
  const rest = subnet.prefixBits & 7;
  if (rest === 0) return true;
  return ((subnet.bytes[whole]! ^ address.bytes[whole]!) & (0xff00 >>> rest) & 0xff) === 0;
}

/** An order of subnets: by network, first address, length of the prefix. */
export function compareSubnets(a: Subnet, b: Subnet): number {
  return (
    NETWORK_NUMBERS[a.network] - NETWORK_NUMBERS[b.network] ||
    compareBytes(a.bytes, b.bytes) ||
    a.prefixBits - b.prefixBits
  );
}
