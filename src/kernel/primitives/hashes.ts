// The names of 32-byte identities, and the only place where their display order exists. In memory every hash is in internal
// order, as hashed and as on the wire; people read it reversed. Only this file and the functions that compute a hash may brand.

import type { Brand } from '../util/brand.ts';
import { parseHex, reversedBytes, toHex } from '../util/bytes.ts';

/** Identity of a transaction without its witness: double SHA-256 of the stripped serialization. */
export type Txid = Brand<Uint8Array, 'Txid'>;
/** Identity of a transaction with its witness (BIP141). */
export type Wtxid = Brand<Uint8Array, 'Wtxid'>;
/** Double SHA-256 of an 80-byte block header. */
export type BlockHash = Brand<Uint8Array, 'BlockHash'>;
/** Root of the merkle tree over a block's txids. */
export type MerkleRoot = Brand<Uint8Array, 'MerkleRoot'>;

/** Any of the 32-byte identities that people read reversed. */
export type DisplayedHash = Txid | Wtxid | BlockHash | MerkleRoot;

/** Bytes of a hash. */
export const HASH_BYTES = 32;

/** Txid of no transaction: what the outpoint of a coinbase input names (Core COutPoint::SetNull). */
export const NULL_TXID: Txid = new Uint8Array(HASH_BYTES) as Txid;

/** Names 32 bytes in internal order as a txid, without a copy. */
export function asTxid(bytes: Uint8Array): Txid {
  return bytes as Txid;
}

/** Names 32 bytes in internal order as a wtxid, without a copy. */
export function asWtxid(bytes: Uint8Array): Wtxid {
  return bytes as Wtxid;
}

/** Names 32 bytes in internal order as a block hash, without a copy. */
export function asBlockHash(bytes: Uint8Array): BlockHash {
  return bytes as BlockHash;
}

/** Names 32 bytes in internal order as a merkle root, without a copy. */
export function asMerkleRoot(bytes: Uint8Array): MerkleRoot {
  return bytes as MerkleRoot;
}

/** Text of a hash as people read it: reversed, hexadecimal, 64 digits. */
export function formatHash(hash: DisplayedHash): string {
  return toHex(reversedBytes(hash));
}

function parseHash(text: string): Uint8Array | null {
  if (text.length !== 2 * HASH_BYTES) return null;
  const parsed = parseHex(text);
  return parsed.ok ? parsed.value.reverse() : null;
}

/** Txid of its 64-digit text, or null when the text is none. */
export function parseTxid(text: string): Txid | null {
  return parseHash(text) as Txid | null;
}

/** Wtxid of its 64-digit text, or null when the text is none. */
export function parseWtxid(text: string): Wtxid | null {
  return parseHash(text) as Wtxid | null;
}

/** Block hash of its 64-digit text, or null when the text is none. */
export function parseBlockHash(text: string): BlockHash | null {
  return parseHash(text) as BlockHash | null;
}

/** Merkle root of its 64-digit text, or null when the text is none. */
export function parseMerkleRoot(text: string): MerkleRoot | null {
  return parseHash(text) as MerkleRoot | null;
}
