// Whether all nodes agree: each at work, each with the same tip, and that tip of the most work among all valid blocks that any of
// them holds.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import type { SimNode } from '../sim-node.ts';
import { describe } from './chain-watch.ts';
import type { LedgerBlock, ReferenceLedger } from './reference-ledger.ts';

/** What keeps nodes from agreeing, or null when they do. */
export function findDisagreement(nodes: readonly SimNode[], ledger: ReferenceLedger): string | null {
  const down = nodes.find((node) => !node.isUp);
  if (down !== undefined) return `node ${down.owner} is not at work`;
  const tips = nodes.map((node) => node.ledgerTip());
  const first = tips[0];
  if (first === undefined) return null;
  const other = tips.findIndex((tip) => tip !== first);
  if (first === null || other > 0)
    return `node 0 is at ${sayTip(first)}, node ${other} at ${sayTip(tips[other] ?? null)}`;
  const better = findBetter(nodes, ledger, first);
  return better === null ? null : `all are at ${describe(first)}, and ${better}`;
}

/** A valid block with all before it and of more work than `tip` that a node holds. */
function findBetter(nodes: readonly SimNode[], ledger: ReferenceLedger, tip: LedgerBlock): string | null {
  for (const block of ledger.blocks()) {
    if (block.fault !== null || block.work <= tip.work) continue;
    const holder = nodes.find((node) => holds(node, block));
    if (holder !== undefined) return `node ${holder.owner} holds ${describe(block)}, which has more work`;
  }
  return null;
}

function holds({ chain }: SimNode, block: LedgerBlock): boolean {
  if (chain === null) return false;
  const entry = chain.index.find(fromHex(block.blockHash));
  return entry !== NO_ENTRY && chain.index.hasData(entry) && chain.index.isLinked(entry);
}

function sayTip(tip: LedgerBlock | null): string {
  return tip === null ? 'nothing' : describe(tip);
}
