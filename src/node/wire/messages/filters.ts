// Filters of both kinds: bloom filters that a peer sets (BIP37), and filters of blocks that are served to light clients (BIP157).
// Mirrors Core's CBloomFilter and BlockFilter as bytes; what a filter matches is decided elsewhere.

import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import { asBlockHash, HASH_BYTES } from '../../../kernel/primitives/hashes.ts';
import type {
  CFCheckptMessage,
  CFHeadersMessage,
  CFilterMessage,
  FilterAddMessage,
  FilterLoadMessage,
  GetCFCheckptMessage,
  GetCFiltersMessage,
  MessageOf,
} from '../messages.ts';
import { HashList } from '../packed-lists.ts';
import type { Codec } from './codec.ts';
import { emptyCodec } from './codec.ts';

// --- bloom filters

/** `filterload`. */
export const filterloadCodec: Codec<FilterLoadMessage> = {
  decode: (reader) => ({
    type: 'filterload',
    filter: reader.varBytes('filter'),
    hashFunctionCount: reader.u32('hash function count'),
    tweak: reader.u32('tweak'),
    flags: reader.u8('flags'),
  }),
  encode: ({ filter, hashFunctionCount, tweak, flags }) =>
    new ByteWriter(9 + filter.length + 9).varBytes(filter).u32(hashFunctionCount).u32(tweak).u8(flags).finish(),
};

/** `filteradd`. */
export const filteraddCodec: Codec<FilterAddMessage> = {
  decode: (reader) => ({ type: 'filteradd', element: reader.varBytes('element') }),
  encode: ({ element }) => new ByteWriter(9 + element.length).varBytes(element).finish(),
};

/** `filterclear` takes the filter away. */
export const filterclearCodec: Codec<MessageOf<'filterclear'>> = emptyCodec('filterclear');

// --- block filters

function getcfiltersCodecOf<Type extends GetCFiltersMessage['type']>(
  type: Type,
): Codec<GetCFiltersMessage & { readonly type: Type }> {
  return {
    decode: (reader) => ({
      type,
      filterType: reader.u8('filter type'),
      startHeight: reader.u32('start height'),
      stopHash: asBlockHash(reader.view(HASH_BYTES, 'stop hash')),
    }),
    encode: ({ filterType, startHeight, stopHash }) =>
      new ByteWriter(5 + HASH_BYTES).u8(filterType).u32(startHeight).put(stopHash).finish(),
  };
}

/** `getcfilters`. */
export const getcfiltersCodec: Codec<MessageOf<'getcfilters'>> = getcfiltersCodecOf('getcfilters');
/** `getcfheaders`. */
export const getcfheadersCodec: Codec<MessageOf<'getcfheaders'>> = getcfiltersCodecOf('getcfheaders');

/** `cfilter`. */
export const cfilterCodec: Codec<CFilterMessage> = {
  decode: (reader) => ({
    type: 'cfilter',
    filterType: reader.u8('filter type'),
    blockHash: asBlockHash(reader.view(HASH_BYTES, 'block hash')),
    filter: reader.varBytes('filter'),
  }),
  encode: ({ filterType, blockHash, filter }) =>
    new ByteWriter(1 + HASH_BYTES + 9 + filter.length).u8(filterType).put(blockHash).varBytes(filter).finish(),
};

/** `cfheaders`. */
export const cfheadersCodec: Codec<CFHeadersMessage> = {
  decode: (reader) => ({
    type: 'cfheaders',
    filterType: reader.u8('filter type'),
    stopHash: asBlockHash(reader.view(HASH_BYTES, 'stop hash')),
    previousFilterHeader: reader.view(HASH_BYTES, 'previous filter header'),
    filterHashes: new HashList(
      reader.view(HASH_BYTES * reader.count(HASH_BYTES, 'filter hash count'), 'filter hashes'),
    ),
  }),
  encode: ({ filterType, stopHash, previousFilterHeader, filterHashes }) =>
    new ByteWriter(1 + 2 * HASH_BYTES + 9 + filterHashes.bytes.length)
      .u8(filterType)
      .put(stopHash)
      .put(previousFilterHeader)
      .compactSize(filterHashes.count)
      .put(filterHashes.bytes)
      .finish(),
};

/** `getcfcheckpt`. */
export const getcfcheckptCodec: Codec<GetCFCheckptMessage> = {
  decode: (reader) => ({
    type: 'getcfcheckpt',
    filterType: reader.u8('filter type'),
    stopHash: asBlockHash(reader.view(HASH_BYTES, 'stop hash')),
  }),
  encode: ({ filterType, stopHash }) => new ByteWriter(1 + HASH_BYTES).u8(filterType).put(stopHash).finish(),
};

/** `cfcheckpt`. */
export const cfcheckptCodec: Codec<CFCheckptMessage> = {
  decode: (reader) => ({
    type: 'cfcheckpt',
    filterType: reader.u8('filter type'),
    stopHash: asBlockHash(reader.view(HASH_BYTES, 'stop hash')),
    filterHeaders: new HashList(
      reader.view(HASH_BYTES * reader.count(HASH_BYTES, 'filter header count'), 'filter headers'),
    ),
  }),
  encode: ({ filterType, stopHash, filterHeaders }) =>
    new ByteWriter(1 + HASH_BYTES + 9 + filterHeaders.bytes.length)
      .u8(filterType)
      .put(stopHash)
      .compactSize(filterHeaders.count)
      .put(filterHeaders.bytes)
      .finish(),
};
