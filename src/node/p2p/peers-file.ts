// peers.dat: the address manager as a file, in Core's format (AddrManImpl::Serialize, addrdb.cpp), so that a folder can move between
// both programs. Written in format 4; read from format 0 on. What is wrong with a file is said in Core's words, since its operators
// search for them. The file is replaced by writeFileAtomic, so that it is the old or the new one after a crash (S13); reading and
// renaming it is the shell's.
//
// Layout: magic of the network; format, 32 + lowest format that can read it; secret key; numbers of new and of tried addresses;
// number of new buckets XOR 2^30; the addresses, new ones first; per new bucket the indices of its addresses; version of the map of
// autonomous systems, zeros without one; double SHA-256 of all. Positions are not in the file: they follow from the key.

import { sha256d } from '../../kernel/crypto/sha256.ts';
import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { concatBytes, equalBytes } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { readAddrv2Host, writeAddrv2Host } from '../wire/messages/addr.ts';
import { LEGACY_ADDRESS_BYTES } from '../wire/messages/address-fields.ts';
import { fromLegacyIpv6, isValid, type NetAddress } from '../wire/net-address.ts';
import { ASMAP_VERSION_BYTES } from '../wire/net-groups.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { describeDecodeError } from '../wire/registry.ts';
import { AddressManager, type AddressManagerOptions } from './addrman.ts';
import { BUCKET_KEY_BYTES, BUCKET_POSITIONS, NEW_BUCKETS, TRIED_BUCKETS } from './addrman-buckets.ts';
import { NO_SLOT } from './addrman-store.ts';
import { type AddrTables, NEW_REFERENCES_MAX } from './addrman-tables.ts';
import { readDiskAddress, writeDiskAddress } from './disk-address.ts';

/** Name of the file in the folder of the network. */
export const PEERS_FILE_NAME = 'peers.dat';

/** Formats (AddrManImpl::Format): what came with each is what a reader must know. */
const FORMAT = Object.freeze({ deterministic: 1, asmap: 2, addrv2: 3, multiport: 4 });

/** Added to the lowest format that can read a file; it stands where the length of the key once stood. */
const COMPATIBILITY_BASE = 32;

/** Keeps programs of before the formats were numbered from reading the count of buckets as one. */
const BUCKETS_MASK = 1 << 30;

const MAGIC_BYTES = 4;
const CHECKSUM_BYTES = 32;

/** What Core's standard library puts behind every failure of a stream; part of what its users see. */
const STREAM_SUFFIX = ': iostream error';

/** Why a file cannot be used. */
export interface PeersFileError {
  /**
   * `unsupported-version`: the file of a newer program, to be kept under another name and replaced by a new one. `corrupt`: an error
   * at start, since only a person can say whether it may go.
   */
  readonly kind: 'unsupported-version' | 'corrupt';
  /** Core's sentence, for its `Invalid or corrupt peers.dat (%s)`. */
  readonly message: string;
}

// --- writing

function writeInfo(writer: ByteWriter, { store }: AddrTables, slot: number): void {
  writeDiskAddress(writer, store.entry(slot));
  writeAddrv2Host(writer, store.source(slot));
  writer.i64(store.columns.lastSuccessSec[slot]!).u32(store.columns.attempts[slot]!);
}

/** Writes the entries of one table; returns the index of each slot. */
function writeInfos(writer: ByteWriter, tables: AddrTables, isTried: boolean): ReadonlyMap<number, number> {
  const { store } = tables;
  const indices = new Map<number, number>();
  for (let i = 0; i < store.size; i++) {
    const slot = store.slotAt(i);
    if ((store.columns.isTried[slot] === 1) !== isTried) continue;
    indices.set(slot, indices.size);
    writeInfo(writer, tables, slot);
  }
  return indices;
}

function writeBuckets(writer: ByteWriter, tables: AddrTables, indices: ReadonlyMap<number, number>): void {
  const buckets = Array.from({ length: NEW_BUCKETS }, (): number[] => []);
  tables.forEachPlace('new', (slot, bucket) => {
    buckets[bucket]!.push(indices.get(slot)!);
  });
  for (const bucket of buckets) {
    writer.u32(bucket.length);
    for (const index of bucket) writer.u32(index);
  }
}

/** The file for an address manager. `magic`: that of the network's messages. */
export function encodePeersFile(manager: AddressManager, magic: Uint8Array): Uint8Array {
  const { tables } = manager;
  const counts = tables.counts();
  const writer = new ByteWriter(100 * (tables.store.size + NEW_BUCKETS)).put(magic);
  writer.u8(FORMAT.multiport).u8(COMPATIBILITY_BASE + FORMAT.multiport);
  writer.put(tables.hasher.key).u32(counts.new).u32(counts.tried);
  writer.u32(NEW_BUCKETS ^ BUCKETS_MASK);
  const indices = writeInfos(writer, tables, false);
  writeInfos(writer, tables, true);
  writeBuckets(writer, tables, indices);
  writer.put(tables.groups.version);
  const content = writer.finish();
  return concatBytes(content, sha256d(content));
}

// --- reading

interface DiskInfo extends AddressEntry {
  readonly source: NetAddress;
  readonly lastSuccessSec: number;
  readonly attempts: number;
}

interface Head {
  readonly format: number;
  readonly key: Uint8Array;
  readonly newCount: number;
  readonly triedCount: number;
  readonly bucketCount: number;
}

function corrupt(message: string): { readonly ok: false; readonly error: PeersFileError } {
  return err({ kind: 'corrupt', message });
}

/** The sentence of a fault within the bytes. */
function describeFault(error: DecodeError): string {
  switch (error.reason) {
    case 'SpanReader::read(): end of data':
      return 'AutoFile::read: end of file';
    case 'bad value':
      return 'Unsupported CAddress disk format version';
    default:
      return describeDecodeError(error);
  }
}

function readInfo(reader: ByteReader, format: number): DiskInfo {
  const isAddrv2 = format >= FORMAT.addrv2;
  const entry = readDiskAddress(reader, isAddrv2);
  const source = isAddrv2 ? readAddrv2Host(reader) : fromLegacyIpv6(reader.copy(LEGACY_ADDRESS_BYTES, 'source'), 0);
  return { ...entry, source, lastSuccessSec: reader.i64('last success'), attempts: reader.i32('attempts') };
}

function readHead(reader: ByteReader): Result<Head, PeersFileError> {
  const format = reader.u8('format');
  const compatibility = reader.u8('compatibility');
  if (compatibility < COMPATIBILITY_BASE) {
    const compared = `The compat value (${compatibility}) is lower than the expected minimum value ${COMPATIBILITY_BASE}.`;
    return corrupt(`Corrupted addrman database: ${compared}${STREAM_SUFFIX}`);
  }
  const lowest = compatibility - COMPATIBILITY_BASE;
  if (lowest > FORMAT.multiport) {
    const compared = `${format}. It is compatible with formats >=${lowest}`;
    const known = `the maximum supported by this version of Tallystick is ${FORMAT.multiport}.`;
    const message = `Unsupported format of addrman database: ${compared}, but ${known}${STREAM_SUFFIX}`;
    return err({ kind: 'unsupported-version', message });
  }
  const key = reader.copy(BUCKET_KEY_BYTES, 'key');
  const newCount = reader.i32('new count');
  const triedCount = reader.i32('tried count');
  const buckets = reader.i32('bucket count');
  const bucketCount = format >= FORMAT.deterministic ? buckets ^ BUCKETS_MASK : buckets;
  const bad = checkCount('nNew', newCount, NEW_BUCKETS) ?? checkCount('nTried', triedCount, TRIED_BUCKETS);
  return bad === null ? ok({ format, key, newCount, triedCount, bucketCount }) : corrupt(bad);
}

/** No more than there are positions for: nothing is allocated for what a file only claims (E09). */
function checkCount(name: string, count: number, buckets: number): string | null {
  const countMax = buckets * BUCKET_POSITIONS;
  if (count >= 0 && count <= countMax) return null;
  return `Corrupt AddrMan serialization: ${name}=${count}, should be in [0, ${countMax}]${STREAM_SUFFIX}`;
}

/** Reads the addresses; those of the tried table go to their places, and are lost where two have the same. */
function readInfos(reader: ByteReader, head: Head, tables: AddrTables): number[] {
  const { store } = tables;
  const slots: number[] = [];
  const keep = (slot: number, info: DiskInfo): void => {
    store.columns.lastSuccessSec[slot] = info.lastSuccessSec;
    store.columns.attempts[slot] = info.attempts;
  };
  for (let i = 0; i < head.newCount; i++) {
    const info = readInfo(reader, head.format);
    const slot = tables.create(info, info.source);
    keep(slot, info);
    slots.push(slot);
  }
  for (let i = 0; i < head.triedCount; i++) {
    const info = readInfo(reader, head.format);
    const place = tables.triedPlace(info.address);
    if (!isValid(info.address) || tables.slotAt('tried', place) !== NO_SLOT) continue;
    keep(tables.createTried(info, info.source, place), info);
  }
  return slots;
}

/** Calls `visit` for every index of every bucket. Work is bounded by the bytes, whatever counts they claim. */
function readBuckets(reader: ByteReader, bucketCount: number, visit: (bucket: number, index: number) => void): void {
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const count = reader.i32('bucket size');
    for (let i = 0; i < count; i++) visit(bucket, reader.i32('index'));
  }
}

/** Puts a new address where it was; where that is taken, or buckets are not what they were, where its source would put it. */
function restorePlace(tables: AddrTables, slot: number, bucket: number, isSameBucketing: boolean): void {
  const { store } = tables;
  const address = store.address(slot);
  if (!isValid(address) || store.columns.refCount[slot]! >= NEW_REFERENCES_MAX) return;
  if (isSameBucketing) {
    const place = tables.newPlaceIn(bucket, address);
    if (tables.slotAt('new', place) === NO_SLOT) {
      tables.putNew(slot, place);
      return;
    }
  }
  const place = tables.newPlace(address, store.source(slot));
  if (tables.slotAt('new', place) === NO_SLOT) tables.putNew(slot, place);
}

/** Reads everything behind the head. */
function readTables(reader: ByteReader, head: Head, tables: AddrTables): void {
  const slots = readInfos(reader, head, tables);
  const buckets = new ByteReader(reader.bytes, reader.position, reader.end);
  readBuckets(reader, head.bucketCount, () => {}); // only then it is known by which rule they were filled
  const asmapVersion =
    head.format < FORMAT.asmap
      ? new Uint8Array(ASMAP_VERSION_BYTES)
      : reader.view(ASMAP_VERSION_BYTES, 'asmap version');
  const isSameBucketing = equalBytes(asmapVersion, tables.groups.version) && head.bucketCount === NEW_BUCKETS;
  readBuckets(buckets, head.bucketCount, (bucket, index) => {
    if (index >= 0 && index < slots.length) restorePlace(tables, slots[index]!, bucket, isSameBucketing);
  });
  for (const slot of slots) {
    if (tables.store.columns.refCount[slot] === 0) tables.remove(slot);
  }
}

function decode(
  reader: ByteReader,
  magic: Uint8Array,
  rng: Rng,
  options: AddressManagerOptions,
): Result<AddressManager, PeersFileError> {
  if (!equalBytes(reader.view(MAGIC_BYTES, 'magic'), magic)) return corrupt('Invalid network magic number');
  const head = readHead(reader);
  if (!head.ok) return head;
  const manager = new AddressManager(head.value.key, rng, options);
  readTables(reader, head.value, manager.tables);
  const code = manager.sanityCheck();
  if (code !== 0) return corrupt(`Corrupt data. Consistency check failed with code ${code}${STREAM_SUFFIX}`);
  const checksum = sha256d(reader.bytes.subarray(0, reader.position));
  if (!equalBytes(reader.view(CHECKSUM_BYTES, 'checksum'), checksum))
    return corrupt('Checksum mismatch, data corrupted');
  return ok(manager);
}

/** The address manager of a file; memory and work are bounded by the size of the file. */
export function decodePeersFile(
  bytes: Uint8Array,
  magic: Uint8Array,
  rng: Rng,
  options: AddressManagerOptions = {},
): Result<AddressManager, PeersFileError> {
  const decoded = decodeResult(() => decode(new ByteReader(bytes), magic, rng, options));
  return decoded.ok ? decoded.value : corrupt(describeFault(decoded.error) + STREAM_SUFFIX);
}
