// Messages that scripted peers send again and again, from a few words.

import type { Block } from '../../src/kernel/primitives/block.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../../src/kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../src/kernel/primitives/header.ts';
import type { HeadersMessage, InventoryMessage, LocatorMessage, MessageOf } from '../../src/node/wire/messages.ts';
import { HashList, type InventoryItem, InventoryList } from '../../src/node/wire/packed-lists.ts';
import { MSG_BLOCK, MSG_WITNESS_BLOCK } from '../../src/node/wire/protocol.ts';

/** A hash of nothing, different for each number. */
export function fakeHash(n: number): BlockHash {
  const hash = new Uint8Array(HASH_BYTES).fill(0xfb);
  new DataView(hash.buffer).setUint32(0, n, true);
  return asBlockHash(hash);
}

/** Hashes of nothing. */
export function fakeHashes(count: number, first = 0): BlockHash[] {
  return Array.from({ length: count }, (_, i) => fakeHash(first + i));
}

/** No hash: the end, or the beginning, of everything. */
export const ZERO_HASH: BlockHash = asBlockHash(new Uint8Array(HASH_BYTES));

/** `inv`, `getdata` or `notfound` of items of one type. */
export function inventory<Type extends InventoryMessage['type']>(
  type: Type,
  itemType: number,
  hashes: readonly Uint8Array[],
): InventoryMessage & { readonly type: Type } {
  const items: InventoryItem[] = hashes.map((hash) => ({ type: itemType, hash }));
  return { type, items: InventoryList.of(items) };
}

/** Announces blocks by their hashes. */
export function invOf(...blocks: readonly Block[]): InventoryMessage {
  return inventory(
    'inv',
    MSG_BLOCK,
    blocks.map(({ header }) => header.blockHash),
  );
}

/** Asks for blocks with their witnesses. */
export function getdataOf(...blocks: readonly Block[]): InventoryMessage {
  return inventory(
    'getdata',
    MSG_WITNESS_BLOCK,
    blocks.map(({ header }) => header.blockHash),
  );
}

/** Asks for what follows a locator. */
export function locatorMessage<Type extends LocatorMessage['type']>(
  type: Type,
  hashes: readonly BlockHash[],
  stopHash: BlockHash = ZERO_HASH,
): LocatorMessage & { readonly type: Type } {
  return { type, locator: HashList.of(hashes), stopHash };
}

/** Headers of blocks. */
export function headersOf(...blocks: readonly { readonly header: BlockHeader }[]): HeadersMessage {
  return { type: 'headers', headers: blocks.map(({ header }) => header) };
}

/** A block. */
export function blockMessage(block: Block): MessageOf<'block'> {
  return { type: 'block', block };
}
