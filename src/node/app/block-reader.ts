// Stored blocks in the form in which a peer wants them.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { createCompactBlock } from '../p2p/compact-block.ts';
import type { BlockForm } from '../p2p/effects.ts';
import { filterBlock } from '../p2p/filtered-block.ts';
import type { Timers } from '../ports.ts';
import type { Message } from '../wire/messages.ts';
import { TransactionList } from '../wire/packed-lists.ts';

/** What reads blocks. */
export interface BlockReader {
  readBlock(entry: BlockEntry): Promise<Block>;
}

/** Reads a block and makes the messages that carry it; one, except through a filter. Throws StorageError. */
export async function* readAsMessages(
  chain: BlockReader,
  entry: BlockEntry,
  form: BlockForm,
  { rng, timers }: { readonly rng: Rng; readonly timers: Pick<Timers, 'yieldToHost'> },
): AsyncGenerator<Message, void, void> {
  const block = await chain.readBlock(entry);
  if (typeof form !== 'object' || !('filter' in form)) {
    yield toMessage(block, form, rng);
    return;
  }
  for (const message of filterBlock(block, form.filter)) {
    if (message === undefined) await timers.yieldToHost();
    else yield message;
  }
}

function toMessage(block: Block, form: Exclude<BlockForm, { filter: unknown }>, rng: Rng): Message {
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
