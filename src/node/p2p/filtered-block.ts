// A block as a light client gets it (BIP37; Core CMerkleBlock): a proof of those of its transactions that its filter matches, and
// behind it these transactions.

import type { Block } from '../../kernel/primitives/block.ts';
import { buildPartialMerkleTree } from '../../kernel/primitives/partial-merkle-tree.ts';
import type { Message } from '../wire/messages.ts';
import type { BloomFilter } from './bloom-filter.ts';

/** Bytes of transactions that are handed out between two pauses. Ours. */
const BYTES_PER_STEP = 100_000;

/** The messages that carry a block through a filter, in order, with pauses between them (undefined). Updates the filter. */
export function* filterBlock(block: Block, filter: BloomFilter): Generator<Message | undefined, void, void> {
  // All at once, which costs less than one after another.
  const txids = block.txids();
  const matches = new Set<number>();
  for (let position = 0; position < block.txCount; position++) {
    if (yield* filter.matchInSteps(block.transaction(position))) matches.add(position);
  }
  const tree = buildPartialMerkleTree(txids, (position) => matches.has(position));
  yield { type: 'merkleblock', merkleBlock: { header: block.header, tree } };
  let bytes = 0;
  for (const position of matches) {
    const transaction = block.transaction(position);
    yield { type: 'tx', transaction, isStripped: true };
    bytes += transaction.strippedSize;
    if (bytes < BYTES_PER_STEP) continue;
    yield;
    bytes = 0;
  }
}
