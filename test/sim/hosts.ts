// What tests of the simulation share: the turn of the event loop that lets a world come to rest, and one shelf of groundwork.

import { GroundworkShelf } from '../../src/sim/groundwork.ts';
import type { SimReport } from '../../src/sim/report.ts';
import { type RunOptions, runSeed } from '../../src/sim/runner.ts';
import { startNode } from '../../src/sim/running-node.ts';
import type { WorldHost } from '../../src/sim/world.ts';

/** Resolves when every microtask has run. */
export const HOST: WorldHost = { drain: () => new Promise((resolve) => setImmediate(resolve)) };

/** Groundwork is made once for all tests of a file. */
export const SHELF: GroundworkShelf = new GroundworkShelf();

/** Runs a seed with whole nodes. */
export function runWholeNodes(seed: number, options: Partial<RunOptions> = {}): Promise<SimReport> {
  return runSeed(seed, { host: HOST, startNode, shelf: SHELF, ...options });
}
