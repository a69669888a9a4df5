// Addresses in their old form, as parts of messages: sixteen bytes of IPv6 and a port in big-endian order, the one number of the
// protocol that is written that way (Core CService in the V1 encoding).

import type { ByteReader } from '../../../kernel/encoding/reader.ts';
import type { ByteWriter } from '../../../kernel/encoding/writer.ts';
import { fromLegacyIpv6, type NetAddress, toLegacyIpv6 } from '../net-address.ts';

/** Bytes of an address in IPv6 form. */
export const LEGACY_ADDRESS_BYTES = 16;

/** Reads a port. */
export function readPort(reader: ByteReader): number {
  const at = reader.skip(2, 'port');
  return reader.bytes[at]! * 256 + reader.bytes[at + 1]!;
}

/** Appends a port. */
export function writePort(writer: ByteWriter, port: number): void {
  writer.u8(port >>> 8).u8(port & 0xff);
}

/** Reads an address in its old form; its bytes are copied. */
export function readLegacyAddress(reader: ByteReader): NetAddress {
  const bytes = reader.copy(LEGACY_ADDRESS_BYTES, 'address');
  return fromLegacyIpv6(bytes, readPort(reader));
}

/** Appends an address in its old form, zeros for one that has none. */
export function writeLegacyAddress(writer: ByteWriter, address: NetAddress): void {
  writer.put(toLegacyIpv6(address));
  writePort(writer, address.port);
}
