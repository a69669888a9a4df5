// The coins that a block spent, for methods that cannot do without them (Core GetUndoChecked).

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { checkBlockStored } from './chain-lookup.ts';

/** The coins that a block spent; null for the first block, which spent none. Throws when they are not there. */
export async function readUndoChecked(context: RpcContext, entry: BlockEntry): Promise<BlockUndo | null> {
  const { chain } = context;
  if (chain.index.height(entry) === 0) return null;
  checkBlockStored(context, entry, true);
  try {
    return await chain.state.blocks.readUndo(entry);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new RpcError(RPC_CODE.MISC_ERROR, "Can't read undo data from disk");
  }
}
