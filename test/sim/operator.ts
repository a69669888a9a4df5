// What an operator may do to a chain, for tests of the simulation: declare a block invalid, and think better of it.

import { asBlockHash } from '../../src/kernel/primitives/hashes.ts';
import { fromHex } from '../../src/kernel/util/bytes.ts';
import { ancestorAt } from '../../src/sim/coin-pick.ts';
import type { SimNode } from '../../src/sim/sim-node.ts';
import type { Simulation } from '../../src/sim/simulation.ts';

/** How long it takes until the block is taken for valid again: too short for peers to notice. */
const REGRET_MS = 500;

/** Takes the last blocks off the chain of a node, all at once, and puts them back. False: the node is not at work. */
export function rewind({ world, watch }: Simulation, node: SimNode, blockCount: number): boolean {
  const { chain } = node;
  const tip = node.ledgerTip();
  const block = tip === null ? null : ancestorAt(tip, tip.height - blockCount + 1);
  if (chain === null || block === null || !node.isUp) return false;
  const hash = asBlockHash(fromHex(block.blockHash));
  const nowSec = (): number => Math.floor(node.clock.wallMs() / 1000);
  const fail = (error: unknown): void => world.fail('operator', String(error), error);
  watch.allowLess(node);
  chain.invalidateBlock(hash, nowSec()).catch(fail);
  world.after(REGRET_MS, 'regret', node.owner, () => {
    chain.reconsiderBlock(hash, nowSec()).catch(fail);
  });
  return true;
}
