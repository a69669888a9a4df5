// The block that a node's own mempool makes: its template with a coinbase and proof of work. Whether it is any good is for the
// reference ledger to say.

import { IndexBranch } from '../kernel/chain/index-branch.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { type Block, buildBlock } from '../kernel/primitives/block.ts';
import { assembleBlock, MINING_DEFAULTS } from '../node/mining/assembler.ts';
import { BlockCandidate } from '../node/mining/block-template.ts';
import { mine } from './block-maker.ts';
import { OP_TRUE } from './coin-pick.ts';
import type { SimNode } from './sim-node.ts';

/** What tells a block from others. */
export interface TemplateOptions {
  /** What the miner's clock shows. */
  readonly nowSec: number;
  /** A number that no other block of the same height has. */
  readonly extraNonce: number;
}

/** The next block of a node, mined; null while its mempool fits no tip. */
export function makeTemplateBlock(node: SimNode, params: ChainParams, options: TemplateOptions): Block | null {
  const { chain, mempool } = node;
  if (chain === null || mempool?.keeper.isInStep !== true) return null;
  const branch = new IndexBranch(chain.index, chain.active).moveTo(chain.active.tip);
  const { consensus } = params;
  const template = assembleBlock(mempool.mempool, { branch, consensus, nowSec: options.nowSec }, MINING_DEFAULTS);
  const candidate = new BlockCandidate(template, { scriptPubKey: OP_TRUE, extraNonce: options.extraNonce });
  const transactions = template.transactions.map(({ transaction }) => transaction);
  return buildBlock(mine(candidate.header.slice(), params), [candidate.coinbase, ...transactions]);
}
