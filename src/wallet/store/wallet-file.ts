// The file of a wallet as bytes: a header, then frames, each one batch of changes. Integers are little-endian.
//
//   header  magic 8 · format version 4 · genesis hash 32 · wallet id 16 · created 8 · generation 4 · base frames 4 · checksum 8
//   frame   mark 4 · payload length 4 · sequence number 4 · checksum 8 · payload (record-change.ts)
//
// A checksum is the start of a double SHA-256: of the header before it; of wallet id, generation, length, number and payload of a frame.
// The base frames were written together with the header; each later frame was added alone and synced before the next one. So a frame
// that is not whole is the torn end of a write that nobody was told of, unless it belongs to the base, or a whole frame follows it:
// then something that was confirmed is damaged. Checksums find accidents; against forgery there is only encryption (vault/).

import { Sha256Hasher, sha256d } from '../../kernel/crypto/sha256.ts';
import { readI64, readU32, writeU32 } from '../../kernel/encoding/numbers.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { asBlockHash, type BlockHash } from '../../kernel/primitives/hashes.ts';
import { concatBytes, equalBytes, equalRange, joinBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { decodeChanges, encodeChanges, type RecordChange, recordBytes } from './record-change.ts';

/** Begins a wallet file: a byte beyond ASCII, and line ends that a transfer as text would change (as PNG does it). */
const MAGIC: Uint8Array = Uint8Array.of(0x89, 0x54, 0x4c, 0x57, 0x0d, 0x0a, 0x1a, 0x0a);

/** Begins a frame. Holds control characters, which no payload has. */
const FRAME_MARK: Uint8Array = Uint8Array.of(0x01, 0x46, 0x52, 0x02);

/** The only format so far. */
const FORMAT_VERSION = 1;

/** Length of the header. */
const HEADER_BYTES = 84;

const CHECKSUM_BYTES = 8;

// Where the fields of a frame are.
const MARK_BYTES = 4;
const LENGTH_AT = 4;
const SEQUENCE_AT = 8;
const CHECKSUM_AT = 12;
const FRAME_HEAD_BYTES = 20;

/** Length of the number that tells wallets apart. */
export const WALLET_ID_BYTES = 16;

/** Payload of a base frame, roughly. Arbitrary: texts of this length are handled at ease. */
const BASE_PAYLOAD_BYTES = 1_000_000;

/** What stays the same for the life of a wallet. */
export interface WalletIdentity {
  /** 16 bytes of chance. */
  readonly walletId: Uint8Array;
  /** The ledger that it is for. */
  readonly genesisHash: BlockHash;
  readonly createdSec: number;
}

/** What the header says. */
export interface WalletHeader extends WalletIdentity {
  /** How often the file has been written anew. */
  readonly generation: number;
  readonly baseFrameCount: number;
}

/** Why bytes are no wallet of this ledger. Offsets count bytes of the file. */
export type WalletFileFault =
  | { readonly kind: 'not-a-wallet' }
  | { readonly kind: 'unknown-format'; readonly got: number; readonly expected: number }
  | { readonly kind: 'damaged'; readonly offset: number }
  | { readonly kind: 'truncated'; readonly offset: number }
  | { readonly kind: 'other-ledger'; readonly got: BlockHash; readonly expected: BlockHash };

/** What is in the file of a wallet. */
export interface WalletContents {
  readonly header: WalletHeader;
  /** Values of all records, as JSON, by their keys. */
  readonly records: Map<string, string>;
  readonly frameCount: number;
  /** Where the last whole frame ends: what comes after it was never confirmed. */
  readonly end: number;
}

/** The header of a file. */
export function encodeHeader(header: WalletHeader): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.put(MAGIC).u32(FORMAT_VERSION).put(header.genesisHash).put(header.walletId).i64(header.createdSec);
  const body = writer.u32(header.generation).u32(header.baseFrameCount).finish();
  return concatBytes(body, sha256d(body).subarray(0, CHECKSUM_BYTES));
}

/** The header at the beginning of a file, of any ledger. */
export function decodeHeader(bytes: Uint8Array): Result<WalletHeader, WalletFileFault> {
  const magicLength = Math.min(bytes.length, MAGIC.length);
  if (bytes.length === 0 || !equalRange(bytes, 0, MAGIC, 0, magicLength)) return err({ kind: 'not-a-wallet' });
  if (bytes.length < HEADER_BYTES) return err({ kind: 'truncated', offset: bytes.length });
  const version = readU32(bytes, 8);
  const body = bytes.subarray(0, HEADER_BYTES - CHECKSUM_BYTES);
  if (!equalRange(sha256d(body), 0, bytes, body.length, CHECKSUM_BYTES)) return err({ kind: 'damaged', offset: 0 });
  if (version !== FORMAT_VERSION) return err({ kind: 'unknown-format', got: version, expected: FORMAT_VERSION });
  return ok({
    genesisHash: asBlockHash(bytes.slice(12, 44)),
    walletId: bytes.slice(44, 60),
    createdSec: readI64(bytes, 60),
    generation: readU32(bytes, 68),
    baseFrameCount: readU32(bytes, 72),
  });
}

/** One frame: a batch that is there as a whole or not at all. */
export function encodeFrame(header: WalletHeader, sequence: number, changes: readonly RecordChange[]): Uint8Array {
  const payload = encodeChanges(changes);
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  bytes.set(FRAME_MARK);
  writeU32(bytes, LENGTH_AT, payload.length);
  writeU32(bytes, SEQUENCE_AT, sequence);
  bytes.set(payload, FRAME_HEAD_BYTES);
  bytes.set(computeFrameChecksum(header, bytes, 0, bytes.length), CHECKSUM_AT);
  return bytes;
}

/** A whole file with nothing in it that has been deleted or replaced. */
export function encodeWalletFile(
  identity: WalletIdentity,
  generation: number,
  records: ReadonlyMap<string, string>,
): { readonly bytes: Uint8Array; readonly header: WalletHeader } {
  const batches = splitRecords(records);
  const { walletId, genesisHash, createdSec } = identity;
  const header = { walletId, genesisHash, createdSec, generation, baseFrameCount: batches.length };
  const frames = batches.map((changes, sequence) => encodeFrame(header, sequence, changes));
  return { bytes: joinBytes([encodeHeader(header), ...frames]), header };
}

/** Records in pieces of a handy length; at least one. */
function splitRecords(records: ReadonlyMap<string, string>): readonly (readonly RecordChange[])[] {
  const batches: RecordChange[][] = [[]];
  let batchBytes = 0;
  for (const [key, text] of records) {
    if (batchBytes > BASE_PAYLOAD_BYTES) {
      batches.push([]);
      batchBytes = 0;
    }
    const change = { key, text };
    batches.at(-1)!.push(change);
    batchBytes += recordBytes(change);
  }
  return batches;
}

/**
 * Reads a file of a ledger, or with null of any: all that was confirmed, or why that cannot be had. Nothing is guessed and nothing is
 * left out.
 */
export function decodeWalletFile(
  bytes: Uint8Array,
  genesisHash: BlockHash | null,
): Result<WalletContents, WalletFileFault> {
  const decoded = decodeHeader(bytes);
  if (!decoded.ok) return decoded;
  const header = decoded.value;
  if (genesisHash !== null && !equalBytes(header.genesisHash, genesisHash)) {
    return err({ kind: 'other-ledger', got: header.genesisHash, expected: genesisHash });
  }
  const records = new Map<string, string>();
  let sequence = 0;
  let offset = HEADER_BYTES;
  for (; offset < bytes.length; sequence++) {
    const frameEnd = findFrameEnd(header, bytes, offset, sequence);
    if (frameEnd === null) break;
    const changes = decodeChanges(bytes.subarray(offset + FRAME_HEAD_BYTES, frameEnd));
    if (changes === null) return err({ kind: 'damaged', offset });
    applyChanges(records, changes);
    offset = frameEnd;
  }
  if (offset < bytes.length && hasFrame(header, bytes, offset)) return err({ kind: 'damaged', offset });
  if (sequence < header.baseFrameCount) return err({ kind: offset < bytes.length ? 'damaged' : 'truncated', offset });
  return ok({ header, records, frameCount: sequence, end: offset });
}

/** Makes changes to records in memory. */
export function applyChanges(records: Map<string, string>, changes: readonly RecordChange[]): void {
  for (const { key, text } of changes) {
    if (text === null) records.delete(key);
    else records.set(key, text);
  }
}

/** Where the frame at an offset ends; null when there is no whole frame with this number. */
function findFrameEnd(header: WalletHeader, bytes: Uint8Array, offset: number, sequence: number): number | null {
  if (bytes.length - offset < FRAME_HEAD_BYTES || !equalRange(bytes, offset, FRAME_MARK, 0, MARK_BYTES)) return null;
  const end = offset + FRAME_HEAD_BYTES + readU32(bytes, offset + LENGTH_AT);
  if (end > bytes.length || readU32(bytes, offset + SEQUENCE_AT) !== sequence) return null;
  const checksum = computeFrameChecksum(header, bytes, offset, end);
  return equalRange(checksum, 0, bytes, offset + CHECKSUM_AT, CHECKSUM_BYTES) ? end : null;
}

/** Work that looking for a later frame may take, in hashed bytes for each byte of the file. */
const SCAN_WORK_FACTOR = 4;

/** Whether a whole frame, whatever its number, lies somewhere from a place on. Says yes when a file makes the search too long. */
function hasFrame(header: WalletHeader, bytes: Uint8Array, from: number): boolean {
  let workLeft = bytes.length * SCAN_WORK_FACTOR;
  for (let offset = bytes.indexOf(FRAME_MARK[0]!, from); offset >= 0; ) {
    if (bytes.length - offset < FRAME_HEAD_BYTES) return false;
    if (equalRange(bytes, offset, FRAME_MARK, 0, MARK_BYTES)) {
      workLeft -= Math.min(FRAME_HEAD_BYTES + readU32(bytes, offset + LENGTH_AT), bytes.length - offset);
      if (workLeft < 0) return true;
      if (findFrameEnd(header, bytes, offset, readU32(bytes, offset + SEQUENCE_AT)) !== null) return true;
    }
    offset = bytes.indexOf(FRAME_MARK[0]!, offset + 1);
  }
  return false;
}

function computeFrameChecksum(header: WalletHeader, bytes: Uint8Array, start: number, end: number): Uint8Array {
  const digest = new Uint8Array(32);
  const hasher = new Sha256Hasher().update(header.walletId).updateU32(header.generation);
  hasher.update(bytes, start + LENGTH_AT, start + CHECKSUM_AT).update(bytes, start + FRAME_HEAD_BYTES, end);
  hasher.digestDoubleInto(digest, 0);
  return digest.subarray(0, CHECKSUM_BYTES);
}
