// The newest blocks of the chain, newest first, and how a block that was just connected gets among them before anybody asks.

import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import type { ConnectedBlock } from './ledger-event.ts';

/** A block as a card shows it; null: not known here, because the block was pruned. */
export interface BlockSummary {
  readonly hash: string;
  /** Null: it is the first block. */
  readonly previousHash: string | null;
  readonly height: number;
  readonly timeSec: number;
  readonly transactionCount: number;
  readonly size: number | null;
  readonly weight: number | null;
  readonly feesSat: number | null;
  readonly rewardSat: number | null;
  /** What the miner wrote into the block as far as it is text. */
  readonly minerText: string | null;
}

/** A block in the answer of getrecentblocks. Of one that was pruned only the header is there. */
interface RecentBlock {
  readonly hash: string;
  readonly previousHash?: string;
  readonly height: number;
  readonly time: number;
  readonly transactionCount: number;
  readonly size?: number;
  readonly weight?: number;
  readonly feesSat?: number;
  readonly rewardSat?: number;
  readonly minerText?: string;
}

function readRecent({ time, ...block }: RecentBlock): BlockSummary {
  return {
    ...block,
    timeSec: time,
    previousHash: block.previousHash ?? null,
    size: block.size ?? null,
    weight: block.weight ?? null,
    feesSat: block.feesSat ?? null,
    rewardSat: block.rewardSat ?? null,
    minerText: block.minerText ?? null,
  };
}

/** Blocks that are kept for an answer: as a screen is full of a few, whoever has missed so many waits for the next answer. */
const TOLD_MAX = 100;

/** The blocks that were told of while the newest ones were asked for, oldest first: one list for each question under way. */
const toldOf: WeakMap<QueryClient, Set<ConnectedBlock[]>> = new WeakMap();

/** Asks for the newest blocks. Those that come while the answer is on its way are put on it: it may be older than they are. */
async function askNewest(
  queries: QueryClient,
  count: number,
  ask: () => Promise<readonly BlockSummary[]>,
): Promise<readonly BlockSummary[]> {
  const lists = toldOf.get(queries) ?? new Set<ConnectedBlock[]>();
  toldOf.set(queries, lists);
  const told: ConnectedBlock[] = [];
  lists.add(told);
  try {
    const answer = await ask();
    return told.reduce((blocks, block) => addBlock(blocks, block, count), answer);
  } finally {
    lists.delete(told);
  }
}

/** `count` blocks below `beforeHeight`, newest first; null: the newest of all. */
export function recentBlocksQuery(client: RpcClient, count: number, beforeHeight: number | null = null) {
  const ask = async (): Promise<readonly BlockSummary[]> => {
    const parameters = beforeHeight === null ? [count] : [count, beforeHeight];
    return (await client.call<readonly RecentBlock[]>('getrecentblocks', parameters)).map(readRecent);
  };
  return queryOptions({
    queryKey: ['chain', 'recent', count, beforeHeight],
    queryFn: ({ client: queries }) => (beforeHeight === null ? askNewest(queries, count, ask) : ask()),
  });
}

/** `blocks` with a new one on top; unchanged where it does not fit on the newest. */
export function addBlock(
  blocks: readonly BlockSummary[],
  block: ConnectedBlock,
  countMax: number,
): readonly BlockSummary[] {
  const newest = blocks[0];
  if (newest === undefined || newest.hash !== block.previousHash || newest.height !== block.height - 1) return blocks;
  return [{ ...block, minerText: null }, ...blocks].slice(0, countMax);
}

/** Puts a block on screen without waiting for an answer; the answer that is asked for meanwhile replaces it. */
export function putNewBlock(queries: QueryClient, block: ConnectedBlock): void {
  for (const told of toldOf.get(queries) ?? []) if (told.length < TOLD_MAX) told.push(block);
  for (const [queryKey, blocks] of queries.getQueriesData<readonly BlockSummary[]>({ queryKey: ['chain', 'recent'] })) {
    const [, , countMax, beforeHeight] = queryKey;
    if (blocks === undefined || beforeHeight !== null) continue;
    queries.setQueryData(queryKey, addBlock(blocks, block, Number(countMax)));
  }
}

/** A block left the chain: what was told of while an answer is on its way may stand on it, and the answer is asked for again. */
export function forgetToldBlocks(queries: QueryClient): void {
  for (const told of toldOf.get(queries) ?? []) told.length = 0;
}
