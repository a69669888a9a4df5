// What several methods do with blocks: finding them, reading them, Core's errors when they are not there.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { BLOCK_FLAG } from '../../kernel/chain/block-status.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { asHash } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonValue } from '../json/json-value.ts';

/** The entry of a block hash; throws when there is none. */
export function findBlock({ chain }: RpcContext, hash: JsonValue, name = 'blockhash'): BlockEntry {
  const entry = chain.index.find(asHash(hash, name));
  if (entry === NO_ENTRY) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block not found');
  return entry;
}

/** True when the block was stored and is so no more. */
function isPruned({ chain, host }: RpcContext, entry: BlockEntry): boolean {
  return host.isPruned && !chain.index.hasData(entry) && chain.index.txCount(entry) > 0;
}

/** Throws unless the block is stored (Core CheckBlockDataAvailability). */
export function checkBlockStored(context: RpcContext, entry: BlockEntry, needsUndo = false): void {
  const { index } = context.chain;
  const isThere = index.hasData(entry) && (!needsUndo || index.hasUndo(entry) || index.height(entry) === 0);
  if (isThere) return;
  const what = needsUndo && index.hasData(entry) ? 'Undo data' : 'Block';
  if (isPruned(context, entry)) throw new RpcError(RPC_CODE.MISC_ERROR, `${what} not available (pruned data)`);
  throw new RpcError(
    RPC_CODE.MISC_ERROR,
    needsUndo ? 'Undo data not available' : 'Block not available (not fully downloaded)',
  );
}

/** A block from the disk, one after another; a StorageError when it cannot be read. */
export function readBlock({ chain, blockReads }: RpcContext, entry: BlockEntry): Promise<Block> {
  return blockReads.run(() => chain.readBlock(entry));
}

/** The bytes of a block from the disk, its transactions unseen; a StorageError when they cannot be read. */
export function readBlockBytes({ chain, blockReads }: RpcContext, entry: BlockEntry): Promise<Uint8Array> {
  return blockReads.run(() => chain.state.blocks.readBytes(entry));
}

/** A stored block; throws when it is not stored. */
export function readStoredBlock(context: RpcContext, entry: BlockEntry): Promise<Block> {
  return readStored(context, entry, readBlock);
}

/** The bytes of a stored block; throws when it is not stored. */
export function readStoredBytes(context: RpcContext, entry: BlockEntry): Promise<Uint8Array> {
  return readStored(context, entry, readBlockBytes);
}

async function readStored<T>(
  context: RpcContext,
  entry: BlockEntry,
  read: (context: RpcContext, entry: BlockEntry) => Promise<T>,
): Promise<T> {
  checkBlockStored(context, entry);
  try {
    return await read(context, entry);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Block not found on disk');
  }
}

/** The coins that a block spent; null where nobody knows them. */
export async function readUndoIfKnown({ chain }: RpcContext, entry: BlockEntry): Promise<BlockUndo | null> {
  const known = BLOCK_FLAG.haveUndo;
  if ((chain.index.status(entry) & known) === 0) return null;
  try {
    return await chain.state.blocks.readUndo(entry);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new RpcError(
      RPC_CODE.INTERNAL_ERROR,
      "Undo data expected but can't be read. This could be due to disk corruption or a conflict with a pruning event.",
    );
  }
}
