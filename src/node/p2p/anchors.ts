// anchors.dat: the block-relay connections of the last clean shutdown, dialled first after the next start (Core addrdb.cpp). Whoever
// restarts a node to fill its connections with his own still meets two peers from before (E03). Block-relay peers, since nobody can
// tell from outside who they are.
//
// The shell reads the file once and deletes it at once: a crash loop must not try the same two for ever, and after a crash the file
// would be from long ago. What is damaged is no file (E09). Core's format: magic, addresses with their version, checksum.

import { sha256d } from '../../kernel/crypto/sha256.ts';
import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { equalBytes, joinBytes } from '../../kernel/util/bytes.ts';
import { err, type Result } from '../../kernel/util/result.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { DISK_ADDRESS_BYTES_MIN, readDiskAddress, writeDiskAddress } from './disk-address.ts';
import type { Peer } from './peer.ts';

/** Name of the file in the folder of the network. */
export const ANCHORS_FILE_NAME = 'anchors.dat';

/** Anchors at most (Core MAX_BLOCK_RELAY_ONLY_ANCHORS). */
export const ANCHORS_MAX = 2;

/** What a longer file holds is not read: two addresses need 150 bytes, and other programs may keep some more. Arbitrary. */
export const ANCHORS_FILE_BYTES_MAX = 4096;

const CHECKSUM_BYTES = 32;
const MAGIC_BYTES = 4;

/** What is known of a peer that may become an anchor. */
export type AnchorCandidate = Pick<Peer, 'kind' | 'stage' | 'address' | 'services'>;

/** Block-relay peers to come back to after the next start: those first that have told their services, without which none is dialled. */
export function chooseAnchors(peers: Iterable<AnchorCandidate>, nowSec: number): readonly AddressEntry[] {
  return [...peers]
    .filter(({ kind }) => kind === 'block-relay-only')
    .sort((a, b) => Number(b.stage === 'established') - Number(a.stage === 'established'))
    .slice(0, ANCHORS_MAX)
    .map(({ address, services }) => ({ address, services, timeSec: nowSec }));
}

/** Why a file holds no anchors. */
export type AnchorsError = 'too-long' | 'too-short' | 'wrong-network' | 'wrong-checksum' | DecodeError;

/** The file for these anchors, of which the first two are kept. `magic` is that of the network. */
export function encodeAnchors(anchors: readonly AddressEntry[], magic: Uint8Array): Uint8Array {
  const kept = anchors.slice(0, ANCHORS_MAX);
  const writer = new ByteWriter().put(magic).compactSize(kept.length);
  for (const anchor of kept) writeDiskAddress(writer, anchor);
  const content = writer.finish();
  return joinBytes([content, sha256d(content)]);
}

function decodeEntries(reader: ByteReader): readonly AddressEntry[] {
  const count = reader.count(DISK_ADDRESS_BYTES_MIN, 'address count');
  const entries: AddressEntry[] = [];
  for (let i = 0; i < count; i++) entries.push(readDiskAddress(reader, true));
  reader.finish('anchors');
  return entries.slice(0, ANCHORS_MAX);
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
