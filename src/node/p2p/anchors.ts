// anchors.dat: the block-relay connections of the last clean shutdown, dialled first after the next start (Core addrdb.cpp). Whoever
// restarts a node to fill its connections with his own still meets two peers from before (E03). Block-relay peers, since nobody can
// tell from outside who they are.
//
// The shell reads the file once and deletes it at once: a crash loop must not try the same two for ever, and after a crash the file
// would be from long ago. What is damaged is no file (E09). Core's format: magic, addresses with their version, checksum.

import { sha256d } from '../../kernel/crypto/sha256.ts';
import { compactSizeLength, writeCompactSizeAt } from '../../kernel/encoding/compact-size.ts';
import { DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { equalBytes, joinBytes } from '../../kernel/util/bytes.ts';
import { err, type Result } from '../../kernel/util/result.ts';
import { addrv2Codec } from '../wire/messages/addr.ts';
import { type AddressEntry, AddressList } from '../wire/packed-lists.ts';

/** Name of the file in the folder of the network. */
export const ANCHORS_FILE_NAME = 'anchors.dat';

/** Anchors at most (Core MAX_BLOCK_RELAY_ONLY_ANCHORS). */
export const ANCHORS_MAX = 2;

/** What a longer file holds is not read: two addresses need 150 bytes, and other programs may keep some more. Arbitrary. */
export const ANCHORS_FILE_BYTES_MAX = 4096;

const CHECKSUM_BYTES = 32;
const MAGIC_BYTES = 4;

/** What stands before an address on disk: an old client version of which the low 19 bits mean nothing, and the form (protocol.h). */
const DISK_VERSION = 220_000;
const DISK_VERSION_ADDRV2 = 0x2000_0000;
const DISK_VERSION_IGNORED = 0x0007_ffff;

/** Fewest bytes of an address on disk: version, time, services, network, length, port. */
const ENTRY_BYTES_MIN = 4 + 4 + 1 + 1 + 1 + 2;

/** Why a file holds no anchors. */
export type AnchorsError = 'too-long' | 'too-short' | 'wrong-network' | 'wrong-checksum' | DecodeError;

/** The file for these anchors, of which the first two are kept. `magic` is that of the network. */
export function encodeAnchors(anchors: readonly AddressEntry[], magic: Uint8Array): Uint8Array {
  const kept = anchors.slice(0, ANCHORS_MAX);
  const writer = new ByteWriter().put(magic).compactSize(kept.length);
  for (const anchor of kept) {
    // a message of one entry, without its count
    const entry = addrv2Codec.encode({ type: 'addrv2', entries: AddressList.of([anchor]) }).subarray(1);
    writer.u32(DISK_VERSION + DISK_VERSION_ADDRV2).put(entry);
  }
  const content = writer.finish();
  return joinBytes([content, sha256d(content)]);
}

/** Passes over the version of an entry and returns the bytes of the rest, which are an entry of `addrv2`. */
function readDiskEntry(reader: ByteReader): Uint8Array {
  const at = reader.position;
  const version = reader.u32('address version');
  // the sum of the form and bits without meaning; only BIP155 is written by programs that write anchors
  if (version - (version & DISK_VERSION_IGNORED) !== DISK_VERSION_ADDRV2) {
    throw new DecodeError('bad value', 'address version', at, version, DISK_VERSION_ADDRV2);
  }
  const start = reader.position;
  reader.skip(4, 'time');
  reader.compactSizeAny('services');
  reader.skip(1, 'network');
  reader.skip(reader.compactSize('address length') + 2, 'address');
  return reader.bytes.subarray(start, reader.position);
}

function decodeEntries(reader: ByteReader): readonly AddressEntry[] {
  const count = reader.count(ENTRY_BYTES_MIN, 'address count');
  const countBytes = new Uint8Array(compactSizeLength(count));
  writeCompactSizeAt(countBytes, 0, count);
  const parts: Uint8Array[] = [countBytes];
  for (let i = 0; i < count; i++) parts.push(readDiskEntry(reader));
  reader.finish('anchors');
  const { entries } = addrv2Codec.decode(new ByteReader(joinBytes(parts)));
  return Array.from(entries).slice(0, ANCHORS_MAX);
}

/** The anchors of a file, at most two. */
export function decodeAnchors(bytes: Uint8Array, magic: Uint8Array): Result<readonly AddressEntry[], AnchorsError> {
  if (bytes.length > ANCHORS_FILE_BYTES_MAX) return err('too-long');
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < MAGIC_BYTES + 1) return err('too-short');
  if (!equalBytes(bytes.subarray(0, MAGIC_BYTES), magic)) return err('wrong-network');
  if (!equalBytes(sha256d(bytes.subarray(0, end)), bytes.subarray(end))) return err('wrong-checksum');
  return decodeResult(() => decodeEntries(new ByteReader(bytes, MAGIC_BYTES, end)));
}
