// Headers and blocks, and the requests for them by locator. Mirrors Core's CBlockLocator, CBlock and CMerkleBlock.

import type { ByteReader } from '../../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import { type Block, scanBlock } from '../../../kernel/primitives/block.ts';
import { asBlockHash, HASH_BYTES } from '../../../kernel/primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../../../kernel/primitives/header.ts';
import { encodeMerkleBlock, readMerkleBlock } from '../../../kernel/primitives/partial-merkle-tree.ts';
import type { BlockMessage, HeadersMessage, LocatorMessage, MerkleBlockMessage, MessageOf } from '../messages.ts';
import { HashList } from '../packed-lists.ts';
import { LOCATOR_DUMMY_VERSION } from '../protocol.ts';
import type { Codec } from './codec.ts';

function locatorCodec<Type extends LocatorMessage['type']>(
  type: Type,
): Codec<LocatorMessage & { readonly type: Type }> {
  return {
    decode: (reader) => {
      reader.skip(4, 'locator version');
      const count = reader.count(HASH_BYTES, 'locator count');
      return {
        type,
        locator: new HashList(reader.view(HASH_BYTES * count, 'locator')),
        stopHash: asBlockHash(reader.view(HASH_BYTES, 'stop hash')),
      };
    },
    encode: ({ locator, stopHash }) =>
      new ByteWriter(4 + 9 + locator.bytes.length + HASH_BYTES)
        .u32(LOCATOR_DUMMY_VERSION)
        .compactSize(locator.count)
        .put(locator.bytes)
        .put(stopHash)
        .finish(),
  };
}

/** `getblocks`. */
export const getblocksCodec: Codec<MessageOf<'getblocks'>> = locatorCodec('getblocks');
/** `getheaders`. */
export const getheadersCodec: Codec<MessageOf<'getheaders'>> = locatorCodec('getheaders');

/** Bytes of an item of `headers`: a header and a transaction count, which is written as zero and not believed. */
const HEADERS_ITEM_BYTES = HEADER_BYTES + 1;

function decodeHeaders(reader: ByteReader): HeadersMessage {
  const count = reader.count(HEADERS_ITEM_BYTES, 'header count');
  const headers: BlockHeader[] = [];
  for (let i = 0; i < count; i++) {
    headers.push(new BlockHeader(reader.bytes, reader.skip(HEADER_BYTES, 'block header')));
    reader.compactSize('transaction count');
  }
  return { type: 'headers', headers };
}

function encodeHeaders({ headers }: HeadersMessage): Uint8Array {
  const writer = new ByteWriter(9 + HEADERS_ITEM_BYTES * headers.length).compactSize(headers.length);
  for (const header of headers) writer.put(header.serialized()).u8(0);
  return writer.finish();
}

/** `headers`. A decoded header is a view: what is kept of it is copied. */
export const headersCodec: Codec<HeadersMessage> = { decode: decodeHeaders, encode: encodeHeaders };

function encodeStrippedBlock(block: Block): Uint8Array {
  const writer = new ByteWriter(block.strippedSize).put(block.header.serialized()).compactSize(block.txCount);
  for (let i = 0; i < block.txCount; i++) writer.put(block.transaction(i).stripped());
  return writer.finish();
}

/** `block`. The block keeps the payload as it is; nothing is copied. */
export const blockCodec: Codec<BlockMessage> = {
  decode: (reader) => ({ type: 'block', block: scanBlock(reader.bytes, true) }),
  encode: ({ block, isStripped }) => (isStripped === true ? encodeStrippedBlock(block) : block.serialized()),
};

/** `merkleblock`. */
export const merkleblockCodec: Codec<MerkleBlockMessage> = {
  decode: (reader) => ({ type: 'merkleblock', merkleBlock: readMerkleBlock(reader) }),
  encode: ({ merkleBlock }) => encodeMerkleBlock(merkleBlock),
};
