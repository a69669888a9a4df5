// Block header: 80 bytes that name the block before, commit to the transactions and carry the proof of work (Core CBlockHeader).

import { sha256dInto } from '../crypto/sha256.ts';
import { DecodeError, decodeResult } from '../encoding/decode-error.ts';
import { readI32, readU32, writeU32 } from '../encoding/numbers.ts';
import type { Result } from '../util/result.ts';
import { asBlockHash, asMerkleRoot, type BlockHash, type MerkleRoot } from './hashes.ts';

/** Bytes of a header. */
export const HEADER_BYTES = 80;

/** A header as plain data, to be built. */
export interface BlockHeaderData {
  /** int32 */
  readonly version: number;
  readonly previousBlockHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  /** uint32, seconds since 1970. */
  readonly timeSec: number;
  /** uint32: the target in compact form. */
  readonly bits: number;
  /** uint32 */
  readonly nonce: number;
}

/** A view over 80 header bytes from `start`; treat them as frozen. */
export class BlockHeader {
  readonly bytes: Uint8Array;
  readonly start: number;
  #blockHash: BlockHash | null = null;

  constructor(bytes: Uint8Array, start = 0) {
    this.bytes = bytes;
    this.start = start;
  }

  /** int32: rules on versions compare it signed. */
  get version(): number {
    return readI32(this.bytes, this.start);
  }

  get previousBlockHash(): BlockHash {
    return asBlockHash(this.bytes.subarray(this.start + 4, this.start + 36));
  }

  get merkleRoot(): MerkleRoot {
    return asMerkleRoot(this.bytes.subarray(this.start + 36, this.start + 68));
  }

  /** uint32, seconds since 1970. */
  get timeSec(): number {
    return readU32(this.bytes, this.start + 68);
  }

  /** uint32: the target in compact form. */
  get bits(): number {
    return readU32(this.bytes, this.start + 72);
  }

  /** uint32 */
  get nonce(): number {
    return readU32(this.bytes, this.start + 76);
  }

  /** Double SHA-256 of the 80 bytes, computed once. */
  get blockHash(): BlockHash {
    if (this.#blockHash === null) {
      const blockHash = new Uint8Array(32);
      sha256dInto(this.bytes, this.start, this.start + HEADER_BYTES, blockHash, 0);
      this.#blockHash = asBlockHash(blockHash);
    }
    return this.#blockHash;
  }

  /** The 80 bytes, as a view. */
  serialized(): Uint8Array {
    return this.bytes.subarray(this.start, this.start + HEADER_BYTES);
  }

  /** The same header over a copy of its own bytes, so that it no longer pins its block. */
  detach(): BlockHeader {
    return new BlockHeader(this.serialized().slice());
  }
}

/** Decodes exactly 80 bytes; keeps a reference to them. */
export function decodeHeader(bytes: Uint8Array): Result<BlockHeader, DecodeError> {
  return decodeResult(() => {
    if (bytes.length < HEADER_BYTES) {
      throw new DecodeError('SpanReader::read(): end of data', 'block header', 0, bytes.length, HEADER_BYTES);
    }
    if (bytes.length > HEADER_BYTES) {
      throw new DecodeError('trailing bytes', 'block header', HEADER_BYTES, bytes.length - HEADER_BYTES, 0);
    }
    return new BlockHeader(bytes);
  });
}

/** The 80 bytes of plain data. */
export function encodeHeader(data: BlockHeaderData): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  writeU32(bytes, 0, data.version);
  bytes.set(data.previousBlockHash, 4);
  bytes.set(data.merkleRoot, 36);
  writeU32(bytes, 68, data.timeSec);
  writeU32(bytes, 72, data.bits);
  writeU32(bytes, 76, data.nonce);
  return bytes;
}

/** A header made from plain data. */
export function buildHeader(data: BlockHeaderData): BlockHeader {
  return new BlockHeader(encodeHeader(data));
}
