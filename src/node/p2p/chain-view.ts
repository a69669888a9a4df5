// The chain as the network sees it. Everything here is synchronous: what the index and the active chain say now, and headers
// taken in at once. Blocks go another way, since connecting them takes time: they are handed to the shell as an effect.

import type { ActiveChain } from '../../kernel/chain/active-chain.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { HeadersResult } from '../../kernel/chain/chainstate.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';

/** Blocks below a snapshot that the chain began with, which are still to be verified (Core GetHistoricalBlockRange). */
export interface HistoricalBlocks {
  /** The last one that is verified. */
  readonly tip: BlockEntry;
  /** The block of the snapshot. */
  readonly target: BlockEntry;
}

/** What the parts of the network read and do. A Chainstate is one. */
export interface ChainView {
  readonly index: BlockIndex;
  readonly active: ActiveChain;
  /** Far behind what the node is looking for (Core IsInitialBlockDownload). */
  readonly isInitialDownload: boolean;
  /** Work below which no chain is believed to be the real one (-minimumchainwork). */
  readonly minimumChainWork: bigint;
  /** Null or absent: the chain was verified from its first block on. */
  readonly historical?: HistoricalBlocks | null;
  /** True when blocks of the chain may be missing: removed (-prune), or not fetched yet. */
  readonly isPruning: boolean;
  /**
   * Takes headers in, up to the first that is refused. Without `hasEnoughWork` nothing new is stored: the reject is
   * `too-little-chainwork`.
   */
  acceptHeaders(headers: readonly BlockHeader[], nowSec: number, hasEnoughWork: boolean): HeadersResult;
}

/** A tip younger than this many intervals is of today (Core CanDirectFetch). */
const TODAY_INTERVALS = 20;

/** Whether the tip is near enough to today to fetch and to send blocks as they are announced (Core CanDirectFetch). */
export function isTipOfToday({ index, active }: ChainView, spacingSec: number, nowSec: number): boolean {
  return active.tip !== NO_ENTRY && index.timeSec(active.tip) > nowSec - TODAY_INTERVALS * spacingSec;
}
