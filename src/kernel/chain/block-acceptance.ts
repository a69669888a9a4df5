// Taking a block in: header into the index, checks that need no coins, bytes into the files (Core ProcessNewBlock, AcceptBlock).
// Whether it becomes part of the chain is decided afterwards, when its branch has the most work.
//
// What is checked before anything is remembered: a block whose bytes are not what its header stands for says nothing about the
// header, so that it is refused and forgotten (C05, C23, C24). Only a block that is surely the header's own, and breaks a rule
// that its ancestors decide, is marked invalid.

import { checkBlock, contextualCheckBlock } from '../consensus/block-check.ts';
import { isActiveAt } from '../consensus/deployments.ts';
import type { BlockReject } from '../consensus/reject.ts';
import type { Block } from '../primitives/block.ts';
import { type BlockEntry, NO_ENTRY } from './block-index.ts';
import type { BlockPosition } from './block-store.ts';
import { type CandidateContext, markInvalid, noteStored } from './candidates.ts';
import type { ChainState } from './chain-state.ts';
import { acceptHeader } from './header-acceptance.ts';

/** Blocks that nobody asked for are not stored when they are further above the tip than this (Core MIN_BLOCKS_TO_KEEP). */
const UNREQUESTED_AHEAD_MAX = 288;

/** How a block came here. */
export interface BlockArrival {
  /** False: nobody asked for it, so that it is stored only when it may soon be part of the chain. Absent: true. */
  readonly isRequested?: boolean;
  /** False: the work of its chain was not shown, so that a new header is refused. Absent: true. */
  readonly hasEnoughWork?: boolean;
  /** Set when it lies in a block file already. */
  readonly position?: BlockPosition;
}

/** What became of a block. */
export type BlockAcceptance =
  /** Stored now. */
  | { readonly outcome: 'stored'; readonly entry: BlockEntry }
  /** Stored before. */
  | { readonly outcome: 'duplicate'; readonly entry: BlockEntry }
  /** Its header is in the index, the block was not wanted. */
  | { readonly outcome: 'unwanted'; readonly entry: BlockEntry }
  | { readonly outcome: 'rejected'; readonly reject: BlockReject };

/** Checks a block and stores it; the chain `behind` hears of it, too. */
export async function acceptBlock(
  state: ChainState,
  block: Block,
  nowSec: number,
  arrival: BlockArrival,
  behind: CandidateContext | null = null,
): Promise<BlockAcceptance> {
  const { consensus, challengeVerifier, index } = state;
  const known = index.find(block.header.blockHash);
  if (known !== NO_ENTRY && index.hasData(known) && !index.isFailed(known))
    return { outcome: 'duplicate', entry: known };
  const broken = checkBlock(block, consensus, { verifier: challengeVerifier });
  if (broken !== null) return { outcome: 'rejected', reject: broken };
  const header = acceptHeader(state, block.header, nowSec, arrival.hasEnoughWork ?? true);
  if (header.outcome === 'rejected') return header;
  const { entry } = header;
  if (index.hasData(entry)) return { outcome: 'duplicate', entry };
  if (arrival.isRequested === false && !isWanted(state, entry)) return { outcome: 'unwanted', entry };
  const parent = index.parent(entry);
  // The first block has no context; a reindex finds it in the files like any other.
  const reject = parent === NO_ENTRY ? null : contextualCheckBlock(block, state.branch.moveTo(parent), consensus);
  if (reject !== null) {
    if (reject.kind !== 'mutated') markInvalid(state, entry);
    return { outcome: 'rejected', reject };
  }
  const position = await storeBlock(state, entry, block, arrival.position);
  const hasWitnessRules = isActiveAt(consensus, 'segwit', index.height(entry));
  noteStored(state, entry, { position, txCount: block.txCount, hasWitnessRules }, behind);
  state.blocks.remember(entry, block);
  return { outcome: 'stored', entry };
}

/** Whether a block that nobody asked for is worth storing. */
function isWanted({ index, active, minimumChainWork }: ChainState, entry: BlockEntry): boolean {
  const wasPruned = index.txCount(entry) > 0;
  const isTooFarAhead = index.height(entry) > active.height + UNREQUESTED_AHEAD_MAX;
  if (wasPruned || isTooFarAhead || index.compareWork(entry, active.tip) < 0) return false;
  // A chain of little work could be made by anyone while we are still behind.
  return index.chainWork(entry) >= minimumChainWork;
}

async function storeBlock(
  { index, store }: ChainState,
  entry: BlockEntry,
  block: Block,
  foundAt: BlockPosition | undefined,
): Promise<BlockPosition> {
  const height = index.height(entry);
  const { timeSec } = block.header;
  if (foundAt === undefined) return store.writeBlock(block.serialized(), height, timeSec);
  store.adoptBlock(foundAt, block.totalSize, height, timeSec);
  return foundAt;
}
