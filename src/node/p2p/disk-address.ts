// Addresses as they stand in files (Core CAddress with V2_DISK): in the form of `addrv2`, or in that of `addr` in files from before
// BIP155; which, stands before each.

import { DecodeError } from '../../kernel/encoding/decode-error.ts';
import type { ByteReader } from '../../kernel/encoding/reader.ts';
import type { ByteWriter } from '../../kernel/encoding/writer.ts';
import { readAddrv2Entry, writeAddrv2Entry } from '../wire/messages/addr.ts';
import { readLegacyAddress } from '../wire/messages/address-fields.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';

/** What stands before an address: an old client version, of which the low 19 bits mean nothing, and the form (protocol.h). */
const DISK_VERSION = 220_000;
const DISK_VERSION_ADDRV2 = 0x2000_0000;
const DISK_VERSION_IGNORED = 0x0007_ffff;

/** Fewest bytes of an address in a file: version, time, services, network, length, port. */
export const DISK_ADDRESS_BYTES_MIN: number = 4 + 4 + 1 + 1 + 1 + 2;

/** Writes an address in the form of `addrv2`. */
export function writeDiskAddress(writer: ByteWriter, entry: AddressEntry): void {
  writeAddrv2Entry(writer.u32(DISK_VERSION + DISK_VERSION_ADDRV2), entry);
}

/** Reads an address in either form; `mayBeAddrv2` is false for files that are older than that. */
export function readDiskAddress(reader: ByteReader, mayBeAddrv2: boolean): AddressEntry {
  const at = reader.position;
  const version = reader.u32('address version');
  const form = version - (version & DISK_VERSION_IGNORED);
  if (form === DISK_VERSION_ADDRV2 && mayBeAddrv2) return readAddrv2Entry(reader);
  if (form !== 0) throw new DecodeError('bad value', 'address version', at, version);
  return { timeSec: reader.u32('time'), services: reader.u64('services'), address: readLegacyAddress(reader) };
}
