// Summaries of blocks for the pages of the ledger: out of the index of addresses where it has them, else out of the blocks themselves,
// one after another, and remembered, since the same pages are looked at again and again.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { type BlockSummary, type SummaryRow, summarizeBlock } from '../../node/index/block-summary.ts';
import type { RpcContext } from '../context.ts';
import { readBlock } from './chain-lookup.ts';

/** Summaries that are remembered; each takes about 300 bytes. */
const REMEMBERED_MAX = 2000;

/** Summaries by block, the one that was put in first in front. */
const remembered: WeakMap<Chainstate, Map<BlockEntry, BlockSummary>> = new WeakMap();

/** What the index of addresses knows of blocks of the chain; null for those that it has not taken in, and where there is no index. */
export async function readIndexedSummaries(
  { indexes }: RpcContext,
  entries: readonly BlockEntry[],
): Promise<readonly (SummaryRow | null)[]> {
  const { addresses } = indexes;
  return addresses === null ? entries.map(() => null) : addresses.readSummaries(entries);
}

/** Summaries of blocks of the chain; null for those that are not stored any more. */
export async function readSummaries(
  context: RpcContext,
  entries: readonly BlockEntry[],
): Promise<readonly (BlockSummary | null)[]> {
  const indexed = await readIndexedSummaries(context, entries);
  const summaries: (BlockSummary | null)[] = [];
  for (const [i, entry] of entries.entries()) {
    summaries.push(indexed[i]?.summary ?? (await readOrRemember(context, entry)));
  }
  return summaries;
}

async function readOrRemember(context: RpcContext, entry: BlockEntry): Promise<BlockSummary | null> {
  const { chain, timers } = context;
  const known = remembered.get(chain) ?? new Map<BlockEntry, BlockSummary>();
  remembered.set(chain, known);
  const found = known.get(entry);
  if (found !== undefined) return found;
  const summary = await summarizeStored(context, entry);
  if (summary === null) return null;
  known.set(entry, summary);
  if (known.size > REMEMBERED_MAX) known.delete(known.keys().next().value!);
  // A block may have megabytes: everybody has a turn before the next one.
  await timers.yieldToHost();
  return summary;
}

async function summarizeStored(context: RpcContext, entry: BlockEntry): Promise<BlockSummary | null> {
  const { chain } = context;
  const { index } = chain;
  const isFirst = index.height(entry) === 0;
  if (!index.hasData(entry) || !(isFirst || index.hasUndo(entry))) return null;
  try {
    const undo = isFirst ? null : await chain.state.blocks.readUndo(entry);
    return summarizeBlock(await readBlock(context, entry), undo);
  } catch (error) {
    // Pruned at this moment, or damaged: the page is shown without it.
    if (error instanceof StorageError) return null;
    throw error;
  }
}
