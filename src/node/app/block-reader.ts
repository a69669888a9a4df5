// Stored blocks in the form in which a peer wants them.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { createCompactBlock } from '../p2p/compact-block.ts';
import type { BlockForm } from '../p2p/effects.ts';
import type { Message } from '../wire/messages.ts';
import { TransactionList } from '../wire/packed-lists.ts';

/** What reads blocks. */
export interface BlockReader {
  readBlock(entry: BlockEntry): Promise<Block>;
}

/** Reads a block and makes the message that carries it. Throws StorageError. */
export async function readAsMessage(
  chain: BlockReader,
  entry: BlockEntry,
  form: BlockForm,
  rng: Rng,
): Promise<Message> {
  return toMessage(await chain.readBlock(entry), form, rng);
}

function toMessage(block: Block, form: BlockForm, rng: Rng): Message {
  switch (form) {
    case 'block':
      return { type: 'block', block };
    case 'stripped-block':
      return { type: 'block', block, isStripped: true };
    case 'compact-block':
      return createCompactBlock(block, rng);
    default: {
      const transactions = form.transactions.map((index) => block.transaction(index));
      return {
        type: 'blocktxn',
        blockHash: asBlockHash(block.header.blockHash),
        transactions: TransactionList.of(transactions),
      };
    }
  }
}
