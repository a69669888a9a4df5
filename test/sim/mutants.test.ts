// Does the simulation find bugs? Each of the bugs of mutants.ts, built into every node of a rough world, is found within a few seeds,
// by a checker that has to do with it. How long random seeds take is for `tally sim --bug` to tell.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from '../../src/sim/mutants.ts';
import { formatSummary } from '../../src/sim/report.ts';
import type { RunOptions } from '../../src/sim/runner.ts';
import { NO_CHAOS, type SwarmOptions } from '../../src/sim/swarm.ts';
import { runWholeNodes } from './hosts.ts';
import { rewind } from './operator.ts';

const ROUGH: Partial<SwarmOptions> = {
  nodeCount: 4,
  spacingSec: 20,
  retargets: false,
  chaosBlocks: 20,
  topology: 'mixed',
  miners: [
    { kind: 'honest', sharePerMille: 400 },
    { kind: 'honest', sharePerMille: 300 },
    { kind: 'withholding', sharePerMille: 300 },
  ],
  adversaries: ['bad-block', 'staller', 'tx-staller'],
  chaos: { ...NO_CHAOS, kill: 200, powerCut: 600, partition: 400, reset: 1000 },
  emptyNodes: 1,
  payments: { perBlockPerMille: 4000, doublePerMille: 200 },
  sizes: {
    coinsCacheBytes: 1,
    flushBlocksMax: 2,
    windowBlocks: 3,
    blockFileBytesMax: 4_096,
    verifyMs: 0,
    timerGranularityMs: 500,
    turnMs: 1,
  },
};

const SEEDS_MAX = 12;

/** What only an operator brings about: a chain that becomes shorter, so that what was ripe is unripe again. */
const OPERATED: Readonly<Record<string, Partial<RunOptions>>> = {
  'kept-after-reorg': {
    onReady: (simulation) => {
      for (const seconds of [100, 200, 300, 400]) {
        const [node] = simulation.nodes;
        simulation.world.after(1000 * seconds, 'test', -1, () => rewind(simulation, node!, 6));
      }
    },
  },
};

/** Which checkers may find a bug. */
const FOUND_BY: Readonly<Record<string, readonly string[]>> = {
  'cached-mutation': ['verdicts'],
  'early-maturity': ['books', 'validity', 'convergence'],
  'lost-undo': ['restart', 'convergence'],
  'no-folder-sync': ['restart'],
  'no-block-sync': ['restart', 'convergence'],
  'index-not-durable': ['restart', 'durability'],
  'coins-not-durable': ['durability'],
  'error-as-absence': ['verdicts'],
  'death-as-verdict': ['verdicts'],
  'kept-coins': ['books'],
  'no-second-request': ['convergence'],
  'kept-after-reorg': ['mempool', 'templates'],
  'lost-after-reorg': ['mempool'],
  'unlinked-children': ['crash', 'invariants', 'mempool', 'templates'],
  'first-peer-only': ['relay'],
  'garbled-blocks': ['peace'],
};

test('a rough world without a bug is no failure', async () => {
  const report = await runWholeNodes(1, { overrides: ROUGH });
  assert.equal(report.failure, null, formatSummary(report));
});

for (const mutant of MUTANTS) {
  test(`${mutant.name} is found: ${mutant.sentence}`, async () => {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      const { failure } = await runWholeNodes(seed, { overrides: ROUGH, mutant, ...OPERATED[mutant.name] });
      if (failure === null) continue;
      assert.ok(FOUND_BY[mutant.name]?.includes(failure.check), `${failure.check}: ${failure.message}`);
      return;
    }
    assert.fail(`not found in ${SEEDS_MAX} seeds`);
  });
}
