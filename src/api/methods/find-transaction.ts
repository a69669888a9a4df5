// Finding a transaction that a caller names, in the memory pool or in a block, and the coins that it spent there (Core GetTransaction).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type BlockHash, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { SpentByTransaction } from '../format/transaction.ts';
import { checkBlockStored, readBlock, readUndoIfKnown } from './chain-lookup.ts';

/** A transaction and its block; NO_ENTRY for one of the pool. */
export interface FoundTransaction {
  readonly transaction: Transaction;
  readonly entry: BlockEntry;
}

/** In the pool, or in the chain where it is indexed. */
export async function findAnywhere({ pool, indexes }: RpcContext, txid: Txid): Promise<FoundTransaction> {
  const transaction = pool?.mempool.get(txid)?.transaction;
  if (transaction !== undefined) return { transaction, entry: NO_ENTRY };
  const isSynced = await indexes.catchUp('transactions');
  const found = (await indexes.transactions?.find(txid)) ?? null;
  if (found !== null) return found;
  let problem = 'No such mempool or blockchain transaction';
  if (indexes.transactions === null) {
    problem =
      'No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries';
  } else if (!isSynced) {
    problem = 'No such mempool transaction. Blockchain transactions are still in the process of being indexed';
  }
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `${problem}. Use gettransaction for wallet transactions.`);
}

/** In a block that the caller names. */
export async function findInBlock(context: RpcContext, txid: Txid, blockHash: BlockHash): Promise<FoundTransaction> {
  const { chain } = context;
  const entry = chain.index.find(blockHash);
  if (entry === NO_ENTRY) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block hash not found');
  if (!chain.index.hasData(entry)) throw new RpcError(RPC_CODE.MISC_ERROR, 'Block not available');
  checkBlockStored(context, entry);
  const block = await readBlock(context, entry);
  const position = findPosition(block, txid);
  if (position >= 0) return { transaction: block.transaction(position), entry };
  throw new RpcError(
    RPC_CODE.INVALID_ADDRESS_OR_KEY,
    'No such transaction found in the provided block. Use gettransaction for wallet transactions.',
  );
}

function findPosition(block: Block, txid: Uint8Array): number {
  const txids = block.txids();
  for (let i = 0; i < block.txCount; i++) {
    if (equalRange(txids, i * HASH_BYTES, txid, 0, HASH_BYTES)) return i;
  }
  return -1;
}

/** What a transaction of a block spends; null where nobody knows it. */
export async function readSpent(
  context: RpcContext,
  { transaction, entry }: FoundTransaction,
): Promise<SpentByTransaction | null> {
  if (entry === NO_ENTRY || transaction.isCoinbase || !context.chain.index.hasData(entry)) return null;
  const undo = await readUndoIfKnown(context, entry);
  if (undo === null) return null;
  const position = findPosition(await readBlock(context, entry), transaction.txid);
  return { coins: undo.coins, first: undo.firstCoins[position - 1]! };
}
