// The files of a LevelDB database, as far as one has to read them to know whether they are whole: the log format of its logs and
// manifest, the list of live files in the manifest, the blocks of a table. After LevelDB's doc/log_format and doc/table_format.
// Nothing here reads a disk; level-check.ts does.

import { DecodeError } from '../../kernel/encoding/decode-error.ts';
import { readU16, readU32 } from '../../kernel/encoding/numbers.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { crc32c } from './crc32c.ts';

/** Logs are written in blocks of this size; no record crosses the end of one. */
const LOG_BLOCK_BYTES = 32_768;

/** Checksum, length, type. */
const LOG_HEADER_BYTES = 7;

const FULL = 1;
const FIRST = 2;
const LAST = 4;

/** Two block handles with padding, and the magic. */
const TABLE_FOOTER_BYTES = 48;
const TABLE_MAGIC: readonly number[] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/** Type and checksum behind each block of a table. */
const BLOCK_TRAILER_BYTES = 5;

/** What LevelDB stores in place of a checksum, so that checksums of checksums stay useful. */
function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A record of a log: its parts in order. */
export type LogRecord = readonly Uint8Array[];

/** The whole records of a log, and where the last of them ends: what lies behind it is torn, damaged, or follows what is. */
export function readLog(log: Uint8Array): { readonly records: readonly LogRecord[]; readonly wholeBytes: number } {
  const records: LogRecord[] = [];
  let fragments: Uint8Array[] = [];
  let wholeBytes = 0;
  for (let at = 0; at < log.length; ) {
    const left = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES);
    if (left < LOG_HEADER_BYTES) {
      at += left;
      continue;
    }
    const end = at + LOG_HEADER_BYTES + (at + LOG_HEADER_BYTES <= log.length ? readU16(log, at + 4) : left);
    if (end > log.length || end > at + left) break;
    const type = log[at + 6]!;
    if (maskCrc(crc32c(log, at + 6, end)) !== readU32(log, at)) break;
    if ((type === FULL || type === FIRST) !== (fragments.length === 0)) break;
    fragments.push(log.subarray(at + LOG_HEADER_BYTES, end));
    at = end;
    if (type !== FULL && type !== LAST) continue;
    records.push(fragments);
    fragments = [];
    wholeBytes = at;
  }
  return { records, wholeBytes };
}

/** What a manifest says to be alive. */
export interface LiveFiles {
  /** Logs from this number on hold what no table has. */
  readonly firstLog: number;
  /** An older log that is alive as well; 0: none. */
  readonly previousLog: number;
  /** Bytes of each table, by number. */
  readonly tables: ReadonlyMap<number, number>;
}

/** Adds up the edits of a manifest; throws DecodeError where one is none. */
export function readManifest(records: readonly LogRecord[]): LiveFiles {
  let firstLog = 0;
  let previousLog = 0;
  const tables = new Map<number, number>();
  for (const record of records) {
    const reader = new ByteReader(concatBytes(...record));
    while (reader.remaining > 0) {
      switch (readVarint64(reader)) {
        case 1: // comparator
          skipBytes(reader);
          break;
        case 2:
          firstLog = readVarint64(reader);
          break;
        case 9:
          previousLog = readVarint64(reader);
          break;
        case 5: // where the next compaction of a level begins
          readVarint64(reader);
          skipBytes(reader);
          break;
        case 6: // a table is gone
          readVarint64(reader);
          tables.delete(readVarint64(reader));
          break;
        case 7: {
          readVarint64(reader);
          const number = readVarint64(reader);
          tables.set(number, readVarint64(reader));
          skipBytes(reader);
          skipBytes(reader);
          break;
        }
        default: // 3, 4: the next file number and the last sequence number
          readVarint64(reader);
      }
    }
  }
  return { firstLog, previousLog, tables };
}

/** LEB128, as LevelDB has it; not the VARINT of Core. */
function readVarint64(reader: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.u8('varint');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}

function skipBytes(reader: ByteReader): void {
  reader.view(readVarint64(reader), 'bytes');
}

/** Whether every block of a table has its checksum; null when the table is compressed and its blocks cannot be found here. */
export function isTableWhole(table: Uint8Array): boolean | null {
  const footerAt = table.length - TABLE_FOOTER_BYTES;
  if (footerAt < 0 || TABLE_MAGIC.some((byte, i) => table[table.length - 8 + i] !== byte)) return false;
  try {
    const footer = new ByteReader(table, footerAt);
    const metaindex = readHandle(footer);
    const index = readHandle(footer);
    if (![metaindex, index].every((handle) => hasChecksum(table, handle))) return false;
    if ([metaindex, index].some((handle) => isCompressed(table, handle))) return null;
    const blocks = [...readEntryHandles(table, index), ...readEntryHandles(table, metaindex)];
    return blocks.every((handle) => hasChecksum(table, handle));
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** Where a block of a table lies, without its trailer. */
interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(reader: ByteReader): BlockHandle {
  return { offset: readVarint64(reader), size: readVarint64(reader) };
}

function isCompressed(table: Uint8Array, { offset, size }: BlockHandle): boolean {
  return table[offset + size] !== 0;
}

function hasChecksum(table: Uint8Array, { offset, size }: BlockHandle): boolean {
  const crcAt = offset + size + 1;
  if (offset + size + BLOCK_TRAILER_BYTES > table.length) return false;
  return maskCrc(crc32c(table, offset, crcAt)) === readU32(table, crcAt);
}

/** The handles that the entries of an index block have as values; each key shares its beginning with the one before. */
function readEntryHandles(table: Uint8Array, { offset, size }: BlockHandle): BlockHandle[] {
  const end = offset + size;
  const restartBytes = 4 * (readU32(table, end - 4) + 1);
  const reader = new ByteReader(table, offset, Math.max(offset, end - restartBytes));
  const handles: BlockHandle[] = [];
  while (reader.remaining > 0) {
    readVarint64(reader);
    const keyBytes = readVarint64(reader);
    const valueBytes = readVarint64(reader);
    reader.view(keyBytes, 'key');
    handles.push(readHandle(new ByteReader(reader.view(valueBytes, 'handle'))));
  }
  return handles;
}
